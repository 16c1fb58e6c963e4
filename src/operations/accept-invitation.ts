import { createHmac } from 'node:crypto'
import { type OperatorRecord, operatorActor } from '../domain/operator.ts'
import { PASSKEY_NAME_LENGTH_MAX, type Passkey } from '../domain/passkey.ts'
import type { Random } from '../domain/random.ts'
import { hashSecret, type Keys, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import { isPlainText } from '../domain/text.ts'
import { hashPassword } from './hash-password.ts'
import type { Store, Transaction } from './store.ts'
import { CODE_SECRET_BYTES, stepOfCode } from './time-code.ts'
import { type PasskeyCheck, verifyEnrollment } from './verify-passkey.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

/** The minimum number of characters of a password. Source: NIST SP 800-63B-4 allows 8 with a second factor. */
export const PASSWORD_LENGTH_MIN = 12
/** The maximum number of characters of a password. */
export const PASSWORD_LENGTH_MAX = 128

/** The number of recovery codes, and the random bytes of each: 80 bits. */
const RECOVERY_COUNT = 10
const RECOVERY_BYTES = 10

type Deps = {
  readonly clock: AuditDeps['clock']
  readonly keys: Keys
  readonly random: Random
  readonly store: Pick<Store, 'operators' | 'transaction'>
}

/** The reason why a password is refused. */
export type PasswordProblem = 'password_too_short' | 'password_too_long' | 'password_is_known'

/** The reason why an invitation was not accepted. */
export type InvitationRefusal =
  | 'unknown_invitation'
  | PasswordProblem
  | 'code_wrong'
  | 'passkey_refused'

/** Finds the operator of an open invitation. Undefined: it is unknown, accepted, replaced or too old. */
export async function findInvitee(
  { clock, store }: Pick<Deps, 'clock' | 'store'>,
  token: string,
): Promise<OperatorRecord | undefined> {
  const operator = await store.operators.findByInvitation(hashSecret(token))
  return operator !== undefined && isOpen(operator, hashSecret(token), clock.nowMs())
    ? operator
    : undefined
}

/**
 * Returns the secret of the time-based codes that an invitation offers. It is derived from the invitation, so that the
 * invitation's page can be opened several times, and nothing is stored before a code proves that the authenticator app
 * has the secret.
 */
export function offeredCodeSecret({ keys }: Pick<Deps, 'keys'>, token: string): Uint8Array {
  const mac = createHmac('sha256', keys.form).update(`code secret of invitation ${token}`).digest()
  return new Uint8Array(mac.subarray(0, CODE_SECRET_BYTES))
}

/**
 * Accepts an invitation: sets the operator's password and secret of codes, deletes the operator's passkeys, and ends the
 * earlier sessions. Returns the recovery codes, which cannot be read later. Throws PasswordCheckBusy.
 */
export async function acceptInvitation(
  deps: Deps,
  token: string,
  { code, password }: { readonly password: string; readonly code: string },
): Promise<
  { readonly recoveryCodes: readonly string[] } | { readonly refused: InvitationRefusal }
> {
  const { clock, keys, random, store } = deps
  const invitee = await findInvitee(deps, token)
  if (invitee === undefined) return { refused: 'unknown_invitation' }
  const problem = passwordProblem(password, invitee)
  if (problem !== undefined) return { refused: problem }
  const secret = offeredCodeSecret(deps, token)
  const step = stepOfCode(secret, code, clock.nowMs())
  if (step === undefined) return { refused: 'code_wrong' }

  const passwordHash = await hashPassword(random, password)
  const codeSecretSealed = seal(
    Buffer.from(secret).toString('base64url'),
    keys.sealing,
    random.bytes(SEAL_NONCE_BYTES),
  )
  const recoveryCodes = drawRecoveryCodes(random)
  const credentials = {
    passwordHash,
    codeSecretSealed,
    lastCodeStep: step,
    recoveryHashes: recoveryCodes.map((one) => hashSecret(plainRecoveryCode(one))),
  }
  const isAccepted = await store.transaction((tx) =>
    storeAccepted(tx, deps, { invitee, token }, { credentials, passkey: undefined }),
  )
  return isAccepted ? { recoveryCodes } : { refused: 'unknown_invitation' }
}

/**
 * Accepts an invitation with a passkey instead of a password and codes. The earlier password, passkeys and sessions of the
 * operator end. Undefined: it is accepted.
 */
export async function acceptInvitationByPasskey(
  deps: Deps,
  token: string,
  name: string,
  check: PasskeyCheck,
): Promise<{ readonly refused: InvitationRefusal } | undefined> {
  const invitee = await findInvitee(deps, token)
  if (invitee === undefined) return { refused: 'unknown_invitation' }
  const enrollment = await verifyEnrollment(check)
  if (enrollment === undefined || !isPlainText(name, PASSKEY_NAME_LENGTH_MAX)) {
    return { refused: 'passkey_refused' }
  }
  const passkey: Passkey = {
    ...enrollment,
    operatorId: invitee.id,
    name,
    createdAtMs: deps.clock.nowMs(),
    usedAtMs: undefined,
  }
  const isAccepted = await deps.store.transaction((tx) =>
    storeAccepted(tx, deps, { invitee, token }, { credentials: undefined, passkey }),
  )
  return isAccepted ? undefined : { refused: 'unknown_invitation' }
}

type Acceptance = {
  readonly credentials: OperatorRecord['credentials']
  readonly passkey: Passkey | undefined
}

/** Stores the new credentials of an operator. False: the invitation is no longer open. */
async function storeAccepted(
  tx: Pick<Transaction, 'operators' | 'auditLog'>,
  { clock }: Pick<Deps, 'clock'>,
  { invitee, token }: { readonly invitee: OperatorRecord; readonly token: string },
  { credentials, passkey }: Acceptance,
): Promise<boolean> {
  const operator = await tx.operators.lock(invitee.id)
  if (operator === undefined || !isOpen(operator, hashSecret(token), clock.nowMs())) return false
  const acceptedAtMs = operator.acceptedAtMs ?? clock.nowMs()
  await tx.operators.update({ ...operator, credentials, acceptedAtMs, invitation: undefined })
  // The invitation may be the answer to a lost device, so everything before it ends.
  await tx.operators.deleteSessions(operator.id)
  await tx.operators.deletePasskeys(operator.id)
  if (passkey !== undefined && !(await tx.operators.insertPasskey(passkey))) {
    throw new Error('a new passkey has the id of another one')
  }
  await writeAuditEntry(
    tx,
    { clock, actor: operatorActor(operator) },
    {
      action: 'operator.accept_invitation',
      objectId: operator.id,
      after: passkey === undefined ? { has_password: true } : { passkey: passkey.name },
    },
  )
  return true
}

function isOpen(
  { disabledAtMs, invitation }: OperatorRecord,
  tokenHash: string,
  nowMs: number,
): boolean {
  return (
    disabledAtMs === undefined &&
    invitation !== undefined &&
    invitation.tokenHash === tokenHash &&
    nowMs < invitation.endsAtMs
  )
}

/** Returns the reason why a password is refused. Undefined: it is good. */
export function passwordProblem(
  password: string,
  { email, name }: Pick<OperatorRecord, 'email' | 'name'>,
): PasswordProblem | undefined {
  const { length } = [...password]
  if (length < PASSWORD_LENGTH_MIN) return 'password_too_short'
  if (length > PASSWORD_LENGTH_MAX) return 'password_too_long'
  const lowerCase = password.toLowerCase()
  const isRepeated = new Set(lowerCase).size < 5
  const isKnown = [email, name.toLowerCase(), 'paydesk'].some(
    (word) => lowerCase.replaceAll(word, '').length < PASSWORD_LENGTH_MIN / 2,
  )
  return isRepeated || isKnown ? 'password_is_known' : undefined
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** Draws the recovery codes of an operator. */
export function drawRecoveryCodes(random: Random): readonly string[] {
  return Array.from({ length: RECOVERY_COUNT }, () => drawRecoveryCode(random))
}

/** Draws a recovery code of 16 characters in groups: `abcd-efgh-jklm-2345`. */
function drawRecoveryCode(random: Random): string {
  let bits = 0n
  for (const byte of random.bytes(RECOVERY_BYTES)) bits = bits * 256n + BigInt(byte)
  const characters = Array.from(
    { length: 16 },
    (_, index) => BASE32[Number((bits >> BigInt(5 * index)) & 31n)],
  )
  return [0, 4, 8, 12].map((from) => characters.slice(from, from + 4).join('')).join('-')
}

/** Returns a recovery code in the form that is hashed: in lower case, and without separators. */
export function plainRecoveryCode(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z2-7]/g, '')
}
