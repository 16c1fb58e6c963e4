import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeServer } from './api/app.ts'
import type { Metrics } from './api/metrics.ts'
import { startBackgroundWork } from './background-work.ts'
import type { Core } from './core.ts'
import { BUCKET_COUNT, type DrawnIds, noIdsDrawn } from './domain/id.ts'
import { createIds } from './ids.ts'
import type { PostWebhook } from './operations/deliver-webhooks.ts'
import type { Clock, Random, Store } from './operations/ports.ts'
import type { Processor } from './processors/processor.ts'
import { createSandboxProcessor } from './processors/sandbox.ts'
import { createRandom } from './random.ts'
import { createFaults } from './sandbox/faults.ts'
import { logPost, watchPost } from './sandbox/faulty-post.ts'
import { watchProcessor } from './sandbox/faulty-processor.ts'
import { createClockMover } from './sandbox/move-clock.ts'
import { ownValues, prepareSandbox } from './sandbox/prepare.ts'
import { createRequestLog } from './sandbox/request-log.ts'
import { createSandboxClock } from './sandbox/sandbox-clock.ts'
import type { SANDBOX_VALUES } from './sandbox/well-known.ts'
import {
  type Snapshot,
  TooManyWorlds,
  WORLD_COUNT_MAX,
  type World,
  type Worlds,
} from './sandbox/world.ts'
import { createSeededRandom, type SeededRandom } from './seeded-random.ts'
import type { Engine } from './store/engine.ts'
import { openSqlite } from './store/sqlite.ts'
import type { WebhookPoster } from './webhooks/post-webhook.ts'

/** What opening worlds needs from the rest of the program. */
export type WorldsDeps = {
  /** What all worlds share. */
  readonly shared: Pick<Core, 'mode' | 'keys' | 'logger'>
  readonly machine: Clock
  readonly metrics: Metrics
  readonly retryWaitsMs: readonly number[]
  /** Opens the store on a database that has its schema and belongs to this mode and key. */
  readonly openStore: (engine: Engine, random: Random) => Promise<Store>
  readonly createPoster: (clock: Clock) => WebhookPoster
  /** Guards a module, so that it answers whatever it does. */
  readonly guard: (module: Processor, clock: Clock) => Processor
  /** The developer's own processor, instead of the sandbox's. */
  readonly module: Processor | undefined
}

/** A world with what runs in it. */
type OpenWorld = World & {
  readonly core: Core
  readonly processor: Processor
  readonly post: PostWebhook
  readonly stopWork: () => Promise<void>
  readonly closeStore: () => Promise<void>
}

/** The program's worlds, and what its routes go by: stand-ins for those of the request's own world. */
export type OpenWorlds = Worlds & {
  readonly core: Core
  readonly processor: Processor
  readonly sandbox: World['sandbox']
  readonly post: PostWebhook
  /** Says how requests are answered, so that new worlds can listen; and where the main one is reached. */
  readonly serveBy: (listener: RequestListener, mainUrl: string) => void
  readonly stopWork: () => Promise<void>
  readonly closeStore: () => Promise<void>
}

/** A seeded world begins here and stands still, so that times are the same in every run. */
const SEEDED_START_MS = Date.UTC(2026, 0, 1)

/** The sources of chance of a world. What one draws moves no other's. */
const STREAMS = ['requests', 'store', 'work', 'faults'] as const

/** Opens the main world on the program's own database; more can be made beside it. */
export async function openWorlds(
  deps: WorldsDeps,
  main: {
    readonly engine: Engine
    /** Opens the same place with a snapshot in it. */
    readonly reopen: (image: Uint8Array) => Engine
    readonly values: typeof SANDBOX_VALUES
    readonly seed: string | undefined
    /** A test's own source of chance. */
    readonly random?: Random
  },
): Promise<OpenWorlds> {
  const here = new AsyncLocalStorage<OpenWorld>()
  const others = new Map<string, OpenWorld>()
  let listener: RequestListener | undefined
  let mainUrl = ''
  let madeCount = 0
  let template: Promise<Uint8Array> | undefined

  const mainWorld = await openWorld(deps, {
    ...{ ...main, name: 'main', baseUrl: () => mainUrl, emptyImage },
  })
  const current = () => here.getStore() ?? mainWorld

  /** Made once: copying it is quicker than making it. */
  function emptyImage(): Promise<Uint8Array> {
    template ??= makeTemplate()
    return template
  }
  async function makeTemplate(): Promise<Uint8Array> {
    const engine = openSqlite(':memory:')
    const store = await deps.openStore(engine, createRandom())
    const image = await engine.image?.()
    await store.close()
    if (image === undefined) throw new Error('a database in memory has no image')
    return image
  }

  async function create({ name, seed, snapshot }: Parameters<Worlds['create']>[0]): Promise<World> {
    if (others.size >= WORLD_COUNT_MAX) throw new TooManyWorlds()
    if (listener === undefined) throw new Error('the program does not listen yet')
    madeCount += 1
    const answer = listener
    const server = makeServer((request, response) => {
      here.run(world, answer, request, response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const opened = await openWorld(deps, {
      name: name ?? `world-${madeCount}`,
      baseUrl: () => `http://127.0.0.1:${port}`,
      engine: openSqlite(':memory:', snapshot?.image ?? (await emptyImage())),
      reopen: (image) => openSqlite(':memory:', image),
      emptyImage,
      values: snapshot === undefined ? undefined : snapshot.values,
      seed,
      snapshot,
    })
    const world: OpenWorld = {
      ...opened,
      closeStore: async () => {
        server.close()
        server.closeAllConnections()
        await opened.closeStore()
      },
    }
    others.set(world.name, world)
    return world
  }

  const standIn = <Part extends object>(pick: (world: OpenWorld) => Part): Part =>
    standInFor(() => pick(current()))

  return {
    current,
    list: () => [mainWorld, ...others.values()],
    create,
    remove: async (name) => {
      const world = others.get(name)
      if (world === undefined) return false
      others.delete(name)
      await world.stopWork()
      await world.closeStore()
      return true
    },
    core: {
      ...deps.shared,
      clock: standIn(({ clock }) => clock),
      ids: standIn(({ ids }) => ids),
      random: standIn(({ random }) => random),
      store: standIn(({ store }) => store),
    },
    processor: standIn(({ processor }) => processor),
    sandbox:
      mainWorld.sandbox && standIn(({ sandbox }) => sandbox as NonNullable<World['sandbox']>),
    post: (request) => current().post(request),
    serveBy: (by, url) => {
      listener = by
      mainUrl = url
    },
    stopWork: async () => {
      await Promise.all([mainWorld, ...others.values()].map((world) => world.stopWork()))
    },
    closeStore: async () => {
      await Promise.all([mainWorld, ...others.values()].map((world) => world.closeStore()))
    },
  }
}

async function openWorld(
  deps: WorldsDeps,
  {
    baseUrl,
    emptyImage,
    engine,
    name,
    random,
    reopen,
    seed,
    snapshot,
    values,
  }: {
    readonly name: string
    readonly baseUrl: () => string
    /** Gives a database that has its schema and nothing else. */
    readonly emptyImage: () => Promise<Uint8Array>
    readonly engine: Engine
    /** Opens the same place with a snapshot in it. What was open there is closed. */
    readonly reopen: (image: Uint8Array) => Engine
    /** Undefined: its own. */
    readonly values: typeof SANDBOX_VALUES | undefined
    readonly seed: string | undefined
    readonly random?: Random
    readonly snapshot?: Snapshot | undefined
  },
): Promise<OpenWorld> {
  const { machine, shared } = deps
  const clock = createSandboxClock(
    machine,
    snapshot?.clockMs ?? (seed === undefined ? undefined : SEEDED_START_MS),
    snapshot?.clockRate ?? (seed === undefined ? 1 : 0),
  )
  let chance = chanceFrom(seed, random, snapshot)
  const drawing: Random = {
    bytes: (count) => chance.requests.bytes(count),
    below: (bound) => chance.requests.below(bound),
  }
  let drawnIds = copyOf(snapshot?.drawnIds)
  let ids = createIds(clock, drawing, drawnIds)
  // A store that goes on from a snapshot goes on with the bucket that was drawn before it.
  let creationBucket = snapshot?.creationBucket
  let bucketToGoOnWith = creationBucket
  const storeRandom: Random = {
    bytes: (count) => chance.store.bytes(count),
    below: (bound) => {
      if (bound !== BUCKET_COUNT) return chance.store.below(bound)
      creationBucket = bucketToGoOnWith ?? chance.store.below(bound)
      bucketToGoOnWith = undefined
      return creationBucket
    },
  }
  let open = { engine, store: await deps.openStore(engine, storeRandom) }
  // What is passed on stays right when another database is opened.
  const store = standInFor(() => open.store)

  const core: Core = {
    ...shared,
    clock,
    random: drawing,
    store,
    ids: standInFor(() => ids),
  }
  const sandbox = deps.module === undefined ? createSandboxProcessor(clock, store) : undefined
  const stop = new AbortController()
  const faults = createFaults(clock, (bound) => chance.faults.below(bound))
  const log = createRequestLog()
  const watching = {
    clock,
    faults,
    log,
    startTimer: deps.metrics.startTimer,
    stopping: stop.signal,
  }
  const guarded = deps.guard(deps.module ?? (sandbox as Processor), clock)
  const processor = watchProcessor(guarded, watching)
  const known = values ?? ownValues(drawing)
  if (snapshot === undefined) await prepareSandbox(core, known)
  const poster = deps.createPoster(clock)
  const work = startBackgroundWork({
    ...{ metrics: deps.metrics, processor, retryWaitsMs: deps.retryWaitsMs },
    poster: { ...poster, post: watchPost(poster.post, watching) },
    core: { ...core, random: { bytes: drawing.bytes, below: (bound) => chance.work.below(bound) } },
  })

  const takeSnapshot = async (of: string): Promise<Snapshot> => {
    await work.pause()
    try {
      const image = await open.engine.image?.()
      if (image === undefined) throw new Error('the database has no image')
      return {
        ...{ name: of, image, values: known, clockMs: clock.nowMs(), takenAtMs: machine.nowMs() },
        clockRate: clock.state().rate,
        ...{ randomStates: statesOf(chance), drawnIds: copyOf(drawnIds) },
        creationBucket,
      }
    } finally {
      work.resume()
    }
  }

  const replaceBy = async (image: Uint8Array): Promise<void> => {
    await open.store.close()
    const reopened = reopen(image)
    open = { engine: reopened, store: await deps.openStore(reopened, storeRandom) }
    work.watch()
  }

  const restore = async (snapshot: Snapshot): Promise<void> => {
    await work.pause()
    try {
      chance = chanceFrom(seed, random, snapshot)
      clock.startFrom(snapshot.clockMs)
      clock.setRate(snapshot.clockRate)
      drawnIds = copyOf(snapshot.drawnIds)
      bucketToGoOnWith = snapshot.creationBucket
      ids = createIds(clock, drawing, drawnIds)
      await replaceBy(snapshot.image)
    } finally {
      work.resume()
    }
  }

  const reset = async (): Promise<void> => {
    await work.pause()
    try {
      await replaceBy(await emptyImage())
      faults.clear()
      log.clear()
      await prepareSandbox(core, known)
    } finally {
      work.resume()
    }
  }

  return {
    name,
    get baseUrl() {
      return baseUrl()
    },
    ...{ values: known, clock, mover: createClockMover(clock, store, work), store, sandbox },
    ...{ ids: core.ids, random: drawing, core, processor, post: logPost(poster.post, watching) },
    ...{ faults, log, stopping: stop.signal },
    copies: engine.image === undefined ? undefined : { takeSnapshot, restore, reset },
    stopWork: () => {
      stop.abort()
      return work.stop()
    },
    closeStore: () => open.store.close(),
  }
}

/** Makes what stands for whichever object is meant at the moment it is used. */
function standInFor<Part extends object>(meant: () => Part): Part {
  return new Proxy({} as Part, {
    get: (_, key) => Reflect.get(meant(), key),
    has: (_, key) => Reflect.has(meant(), key),
    set: (_, key, value) => Reflect.set(meant(), key, value),
  })
}

function copyOf(drawn: DrawnIds | undefined): DrawnIds {
  return drawn === undefined ? noIdsDrawn() : structuredClone(drawn)
}

type Chance = Readonly<Record<(typeof STREAMS)[number], Random>>

function chanceFrom(
  seed: string | undefined,
  random: Random | undefined,
  snapshot: Snapshot | undefined,
): Chance {
  const of = (name: (typeof STREAMS)[number]): Random =>
    seed === undefined
      ? (random ?? createRandom())
      : createSeededRandom(seed, name, snapshot?.randomStates?.[name])
  return { requests: of('requests'), store: of('store'), work: of('work'), faults: of('faults') }
}

function statesOf(chance: Chance): Snapshot['randomStates'] {
  const states = STREAMS.flatMap((name) => {
    const source = chance[name] as Partial<SeededRandom>
    return source.state === undefined ? [] : [[name, source.state()] as const]
  })
  return states.length === 0 ? undefined : Object.fromEntries(states)
}
