import type { AccountId } from '../domain/id.ts'
import type { Operator, OperatorRecord, OperatorRole } from '../domain/operator.ts'
import { OPERATOR_INVITATION_MS } from '../domain/operator-session.ts'
import type { Random } from '../domain/random.ts'
import { hashSecret } from '../domain/secret.ts'
import { operatorFields } from '../wire/operator.ts'
import type { Store } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = AuditDeps & {
  readonly random: Random
  readonly store: Pick<Store, 'transaction'>
}

/** An operator with the secret of an invitation, which cannot be read later. */
export type InvitedOperator = {
  readonly operator: OperatorRecord
  readonly invitationToken: string
}

/** The fields of a new operator. */
export type OperatorRequest = {
  readonly name: string
  /** In lower case. */
  readonly email: string
  readonly role: OperatorRole
  readonly accountIds: readonly AccountId[] | undefined
  readonly refundMaxMinor: bigint | undefined
  readonly accountRefundMax?: Operator['accountRefundMax']
}

/** Makes an operator with an invitation. Undefined: another operator has the e-mail address. */
export async function createOperator(
  deps: Deps,
  request: OperatorRequest,
): Promise<InvitedOperator | undefined> {
  const { invitation, token } = drawInvitation(deps)
  const operator: OperatorRecord = {
    ...request,
    id: drawOperatorId(deps.random),
    createdAtMs: deps.clock.nowMs(),
    disabledAtMs: undefined,
    credentials: undefined,
    invitation,
    identity: undefined,
  }
  const isNew = await deps.store.transaction(async (tx) => {
    if (!(await tx.operators.insert(operator))) return false
    await writeAuditEntry(tx, deps, {
      action: 'operator.create',
      objectId: operator.id,
      after: operatorFields(operator),
    })
    return true
  })
  return isNew ? { operator, invitationToken: token } : undefined
}

/**
 * Makes a new invitation for an operator, such as one who has lost the phone with the codes. An earlier invitation ends.
 * The current password works until the new invitation is accepted. Undefined: no such operator.
 */
export function inviteAgain(deps: Deps, operatorId: string): Promise<InvitedOperator | undefined> {
  const { invitation, token } = drawInvitation(deps)
  return deps.store.transaction(async (tx) => {
    const before = await tx.operators.lock(operatorId)
    if (before === undefined) return undefined
    const operator = { ...before, invitation }
    await tx.operators.update(operator)
    await writeAuditEntry(tx, deps, {
      action: 'operator.invite',
      objectId: operator.id,
      after: { invitation_ends: new Date(invitation.endsAtMs).toISOString() },
    })
    return { operator, invitationToken: token }
  })
}

/** Draws the id of a new operator. */
export function drawOperatorId(random: Random): string {
  return `op_${Buffer.from(random.bytes(8)).toString('hex')}`
}

function drawInvitation({ clock, random }: Pick<Deps, 'clock' | 'random'>) {
  const token = Buffer.from(random.bytes(32)).toString('base64url')
  const endsAtMs = clock.nowMs() + OPERATOR_INVITATION_MS
  return { token, invitation: { tokenHash: hashSecret(token), endsAtMs } }
}
