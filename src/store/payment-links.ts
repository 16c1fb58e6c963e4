import { type AccountId, bucketOf, type PaymentLinkId } from '../domain/id.ts'
import { PAYMENT_LINK_STATUSES, type PaymentLink } from '../domain/payment-link.ts'
import { readPhone } from '../domain/phone.ts'
import {
  EXAMINED_ROW_COUNT_MAX,
  type ListPage,
  type Page,
  type PaymentLinkFilter,
  type Store,
  type Transaction,
} from '../operations/store.ts'
import {
  columns,
  id,
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
import type { Row, Sql } from './engine/engine.ts'
import { assignParameters } from './engine/statement.ts'
import {
  addTimes,
  createRanges,
  keyWithBucket,
  type ListedTable,
  listPageFrom,
  type Ranges,
  readListPage,
  withoutSearch,
} from './list-page.ts'

const LINK = columns<PaymentLink>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  currency: text(({ amount }) => amount.currency),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  url: text(({ url }) => url),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  description: text(({ description }) => description),
  email: optionalText(({ email }) => email),
  phone: optionalText(({ phone }) => phone),
  phone_digits: optionalText(phoneDigitsOf),
  phone_country_code: optionalText(({ phoneCountryCode }) => phoneCountryCode),
  reference_id: optionalText(({ referenceId }) => referenceId),
  return_url: optionalText(({ returnUrl }) => returnUrl),
  notify_customer_json: optionalJson(({ notifyCustomer }) => notifyCustomer),
  configurations_json: optionalText(({ configurationsJson }) => configurationsJson),
  expires_at_ms: whole(({ expiresAtMs }) => expiresAtMs),
  status: text(({ status }) => status),
  newest_session_id: optionalId(({ newestSessionId }) => newestSessionId),
  current_session_id: optionalId(({ currentSessionId }) => currentSessionId),
  paid_attempt_id: optionalId(({ paidAttemptId }) => paidAttemptId),
  due_at_ms: optionalWhole(dueAtMsOf),
})
const CHANGING = LINK.names.slice(LINK.names.indexOf('description'))

function linkFrom(row: Row): PaymentLink {
  const values = LINK.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    status: values.status,
    description: values.description,
    url: values.url,
    createdAtMs: values.created_at_ms,
    expiresAtMs: values.expires_at_ms,
    email: values.email,
    phone: values.phone,
    phoneCountryCode: values.phone_country_code,
    referenceId: values.reference_id,
    returnUrl: values.return_url,
    notifyCustomer: values.notify_customer_json,
    configurationsJson: values.configurations_json,
    newestSessionId: values.newest_session_id,
    currentSessionId: values.current_session_id,
    paidAttemptId: values.paid_attempt_id,
  })
}

/** Returns the digits by which lists find a link's phone number. */
function phoneDigitsOf({ phone, phoneCountryCode }: PaymentLink): string | undefined {
  const reading = phone === undefined ? undefined : readPhone(phone, phoneCountryCode)
  return reading === undefined || 'refused' in reading ? undefined : reading.digits
}

/** Returns the time at which a link's expiry has to be recorded. */
function dueAtMsOf({ currentSessionId, expiresAtMs, status }: PaymentLink): number | undefined {
  return status === 'active' && currentSessionId === undefined ? expiresAtMs : undefined
}

const FIND = `select ${LINK.list()} from payment_links where bucket = $1 and id = $2`

async function findLink(sql: Sql, id: PaymentLinkId, lock = ''): Promise<PaymentLink | undefined> {
  const [row] = await sql.all(FIND + lock, [bucketOf(id), Number(id)])
  return row && linkFrom(row)
}

const INSERT = `insert into payment_links ${LINK.insert()} on conflict (bucket, id) do nothing`
const UPDATE = `update payment_links set ${assignParameters(CHANGING, 3)} where bucket = $1 and id = $2`

const LIST_TABLE: ListedTable = {
  name: 'payment_links',
  columns: LINK.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

/**
 * The links whose expiry is due and not recorded yet, with the key `k`. They are few: the background work records each
 * within seconds.
 */
const dueKeys = (now: string) =>
  `from (select due.id from payment_links due where due.due_at_ms <= ${now}
     order by due.due_at_ms desc limit ${EXAMINED_ROW_COUNT_MAX}) k cross join payment_links t`

/** Begins a separate range for each status, because the indexes have the status before the time. */
function beginWithStatus(
  { begin, mark }: Ranges,
  conditions: readonly string[],
  status: PaymentLinkFilter['status'],
  nowMs: number,
): void {
  if (status === 'active') {
    const now = mark(nowMs)
    begin([...conditions, "t.status = 'active'", `(t.due_at_ms is null or t.due_at_ms > ${now})`])
    return
  }
  for (const storedStatus of status === undefined ? PAYMENT_LINK_STATUSES : [status]) {
    begin([...conditions, `t.status = '${storedStatus}'`])
  }
  if (status === 'expired') {
    begin([LIST_TABLE.keyOf, ...conditions, "t.status = 'active'"], dueKeys(mark(nowMs)))
  }
}

/** Begins the ranges of the links that a text finds: an id, a reference, an e-mail address or a phone number. */
function beginSearch(
  ranges: Ranges,
  account: string,
  { searchId, searchPhone, searchText = '', status }: PaymentLinkFilter,
  nowMs: number,
): void {
  const { mark } = ranges
  const isReference = `t.reference_id = ${mark(searchText)}`
  const isCustomer =
    searchPhone === undefined
      ? `t.email = ${mark(searchText)}`
      : `t.phone_digits = ${mark(searchPhone)}`
  // Each link is in one range.
  const isNot = (condition: string) =>
    `(${condition.split(' = ')[0]} is null or ${condition.replace(' = ', ' <> ')})`
  beginWithStatus(ranges, [account, isReference], status, nowMs)
  beginWithStatus(ranges, [account, isCustomer, isNot(isReference)], status, nowMs)
  if (searchId === undefined) return
  const isId = `t.bucket = ${mark(bucketOf(searchId))} and t.id = ${mark(Number(searchId))}`
  const ofAccount = account.replace('t.account_id', withoutSearch('t.account_id'))
  const conditions = [isId, ofAccount, isNot(isReference), isNot(isCustomer)]
  beginWithStatus(ranges, conditions, status, nowMs)
}

function rangesOf(accountId: AccountId, filter: PaymentLinkFilter, nowMs: number): Ranges {
  const { referenceId, searchText, status } = filter
  const ranges = createRanges(LIST_TABLE, { isEmpty: true })
  const account = `t.account_id = ${ranges.mark(Number(accountId))}`
  if (searchText === undefined) {
    const reference =
      referenceId === undefined ? [] : [`t.reference_id = ${ranges.mark(referenceId)}`]
    beginWithStatus(ranges, [account, ...reference], status, nowMs)
    addTimes(ranges, filter)
    return ranges
  }
  beginSearch(ranges, account, filter, nowMs)
  addTimes(ranges, filter)
  if (referenceId === undefined) return ranges
  // No index covers a search and a reference.
  const both = createRanges(LIST_TABLE, { isEmpty: true, params: ranges.params })
  both.beginNewest({ ...LIST_TABLE, texts: ranges.texts() }, [
    `t.reference_id = ${both.mark(referenceId)}`,
  ])
  return both
}

async function listLinks(
  sql: Sql,
  accountId: AccountId,
  filter: PaymentLinkFilter,
  { nowMs, page }: { readonly page: Page; readonly nowMs: number },
): Promise<ListPage<PaymentLink>> {
  const ranges = rangesOf(accountId, filter, nowMs)
  return listPageFrom(await readListPage(sql, LIST_TABLE, ranges, page), linkFrom)
}

const DUE = 'from payment_links where due_at_ms <= $1 order by due_at_ms limit'

/** Locks due links on a distributed database, which locks the rows of one bucket at a time. */
async function lockDueByBucket(
  { engine, sql }: Pick<TransactionContext, 'engine' | 'sql'>,
  nowMs: number,
  countMax: number,
): Promise<readonly Row[]> {
  const due = await sql.all(`select bucket, id, due_at_ms ${DUE} $2`, [nowMs, countMax])
  const lockedRows: Row[] = []
  for (const { bucket, id } of due) {
    lockedRows.push(
      ...(await sql.all(
        `select ${LINK.list()} from payment_links
         where bucket = $1 and id = $2 and due_at_ms <= $3${engine.skipLocked}`,
        [Number(bucket), Number(id), nowMs],
      )),
    )
  }
  return lockedRows
}

/** Makes a store's functions for payment links. */
export const paymentLinksOf = ({
  read: reading,
  readLong,
}: StoreContext): Store['paymentLinks'] => ({
  find: (id) => findLink(reading, id),
  list: (accountId, filter, page, nowMs) => listLinks(readLong, accountId, filter, { page, nowMs }),
  hasDue: async (nowMs) => (await reading.all(`select 1 as one ${DUE} 1`, [nowMs])).length > 0,
})

/** Makes a transaction's functions for payment links. */
export const paymentLinksIn = ({
  engine,
  sql,
}: TransactionContext): Transaction['paymentLinks'] => ({
  lock: (id) => findLink(sql, id, engine.rowLock),
  lockDue: async (nowMs, countMax) => {
    const rows = engine.isDistributed
      ? await lockDueByBucket({ engine, sql }, nowMs, countMax)
      : await sql.all(`select ${LINK.list()} ${DUE} $2${engine.skipLocked}`, [nowMs, countMax])
    return rows.map(linkFrom)
  },
  insert: async (link) => (await sql.run(INSERT, LINK.values(link))) === 1,
  update: async (link) => {
    await sql.run(UPDATE, LINK.valuesOf(['bucket', 'id', ...CHANGING], link))
  },
  moveAddresses: async (fromUrl, toUrl) => {
    // With the slash, a port cannot be the beginning of another port.
    const addresses = [`${fromUrl}/`, `${toUrl}/`]
    await sql.run(
      `update payment_links set url = $2 || substr(url, length($1) + 1)
       where substr(url, 1, length($1)) = $1`,
      addresses,
    )
    await sql.run(
      `update messages set content_json = replace(content_json, $1, $2)
       where kind = 'payment_link'`,
      addresses,
    )
  },
})
