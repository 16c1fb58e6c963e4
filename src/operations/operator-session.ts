import type { Clock } from '../domain/clock.ts'
import type { OperatorRecord, OperatorSession } from '../domain/operator.ts'
import { hasOperatorSessionEnded, OPERATOR_SEEN_EVERY_MS } from '../domain/operator-session.ts'
import { hashSecret } from '../domain/secret.ts'
import type { Store } from './store.ts'

type Deps = {
  readonly clock: Clock
  readonly store: Pick<Store, 'operators' | 'transaction'>
}

/** A request's operator and session. */
export type SignedIn = { readonly operator: OperatorRecord; readonly session: OperatorSession }

/**
 * Finds the operator of a session's token, and keeps the session alive. Undefined: the session is unknown or has ended, or
 * the operator is disabled. It reads the database at each request, so that a change of an operator works at once.
 */
export async function findSignedIn(
  { clock, store }: Deps,
  token: string,
): Promise<SignedIn | undefined> {
  const tokenHash = hashSecret(token)
  const session = await store.operators.findSession(tokenHash)
  const nowMs = clock.nowMs()
  if (session === undefined || hasOperatorSessionEnded(session, nowMs)) return undefined
  const operator = await store.operators.find(session.operatorId)
  if (operator === undefined || operator.disabledAtMs !== undefined) return undefined
  if (Math.abs(nowMs - session.seenAtMs) >= OPERATOR_SEEN_EVERY_MS) {
    await store.transaction((tx) => tx.operators.touchSession(tokenHash, nowMs))
  }
  return { operator, session }
}

/** Ends one session. */
export async function endOperatorSession(
  { store }: Pick<Deps, 'store'>,
  { tokenHash }: Pick<OperatorSession, 'tokenHash'>,
): Promise<void> {
  await store.transaction((tx) => tx.operators.deleteSession(tokenHash))
}
