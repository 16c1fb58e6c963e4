import pg from 'pg'
import { ConnectionLost, NodeUnreachable, type Row, type SqlValue } from './engine.ts'

/** The time limit of the check of a node. */
const CHECK_MS_MAX = 1_000
/** The extra wait for the coordinator's answer after the time limit of a check. */
const ANSWER_MARGIN_MS = 500
/** The maximum number of checks at the same time, each on its own connection. */
const CHECK_COUNT_MAX = 4
const CHECK = 'select 1 as one from payment_sessions where bucket = $1 and id = 0'

/**
 * The result of a check. `failed`: the coordinator reports a failure of the node, or the statement took too long.
 * `unknown`: the connection to the coordinator failed, or the statement had another error, so nothing is known about
 * the node.
 */
type CheckAnswer = 'answered' | 'failed' | 'unknown'

/**
 * Queries the coordinator on separate connections, so that a check never waits for requests. It
 * connects again when `coordinatorUrl` changes.
 */
export function createNodeChecks(coordinatorUrl: () => string) {
  let url = coordinatorUrl()
  let pool = openPool(url)

  async function query(text: string, params: readonly SqlValue[]): Promise<readonly Row[]> {
    if (url !== coordinatorUrl()) {
      pool.end().catch(() => {})
      url = coordinatorUrl()
      pool = openPool(url)
    }
    const client = await pool.connect()
    let isBroken = true
    const onError = () => {}
    client.on('error', onError)
    try {
      const { rows } = await client.query(text, [...params])
      isBroken = false
      return rows
    } catch (error) {
      // After a timeout the coordinator asks the node to stop the statement, and can wait for that as long as the node
      // hangs. Until then the connection answers nothing.
      isBroken = !(error instanceof pg.DatabaseError) || isTimeout(error)
      throw error
    } finally {
      client.off('error', onError)
      client.release(isBroken)
    }
  }
  return {
    query,
    check: async (bucket: number): Promise<CheckAnswer> => {
      try {
        await query(CHECK, [bucket])
        return 'answered'
      } catch (error) {
        return isNodeFailure(error) || isTimeout(error) ? 'failed' : 'unknown'
      }
    },
    close: () => pool.end(),
  }
}

function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: CHECK_COUNT_MAX,
    connectionTimeoutMillis: CHECK_MS_MAX,
    statement_timeout: CHECK_MS_MAX,
    query_timeout: CHECK_MS_MAX + ANSWER_MARGIN_MS,
    // Another name than that of servers, because a distribution refuses to run beside connections with their name.
    application_name: 'paydesk checks',
  })
  // A broken idle connection is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => {})
  return pool
}

/**
 * Returns true if the coordinator reports a node: the coordinator cannot connect to the node (class 08), or the node is
 * stopping. The coordinator itself is well.
 */
export function isNodeFailure(error: unknown): boolean {
  if (error instanceof NodeUnreachable) return true
  if (!(error instanceof pg.DatabaseError)) return false
  const { code = '', where = '' } = error
  if (code.startsWith('08')) return true
  return /^57P0[1-5]$/.test(code) && where.includes('while executing command on')
}

/** Returns true if a statement took longer than its limit: on the coordinator, or without any answer. */
export function isTimeout(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: string }
  return (
    code === '57014' ||
    (error instanceof ConnectionLost && /timeout/i.test(message ?? '')) ||
    message === 'Query read timeout'
  )
}

/** SQLSTATEs of a server that is stopping, or is no longer the primary. */
const SERVER_FAILURE = /^(?:08...|25006|57P0[1-5])$/

/** Returns true if the server of a connection fails, and not only a statement. */
export function isServerFailure(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && SERVER_FAILURE.test(code)
}
