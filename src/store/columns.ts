/**
 * The columns of one kind of record. The name, writer and reader of each column are declared together, so that insert,
 * select and read always agree.
 */
import type { Row, SqlValue } from './engine/engine.ts'
import { placeholders } from './engine/statement.ts'

/** The SQL types of columns, which both engines know. */
export type SqlType = 'smallint' | 'bigint' | 'text'

/** One column. `write` makes the value in a row from a record, and `read` makes the record's value from it. */
type Column<Source, Value> = {
  readonly sql: SqlType
  readonly write: (source: Source) => SqlValue
  readonly read: (value: SqlValue | undefined) => Value
}

// biome-ignore lint/suspicious/noExplicitAny: the value's type is inferred for each column.
type ColumnsOf<Source> = Readonly<Record<string, Column<Source, any>>>

type Values<Columns extends ColumnsOf<never>> = {
  readonly [Name in keyof Columns]: ReturnType<Columns[Name]['read']>
}

type ColumnTable<Source, Columns extends ColumnsOf<never>> = {
  readonly names: readonly (string & keyof Columns)[]
  /** The SQL types, in the order of the names. */
  readonly types: readonly SqlType[]
  /** The columns themselves, to read a row that was selected with some of them. */
  readonly columns: Columns
  /** The names for a select or an insert: `bucket, id`, with an alias `r.bucket, r.id`. */
  readonly list: (alias?: string) => string
  /** The columns and parameters of an insert of rows: `(bucket, id) values ($1, $2)`. */
  readonly insert: (rowCount?: number) => string
  /** Returns the values of a record, in the order of the names. */
  readonly values: (source: Source) => SqlValue[]
  readonly valuesOf: (names: readonly (string & keyof Columns)[], source: Source) => SqlValue[]
  /** Reads a row that was selected with all columns. */
  readonly read: (row: Row) => Values<Columns>
}

/**
 * Makes a table of columns. The first call names the record's type, the second gets the columns: `columns<Refund>()({
 * … })`.
 */
export function columns<Source>() {
  return <const Columns extends ColumnsOf<Source>>(
    table: Columns,
  ): ColumnTable<Source, Columns> => {
    const names = Object.keys(table)
    // These loops read and write every row of the hot paths.
    const writers = Object.values(table).map(({ write }) => write)
    const readers = Object.values(table).map(({ read }) => read)
    const list = (alias?: string) =>
      names.map((name) => (alias === undefined ? name : `${alias}.${name}`)).join(', ')
    return {
      names,
      types: Object.values(table).map(({ sql }) => sql),
      columns: table,
      list,
      insert: (rowCount = 1) => `(${list()}) values ${placeholders(rowCount, names.length)}`,
      values: (source) => {
        const values: SqlValue[] = []
        for (const write of writers) values.push(write(source))
        return values
      },
      valuesOf: (some, source) => some.map((name) => table[name]?.write(source) ?? null),
      read: (row) => {
        const values: Record<string, unknown> = {}
        for (let index = 0; index < names.length; index += 1) {
          const name = names[index]
          if (name !== undefined) values[name] = readers[index]?.(row[name])
        }
        return values as Values<Columns>
      },
    }
  }
}

/** Makes a column for a text. If its type is a list of words, a database constraint checks them. */
export function text<Source, Value extends string>(
  write: (source: Source) => Value,
): Column<Source, Value> {
  return { sql: 'text', write, read: (value) => String(value) as Value }
}

/** Makes a column for an optional text. */
export function optionalText<Source, Value extends string>(
  write: (source: Source) => Value | undefined,
): Column<Source, Value | undefined> {
  return {
    sql: 'text',
    write: (source) => write(source) ?? null,
    read: (value) => (value === null ? undefined : (String(value) as Value)),
  }
}

/** Makes a column for an id: digits in the program, a whole number in the database. */
export function id<Source, Id extends string>(write: (source: Source) => Id): Column<Source, Id> {
  return {
    sql: 'bigint',
    write: (source) => Number(write(source)),
    read: (value) => String(value) as Id,
  }
}

/** Makes a column for an optional id. */
export function optionalId<Source, Id extends string>(
  write: (source: Source) => Id | undefined,
): Column<Source, Id | undefined> {
  return {
    sql: 'bigint',
    write: (source) => {
      const value = write(source)
      return value === undefined ? null : Number(value)
    },
    read: (value) => (value === null ? undefined : (String(value) as Id)),
  }
}

/** Makes a column for a whole number: a count, a position, or a time in milliseconds. */
export function whole<Source>(write: (source: Source) => number): Column<Source, number> {
  return { sql: 'bigint', write, read: Number }
}

/** Makes a column for a small whole number, up to 32,767: a bucket or a count. */
export function small<Source>(write: (source: Source) => number): Column<Source, number> {
  return { sql: 'smallint', write, read: Number }
}

/** Makes a column for an optional whole number. */
export function optionalWhole<Source>(
  write: (source: Source) => number | undefined,
): Column<Source, number | undefined> {
  return {
    sql: 'bigint',
    write: (source) => write(source) ?? null,
    read: (value) => (value === null ? undefined : Number(value)),
  }
}

/** Makes a column for an amount in minor units. */
export function minor<Source>(write: (source: Source) => bigint): Column<Source, bigint> {
  return { sql: 'bigint', write, read: (value) => BigInt(value ?? 0) }
}

/** Makes a column for an optional amount in minor units. */
export function optionalMinor<Source>(
  write: (source: Source) => bigint | undefined,
): Column<Source, bigint | undefined> {
  return {
    sql: 'bigint',
    write: (source) => write(source) ?? null,
    read: (value) => (value === null || value === undefined ? undefined : BigInt(value)),
  }
}

/** Makes a column for true or false, stored as 1 or 0. */
export function flag<Source>(write: (source: Source) => boolean): Column<Source, boolean> {
  return {
    sql: 'smallint',
    write: (source) => (write(source) ? 1 : 0),
    read: (value) => value === 1,
  }
}

/** Makes a column for a value that is stored as JSON text. Only Paydesk writes it. */
export function json<Source, Value>(write: (source: Source) => Value): Column<Source, Value> {
  return {
    sql: 'text',
    write: (source) => JSON.stringify(write(source)),
    read: (value) => JSON.parse(String(value)) as Value,
  }
}

/** Makes a column for an optional value that is stored as JSON text. */
export function optionalJson<Source, Value>(
  write: (source: Source) => Value | undefined,
): Column<Source, Value | undefined> {
  return {
    sql: 'text',
    write: (source) => {
      const value = write(source)
      return value === undefined ? null : JSON.stringify(value)
    },
    read: (value) => (value === null ? undefined : (JSON.parse(String(value)) as Value)),
  }
}

/** Makes a column for a list of words without blanks, stored as one text. */
export function words<Source, Word extends string>(
  write: (source: Source) => readonly Word[],
): Column<Source, readonly Word[]> {
  return {
    sql: 'text',
    write: (source) => write(source).join(' '),
    read: (value) => String(value).split(' ').filter(Boolean) as Word[],
  }
}

/** Copies an object without its undefined fields, because records have absent fields instead of undefined ones. */
export function omitUndefined<Fields extends object>(fields: Fields): DefinedFields<Fields> {
  const copy: Record<string, unknown> = {}
  for (const name in fields) if (fields[name] !== undefined) copy[name] = fields[name]
  return copy as DefinedFields<Fields>
}

type DefinedFields<Fields> = {
  readonly [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name]
} & {
  readonly [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]?: Exclude<
    Fields[Name],
    undefined
  >
}
