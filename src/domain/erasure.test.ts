import { expect, test } from 'vitest'
import { eraseJson } from './erasure.ts'

const ROWS: readonly [what: string, text: string, erased: string][] = [
  ['a removed member', '{"email":"a@b","amount":1}', '{"amount":1}'],
  ['a replaced member', '{"name":"Asha"}', '{"name":"[erased]"}'],
  ['members at every depth', '{"a":[{"b":{"phone":"1","c":2}}]}', '{"a":[{"b":{"c":2}}]}'],
  ['a member with an object', '{"meta_data":[{"key":"k"}],"x":null}', '{"x":null}'],
  ['exact digits of numbers', '{"amount":100.50,"id":1.0e2}', '{"amount":100.50,"id":1.0e2}'],
  ['a name that is not a text', '{"name":null,"description":7}', '{"name":null,"description":7}'],
  ['nothing', '{"status":"succeeded"}', '{"status":"succeeded"}'],
]

test.each(ROWS)('an erasure of JSON: %s', (_what, text, erasedText) => {
  expect(eraseJson(text)).toBe(erasedText)
  expect(eraseJson(erasedText)).toBe(erasedText)
})
