import type { AccountId } from '../domain/id.ts'
import type { Scope } from '../domain/scope.ts'
import { readSignedValue, signValue } from '../domain/signed-value.ts'

const PURPOSE = 'consent request'

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
  return signValue(JSON.stringify(request), PURPOSE, key)
}

/** Reads a signed request. Undefined: it has expired, or none of these keys signed it. */
export function readSignedRequest(
  text: string,
  keys: readonly Uint8Array[],
  nowMs: number,
): SignedRequest | undefined {
  const json = readSignedValue(text, PURPOSE, keys)
  if (json === undefined) return undefined
  // The signature proves that this server wrote it.
  const request = JSON.parse(json) as SignedRequest
  return nowMs < request.expiresAtMs ? request : undefined
}
