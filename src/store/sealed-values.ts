import type { SealedValue, Store, Transaction } from '../operations/store.ts'
import { optionalText } from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Sql, SqlValue } from './engine/engine.ts'

type SealedColumn = {
  readonly table: string
  readonly column: string
  readonly key: readonly string[]
}

/**
 * Every column with sealed values, by the name of its place. The key of public ids is in no such column: it is a fact of
 * the installation.
 */
const COLUMNS: Readonly<Record<SealedValue['place'], SealedColumn>> = {
  account_signing_keys: { table: 'accounts', column: 'signing_key_sealed', key: ['id'] },
  previous_account_signing_keys: {
    table: 'accounts',
    column: 'previous_signing_key_sealed',
    key: ['id'],
  },
  webhook_keys: { table: 'webhook_endpoints', column: 'signing_key_sealed', key: ['id'] },
  previous_webhook_keys: { table: 'webhook_endpoints', column: 'previous_key_sealed', key: ['id'] },
  idempotent_answers: {
    table: 'idempotency_keys',
    column: 'answer_sealed',
    key: ['bucket', 'identity_hash'],
  },
  saved_method_tokens: {
    table: 'payment_methods',
    column: 'token_sealed',
    key: ['bucket', 'id'],
  },
  operator_code_secrets: { table: 'operators', column: 'code_secret_sealed', key: ['id'] },
}

const SEALED_TEXT = optionalText((text: string | undefined) => text)

async function listSealedValues(
  sql: Sql,
  place: SealedValue['place'],
  after: SealedValue | undefined,
  countMax: number,
): Promise<readonly SealedValue[]> {
  const { column, key, table } = COLUMNS[place]
  const params: SqlValue[] = [countMax, ...(after?.key ?? [])]
  const marks = key.map((_, index) => `$${index + 2}`).join(', ')
  const from = after === undefined ? '' : ` and (${key.join(', ')}) > (${marks})`
  const rows = await sql.all(
    `select ${key.join(', ')}, ${column} as sealed from ${table}
     where ${column} is not null${from} order by ${key.join(', ')} limit $1`,
    params,
  )
  return rows.map((row) => ({
    place,
    key: key.map((name) => {
      const value = row[name]
      return typeof value === 'string' ? value : Number(value)
    }),
    sealedText: SEALED_TEXT.read(row.sealed) ?? '',
  }))
}

async function replaceSealedValue(
  sql: Sql,
  { key: values, place, sealedText }: SealedValue,
  newSealedText: string,
): Promise<boolean> {
  const { column, key, table } = COLUMNS[place]
  const conditions = key.map((name, index) => `${name} = $${index + 3}`).join(' and ')
  const count = await sql.run(
    `update ${table} set ${column} = $1 where ${column} = $2 and ${conditions}`,
    [newSealedText, sealedText, ...values],
  )
  return count === 1
}

/** Makes a store's functions for sealed values. */
export const sealedValuesOf = ({ readLong }: StoreContext): Store['sealedValues'] => ({
  list: (place, after, countMax) => listSealedValues(readLong, place, after, countMax),
})

/** Makes a transaction's functions for sealed values. */
export const sealedValuesIn = ({ sql }: TransactionContext): Transaction['sealedValues'] => ({
  replace: (value, newSealedText) => replaceSealedValue(sql, value, newSealedText),
})
