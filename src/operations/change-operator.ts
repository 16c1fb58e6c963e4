import {
  type Operator,
  type OperatorChangeRefusal,
  type OperatorIdentity,
  type OperatorRecord,
  refusalOfOperatorChange,
} from '../domain/operator.ts'
import { operatorFields } from '../wire/operator.ts'
import type { Store, Transaction } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = AuditDeps & { readonly store: Pick<Store, 'transaction'> }

/** The fields of an operator that can change. Absent: no change. */
export type OperatorChange = Partial<
  Pick<Operator, 'name' | 'role' | 'accountIds' | 'accountRefundMax' | 'refundMaxMinor'>
>

/** Changes an operator. The next request of the operator has the new permissions. Undefined: no such operator. */
export function changeOperator(
  deps: Deps,
  operatorId: string,
  change: OperatorChange,
): Promise<OperatorRecord | undefined> {
  return update(deps, operatorId, changedBy(change))
}

/** A change of another operator's permissions, in the console. */
export type PermissionChange = OperatorChange | 'disable' | 'enable'

/**
 * Changes the permissions of an operator, as another operator requests. Both rows are locked in the order of their ids,
 * so that two administrators who disable each other at the same time do not both succeed. Undefined: no such operator.
 */
export function changeOperatorBy(
  deps: Deps,
  byId: string,
  operatorId: string,
  change: PermissionChange,
): Promise<Operator | { readonly refused: OperatorChangeRefusal } | undefined> {
  return deps.store.transaction(async (tx) => {
    const operators = new Map<string, OperatorRecord>()
    for (const id of [...new Set([byId, operatorId])].toSorted()) {
      const operator = await tx.operators.lock(id)
      if (operator !== undefined) operators.set(id, operator)
    }
    const [by, target] = [operators.get(byId), operators.get(operatorId)]
    if (by === undefined) return { refused: 'not_permitted' }
    if (target === undefined) return undefined
    const refusal = refusalOfOperatorChange(by, target)
    if (refusal !== undefined) return { refused: refusal }
    return save(tx, deps, target, stepOf(deps, change)(target))
  })
}

function stepOf(deps: Deps, change: PermissionChange): (before: OperatorRecord) => OperatorRecord {
  if (change === 'disable') return disabledBy(deps)
  return change === 'enable' ? enable : changedBy(change)
}

function changedBy(change: OperatorChange): (before: OperatorRecord) => OperatorRecord {
  return (before) => ({ ...before, ...change })
}

function disabledBy({ clock }: Deps): (before: OperatorRecord) => OperatorRecord {
  return (before) => ({
    ...before,
    disabledAtMs: before.disabledAtMs ?? clock.nowMs(),
    invitation: undefined,
  })
}

function enable(before: OperatorRecord): OperatorRecord {
  return { ...before, disabledAtMs: undefined }
}

/**
 * Keeps an operator from signing in, and ends the operator's sessions and invitation at once. Undefined: no such
 * operator.
 */
export function disableOperator(
  deps: Deps,
  operatorId: string,
): Promise<OperatorRecord | undefined> {
  return update(deps, operatorId, disabledBy(deps))
}

/** Lets a disabled operator sign in again. Undefined: no such operator. */
export function enableOperator(
  deps: Deps,
  operatorId: string,
): Promise<OperatorRecord | undefined> {
  return update(deps, operatorId, enable)
}

/**
 * Connects an operator with a person at an identity provider. When this person next signs in through the provider, they
 * sign in as this operator, with the role from the provider. `taken`: another operator has the identity. Undefined: no
 * such operator.
 */
export function linkOperator(
  { clock, actor, store }: Deps,
  operatorId: string,
  identity: OperatorIdentity,
): Promise<OperatorRecord | 'taken' | undefined> {
  return store.transaction(async (tx) => {
    const owner = await tx.operators.lockByIdentity(identity)
    if (owner !== undefined && owner.id !== operatorId) return 'taken'
    const operator = await tx.operators.lock(operatorId)
    if (operator === undefined) return undefined
    const linkedOperator = { ...operator, identity }
    await tx.operators.update(linkedOperator)
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
    return linkedOperator
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
  step: (before: OperatorRecord) => OperatorRecord,
): Promise<OperatorRecord | undefined> {
  return deps.store.transaction(async (tx) => {
    const before = await tx.operators.lock(operatorId)
    return before && save(tx, deps, before, step(before))
  })
}

async function save(
  tx: Transaction,
  deps: Deps,
  before: OperatorRecord,
  after: OperatorRecord,
): Promise<OperatorRecord> {
  await tx.operators.update(after)
  if (after.disabledAtMs !== undefined) await tx.operators.deleteSessions(after.id)
  await writeAuditEntry(tx, deps, {
    action: 'operator.update',
    objectId: after.id,
    before: operatorFields(before),
    after: operatorFields(after),
  })
  return after
}
