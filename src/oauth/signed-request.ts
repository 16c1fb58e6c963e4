import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AccountId } from '../domain/id.ts'
import type { Scope } from '../domain/scope.ts'

/** A checked request. The owner's browser returns it to the server with the answer to the consent page. */
export type SignedRequest = {
  readonly clientId: string
  readonly redirectUri: string
  readonly scopes: readonly Scope[]
  readonly accountIds: readonly AccountId[]
  readonly state: string | undefined
  readonly codeChallenge: string | undefined
  /** The end of its life, in milliseconds since 1970. */
  readonly expiresAtMs: number
}

/** Signs a request, so that the server does not have to store it. */
export function signRequest(request: SignedRequest, key: Uint8Array): string {
  const body = Buffer.from(JSON.stringify(request)).toString('base64url')
  return `${body}.${macOf(body, key).toString('base64url')}`
}

/** Reads a signed request. Undefined: it has expired, or none of these keys signed it. */
export function readSignedRequest(
  text: string,
  keys: readonly Uint8Array[],
  nowMs: number,
): SignedRequest | undefined {
  const [body = '', mac = ''] = text.split('.')
  const signature = Buffer.from(mac, 'base64url')
  const isSigned = keys.some((key) => {
    const expected = macOf(body, key)
    return signature.length === expected.length && timingSafeEqual(signature, expected)
  })
  if (!isSigned) return undefined
  // The signature proves that this server wrote it.
  const request = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as SignedRequest
  return nowMs < request.expiresAtMs ? request : undefined
}

function macOf(body: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(body).digest()
}
