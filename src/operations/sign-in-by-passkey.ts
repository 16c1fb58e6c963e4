import type { Operator } from '../domain/operator.ts'
import { isLaterCount } from '../domain/passkey.ts'
import type { Random } from '../domain/random.ts'
import { openOperatorSession, type SignInOrigin } from './operator-session.ts'
import type { Store } from './store.ts'
import { credentialIdOf, type PasskeyCheck, verifySignIn } from './verify-passkey.ts'
import type { AuditDeps } from './write-audit-entry.ts'

type Deps = {
  readonly clock: AuditDeps['clock']
  readonly random: Random
  readonly store: Pick<Store, 'operators' | 'transaction'>
}

/** The result of a sign-in with a passkey. The token can be read only now. */
export type PasskeySignIn =
  | { readonly operator: Operator; readonly sessionToken: string }
  | { readonly refused: 'passkey_refused' }

const REFUSED: PasskeySignIn = { refused: 'passkey_refused' }

/**
 * Signs in the operator of a passkey. The device has verified its owner, so there is no password and no code. An unknown
 * passkey, a wrong signature, a count that `isLaterCount` refuses and a disabled operator get the same answer.
 */
export async function signInByPasskey(
  deps: Deps,
  check: PasskeyCheck,
  origin: SignInOrigin,
): Promise<PasskeySignIn> {
  const { clock, store } = deps
  const credentialId = credentialIdOf(check.answer)
  const passkey =
    credentialId === undefined ? undefined : await store.operators.findPasskey(credentialId)
  const proof = passkey && (await verifySignIn(check, passkey))
  if (passkey === undefined || proof === undefined) return REFUSED
  return store.transaction(async (tx) => {
    const operator = await tx.operators.lock(passkey.operatorId)
    if (operator === undefined || operator.disabledAtMs !== undefined) return REFUSED
    // Since the passkey was read, it may have been removed, or a copy of it may have signed in.
    const present = await tx.operators.findPasskey(passkey.credentialId)
    if (present === undefined || !isLaterCount(proof.signCount, present)) return REFUSED
    await tx.operators.updatePasskey({
      ...present,
      signCount: proof.signCount,
      usedAtMs: clock.nowMs(),
    })
    return { operator, sessionToken: await openOperatorSession(tx, deps, operator, origin) }
  })
}
