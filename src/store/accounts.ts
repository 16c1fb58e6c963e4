import type { Account } from '../domain/account.ts'
import type { AccountKeys } from '../domain/account-keys.ts'
import type { AccountId } from '../domain/id.ts'
import type { Logo } from '../domain/logo.ts'
import { PAYOUT_SCHEDULE_DEFAULT } from '../domain/payout.ts'
import type { AccountInsert, SessionTransaction, Store, Transaction } from '../operations/store.ts'
import {
  columns,
  flag,
  id,
  json,
  omitUndefined,
  optionalJson,
  optionalText,
  optionalWhole,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql, SqlValue } from './engine/engine.ts'
import { assignInsertedColumns, assignParameters, placeholders } from './engine/statement.ts'
import { keyColumns, keyFrom } from './key-columns.ts'

type StoredAccount = { readonly account: Account; readonly nowMs: number }

const SIGNING = keyColumns<AccountKeys>(({ signing }) => signing)
const API = keyColumns<AccountKeys>(({ api }) => api)
const OWNER = keyColumns<AccountKeys>(({ owner }) => owner)

const KEYS = columns<AccountKeys>()({
  signing_key_sealed: SIGNING.value,
  previous_signing_key_sealed: SIGNING.previous,
  previous_signing_key_until_ms: SIGNING.untilMs,
  api_key_hash: API.value,
  previous_api_key_hash: API.previous,
  previous_api_key_until_ms: API.untilMs,
  owner_key_hash: OWNER.value,
  previous_owner_key_hash: OWNER.previous,
  previous_owner_key_until_ms: OWNER.untilMs,
})

const ACCOUNT = columns<StoredAccount>()({
  id: id(({ account }) => account.id),
  name: text(({ account }) => account.name),
  edition: text(({ account }) => account.edition),
  payment_methods: json(({ account }) => account.paymentMethods),
  fee_rate_bps: whole(({ account }) => account.feeRates.feeRateBps),
  tax_rate_bps: whole(({ account }) => account.feeRates.taxRateBps),
  frame_origins: json(({ account }) => account.frameOrigins),
  brand_color: optionalText(({ account }) => account.brandColor),
  statement_descriptor: optionalText(({ account }) => account.statementDescriptor),
  logo_file: optionalText(({ account }) => account.logoFile),
  terms_url: optionalText(({ account }) => account.termsUrl),
  privacy_url: optionalText(({ account }) => account.privacyUrl),
  hides_powered_by: flag(({ account }) => account.hidesPoweredBy === true),
  closed_at_ms: optionalWhole(({ account }) => account.closedAtMs),
  fee_changes: json(({ account }) => account.feeChanges ?? []),
  payout_schedule: text(({ account }) => account.payoutSchedule ?? PAYOUT_SCHEDULE_DEFAULT),
  bank_account_json: optionalJson(({ account }) => account.bankAccount),
  created_at_ms: whole(({ nowMs }) => nowMs),
})
const SELECT = `select ${ACCOUNT.list()} from accounts`

function accountFrom(row: Row): Account {
  const values = ACCOUNT.read(row)
  return omitUndefined({
    id: values.id,
    name: values.name,
    edition: values.edition,
    paymentMethods: values.payment_methods,
    feeRates: { feeRateBps: values.fee_rate_bps, taxRateBps: values.tax_rate_bps },
    frameOrigins: values.frame_origins,
    brandColor: values.brand_color,
    statementDescriptor: values.statement_descriptor,
    logoFile: values.logo_file,
    termsUrl: values.terms_url,
    privacyUrl: values.privacy_url,
    hidesPoweredBy: values.hides_powered_by || undefined,
    closedAtMs: values.closed_at_ms,
    payoutSchedule:
      values.payout_schedule === PAYOUT_SCHEDULE_DEFAULT ? undefined : values.payout_schedule,
    bankAccount: values.bank_account_json,
    feeChanges: values.fee_changes.length === 0 ? undefined : values.fee_changes,
  })
}

/** Undefined: there is no such account. */
export async function findAccount(sql: Sql, id: AccountId): Promise<Account | undefined> {
  const [row] = await sql.all(`${SELECT} where id = $1`, [Number(id)])
  return row && accountFrom(row)
}

async function listAccounts(sql: Sql): Promise<readonly Account[]> {
  return (await sql.all(`${SELECT} order by id`, [])).map(accountFrom)
}

const INSERT = `insert into accounts (${ACCOUNT.list()}, ${KEYS.list()})
  values ${placeholders(1, ACCOUNT.names.length + KEYS.names.length)}`

function insertValues(account: AccountInsert, nowMs: number): SqlValue[] {
  return [...ACCOUNT.values({ account, nowMs }), ...KEYS.values(account.keys)]
}

async function insertAccount(sql: Sql, account: AccountInsert, nowMs: number): Promise<boolean> {
  return (await sql.run(`${INSERT} on conflict do nothing`, insertValues(account, nowMs))) === 1
}

const CHANGING = ACCOUNT.names.filter((name) => name !== 'id' && name !== 'created_at_ms')

/** The columns that a sandbox's start writes. The settings of payouts do not change. */
const PREPARED_CHANGES = CHANGING.filter(
  (name) => name !== 'payout_schedule' && name !== 'bank_account_json',
)

async function putAccount(sql: Sql, account: AccountInsert, nowMs: number): Promise<void> {
  await sql.run(
    `${INSERT} on conflict (id) do update set ${assignInsertedColumns([...PREPARED_CHANGES, ...KEYS.names])}`,
    insertValues(account, nowMs),
  )
}

async function lockAccount(
  { engine, sql }: Pick<TransactionContext, 'engine' | 'sql'>,
  id: AccountId,
): Promise<Account | undefined> {
  const [row] = await sql.all(`${SELECT} where id = $1${engine.rowLock}`, [Number(id)])
  return row && accountFrom(row)
}

async function updateAccount(sql: Sql, account: Account): Promise<void> {
  await sql.run(`update accounts set ${assignParameters(CHANGING, 2)} where id = $1`, [
    Number(account.id),
    ...ACCOUNT.valuesOf(CHANGING, { account, nowMs: 0 }),
  ])
}

/** Stores a logo, or keeps the one with the same content. */
async function putLogo(sql: Sql, { bytes, file }: Logo, nowMs: number): Promise<void> {
  const content = Buffer.from(bytes).toString('base64')
  await sql.run(
    `insert into account_logos (file, content, created_at_ms) values ($1, $2, $3)
     on conflict (file) do update set unused_since_ms = null`,
    [file, content, nowMs],
  )
}

/**
 * The retention of a logo that no account uses any more: a day. Other servers show it until their caches expire, and
 * open pages load it again.
 */
const UNUSED_LOGO_KEPT_MS = 24 * 60 * 60_000

const LOGO_FILES = 'select logo_file from accounts where logo_file is not null'

/**
 * Marks the logos that no account uses any more, and deletes those that were marked at least a day ago. `putLogo` in
 * another transaction removes the mark of a logo, and the deletion then skips it. Returns the number of deleted logos.
 */
export async function deleteUnusedLogos(sql: Sql, nowMs: number): Promise<number> {
  await sql.run(
    `update account_logos set unused_since_ms = null
     where unused_since_ms is not null and file in (${LOGO_FILES})`,
    [],
  )
  await sql.run(
    `update account_logos set unused_since_ms = $1
     where unused_since_ms is null and file not in (${LOGO_FILES})`,
    [nowMs],
  )
  return sql.run(
    `delete from account_logos where unused_since_ms <= $1 and file not in (${LOGO_FILES})`,
    [nowMs - UNUSED_LOGO_KEPT_MS],
  )
}

async function findLogo(sql: Sql, file: string): Promise<Uint8Array | undefined> {
  const [row] = await sql.all('select content from account_logos where file = $1', [file])
  return row && Buffer.from(String(row.content), 'base64')
}

function keysFrom(row: Row): AccountKeys {
  const values = KEYS.read(row)
  return {
    signing: keyFrom(
      values.signing_key_sealed,
      values.previous_signing_key_sealed,
      values.previous_signing_key_until_ms,
    ),
    api: keyFrom(
      values.api_key_hash,
      values.previous_api_key_hash,
      values.previous_api_key_until_ms,
    ),
    owner: keyFrom(
      values.owner_key_hash,
      values.previous_owner_key_hash,
      values.previous_owner_key_until_ms,
    ),
  }
}

async function findAccountKeys(
  sql: Sql,
  id: AccountId,
  lock = '',
): Promise<AccountKeys | undefined> {
  const [row] = await sql.all(`select ${KEYS.list()} from accounts where id = $1${lock}`, [
    Number(id),
  ])
  return row && keysFrom(row)
}

async function updateAccountKeys(sql: Sql, id: AccountId, keys: AccountKeys): Promise<void> {
  await sql.run(`update accounts set ${assignParameters(KEYS.names, 2)} where id = $1`, [
    Number(id),
    ...KEYS.values(keys),
  ])
}

/** Makes a store's functions for merchant accounts. */
export const accountsOf = ({ read, readLong }: StoreContext): Store['accounts'] => ({
  find: (id) => findAccount(read, id),
  list: () => listAccounts(readLong),
  findKeys: (id) => findAccountKeys(read, id),
  findLogo: (file) => findLogo(read, file),
})

/** Makes a transaction's functions for merchant accounts. */
export const accountsIn = ({ engine, sql }: TransactionContext): Transaction['accounts'] => ({
  find: (id) => findAccount(sql, id),
  insert: (account, nowMs) => insertAccount(sql, account, nowMs),
  put: (account, nowMs) => putAccount(sql, account, nowMs),
  lock: (id) => lockAccount({ engine, sql }, id),
  update: (account) => updateAccount(sql, account),
  lockKeys: (id) => findAccountKeys(sql, id, engine.rowLock),
  updateKeys: (id, keys) => updateAccountKeys(sql, id, keys),
  putLogo: (logo, nowMs) => putLogo(sql, logo, nowMs),
})

/** Makes the functions of `accountsIn` for operations that share a transaction: each account is read once. */
export const accountsTogether = ({ sql }: TransactionContext): SessionTransaction['accounts'] => {
  const accounts = new Map<AccountId, Promise<Account | undefined>>()
  return {
    find: (id) => {
      const finding = accounts.get(id) ?? findAccount(sql, id)
      accounts.set(id, finding)
      return finding
    },
  }
}
