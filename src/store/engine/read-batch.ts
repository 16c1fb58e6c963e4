import pg from 'pg'
import type { Row, SqlValue } from './engine.ts'
import { preparedName, sendStatement, throwIfLost } from './postgres-client.ts'

type Lists = readonly (readonly SqlValue[])[]

type Batch = { readonly text: string; readonly name: string; readonly lists: Lists }

/** The driver's query, with the steps of its messages, which the types of the driver lack. */
declare class DriverQuery extends pg.Query {
  constructor(
    config: pg.QueryConfig,
    callback: (error: Error | null, result: pg.QueryResult) => void,
  )
  /** Sends the statement if the connection has not prepared it, then its parameters, then `_getRows`. */
  prepare(connection: pg.Connection): void
  /** Notes the end of the rows of a run. */
  handleCommandComplete(message: object, connection: pg.Connection): void
  /** The result under way. */
  readonly _result: pg.QueryResult
}
const Query = pg.Query as unknown as typeof DriverQuery

/**
 * A statement that runs once for each list of parameters. The driver sends the end of a message and reads the names of all
 * columns for each run. Here one message has all runs, so PostgreSQL sends all answers together, and names the columns once.
 */
class BatchQuery extends Query {
  readonly #name: string
  readonly #otherLists: Lists
  readonly #rowCounts: number[] = []

  constructor(
    { lists: [params = [], ...others], name, text }: Batch,
    resolve: (rows: readonly (readonly Row[])[]) => void,
    reject: (error: Error) => void,
  ) {
    super({ text, name, values: [...params] }, (error, result) => {
      if (error !== null) return reject(error)
      const rowsUntil = (index: number) => this.#rowCounts[index] ?? 0
      resolve(this.#rowCounts.map((end, index) => result.rows.slice(rowsUntil(index - 1), end)))
    })
    this.#name = name
    this.#otherLists = others
  }

  override prepare(connection: pg.Connection): void {
    super.prepare(connection)
    for (const params of this.#otherLists) {
      const values = params.map((value) => (value === null ? null : String(value)))
      connection.bind({ portal: '', statement: this.#name, values }, true)
      connection.execute({ portal: '' }, true)
    }
    connection.sync()
  }

  override handleCommandComplete(): void {
    this.#rowCounts.push(this._result.rows.length)
  }

  /** The driver's name of the step that runs the statement. */
  _getRows(connection: pg.Connection): void {
    connection.execute({ portal: '' }, true)
  }
}

/**
 * Runs a select once for each list of parameters, in one message if it can be prepared: only a prepared statement can run
 * several times. If one run fails, all fail. Throws ConnectionLost if no answer arrives.
 */
export function readBatch(
  client: pg.Client,
  text: string,
  lists: Lists,
): Promise<readonly (readonly Row[])[]> {
  const name = preparedName(text)
  return name === undefined
    ? readEach(client, text, lists)
    : readPrepared(client, { text, name, lists })
}

/** The same as `readBatch`, under a name that the connection uses for this statement only. */
export function readPrepared(
  client: pg.Client,
  batch: Batch,
): Promise<readonly (readonly Row[])[]> {
  return new Promise<readonly (readonly Row[])[]>((resolve, reject) => {
    client.query(new BatchQuery(batch, resolve, reject))
  }).catch(throwIfLost)
}

/** The same as `readBatch`, with a message for each run. */
export function readEach(
  client: pg.Client,
  text: string,
  lists: Lists,
): Promise<readonly (readonly Row[])[]> {
  return Promise.all(
    lists.map(async (params) => (await sendStatement(client, { text, params })).rows),
  )
}
