import { BUCKET_COUNT } from '../../domain/id.ts'

/** A parameter of a statement. Booleans are 0 and 1; JSON and lists are text. */
export type SqlValue = string | number | bigint | null

/** One row of a result, columns by name. Whole numbers are of type `number`. */
export type Row = { readonly [column: string]: SqlValue | undefined }

/** A connection for statements: a transaction, or a connection on which each statement is its own transaction. */
export type Sql = {
  /** Runs a statement with `$1…` parameters and returns its rows. */
  readonly all: (text: string, params: readonly SqlValue[]) => Promise<readonly Row[]>
  /** Runs a statement and returns the number of changed rows. */
  readonly run: (text: string, params: readonly SqlValue[]) => Promise<number>
  /** Runs a statement once for each list of parameters. Undefined: one statement for all lists costs less. */
  readonly runMany?: (
    text: string,
    paramLists: readonly (readonly SqlValue[])[],
  ) => Promise<readonly number[]>
}

/** The items that share a commit or a round trip. `transaction`: transactions that share a commit of SQLite. */
export type BatchKind =
  | 'create'
  | 'create_with_key'
  | 'retrieve'
  | 'attempt_outlines'
  | 'delivery_attempt'
  | 'session_change'
  | 'transaction'

/** Counts a batch and its items. */
export type CountBatch = (kind: BatchKind, itemCount: number) => void

/** A connection for work on the schema. A script that fails within its own transaction changes nothing. */
export type MaintenanceSql = Sql & {
  /** Runs several statements without parameters. */
  readonly script: (text: string) => Promise<void>
}

/** The machines of a distributed database. A place is a host and a port: `10.0.0.7:5432`. */
export type Nodes = {
  /** Returns the place of the node that holds a bucket. Undefined: the tables are not distributed yet. */
  readonly placeOf: (bucket: number) => string | undefined
  /** False: the node that holds the bucket does not answer. */
  readonly isReachable: (bucket: number) => boolean
  /** Returns the places of the nodes that do not answer. */
  readonly unreachable: () => readonly string[]
}

/** A database for statements of our common subset of SQL, with its named capabilities. */
export type Engine = {
  readonly name: 'sqlite' | 'postgres'
  /** Reads committed rows only. */
  readonly read: Sql
  /** The same as `read`, with a longer time limit for lists and reports. */
  readonly readLong: Sql
  /**
   * Runs a select once for each list of parameters, in one round trip. Undefined: one statement for all lists costs
   * less.
   */
  readonly readMany?: (
    text: string,
    paramLists: readonly (readonly SqlValue[])[],
  ) => Promise<readonly (readonly Row[])[]>
  /** Runs the work in one transaction, which may share its commit with others. */
  readonly transaction: <Result>(work: (sql: Sql) => Promise<Result>) => Promise<Result>
  /** The same as `transaction`, for the work of many requests: it does not wait for others to join its commit. */
  readonly gatheredTransaction: <Result>(work: (sql: Sql) => Promise<Result>) => Promise<Result>
  /** The same as `transaction`, with a longer time limit for background work. */
  readonly longTransaction: <Result>(work: (sql: Sql) => Promise<Result>) => Promise<Result>
  /** Runs reads that all see the same state of the database. Each may take an hour. They must not write. */
  readonly snapshot: <Result>(work: (sql: Sql) => Promise<Result>) => Promise<Result>
  /**
   * Returns all committed content, as bytes from which a database in memory can start. Undefined: the database belongs
   * to another program.
   */
  readonly image?: () => Promise<Uint8Array>
  /**
   * Replaces the database's whole content with an image, in one step. Other programs that have opened it continue with
   * the new content. If it throws DatabaseUnusable, nothing has changed. The caller must start no transaction before
   * the replacement has ended.
   */
  readonly replaceBy?: (image: Uint8Array) => Promise<void>
  /**
   * Returns the replica for long reads if it cannot be used, such as `replica 10.0.0.9:5432/live`. Undefined: the
   * engine has none.
   */
  readonly lostReplica?: () => readonly string[]
  /** Returns the database's time. Undefined: it uses this machine's clock. */
  readonly clockMs?: () => Promise<number>
  /** Returns the size of an image, in bytes. While the database rests, it is the compressed size. */
  readonly byteCount?: () => number
  /**
   * Releases most of the database's memory until its next use, which then takes some milliseconds longer. Undefined:
   * the database is not in memory.
   */
  readonly rest?: () => Promise<void>
  /** The text to append to a select in a transaction. It locks the selected rows until the transaction ends. */
  readonly rowLock: string
  /** Locks the rows like `rowLock`, and skips rows that another transaction has locked. */
  readonly skipLocked: string
  /** True if one statement for many rows costs less than one for each row in a shared commit. */
  readonly prefersManyRowStatements: boolean
  /** True: this process itself makes the commit, and handles nothing else in the meantime. */
  readonly commitsInProcess: boolean
  /** The maximum number of batches of one kind that run at the same time. */
  readonly batchCountMax: number
  /** Called for each batch of this database. */
  readonly countBatch: CountBatch
  /** True if rows of different buckets are on different machines, so that a statement must name one bucket. */
  readonly isDistributed: boolean
  /** Undefined: the database is on one machine. */
  readonly nodes?: Nodes
  /** Runs several statements without parameters, such as a migration, in one transaction. */
  readonly migrate: (work: (sql: MaintenanceSql) => Promise<void>) => Promise<void>
  /**
   * Runs work on one connection, in separate transactions. Each statement may take a day. Undefined: the
   * database is in this process.
   */
  readonly maintain?: <Result>(work: (sql: MaintenanceSql) => Promise<Result>) => Promise<Result>
  readonly close: () => Promise<void>
}

/** An unusable database, described in a sentence for the operator. */
export class DatabaseUnusable extends Error {}

/** The connection to the database broke, or no answer came in time. The statement may have been carried out. */
export class ConnectionLost extends Error {}

/**
 * A node of a distributed database does not answer, and the others do. The statement may have been carried out if the
 * node stopped meanwhile.
 */
export class NodeUnreachable extends Error {
  /** True if the coordinator still waits for the node, so that the statement's connection is not usable. */
  readonly isWaiting: boolean

  constructor(place: string, { isWaiting = false, ...options }: NodeErrorOptions = {}) {
    super(`the node ${place} does not answer`, options)
    this.isWaiting = isWaiting
  }
}

type NodeErrorOptions = ErrorOptions & { readonly isWaiting?: boolean }

/** The beginning of the condition of `inReachableBuckets`. */
export const REACHABLE_BUCKETS = "bucket = any('{"

/**
 * Returns a condition for a statement over all buckets. The condition, such as ` and bucket = any(…)`, leaves out the
 * buckets of unreachable nodes. Empty: all nodes answer.
 */
export function inReachableBuckets({ nodes }: Pick<Engine, 'nodes'>): string {
  if (nodes === undefined || nodes.unreachable().length === 0) return ''
  const buckets = Array.from({ length: BUCKET_COUNT }, (_, bucket) => bucket)
  return ` and ${REACHABLE_BUCKETS}${buckets.filter(nodes.isReachable)}}'::smallint[])`
}

const SQLITE_CONSTRAINT = 19

/**
 * Returns true if the database refused a statement and stored nothing, because of a constraint, a value that does not
 * fit, a deadlock, or a lock timeout.
 */
export function isRefusedRow(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number') return (errcode & 0xff) === SQLITE_CONSTRAINT
  // Classes of SQLSTATE: https://www.postgresql.org/docs/15/errcodes-appendix.html
  return typeof code === 'string' && /^(22|23|40|55)...$/.test(code)
}

/** Returns true if the error is a lock timeout of PostgreSQL. */
export function isLockTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === '55P03'
}

/** Returns true if the transaction and another one waited for each other. A second try can succeed. */
export function isDeadlock(error: unknown): boolean {
  return (error as { code?: unknown }).code === '40P01'
}
