import { hash } from 'node:crypto'
import type { Clock } from '../domain/clock.ts'
import type { Random } from '../domain/random.ts'
import { type Keys, openSealedWithAny, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import { IDEMPOTENCY_KEY_LIFE_MS, type IdempotentAnswer, type Store } from '../operations/store.ts'
import { ApiError } from './errors.ts'

/** The identity of a request with an idempotency key. */
export type IdempotentRequest = {
  /**
   * The SHA-256 of caller, path and key. The same key with another path has another hash, so that no request gets the
   * answer of another kind of request.
   */
  readonly identityHash: string
  /** The SHA-256 of the received body. Of a secret body: the SHA-256 of its keyed hash. */
  readonly bodyHash: string
  /** The hashes of the same body by other secret keys of the server. An earlier request may have stored one of them. */
  readonly otherBodyHashes?: readonly string[]
}

/** The HTTP answer to a request. */
export type Answer = { readonly status: number; readonly body: string }

/** The answer to the first request with a key. */
export type Replay = { readonly replay: Answer }

/** Hashes a request with an idempotency key. `path` is the target of the request, always in the same spelling. */
export function identifyRequest(request: {
  /** The id of the account, or of the operator whose request covers the whole server. */
  readonly callerId: string
  readonly path: string
  readonly key: string
  /** The received body, or the keyed hash of a secret body. */
  readonly body: string
  /** The keyed hashes of a secret body with the other secret keys of the server. */
  readonly otherBodies?: readonly string[]
}): IdempotentRequest {
  const { body, callerId, key, otherBodies, path } = request
  return {
    identityHash: hash('sha256', `${callerId}\n${path}\n${key}`, 'base64url'),
    bodyHash: hash('sha256', body, 'base64url'),
    ...(otherBodies !== undefined && {
      otherBodyHashes: otherBodies.map((other) => hash('sha256', other, 'base64url')),
    }),
  }
}

/** Returns the bucket of an object that a request with this key creates. Key and object are in the same bucket. */
export function bucketOfIdentity({ identityHash }: IdempotentRequest): number {
  return Buffer.from(identityHash.slice(0, 4), 'base64url')[0] ?? 0
}

/**
 * Finds the earlier answer to a creation with this key. Undefined: the key is new. Throws ApiError
 * `idempotency_key_reused`.
 */
export async function findReplay(
  deps: {
    readonly clock: Clock
    readonly keys: Keys
    readonly store: Pick<Store, 'idempotency'>
  },
  request: IdempotentRequest,
): Promise<Replay | undefined> {
  const storedAnswer = await deps.store.idempotency.find(
    bucketOfIdentity(request),
    request.identityHash,
    deps.clock.nowMs() - IDEMPOTENCY_KEY_LIFE_MS,
  )
  return storedAnswer && replayFrom(storedAnswer, request, deps.keys)
}

/** An answer to keep, with the id of the object that the request created or changed. */
export type KeptAnswer = Answer & { readonly resourceId: string }

/** Makes the row that keeps an answer. The answer is sealed, because it may contain an access key. */
export function idempotentAnswerFrom(
  { keys, random }: { readonly random: Random; readonly keys: Keys },
  { bodyHash, identityHash }: IdempotentRequest,
  bucket: number,
  { body, resourceId, status }: KeptAnswer,
): IdempotentAnswer {
  return {
    bucket,
    identityHash,
    requestHash: bodyHash,
    status,
    answerSealed: seal(body, keys.sealing, random.bytes(SEAL_NONCE_BYTES)),
    resourceId,
  }
}

/** Opens a kept answer. Throws ApiError `idempotency_key_reused` if it answered another body. */
export function replayFrom(
  storedAnswer: IdempotentAnswer,
  { bodyHash, otherBodyHashes = [] }: IdempotentRequest,
  keys: Keys,
): Replay {
  const { requestHash } = storedAnswer
  if (requestHash !== bodyHash && !otherBodyHashes.includes(requestHash))
    throw new ApiError('idempotency_key_reused')
  return {
    replay: {
      status: storedAnswer.status,
      body: openSealedWithAny(storedAnswer.answerSealed, keys),
    },
  }
}
