import type { CustomerRecord } from '../domain/customer.ts'
import { type AccountId, bucketOf, type CustomerId } from '../domain/id.ts'
import type { CustomerFilter, ListPage, Page, Store, Transaction } from '../operations/store.ts'
import {
  columns,
  id,
  omitUndefined,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import { assignInsertedColumns } from './engine/statement.ts'
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

const CUSTOMER = columns<CustomerRecord>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  name: text(({ name }) => name),
  email: optionalText(({ email }) => email),
  phone: optionalText(({ phone }) => phone?.digits),
  dialing_code: optionalText(({ phone }) => phone?.dialingCode),
  meta_data_json: optionalText(({ metaDataJson }) => metaDataJson),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  changed_at_ms: whole(({ changedAtMs }) => changedAtMs),
  deleted_at_ms: optionalWhole(({ deletedAtMs }) => deletedAtMs),
})
const INSERT = `insert into customers ${CUSTOMER.insert()}`
const FIND = `select ${CUSTOMER.list()} from customers where bucket = $1 and id = $2`
const CHANGING = CUSTOMER.names.filter(
  (name) => !['bucket', 'id', 'account_id', 'created_at_ms'].includes(name),
)

function customerFrom(row: Row): CustomerRecord {
  const values = CUSTOMER.read(row)
  const { dialing_code: dialingCode, phone: digits } = values
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    name: values.name,
    email: values.email,
    phone: digits === undefined ? undefined : omitUndefined({ digits, dialingCode }),
    metaDataJson: values.meta_data_json,
    createdAtMs: values.created_at_ms,
    changedAtMs: values.changed_at_ms,
    deletedAtMs: values.deleted_at_ms,
  })
}

async function insertCustomer(sql: Sql, customer: CustomerRecord): Promise<boolean> {
  const count = await sql.run(`${INSERT} on conflict do nothing`, CUSTOMER.values(customer))
  return count === 1
}

async function updateCustomer(sql: Sql, customer: CustomerRecord): Promise<void> {
  await sql.run(
    `${INSERT} on conflict (bucket, id) do update set ${assignInsertedColumns(CHANGING)}`,
    CUSTOMER.values(customer),
  )
}

async function findCustomer(
  sql: Sql,
  id: CustomerId,
  rowLock = '',
): Promise<CustomerRecord | undefined> {
  const [row] = await sql.all(FIND + rowLock, [bucketOf(id), Number(id)])
  return row && customerFrom(row)
}

const LIST_TABLE: ListedTable = {
  name: 'customers',
  columns: CUSTOMER.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

/**
 * Returns the index ranges of an account's customers. Only an e-mail address has an @, so a search text is compared
 * either with addresses, or with phone numbers and ids. A customer that matches in both ways is counted once.
 */
function rangesOf(
  accountId: AccountId,
  { searchId, searchText, ...times }: CustomerFilter,
): Ranges {
  const ranges = createRanges(LIST_TABLE, { isEmpty: searchText !== undefined })
  const { add, begin, mark } = ranges
  if (searchText === undefined) add('t.account_id = ?', Number(accountId))
  else {
    const account = mark(Number(accountId))
    const searchMark = mark(searchText)
    const column = searchText.includes('@') ? 't.email' : 't.phone'
    begin([`t.account_id = ${account}`, `${column} = ${searchMark}`])
    if (searchId !== undefined) {
      begin([
        `t.bucket = ${mark(bucketOf(searchId))}`,
        `t.id = ${mark(Number(searchId))}`,
        `${withoutSearch('t.account_id')} = ${account}`,
        `(${column} is null or ${column} <> ${searchMark})`,
      ])
    }
  }
  add('t.deleted_at_ms is null')
  addTimes(ranges, times)
  return ranges
}

async function listCustomers(
  sql: Sql,
  accountId: AccountId,
  filter: CustomerFilter,
  page: Page,
): Promise<ListPage<CustomerRecord>> {
  const rows = await readListPage(sql, LIST_TABLE, rangesOf(accountId, filter), page)
  return listPageFrom(rows, customerFrom)
}

/** Makes a store's functions for customers. */
export const customersOf = ({ read, readLong }: StoreContext): Store['customers'] => ({
  find: (id) => findCustomer(read, id),
  list: (accountId, filter, page) => listCustomers(readLong, accountId, filter, page),
})

/** Makes a transaction's functions for customers. */
export const customersIn = ({ engine, sql }: TransactionContext): Transaction['customers'] => ({
  lock: (id) => findCustomer(sql, id, engine.rowLock),
  insert: (customer) => insertCustomer(sql, customer),
  update: (customer) => updateCustomer(sql, customer),
})
