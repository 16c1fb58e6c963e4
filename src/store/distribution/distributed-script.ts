import { placeTable } from './placed-tables.ts'
import type { TableKind } from './table-kinds.ts'

/** A part of SQL text that is kept whole: a comment, a text, a quoted name, or the body of a function. */
const WHOLE = /--[^\n]*|'(?:[^']|'')*'|"[^"]*"|\$\$[\s\S]*?\$\$/g

/**
 * Writes the statements of a migration for a distributed database. Citus runs each alone. A new table is placed by its
 * kind and then gets its foreign keys to distributed tables, before it gets rows.
 */
export function distributedScript(
  text: string,
  kinds: Readonly<Record<string, TableKind>>,
): readonly string[] {
  const statements = splitStatements(text)
  const finalNames = new Map(
    statements.flatMap((statement) => {
      const [, from, to] = /^alter table (\w+) rename to (\w+)$/i.exec(statement) ?? []
      return from === undefined || to === undefined ? [] : [[from, to] as const]
    }),
  )
  return [
    // Within one transaction Citus changes reference tables and distributed ones only one shard after another.
    "set local citus.multi_shard_modify_mode = 'sequential'",
    ...statements.flatMap((statement) => {
      const column = withoutCheck(statement, kinds)
      if (column !== undefined) return column
      const table = /^create table (\w+)/i.exec(statement)?.[1]
      const kind = table === undefined ? undefined : kinds[finalNames.get(table) ?? table]
      if (table === undefined || kind === undefined || kind === 'local') return [statement]
      const { foreignKeys, rest } = withoutForeignKeys(statement, kinds)
      return [
        rest,
        placeTable(table, kind),
        ...foreignKeys.map((foreignKey) => `alter table ${table} add ${foreignKey}`),
      ]
    }),
  ]
}

/** Splits a script at its semicolons, without comments and empty statements. */
export function splitStatements(text: string): readonly string[] {
  const keptTexts: string[] = []
  const markedText = text.replaceAll(WHOLE, (whole) =>
    whole.startsWith('--') ? '' : `\0${keptTexts.push(whole) - 1}\0`,
  )
  return markedText
    .split(';')
    .map((statement) =>
      statement.trim().replaceAll(/\0(\d+)\0/g, (_, index) => keptTexts[Number(index)] ?? ''),
    )
    .filter((statement) => statement !== '')
}

/**
 * Writes a new column with a check as two statements, because Citus refuses them in one. Undefined: the statement adds
 * no such column, or its table is local.
 */
function withoutCheck(
  statement: string,
  kinds: Readonly<Record<string, TableKind>>,
): readonly string[] | undefined {
  const match = /^alter table (\w+) add column (\w+) ([\s\S]*)\s(check \([\s\S]*\))$/i.exec(
    statement,
  )
  if (match === null) return undefined
  const [, table = '', column = '', definition = '', check = ''] = match
  if ((kinds[table] ?? 'local') === 'local') return undefined
  return [
    `alter table ${table} add column ${column} ${definition}`,
    `alter table ${table} add constraint ${table}_${column}_check ${check}`,
  ]
}

/** Takes the foreign keys to distributed tables out of a statement that creates a table. */
function withoutForeignKeys(
  statement: string,
  kinds: Readonly<Record<string, TableKind>>,
): { readonly rest: string; readonly foreignKeys: readonly string[] } {
  const foreignKeys: string[] = []
  const rest = statement.replaceAll(
    /,\s*(foreign key \([^)]*\)\s+references (\w+) \([^)]*\)(?: on delete \w+)?)/gi,
    (whole, foreignKey: string, target: string) => {
      if (kinds[target] !== 'distributed') return whole
      foreignKeys.push(foreignKey)
      return ''
    },
  )
  return { foreignKeys, rest }
}
