import { type OutageReason, StoreUnavailable } from '../../operations/store.ts'
import { ConnectionLost, type Engine, NodeUnreachable, type Sql } from './engine.ts'

// Primary result codes: https://www.sqlite.org/rescode.html
const SQLITE_REASONS: ReadonlyMap<number, OutageReason> = new Map([
  // Another process held the write lock longer than the limit.
  [5, 'lost'],
  // No memory.
  [7, 'lost'],
  [8, 'read_only'],
  // An I/O error.
  [10, 'lost'],
  // A damaged file.
  [11, 'lost'],
  [13, 'full'],
  // The file cannot be opened, or its locks do not work.
  [14, 'lost'],
  [15, 'lost'],
  [26, 'lost'],
])

/**
 * SQLSTATEs that report a state of PostgreSQL instead of a fault of the statement: a lost connection (08), no access
 * or no such database at a later connection (28, 3D), too few resources (53), a time limit or a shutdown (25P03, 57),
 * an error of its system (58). Source: https://www.postgresql.org/docs/15/errcodes-appendix.html
 */
const POSTGRES_OUTAGE = /^(?:08...|25P03|28...|3D000|53...|57014|57P0[1-5]|58...)$/
const POSTGRES_READ_ONLY = '25006'
const POSTGRES_DISK_FULL = '53100'

/**
 * Returns the reason why the database cannot be used. Undefined: the error is about the statement, not about the
 * database.
 */
export function outageReason(error: unknown): OutageReason | undefined {
  if (error instanceof ConnectionLost) return 'lost'
  if (error instanceof NodeUnreachable) return 'node'
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number') return SQLITE_REASONS.get(errcode & 0xff)
  if (typeof code !== 'string') return undefined
  if (code === POSTGRES_DISK_FULL) return 'full'
  if (code === POSTGRES_READ_ONLY) return 'read_only'
  return POSTGRES_OUTAGE.test(code) ? 'lost' : undefined
}

/**
 * Makes an engine that reports every outage as StoreUnavailable. `onFull` is called
 * for each write that found no space.
 */
export function withOutages(engine: Engine, onFull: () => void): Engine {
  function report(error: unknown): never {
    const reason = outageReason(error)
    if (reason === undefined) throw error
    if (reason === 'full') onFull()
    throw new StoreUnavailable(reason, { cause: error })
  }
  const reporting = (sql: Sql): Sql => ({
    all: (text, params) => sql.all(text, params).catch(report),
    run: (text, params) => sql.run(text, params).catch(report),
  })
  const { readMany } = engine
  return {
    ...engine,
    read: reporting(engine.read),
    readLong: reporting(engine.readLong),
    ...(readMany !== undefined && {
      readMany: (text, paramLists) => readMany(text, paramLists).catch(report),
    }),
    transaction: (work) => engine.transaction(work).catch(report),
    gatheredTransaction: (work) => engine.gatheredTransaction(work).catch(report),
    longTransaction: (work) => engine.longTransaction(work).catch(report),
    snapshot: (work) => engine.snapshot(work).catch(report),
  }
}
