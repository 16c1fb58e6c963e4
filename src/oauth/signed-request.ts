import { createHmac, timingSafeEqual } from 'node:crypto'

/** A request that has been checked, carried through the owner's browser from the page to its answer. */
export type SignedRequest = {
  readonly clientId: string
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly accountIds: readonly string[]
  readonly state: string | undefined
  readonly codeChallenge: string | undefined
  /** From when on it is not taken any more, in milliseconds since 1970. */
  readonly expiresAtMs: number
}

/** Signs a request, so that its answer needs no memory on our side. */
export function signRequest(request: SignedRequest, key: Uint8Array): string {
  const body = Buffer.from(JSON.stringify(request)).toString('base64url')
  return `${body}.${macOf(body, key).toString('base64url')}`
}

/** Undefined: it was not signed here, or its time is over. */
export function readSignedRequest(
  text: string,
  key: Uint8Array,
  nowMs: number,
): SignedRequest | undefined {
  const [body = '', mac = ''] = text.split('.')
  const expected = macOf(body, key)
  const given = Buffer.from(mac, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  const request = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as SignedRequest
  return nowMs < request.expiresAtMs ? request : undefined
}

function macOf(body: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(body).digest()
}
