import { setTimeout } from 'node:timers'
import pg from 'pg'
import { NodeUnreachable, type Row, type SqlValue } from './engine.ts'
import { GroupCommit, type Settlement, steadyNowMs } from './group-commit.ts'
import { isServerFailure, isTimeout } from './node-checks.ts'
import { sendStatement } from './postgres-client.ts'
import { readBatch } from './read-batch.ts'

/**
 * The maximum number of connections from this process to a node. Statements follow each other on a connection without
 * waiting for answers, so few are enough.
 */
const CONNECTION_COUNT_MAX = 2
/** The maximum number of reads in a batch, and of batches that are sent at the same time. */
const READ_COUNT_MAX = 64
const READ_BATCH_COUNT_MAX = 4
/** The number of unanswered statements of each connection at which a further connection is opened. */
const BUSY_COUNT = 8
/** The longest wait for a new connection. */
const CONNECT_MS_MAX = 1_500
/** The wait before a further attempt after a failed connection. */
const CONNECT_AGAIN_MS = 10_000

/** The identity of a node's server, as the coordinator knows it. */
export type NodeIdentity = {
  readonly url: string
  /** The number by which Citus knows the node. */
  readonly groupId: number
  /** The number that PostgreSQL drew for the node's data. */
  readonly systemId: string
}

type NodeConnectionsOptions = {
  readonly place: string
  /** Finds the node's identity. Undefined: the node does not know the places of all rows. */
  readonly identify: () => Promise<NodeIdentity | undefined>
  readonly client: pg.ClientConfig
  /**
   * Called when the path of statements changes. Undefined: they go directly to the node. Otherwise the reason why they
   * cannot.
   */
  readonly report: (reason: string | undefined) => void
}

type Connection = {
  readonly client: pg.Client
  isReady: boolean
  waitingCount: number
}

type Read = { readonly text: string; readonly params: readonly SqlValue[] }
/** The rows of a read. Undefined: it has to run through the coordinator. */
type ReadAnswer = readonly Row[] | undefined

/**
 * The connections to a node that runs statements for its own rows. The first statement begins to open a connection.
 * Until one is open, all statements go through the coordinator.
 */
export class NodeConnections {
  readonly #options: NodeConnectionsOptions
  readonly #connections = new Set<Connection>()
  readonly #reads = new GroupCommit((reads: readonly Read[]) => this.#readAll(reads), {
    itemCountMax: READ_COUNT_MAX,
    commitsInProcess: false,
    batchCountMax: READ_BATCH_COUNT_MAX,
  })
  #connectFromMs = Number.NEGATIVE_INFINITY
  /** The last argument of `report`. Null: `report` was not called yet. */
  #reportedReason: string | undefined | null = null

  constructor(options: NodeConnectionsOptions) {
    this.#options = options
  }

  /** Runs a select at the node. Undefined: it has to run through the coordinator. */
  read(text: string, params: readonly SqlValue[]): Promise<ReadAnswer> {
    return this.#reads.add({ text, params })
  }

  /** Runs the reads of a batch, those of one statement in one message. */
  async #readAll(reads: readonly Read[]): Promise<readonly Settlement<ReadAnswer>[]> {
    const answers = new Map<Read, Settlement<ReadAnswer>>()
    await Promise.all(
      [...Map.groupBy(reads, ({ text }) => text)].map(async ([text, equalReads]) => {
        const settlements = await this.#readEqual(
          text,
          equalReads.map(({ params }) => params),
        )
        for (const [index, read] of equalReads.entries()) {
          answers.set(read, settlements[index] ?? { value: undefined })
        }
      }),
    )
    return reads.map((read) => answers.get(read) ?? { value: undefined })
  }

  async #readEqual(
    text: string,
    lists: readonly (readonly SqlValue[])[],
  ): Promise<readonly Settlement<ReadAnswer>[]> {
    const connection = this.#choose()
    if (connection === undefined) return []
    connection.waitingCount += lists.length
    try {
      return (await readBatch(connection.client, text, lists)).map((value) => ({ value }))
    } catch (error) {
      // A slow node is as slow through the coordinator, so only other errors are worth a second try.
      if (isTimeout(error)) return lists.map(() => ({ error }))
      if (isServerFailure(error)) this.#drop(connection)
      return []
    } finally {
      connection.waitingCount -= lists.length
    }
  }

  /**
   * Inserts rows at the node. Undefined: nothing was sent, and the insert has to run through the coordinator. Throws
   * NodeUnreachable if the connection breaks; the rows may be stored then.
   */
  async insert(text: string, params: readonly SqlValue[]): Promise<readonly Row[] | undefined> {
    const connection = this.#choose()
    if (connection === undefined) return undefined
    try {
      return await send(connection, text, params)
    } catch (error) {
      if (isTimeout(error) || !isServerFailure(error)) throw error
      this.#drop(connection)
      throw new NodeUnreachable(this.#options.place, { cause: error })
    }
  }

  /** Closes the connections, and fails the statements on them. Later statements open new ones. */
  close(): void {
    for (const connection of this.#connections) {
      this.#drop(connection)
      destroy(connection.client)
    }
  }

  /** Returns the connection with the fewest unanswered statements. Undefined: none is open. */
  #choose(): Connection | undefined {
    let quietest: Connection | undefined
    for (const connection of this.#connections) {
      if (!connection.isReady) continue
      if (quietest === undefined || connection.waitingCount < quietest.waitingCount)
        quietest = connection
    }
    const isBusy = quietest === undefined || quietest.waitingCount >= BUSY_COUNT
    if (isBusy && this.#connections.size < CONNECTION_COUNT_MAX) void this.#connect()
    return quietest
  }

  async #connect(): Promise<void> {
    if (steadyNowMs() < this.#connectFromMs) return
    this.#connectFromMs = Number.POSITIVE_INFINITY
    let reason: string | undefined
    try {
      await this.#open()
      this.#connectFromMs = Number.NEGATIVE_INFINITY
    } catch (error) {
      reason = (error as Error).message
      this.#connectFromMs = steadyNowMs() + CONNECT_AGAIN_MS
    }
    if (reason !== this.#reportedReason) this.#options.report(reason)
    this.#reportedReason = reason
  }

  async #open(): Promise<void> {
    const identity = await this.#options.identify()
    if (identity === undefined) throw new Error('the machine does not know the places of all rows')
    const client = new pg.Client({
      ...this.#options.client,
      connectionString: identity.url,
      connectionTimeoutMillis: CONNECT_MS_MAX,
    })
    const connection: Connection = {
      client,
      isReady: false,
      waitingCount: 0,
    }
    this.#connections.add(connection)
    client.on('error', () => this.#drop(connection))
    client.on('end', () => this.#drop(connection))
    try {
      await client.connect()
      await requireIdentity(client, identity)
      connection.isReady = true
    } catch (error) {
      this.#drop(connection)
      throw error
    }
  }

  #drop(connection: Connection): void {
    if (!this.#connections.delete(connection)) return
    connection.client.end().catch(() => {})
    // The end waits for the node, which may hang.
    setTimeout(() => destroy(connection.client), CONNECT_MS_MAX).unref()
  }
}

async function send(
  connection: Connection,
  text: string,
  params: readonly SqlValue[],
): Promise<readonly Row[]> {
  connection.waitingCount += 1
  try {
    return (await sendStatement(connection.client, { text, params })).rows as Row[]
  } finally {
    connection.waitingCount -= 1
  }
}

/** Ends a connection without waiting for the node. */
function destroy(client: pg.Client): void {
  client.connection.stream.destroy()
}

const IDENTITY = `select cast(system_identifier as text) as "systemId", pg_is_in_recovery() as "isStandby",
    (select groupid from pg_dist_local_group) as "groupId"
  from pg_control_system()`

/** Throws if the server is not the node: its address may belong to another machine here than at the coordinator. */
async function requireIdentity(
  client: pg.Client,
  { groupId, systemId }: NodeIdentity,
): Promise<void> {
  const [row] = (await client.query(IDENTITY)).rows
  if (row?.systemId !== systemId || row.groupId !== groupId) {
    throw new Error('another server has its address')
  }
  if (row.isStandby) throw new Error('it is a standby')
}
