import { type OperatorRecord, type OperatorSession, operatorActor } from '../domain/operator.ts'
import { OPERATOR_RECENT_MS } from '../domain/operator-session.ts'
import { PASSKEY_COUNT_MAX, PASSKEY_NAME_LENGTH_MAX, type Passkey } from '../domain/passkey.ts'
import type { Random } from '../domain/random.ts'
import { hashSecret } from '../domain/secret.ts'
import { isPlainText } from '../domain/text.ts'
import {
  drawRecoveryCodes,
  type PasswordProblem,
  passwordProblem,
  plainRecoveryCode,
} from './accept-invitation.ts'
import { hashPassword, isPasswordRight } from './hash-password.ts'
import { countTries } from './sign-in-operator.ts'
import type { Store, Transaction } from './store.ts'
import { type PasskeyCheck, verifyEnrollment } from './verify-passkey.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = {
  readonly clock: AuditDeps['clock']
  readonly random: Random
  readonly store: Pick<Store, 'operators' | 'transaction'>
}

/** The reason why an operator's own access did not change. */
export type OwnAccessRefusal =
  | 'sign_in_again'
  | 'passkey_refused'
  | 'passkey_name'
  | 'too_many_passkeys'
  | 'last_passkey'
  | 'no_password'
  | 'password_wrong'
  | 'too_many_tries'
  | PasswordProblem

type Refused = { readonly refused: OwnAccessRefusal }

type Requester = { readonly operator: OperatorRecord; readonly session: OperatorSession }

/**
 * Returns true if the operator has signed in a short time ago. Without this check a person who finds an open session
 * could get lasting access.
 */
export function isRecent(
  { createdAtMs }: Pick<OperatorSession, 'createdAtMs'>,
  nowMs: number,
): boolean {
  return nowMs < createdAtMs + OPERATOR_RECENT_MS
}

/**
 * Returns true if an operator may have passkeys. An operator who signs in only through a provider may not: a passkey
 * would still work after the provider has taken the role away.
 */
export function mayHavePasskeys(
  { credentials }: Pick<OperatorRecord, 'credentials'>,
  passkeys: readonly Passkey[],
): boolean {
  return credentials !== undefined || passkeys.length > 0
}

/** Adds a passkey to an operator. */
export async function addPasskey(
  deps: Deps,
  { operator, session }: Requester,
  name: string,
  check: PasskeyCheck,
): Promise<Refused | undefined> {
  const { clock, store } = deps
  if (!isRecent(session, clock.nowMs())) return { refused: 'sign_in_again' }
  if (!isPlainText(name, PASSKEY_NAME_LENGTH_MAX)) return { refused: 'passkey_name' }
  const enrollment = await verifyEnrollment(check)
  if (enrollment === undefined) return { refused: 'passkey_refused' }
  return store.transaction(async (tx) => {
    const lockedOperator = await tx.operators.lock(operator.id)
    const passkeys = await tx.operators.listPasskeys(operator.id)
    if (lockedOperator === undefined || !mayHavePasskeys(lockedOperator, passkeys)) {
      return { refused: 'passkey_refused' }
    }
    if (passkeys.length >= PASSKEY_COUNT_MAX) return { refused: 'too_many_passkeys' }
    const createdAtMs = clock.nowMs()
    const passkey = {
      ...enrollment,
      operatorId: operator.id,
      name,
      createdAtMs,
      usedAtMs: undefined,
    }
    if (!(await tx.operators.insertPasskey(passkey))) return { refused: 'passkey_refused' }
    await record(tx, deps, lockedOperator, {
      action: 'operator.add_passkey',
      after: { passkey: name },
    })
    return undefined
  })
}

/** Removes a passkey of an operator. The last means to sign in stays. */
export function removePasskey(
  deps: Deps,
  { operator, session }: Requester,
  credentialId: string,
): Promise<Refused | undefined> {
  const { clock, store } = deps
  if (!isRecent(session, clock.nowMs())) return Promise.resolve({ refused: 'sign_in_again' })
  return store.transaction(async (tx) => {
    const lockedOperator = await tx.operators.lock(operator.id)
    const passkeys = await tx.operators.listPasskeys(operator.id)
    const passkey = passkeys.find((one) => one.credentialId === credentialId)
    if (lockedOperator === undefined || passkey === undefined) return undefined
    const isLast =
      passkeys.length === 1 &&
      lockedOperator.credentials === undefined &&
      lockedOperator.identity === undefined
    if (isLast) return { refused: 'last_passkey' }
    await tx.operators.deletePasskey(credentialId)
    await record(tx, deps, lockedOperator, {
      action: 'operator.remove_passkey',
      before: { passkey: passkey.name },
    })
    return undefined
  })
}

/** Replaces the recovery codes of an operator. Returns the new ones, which can be read only now. */
export function replaceRecoveryCodes(
  deps: Deps,
  { operator, session }: Requester,
): Promise<{ readonly recoveryCodes: readonly string[] } | Refused> {
  const { clock, random, store } = deps
  if (!isRecent(session, clock.nowMs())) return Promise.resolve({ refused: 'sign_in_again' })
  const recoveryCodes = drawRecoveryCodes(random)
  return store.transaction(async (tx) => {
    const lockedOperator = await tx.operators.lock(operator.id)
    if (lockedOperator?.credentials === undefined) return { refused: 'no_password' }
    const recoveryHashes = recoveryCodes.map((one) => hashSecret(plainRecoveryCode(one)))
    await tx.operators.update({
      ...lockedOperator,
      credentials: { ...lockedOperator.credentials, recoveryHashes },
    })
    await record(tx, deps, lockedOperator, { action: 'operator.replace_recovery_codes' })
    return { recoveryCodes }
  })
}

/**
 * Changes the password of an operator who knows the present one, and ends the operator's other sessions. Wrong tries
 * are counted, so that an open session does not help to guess the password. Throws PasswordCheckBusy.
 */
export async function changePassword(
  deps: Deps,
  { operator, session }: Requester,
  { password, presentPassword }: { readonly password: string; readonly presentPassword: string },
): Promise<Refused | undefined> {
  const { clock, random, store } = deps
  const before = operator.credentials?.passwordHash
  if (before === undefined) return { refused: 'no_password' }
  const problem = passwordProblem(password, operator)
  if (problem !== undefined) return { refused: problem }
  const count = { kind: 'known_browser', key: `password ${operator.id}` } as const
  const isCounted = await store.transaction((tx) => countTries(tx, [count], clock.nowMs()))
  if (!isCounted) return { refused: 'too_many_tries' }
  if (!(await isPasswordRight(before, presentPassword))) return { refused: 'password_wrong' }
  const passwordHash = await hashPassword(random, password)
  return store.transaction(async (tx) => {
    const lockedOperator = await tx.operators.lock(operator.id)
    // An invitation may have been accepted since the password was checked.
    if (lockedOperator?.credentials?.passwordHash !== before) return { refused: 'password_wrong' }
    await tx.operators.update({
      ...lockedOperator,
      credentials: { ...lockedOperator.credentials, passwordHash },
    })
    await tx.operators.deleteCount(count.key)
    await tx.operators.deleteSessions(operator.id)
    await tx.operators.insertSession(session)
    await record(tx, deps, lockedOperator, { action: 'operator.change_password' })
    return undefined
  })
}

/** The value that stands for all other sessions, in place of the id of one. */
export const OTHER_SESSIONS = 'others'

/** Returns the id of a session for a page. It is neither the cookie nor the stored hash of it. */
export function sessionIdOf(tokenHash: string): string {
  return hashSecret(tokenHash).slice(0, 16)
}

/** Ends one of the operator's other sessions, or all of them. Returns their number. */
export async function endOwnSessions(
  deps: Deps,
  { operator, session }: Requester,
  sessionId: string,
): Promise<number> {
  const { store } = deps
  const sessions = await store.operators.listSessions(operator.id)
  const target = sessions.find(({ tokenHash }) => sessionIdOf(tokenHash) === sessionId)
  const isOther = target !== undefined && target.tokenHash !== session.tokenHash
  if (!isOther && sessionId !== OTHER_SESSIONS) return 0
  return store.transaction(async (tx) => {
    const count = isOther
      ? await tx.operators.deleteSession(target.tokenHash)
      : await tx.operators.deleteOtherSessions(operator.id, session.tokenHash)
    if (count > 0) {
      await record(tx, deps, operator, { action: 'operator.sign_out', before: { sessions: count } })
    }
    return count
  })
}

function record(
  tx: Pick<Transaction, 'auditLog'>,
  { clock }: Deps,
  operator: OperatorRecord,
  entry: Omit<Parameters<typeof writeAuditEntry>[2], 'objectId'>,
): Promise<void> {
  return writeAuditEntry(
    tx,
    { clock, actor: operatorActor(operator) },
    { ...entry, objectId: operator.id },
  )
}
