import { expect, test } from 'vitest'
import { isPlainText } from './text.ts'

test.each([
  ['a', true],
  ['Asha Rao', true],
  ['आशा राव 😀', true],
  ['x'.repeat(200), true],
  ['x'.repeat(201), false],
  ['', false],
  [' ', false],
  ['a\u0000b', false],
  ['a\nb', false],
  [7, false],
  [null, false],
  [undefined, false],
  [['a'], false],
])('%j is plain text: %s', (value, isPlain) => {
  expect(isPlainText(value)).toBe(isPlain)
})
