/** Copies of data files: made while a server runs, and read for checks. */
import { closeSync, existsSync, fsyncSync, openSync, realpathSync } from 'node:fs'
import type { DatabaseSync as Database } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { DatabaseUnusable, type Row, type Sql } from './engine.ts'
import { backup, DatabaseSync } from './new-builtins.ts'
import { dataFileSentence, numberParameters } from './sqlite.ts'

/** The longest wait for another program that locks the file. */
const BUSY_MS_MAX = 5_000
/**
 * The number of pages in one step of a copy: 8 MB. Between two steps the progress is shown, and signals are
 * handled.
 */
const STEP_PAGE_COUNT = 2_048
/** The page cache of a reader of a copy. */
const CACHE_KIB = 65_536

/** A data file that is only read. */
export type OpenCopy = {
  /** All reads see the same state, even while a server changes the file. */
  readonly sql: Sql
  /** Copies the content into an existing empty file, in the same state. `onStep` may throw to end the copy. */
  readonly copyTo: (file: string, onStep?: (step: CopyStep) => void) => Promise<void>
  readonly close: () => void
}

/** A part of a copy, in bytes. */
export type CopyStep = { readonly doneBytes: number; readonly totalBytes: number }

/**
 * Opens an existing data file, or a copy of one, for reading. A server may use it. The program needs no right to write
 * to the folder. Throws DatabaseUnusable.
 */
export function openCopy(file: string): OpenCopy {
  const database = openForReading(file)
  return {
    sql: {
      all: async (text, params) =>
        explainFailure(
          file,
          () => database.prepare(numberParameters(text)).all(...params) as Row[],
        ),
      run: async () => {
        throw new Error('a copy is not changed')
      },
    },
    copyTo: async (target, onStep = () => {}) => {
      const pageBytes = Number(Object.values(database.prepare('pragma page_size').get() ?? {})[0])
      await copyPages(database, { file, target }, ({ remainingPages, totalPages }) =>
        onStep({
          doneBytes: (totalPages - remainingPages) * pageBytes,
          totalBytes: totalPages * pageBytes,
        }),
      )
      makeSelfContained(target)
    },
    close: () => database.close(),
  }
}

function openForReading(file: string): Database {
  try {
    return beginReading(realpathSync(file))
  } catch (error) {
    if (!needsLog(file, error)) throw new DatabaseUnusable(dataFileSentence(error, file))
    return explainFailure(file, () => beginReading(immutable(realpathSync(file))))
  }
}

/** Begins a transaction that keeps the state of its first read, so that writes of a server do not restart a copy. */
function beginReading(path: string | URL): Database {
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS_MAX })
  try {
    database.exec(`pragma cache_size = -${CACHE_KIB}; begin; select count(*) from sqlite_schema`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const SQLITE_CANTOPEN = 14

/**
 * Returns true for a file in write-ahead mode in a folder that the program may not write to: SQLite cannot create its
 * log. The folder accepts no writes, so the file can be read without a log.
 */
function needsLog(file: string, error: unknown): boolean {
  const { errcode } = error as { errcode?: number }
  return errcode === SQLITE_CANTOPEN && existsSync(file) && !existsSync(`${realpathSync(file)}-wal`)
}

function immutable(path: string): URL {
  const url = pathToFileURL(path)
  url.searchParams.set('immutable', '1')
  return url
}

type Pages = { readonly totalPages: number; readonly remainingPages: number }

async function copyPages(
  database: Database,
  { file, target }: { readonly file: string; readonly target: string },
  onPages: (pages: Pages) => void,
): Promise<void> {
  let stop: unknown
  const targetFile = openSync(target, 'r+')
  try {
    await backup(database, target, {
      rate: STEP_PAGE_COUNT,
      progress: (pages) => {
        try {
          // Many small flushes to the disk delay the commits of a server less than one large flush at the end.
          fsyncSync(targetFile)
          onPages(pages)
        } catch (error) {
          stop = error
          throw error
        }
      },
    })
  } catch (error) {
    throw stop ?? new DatabaseUnusable(dataFileSentence(error, file))
  } finally {
    // Not earlier: closing a file ends all locks of this process on it.
    closeSync(targetFile)
  }
}

/** Turns a copy into one file that needs no log beside it. A server turns its log on again. */
function makeSelfContained(file: string): void {
  const database = new DatabaseSync(file)
  try {
    database.exec('pragma synchronous = full; pragma journal_mode = delete')
  } catch (error) {
    throw new DatabaseUnusable(dataFileSentence(error, file))
  } finally {
    database.close()
  }
}

function explainFailure<Result>(file: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw new DatabaseUnusable(dataFileSentence(error, file))
  }
}
