/** Reads all rows of an account in steps, in the order of their creation. */
import type { AccountId } from '../domain/id.ts'
import type { ListTimes } from '../operations/store.ts'
import type { Sql, SqlValue } from './engine/engine.ts'

/** A table with an index on the account, the time of creation and the keys. */
type TimedTable = {
  readonly name: string
  /** The columns to select, of the alias `t`. */
  readonly columns: string
  /** A condition for all rows, of the alias `t`. Undefined: none. */
  readonly condition?: string
  /** The columns that order the rows of one millisecond. */
  readonly keys: readonly string[]
}

type Step = {
  readonly accountId: AccountId
  readonly times: ListTimes
  /** The time of creation and the keys of the last row of the step before. Undefined: this is the first step. */
  readonly after: readonly SqlValue[] | undefined
  readonly countMax: number
}

/** The order of the rows, of the alias `t`. */
export const orderOf = ({ keys }: Pick<TimedTable, 'keys'>): string =>
  ['t.created_at_ms', ...keys.map((key) => `t.${key}`)].join(', ')

/**
 * Writes the select of one step. Each step begins at its position in the index, so all steps cost
 * the same, and a row that is written between two steps does not shift the positions of others.
 */
export function selectAfter(
  table: TimedTable,
  { accountId, after, countMax, times }: Step,
): { readonly text: string; readonly params: readonly SqlValue[] } {
  const params: SqlValue[] = []
  const mark = (value: SqlValue) => `$${params.push(value)}`
  const conditions = [`t.account_id = ${mark(Number(accountId))}`]
  if (after !== undefined) {
    conditions.push(`(${orderOf(table)}) > (${after.map(mark).join(', ')})`)
  } else if (times.createdFromMs !== undefined) {
    conditions.push(`t.created_at_ms >= ${mark(times.createdFromMs)}`)
  }
  if (times.createdToMs !== undefined) {
    conditions.push(`t.created_at_ms < ${mark(times.createdToMs)}`)
  }
  if (table.condition !== undefined) conditions.push(table.condition)
  const text = `select ${table.columns} from ${table.name} t where ${conditions.join(' and ')}
    order by ${orderOf(table)} limit ${mark(countMax)}`
  return { text, params }
}

/** Counts the rows of an account, up to `countMax`, in the index that the steps read. */
export async function countRows(
  sql: Sql,
  { condition, keys, name }: TimedTable,
  list: Omit<Step, 'after'>,
): Promise<number> {
  const table = { name, keys, columns: '1', ...(condition !== undefined && { condition }) }
  const { params, text } = selectAfter(table, { ...list, after: undefined })
  const [row] = await sql.all(`select count(*) as total from (${text}) c`, params)
  return Number(row?.total)
}
