import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeAccessKey, readAccessKey } from './access-key.ts'
import type { PaymentSessionId } from './id.ts'
import {
  deriveKeys,
  equalSecrets,
  hashSecret,
  openSealed,
  openSealedWithAny,
  seal,
} from './secret.ts'

const keys = deriveKeys(new Uint8Array(32).fill(7))
const others = deriveKeys(new Uint8Array(32).fill(8))
const content = {
  paymentSessionId: '250301496979812' as PaymentSessionId,
  expiresAtMs: 1_795_367_027_000,
  place: 'page' as const,
}
const accessKey = makeAccessKey(content, new Uint8Array(16).fill(3), keys.accessKey)

test('an access key contains its session id and its expiry time', () => {
  expect(accessKey).toMatch(/^[\w-]{60}$/)
  expect(readAccessKey(accessKey, keys.accessKey)).toEqual(content)
})

test('an access key for the widget’s frame differs from one for the page', () => {
  const frameKey = makeAccessKey(
    { ...content, place: 'frame' },
    new Uint8Array(16).fill(3),
    keys.accessKey,
  )
  expect(readAccessKey(frameKey, keys.accessKey)).toEqual({ ...content, place: 'frame' })
})

test('an access key that was changed or made with another secret is refused', () => {
  expect(readAccessKey(accessKey, others.accessKey)).toBeUndefined()
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (let index = 0; index < accessKey.length; index += 1) {
    const replacement = alphabet[(alphabet.indexOf(accessKey[index] as string) + 1) % 64]
    expect(
      readAccessKey(
        accessKey.slice(0, index) + replacement + accessKey.slice(index + 1),
        keys.accessKey,
      ),
    ).toBeUndefined()
  }
  fc.assert(fc.property(fc.string(), (text) => readAccessKey(text, keys.accessKey) === undefined))
})

test('a sealed text can be opened only unchanged and with its key', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.uint8Array({ minLength: 12, maxLength: 12 }),
      (text, nonce) => {
        // Half a surrogate pair cannot be encoded. Paydesk seals no such text.
        fc.pre(text.isWellFormed())
        const sealedText = seal(text, keys.sealing, nonce)
        expect(openSealed(sealedText, keys.sealing)).toBe(text)
        expect(() => openSealed(sealedText, others.sealing)).toThrow()
        const bytes = Buffer.from(sealedText.slice('v1.'.length), 'base64url')
        for (const index of [0, 12, bytes.length - 1]) {
          const changedBytes = Buffer.from(bytes)
          changedBytes.writeUInt8(changedBytes.readUInt8(index) ^ 1, index)
          expect(() =>
            openSealed(`v1.${changedBytes.toString('base64url')}`, keys.sealing),
          ).toThrow()
        }
      },
    ),
    { numRuns: 50 },
  )
})

test('every derived key differs from the others and from the check value', () => {
  const all = [keys.accessKey, keys.sealing, keys.form, keys.publicId].map((key) =>
    Buffer.from(key).toString('hex'),
  )
  const texts = [...all, keys.check]
  // No key is the beginning of another one: the key of public ids is longer.
  for (const one of texts) expect(texts.filter((other) => other.startsWith(one))).toEqual([one])
  expect(deriveKeys(new Uint8Array(32).fill(7)).check).toBe(keys.check)
  expect(others.check).not.toBe(keys.check)
})

test('secrets are compared by value, even when their lengths differ', () => {
  expect(equalSecrets('a', 'a')).toBe(true)
  expect(equalSecrets('a', 'ab')).toBe(false)
  expect(hashSecret('x')).toHaveLength(43)
})

test('the previous secret key still decrypts and verifies, and only the current key seals and signs', () => {
  const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const [old, both] = [deriveKeys(one), deriveKeys(two, one)]
  const sealedText = seal('text', old.sealing, new Uint8Array(12))
  expect(openSealedWithAny(sealedText, both)).toBe('text')
  expect(both.check).toBe(deriveKeys(two).check)
  expect(both.use(old.check)).toBe(true)
  expect([both.sealing, both.accessKey, both.form, both.publicId]).toEqual([
    old.sealing,
    old.accessKey,
    old.form,
    old.publicId,
  ])
  const sealedByNew = seal('text', deriveKeys(two).sealing, new Uint8Array(12))
  expect(openSealedWithAny(sealedByNew, both)).toBe('text')
  expect(both.use('the check of another key')).toBe(false)
  expect(both.check).toBe(old.check)
  expect(() => openSealedWithAny(sealedByNew, old)).toThrow()
  const foreign = seal('text', deriveKeys(new Uint8Array(32)).sealing, new Uint8Array(12))
  expect(() => openSealedWithAny(foreign, both)).toThrow()
})
