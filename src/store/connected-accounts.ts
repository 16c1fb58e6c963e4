import type { AccountId } from '../domain/id.ts'
import type {
  ConnectedAccount,
  ConnectedAccountFilter,
  ListPage,
  Page,
  Store,
  Transaction,
} from '../operations/store.ts'
import { columns, id, json, text, whole } from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import {
  addTimes,
  createRanges,
  type ListedTable,
  listPageFrom,
  readListPage,
} from './list-page.ts'

const CONNECTED_ACCOUNT = columns<ConnectedAccount>()({
  account_id: id(({ accountId }) => accountId),
  id: id(({ id }) => id),
  name: text(({ name }) => name),
  details_json: json(({ details }) => details),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
})
const SELECT = `select ${CONNECTED_ACCOUNT.list()}`
const INSERT = `insert into connected_accounts ${CONNECTED_ACCOUNT.insert()}`

function connectedAccountFrom(row: Row): ConnectedAccount {
  const values = CONNECTED_ACCOUNT.read(row)
  return {
    id: values.id,
    accountId: values.account_id,
    name: values.name,
    details: values.details_json,
    createdAtMs: values.created_at_ms,
  }
}

async function putConnectedAccount(sql: Sql, account: ConnectedAccount): Promise<void> {
  await sql.run(
    `${INSERT} on conflict (account_id, id) do update set name = excluded.name`,
    CONNECTED_ACCOUNT.values(account),
  )
}

async function insertConnectedAccount(sql: Sql, account: ConnectedAccount): Promise<boolean> {
  return (
    (await sql.run(`${INSERT} on conflict do nothing`, CONNECTED_ACCOUNT.values(account))) === 1
  )
}

async function findConnectedAccount(
  sql: Sql,
  accountId: AccountId,
  id: AccountId,
): Promise<ConnectedAccount | undefined> {
  const [row] = await sql.all(
    `${SELECT} from connected_accounts where account_id = $1 and id = $2`,
    [Number(accountId), Number(id)],
  )
  return row && connectedAccountFrom(row)
}

/** The account is the first parameter of a list. */
const LIST_TABLE: ListedTable = {
  name: 'connected_accounts',
  columns: CONNECTED_ACCOUNT.list('t'),
  id: 'id',
  keyOf: 't.account_id = $1 and t.id = k.id',
  isIdReversed: true,
}

async function listConnectedAccounts(
  sql: Sql,
  accountId: AccountId,
  filter: ConnectedAccountFilter,
  page: Page,
): Promise<ListPage<ConnectedAccount>> {
  const ranges = createRanges(LIST_TABLE)
  ranges.add('t.account_id = ?', Number(accountId))
  if (filter.id !== undefined) ranges.add('t.id = ?', Number(filter.id))
  addTimes(ranges, filter)
  return listPageFrom(await readListPage(sql, LIST_TABLE, ranges, page), connectedAccountFrom)
}

async function findConnectedAccounts(
  sql: Sql,
  accountId: AccountId,
  ids: readonly AccountId[],
): Promise<ReadonlySet<AccountId>> {
  if (ids.length === 0) return new Set()
  const marks = ids.map((_, index) => `$${index + 2}`).join(', ')
  const rows = await sql.all(
    `select id from connected_accounts where account_id = $1 and id in (${marks})`,
    [Number(accountId), ...ids.map(Number)],
  )
  return new Set(rows.map((row) => CONNECTED_ACCOUNT.columns.id.read(row.id)))
}

/** Makes a store's functions for connected accounts. */
export const connectedAccountsOf = ({
  read,
  readLong,
}: StoreContext): Store['connectedAccounts'] => ({
  find: (accountId, id) => findConnectedAccount(read, accountId, id),
  list: (accountId, filter, page) => listConnectedAccounts(readLong, accountId, filter, page),
  findIds: (accountId, ids) => findConnectedAccounts(read, accountId, ids),
})

/** Makes a transaction's functions for connected accounts. */
export const connectedAccountsIn = ({
  sql,
}: TransactionContext): Transaction['connectedAccounts'] => ({
  insert: (account) => insertConnectedAccount(sql, account),
  put: (account) => putConnectedAccount(sql, account),
})
