import {
  type AccountId,
  bucketOf,
  type CustomerId,
  type PaymentAttemptId,
  type PaymentLinkId,
  type PaymentSessionId,
} from '../domain/id.ts'
import type { Mandate } from '../domain/mandate.ts'
import type { Money } from '../domain/money.ts'
import { PAYMENT_ATTEMPT_STATUSES, type PaymentAttempt } from '../domain/payment-attempt.ts'
import { PAYMENT_LINK_PAYMENT_COUNT_MAX } from '../domain/payment-link.ts'
import { PAYMENT_METHODS } from '../domain/payment-method.ts'
import { EXPIRES_IN_SECONDS, STORED_PAYMENT_SESSION_STATUSES } from '../domain/payment-session.ts'
import type {
  AttemptOutline,
  ExportedPayment,
  ListPage,
  Page,
  PaymentFilter,
  SessionTransaction,
  StepThrough,
  Store,
  Transaction,
} from '../operations/store.ts'
import { claimDue } from './claim.ts'
import {
  columns,
  flag,
  id,
  json,
  minor,
  omitUndefined,
  optionalId,
  optionalJson,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Engine, Row, Sql } from './engine/engine.ts'
import { GroupCommit, type Settlement } from './engine/group-commit.ts'
import { assignFrom, assignParameters } from './engine/statement.ts'
import { gatherCalls } from './gather-calls.ts'
import { orderOf, selectAfter } from './list-after.ts'
import {
  addTimes,
  CLOCK_MARGIN_MS,
  createRanges,
  keyWithBucket,
  type ListedTable,
  listPageFrom,
  type Ranges,
  readListPage,
  withoutSearch,
} from './list-page.ts'
import { fromJson, insertManyOf, jsonRows } from './many-rows.ts'
import { readByKeysOf } from './read-by-keys.ts'

const ATTEMPT = columns<PaymentAttempt>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  payment_session_id: id(({ paymentSessionId }) => paymentSessionId),
  account_id: id(({ accountId }) => accountId),
  number: whole(({ number }) => number),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  customer_email: optionalText(({ customer }) => customer?.email),
  customer_phone: optionalText(({ customer }) => customer?.phone),
  customer_dialing_code: optionalText(({ customer }) => customer?.dialingCode),
  customer_language: optionalText(({ customer }) => customer?.language),
  statement_descriptor: optionalText(({ statementDescriptor }) => statementDescriptor),
  is_foreign: flag(({ isForeign }) => isForeign === true),
  mandate_id: optionalId(({ mandateId }) => mandateId),
  saved_method_id: optionalId(({ savedMethodId }) => savedMethodId),
  own_description: optionalText(({ description }) => description),
  own_reference: optionalText(({ referenceNumber }) => referenceNumber),
  status: text(({ status }) => status),
  // At a terminal the payment method becomes known only with the approval.
  payment_method: text(({ instrument }) => instrument.type),
  deadline_at_ms: whole(({ deadlineAtMs }) => deadlineAtMs),
  instrument_json: json(({ instrument }) => instrument),
  processor_reference: optionalText(({ processorReference }) => processorReference),
  action_json: optionalJson(({ action }) => action),
  decline_code: optionalText(({ declineCode }) => declineCode),
  decided_at_ms: optionalWhole(({ decidedAtMs }) => decidedAtMs),
  ask_at_ms: optionalWhole(({ nextQueryAtMs }) => nextQueryAtMs),
  asked_count: whole(({ queryCount }) => queryCount),
  captured_minor: minor(({ money }) => money.capturedMinor),
  fee_minor: minor(({ money }) => money.feeMinor),
  tax_minor: minor(({ money }) => money.taxMinor),
  refunded_minor: minor(({ money }) => money.refundedMinor),
  refunding_minor: minor(({ money }) => money.refundingMinor),
  transferred_minor: minor(({ money }) => money.transferredMinor),
  disputed_minor: minor(({ money }) => money.disputedMinor),
})
const SELECT = `select ${ATTEMPT.list()} from payment_attempts`
/** The columns that a move can change. They come last. */
const CHANGING = ATTEMPT.names.slice(ATTEMPT.names.indexOf('status'))

function attemptFrom(row: Row): PaymentAttempt {
  const values = ATTEMPT.read(row)
  const { customer_email: email, customer_phone: phone } = values
  const hasCustomer = email !== undefined || phone !== undefined
  return omitUndefined({
    id: values.id,
    paymentSessionId: values.payment_session_id,
    accountId: values.account_id,
    status: values.status,
    number: values.number,
    createdAtMs: values.created_at_ms,
    deadlineAtMs: values.deadline_at_ms,
    instrument: values.instrument_json,
    queryCount: values.asked_count,
    money: {
      capturedMinor: values.captured_minor,
      feeMinor: values.fee_minor,
      taxMinor: values.tax_minor,
      refundedMinor: values.refunded_minor,
      refundingMinor: values.refunding_minor,
      transferredMinor: values.transferred_minor,
      disputedMinor: values.disputed_minor,
    },
    customer: hasCustomer
      ? omitUndefined({
          email,
          phone,
          dialingCode: values.customer_dialing_code,
          language: values.customer_language,
        })
      : undefined,
    statementDescriptor: values.statement_descriptor,
    isForeign: values.is_foreign || undefined,
    mandateId: values.mandate_id,
    savedMethodId: values.saved_method_id,
    description: values.own_description,
    referenceNumber: values.own_reference,
    processorReference: values.processor_reference,
    action: values.action_json,
    declineCode: values.decline_code,
    decidedAtMs: values.decided_at_ms,
    nextQueryAtMs: values.ask_at_ms,
  })
}

const INSERT = `insert into payment_attempts ${ATTEMPT.insert()} on conflict (bucket, id) do nothing`

async function insertPaymentAttempt(sql: Sql, attempt: PaymentAttempt): Promise<boolean> {
  return (await sql.run(INSERT, ATTEMPT.values(attempt))) === 1
}

const UPDATE = `update payment_attempts set ${assignParameters(CHANGING, 3)} where bucket = $1 and id = $2`

async function updatePaymentAttempt(sql: Sql, attempt: PaymentAttempt): Promise<void> {
  await sql.run(UPDATE, ATTEMPT.valuesOf(['bucket', 'id', ...CHANGING], attempt))
}

const insertPaymentAttempts = insertManyOf('payment_attempts', ATTEMPT)

const MOVED_NAMES = ['bucket', 'id', ...CHANGING] as const
const MOVE_COLUMNS = {
  names: MOVED_NAMES,
  types: MOVED_NAMES.map((name) => ATTEMPT.columns[name].sql),
  values: (attempt: PaymentAttempt) => ATTEMPT.valuesOf(MOVED_NAMES, attempt),
}
const UPDATE_MANY = `update payment_attempts a set ${assignFrom(CHANGING, 'v')} from ${fromJson(MOVE_COLUMNS)}
  where a.bucket = v.bucket and a.id = v.id`

const readAttempts = readByKeysOf({
  name: 'payment_attempts',
  columns: ATTEMPT.list('t'),
  key: 'id',
})

async function findPaymentAttempt(
  sql: Sql,
  id: PaymentAttemptId,
): Promise<PaymentAttempt | undefined> {
  const [row] = await sql.all(`${SELECT} where bucket = $1 and id = $2`, [bucketOf(id), Number(id)])
  return row && attemptFrom(row)
}

async function listPaymentAttempts(
  sql: Sql,
  sessionId: PaymentSessionId,
): Promise<readonly PaymentAttempt[]> {
  const rows = await sql.all(
    `${SELECT} where bucket = $1 and payment_session_id = $2 order by number desc`,
    [bucketOf(sessionId), Number(sessionId)],
  )
  return rows.map(attemptFrom)
}

/** The maximum number of sessions whose attempts are read in one round trip. */
const OUTLINE_COUNT_MAX = 256

const OUTLINE = columns<PaymentAttempt>()({
  id: id(({ id }) => id),
  payment_session_id: id(({ paymentSessionId }) => paymentSessionId),
  status: text(({ status }) => status),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
})
const readOutlines = readByKeysOf({
  name: 'payment_attempts',
  columns: OUTLINE.list('t'),
  key: 'payment_session_id',
  order: 't.number desc',
})

/** Lists the outlines of the attempts of many sessions in one round trip, newest first. */
async function listAttemptOutlines(
  engine: Engine,
  ids: readonly PaymentSessionId[],
): Promise<readonly Settlement<readonly AttemptOutline[]>[]> {
  const rowLists = await readOutlines(engine, ids)
  return rowLists.map((rows) => ({ value: rows.map(outlineFrom) }))
}

function outlineFrom(row: Row): AttemptOutline {
  const { created_at_ms: createdAtMs, id, status } = OUTLINE.read(row)
  return { id, status, createdAtMs }
}

async function claimPaymentAttempt(
  engine: Engine,
  nowMs: number,
  leaseMs: number,
): Promise<PaymentAttempt | undefined> {
  const row = await claimDue(engine, 'payment_attempts', ATTEMPT.list(), { nowMs, leaseMs })
  return row && attemptFrom(row)
}

const LIST_TABLE: ListedTable = {
  name: 'payment_attempts',
  columns: ATTEMPT.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

/** The status in lists: a partially refunded payment is `refunded`. An index has the same expression. */
const SHOWN_STATUS =
  "(case when t.disputed_minor > 0 then 'disputed' when t.refunded_minor > 0 then 'refunded' else t.status end)"
const SHOWN_STATUSES = [...PAYMENT_ATTEMPT_STATUSES, 'disputed']
const METHODS = [...new Set([...Object.values(PAYMENT_METHODS).flat(), 'terminal'])]

/**
 * Returns the conditions on the creation time of a session that can have payments in the filter's period: a payment
 * begins within the life of its session. Each condition begins with ` and `.
 */
function sessionTimesOf(
  { createdFromMs, createdToMs }: PaymentFilter,
  mark: Ranges['mark'],
): string {
  const lifeMs = EXPIRES_IN_SECONDS.max * 1000
  // With the column on the right, because `textsOf` in `list-page.ts` rewrites bounds that have it on the left.
  return [
    ...(createdFromMs === undefined
      ? []
      : [` and ${mark(createdFromMs - lifeMs - CLOCK_MARGIN_MS)} <= t.created_at_ms`]),
    ...(createdToMs === undefined
      ? []
      : [` and ${mark(createdToMs + CLOCK_MARGIN_MS)} > t.created_at_ms`]),
  ].join('')
}

function addFilter(ranges: Ranges, { method, status, ...times }: PaymentFilter): void {
  if (method !== undefined) ranges.add('t.payment_method = ?', method)
  if (status !== undefined) ranges.add(`${SHOWN_STATUS} = ?`, status)
  addTimes(ranges, times)
}

/**
 * Returns a range for each meaning of a search text. Only an e-mail address has an @, so only one of the customer's
 * fields can match. A payment that matches in several ways is counted once.
 */
function rangesOfSearch(accountId: AccountId, text: string, filter: PaymentFilter): Ranges {
  const ranges = createRanges(LIST_TABLE, { isEmpty: true })
  const { begin, beginNewest, mark } = ranges
  const account = mark(Number(accountId))
  const searchMark = mark(text)
  const column = text.includes('@') ? 't.customer_email' : 't.customer_phone'
  const isOther = `(${column} is null or ${column} <> ${searchMark})`

  // Only the debits of mandates have their own references.
  const isOfSession = (conditions: string) => `exists (select 1 from payment_sessions s
    where s.bucket = t.bucket and s.id = t.payment_session_id and ${conditions})`
  const hasReference = `s.reference_number = ${searchMark}`
  const isOfOtherReference = `not ${isOfSession(hasReference)}`
  const isOfOtherSession = `not ${isOfSession(`(${hasReference} or s.invoice_number = ${searchMark})`)}`
  const hasOtherReference = `(t.own_reference is null or t.own_reference <> ${searchMark})`

  /**
   * Begins the range of the index of this column. The index covers neither the filter's amount, method and status nor
   * the conditions.
   */
  const beginIndexed = (indexedColumn: string, conditions: readonly string[]) => {
    const searchConditions = [`t.account_id = ${account}`, `${indexedColumn} = ${searchMark}`]
    const hasFilter = [filter.amount, filter.method, filter.status].some((one) => one !== undefined)
    if (!hasFilter && conditions.length === 0) {
      begin(searchConditions)
      return
    }
    const searchRanges = createRanges(LIST_TABLE, { isEmpty: true, params: ranges.params })
    searchRanges.begin(searchConditions)
    addTimes(searchRanges, filter)
    beginNewest({ ...LIST_TABLE, texts: searchRanges.texts() }, conditions)
  }
  beginIndexed(column, [])
  beginIndexed('t.own_reference', [isOther, isOfOtherSession])
  const keyOf = keyWithBucket('payment_session_id')
  const sessionTimes = sessionTimesOf(filter, mark)
  const beginSessions = (condition: string, conditions: readonly string[]) => {
    const texts = rangesOfSessions(account, `${condition}${sessionTimes}`)
    beginNewest({ id: 'id', keyOf, texts }, conditions)
  }
  beginSessions(`t.reference_number = ${searchMark}`, [isOther])
  beginSessions(`t.invoice_number = ${searchMark}`, [isOther, isOfOtherReference])
  if (filter.searchId !== undefined) {
    begin([
      `t.bucket = ${mark(bucketOf(filter.searchId))}`,
      `t.id = ${mark(Number(filter.searchId))}`,
      `${withoutSearch('t.account_id')} = ${account}`,
      isOther,
      hasOtherReference,
      isOfOtherSession,
    ])
  }
  addAmount(ranges, filter)
  addFilter(ranges, filter)
  return ranges
}

/** `account` is the mark of the account's parameter. */
function rangesOfSessions(account: string, condition: string): readonly string[] {
  return STORED_PAYMENT_SESSION_STATUSES.map(
    (status) => `from payment_sessions t where t.account_id = ${account}
      and ${condition} and t.status = '${status}'`,
  )
}

/** Adds the condition of a filter's amount to ranges of few payments. */
function addAmount({ add }: Ranges, { amount }: PaymentFilter): void {
  if (amount === undefined) return
  add(
    `exists (select 1 from payment_sessions s where s.bucket = t.bucket
       and s.id = t.payment_session_id and s.amount_minor = ? and s.currency = ?)`,
    amount.amountMinor,
    amount.currency,
  )
}

function rangesOfAmount(
  accountId: AccountId,
  { amountMinor, currency }: Money,
  filter: PaymentFilter,
): Ranges {
  const ranges = createRanges(LIST_TABLE, { isEmpty: true })
  const { beginNewest, mark } = ranges
  const account = mark(Number(accountId))
  // The index requires `attempt_count > 0`, which is true for every session with a payment.
  const sessions = `from payment_sessions t where t.account_id = ${account}
    and t.amount_minor = ${mark(amountMinor)} and t.currency = ${mark(currency)}
    and t.attempt_count > 0${sessionTimesOf(filter, mark)}`
  const texts = [sessions]
  beginNewest({ id: 'id', keyOf: keyWithBucket('payment_session_id'), texts }, [])
  addFilter(ranges, filter)
  return ranges
}

/**
 * Returns the range of the payments of a customer's newest sessions. The other conditions, which no index has, apply to
 * these payments.
 */
function rangesOfCustomer(
  accountId: AccountId,
  customerId: CustomerId,
  filter: PaymentFilter,
): Ranges {
  const { searchId, searchText } = filter
  const ranges = createRanges(LIST_TABLE, { isEmpty: true })
  const { add, beginNewest, mark } = ranges
  const sessions = `from payment_sessions t where t.account_id = ${mark(Number(accountId))}
    and t.customer_id = ${mark(Number(customerId))}${sessionTimesOf(filter, mark)}`
  const keyOf = keyWithBucket('payment_session_id')
  beginNewest({ id: 'id', keyOf, texts: [sessions] }, [])
  if (searchText !== undefined) {
    const searchMark = mark(searchText)
    add(
      `(t.customer_email = ${searchMark} or t.customer_phone = ${searchMark}
         or t.own_reference = ${searchMark} or t.id = ?
         or exists (select 1 from payment_sessions s where s.bucket = t.bucket
           and s.id = t.payment_session_id
           and (s.reference_number = ${searchMark} or s.invoice_number = ${searchMark})))`,
      searchId === undefined ? null : Number(searchId),
    )
  }
  addAmount(ranges, filter)
  addFilter(ranges, filter)
  return ranges
}

function rangesOf(accountId: AccountId, filter: PaymentFilter): Ranges {
  const { amount, customerId, method, searchText, status } = filter
  if (customerId !== undefined) return rangesOfCustomer(accountId, customerId, filter)
  if (searchText !== undefined) return rangesOfSearch(accountId, searchText, filter)
  if (amount !== undefined) return rangesOfAmount(accountId, amount, filter)
  const ranges = createRanges(LIST_TABLE)
  const { add, split } = ranges
  if (status === undefined && method === undefined) add('t.account_id = ?', Number(accountId))
  else {
    add('t.account_id = ?', Number(accountId))
    split('t.payment_method', method === undefined ? METHODS : [method])
    split(SHOWN_STATUS, status === undefined ? SHOWN_STATUSES : [status])
  }
  addTimes(ranges, filter)
  return ranges
}

async function listPayments(
  sql: Sql,
  accountId: AccountId,
  filter: PaymentFilter,
  page: Page,
): Promise<ListPage<PaymentAttempt>> {
  return listPageFrom(
    await readListPage(sql, LIST_TABLE, rangesOf(accountId, filter), page),
    attemptFrom,
  )
}

const PAID_SESSION = columns<ExportedPayment['session']>()({
  currency: text(({ amount }) => amount.currency),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  invoice_number: optionalText(({ invoiceNumber }) => invoiceNumber),
  reference_number: optionalText(({ referenceNumber }) => referenceNumber),
  echoed_json: text(({ echoedJson }) => echoedJson),
  customer_id: optionalId(({ customerId }) => customerId),
  payment_link_id: optionalId(({ paymentLinkId }) => paymentLinkId),
  virtual_account_id: optionalId(({ virtualAccountId }) => virtualAccountId),
  type_json: optionalJson(({ typeFacts }) => typeFacts),
})

const EXPORT_TABLE = { name: 'payment_attempts', columns: ATTEMPT.list('t'), keys: ['id'] }

async function listPaymentsAfter(
  sql: Sql,
  accountId: AccountId,
  { after, countMax, times }: StepThrough<PaymentAttempt>,
): Promise<readonly ExportedPayment[]> {
  const { params, text: attempts } = selectAfter(EXPORT_TABLE, {
    accountId,
    times,
    countMax,
    after: after && [after.createdAtMs, Number(after.id)],
  })
  const rows = await sql.all(
    `select ${ATTEMPT.list('t')}, ${PAID_SESSION.list('s')}
     from (${attempts}) t cross join payment_sessions s
     where s.bucket = t.bucket and s.id = t.payment_session_id order by ${orderOf(EXPORT_TABLE)}`,
    params,
  )
  return rows.map((row) => {
    const { amount_minor: amountMinor, currency, ...session } = PAID_SESSION.read(row)
    return {
      attempt: attemptFrom(row),
      session: omitUndefined({
        amount: { amountMinor, currency },
        invoiceNumber: session.invoice_number,
        referenceNumber: session.reference_number,
        echoedJson: session.echoed_json,
        customerId: session.customer_id,
        paymentLinkId: session.payment_link_id,
        virtualAccountId: session.virtual_account_id,
        typeFacts: session.type_json,
      }),
    }
  })
}

async function listByLink(sql: Sql, id: PaymentLinkId): Promise<readonly PaymentAttempt[]> {
  const rows = await sql.all(
    `select ${ATTEMPT.list('a')} from payment_sessions s
     cross join payment_attempts a
     where s.bucket = $1 and s.payment_link_id = $2
       and a.bucket = s.bucket and a.payment_session_id = s.id
     order by a.created_at_ms desc, a.id desc limit ${PAYMENT_LINK_PAYMENT_COUNT_MAX}`,
    [bucketOf(id), Number(id)],
  )
  return rows.map(attemptFrom)
}

async function listByMandate(
  sql: Sql,
  { accountId, id }: Pick<Mandate, 'accountId' | 'id'>,
  countMax: number,
): Promise<readonly PaymentAttempt[]> {
  const rows = await sql.all(
    `select ${ATTEMPT.list()} from payment_attempts where account_id = $1 and mandate_id = $2
     order by created_at_ms desc, id desc limit $3`,
    [Number(accountId), Number(id), countMax],
  )
  return rows.map(attemptFrom)
}

/** Makes a store's functions for payment attempts: the outlines of several sessions share a round trip. */
export function paymentAttemptsOf({ engine, read, readLong }: StoreContext) {
  const outlines = new GroupCommit(
    (ids: readonly PaymentSessionId[]) => listAttemptOutlines(engine, ids),
    {
      itemCountMax: OUTLINE_COUNT_MAX,
      commitsInProcess: engine.commitsInProcess,
      batchCountMax: engine.batchCountMax,
      onBatch: (itemCount) => engine.countBatch('attempt_outlines', itemCount),
    },
  )
  const part: Store['paymentAttempts'] = {
    find: (id) => findPaymentAttempt(read, id),
    listBySession: (sessionId) => listPaymentAttempts(read, sessionId),
    listByLink: (linkId) => listByLink(read, linkId),
    listByMandate: (mandate, countMax) => listByMandate(read, mandate, countMax),
    // As `paymentSessions.find`: a machine that does not answer must not delay reads of the others.
    listOutlines: engine.isDistributed
      ? async (sessionId) => (await readOutlines(engine, [sessionId]))[0]?.map(outlineFrom) ?? []
      : (sessionId) => outlines.add(sessionId),
    list: (accountId, filter, page) => listPayments(readLong, accountId, filter, page),
    listAfter: (accountId, step) => listPaymentsAfter(readLong, accountId, step),
    claim: (nowMs, leaseMs) => claimPaymentAttempt(engine, nowMs, leaseMs),
  }
  return { part, idle: () => outlines.idle() }
}

/** Makes a transaction's functions for payment attempts. */
export const paymentAttemptsIn = ({ sql }: TransactionContext): Transaction['paymentAttempts'] => ({
  find: (id) => findPaymentAttempt(sql, id),
  listBySession: (sessionId) => listPaymentAttempts(sql, sessionId),
  listByLink: (linkId) => listByLink(sql, linkId),
  insert: (attempt) => insertPaymentAttempt(sql, attempt),
  update: (attempt) => updatePaymentAttempt(sql, attempt),
})

/**
 * Makes the functions of `paymentAttemptsIn` for operations that share a transaction on PostgreSQL: their calls become
 * statements for many attempts.
 */
export const paymentAttemptsTogether = ({
  sql,
}: TransactionContext): SessionTransaction['paymentAttempts'] => ({
  find: gatherCalls(async (ids) => {
    const rowLists = await readAttempts({ read: sql, isDistributed: false }, ids)
    return rowLists.map(([row]) => row && attemptFrom(row))
  }),
  insert: gatherCalls((attempts) => insertPaymentAttempts(sql, attempts)),
  update: gatherCalls(async (attempts) => {
    await sql.run(UPDATE_MANY, [jsonRows(MOVE_COLUMNS, attempts)])
    return []
  }),
})
