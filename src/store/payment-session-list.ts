/** The list of an account's sessions. */
import { type AccountId, bucketOf } from '../domain/id.ts'
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

/** The maximum number of rows that are counted to find which of several values is rarer. */
const COMPARED_ROW_COUNT_MAX = 1_000

/** The fields of a filter that have an index each. */
const INDEXED_FIELDS = ['referenceNumber', 'invoiceNumber', 'amount'] as const
type IndexedField = (typeof INDEXED_FIELDS)[number]

/** A filter by status and time, which every index has. */
type PlainFilter = Omit<PaymentSessionFilter, IndexedField | 'searchText' | 'searchId'>

/** The condition of an indexed field, in which each `?` stands for a value. */
type FieldCondition = readonly [text: string, ...values: SqlValue[]]

function conditionOf(
  field: IndexedField,
  { amount, invoiceNumber, referenceNumber }: PaymentSessionFilter,
): FieldCondition | undefined {
  switch (field) {
    case 'referenceNumber':
      return referenceNumber === undefined ? undefined : ['t.reference_number = ?', referenceNumber]
    case 'invoiceNumber':
      return invoiceNumber === undefined ? undefined : ['t.invoice_number = ?', invoiceNumber]
    case 'amount':
      return (
        amount && ['t.amount_minor = ? and t.currency = ?', amount.amountMinor, amount.currency]
      )
  }
}

function conditionsOf(filter: PaymentSessionFilter): readonly FieldCondition[] {
  return INDEXED_FIELDS.map((field) => conditionOf(field, filter)).filter(
    (one) => one !== undefined,
  )
}

/**
 * Returns the index ranges of an account's sessions with at most one indexed field: one for each stored status. No row
 * has the status `expired`: it follows from the time of an open session.
 */
function rangesOf(
  accountId: AccountId,
  { status, ...times }: PlainFilter,
  nowMs: number,
  { field, params = [] }: { readonly field?: FieldCondition; readonly params?: SqlValue[] } = {},
): Ranges {
  const ranges = createRanges(LIST_TABLE, { params })
  const { add, split } = ranges
  add('t.account_id = ?', Number(accountId))
  if (field !== undefined) add(...field)
  // No hidden session has an invoice number, and the index does not have the column.
  if (field?.[0] !== 't.invoice_number = ?') add('t.is_listed = 1')
  if (status === 'created' || status === 'expired') addStatus(ranges, status, nowMs)
  else split('t.status', status === undefined ? STORED_PAYMENT_SESSION_STATUSES : [status])
  addTimes(ranges, times)
  return ranges
}

/** Adds the condition of a status. */
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
function addConditions({ add }: Ranges, conditions: readonly FieldCondition[]): void {
  for (const condition of conditions) add(...condition)
}

/** Returns the ranges of the sessions with several indexed fields: those of the rarest one, examined for the others. */
async function rangesOfFields(
  sql: Sql,
  accountId: AccountId,
  filter: PaymentSessionFilter,
  nowMs: number,
): Promise<Ranges> {
  const conditions = conditionsOf(filter)
  const plain = plainOf(filter)
  const choices = await Promise.all(
    conditions.map(async (field) => {
      const ranges = rangesOf(accountId, plain, nowMs, { field })
      return { field, ranges, count: await countUpTo(sql, ranges, COMPARED_ROW_COUNT_MAX) }
    }),
  )
  const [rarest] = choices.toSorted((one, other) => one.count - other.count)
  if (rarest === undefined) return rangesOf(accountId, plain, nowMs)
  if (choices.length === 1) return rarest.ranges
  const { params, texts } = rarest.ranges
  const ranges = createRanges(LIST_TABLE, { isEmpty: true, params })
  ranges.beginNewest({ ...LIST_TABLE, texts: texts() }, [])
  addConditions(
    ranges,
    conditions.filter((one) => one !== rarest.field),
  )
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

  const beginNumber = (field: FieldCondition, others: readonly string[]) => {
    const { texts } = rangesOf(accountId, plain, nowMs, { field, params })
    beginNewest({ ...LIST_TABLE, texts: texts() }, others)
  }
  beginNumber(['t.reference_number = ?', text], [])
  beginNumber(['t.invoice_number = ?', text], [otherReference])

  // The newest payments of the payer, then the session of each, once.
  const payments = `from payment_attempts t where t.account_id = ${account} and t.${column} = ${searchMark}`
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
  addConditions(ranges, conditionsOf(filter))
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
