import { clearTimeout, setTimeout } from 'node:timers'
import { BUCKET_COUNT } from '../../domain/id.ts'
import { type Nodes, NodeUnreachable, type SqlValue } from './engine.ts'
import { steadyNowMs } from './group-commit.ts'
import { createNodeChecks, isNodeFailure, isTimeout } from './node-checks.ts'
import { bucketOfStatement, spreadOf } from './statement-spread.ts'

/** The time between two checks of all nodes, in milliseconds. */
const CHECK_EVERY_MS = 2_000
/** The same while a node does not answer. */
const CHECK_AGAIN_MS = 1_000
/** The time between a failed check and the one that decides, in milliseconds. */
const SECOND_CHECK_AFTER_MS = 200
/**
 * The time without an answer after which a statement starts a check, in milliseconds. Together with two checks it is
 * shorter than the time limit of a request's statement, so that a node that hangs is known at that time.
 */
const SUSPECT_AFTER_MS = 1_000
/** The part of the connections for statements of one node, and for those of several. The others keep the rest. */
const NODE_CONNECTION_PART = 0.5
const FAN_OUT_CONNECTION_PART = 0.3
/** The age at which the table of buckets is read again, in milliseconds, because shards can move to other nodes. */
const PLACES_LIFE_MS = 30_000

/** A node that stops answering, or answers again, for the log. */
export type NodeEvent =
  | { readonly kind: 'node_lost'; readonly place: string }
  | { readonly kind: 'node_found'; readonly place: string }

type Node = {
  readonly place: string
  /** A bucket that the node holds. */
  bucket: number
  isUnreachable: boolean
  readonly queue: Queue
}

/** Statements that hold a connection, and those that wait because there are too many. */
type Queue = { count: number; readonly waiting: (() => void)[] }

const newQueue = (): Queue => ({ count: 0, waiting: [] })

/** The nodes of a Citus database, and the rules for statements to them. */
export type WatchedNodes = Nodes & {
  /**
   * Runs a statement. Throws NodeUnreachable without sending it if its node does not answer, and in place of the
   * errors with which the coordinator reports a node.
   */
  readonly guard: <Result>(
    text: string,
    params: readonly SqlValue[],
    send: () => Promise<Result>,
  ) => Promise<Result>
  /**
   * Runs a statement that needs a connection. Statements of one node use at most half of the connections, and those of
   * several nodes a third, so that a node that hangs leaves some for the others.
   */
  readonly guardPlace: WatchedNodes['guard']
  readonly close: () => Promise<void>
}

/** The surroundings of the watched nodes. */
type WatchOptions = {
  /** Returns the URL of the coordinator that accepts writes at present. */
  readonly coordinatorUrl: () => string
  readonly connectionCountMax: number
  readonly report: (event: NodeEvent) => void
}

const PLACES = `select b.bucket, n.nodename || ':' || n.nodeport as place
  from pg_dist_shard s
  join pg_dist_placement p on p.shardid = s.shardid
  join pg_dist_node n on n.groupid = p.groupid and n.noderole = 'primary'
  join generate_series(0, ${BUCKET_COUNT - 1}) b (bucket)
    on worker_hash(cast(b.bucket as smallint))
      between cast(s.shardminvalue as integer) and cast(s.shardmaxvalue as integer)
  where s.logicalrelid = to_regclass('payment_sessions')`

/**
 * Watches the nodes of a Citus database. A node is unreachable after two failed checks, or immediately when the
 * coordinator reports its refusal; the next successful check ends this.
 */
export async function watchNodes(options: WatchOptions): Promise<WatchedNodes> {
  const checks = createNodeChecks(options.coordinatorUrl)
  const fanOuts = newQueue()
  let nodes: readonly Node[] = []
  let nodeOfBucket: readonly (Node | undefined)[] = []
  let readAtMs = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let checking: Promise<void> | undefined
  let isClosed = false

  async function readPlaces(): Promise<void> {
    nodeOfBucket = placedNodes(await checks.query(PLACES, []), nodes)
    nodes = [...new Set(nodeOfBucket.filter((node) => node !== undefined))]
    readAtMs = steadyNowMs()
  }

  function setReachable(node: Node, isReachable: boolean): void {
    if (node.isUnreachable !== isReachable) return
    node.isUnreachable = !isReachable
    options.report({ kind: isReachable ? 'node_found' : 'node_lost', place: node.place })
    // Waiting statements fail, or are sent.
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
    try {
      if (steadyNowMs() - readAtMs > PLACES_LIFE_MS) await readPlaces()
      await Promise.all(nodes.map(check))
    } catch {
      // The coordinator does not answer: requests report it.
    }
    checking = undefined
    const hasLost = nodes.some(({ isUnreachable }) => isUnreachable)
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
    await readPlaces()
  } catch (error) {
    await checks.close()
    throw error
  }
  timer = setTimeout(checkSoon, CHECK_EVERY_MS).unref()
  return {
    placeOf: (bucket) => nodeOfBucket[bucket]?.place,
    isReachable: (bucket) => nodeOfBucket[bucket]?.isUnreachable !== true,
    unreachable: () => nodes.filter((node) => node.isUnreachable).map(({ place }) => place),
    ...createGuards(
      {
        nodeOf: (bucket) => nodeOfBucket[bucket],
        findUnreachable: () => nodes.find((node) => node.isUnreachable),
        connectionCountMax: options.connectionCountMax,
        onRefusal: (node) => setReachable(node, false),
        checkSoon,
      },
      fanOuts,
    ),
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await checks.close()
    },
  }
}

/** The parts of the watched nodes that the rules for statements need. */
type GuardParts = {
  readonly nodeOf: (bucket: number) => Node | undefined
  /** Returns the first unreachable node. */
  readonly findUnreachable: () => Node | undefined
  readonly connectionCountMax: number
  /** Called when the coordinator reports that a node refuses connections. */
  readonly onRefusal: (node: Node) => void
  /** Checks all nodes. */
  readonly checkSoon: () => Promise<void>
}

function createGuards(
  parts: GuardParts,
  fanOuts: Queue,
): Pick<WatchedNodes, 'guard' | 'guardPlace'> {
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
  return { guard, guardPlace }
}

/** Returns the node of each bucket. Known nodes keep their state. */
function placedNodes(
  rows: readonly { readonly bucket: number; readonly place: string }[],
  knownNodes: readonly Node[],
): readonly (Node | undefined)[] {
  const nodesByPlace = new Map(knownNodes.map((node) => [node.place, node]))
  const nodesByBucket = new Array<Node | undefined>(BUCKET_COUNT).fill(undefined)
  for (const { bucket, place } of rows) {
    const node = nodesByPlace.get(place) ?? newNode(place, bucket)
    nodesByPlace.set(place, node)
    node.bucket = bucket
    nodesByBucket[bucket] = node
  }
  return nodesByBucket
}

function newNode(place: string, bucket: number): Node {
  return { place, bucket, isUnreachable: false, queue: newQueue() }
}
