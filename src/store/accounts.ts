import type { Account } from '../domain/account.ts'
import type { AccountId } from '../domain/id.ts'
import type { Edition, PaymentMethodType } from '../domain/payment-method.ts'
import type { AccountInsert, AccountSecretsStored } from '../operations/store.ts'
import type { Row, Sql, SqlValue } from './engine/engine.ts'
import { inserted, placeholders } from './engine/statement.ts'

const SELECT = `select id, name, edition, payment_methods, fee_rate_bps, tax_rate_bps, frame_origins,
  brand_color, statement_descriptor from accounts`

function accountFrom(row: Row): Account {
  return {
    id: String(row.id) as AccountId,
    name: row.name as string,
    edition: row.edition as Edition,
    paymentMethods: JSON.parse(row.payment_methods as string) as PaymentMethodType[],
    feeRates: { feeRateBps: row.fee_rate_bps as number, taxRateBps: row.tax_rate_bps as number },
    frameOrigins: JSON.parse(row.frame_origins as string) as string[],
    ...(row.brand_color !== null && { brandColor: row.brand_color as string }),
    ...(row.statement_descriptor !== null && {
      statementDescriptor: row.statement_descriptor as string,
    }),
  }
}

/** Undefined: there is no such account. */
export async function findAccount(sql: Sql, id: AccountId): Promise<Account | undefined> {
  const [row] = await sql.all(`${SELECT} where id = $1`, [Number(id)])
  return row && accountFrom(row)
}

/** Lists all accounts by id. */
export async function listAccounts(sql: Sql): Promise<readonly Account[]> {
  return (await sql.all(`${SELECT} order by id`, [])).map(accountFrom)
}

const COLUMNS = [
  'id',
  'name',
  'edition',
  'payment_methods',
  'fee_rate_bps',
  'tax_rate_bps',
  'frame_origins',
  'brand_color',
  'signing_key_sealed',
  'api_key_hash',
  'owner_key_hash',
  'statement_descriptor',
  'created_at_ms',
]
const INSERT = `insert into accounts (${COLUMNS.join(', ')}) values ${placeholders(1, COLUMNS.length)}`

function valuesFrom(account: AccountInsert, nowMs: number): SqlValue[] {
  return [
    Number(account.id),
    account.name,
    account.edition,
    JSON.stringify(account.paymentMethods),
    account.feeRates.feeRateBps,
    account.feeRates.taxRateBps,
    JSON.stringify(account.frameOrigins),
    account.brandColor ?? null,
    account.signingKeySealed,
    account.apiKeyHash,
    account.ownerKeyHash,
    account.statementDescriptor ?? null,
    nowMs,
  ]
}

/** Stores a new account. False: the id is taken, and nothing was stored. */
export async function insertAccount(
  sql: Sql,
  account: AccountInsert,
  nowMs: number,
): Promise<boolean> {
  return (await sql.run(`${INSERT} on conflict do nothing`, valuesFrom(account, nowMs))) === 1
}

/** Stores an account, or all that has changed of it. */
export async function putAccount(sql: Sql, account: AccountInsert, nowMs: number): Promise<void> {
  const changed = inserted(
    COLUMNS.filter((column) => column !== 'id' && column !== 'created_at_ms'),
  )
  await sql.run(`${INSERT} on conflict (id) do update set ${changed}`, valuesFrom(account, nowMs))
}

/** Gives what is stored of the keys that pages and redirects need. Undefined: no such account. */
export async function findAccountSecrets(
  sql: Sql,
  id: AccountId,
): Promise<AccountSecretsStored | undefined> {
  const [row] = await sql.all(
    'select signing_key_sealed, api_key_hash from accounts where id = $1',
    [Number(id)],
  )
  return (
    row && {
      signingKeySealed: row.signing_key_sealed as string,
      apiKeyHash: row.api_key_hash as string,
    }
  )
}

/** Gives the SHA-256 of the key with which the account's owner answers a consent page. */
export async function findOwnerKeyHash(sql: Sql, id: AccountId): Promise<string | undefined> {
  const [row] = await sql.all('select owner_key_hash from accounts where id = $1', [Number(id)])
  return row?.owner_key_hash as string | undefined
}
