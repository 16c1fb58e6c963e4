import type { Operator, OperatorRecord } from '../domain/operator.ts'
import type { Random } from '../domain/random.ts'
import { hashSecret, type Keys, openSealedWithAny } from '../domain/secret.ts'
import { countTry, type SignInCountKind } from '../domain/sign-in-limit.ts'
import { plainRecoveryCode } from './accept-invitation.ts'
import { isPasswordRight } from './hash-password.ts'
import { openOperatorSession, type SignInOrigin } from './operator-session.ts'
import type { Store, Transaction } from './store.ts'
import { stepOfCode } from './time-code.ts'
import type { AuditDeps } from './write-audit-entry.ts'

type Deps = {
  readonly clock: AuditDeps['clock']
  readonly keys: Keys
  readonly random: Random
  readonly store: Pick<Store, 'operators' | 'transaction'>
}

/** A try to sign in. */
export type SignInTry = SignInOrigin & {
  readonly email: string
  readonly password: string
  /** A time-based code, or a recovery code. */
  readonly code: string
  /**
   * Returns the browser’s id, if a signed cookie shows that this operator has signed in with this browser before.
   * Undefined: there is no such cookie.
   */
  readonly knownBrowserOf: (operatorId: string) => string | undefined
}

/** The result of a try to sign in. The token cannot be read later. */
export type SignInResult =
  | { readonly operator: Operator; readonly sessionToken: string }
  | { readonly refused: 'wrong' | 'too_many_tries' }

/**
 * Signs in an operator with password and code. An unknown address, a wrong password and a wrong code get the same answer,
 * and an unknown address takes as long as a wrong password. Throws PasswordCheckBusy.
 */
export async function signInOperator(deps: Deps, signIn: SignInTry): Promise<SignInResult> {
  const { clock, store } = deps
  const email = signIn.email.trim().toLowerCase()
  const operator = await store.operators.findByEmail(email)
  const counts = countsOf(operator?.id ?? `unknown:${hashSecret(email)}`, signIn)
  const isCounted = await store.transaction((tx) => countTries(tx, counts, clock.nowMs()))
  if (!isCounted) return { refused: 'too_many_tries' }

  const isRight = await isPasswordRight(operator?.credentials?.passwordHash, signIn.password)
  if (!isRight || operator === undefined) return { refused: 'wrong' }
  return store.transaction(async (tx) => {
    const lockedOperator = await tx.operators.lock(operator.id)
    const credentials = lockedOperator && credentialsAfter(deps, lockedOperator, signIn.code)
    const isSame = lockedOperator?.credentials?.passwordHash === operator.credentials?.passwordHash
    if (lockedOperator === undefined || credentials === undefined || !isSame)
      return { refused: 'wrong' }
    await tx.operators.update({ ...lockedOperator, credentials })
    for (const { key } of counts) await tx.operators.deleteCount(key)
    const sessionToken = await openOperatorSession(tx, deps, lockedOperator, signIn)
    return { operator: lockedOperator, sessionToken }
  })
}

type Count = { readonly kind: SignInCountKind; readonly key: string }

/** A known browser has its own count, which strangers cannot raise. */
function countsOf(
  subject: string,
  { addressKey, knownBrowserOf }: Pick<SignInTry, 'addressKey' | 'knownBrowserOf'>,
): readonly Count[] {
  const browser = knownBrowserOf(subject)
  if (browser !== undefined)
    return [{ kind: 'known_browser', key: `browser ${subject} ${browser}` }]
  return [
    { kind: 'address', key: `address ${subject} ${addressKey}` },
    { kind: 'unknown_browsers', key: `unknown ${subject}` },
  ]
}

/** Counts a try before it is checked. False: a limit is reached, and nothing is counted. */
export async function countTries(
  tx: Pick<Transaction, 'operators'>,
  counts: readonly Count[],
  nowMs: number,
): Promise<boolean> {
  const next = []
  for (const { key, kind } of counts) {
    const count = countTry(kind, await tx.operators.lockCount(key), nowMs)
    if (count === undefined) return false
    next.push({ key, count })
  }
  for (const { count, key } of next) await tx.operators.putCount(key, count)
  return true
}

/** Returns the credentials after a code was used. Undefined: the code is wrong, or was used before. */
function credentialsAfter(
  { clock, keys }: Pick<Deps, 'clock' | 'keys'>,
  { credentials, disabledAtMs }: OperatorRecord,
  code: string,
): OperatorRecord['credentials'] {
  if (credentials === undefined || disabledAtMs !== undefined) return undefined
  const secret = Buffer.from(openSealedWithAny(credentials.codeSecretSealed, keys), 'base64url')
  const step = stepOfCode(new Uint8Array(secret), code, clock.nowMs())
  if (step !== undefined) {
    return step > credentials.lastCodeStep ? { ...credentials, lastCodeStep: step } : undefined
  }
  const usedHash = hashSecret(plainRecoveryCode(code))
  const recoveryHashes = credentials.recoveryHashes.filter((hash) => hash !== usedHash)
  return recoveryHashes.length < credentials.recoveryHashes.length
    ? { ...credentials, recoveryHashes }
    : undefined
}
