import { Socket } from 'node:net'
import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers'
import pg from 'pg'
import type { DatabaseHost } from '../../domain/database-url.ts'
import { ConnectionLost } from './engine.ts'

/** The state of a server. If there are several primaries, the one with the highest timeline was promoted last. */
export type HostState =
  | { readonly kind: 'primary'; readonly timeline: number }
  | { readonly kind: 'read_only'; readonly timeline: number }
  | { readonly kind: 'standby' }
  | { readonly kind: 'unreachable'; readonly error: unknown }

/** The time limit of a query for a server's state, including the connection. */
const CHECK_MS_MAX = 1_500
/** The time between two searches while there is no primary. */
const RECHECK_MS = 500
/** The number of searches without a result, one after the other, after which a server that does not answer counts as lost. */
const MISS_COUNT_MIN = 2
/** The time between two checks of several servers in normal operation. */
const CHECK_EVERY_MS = 3_000

/** Queries a server for its state. */
export async function queryHostState({ url }: DatabaseHost): Promise<HostState> {
  let socket: Socket | undefined
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CHECK_MS_MAX,
    query_timeout: CHECK_MS_MAX,
    application_name: 'paydesk',
    stream: () => {
      socket = new Socket()
      return socket
    },
  })
  client.on('error', () => {})
  // One limit for connection and query, because a stopped server accepts connections and never answers.
  const limit = setTimeout(() => socket?.destroy(), CHECK_MS_MAX)
  try {
    await client.connect()
    return await stateOf(client)
  } catch (error) {
    return { kind: 'unreachable', error }
  } finally {
    clearTimeout(limit)
    client.end().catch(() => {})
    setTimeout(() => socket?.destroy(), CHECK_MS_MAX).unref()
  }
}

async function stateOf(client: pg.Client): Promise<HostState> {
  const { rows } = await client.query(
    "select pg_is_in_recovery() as is_standby, current_setting('transaction_read_only') as read_only",
  )
  if (rows[0]?.is_standby === true) return { kind: 'standby' }
  // The first eight digits of a log file's name are the timeline. Other programs with this protocol have none.
  const timeline = await client
    .query('select pg_walfile_name(pg_current_wal_lsn()) as file')
    .then((result) => Number.parseInt(String(result.rows[0]?.file).slice(0, 8), 16))
    .catch(() => 0)
  return { kind: rows[0]?.read_only === 'on' ? 'read_only' : 'primary', timeline }
}

/** A change of the primary, for the log. */
export type PrimaryEvent =
  | { readonly kind: 'lost'; readonly hosts: Readonly<Record<string, string>> }
  | { readonly kind: 'found'; readonly host: string }

type HostPool = {
  readonly host: DatabaseHost
  readonly pool: pg.Pool
  /** Called after each answered statement. */
  readonly noteAnswer: () => void
}

type OpenPool = HostPool & {
  answerCount: number
  readonly sockets: ReadonlySet<Socket>
}

/** The pool of the current primary. */
export type Primary = {
  /** Throws ConnectionLost while there is no primary. The current server stays in use while it is set to read-only. */
  readonly current: () => HostPool
  /** Starts a search for the server that accepts writes, because this pool's server may no longer accept them. */
  readonly suspect: (pool: HostPool) => void
  readonly close: () => Promise<void>
}

/**
 * Chooses the server to use: of the servers that accept writes, the one that was promoted last; without any, the current
 * server if it is read-only. A server that was replaced is never chosen. Undefined: there is no server to use.
 */
export function choosePrimary(
  states: readonly HostState[],
  currentIndex: number,
  timelineMin: number,
): { readonly index: number; readonly timeline: number } | undefined {
  const candidates = states.flatMap((state, index) => {
    const takesWrites = state.kind === 'primary'
    // If no server accepts writes, reads continue on the current server.
    const takesReads = state.kind === 'read_only' && index === currentIndex
    if (!takesWrites && !takesReads) return []
    return state.timeline < timelineMin ? [] : [{ index, timeline: state.timeline, takesWrites }]
  })
  return candidates.sort(
    (a, b) =>
      Number(b.takesWrites) - Number(a.takesWrites) ||
      b.timeline - a.timeline ||
      Number(b.index === currentIndex) - Number(a.index === currentIndex) ||
      a.index - b.index,
  )[0]
}

/**
 * Opens the primary of some servers, and follows a change of it. `states` are the servers' states at the start.
 * Undefined: none of them accepts writes.
 */
export function openPrimary(
  hosts: readonly DatabaseHost[],
  states: readonly HostState[],
  options: Omit<pg.PoolConfig, 'connectionString' | 'stream'>,
  report: (event: PrimaryEvent) => void,
): Primary | undefined {
  // At the start there is no current server, so a server that accepts no writes is not chosen.
  const first = choosePrimary(states, -1, 0)
  if (first === undefined) return undefined
  let timelineMin = first.timeline
  let current = openPool(hosts[first.index] as DatabaseHost, options)
  let isLost = false
  let isClosed = false
  let isLooking = false

  async function look(): Promise<void> {
    for (let missCount = 1; !isClosed; missCount += 1) {
      const answerCount = current.answerCount
      const states = await Promise.all(hosts.map(queryHostState))
      if (isClosed) return
      const currentIndex = hosts.indexOf(current.host)
      const choice = choosePrimary(states, currentIndex, timelineMin)
      if (choice !== undefined) return use(choice)
      // The server refuses new connections at the moment, but answers statements.
      const isUnreachable = states[currentIndex]?.kind === 'unreachable'
      if (isUnreachable && current.answerCount > answerCount) return
      // One missing answer of a busy server is not an outage; two are.
      if (!isUnreachable || missCount >= MISS_COUNT_MIN) {
        if (!isLost) report({ kind: 'lost', hosts: describeStates(hosts, states, timelineMin) })
        isLost = true
        cut(current)
      }
      await new Promise((resolve) => setTimeout(resolve, RECHECK_MS).unref())
    }
  }

  function use({ index, timeline }: { readonly index: number; readonly timeline: number }): void {
    timelineMin = Math.max(timelineMin, timeline)
    const host = hosts[index] as DatabaseHost
    const hasMoved = host !== current.host
    if (hasMoved) {
      const old = current
      current = openPool(host, options)
      cut(old)
      old.pool.end().catch(() => {})
    }
    if (hasMoved || isLost) report({ kind: 'found', host: host.place })
    isLost = false
  }

  function startLooking(): void {
    if (isLooking) return
    isLooking = true
    void look().finally(() => {
      isLooking = false
    })
  }
  const timer = hosts.length > 1 ? setInterval(startLooking, CHECK_EVERY_MS).unref() : undefined

  return {
    current: () => {
      if (isLost) throw new ConnectionLost('no server of the database accepts writes')
      return current
    },
    suspect: (pool) => {
      if (pool === current && !isClosed) startLooking()
    },
    close: async () => {
      isClosed = true
      clearInterval(timer)
      await current.pool.end()
    },
  }
}

function openPool(host: DatabaseHost, options: pg.PoolConfig): OpenPool {
  const sockets = new Set<Socket>()
  const pool = new pg.Pool({
    ...options,
    connectionString: host.url,
    stream: () => {
      const socket = new Socket()
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      return socket
    },
  })
  // A broken idle connection is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => {})
  const self: OpenPool = {
    host,
    pool,
    sockets,
    answerCount: 0,
    noteAnswer: () => {
      self.answerCount += 1
    },
  }
  return self
}

/** Fails the statements that wait for this server. */
function cut({ sockets }: OpenPool): void {
  for (const socket of sockets) socket.destroy()
}

/** Describes the state of each server, for a log line or an error message. */
export function describeStates(
  hosts: readonly DatabaseHost[],
  states: readonly HostState[],
  timelineMin = 0,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    hosts.map(({ place }, index) => [place, describeState(states[index], timelineMin)]),
  )
}

function describeState(state: HostState | undefined, timelineMin: number): string {
  switch (state?.kind) {
    case 'standby':
      return 'is a standby'
    case 'read_only':
      return 'accepts no writes'
    case 'primary':
      return state.timeline < timelineMin ? 'was replaced by another primary' : 'is a primary'
    default: {
      const { code, message } = (state?.error ?? {}) as { code?: string; message?: string }
      return `cannot be reached: ${message || code || 'no answer'}`
    }
  }
}
