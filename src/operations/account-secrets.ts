import type { AccountKeyName } from '../domain/account-key-name.ts'
import type { Random } from '../domain/random.ts'
import { hashSecret, type Keys, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import { makeToken } from './authorize-client.ts'

/** Draws a new secret of an account. */
export function drawAccountSecret(random: Random, name: AccountKeyName): string {
  switch (name) {
    case 'signing':
      return Buffer.from(random.bytes(32)).toString('hex')
    case 'api':
      return makeToken(random).replace('1000', '1003')
    case 'owner':
      return Buffer.from(random.bytes(24)).toString('base64url')
  }
}

/** Returns the stored form of a secret: sealed if Paydesk signs with it, otherwise hashed. */
export function storedSecret(
  { keys, random }: { readonly keys: Keys; readonly random: Random },
  name: AccountKeyName,
  secret: string,
): string {
  return name === 'signing'
    ? seal(secret, keys.sealing, random.bytes(SEAL_NONCE_BYTES))
    : hashSecret(secret)
}
