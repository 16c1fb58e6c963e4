import type { PaymentLinkId, PaymentSessionId } from '../domain/id.ts'
import { BUCKET_COUNT, bucketOf } from '../domain/id.ts'
import type { PaymentSession } from '../domain/payment-session.ts'
import { isShownSession } from '../domain/records.ts'
import type { IdempotentAnswer, InsertOutcome, PaymentSessionRecord } from '../operations/store.ts'
import { IDEMPOTENCY_KEY_LIFE_MS } from '../operations/store.ts'
import {
  columns,
  flag,
  id,
  minor,
  omitUndefined,
  optionalId,
  optionalJson,
  optionalText,
  small,
  text,
  whole,
} from './columns.ts'
import {
  type Engine,
  isLockTimeout,
  isRefusedRow,
  type Row,
  type Sql,
  type SqlValue,
} from './engine/engine.ts'
import type { Settlement } from './engine/group-commit.ts'
import { assignFrom, assignInsertedColumns, placeholders } from './engine/statement.ts'
import { findIdempotentAnswer, IDEMPOTENCY } from './idempotency-keys.ts'
import { fromJson, jsonRows } from './many-rows.ts'
import { readByKeysOf } from './read-by-keys.ts'

const SESSION = columns<PaymentSessionRecord>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  status: text(({ status }) => status),
  currency: text(({ amount }) => amount.currency),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  expires_at_ms: whole(({ expiresAtMs }) => expiresAtMs),
  attempt_count: small(({ attemptCount }) => attemptCount),
  attempt_count_max: small(({ attemptCountMax }) => attemptCountMax),
  current_attempt_id: optionalId(({ currentAttemptId }) => currentAttemptId),
  invoice_number: optionalText(({ invoiceNumber }) => invoiceNumber),
  reference_number: optionalText(({ referenceNumber }) => referenceNumber),
  echoed_json: text(({ echoedJson }) => echoedJson),
  configurations_json: optionalText(({ configurationsJson }) => configurationsJson),
  transfer_details_json: optionalText(({ transferDetailsJson }) => transferDetailsJson),
  customer_id: optionalId(({ customerId }) => customerId),
  payment_link_id: optionalId(({ paymentLinkId }) => paymentLinkId),
  virtual_account_id: optionalId(({ virtualAccountId }) => virtualAccountId),
  type_json: optionalJson(({ typeFacts }) => typeFacts),
  is_listed: flag(isShownSession),
})

const SELECT = `select ${SESSION.list('s')}`
const FIND = `${SELECT} from payment_sessions s where s.bucket = $1 and s.id = $2`

/** Makes a session from a row with its columns. */
export function recordFrom(row: Row): PaymentSessionRecord {
  const values = SESSION.read(row)
  return {
    id: values.id,
    accountId: values.account_id,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    status: values.status,
    createdAtMs: values.created_at_ms,
    expiresAtMs: values.expires_at_ms,
    attemptCount: values.attempt_count,
    attemptCountMax: values.attempt_count_max,
    currentAttemptId: values.current_attempt_id,
    echoedJson: values.echoed_json,
    ...omitUndefined({
      invoiceNumber: values.invoice_number,
      referenceNumber: values.reference_number,
      configurationsJson: values.configurations_json,
      transferDetailsJson: values.transfer_details_json,
      customerId: values.customer_id,
      paymentLinkId: values.payment_link_id,
      virtualAccountId: values.virtual_account_id,
      typeFacts: values.type_json,
    }),
  }
}

/** Locks the session's row until the transaction ends. */
export async function lockPaymentSession(
  engine: Engine,
  sql: Sql,
  id: PaymentSessionId,
): Promise<PaymentSessionRecord | undefined> {
  const [row] = await sql.all(FIND + engine.rowLock, [bucketOf(id), Number(id)])
  return row && recordFrom(row)
}

/** Writes the columns that a move can change. */
export async function updatePaymentSession(sql: Sql, session: PaymentSession): Promise<void> {
  const { attemptCount, attemptCountMax, currentAttemptId, expiresAtMs, id, status } = session
  await sql.run(
    `update payment_sessions
     set status = $3, attempt_count = $4, current_attempt_id = $5, expires_at_ms = $6,
       attempt_count_max = $7
     where bucket = $1 and id = $2`,
    [
      bucketOf(id),
      Number(id),
      status,
      attemptCount,
      currentAttemptId === undefined ? null : Number(currentAttemptId),
      expiresAtMs,
      attemptCountMax,
    ],
  )
}

/** Lists a payment link's sessions with the stored status `created`, newest first. */
export async function listOpenByLink(
  sql: Sql,
  id: PaymentLinkId,
): Promise<readonly PaymentSessionRecord[]> {
  const rows = await sql.all(
    `${SELECT} from payment_sessions s
     where s.bucket = $1 and s.payment_link_id = $2 and s.status = 'created'
     order by s.created_at_ms desc, s.id desc`,
    [bucketOf(id), Number(id)],
  )
  return rows.map(recordFrom)
}

/** Lists the sessions of a payment link, newest first. */
export async function listByLink(
  sql: Sql,
  id: PaymentLinkId,
  countMax: number,
): Promise<readonly PaymentSessionRecord[]> {
  const rows = await sql.all(
    `${SELECT} from payment_sessions s where s.bucket = $1 and s.payment_link_id = $2
     order by s.created_at_ms desc, s.id desc limit $3`,
    [bucketOf(id), Number(id), countMax],
  )
  return rows.map(recordFrom)
}

/** Implements `Store.paymentSessions.listUnshown`. */
export async function listUnshown(
  sql: Sql,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  countMax: number,
): Promise<readonly PaymentSessionRecord[]> {
  // The conditions of the index, word for word.
  const rows = await sql.all(
    `${SELECT} from payment_sessions s
     where s.status = 'created' and s.type_json like '%"type":"pos_payment"%'
       and s.created_at_ms >= $1 and s.created_at_ms < $2
     order by s.created_at_ms, s.bucket, s.id limit $3`,
    [fromMs, toMs, countMax],
  )
  return rows.map(recordFrom)
}

const LOCK_MANY = `${SELECT} from payment_sessions s
  join unnest($1::smallint[], $2::bigint[]) as wanted (bucket, id)
    on s.bucket = wanted.bucket and s.id = wanted.id
  for no key update of s skip locked`

/**
 * Locks the rows of many sessions until the transaction ends, on PostgreSQL. Sessions that another
 * transaction has locked are left out, like those that do not exist, so the statement never waits.
 */
export async function lockFreePaymentSessions(
  sql: Sql,
  ids: readonly PaymentSessionId[],
): Promise<ReadonlyMap<PaymentSessionId, PaymentSessionRecord>> {
  const rows = await sql.all(LOCK_MANY, [`{${ids.map(bucketOf).join(',')}}`, `{${ids.join(',')}}`])
  return new Map(
    rows.map((row) => {
      const session = recordFrom(row)
      return [session.id, session]
    }),
  )
}

const MOVE_COLUMNS = columns<PaymentSession>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  status: text(({ status }) => status),
  attempt_count: small(({ attemptCount }) => attemptCount),
  attempt_count_max: small(({ attemptCountMax }) => attemptCountMax),
  current_attempt_id: optionalId(({ currentAttemptId }) => currentAttemptId),
  expires_at_ms: whole(({ expiresAtMs }) => expiresAtMs),
})
const UPDATE_MANY = `update payment_sessions s
  set ${assignFrom(MOVE_COLUMNS.names.slice(2), 'v')} from ${fromJson(MOVE_COLUMNS)}
  where s.bucket = v.bucket and s.id = v.id`

/** Writes the columns that a move can change, of many sessions on PostgreSQL. */
export async function updatePaymentSessions(
  sql: Sql,
  sessions: readonly PaymentSession[],
): Promise<void> {
  await sql.run(UPDATE_MANY, [jsonRows(MOVE_COLUMNS, sessions)])
}

/** Implements `Store.paymentSessions.recordOpener`. */
export async function recordOpener(
  engine: Engine,
  id: PaymentSessionId,
  openerHash: string,
): Promise<string | undefined> {
  const key = [bucketOf(id), Number(id)]
  const findOpener = async (sql: Sql) => {
    const [row] = await sql.all(
      'select opened_by_hash from payment_sessions where bucket = $1 and id = $2',
      key,
    )
    return row?.opened_by_hash
  }
  // Only the first opening writes. Null: the session exists and has not been opened yet.
  const opener = await findOpener(engine.read)
  if (opener !== null) return opener?.toString()
  return engine.transaction(async (sql) => {
    await sql.run(
      `update payment_sessions set opened_by_hash = $3
       where bucket = $1 and id = $2 and opened_by_hash is null`,
      [...key, openerHash],
    )
    return (await findOpener(sql))?.toString()
  })
}

const readSessions = readByKeysOf({
  name: 'payment_sessions',
  columns: SESSION.list('t'),
  key: 'id',
})

/**
 * Reads many sessions in one round trip. The results are in the order of the ids; `undefined`: there is no such
 * session.
 */
export async function findPaymentSessions(
  engine: Engine,
  ids: readonly PaymentSessionId[],
): Promise<readonly Settlement<PaymentSessionRecord | undefined>[]> {
  const rows = await readSessions(engine, ids)
  return rows.map(([row]) => ({ value: row && recordFrom(row) }))
}

/** Reads one session. */
export async function findPaymentSession(
  sql: Sql,
  id: PaymentSessionId,
): Promise<PaymentSessionRecord | undefined> {
  const [row] = await sql.all(FIND, [bucketOf(id), Number(id)])
  return row && recordFrom(row)
}

/** The columns of a session, for lists of the alias `t`. */
export const LISTED_SESSION_COLUMNS = SESSION.list('t')

/** A session to store, with the answer to keep if the request had an idempotency key. */
export type PaymentSessionInsert = {
  readonly session: PaymentSessionRecord
  readonly answer: IdempotentAnswer | undefined
  readonly nowMs: number
}

/** Stores one session inside a transaction. Unless it returns `stored`, nothing is written. */
export async function insertPaymentSession(
  sql: Sql,
  { session, answer, nowMs }: PaymentSessionInsert,
): Promise<InsertOutcome> {
  if (answer !== undefined) {
    const liveFromMs = nowMs - IDEMPOTENCY_KEY_LIFE_MS
    const isNew = await sql.run(claimKeys(1), [
      ...IDEMPOTENCY.values({ answer, nowMs }),
      liveFromMs,
    ])
    if (isNew === 0) return { storedAnswer: await findStoredAnswer(sql, answer, liveFromMs) }
  }
  const storedCount = await sql.run(insertMany(1), SESSION.values(session))
  if (storedCount === 1) return 'stored'
  if (answer !== undefined) {
    await sql.run('delete from idempotency_keys where bucket = $1 and identity_hash = $2', [
      answer.bucket,
      answer.identityHash,
    ])
  }
  return 'id_taken'
}

/**
 * Stores many sessions. Sessions that can share a transaction are stored in one, by one statement if that is cheapest.
 *
 * If the database refuses one row, it refuses all rows of the transaction. The sessions are then stored one by one.
 * After a lost connection they are not: the rows may be stored, and a repetition could store them twice.
 */
export async function insertPaymentSessions(
  engine: Engine,
  inserts: readonly PaymentSessionInsert[],
): Promise<readonly Settlement<InsertOutcome>[]> {
  // The sessions of one statement all have a key or none has, and they share a bucket if rows are spread over machines.
  const groups = Map.groupBy(inserts, ({ session, answer }) => {
    const bucket = engine.isDistributed ? bucketOf(session.id) : 0
    return answer === undefined ? bucket : bucket + BUCKET_COUNT
  })
  if (groups.size === 1) return insertGroup(engine, inserts)
  return inOrder(
    inserts,
    await Promise.all(
      [...groups.values()].map(async (group) => ({
        group,
        outcomes: await insertGroup(engine, group),
      })),
    ),
  )
}

/** Some inserts, with their outcomes in the same order. */
type InsertedGroup = {
  readonly group: readonly PaymentSessionInsert[]
  readonly outcomes: readonly Settlement<InsertOutcome>[]
}

function inOrder(
  inserts: readonly PaymentSessionInsert[],
  groups: readonly InsertedGroup[],
): readonly Settlement<InsertOutcome>[] {
  const outcomeOf = new Map<PaymentSessionInsert, Settlement<InsertOutcome>>()
  for (const { group, outcomes } of groups) {
    for (const [index, insert] of group.entries()) {
      const outcome = outcomes[index]
      if (outcome !== undefined) outcomeOf.set(insert, outcome)
    }
  }
  return inserts.map(
    (insert) =>
      outcomeOf.get(insert) ?? { error: new Error('a session was left out of its batch') },
  )
}

async function insertGroup(
  engine: Engine,
  group: readonly PaymentSessionInsert[],
): Promise<readonly Settlement<InsertOutcome>[]> {
  if (!engine.prefersManyRowStatements) {
    return insertOrAlone(engine, group, () =>
      engine.gatheredTransaction((sql) => insertOneByOne(sql, group)),
    )
  }
  // One statement for sessions with keys would bring its rows to the coordinator, and only a transaction sets the lock
  // timeout on the workers.
  if (engine.isDistributed && group[0]?.answer !== undefined) return insertAlone(engine, group)
  // A statement must not contain the same key twice, so repeated keys go into a later statement.
  const keys = new Set<string>()
  const firsts: PaymentSessionInsert[] = []
  const repeats: PaymentSessionInsert[] = []
  for (const insert of group) {
    const key = insert.answer?.identityHash
    if (key !== undefined && keys.has(key)) repeats.push(insert)
    else firsts.push(insert)
    if (key !== undefined) keys.add(key)
  }
  const outcomes = await insertOrAlone(engine, firsts, () => insertTogether(engine.read, firsts))
  if (repeats.length === 0) return outcomes
  const repeatOutcomes = await insertAlone(engine, repeats)
  return inOrder(group, [
    { group: firsts, outcomes },
    { group: repeats, outcomes: repeatOutcomes },
  ])
}

async function insertOrAlone(
  engine: Engine,
  group: readonly PaymentSessionInsert[],
  insert: () => Promise<readonly Settlement<InsertOutcome>[]>,
): Promise<readonly Settlement<InsertOutcome>[]> {
  try {
    return await insert()
  } catch (error) {
    // A second try of a single insert would only wait for the same row again.
    const canHelp = group.length > 1 || !isLockTimeout(error)
    if (isRefusedRow(error) && canHelp) return insertAlone(engine, group)
    return group.map(() => settlementOf(error))
  }
}

/**
 * Returns the outcome of a failed insert: `key_in_use` if another request has locked the key's row, otherwise the
 * error.
 */
function settlementOf(error: unknown): Settlement<InsertOutcome> {
  return isLockTimeout(error) ? { value: 'key_in_use' } : { error }
}

/** Stores each session in a separate transaction, so that a refused one does not affect the others. */
function insertAlone(
  engine: Engine,
  group: readonly PaymentSessionInsert[],
): Promise<readonly Settlement<InsertOutcome>[]> {
  return Promise.all(
    group.map(async (insert): Promise<Settlement<InsertOutcome>> => {
      try {
        return { value: await engine.transaction((sql) => insertPaymentSession(sql, insert)) }
      } catch (error) {
        return settlementOf(error)
      }
    }),
  )
}

async function insertOneByOne(
  sql: Sql,
  group: readonly PaymentSessionInsert[],
): Promise<readonly Settlement<InsertOutcome>[]> {
  if (sql.runMany !== undefined && group[0]?.answer === undefined) {
    const counts = await sql.runMany(
      insertMany(1),
      group.map(({ session }) => SESSION.values(session)),
    )
    return counts.map((count) => (count === 1 ? INSERT_STORED : INSERT_ID_TAKEN))
  }
  const outcomes: Settlement<InsertOutcome>[] = []
  for (const insert of group) outcomes.push({ value: await insertPaymentSession(sql, insert) })
  return outcomes
}

const INSERT_STORED: Settlement<InsertOutcome> = { value: 'stored' }
const INSERT_ID_TAKEN: Settlement<InsertOutcome> = { value: 'id_taken' }

/** Stores sessions that all have a key, or all have none. */
async function insertTogether(
  sql: Sql,
  group: readonly PaymentSessionInsert[],
): Promise<readonly Settlement<InsertOutcome>[]> {
  // The claim and the lookup after it use the same time; otherwise a key could be neither free nor found.
  const liveFromMs = Math.min(...group.map(({ nowMs }) => nowMs)) - IDEMPOTENCY_KEY_LIFE_MS
  const keys: SqlValue[] = []
  const sessions: SqlValue[] = []
  for (const { answer, nowMs, session } of group) {
    if (answer !== undefined) keys.push(...IDEMPOTENCY.values({ answer, nowMs }))
    sessions.push(...SESSION.values(session))
  }
  const rows =
    keys.length === 0
      ? await sql.all(insertManyReturning(group.length), sessions)
      : await sql.all(insertManyWithKey(group.length), [...keys, liveFromMs, ...sessions])
  // Nearly always all are stored.
  if (rows.length === group.length) return group.map(() => INSERT_STORED)
  const storedIds = new Set(rows.map(({ id }) => String(id)))
  return Promise.all(
    group.map(async ({ answer, session }): Promise<Settlement<InsertOutcome>> => {
      if (storedIds.has(session.id)) return INSERT_STORED
      if (answer === undefined) return INSERT_ID_TAKEN
      return { value: { storedAnswer: await findStoredAnswer(sql, answer, liveFromMs) } }
    }),
  )
}

async function findStoredAnswer(
  sql: Sql,
  { bucket, identityHash }: IdempotentAnswer,
  liveFromMs: number,
): Promise<IdempotentAnswer> {
  const earlierAnswer = await findIdempotentAnswer(sql, bucket, identityHash, liveFromMs)
  // Keys are deleted long after their expiry, so the conflicting key still exists.
  if (earlierAnswer === undefined) throw new Error('an idempotency key vanished')
  return earlierAnswer
}

/** Caches statements by their number of rows, because their texts are long and repeat. */
function cacheByRowCount(write: (rowCount: number) => string): (rowCount: number) => string {
  const texts: string[] = []
  return (rowCount) => {
    texts[rowCount] ??= write(rowCount)
    return texts[rowCount]
  }
}

const insertMany = cacheByRowCount(
  (rowCount) => `insert into payment_sessions ${SESSION.insert(rowCount)} on conflict do nothing`,
)

const insertManyReturning = cacheByRowCount((rowCount) => `${insertMany(rowCount)} returning id`)

/** Writes the statement that claims new and expired keys. Its last parameter is the time from which keys are valid. */
const claimKeys = cacheByRowCount(
  (keyCount) => `insert into idempotency_keys ${IDEMPOTENCY.insert(keyCount)}
    on conflict (bucket, identity_hash) do update set ${assignInsertedColumns(IDEMPOTENCY.names.slice(2))}
    where idempotency_keys.created_at_ms <= $${IDEMPOTENCY.names.length * keyCount + 1}`,
)

/** Writes the statement that claims keys and stores the sessions of the claimed keys. */
const insertManyWithKey = cacheByRowCount((rowCount) => {
  const first = IDEMPOTENCY.names.length * rowCount + 2
  return `with new_keys as (${claimKeys(rowCount)} returning resource_id),
    wanted (${SESSION.list()}) as (values ${placeholders(rowCount, SESSION.names.length, first, SESSION.types)})
    insert into payment_sessions (${SESSION.list()}) select ${SESSION.list()} from wanted
    where id in (select resource_id from new_keys)
    returning id`
})
