import type { AuditEntry, AuditFilter } from '../domain/audit-log.ts'
import type { Store, Transaction } from '../operations/store.ts'
import { columns, json, text, whole } from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql, SqlValue } from './engine/engine.ts'

const ENTRY = columns<AuditEntry>()({
  number: whole(({ number }) => number),
  at_ms: whole(({ atMs }) => atMs),
  actor_kind: text(({ actor }) => actor.kind),
  actor_name: text(({ actor }) => actor.name),
  action: text(({ action }) => action),
  object_id: text(({ objectId }) => objectId),
  before_json: json(({ before }) => before),
  after_json: json(({ after }) => after),
})

function entryFrom(row: Row): AuditEntry {
  const values = ENTRY.read(row)
  return {
    number: values.number,
    atMs: values.at_ms,
    actor: { kind: values.actor_kind, name: values.actor_name },
    action: values.action,
    objectId: values.object_id,
    before: values.before_json,
    after: values.after_json,
  }
}

/** The name of the row with the last entry's number. Transactions that add entries take turns to change this row. */
const LAST_NUMBER = 'audit_log_number'

async function insertAuditEntry(sql: Sql, entry: Omit<AuditEntry, 'number'>): Promise<void> {
  const [row] = await sql.all(
    `insert into installation (name, value) values ($1, '1')
     on conflict (name) do update set value = cast(cast(installation.value as bigint) + 1 as text)
     returning value`,
    [LAST_NUMBER],
  )
  await sql.run(
    `insert into audit_log ${ENTRY.insert()}`,
    ENTRY.values({ ...entry, number: Number(row?.value) }),
  )
}

function conditionOf({ action, beforeNumber, fromMs, objectId, toMs }: AuditFilter): {
  readonly where: string
  readonly params: readonly SqlValue[]
} {
  const params: SqlValue[] = []
  const conditions: string[] = []
  const add = (condition: string, value: SqlValue | undefined) => {
    if (value === undefined) return
    params.push(value)
    conditions.push(`${condition} $${params.length}`)
  }
  add('at_ms >=', fromMs)
  add('at_ms <', toMs)
  add('action =', action)
  add('object_id =', objectId)
  add('number <', beforeNumber)
  return { where: conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`, params }
}

async function listAuditEntries(
  sql: Sql,
  filter: AuditFilter,
  countMax: number,
): Promise<readonly AuditEntry[]> {
  const { params, where } = conditionOf(filter)
  const rows = await sql.all(
    `select ${ENTRY.list()} from audit_log${where} order by number desc limit $${params.length + 1}`,
    [...params, countMax],
  )
  return rows.map(entryFrom)
}

async function countAuditEntries(sql: Sql, filter: AuditFilter, countMax: number): Promise<number> {
  const { params, where } = conditionOf(filter)
  const [row] = await sql.all(
    `select count(*) as total from
       (select 1 from audit_log${where} order by number desc limit $${params.length + 1}) c`,
    [...params, countMax],
  )
  return Number(row?.total)
}

/** Makes a store's functions for the audit log. */
export const auditLogOf = ({ readLong }: StoreContext): Store['auditLog'] => ({
  list: (filter, countMax) => listAuditEntries(readLong, filter, countMax),
  count: (filter, countMax) => countAuditEntries(readLong, filter, countMax),
})

/** Makes a transaction's functions for the audit log. */
export const auditLogIn = ({ sql }: TransactionContext): Transaction['auditLog'] => ({
  insert: (entry) => insertAuditEntry(sql, entry),
})
