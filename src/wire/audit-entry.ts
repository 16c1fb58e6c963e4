import type { AuditEntry } from '../domain/audit-log.ts'

/** Makes the object of an entry of the audit log. Paydesk only. */
export function auditEntryFields({
  action,
  actor,
  after,
  atMs,
  before,
  number,
  objectId,
}: AuditEntry) {
  return {
    number,
    time: new Date(atMs).toISOString(),
    actor: { kind: actor.kind, name: actor.name },
    action,
    object_id: objectId,
    before,
    after,
  }
}
