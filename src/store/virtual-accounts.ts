import { BANK_TRANSFER_STATUSES, type BankTransfer } from '../domain/bank-transfer.ts'
import { type AccountId, bucketOf, type VirtualAccountId } from '../domain/id.ts'
import { type VirtualAccount, virtualAccountEndsAtMs } from '../domain/virtual-account.ts'
import {
  type BankTransferFilter,
  EXAMINED_ROW_COUNT_MAX,
  type ListPage,
  type Page,
  type Store,
  type Transaction,
  type VirtualAccountFilter,
} from '../operations/store.ts'
import {
  columns,
  id,
  minor,
  omitUndefined,
  optionalId,
  optionalMinor,
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

const ACCOUNT = columns<VirtualAccount>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  account_number: text(({ accountNumber }) => accountNumber),
  ifsc_code: text(({ ifscCode }) => ifscCode),
  beneficiary_name: text(({ beneficiaryName }) => beneficiaryName),
  customer_id: optionalId(({ customerId }) => customerId),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  description: text(({ description }) => description),
  minimum_minor: optionalMinor(({ minimumMinor }) => minimumMinor),
  maximum_minor: optionalMinor(({ maximumMinor }) => maximumMinor),
  paid_minor: minor(({ paidMinor }) => paidMinor),
  meta_data_json: optionalText(({ metaDataJson }) => metaDataJson),
  reference_number: optionalText(({ referenceNumber }) => referenceNumber),
  status: text(({ status }) => status),
  expires_on: optionalText(({ expiresOn }) => expiresOn),
  changed_at_ms: whole(({ changedAtMs }) => changedAtMs),
  last_transfer_at_ms: optionalWhole(({ lastTransferAtMs }) => lastTransferAtMs),
  ends_at_ms: whole(virtualAccountEndsAtMs),
  close_due_at_ms: optionalWhole(({ closeDueAtMs }) => closeDueAtMs),
})
const CHANGING = ACCOUNT.names.slice(ACCOUNT.names.indexOf('description'))

function accountFrom(row: Row): VirtualAccount {
  const values = ACCOUNT.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    accountNumber: values.account_number,
    ifscCode: values.ifsc_code,
    beneficiaryName: values.beneficiary_name,
    customerId: values.customer_id,
    createdAtMs: values.created_at_ms,
    description: values.description,
    minimumMinor: values.minimum_minor,
    maximumMinor: values.maximum_minor,
    paidMinor: values.paid_minor,
    metaDataJson: values.meta_data_json,
    referenceNumber: values.reference_number,
    status: values.status,
    expiresOn: values.expires_on,
    changedAtMs: values.changed_at_ms,
    lastTransferAtMs: values.last_transfer_at_ms,
    closeDueAtMs: values.close_due_at_ms,
  })
}

const TRANSFER = columns<BankTransfer>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  virtual_account_id: id(({ virtualAccountId }) => virtualAccountId),
  utr: text(({ utr }) => utr),
  amount_minor: minor(({ amountMinor }) => amountMinor),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  status: text(({ status }) => status),
  reverse_at_ms: optionalWhole(({ reverseAtMs }) => reverseAtMs),
  decision_due_at_ms: optionalWhole(({ decisionDueAtMs }) => decisionDueAtMs),
})

function transferFrom(row: Row): BankTransfer {
  const values = TRANSFER.read(row)
  return omitUndefined({
    id: values.id,
    virtualAccountId: values.virtual_account_id,
    utr: values.utr,
    amountMinor: values.amount_minor,
    createdAtMs: values.created_at_ms,
    status: values.status,
    reverseAtMs: values.reverse_at_ms,
    decisionDueAtMs: values.decision_due_at_ms,
  })
}

const SELECT = `select ${ACCOUNT.list()} from virtual_accounts`

async function findAccount(
  sql: Sql,
  id: VirtualAccountId,
  lock = '',
): Promise<VirtualAccount | undefined> {
  const [row] = await sql.all(`${SELECT} where bucket = $1 and id = $2${lock}`, [
    bucketOf(id),
    Number(id),
  ])
  return row && accountFrom(row)
}

async function findAccountByNumber(
  sql: Sql,
  accountNumber: string,
): Promise<VirtualAccount | undefined> {
  const [row] = await sql.all(`${SELECT} where account_number = $1`, [accountNumber])
  return row && accountFrom(row)
}

const LIST_TABLE: ListedTable = {
  name: 'virtual_accounts',
  columns: ACCOUNT.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

/**
 * The accounts that have ended by the clock and are still stored as active, with the key `k`. They are few: the
 * background work records each end within seconds.
 */
const dueKeys = (now: string) =>
  `from (select due.id from virtual_accounts due
     where due.status = 'active' and due.ends_at_ms <= ${now}
     order by due.ends_at_ms desc limit ${EXAMINED_ROW_COUNT_MAX}) k cross join virtual_accounts t`

/** Begins a separate range for each status, because the indexes have the status before the time. */
function beginWithStatus(
  { begin, mark }: Ranges,
  conditions: readonly string[],
  status: VirtualAccountFilter['status'],
  nowMs: number,
): void {
  if (status !== 'closed') {
    const isActive = status === 'active' ? [`t.ends_at_ms > ${mark(nowMs)}`] : []
    begin([...conditions, "t.status = 'active'", ...isActive])
  }
  if (status !== 'active') begin([...conditions, "t.status = 'closed'"])
  if (status === 'closed') {
    begin([LIST_TABLE.keyOf, ...conditions, "t.status = 'active'"], dueKeys(mark(nowMs)))
  }
}

async function listAccounts(
  sql: Sql,
  accountId: AccountId,
  { accountNumber, customerId, referenceNumber, status }: VirtualAccountFilter,
  { nowMs, page }: { readonly page: Page; readonly nowMs: number },
): Promise<ListPage<VirtualAccount>> {
  const ranges = createRanges(LIST_TABLE, { isEmpty: true })
  const { mark } = ranges
  const isByNumber = accountNumber !== undefined
  const account = isByNumber ? withoutSearch('t.account_id') : 't.account_id'
  const conditions = [`${account} = ${mark(Number(accountId))}`]
  // At most one account has the number, so no other index is searched.
  if (isByNumber) conditions.push(`t.account_number = ${mark(accountNumber)}`)
  const customer = isByNumber ? withoutSearch('t.customer_id') : 't.customer_id'
  if (customerId !== undefined) conditions.push(`${customer} = ${mark(Number(customerId))}`)
  // The index of a customer's accounts has the reference too.
  const isReferenceSearched = !isByNumber && customerId === undefined
  const reference = isReferenceSearched ? 't.reference_number' : "t.reference_number || ''"
  if (referenceNumber !== undefined) conditions.push(`${reference} = ${mark(referenceNumber)}`)
  beginWithStatus(ranges, conditions, status, nowMs)
  return listPageFrom(await readListPage(sql, LIST_TABLE, ranges, page), accountFrom)
}

const LISTED_TRANSFERS: ListedTable = {
  name: 'bank_transfers',
  columns: TRANSFER.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

async function listTransfers(
  sql: Sql,
  id: VirtualAccountId,
  { isAscending, order, status }: BankTransferFilter,
  page: Page,
): Promise<ListPage<BankTransfer>> {
  const table: ListedTable = {
    ...LISTED_TRANSFERS,
    ...(order === 'amount' && { order: 'amount_minor' }),
  }
  const ranges = createRanges(table)
  ranges.add('t.bucket = ? and t.virtual_account_id = ?', bucketOf(id), Number(id))
  ranges.split('t.status', status === undefined ? BANK_TRANSFER_STATUSES : [status])
  return listPageFrom(
    await readListPage(sql, table, ranges, { ...page, isAscending }),
    transferFrom,
  )
}

/** Makes a store's functions for virtual accounts. */
export const virtualAccountsOf = ({ read, readLong }: StoreContext): Store['virtualAccounts'] => ({
  find: (id) => findAccount(read, id),
  findByNumber: (accountNumber) => findAccountByNumber(read, accountNumber),
  list: (accountId, filter, page, nowMs) =>
    listAccounts(readLong, accountId, filter, { page, nowMs }),
  listTransfers: (id, filter, page) => listTransfers(readLong, id, filter, page),
  listDue: async (nowMs, countMax) => {
    const rows = await read.all(
      `select id from virtual_accounts where status = 'active' and ends_at_ms <= $1
       order by ends_at_ms limit $2`,
      [nowMs, countMax],
    )
    return rows.map((row) => ACCOUNT.columns.id.read(row.id))
  },
  listToReverse: async (nowMs, countMax) => {
    const rows = await read.all(
      `select ${TRANSFER.list()} from bank_transfers where reverse_at_ms <= $1
       order by reverse_at_ms limit $2`,
      [nowMs, countMax],
    )
    return rows.map(transferFrom)
  },
  findToClose: async (nowMs) => {
    const [row] = await read.all(
      `${SELECT} where close_due_at_ms <= $1 order by close_due_at_ms limit 1`,
      [nowMs],
    )
    return row && accountFrom(row)
  },
  findToDecide: async (nowMs) => {
    const [row] = await read.all(
      `select ${TRANSFER.list()} from bank_transfers where decision_due_at_ms <= $1
       order by decision_due_at_ms limit 1`,
      [nowMs],
    )
    return row && transferFrom(row)
  },
})

const INSERT = `insert into virtual_accounts ${ACCOUNT.insert()} on conflict do nothing`
const UPDATE = `update virtual_accounts set ${assignParameters(CHANGING, 3)}
  where bucket = $1 and id = $2`

/**
 * Returns true if an account has the number, in any bucket: the unique index of a distributed table guards one bucket.
 * Until this transaction ends, no other transaction can take the number.
 */
async function isNumberTaken(sql: Sql, accountNumber: string): Promise<boolean> {
  await sql.all('select pg_advisory_xact_lock(hashtextextended($1, 0)) as one', [accountNumber])
  return (await findAccountByNumber(sql, accountNumber)) !== undefined
}

/** Changes the due time in a column from an old value to a new one. False: another process has changed it. */
async function moveDue(
  sql: Sql,
  { column, table }: { readonly table: string; readonly column: string },
  id: VirtualAccountId | BankTransfer['id'],
  [fromMs, toMs]: readonly [from: number | undefined, to: number | undefined],
): Promise<boolean> {
  const count = await sql.run(
    `update ${table} set ${column} = $4 where bucket = $1 and id = $2 and ${column} = $3`,
    [bucketOf(id), Number(id), fromMs ?? null, toMs ?? null],
  )
  return count === 1
}

/** Makes a transaction's functions for virtual accounts. */
export const virtualAccountsIn = ({
  engine,
  sql,
}: TransactionContext): Transaction['virtualAccounts'] => ({
  lock: (id) => findAccount(sql, id, engine.rowLock),
  insert: async (account) => {
    if (engine.isDistributed && (await isNumberTaken(sql, account.accountNumber))) return false
    return (await sql.run(INSERT, ACCOUNT.values(account))) === 1
  },
  update: async (account) => {
    await sql.run(UPDATE, ACCOUNT.valuesOf(['bucket', 'id', ...CHANGING], account))
  },
  hasActive: async (accountId, customerId, nowMs) => {
    const rows = await sql.all(
      `select id from virtual_accounts where account_id = $1 and customer_id = $2
       and status = 'active' and ends_at_ms > $3 limit 1`,
      [Number(accountId), Number(customerId), nowMs],
    )
    return rows.length > 0
  },
  findTransfer: async (id, utr) => {
    const [row] = await sql.all(
      `select ${TRANSFER.list()} from bank_transfers
       where bucket = $1 and virtual_account_id = $2 and utr = $3`,
      [bucketOf(id), Number(id), utr],
    )
    return row && transferFrom(row)
  },
  insertTransfer: async (transfer) => {
    await sql.run(`insert into bank_transfers ${TRANSFER.insert()}`, TRANSFER.values(transfer))
  },
  updateTransferStatus: async (id, status) => {
    await sql.run('update bank_transfers set status = $3 where bucket = $1 and id = $2', [
      bucketOf(id),
      Number(id),
      status,
    ])
  },
  moveClose: ({ closeDueAtMs, id }, toMs) =>
    moveDue(sql, { table: 'virtual_accounts', column: 'close_due_at_ms' }, id, [
      closeDueAtMs,
      toMs,
    ]),
  moveDecision: ({ decisionDueAtMs, id }, toMs) =>
    moveDue(sql, { table: 'bank_transfers', column: 'decision_due_at_ms' }, id, [
      decisionDueAtMs,
      toMs,
    ]),
  endReversal: async (id) => {
    const count = await sql.run(
      `update bank_transfers set reverse_at_ms = null
       where bucket = $1 and id = $2 and reverse_at_ms is not null`,
      [bucketOf(id), Number(id)],
    )
    return count === 1
  },
})
