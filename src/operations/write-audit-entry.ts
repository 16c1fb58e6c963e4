import {
  type AuditAction,
  type AuditActor,
  type AuditValues,
  differences,
} from '../domain/audit-log.ts'
import type { Clock } from '../domain/clock.ts'
import type { Transaction } from './store.ts'

/** The dependencies of an operation that the audit log records. */
export type AuditDeps = { readonly clock: Clock; readonly actor: AuditActor }

/** A change to record. `before` and `after` are the object's public values; only differences are stored. */
type AuditedChange = {
  readonly action: AuditAction
  readonly objectId: string
  /** Undefined: there are none, as for a new object. */
  readonly before?: AuditValues
  /** Undefined: there are none, as for a deleted object. */
  readonly after?: AuditValues
}

/**
 * Records a change in the transaction that makes it. Write it last, because entries get their numbers in turn: other
 * changes wait until this transaction ends.
 */
export async function writeAuditEntry(
  tx: Pick<Transaction, 'auditLog'>,
  { actor, clock }: AuditDeps,
  { action, after = {}, before = {}, objectId }: AuditedChange,
): Promise<void> {
  const changes = differences(before, after)
  const isEmpty = Object.keys(changes.before).length + Object.keys(changes.after).length === 0
  // An update to the same values is not a change.
  if (isEmpty && action.endsWith('.update')) return
  await tx.auditLog.insert({
    ...changes,
    action,
    actor,
    atMs: clock.nowMs(),
    objectId,
  })
}
