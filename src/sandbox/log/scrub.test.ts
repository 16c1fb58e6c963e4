import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hidesCardNumber } from '../../domain/card.ts'
import { scrubBody, scrubHeaders, scrubPath } from './scrub.ts'

const PARTS = [
  '4111',
  '1111',
  '41111111',
  '4111111111111111',
  '5299920210000277',
  '12',
  '132271',
  'a',
]
const SEPARATORS = ['', ' ', '-', '.', '/', '_', ',', '":"', ' x ', 'é', '०', '１', '\n', '\t']
const digits = fc
  .array(fc.tuple(fc.constantFrom(...PARTS), fc.constantFrom(...SEPARATORS)), { maxLength: 7 })
  .map((parts) => parts.flat().join(''))
const numbers = digits.filter((text) => hidesCardNumber(text))

test('a text that contains a card number is removed from a body, a form, a path and a header', () => {
  fc.assert(
    fc.property(numbers, (text) => {
      const json = JSON.stringify({ description: text })
      expect(scrubBody(json)).not.toBe(json)
      const form = `note=${encodeURIComponent(text)}`
      expect(scrubBody(form)).toBe('note=***')
      expect(scrubPath(`/api/v1/payments?${form}`)).toBe('/api/v1/payments?note=***')
      expect(scrubHeaders({ 'x-note': text })).toEqual({ 'x-note': '***' })
      const path = scrubPath(`/api/v1/${encodeURI(text).replaceAll('?', '')}`)
      expect(hidesCardNumber(decodeURIComponent(path))).toBe(false)
    }),
    { numRuns: 500 },
  )
})

test('a text without a secret stays unchanged', () => {
  for (const text of [
    '{"amount": 100.50,  "currency":"INR","note":"Order 12345"}',
    '{"payments_session_id":"132271574568609","created_time":1767225600,"expiry_time":1767226500}',
    '{"event_time":1795391592289,"n":1.0}',
    'plain words',
  ]) {
    expect(scrubBody(text)).toBe(text)
  }
  expect(scrubPath('/api/v1/payments?page=2&account_id=23137556')).toBe(
    '/api/v1/payments?page=2&account_id=23137556',
  )
})
