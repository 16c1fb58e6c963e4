import { clearTimeout, setTimeout } from 'node:timers'
import type pg from 'pg'
import { BUCKET_COUNT } from '../../domain/id.ts'
import { type Nodes, NodeUnreachable, type Row, type SqlValue } from './engine.ts'
import { steadyNowMs } from './group-commit.ts'
import { createNodeChecks, isNodeFailure, isTimeout } from './node-checks.ts'
import { NodeConnections, type NodeIdentity } from './node-connections.ts'
import { bucketOfStatement, spreadOf } from './statement-spread.ts'

/** The time between two checks of all nodes. */
const CHECK_EVERY_MS = 2_000
/** The time between two checks while a node does not answer. */
const CHECK_AGAIN_MS = 1_000
/** The time between a failed check and the one that decides. */
const SECOND_CHECK_AFTER_MS = 200
/**
 * The time without an answer after which a statement starts a check. Together with two checks it is shorter than the
 * time limit of a request's statement, so that a node that hangs is recognized within that limit.
 */
const SUSPECT_AFTER_MS = 1_000
/** The shares of the connections that statements of one node, and statements of several nodes, may use. */
const NODE_CONNECTION_PART = 0.5
const FAN_OUT_CONNECTION_PART = 0.3
/** The age at which the table of buckets is read again, because shards can move to other nodes. */
const PLACES_LIFE_MS = 30_000

/**
 * An event for the log. `node_lost` and `node_found`: a node stops answering, or answers again. `node_path`: statements
 * for a node now go directly to it or, if there is a `reason`, through the coordinator.
 */
export type NodeEvent =
  | { readonly kind: 'node_lost'; readonly place: string }
  | { readonly kind: 'node_found'; readonly place: string }
  | { readonly kind: 'node_path'; readonly place: string; readonly reason: string | undefined }

type Node = {
  readonly place: string
  readonly connections: NodeConnections
  /** A bucket that the node holds. */
  bucket: number
  isUnreachable: boolean
  readonly queue: Queue
}

/** The number of statements that hold a connection, and the functions that resume the waiting ones. */
type Queue = { count: number; readonly waiting: (() => void)[] }

const newQueue = (): Queue => ({ count: 0, waiting: [] })

/** The nodes of a Citus database, and the rules for statements to them. */
export type WatchedNodes = Nodes & {
  /**
   * Runs a statement. Throws NodeUnreachable if the statement's node does not answer: without sending the statement,
   * or in place of the error with which the coordinator reports the node.
   */
  readonly guard: <Result>(
    text: string,
    params: readonly SqlValue[],
    send: () => Promise<Result>,
  ) => Promise<Result>
  /**
   * Runs a statement that needs a connection. Statements of one node use at most half of the connections, and those of
   * several nodes 30 %, so that a node that hangs leaves some for the others.
   */
  readonly guardPlace: WatchedNodes['guard']
  /**
   * Runs a statement at its only node, which costs the database much less than the way through the coordinator.
   * Undefined: it has to run through the coordinator. Throws NodeUnreachable, as `guard` does.
   */
  readonly runAtNode: (
    text: string,
    params: readonly SqlValue[],
  ) => Promise<readonly Row[] | undefined>
  readonly close: () => Promise<void>
}

type WatchOptions = {
  /** Returns the URL of the coordinator that accepts writes at present. */
  readonly coordinatorUrl: () => string
  readonly connectionCountMax: number
  readonly client: pg.ClientConfig
  readonly report: (event: NodeEvent) => void
}

/** The nodes with their addresses, which a failover changes. */
const ADDRESSES = `select string_agg(concat_ws(' ', groupid, nodename, nodeport, noderole), ',' order by nodeid) as addresses
  from pg_dist_node`

const PLACES = `select b.bucket, n.nodename || ':' || n.nodeport as place
  from pg_dist_shard s
  join pg_dist_placement p on p.shardid = s.shardid
  join pg_dist_node n on n.groupid = p.groupid and n.noderole = 'primary'
  join generate_series(0, ${BUCKET_COUNT - 1}) b (bucket)
    on worker_hash(cast(b.bucket as smallint))
      between cast(s.shardminvalue as integer) and cast(s.shardmaxvalue as integer)
  where s.logicalrelid = to_regclass('payment_sessions')`

/** Selects the identity of a worker that knows the places of all rows. The worker itself returns its system id. */
const IDENTITY = `select n.nodename as name, n.nodeport as port, n.groupid as "groupId", r.result as "systemId"
  from pg_dist_node n, lateral master_run_on_worker(array[n.nodename], array[n.nodeport],
    array['select cast(system_identifier as text) from pg_control_system()'], false) r
  where n.nodename || ':' || n.nodeport = $1 and n.noderole = 'primary' and n.groupid > 0
    and n.hasmetadata and n.metadatasynced`

/**
 * Watches the nodes of a Citus database. A node is unreachable after two failed checks, or immediately when the
 * coordinator reports, for a statement that names a bucket of the node, that the node refuses connections or is
 * stopping. The next successful check makes the node reachable again.
 */
export async function watchNodes(options: WatchOptions): Promise<WatchedNodes> {
  const checks = createNodeChecks(options.coordinatorUrl)
  const fanOuts = newQueue()
  const places = new NodePlaces(checks, options)
  let timer: NodeJS.Timeout | undefined
  let checking: Promise<void> | undefined
  let isClosed = false

  function setReachable(node: Node, isReachable: boolean): void {
    if (node.isUnreachable !== isReachable) return
    node.isUnreachable = !isReachable
    options.report({ kind: isReachable ? 'node_found' : 'node_lost', place: node.place })
    // Statements that wait for the node's answer fail, or run again through the coordinator.
    if (!isReachable) node.connections.close()
    // Statements in the queues fail, or are sent.
    for (const resume of [...node.queue.waiting.splice(0), ...fanOuts.waiting.splice(0)]) resume()
  }

  async function check(node: Node): Promise<void> {
    let answer = await checks.check(node.bucket)
    if (answer === 'failed' && !node.isUnreachable) {
      await new Promise((resolve) => setTimeout(resolve, SECOND_CHECK_AFTER_MS).unref())
      answer = await checks.check(node.bucket)
    }
    if (answer !== 'unknown' && !isClosed) setReachable(node, answer === 'answered')
  }

  async function checkAll(): Promise<void> {
    clearTimeout(timer)
    // If the places cannot be read, the known nodes are checked.
    await places.refresh().catch(() => {})
    await Promise.all(places.nodes.map(check))
    checking = undefined
    const hasLost = places.nodes.some(({ isUnreachable }) => isUnreachable)
    if (!isClosed) {
      timer = setTimeout(checkSoon, hasLost ? CHECK_AGAIN_MS : CHECK_EVERY_MS).unref()
    }
  }

  /** Checks all nodes, or waits for the check that runs. */
  function checkSoon(): Promise<void> {
    if (isClosed) return Promise.resolve()
    checking ??= checkAll()
    return checking
  }

  try {
    await places.refresh()
  } catch (error) {
    await checks.close()
    throw error
  }
  timer = setTimeout(checkSoon, CHECK_EVERY_MS).unref()
  return {
    placeOf: (bucket) => places.nodeOf(bucket)?.place,
    isReachable: (bucket) => places.nodeOf(bucket)?.isUnreachable !== true,
    unreachable: () => places.nodes.filter((node) => node.isUnreachable).map(({ place }) => place),
    ...createGuards(
      {
        nodeOf: (bucket) => places.nodeOf(bucket),
        findUnreachable: () => places.nodes.find((node) => node.isUnreachable),
        connectionCountMax: options.connectionCountMax,
        onRefusal: (node) => setReachable(node, false),
        checkSoon,
      },
      fanOuts,
    ),
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      for (const { connections } of places.nodes) connections.close()
      await checks.close()
    },
  }
}

type GuardParts = {
  readonly nodeOf: (bucket: number) => Node | undefined
  readonly findUnreachable: () => Node | undefined
  readonly connectionCountMax: number
  /** Called when the coordinator reports that a node refuses connections or is stopping. */
  readonly onRefusal: (node: Node) => void
  readonly checkSoon: () => Promise<void>
}

function createGuards(
  parts: GuardParts,
  fanOuts: Queue,
): Pick<WatchedNodes, 'guard' | 'guardPlace' | 'runAtNode'> {
  const { checkSoon, connectionCountMax, findUnreachable, nodeOf, onRefusal } = parts
  const countMaxOf = (part: number) => Math.max(1, Math.floor(connectionCountMax * part))

  function nodeOfStatement(text: string, params: readonly SqlValue[]): Node | undefined {
    const bucket = bucketOfStatement(text, params)
    const node = bucket === undefined ? undefined : nodeOf(bucket)
    const unreachable = node ?? (spreadOf(text).needsAll ? findUnreachable() : undefined)
    if (unreachable?.isUnreachable) throw new NodeUnreachable(unreachable.place)
    return node
  }
  const guard: WatchedNodes['guard'] = async (text, params, send) => {
    const node = nodeOfStatement(text, params)
    const timer = setTimeout(checkSoon, SUSPECT_AFTER_MS).unref()
    try {
      return await send()
    } catch (error) {
      const isReported = isNodeFailure(error)
      if (isReported) {
        if (node !== undefined) onRefusal(node)
        void checkSoon()
      } else if (isTimeout(error)) await checkSoon()
      const lostNode = node ?? (spreadOf(text).isFanOut ? findUnreachable() : undefined)
      const isLost = isReported || (isTimeout(error) && lostNode?.isUnreachable === true)
      if (!isLost) throw error
      throw new NodeUnreachable(lostNode?.place ?? 'of a shard', {
        cause: error,
        isWaiting: !isReported,
      })
    } finally {
      clearTimeout(timer)
    }
  }
  const guardPlace: WatchedNodes['guard'] = async (text, params, send) => {
    const node = nodeOfStatement(text, params)
    const queue = node?.queue ?? (spreadOf(text).isFanOut ? fanOuts : undefined)
    if (queue === undefined) return send()
    const countMax = countMaxOf(node === undefined ? FAN_OUT_CONNECTION_PART : NODE_CONNECTION_PART)
    while (queue.count >= countMax) {
      await new Promise<void>((resolve) => queue.waiting.push(resolve))
      nodeOfStatement(text, params)
    }
    queue.count += 1
    try {
      return await send()
    } finally {
      queue.count -= 1
      queue.waiting.shift()?.()
    }
  }
  const runAtNode: WatchedNodes['runAtNode'] = async (text, params) => {
    const { nodeWork } = spreadOf(text)
    const node = nodeWork === undefined ? undefined : nodeOfStatement(text, params)
    if (nodeWork === undefined || node === undefined) return undefined
    const timer = setTimeout(checkSoon, SUSPECT_AFTER_MS).unref()
    try {
      return await node.connections[nodeWork](text, params)
    } catch (error) {
      // A broken connection from here alone does not make a node unreachable, so a check decides.
      if (isTimeout(error)) await checkSoon()
      else if (error instanceof NodeUnreachable) void checkSoon()
      if (node.isUnreachable) throw new NodeUnreachable(node.place, { cause: error })
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
  return { guard, guardPlace, runAtNode }
}

type PlaceRow = { readonly bucket: number; readonly place: string }

class NodePlaces {
  readonly #checks: Pick<ReturnType<typeof createNodeChecks>, 'query'>
  readonly #options: WatchOptions
  #nodeOfBucket: readonly (Node | undefined)[] = []
  #addresses: string | undefined
  #readAtMs = Number.NEGATIVE_INFINITY
  nodes: readonly Node[] = []

  constructor(checks: Pick<ReturnType<typeof createNodeChecks>, 'query'>, options: WatchOptions) {
    this.#checks = checks
    this.#options = options
  }

  nodeOf(bucket: number): Node | undefined {
    return this.#nodeOfBucket[bucket]
  }

  /** Reads the places again if a node has a new address, or if they are old. Known nodes keep their state. */
  async refresh(): Promise<void> {
    const [row] = await this.#checks.query(ADDRESSES, [])
    const addresses = String(row?.addresses)
    if (addresses === this.#addresses && steadyNowMs() - this.#readAtMs <= PLACES_LIFE_MS) return
    const rows = (await this.#checks.query(PLACES, [])) as readonly PlaceRow[]
    const nodesByPlace = new Map(this.nodes.map((node) => [node.place, node]))
    const nodesByBucket = new Array<Node | undefined>(BUCKET_COUNT).fill(undefined)
    for (const { bucket, place } of rows) {
      const node = nodesByPlace.get(place) ?? this.#newNode(place)
      nodesByPlace.set(place, node)
      node.bucket = bucket
      nodesByBucket[bucket] = node
    }
    const nodes = new Set(nodesByBucket.filter((node) => node !== undefined))
    for (const node of this.nodes) if (!nodes.has(node)) node.connections.close()
    this.nodes = [...nodes]
    this.#nodeOfBucket = nodesByBucket
    this.#addresses = addresses
    this.#readAtMs = steadyNowMs()
  }

  #newNode(place: string): Node {
    const { client, coordinatorUrl, report } = this.#options
    const connections = new NodeConnections({
      place,
      identify: async () => {
        const [row] = await this.#checks.query(IDENTITY, [place])
        return row && identityFrom(row, coordinatorUrl())
      },
      client,
      report: (reason) => report({ kind: 'node_path', place, reason }),
    })
    return { place, bucket: 0, connections, isUnreachable: false, queue: newQueue() }
  }
}

/** Returns the identity of a node: the coordinator's URL, with the node's address. */
function identityFrom(row: Row, coordinatorUrl: string): NodeIdentity {
  const url = new URL(coordinatorUrl)
  // These parameters would replace the address.
  for (const name of ['host', 'port']) url.searchParams.delete(name)
  const host = String(row.name)
  url.hostname = host.includes(':') ? `[${host}]` : host
  url.port = String(row.port)
  return { url: url.href, groupId: Number(row.groupId), systemId: String(row.systemId) }
}
