/** The list of an account's sessions. */
import { type AccountId, bucketOf } from '../domain/id.ts'
import type { Money } from '../domain/money.ts'
import { EXPIRES_IN_SECONDS, STORED_PAYMENT_SESSION_STATUSES } from '../domain/payment-session.ts'
import {
  EXAMINED_ROW_COUNT_MAX,
  type ListPage,
  type Page,
  type PaymentSessionFilter,
  type PaymentSessionRecord,
} from '../operations/store.ts'
import type { Sql, SqlValue } from './engine/engine.ts'
import {
  addTimes,
  CLOCK_MARGIN_MS,
  countUpTo,
  createRanges,
  keysOf,
  keyWithBucket,
  type ListedTable,
  listPageFrom,
  type Ranges,
  readListPage,
  withoutSearch,
} from './list-page.ts'
import { LISTED_SESSION_COLUMNS, recordFrom } from './payment-sessions.ts'

const LIST_TABLE: ListedTable = {
  name: 'payment_sessions',
  columns: LISTED_SESSION_COLUMNS,
  id: 'id',
  keyOf: keyWithBucket('id'),
}

/** The maximum number of rows that are counted to find which of several values is the rarest. */
const COMPARED_ROW_COUNT_MAX = 1_000

/** A filter by status and time. The indexes of the invoice and reference numbers contain both. */
type PlainFilter = Pick<PaymentSessionFilter, 'createdFromMs' | 'createdToMs' | 'status'>

/** A condition, in which each `?` stands for a value. */
type Condition = readonly [text: string, ...values: SqlValue[]]

/** Returns the conditions of a filter's numbers. Each number has an index. */
function numberConditionsOf({
  invoiceNumber,
  referenceNumber,
}: PaymentSessionFilter): readonly Condition[] {
  return [
    ...(referenceNumber === undefined
      ? []
      : [['t.reference_number = ?', referenceNumber] as const]),
    ...(invoiceNumber === undefined ? [] : [['t.invoice_number = ?', invoiceNumber] as const]),
  ]
}

function amountConditionsOf({ amount }: PaymentSessionFilter): readonly Condition[] {
  if (amount === undefined) return []
  const { amountMinor, currency } = amount
  return [['t.amount_minor = ? and t.currency = ?', amountMinor, currency]]
}

/**
 * Returns the index ranges of an account's sessions: one range for each stored status. `number`: a condition on one of
 * the numbers. No row has the status `expired`: it follows from the time of an open session.
 */
function rangesOf(
  accountId: AccountId,
  { status, ...times }: PlainFilter,
  nowMs: number,
  { number, params = [] }: { readonly number?: Condition; readonly params?: SqlValue[] } = {},
): Ranges {
  const ranges = createRanges(LIST_TABLE, { params })
  const { add, split } = ranges
  add('t.account_id = ?', Number(accountId))
  if (number !== undefined) add(...number)
  // No hidden session has an invoice number, and the index of invoice numbers does not have `is_listed`.
  if (number?.[0] !== 't.invoice_number = ?') add('t.is_listed = 1')
  if (status === 'created' || status === 'expired') addStatus(ranges, status, nowMs)
  else split('t.status', status === undefined ? STORED_PAYMENT_SESSION_STATUSES : [status])
  addTimes(ranges, times)
  return ranges
}

function addStatus(
  { add }: Ranges,
  status: NonNullable<PaymentSessionFilter['status']>,
  nowMs: number,
): void {
  if (status === 'expired') add("t.status = 'created' and t.expires_at_ms <= ?", nowMs)
  else if (status === 'created') {
    // No session lives longer, so older ones are not read.
    const openFromMs = nowMs - EXPIRES_IN_SECONDS.max * 1000
    add("t.status = 'created' and t.created_at_ms > ? and t.expires_at_ms > ?", openFromMs, nowMs)
  } else add('t.status = ?', status)
}

/** Adds conditions that no index has, to ranges of few rows. */
function addConditions({ add }: Ranges, conditions: readonly Condition[]): void {
  for (const condition of conditions) add(...condition)
}

/**
 * Returns the ranges of a filter without a search text. For a filter with numbers, the ranges read the sessions with the
 * rarer number, and examine the other values of each. For an amount without a number, `rangesOfAmount` makes them.
 */
async function rangesOfFields(
  sql: Sql,
  accountId: AccountId,
  filter: PaymentSessionFilter,
  nowMs: number,
): Promise<Ranges> {
  const numbers = numberConditionsOf(filter)
  const plain = plainOf(filter)
  const choices = await Promise.all(
    numbers.map(async (number) => {
      const ranges = rangesOf(accountId, plain, nowMs, { number })
      const isOnly = numbers.length === 1
      const count = isOnly ? 0 : await countUpTo(sql, ranges, COMPARED_ROW_COUNT_MAX)
      return { number, ranges, count }
    }),
  )
  const [rarest] = choices.toSorted((one, other) => one.count - other.count)
  if (rarest === undefined) {
    return filter.amount === undefined
      ? rangesOf(accountId, plain, nowMs)
      : rangesOfAmount(accountId, filter.amount, plain, nowMs)
  }
  const others = [...numbers.filter((one) => one !== rarest.number), ...amountConditionsOf(filter)]
  if (others.length === 0) return rarest.ranges
  const { params, texts } = rarest.ranges
  const ranges = createRanges(LIST_TABLE, { isEmpty: true, params })
  ranges.beginNewest({ ...LIST_TABLE, texts: texts() }, [])
  addConditions(ranges, others)
  return ranges
}

/**
 * Returns the ranges of the sessions with an amount. Only sessions for which a payment was begun are found: if the
 * index had others, each creation would write it. The index has no status, because otherwise each change of a session
 * would write it.
 */
function rangesOfAmount(
  accountId: AccountId,
  { amountMinor, currency }: Money,
  plain: PlainFilter,
  nowMs: number,
): Ranges {
  const ranges = createRanges(LIST_TABLE, { isEmpty: true })
  const { begin, beginNewest, mark, params } = ranges
  const conditions = [
    `t.account_id = ${mark(Number(accountId))}`,
    `t.amount_minor = ${mark(amountMinor)} and t.currency = ${mark(currency)}`,
    't.attempt_count > 0 and t.is_listed = 1',
  ]
  const { status } = plain
  if (status === undefined) begin(conditions)
  else {
    const examinedRanges = createRanges(LIST_TABLE, { isEmpty: true, params })
    examinedRanges.begin(conditions)
    addTimes(examinedRanges, plain)
    beginNewest({ ...LIST_TABLE, texts: examinedRanges.texts() }, [])
    addStatus(ranges, status, nowMs)
  }
  addTimes(ranges, plain)
  return ranges
}

function plainOf(filter: PaymentSessionFilter): PlainFilter {
  const { createdFromMs, createdToMs, status } = filter
  return {
    ...(status !== undefined && { status }),
    ...(createdFromMs !== undefined && { createdFromMs }),
    ...(createdToMs !== undefined && { createdToMs }),
  }
}

/**
 * Returns the conditions for the times of the payments of sessions in a period: a payment begins within the life of its
 * session.
 */
function paymentTimesOf(
  { createdFromMs, createdToMs }: PaymentSessionFilter,
  mark: Ranges['mark'],
): readonly string[] {
  const lastMs = EXPIRES_IN_SECONDS.max * 1000 + CLOCK_MARGIN_MS
  return [
    ...(createdFromMs === undefined
      ? []
      : [`t.created_at_ms >= ${mark(createdFromMs - CLOCK_MARGIN_MS)}`]),
    // With the column on the right, because `textsOf` in `list-page.ts` rewrites bounds that have it on the left.
    ...(createdToMs === undefined ? [] : [`${mark(createdToMs + lastMs)} > t.created_at_ms`]),
  ]
}

/**
 * Returns a range for each meaning of a search text: a reference number, an invoice number, the contact of a payer, and
 * an id. Only an e-mail address has an @, so only one of a payer's contacts can match. A session that matches in
 * several ways is counted once.
 */
function rangesOfSearch(
  accountId: AccountId,
  text: string,
  filter: PaymentSessionFilter,
  nowMs: number,
): Ranges {
  const ranges = createRanges(LIST_TABLE, { isEmpty: true })
  const { begin, beginNewest, mark, params } = ranges
  const account = mark(Number(accountId))
  const searchMark = mark(text)
  const otherReference = `(t.reference_number is null or t.reference_number <> ${searchMark})`
  const otherInvoice = `(t.invoice_number is null or t.invoice_number <> ${searchMark})`
  const column = text.includes('@') ? 'customer_email' : 'customer_phone'
  const plain = plainOf(filter)

  const beginNumber = (number: Condition, others: readonly string[]) => {
    const { texts } = rangesOf(accountId, plain, nowMs, { number, params })
    beginNewest({ ...LIST_TABLE, texts: texts() }, others)
  }
  beginNumber(['t.reference_number = ?', text], [])
  beginNumber(['t.invoice_number = ?', text], [otherReference])

  // The newest payments of the payer, then the session of each, once.
  const conditions = [`t.account_id = ${account}`, `t.${column} = ${searchMark}`]
  const payments = `from payment_attempts t where ${[...conditions, ...paymentTimesOf(filter, mark)].join(' and ')}`
  const keys = keysOf({ id: 'id' }, [payments])
  const firstOfSession = `from (${keys} limit ${EXAMINED_ROW_COUNT_MAX}) k cross join payment_attempts t
    where ${keyWithBucket('id')} and t.number = (select min(o.number) from payment_attempts o
      where o.bucket = t.bucket and o.payment_session_id = t.payment_session_id
        and o.${column} = ${searchMark})`
  const others = [otherReference, otherInvoice, 't.is_listed = 1']
  beginNewest(
    {
      id: 'payment_session_id',
      keyOf: keyWithBucket('id'),
      texts: [firstOfSession],
      counted: [payments],
    },
    others,
  )
  if (filter.searchId !== undefined) {
    begin([
      `t.bucket = ${mark(bucketOf(filter.searchId))}`,
      `t.id = ${mark(Number(filter.searchId))}`,
      `${withoutSearch('t.account_id')} = ${account}`,
      ...others,
      `not exists (select 1 from payment_attempts a where a.bucket = t.bucket
        and a.payment_session_id = t.id and a.${column} = ${searchMark})`,
    ])
  }
  addConditions(ranges, [...numberConditionsOf(filter), ...amountConditionsOf(filter)])
  if (filter.status !== undefined) addStatus(ranges, filter.status, nowMs)
  addTimes(ranges, filter)
  return ranges
}

/** Lists an account's sessions, newest first. */
export async function listPaymentSessions(
  sql: Sql,
  accountId: AccountId,
  filter: PaymentSessionFilter,
  { nowMs, page }: { readonly page: Page; readonly nowMs: number },
): Promise<ListPage<PaymentSessionRecord>> {
  const { searchText } = filter
  const ranges =
    searchText === undefined
      ? await rangesOfFields(sql, accountId, filter, nowMs)
      : rangesOfSearch(accountId, searchText, filter, nowMs)
  return listPageFrom(await readListPage(sql, LIST_TABLE, ranges, page), recordFrom)
}
