/** A parameter of a statement. Booleans are 0 and 1; JSON and lists are text. */
export type SqlValue = string | number | bigint | null

/** One row as the database gives it, columns by name. Whole numbers come as `number`. */
export type Row = { readonly [column: string]: SqlValue | undefined }

/** A place where statements can be run: a transaction, or a connection on which each stands alone. */
export type Sql = {
  /** Runs a statement with `$1…` parameters and gives its rows. */
  readonly all: (text: string, params: readonly SqlValue[]) => Promise<readonly Row[]>
  /** Runs a statement and gives how many rows it changed. */
  readonly run: (text: string, params: readonly SqlValue[]) => Promise<number>
}

/** A database that statements of our common subset run on, and what it does in its own way. */
export type Engine = {
  readonly name: 'sqlite' | 'postgres'
  /** Sees what has been committed, and nothing else. */
  readonly read: Sql
  /** The same for lists and reports: a statement may take longer than a request can wait for its own. */
  readonly readLong: Sql
  /**
   * Runs one select with many lists of parameters in one visit to the database. Undefined where one
   * statement for all of them costs less.
   */
  readonly readMany?: (
    text: string,
    paramLists: readonly (readonly SqlValue[])[],
  ) => Promise<readonly (readonly Row[])[]>
  /** Runs the work in one transaction, which may share its commit with others. */
  readonly transaction: <Result>(work: (sql: Sql) => Promise<Result>) => Promise<Result>
  /** The same for work in the background whose statements may take long. */
  readonly longTransaction: <Result>(work: (sql: Sql) => Promise<Result>) => Promise<Result>
  /**
   * Runs reads that all see one state of the database, for as long as they take. Nothing is written.
   */
  readonly snapshot: <Result>(work: (sql: Sql) => Promise<Result>) => Promise<Result>
  /**
   * Gives all that is committed, as bytes with which a database in memory can begin. Undefined where the
   * database is another program's.
   */
  readonly image?: () => Promise<Uint8Array>
  /**
   * Puts an image in the place of all that the database holds, in one step: other programs that have it
   * open go on with the new content. Throws DatabaseUnusable, and then nothing has changed. The
   * caller keeps transactions away until it has ended.
   */
  readonly replaceBy?: (image: Uint8Array) => Promise<void>
  /** Gives the database's time of day, in milliseconds. Undefined where it goes by this machine's clock. */
  readonly clockMs?: () => Promise<number>
  /** Gives the size of an image in bytes; while the database rests, that of its compressed image. */
  readonly byteCount?: () => number
  /**
   * Gives most of that memory back until the database is next used, which then takes some milliseconds
   * longer. Undefined where the database is not in memory.
   */
  readonly rest?: () => Promise<void>
  /** Appended to a select in a transaction, it holds the rows until the transaction ends. */
  readonly rowLock: string
  /** Locks the rows like `rowLock`, and skips rows that another transaction has locked. */
  readonly skipLocked: string
  /**
   * True if one statement is best for many rows. If not, one statement for each row inside a
   * shared commit is as good.
   */
  readonly prefersManyRowStatements: boolean
  /** True if this process makes the commit and handles nothing else in the meantime. */
  readonly commitsInProcess: boolean
  /** True if rows of different buckets are on different machines, so that a statement must name one bucket. */
  readonly isDistributed: boolean
  /** Runs several statements without parameters, as a migration has them, in one transaction. */
  readonly migrate: (
    work: (sql: Sql & { script: (text: string) => Promise<void> }) => Promise<void>,
  ) => Promise<void>
  readonly close: () => Promise<void>
}

/** A database that cannot be used, in a sentence for the person who started the program. */
export class DatabaseUnusable extends Error {}

/** The connection to the database broke, or no answer came in time. What was sent may have been carried out. */
export class ConnectionLost extends Error {}

const SQLITE_CONSTRAINT = 19

/**
 * Answers whether the database itself refused a row or a wait, and so stored nothing: a constraint,
 * a value that does not fit, a deadlock, a lock held for too long.
 */
export function isRefusedRow(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number') return (errcode & 0xff) === SQLITE_CONSTRAINT
  // Classes of SQLSTATE: https://www.postgresql.org/docs/15/errcodes-appendix.html
  return typeof code === 'string' && /^(22|23|40|55)...$/.test(code)
}

/** Answers whether the error says that another transaction held a row for too long. */
export function isLockTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === '55P03'
}
