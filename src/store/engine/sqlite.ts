import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync as Database, StatementSync } from 'node:sqlite'
import { setTimeout } from 'node:timers'
import {
  type CountBatch,
  DatabaseUnusable,
  type Engine,
  type Row,
  type Sql,
  type SqlValue,
} from './engine.ts'
import { GroupCommit, type Settlement } from './group-commit.ts'
import { backup, DatabaseSync, zstdCompressSync, zstdDecompressSync } from './new-builtins.ts'
import { openReaders, type Readers } from './sqlite-readers.ts'

/** The longest wait for another process that is writing. */
const BUSY_MS_MAX = 5_000
/** The wait inside SQLite in each try. This process handles nothing else in the meantime. */
const BUSY_TIMEOUT_MS = 20
const BUSY_RETRY_MS = 10

/** The page cache of the reading connection. */
const READ_CACHE_KIB = 16_384

/** The page cache of a database in memory. */
const IMAGE_CACHE_KIB = 128

/** The maximum number of transactions of a commit. */
const COMMIT_COUNT_MAX = 512

/** The longest time for which a replacement of the content waits for another process that is writing. */
const REPLACE_BUSY_MS_MAX = 1_000
/** The number of pages in a step of a copy, so large that one step copies the whole database. */
const PAGE_COUNT_MAX = 2_147_483_647

const IN_MEMORY = ':memory:'

/**
 * Opens the embedded database: a file, which is created if it is missing, or `:memory:`.
 *
 * Every commit is on disk before it is acknowledged (`synchronous=FULL`). One connection writes; reads have their own
 * connection, so that they see committed rows only. In memory there is only one connection, and reads wait while a
 * batch is open. Throws DatabaseUnusable.
 *
 * `image`: the initial content of a database in memory, from `Engine.image`.
 */
export function openSqlite(
  file: string,
  image?: Uint8Array,
  countBatch: CountBatch = () => {},
): Engine {
  const writer = openWriter(file, image)
  const reader = file === IN_MEMORY ? undefined : openConnection(file)
  reader?.database.exec(`pragma cache_size = -${READ_CACHE_KIB}`)
  const writeSql = sqlOn(writer)
  const commits = sharedCommits(writer, writeSql, countBatch)
  const readSql = reader === undefined ? commits.readSql : sqlOn(reader)
  const readers = reader && openReaders(file, { busyMsMax: BUSY_MS_MAX })
  return {
    name: 'sqlite',
    read: readSql,
    // A thread cannot share a database in memory, so its lists run on this thread. Their indexes keep them fast.
    readLong: readers === undefined ? readSql : sqlOfReaders(readers, readSql),
    readMany: async (text, paramLists) =>
      reader === undefined
        ? Promise.all(paramLists.map((params) => readSql.all(text, params)))
        : readTogether(reader, text, paramLists),
    transaction: commits.add,
    gatheredTransaction: commits.addGathered,
    longTransaction: commits.add,
    // A database in memory has one connection, which only one transaction uses at a time.
    snapshot: (work) => (reader === undefined ? commits.add(work) : readSnapshot(file, work)),
    image: async () => {
      await commits.waitForWrites()
      return inMemory(writer.database.serialize())
    },
    replaceBy: async (next) => {
      const connection = openConnection(IN_MEMORY, { image: next })
      if (reader !== undefined) return replaceFile(file, connection.database, commits.waitForWrites)
      await commits.waitForWrites()
      writer.goOnWith(connection)
    },
    byteCount: writer.byteCount,
    ...(reader === undefined && {
      rest: async () => {
        if (writer.isResting()) return
        await commits.waitForWrites()
        writer.rest()
      },
    }),
    // One connection writes, so its transaction needs no row locks.
    rowLock: '',
    skipLocked: '',
    prefersManyRowStatements: false,
    commitsInProcess: true,
    countBatch,
    batchCountMax: 1,
    isDistributed: false,
    migrate: (work) =>
      runExclusive(writer, () =>
        work({ ...writeSql, script: async (text) => writer.database.exec(text) }),
      ),
    close: async () => {
      await readers?.close()
      await commits.idle()
      reader?.database.close()
      writer.close()
    },
  }
}

type Work = (sql: Sql) => Promise<unknown>

/** The transactions of the writing connection, which share its commits. */
type SharedCommits = {
  readonly add: Engine['transaction']
  readonly addGathered: Engine['gatheredTransaction']
  /** Reads on the writing connection, between two commits. */
  readonly readSql: Sql
  readonly idle: () => Promise<void>
  /** Waits until no batch is open: an image has committed rows only. */
  readonly waitForWrites: () => Promise<void>
}

function sharedCommits(writer: Writer, writeSql: Sql, countBatch: CountBatch): SharedCommits {
  let openBatch: Promise<readonly Settlement<unknown>[]> | undefined
  const commits = new GroupCommit<Work, unknown>(
    (works) => {
      openBatch = runBatch(works)
      return openBatch
    },
    {
      itemCountMax: COMMIT_COUNT_MAX,
      commitsInProcess: true,
      batchCountMax: 1,
      onBatch: (itemCount) => countBatch('transaction', itemCount),
    },
  )

  async function runBatch(works: readonly Work[]): Promise<readonly Settlement<unknown>[]> {
    try {
      const [only, ...others] = works
      // A single work needs no savepoint: if it fails, the whole transaction is rolled back.
      if (only !== undefined && others.length === 0) {
        return [{ value: await runExclusive(writer, () => only(writeSql)) }]
      }
      return await runExclusive(writer, async () => {
        const outcomes: Settlement<unknown>[] = []
        for (const work of works) outcomes.push(await runOne(writer, writeSql, work))
        return outcomes
      })
    } finally {
      openBatch = undefined
    }
  }

  // Checked again immediately before the read, because a full batch opens as soon as the previous one has ended.
  const betweenBatches = async () => {
    while (openBatch !== undefined) await openBatch.catch(() => {})
  }
  return {
    add: <Result>(work: (sql: Sql) => Promise<Result>) => commits.add(work) as Promise<Result>,
    addGathered: <Result>(work: (sql: Sql) => Promise<Result>) =>
      commits.addGathered(work) as Promise<Result>,
    readSql: {
      all: async (text, params) => {
        await betweenBatches()
        return writeSql.all(text, params)
      },
      run: async (text, params) => {
        await betweenBatches()
        return writeSql.run(text, params)
      },
    },
    idle: () => commits.idle(),
    waitForWrites: async () => {
      do await commits.idle()
      while (writer.database.isTransaction)
    },
  }
}

async function runExclusive<Result>(writer: Writer, work: () => Promise<Result>): Promise<Result> {
  await begin(writer)
  try {
    const result = await work()
    writer.prepare('commit').run()
    return result
  } catch (error) {
    if (writer.database.isTransaction) writer.database.exec('rollback')
    throw error
  }
}

/** Takes the write lock. While another process writes, this process answers other requests. */
async function begin(writer: Writer): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += BUSY_TIMEOUT_MS + BUSY_RETRY_MS) {
    try {
      writer.prepare('begin immediate').run()
      return
    } catch (error) {
      if (primaryCodeOf(error) !== SQLITE_BUSY || waitedMs >= BUSY_MS_MAX) throw error
      await new Promise((resolve) => setTimeout(resolve, BUSY_RETRY_MS))
    }
  }
}

/** Runs one piece of work in a batch. If it fails, only its own statements are undone. */
async function runOne(writer: Writer, sql: Sql, work: Work): Promise<Settlement<unknown>> {
  writer.prepare('savepoint one').run()
  try {
    const value = await work(sql)
    writer.prepare('release one').run()
    return { value }
  } catch (error) {
    // A full disk may already have ended the transaction; then there is nothing to undo.
    if (!writer.database.isTransaction) throw error
    writer.database.exec('rollback to one; release one')
    return { error }
  }
}

/**
 * Runs a select once for each list of parameters, in one read transaction: taking the file's lock costs as much as
 * reading a row.
 */
function readTogether(
  reader: Connection,
  text: string,
  paramLists: readonly (readonly SqlValue[])[],
): readonly (readonly Row[])[] {
  const statement = reader.prepare(text)
  reader.prepare('begin').run()
  try {
    return paramLists.map((params) => statement.all(...params) as Row[])
  } finally {
    // A failed read may have ended the transaction.
    if (reader.database.isTransaction) reader.database.exec('rollback')
  }
}

/**
 * Runs reads in one transaction of a separate thread. In a writing transaction these reads would
 * wait for the batch, which waits for them.
 */
async function readSnapshot<Result>(
  file: string,
  work: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  const alone = openReaders(file, {
    busyMsMax: BUSY_MS_MAX,
    idleMsMax: Number.POSITIVE_INFINITY,
    threadCountMax: 1,
  })
  try {
    await alone.all('begin', [])
    return await work(sqlOfReaders(alone))
  } finally {
    await alone.close()
  }
}

/** Makes an `Sql` that reads by threads. `others` runs the statements that write. */
function sqlOfReaders(readers: Readers, others?: Sql): Sql {
  return {
    all: (text, params) => readers.all(numberParameters(text), params),
    run: async (text, params) => {
      if (others === undefined) throw new Error('a snapshot cannot write')
      return others.run(text, params)
    },
  }
}

/** Converts a statement's parameters from PostgreSQL's `$1` to SQLite's `?1`. */
export const numberParameters = (text: string): string => text.replaceAll(/\$(\d+)/g, '?$1')

/**
 * Writes all pages of a database in memory into the file, as one transaction of SQLite. The file itself is not
 * replaced, so all connections, even those of other programs, see its new content.
 */
async function replaceFile(
  file: string,
  source: Database,
  waitForWrites: () => Promise<void>,
): Promise<void> {
  try {
    for (let waitedMs = 0; ; waitedMs += BUSY_RETRY_MS) {
      await waitForWrites()
      try {
        await backup(source, file, { rate: PAGE_COUNT_MAX })
        return
      } catch (error) {
        // If another connection is writing, the copy has not started, and the error has no code.
        const isBusy = [0, SQLITE_BUSY].includes(primaryCodeOf(error))
        if (!isBusy || waitedMs >= REPLACE_BUSY_MS_MAX) {
          throw new DatabaseUnusable(
            dataFileSentence(isBusy ? { errcode: SQLITE_BUSY } : error, file),
          )
        }
        await new Promise((resolve) => setTimeout(resolve, BUSY_RETRY_MS))
      }
    }
  } finally {
    source.close()
  }
}

type Connection = {
  readonly database: Database
  /** Prepares each statement once for each connection. */
  readonly prepare: (text: string) => StatementSync
}

/** The writing connection. For a database in memory, another connection can replace it, and it can rest. */
type Writer = Connection & {
  readonly goOnWith: (connection: Connection) => void
  readonly byteCount: () => number
  readonly isResting: () => boolean
  /** Closes the connection of a database in memory, and keeps the database compressed until its next use. */
  readonly rest: () => void
  readonly close: () => void
}

function openWriter(file: string, image: Uint8Array | undefined): Writer {
  let awake: Connection | undefined = openConnection(file, image && { image })
  let resting: Uint8Array = new Uint8Array()
  const connection = (): Connection => {
    awake ??= openConnection(IN_MEMORY, { image: zstdDecompressSync(resting) })
    resting = new Uint8Array()
    return awake
  }
  const countOf = (pragma: string) => Object.values(connection().prepare(pragma).get() ?? {})[0]
  return {
    get database() {
      return connection().database
    },
    prepare: (text) => connection().prepare(text),
    goOnWith: (next) => {
      awake?.database.close()
      awake = next
      resting = new Uint8Array()
    },
    isResting: () => awake === undefined,
    byteCount: () =>
      awake === undefined
        ? resting.byteLength
        : Number(countOf('pragma page_count')) * Number(countOf('pragma page_size')),
    rest: () => {
      if (awake === undefined) return
      resting = zstdCompressSync(inMemory(awake.database.serialize()))
      awake.database.close()
      awake = undefined
    },
    close: () => awake?.database.close(),
  }
}

/** The bytes of the header that select the journal: a database in memory has no write-ahead log. */
const JOURNAL_BYTES = [18, 19]

function inMemory(image: Uint8Array): Uint8Array {
  for (const offset of JOURNAL_BYTES) image[offset] = 1
  return image
}

function openConnection(file: string, { image }: { readonly image?: Uint8Array } = {}): Connection {
  if (file !== IN_MEMORY && !existsSync(dirname(file))) {
    throw new DatabaseUnusable(
      `The folder of the data file ${file} does not exist. Make it, or name another file with --data.`,
    )
  }
  try {
    const isNew = file !== IN_MEMORY && !existsSync(file)
    if (isNew) makeFile(file)
    const database = new DatabaseSync(file, { timeout: BUSY_MS_MAX })
    if (image !== undefined) {
      database.deserialize(image)
      // SQLite keeps the image and copies the pages that it uses. This limits the copies.
      database.exec(`pragma cache_size = -${IMAGE_CACHE_KIB}`)
    }
    // If a symbolic link had no target yet, SQLite has created it.
    if (isNew) chmodSync(file, 0o600)
    database.exec(
      'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory; pragma wal_autocheckpoint = 4000',
    )
    // Tests that the file accepts writes, so that a read-only one fails now and not at the first payment.
    database.exec('begin immediate; create table write_check (a); rollback')
    database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`)

    const statements = new Map<string, StatementSync>()
    return {
      database,
      prepare: (text) => {
        let statement = statements.get(text)
        if (statement === undefined) {
          // The statements have PostgreSQL's parameters.
          statement = database.prepare(numberParameters(text))
          statements.set(text, statement)
        }
        return statement
      },
    }
  } catch (error) {
    throw new DatabaseUnusable(dataFileSentence(error, file))
  }
}

/**
 * Creates the file readable only by its owner, because it will contain customers' data. SQLite gives the files beside
 * it the same permissions.
 */
function makeFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch {
    // Another process has created it, or it cannot be created and SQLite reports the reason.
  }
}

function sqlOn({ prepare }: Pick<Connection, 'prepare'>): Sql {
  return {
    all: async (text, params) => prepare(text).all(...(params as SqlValue[])) as Row[],
    run: async (text, params) => Number(prepare(text).run(...(params as SqlValue[])).changes),
    runMany: async (text, paramLists) => {
      const statement = prepare(text)
      return paramLists.map((params) => Number(statement.run(...params).changes))
    },
  }
}

const SQLITE_BUSY = 5

// Primary result codes: https://www.sqlite.org/rescode.html
const SENTENCES: ReadonlyMap<number, string> = new Map([
  [
    SQLITE_BUSY,
    'is locked by another program. End that program, or name another file with --data.',
  ],
  [8, 'cannot be written. Give this user the right to write it, or name another file with --data.'],
  [11, 'is damaged. Restore it from a backup, or name another file with --data.'],
  [13, 'cannot grow: the disk is full.'],
  [
    14,
    'cannot be opened. Check that it is a file, and that this user may read and write the file and write to its folder.',
  ],
  [26, 'is not a Paydesk database. Name another file with --data.'],
])

function primaryCodeOf(error: unknown): number {
  return ((error as { errcode?: number }).errcode ?? 0) & 0xff
}

/** Writes the sentence about an error of SQLite on a data file. */
export function dataFileSentence(error: unknown, file: string): string {
  const { message } = error as Error
  return `The data file ${file} ${SENTENCES.get(primaryCodeOf(error)) ?? `cannot be used: ${message}.`}`
}
