import { hash } from 'node:crypto'
import type { Clock } from '../domain/clock.ts'
import type { AccountId } from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import { type Keys, openSealed, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import { IDEMPOTENCY_KEY_LIFE_MS, type IdempotentAnswer, type Store } from './store.ts'

/** What tells one request from another, as far as repeating it goes. */
export type IdempotentRequest = {
  readonly accountId: AccountId
  /** What the request was sent to, spelled in one way only. */
  readonly path: string
  /** The client's `Idempotency-Key`. */
  readonly key: string
  /** The body as it came. */
  readonly body: string
}

/** The HTTP answer to a request, as it is sent. */
export type Answer = { readonly status: number; readonly body: string }

/** An answer that was given before, or the reason why there is none for this request. */
export type Replay = { readonly replayed: Answer } | { readonly refused: IdempotencyRefusal }

/** Why a request with an idempotency key was not carried out. */
export type IdempotencyRefusal =
  /** The key came with another body before. */
  | 'idempotency_key_reused'
  /** The key's first request has not ended. */
  | 'idempotency_key_in_use'

/**
 * Gives what a key is known by in the store: the SHA-256 of account, path and key. The same key sent
 * to another path is another key, so that no request ever gets another kind of request's answer.
 */
export function identityHashOf({ accountId, path, key }: IdempotentRequest): string {
  return hash('sha256', `${accountId}\n${path}\n${key}`, 'base64url')
}

/** Gives the bucket for what a request with this key creates: key and object lie together. */
export function bucketOfIdentity(identityHash: string): number {
  return Buffer.from(identityHash.slice(0, 4), 'base64url')[0] ?? 0
}

/** Gives the answer that a creation's key already has. Undefined: the key is new. */
export async function findReplay(
  deps: {
    readonly clock: Clock
    readonly keys: Keys
    readonly store: Pick<Store, 'idempotency'>
  },
  request: IdempotentRequest,
): Promise<Replay | undefined> {
  const identityHash = identityHashOf(request)
  const kept = await deps.store.idempotency.find(
    bucketOfIdentity(identityHash),
    identityHash,
    deps.clock.nowMs() - IDEMPOTENCY_KEY_LIFE_MS,
  )
  return kept && replayFrom(kept, request, deps.keys.sealing)
}

/** Makes the row that keeps an answer. It is sealed, for it may hold an access key. */
export function idempotentAnswerFrom(
  deps: { readonly random: Random; readonly sealingKey: Uint8Array },
  request: IdempotentRequest,
  bucket: number,
  resourceId: string,
  { status, body }: Answer,
): IdempotentAnswer {
  return {
    bucket,
    identityHash: identityHashOf(request),
    requestHash: hash('sha256', request.body, 'base64url'),
    status,
    answerSealed: seal(body, deps.sealingKey, deps.random.bytes(SEAL_NONCE_BYTES)),
    resourceId,
  }
}

/** Gives the kept answer again, if it was this request that it answered. */
export function replayFrom(
  kept: IdempotentAnswer,
  request: IdempotentRequest,
  sealingKey: Uint8Array,
): Replay {
  if (kept.requestHash !== hash('sha256', request.body, 'base64url')) {
    return { refused: 'idempotency_key_reused' }
  }
  return { replayed: { status: kept.status, body: openSealed(kept.answerSealed, sealingKey) } }
}
