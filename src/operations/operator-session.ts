import type { Clock } from '../domain/clock.ts'
import { type OperatorRecord, type OperatorSession, operatorActor } from '../domain/operator.ts'
import { hasOperatorSessionEnded, OPERATOR_SEEN_EVERY_MS } from '../domain/operator-session.ts'
import type { Random } from '../domain/random.ts'
import { hashSecret } from '../domain/secret.ts'
import type { Store, Transaction } from './store.ts'
import { writeAuditEntry } from './write-audit-entry.ts'

type Deps = {
  readonly clock: Clock
  readonly store: Pick<Store, 'operators' | 'transaction'>
}

/** A request's operator and session. */
export type SignedIn = { readonly operator: OperatorRecord; readonly session: OperatorSession }

/**
 * Finds the operator of a session's token. `keepsAlive`: the operator is active, so the session's idle time begins
 * again. Undefined: the session is unknown or has ended, or the operator is disabled. The database is read at each
 * request, so that a change of an operator works at once.
 */
export async function findSignedIn(
  { clock, store }: Deps,
  token: string,
  { keepsAlive }: { readonly keepsAlive: boolean },
): Promise<SignedIn | undefined> {
  const tokenHash = hashSecret(token)
  const session = await store.operators.findSession(tokenHash)
  const nowMs = clock.nowMs()
  if (session === undefined || hasOperatorSessionEnded(session, nowMs)) return undefined
  const operator = await store.operators.find(session.operatorId)
  if (operator === undefined || operator.disabledAtMs !== undefined) return undefined
  if (keepsAlive && Math.abs(nowMs - session.seenAtMs) >= OPERATOR_SEEN_EVERY_MS) {
    await store.transaction((tx) => tx.operators.touchSession(tokenHash, nowMs))
  }
  return { operator, session }
}

/** The origin of a sign-in. */
export type SignInOrigin = {
  readonly addressKey: string
  /** The token hash of the browser's current session, which the sign-in ends. Undefined: none. */
  readonly presentTokenHash: string | undefined
  /** The browser and the system. Undefined: unknown. */
  readonly browser?: string | undefined
}

/**
 * Opens the session of an operator who has proved their identity, and ends the browser's earlier session. Returns the
 * token of the new session. Each session gets a new token: a token that an attacker put into the browser before the
 * sign-in never opens the session.
 */
export async function openOperatorSession(
  tx: Pick<Transaction, 'operators' | 'auditLog'>,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  operator: OperatorRecord,
  { addressKey, browser, presentTokenHash }: SignInOrigin,
): Promise<string> {
  if (presentTokenHash !== undefined) await tx.operators.deleteSession(presentTokenHash)
  const sessionToken = Buffer.from(random.bytes(32)).toString('base64url')
  const nowMs = clock.nowMs()
  await tx.operators.insertSession({
    tokenHash: hashSecret(sessionToken),
    operatorId: operator.id,
    createdAtMs: nowMs,
    seenAtMs: nowMs,
    browser,
  })
  await writeAuditEntry(
    tx,
    { clock, actor: operatorActor(operator) },
    { action: 'operator.sign_in', objectId: operator.id, after: { address: addressKey } },
  )
  return sessionToken
}

/** Ends one session. */
export async function endOperatorSession(
  { store }: Pick<Deps, 'store'>,
  { tokenHash }: Pick<OperatorSession, 'tokenHash'>,
): Promise<void> {
  await store.transaction((tx) => tx.operators.deleteSession(tokenHash))
}
