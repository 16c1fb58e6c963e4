/** The use of PostgreSQL's driver that all connections share. */
import pg from 'pg'
import { ConnectionLost, type SqlValue } from './engine.ts'

const names = new Map<string, string>()
/**
 * The maximum number of different prepared statements. Further ones are sent unprepared, so that the servers' memory
 * stays limited.
 */
const PREPARED_COUNT_MAX = 500

/** Returns the name under which a connection prepares a statement when it first sends it. */
export function preparedName(text: string): string | undefined {
  let name = names.get(text)
  if (name === undefined && names.size < PREPARED_COUNT_MAX) {
    name = `s${names.size}`
    names.set(text, name)
  }
  return name
}

/** A statement. `answerTimeoutMs`: the time limit for its answer, unless the connection's applies. */
type SentStatement = {
  readonly text: string
  readonly params: readonly SqlValue[]
  readonly answerTimeoutMs?: number | undefined
}

/** Sends a statement on a connection. Throws ConnectionLost if no answer arrives. */
export function sendStatement(
  connection: pg.ClientBase,
  { answerTimeoutMs, params, text }: SentStatement,
): Promise<pg.QueryResult> {
  const name = preparedName(text)
  const config = {
    text,
    values: params as SqlValue[],
    ...(answerTimeoutMs !== undefined && { query_timeout: answerTimeoutMs }),
  }
  return connection.query(name === undefined ? config : { ...config, name }).catch(throwIfLost)
}

/**
 * Turns the error of a broken connection or a timeout into ConnectionLost. The driver gives such errors many names
 * and no code.
 */
export function throwIfLost(error: unknown): never {
  const isAnswered = error instanceof pg.DatabaseError || error instanceof TypeError
  throw isAnswered ? error : new ConnectionLost((error as Error).message, { cause: error })
}

const INT8 = 20

/**
 * Returns the parser of a column's type. Whole numbers become a `number`: ids have 53 bits, and amounts have fewer.
 */
export function typeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8) return Number
  return pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown
}
