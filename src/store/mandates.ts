import {
  type AccountId,
  bucketOf,
  type MandateId,
  type MandateNotificationId,
} from '../domain/id.ts'
import {
  MANDATE_QUERY_WAIT_MS_MAX,
  MANDATE_STATUSES,
  type Mandate,
  mandateEndsAtMs,
} from '../domain/mandate.ts'
import type { MandateDebit, MandateNotification } from '../domain/mandate-debit.ts'
import { NOTICE_MS } from '../domain/mandate-terms.ts'
import {
  EXAMINED_ROW_COUNT_MAX,
  type ListPage,
  type MandateFilter,
  type Page,
  type Store,
  type Transaction,
} from '../operations/store.ts'
import { claimDue } from './claim.ts'
import {
  columns,
  id,
  minor,
  omitUndefined,
  optionalId,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import { assignParameters } from './engine/statement.ts'
import {
  createRanges,
  keyWithBucket,
  type ListedTable,
  listPageFrom,
  type Ranges,
  readListPage,
  withoutSearch,
} from './list-page.ts'

const MANDATE = columns<Mandate>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  customer_id: id(({ customerId }) => customerId),
  customer_name: text(({ customerName }) => customerName),
  customer_email: optionalText(({ customerEmail }) => customerEmail),
  customer_phone: optionalText(({ customerPhone }) => customerPhone),
  enrollment_attempt_id: id(({ enrollmentAttemptId }) => enrollmentAttemptId),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  amount_rule: text(({ amountRule }) => amountRule),
  frequency: text(({ frequency }) => frequency),
  description: text(({ description }) => description),
  amount_minor: minor(({ amountMinor }) => amountMinor),
  start_on: text(({ startOn }) => startOn),
  end_on: optionalText(({ endOn }) => endOn),
  debit_day: optionalWhole(({ debitDay }) => debitDay),
  debit_rule: optionalText(({ debitRule }) => debitRule),
  upi_id: optionalText(({ upiId }) => upiId),
  status: text(({ status }) => status),
  inactive_reason: optionalText(({ inactiveReason }) => inactiveReason),
  changed_at_ms: whole(({ changedAtMs }) => changedAtMs),
  ends_at_ms: optionalWhole(mandateEndsAtMs),
  ask_at_ms: optionalWhole(({ nextQueryAtMs }) => nextQueryAtMs),
  asked_count: whole(({ queryCount }) => queryCount),
})
const CHANGING = MANDATE.names.slice(MANDATE.names.indexOf('upi_id'))

function mandateFrom(row: Row): Mandate {
  const values = MANDATE.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    customerId: values.customer_id,
    customerName: values.customer_name,
    customerEmail: values.customer_email,
    customerPhone: values.customer_phone,
    enrollmentAttemptId: values.enrollment_attempt_id,
    createdAtMs: values.created_at_ms,
    amountRule: values.amount_rule,
    frequency: values.frequency,
    description: values.description,
    amountMinor: values.amount_minor,
    startOn: values.start_on,
    endOn: values.end_on,
    debitDay: values.debit_day,
    debitRule: values.debit_rule,
    upiId: values.upi_id,
    status: values.status,
    inactiveReason: values.inactive_reason,
    changedAtMs: values.changed_at_ms,
    nextQueryAtMs: values.ask_at_ms,
    queryCount: values.asked_count,
  })
}

async function findMandate(sql: Sql, id: MandateId, lock = ''): Promise<Mandate | undefined> {
  const [row] = await sql.all(
    `select ${MANDATE.list()} from mandates where bucket = $1 and id = $2${lock}`,
    [bucketOf(id), Number(id)],
  )
  return row && mandateFrom(row)
}

const LIST_TABLE: ListedTable = {
  name: 'mandates',
  columns: MANDATE.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

/**
 * The mandates that have ended by the clock and are still stored as active or paused, with the key `k`. They are few:
 * the background work records each end within seconds.
 */
const dueKeys = (now: string) =>
  `from (select due.id from mandates due
     where due.status in ('active', 'paused') and due.ends_at_ms <= ${now}
     order by due.ends_at_ms desc limit ${EXAMINED_ROW_COUNT_MAX}) k cross join mandates t`

/** Begins a separate range for each status, because the indexes have the status before the time. */
function beginWithStatus(
  { begin, mark }: Ranges,
  conditions: readonly string[],
  status: MandateFilter['status'],
  nowMs: number,
): void {
  if (status === undefined) {
    for (const one of MANDATE_STATUSES) begin([...conditions, `t.status = '${one}'`])
    return
  }
  const canExpire = status === 'active' || status === 'paused'
  const isOpen = canExpire ? [`(t.ends_at_ms is null or t.ends_at_ms > ${mark(nowMs)})`] : []
  begin([...conditions, `t.status = '${status}'`, ...isOpen])
  if (status === 'inactive') {
    begin(
      [LIST_TABLE.keyOf, ...conditions, "t.status in ('active', 'paused')"],
      dueKeys(mark(nowMs)),
    )
  }
}

async function listMandates(
  sql: Sql,
  accountId: AccountId,
  { customerId, searchId, searchText, status }: MandateFilter,
  { nowMs, page }: { readonly page: Page; readonly nowMs: number },
): Promise<ListPage<Mandate>> {
  const ranges = createRanges(LIST_TABLE, { isEmpty: true })
  const { mark } = ranges
  // No UPI ID has the form of an id, and at most one mandate has the searched id, so no other index is searched.
  const isById = searchId !== undefined
  const account = isById ? withoutSearch('t.account_id') : 't.account_id'
  const conditions = [`${account} = ${mark(Number(accountId))}`]
  if (isById) {
    conditions.push(`t.bucket = ${mark(bucketOf(searchId))}`, `t.id = ${mark(Number(searchId))}`)
  } else if (searchText !== undefined) conditions.push(`t.upi_id = ${mark(searchText)}`)
  // The index of a UPI ID's mandates has the customer too.
  const customer = searchText === undefined ? 't.customer_id' : withoutSearch('t.customer_id')
  if (customerId !== undefined) conditions.push(`${customer} = ${mark(Number(customerId))}`)
  beginWithStatus(ranges, conditions, status, nowMs)
  return listPageFrom(await readListPage(sql, LIST_TABLE, ranges, page), mandateFrom)
}

/** Makes a store's functions for mandates. */
export const mandatesOf = ({ engine, read, readLong }: StoreContext): Store['mandates'] => ({
  find: (id) => findMandate(read, id),
  list: (accountId, filter, page, nowMs) =>
    listMandates(readLong, accountId, filter, { page, nowMs }),
  listDue: async (nowMs, countMax) => {
    const rows = await read.all(
      `select id from mandates where status in ('active', 'paused') and ends_at_ms <= $1
       order by ends_at_ms limit $2`,
      [nowMs, countMax],
    )
    return rows.map((row) => MANDATE.columns.id.read(row.id))
  },
  claim: async (nowMs, leaseMs) => {
    const waitMsMax = MANDATE_QUERY_WAIT_MS_MAX
    const row = await claimDue(engine, 'mandates', MANDATE.list(), { nowMs, leaseMs, waitMsMax })
    return row && mandateFrom(row)
  },
})

const UPDATE = `update mandates set ${assignParameters(CHANGING, 3)} where bucket = $1 and id = $2`

/** Makes a transaction's functions for mandates. */
export const mandatesIn = ({ engine, sql }: TransactionContext): Transaction['mandates'] => ({
  lock: (id) => findMandate(sql, id, engine.rowLock),
  insert: async (mandate) => {
    const count = await sql.run(
      `insert into mandates ${MANDATE.insert()} on conflict (bucket, id) do nothing`,
      MANDATE.values(mandate),
    )
    return count === 1
  },
  update: async (mandate) => {
    await sql.run(UPDATE, MANDATE.valuesOf(['bucket', 'id', ...CHANGING], mandate))
  },
  hasOpen: async (accountId, customerId, nowMs) => {
    const rows = await sql.all(
      `select id from mandates where account_id = $1 and customer_id = $2
       and status in ('processing', 'active', 'paused')
       and (ends_at_ms is null or ends_at_ms > $3) limit 1`,
      [Number(accountId), Number(customerId), nowMs],
    )
    return rows.length > 0
  },
})

const NOTIFICATION = columns<MandateNotification>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  mandate_id: id(({ mandateId }) => mandateId),
  account_id: id(({ accountId }) => accountId),
  amount_minor: minor(({ amountMinor }) => amountMinor),
  execution_on: text(({ executionOn }) => executionOn),
  description: text(({ description }) => description),
  invoice_number: text(({ invoiceNumber }) => invoiceNumber),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  status: text(({ status }) => status),
  processor_reference: optionalText(({ processorReference }) => processorReference),
  ask_at_ms: optionalWhole(({ nextQueryAtMs }) => nextQueryAtMs),
  asked_count: whole(({ queryCount }) => queryCount),
})
/** The columns that an answer of the processor changes. */
const ANSWER_COLUMNS = NOTIFICATION.names.slice(NOTIFICATION.names.indexOf('status'))

function notificationFrom(row: Row): MandateNotification {
  const values = NOTIFICATION.read(row)
  return omitUndefined({
    id: values.id,
    mandateId: values.mandate_id,
    accountId: values.account_id,
    amountMinor: values.amount_minor,
    executionOn: values.execution_on,
    description: values.description,
    invoiceNumber: values.invoice_number,
    createdAtMs: values.created_at_ms,
    status: values.status,
    processorReference: values.processor_reference,
    nextQueryAtMs: values.ask_at_ms,
    queryCount: values.asked_count,
  })
}

async function findNotification(
  sql: Sql,
  id: MandateNotificationId,
): Promise<MandateNotification | undefined> {
  const [row] = await sql.all(
    `select ${NOTIFICATION.list()} from mandate_notifications where bucket = $1 and id = $2`,
    [bucketOf(id), Number(id)],
  )
  return row && notificationFrom(row)
}

/** Makes a store's functions for notifications. */
export const mandateNotificationsOf = ({
  engine,
  read,
}: StoreContext): Store['mandateNotifications'] => ({
  find: (id) => findNotification(read, id),
  listByMandate: async (id, countMax) => {
    const rows = await read.all(
      `select ${NOTIFICATION.list()} from mandate_notifications where bucket = $1 and mandate_id = $2
       order by created_at_ms desc, id desc limit $3`,
      [bucketOf(id), Number(id), countMax],
    )
    return rows.map(notificationFrom)
  },
  claim: async (nowMs, leaseMs) => {
    const row = await claimDue(engine, 'mandate_notifications', NOTIFICATION.list(), {
      nowMs,
      leaseMs,
    })
    return row && notificationFrom(row)
  },
})

/** Makes a transaction's functions for notifications. */
export const mandateNotificationsIn = ({
  sql,
}: TransactionContext): Transaction['mandateNotifications'] => ({
  find: (id) => findNotification(sql, id),
  insert: async (notification) => {
    const count = await sql.run(
      `insert into mandate_notifications ${NOTIFICATION.insert()} on conflict (bucket, id) do nothing`,
      NOTIFICATION.values(notification),
    )
    return count === 1
  },
  update: async (notification) => {
    const count = await sql.run(
      `update mandate_notifications set ${assignParameters(ANSWER_COLUMNS, 3)}
       where bucket = $1 and id = $2 and status = 'initiated'`,
      NOTIFICATION.valuesOf(['bucket', 'id', ...ANSWER_COLUMNS], notification),
    )
    return count === 1
  },
})

const DEBIT = columns<MandateDebit>()({
  bucket: small(({ mandateId }) => bucketOf(mandateId)),
  id: id(({ attemptId }) => attemptId),
  mandate_id: id(({ mandateId }) => mandateId),
  payment_session_id: id(({ sessionId }) => sessionId),
  cycle_on: optionalText(({ cycleOn }) => cycleOn),
  notification_id: optionalId(({ notificationId }) => notificationId),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  status: text(({ status }) => status),
  ask_at_ms: optionalWhole(({ chargeAtMs }) => chargeAtMs),
})

function debitFrom(row: Row): MandateDebit {
  const values = DEBIT.read(row)
  return omitUndefined({
    mandateId: values.mandate_id,
    attemptId: values.id,
    sessionId: values.payment_session_id,
    cycleOn: values.cycle_on,
    notificationId: values.notification_id,
    createdAtMs: values.created_at_ms,
    status: values.status,
    chargeAtMs: values.ask_at_ms,
  })
}

/** Makes a store's functions for debits of mandates. */
export const mandateDebitsOf = ({ engine }: StoreContext): Store['mandateDebits'] => ({
  claim: async (nowMs, leaseMs) => {
    // With a minute for clocks that differ.
    const waitMsMax = NOTICE_MS + 60_000
    const row = await claimDue(engine, 'mandate_debits', DEBIT.list(), {
      nowMs,
      leaseMs,
      waitMsMax,
    })
    return row && debitFrom(row)
  },
})

const SELECT_DEBIT = `select ${DEBIT.list()} from mandate_debits where bucket = $1`

/** Makes a transaction's functions for debits of mandates. */
export const mandateDebitsIn = ({ sql }: TransactionContext): Transaction['mandateDebits'] => {
  const findOne = async (condition: string, params: readonly (string | number)[]) => {
    const [row] = await sql.all(`${SELECT_DEBIT} and ${condition}`, params)
    return row && debitFrom(row)
  }
  return {
    find: (mandateId, attemptId) => findOne('id = $2', [bucketOf(mandateId), Number(attemptId)]),
    findByCycle: (mandateId, cycleOn) =>
      findOne('mandate_id = $2 and cycle_on = $3', [
        bucketOf(mandateId),
        Number(mandateId),
        cycleOn,
      ]),
    findByNotification: (id) => findOne('notification_id = $2', [bucketOf(id), Number(id)]),
    insert: async (debit) => {
      await sql.run(`insert into mandate_debits ${DEBIT.insert()}`, DEBIT.values(debit))
    },
    update: async (debit) => {
      await sql.run(
        `update mandate_debits set created_at_ms = $3, status = $4, ask_at_ms = $5
         where bucket = $1 and id = $2`,
        DEBIT.valuesOf(['bucket', 'id', 'created_at_ms', 'status', 'ask_at_ms'], debit),
      )
    },
    delete: async (mandateId, attemptId) => {
      await sql.run('delete from mandate_debits where bucket = $1 and id = $2', [
        bucketOf(mandateId),
        Number(attemptId),
      ])
    },
  }
}
