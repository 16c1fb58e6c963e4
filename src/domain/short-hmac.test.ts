import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createShortHmac } from './short-hmac.ts'

test('the HMAC from two hashes equals the platform’s HMAC, for every key and message', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
      (key, first, second) => {
        const sign = createShortHmac(key, first.length)
        const other = createShortHmac(key, second.length)
        for (const [make, message] of [
          [sign, first],
          [other, second],
          [sign, first.toReversed()],
          [sign, first],
        ] as const) {
          expect(make(message)).toBe(
            createHmac('sha256', key).update(message).digest().toString('latin1'),
          )
        }
      },
    ),
  )
})

test('a key that is longer than a block, and a message of another length, are refused', () => {
  expect(() => createShortHmac(new Uint8Array(65), 1)).toThrow(RangeError)
  expect(() => createShortHmac(new Uint8Array(32), 29)(new Uint8Array(30))).toThrow(RangeError)
})
