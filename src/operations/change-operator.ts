import type { Operator, OperatorIdentity, OperatorRecord } from '../domain/operator.ts'
import { operatorFields } from '../wire/operator.ts'
import type { Store } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = AuditDeps & { readonly store: Pick<Store, 'transaction'> }

/** The fields of an operator that can change. Absent: no change. */
export type OperatorChange = Partial<
  Pick<Operator, 'name' | 'role' | 'accountIds' | 'refundMaxMinor'>
>

/** Changes an operator. The next request of the operator has the new permissions. Undefined: no such operator. */
export function changeOperator(
  deps: Deps,
  operatorId: string,
  change: OperatorChange,
): Promise<Operator | undefined> {
  return update(deps, operatorId, (before) => ({ ...before, ...change }))
}

/**
 * Keeps an operator from signing in, and ends the operator's sessions and invitation at once. Undefined: no such
 * operator.
 */
export function disableOperator(deps: Deps, operatorId: string): Promise<Operator | undefined> {
  return update(deps, operatorId, (before) => ({
    ...before,
    disabledAtMs: before.disabledAtMs ?? deps.clock.nowMs(),
    invitation: undefined,
  }))
}

/** Lets a disabled operator sign in again. Undefined: no such operator. */
export function enableOperator(deps: Deps, operatorId: string): Promise<Operator | undefined> {
  return update(deps, operatorId, (before) => ({ ...before, disabledAtMs: undefined }))
}

/**
 * Connects an operator with a person at an identity provider. The next sign-in through the provider is this operator's, and
 * sets the role. `taken`: another operator has the identity. Undefined: no such operator.
 */
export function linkOperator(
  { clock, actor, store }: Deps,
  operatorId: string,
  identity: OperatorIdentity,
): Promise<Operator | 'taken' | undefined> {
  return store.transaction(async (tx) => {
    const owner = await tx.operators.lockByIdentity(identity)
    if (owner !== undefined && owner.id !== operatorId) return 'taken'
    const operator = await tx.operators.lock(operatorId)
    if (operator === undefined) return undefined
    await tx.operators.update({ ...operator, identity })
    await writeAuditEntry(
      tx,
      { clock, actor },
      {
        action: 'operator.update',
        objectId: operatorId,
        before: identityFields(operator.identity),
        after: identityFields(identity),
      },
    )
    return operator
  })
}

function identityFields(identity: OperatorIdentity | undefined) {
  return { provider: identity?.issuer ?? null, subject: identity?.subject ?? null }
}

/** Ends all sessions of an operator. Returns their number. */
export function endOperatorSessions(deps: Deps, operatorId: string): Promise<number> {
  return deps.store.transaction(async (tx) => {
    const count = await tx.operators.deleteSessions(operatorId)
    await writeAuditEntry(tx, deps, {
      action: 'operator.sign_out',
      objectId: operatorId,
      before: { sessions: count },
    })
    return count
  })
}

function update(
  deps: Deps,
  operatorId: string,
  change: (before: OperatorRecord) => OperatorRecord,
): Promise<Operator | undefined> {
  return deps.store.transaction(async (tx) => {
    const before = await tx.operators.lock(operatorId)
    if (before === undefined) return undefined
    const after = change(before)
    await tx.operators.update(after)
    if (after.disabledAtMs !== undefined) await tx.operators.deleteSessions(operatorId)
    await writeAuditEntry(tx, deps, {
      action: 'operator.update',
      objectId: operatorId,
      before: operatorFields(before),
      after: operatorFields(after),
    })
    return after
  })
}
