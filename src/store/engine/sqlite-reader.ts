/** The thread of a reader. It answers queries on a connection that cannot write. */
import type { DatabaseSync as Database, StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { Row, SqlValue } from './engine.ts'
import { DatabaseSync } from './new-builtins.ts'

/** The data of a thread. */
export type ReaderData = {
  readonly file: string
  /** The longest wait for a lock of the file. */
  readonly busyMsMax: number
  readonly cacheKib: number
}

/** A select of a thread, with parameters `?1…`. */
export type ReaderQuery = { readonly text: string; readonly params: readonly SqlValue[] }

/** The answer of a thread to a query: rows, or an error with SQLite's code. */
export type ReaderAnswer =
  | { readonly rows: readonly Row[] }
  | { readonly message: string; readonly errcode: number | undefined }

/** The maximum number of statements that a thread keeps prepared. */
const PREPARED_COUNT_MAX = 200

/** Answers queries until the port is closed. */
function answerQueries(port: NonNullable<typeof parentPort>, data: ReaderData): void {
  const statements = new Map<string, StatementSync>()
  let database: Database | undefined

  function prepare(text: string): StatementSync {
    if (database === undefined) {
      database = new DatabaseSync(data.file, { readOnly: true, timeout: data.busyMsMax })
      database.exec(`pragma cache_size = -${data.cacheKib}; pragma temp_store = memory`)
    }
    const cachedStatement = statements.get(text)
    if (cachedStatement !== undefined) return cachedStatement
    const statement = database.prepare(text)
    if (statements.size >= PREPARED_COUNT_MAX) statements.clear()
    statements.set(text, statement)
    return statement
  }

  function answer({ params, text }: ReaderQuery): ReaderAnswer {
    try {
      return { rows: prepare(text).all(...params) as Row[] }
    } catch (error) {
      const { errcode, message } = error as Error & { errcode?: number }
      return { message, errcode }
    }
  }
  port.on('message', (query: ReaderQuery) => port.postMessage(answer(query)))
  port.on('close', () => database?.close())
}

// Undefined in the thread of the program, which only imports the types.
if (parentPort !== null) answerQueries(parentPort, workerData as ReaderData)
