import type { ErasedKind } from '../domain/erasure.ts'
import { bucketOf } from '../domain/id.ts'
import type {
  ErasureCounts,
  FoundObject,
  PersonalObject,
  PersonalPage,
  PersonalState,
  PersonalStep,
  Store,
} from '../operations/store.ts'
import type { StoreContext } from './context.ts'
import type { Engine, Row, Sql, SqlValue } from './engine/engine.ts'
import { type EraseValue, PERSONAL_TABLES } from './personal-columns.ts'

/** The maximum number of objects of one step. */
const STEP_COUNT = 100

const ATTEMPTS = '(select id from payment_attempts where bucket = $1 and payment_session_id = $2)'
const REFUNDS = `(select id from refunds where bucket = $1 and payment_attempt_id in ${ATTEMPTS})`
const TRANSFERS = `(select id from transfers where bucket = $1 and payment_attempt_id in ${ATTEMPTS})`
const NOTICES = '(select id from mandate_notifications where bucket = $1 and mandate_id = $2)'
const METHODS = '(select id from payment_methods where bucket = $1 and customer_id = $2)'
const METHOD_SESSIONS =
  '(select id from payment_method_sessions where bucket = $1 and customer_id = $2)'

/** The rows of some tables: a condition on rows in the bucket `$1`, for the object `$2`. */
type Rows = readonly (readonly [table: string, where: string])[]

const eventsOf = (subject: string): Rows => [
  ['webhook_events', subject],
  [
    'webhook_delivery_attempts',
    `event_id in (select id from webhook_events where bucket = $1 and ${subject})`,
  ],
]

/** The rows with personal data that belong to an object. They share its bucket. */
const ROWS: Readonly<Record<PersonalObject['kind'], Rows>> = {
  session: [
    ['payment_sessions', 'id = $2'],
    ['payment_attempts', 'payment_session_id = $2'],
    ['refunds', `payment_attempt_id in ${ATTEMPTS}`],
    ['transfers', `payment_attempt_id in ${ATTEMPTS}`],
    ['transfer_reversals', `transfer_id in ${TRANSFERS}`],
    ['messages', `subject_id in ${ATTEMPTS}`],
    ...eventsOf('subject_id = $2'),
    [
      'idempotency_keys',
      `(resource_id = $2 or resource_id in ${ATTEMPTS} or resource_id in ${REFUNDS} or resource_id in ${TRANSFERS}
        or resource_id in (select id from transfer_reversals where bucket = $1 and transfer_id in ${TRANSFERS}))`,
    ],
    ['sandbox_charges', `attempt_id in ${ATTEMPTS}`],
  ],
  payment_link: [
    ['payment_links', 'id = $2'],
    ['messages', 'subject_id = $2'],
    ...eventsOf('subject_id = $2'),
    ['idempotency_keys', 'resource_id = $2'],
  ],
  mandate: [
    ['mandates', 'id = $2'],
    ['mandate_notifications', 'mandate_id = $2'],
    ['messages', `subject_id in ${NOTICES}`],
    ...eventsOf('subject_id = $2'),
    ['idempotency_keys', `(resource_id = $2 or resource_id in ${NOTICES})`],
    ['sandbox_mandates', 'mandate_id = $2'],
  ],
  virtual_account: [
    ['virtual_accounts', 'id = $2'],
    ...eventsOf('subject_id = $2'),
    ['idempotency_keys', 'resource_id = $2'],
  ],
  customer: [
    // Only deleted and refused methods: the operation has deleted those that could still be charged.
    ['payment_methods', `customer_id = $2 and status in ('deleted', 'refused')`],
    ['payment_method_sessions', 'customer_id = $2'],
    ...eventsOf(`subject_id in ${METHODS}`),
    [
      'idempotency_keys',
      `(resource_id = $2 or resource_id in ${METHODS} or resource_id in ${METHOD_SESSIONS})`,
    ],
    ['sandbox_saves', `payment_method_id in ${METHODS}`],
  ],
}

type Erasure = Parameters<Store['personalData']['erase']>[1]

function eraseObject(
  engine: Engine,
  { id, kind }: PersonalObject,
  erasure: Erasure,
): Promise<ErasureCounts> {
  const params = [bucketOf(id), Number(id)]
  return engine.longTransaction(async (sql) => {
    const counts: Partial<Record<ErasedKind, { foundCount: number; erasedCount: number }>> = {}
    for (const [table, where] of ROWS[kind]) {
      const { kind: name = 'sandbox_rows' } = PERSONAL_TABLES[table] ?? {}
      const rows = await eraseRows(sql, { table, where, params, lock: engine.rowLock }, erasure)
      const before = counts[name] ?? { foundCount: 0, erasedCount: 0 }
      counts[name] = {
        foundCount: before.foundCount + rows.foundCount,
        erasedCount: before.erasedCount + rows.erasedCount,
      }
    }
    return counts
  })
}

type SelectedRows = {
  readonly table: string
  readonly where: string
  readonly params: readonly SqlValue[]
  readonly lock: string
}

/** Erases the columns of the selected rows, or deletes the rows, as their table demands. */
async function eraseRows(
  sql: Sql,
  { lock, params, table, where }: SelectedRows,
  { eraseSealed, isDryRun }: Erasure,
): Promise<{ readonly foundCount: number; readonly erasedCount: number }> {
  const { erased: erasedColumns = {}, isDeleted, key } = PERSONAL_TABLES[table] ?? { key: [] }
  const columns = Object.entries(erasedColumns)
  const names = [...key, ...columns.map(([name]) => name)]
  const rows = await sql.all(
    `select ${names.join(', ')} from ${table} where bucket = $1 and ${where}${lock}`,
    params,
  )
  let erasedCount = 0
  for (const row of rows) {
    const changes = isDeleted === true ? [] : changesOf(row, columns, eraseSealed)
    if (isDeleted !== true && changes.length === 0) continue
    erasedCount += 1
    if (isDryRun) continue
    const ofRow = key.map((name, index) => `${name} = $${index + 1}`).join(' and ')
    const set = changes.map(([name], index) => `${name} = $${key.length + index + 1}`)
    await sql.run(
      isDeleted === true
        ? `delete from ${table} where ${ofRow}`
        : `update ${table} set ${set.join(', ')} where ${ofRow}`,
      [...key.map((name) => row[name] ?? null), ...changes.map(([, value]) => value)],
    )
  }
  return { foundCount: rows.length, erasedCount }
}

function changesOf(
  row: Row,
  columns: readonly (readonly [string, EraseValue])[],
  eraseSealed: Erasure['eraseSealed'],
): readonly (readonly [string, SqlValue])[] {
  return columns.flatMap(([name, eraseValue]) => {
    const present = row[name]
    if (present === null || present === undefined) return []
    const next = eraseValue(String(present), eraseSealed)
    return next === present ? [] : [[name, next] as const]
  })
}

/** The columns that decide the state of a session `s`. `$3` is the current time. */
const SESSION = `s.bucket, s.id, s.customer_id,
  case when s.status = 'in_progress' then 'in_progress'
    when exists (select 1 from payment_attempts p
      join disputes d on d.bucket = p.bucket and d.payment_attempt_id = p.id
      where p.bucket = s.bucket and p.payment_session_id = s.id and d.status = 'open') then 'disputed'
    when s.status = 'created' and s.expires_at_ms > $3 then 'open' else 'ended' end as state`

const AFTER = '($4, $5)'
const inOrder = (row: string) =>
  `and (${row}.created_at_ms, ${row}.id) > ${AFTER}
   order by ${row}.created_at_ms, ${row}.id limit ${STEP_COUNT}`

/** A select of objects after a position. `$1` account, `$2` value of the source, `$3` time, `$4` and `$5` position. */
type Select = { readonly kind: PersonalObject['kind']; readonly text: string }

function selectByCustomer(kind: 'session' | 'mandate' | 'virtual_account'): Select {
  if (kind === 'session') {
    return {
      kind,
      text: `select ${SESSION}, s.created_at_ms as first, s.id as second from payment_sessions s
        where s.account_id = $1 and s.customer_id = $2 ${inOrder('s')}`,
    }
  }
  const [table, open] =
    kind === 'mandate'
      ? [
          'mandates',
          `t.status = 'processing' or (t.status in ('active', 'paused') and (t.ends_at_ms is null or t.ends_at_ms > $3))`,
        ]
      : ['virtual_accounts', `t.status = 'active' and t.ends_at_ms > $3`]
  return {
    kind,
    text: `select t.bucket, t.id, t.customer_id, t.created_at_ms as first, t.id as second,
        case when ${open} then 'open' else 'ended' end as state from ${table} t
      where t.account_id = $1 and t.customer_id = $2 ${inOrder('t')}`,
  }
}

function selectByContact(by: 'email' | 'phone', kind: 'session' | 'payment_link'): Select {
  if (kind === 'payment_link') {
    return {
      kind,
      text: `select l.bucket, l.id, null as customer_id, l.created_at_ms as first, l.id as second,
          case when l.status <> 'active' then 'ended' when l.current_session_id is not null then 'in_progress'
            when l.due_at_ms > $3 then 'open' else 'ended' end as state from payment_links l
        where l.account_id = $1 and l.${by === 'email' ? 'email' : 'phone_digits'} = $2 ${inOrder('l')}`,
    }
  }
  return {
    kind,
    text: `select ${SESSION}, a.created_at_ms as first, a.id as second from payment_attempts a
        join payment_sessions s on s.bucket = a.bucket and s.id = a.payment_session_id
      where a.account_id = $1 and a.${by === 'email' ? 'customer_email' : 'customer_phone'} = $2 ${inOrder('a')}`,
  }
}

/**
 * No index has the contacts with which a merchant fills in a session's checkout page, so this reads the account's rows of
 * a bucket.
 */
const CONFIGURED_SESSIONS = `select ${SESSION}, 0 as first, s.id as second, s.configurations_json
  from payment_sessions s where s.bucket = $6 and s.account_id = $1 and (0, s.id) > ${AFTER}
    and s.configurations_json like $2 order by s.id limit ${STEP_COUNT}`

const LINK_SESSIONS = `select ${SESSION}, s.created_at_ms as first, s.id as second from payment_sessions s
  where s.bucket = $6 and s.account_id = $1 and s.payment_link_id = $2 ${inOrder('s')}`

async function listObjects(
  sql: Sql,
  { accountId, after = [-1, -1], customerIds, nowMs, source }: PersonalStep,
): Promise<PersonalPage> {
  const select = (value: SqlValue, text: string, ...more: readonly SqlValue[]) =>
    sql.all(text, [Number(accountId), value, nowMs, ...after, ...more])
  const own = new Set(customerIds.map(Number))
  const pageOf = (kind: PersonalObject['kind'], rows: readonly Row[]): PersonalPage => {
    const last = rows.at(-1)
    const hasMore = last !== undefined && rows.length === STEP_COUNT
    return {
      found: rows.map((row) => foundFrom(kind, row, own)),
      nextAfter: hasMore ? [Number(last.first), Number(last.second)] : undefined,
    }
  }
  switch (source.by) {
    case 'customer': {
      const { kind, text } = selectByCustomer(source.kind)
      return pageOf(kind, await select(Number(source.customerId), text))
    }
    case 'email':
    case 'phone': {
      const { kind, text } = selectByContact(source.by, source.kind)
      return pageOf(kind, await select(source.value, text))
    }
    case 'configurations': {
      const json = JSON.stringify(source.value)
        .slice(1, -1)
        .replaceAll(/[\\%_]/g, '_')
      const rows = await select(`%${json}%`, CONFIGURED_SESSIONS, source.bucket)
      const page = pageOf('session', rows)
      const foundObjects = page.found.filter((_, index) => isFilledIn(rows[index], source.value))
      return { ...page, found: foundObjects }
    }
    case 'payment_link':
      return pageOf(
        'session',
        await select(Number(source.linkId), LINK_SESSIONS, bucketOf(source.linkId)),
      )
  }
}

/** Returns true if a session's configurations have the contact as a whole value: the pattern also finds parts. */
function isFilledIn(row: Row | undefined, contact: string): boolean {
  let isFound = false
  JSON.parse(String(row?.configurations_json), (name, value) => {
    if (name === 'email' && value === contact) isFound = true
    if (name === 'phone' && String(value).replaceAll(/\D/g, '').endsWith(contact)) isFound = true
    return value
  })
  return isFound
}

function foundFrom(kind: PersonalObject['kind'], row: Row, own: ReadonlySet<number>): FoundObject {
  const { customer_id: customerId } = row
  return {
    object: { kind, id: String(row.id) } as PersonalObject,
    state: row.state as PersonalState,
    isOthers: customerId != null && !own.has(Number(customerId)),
  }
}

/** Makes a store's functions for personal data. */
export const personalDataOf = ({ engine, readLong }: StoreContext): Store['personalData'] => ({
  list: (step) => listObjects(readLong, step),
  erase: (object, erasure) => eraseObject(engine, object, erasure),
})
