import { expect, test } from 'vitest'
import {
  ACCESS_KEY_RANDOM_BYTES,
  makeAccessKey,
  makeMethodSessionKey,
  readMethodSessionKey,
  readOwnAccessKey,
} from './access-key.ts'
import type { PaymentMethodSessionId, PaymentSessionId } from './id.ts'
import { deriveKeys } from './secret.ts'

const keys = deriveKeys(new Uint8Array(32).fill(1))
const otherKeys = deriveKeys(new Uint8Array(32).fill(2))
const random = new Uint8Array(ACCESS_KEY_RANDOM_BYTES).fill(3)
const expiresAtMs = Date.UTC(2026, 10, 22)
const methodSessionId = '5000000081007' as PaymentMethodSessionId
const paymentSessionId = '5000000081007' as PaymentSessionId

test.each(['page', 'frame'] as const)(
  'the key of a payment method session for the %s begins with B, and opens no payment session',
  (place) => {
    const content = { methodSessionId, expiresAtMs, place }
    const key = makeMethodSessionKey(content, random, keys.accessKey)
    expect(key).toMatch(/^B[\w-]{59}$/)
    expect(readMethodSessionKey(key, keys)).toEqual(content)
    expect(readMethodSessionKey(key, otherKeys)).toBeUndefined()
    expect(readMethodSessionKey(`${key.slice(0, -1)}~`, keys)).toBeUndefined()
    expect(readOwnAccessKey(key, keys)).toBeUndefined()
  },
)

test.each(['page', 'frame', 'foreign_frame'] as const)(
  'the key of a payment session for the %s opens no payment method session',
  (place) => {
    const key = makeAccessKey({ paymentSessionId, expiresAtMs, place }, random, keys.accessKey)
    expect(key).toMatch(/^A[\w-]{59}$/)
    expect(readOwnAccessKey(key, keys)).toEqual({ paymentSessionId, expiresAtMs, place })
    expect(readMethodSessionKey(key, keys)).toBeUndefined()
  },
)
