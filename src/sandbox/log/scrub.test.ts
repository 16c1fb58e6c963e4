import fc from 'fast-check'
import { expect, test } from 'vitest'
import { containsCardNumber } from '../../domain/card.ts'
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
const numbers = digits.filter((text) => containsCardNumber(text))

test('a text that contains a card number is removed from a body, a form, a path and a header', () => {
  fc.assert(
    fc.property(numbers, (text) => {
      const json = JSON.stringify({ description: text })
      expect(scrubBody(json)).not.toBe(json)
      const form = `note=${encodeURIComponent(text)}`
      expect(scrubBody(form)).toBe('note=***')
      expect(scrubPath(`/api/v1/payments?${form}`)).toBe('/api/v1/payments?note=***')
      expect(scrubHeaders({ 'x-note': text }, true)).toEqual({ 'x-note': '***' })
      const path = scrubPath(`/api/v1/${encodeURI(text).replaceAll('?', '')}`)
      expect(containsCardNumber(decodeURIComponent(path))).toBe(false)
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

const SECRET_FIELDS = [
  ['card', 'number'],
  ['card', 'expiry'],
  ['card', 'cvv'],
  ['cvv2'],
  ['cvc'],
  ['security', 'code'],
  ['upi', 'pin'],
  ['otp'],
  ['pan'],
  ['account', 'number'],
  ['ach', 'account'],
  ['client', 'secret'],
  ['user', 'password'],
  ['refresh', 'token'],
  ['api', 'key'],
  ['new', 'signing', 'key'],
  ['code', 'verifier'],
]
const capitalize = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`
const SPELLINGS: readonly ((words: readonly string[]) => string)[] = [
  (words) => words.join('_'),
  (words) => words.join('-'),
  (words) => words.join(' '),
  (words) => words.join('.'),
  (words) => words.join('/'),
  (words) => words.join('_').toUpperCase(),
  (words) => words.map(capitalize).join(''),
  (words) => words.map((word, index) => (index === 0 ? word : capitalize(word))).join(''),
]

test.each(SECRET_FIELDS)('no spelling of the field %s %s shows its value', (...words) => {
  for (const spell of SPELLINGS) {
    const name = spell(words.filter((word) => word !== undefined))
    for (const value of ['hidden-7', 737, { value: 'hidden-7' }, [['hidden-7', 737]]]) {
      const text = scrubBody(JSON.stringify({ [name]: value, note: 'a lamp' }))
      expect(text).not.toMatch(/hidden-7|737/)
      expect(text).toContain('a lamp')
    }
    const escapes = JSON.stringify({ [name]: 'hidden-7' }).replaceAll('/', '\\/')
    expect(scrubBody(escapes)).not.toContain('hidden-7')
    expect(scrubBody(`a=1&${encodeURIComponent(name)}=hidden-7`)).not.toContain('hidden-7')
  }
})

test('a field that only resembles a secret keeps its value', () => {
  const text =
    '{"virtual_account_number":"none","pin_code":"560001","token_type":"Bearer","shipping":"x","company":"y"}'
  expect(scrubBody(text)).toBe(text)
})

test('of the number of a virtual account only its beginning is shown, in any field and in a path', () => {
  const number = 'PAYDK7QF2MZ4XWB3N5T'
  const body = { virtual_account_number: number, account_number: number, note: `to ${number}.` }
  expect(scrubBody(JSON.stringify(body))).not.toContain('K7QF2')
  expect(scrubBody(`{"virtual_account_number":"${number}"}`)).toBe(
    '{"virtual_account_number":"PAYD…"}',
  )
  expect(scrubPath(`/api/v1/virtualaccounts?account_number=${number}`)).not.toContain('K7QF2')
  // A bank's reference is shorter, and it is needed to find a transfer.
  expect(scrubBody('{"utr":"PAYDK7QF2MZ4XWB3"}')).toBe('{"utr":"PAYDK7QF2MZ4XWB3"}')
})

test('a body that is nested too deep is searched without a failure, and shows no secret', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"token":', '}'],
    ['{"a":[', ']}'],
  ] as const) {
    const depth = 7_000
    const body = `{"b":1,"a":${open.repeat(depth)}"cvv 4111111111111111"${close.repeat(depth)}}`
    const text = scrubBody(body)
    expect(text).toContain('"b":1')
    expect(text).not.toContain('4111')
  }
})

test('a body in UTF-16 is hidden', () => {
  for (const body of ['{"cvv":"737"}', 'cvv=737', 'my cvv is 737']) {
    const bytes = Buffer.from(body, 'utf16le')
    expect(scrubBody(bytes)).not.toMatch(/7\0?3\0?7/)
    expect(scrubBody(Buffer.from(bytes).swap16())).not.toMatch(/7\0?3\0?7/)
  }
})

test('a malformed escape in a path does not hide a card number', () => {
  const path = scrubPath('/api/v1/4111%2d1111%2d1111%2d1111%zz')
  expect(path).not.toContain('1111')
})

test.each<[header: string, value: string, own: string, foreign: string]>([
  ['authorization', 'Bearer 1000.ab', 'Bearer 1000.ab', 'Bearer ***'],
  ['authorization', 'zoho-oauthtoken  1000.ab', 'zoho-oauthtoken  1000.ab', 'zoho-oauthtoken  ***'],
  ['authorization', 'Basic aWQ6c2VjcmV0', 'Basic aWQ6c2VjcmV0', 'Basic ***'],
  ['authorization', '1000.ab', '1000.ab', '***'],
  ['authorization', 'Secret 1000.ab', 'Secret 1000.ab', '***'],
  ['authorization', '', '', '***'],
  ['proxy-authorization', 'Basic aWQ6c2VjcmV0', '***', '***'],
  ['x-api-key', 'abc', '***', '***'],
  ['x-client-secret', 'abc', '***', '***'],
  ['cookie', 'a=b', '***', '***'],
  ['idempotency-key', 'order-1', 'order-1', 'order-1'],
])(
  'the header %s: %s is shown as %s with a token of the sandbox, otherwise as %s',
  (name, value, own, foreign) => {
    expect(scrubHeaders({ [name]: value }, true)).toEqual({ [name]: own })
    expect(scrubHeaders({ [name]: value }, false)).toEqual({ [name]: foreign })
  },
)
