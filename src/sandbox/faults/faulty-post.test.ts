import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withOtherByte } from './faulty-post.ts'

const bytes = (text: string) => Buffer.byteLength(text)

test('a corrupted body always differs from what was signed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(), (body, draw) => {
      expect(withOtherByte(body, (bound) => draw % bound)).not.toBe(body)
    }),
  )
})

test.each(['{"amount":"1.00"}', '{}', '[ ]', ' ', 'रुपये {'])(
  'a corrupted body has as many bytes as before: %s',
  (body) => {
    const corrupted = withOtherByte(body, () => 0)
    expect(corrupted).not.toBe(body)
    expect(bytes(corrupted)).toBe(bytes(body))
  },
)

test.each(['', 'रुपये'])('a body without a character of ASCII gets a byte more: "%s"', (body) => {
  expect(bytes(withOtherByte(body, () => 0))).toBe(bytes(body) + 1)
})
