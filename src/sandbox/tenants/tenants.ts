import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { clearInterval, setInterval } from 'node:timers'
import { makeServer } from '../../api/app.ts'
import type { Metrics } from '../../api/metrics.ts'
import type { Clock } from '../../domain/clock.ts'
import { BUCKET_COUNT, type DrawnIds, noIdsDrawn } from '../../domain/id.ts'
import type { Random } from '../../domain/random.ts'
import type { Store } from '../../operations/store.ts'
import type { Processor } from '../../processors/processor.ts'
import { createSandboxProcessor } from '../../processors/sandbox.ts'
import { startBackgroundWork } from '../../server/background-work.ts'
import type { Core } from '../../server/core.ts'
import { createIds } from '../../server/ids.ts'
import { createRandom } from '../../server/random.ts'
import type { Engine } from '../../store/engine/engine.ts'
import { openSqlite } from '../../store/engine/sqlite.ts'
import type { PostWebhook, WebhookPoster } from '../../webhooks/post-webhook.ts'
import { createFaults } from '../faults/faults.ts'
import { logPost, watchPost } from '../faults/faulty-post.ts'
import { watchProcessor } from '../faults/faulty-processor.ts'
import { createRequestLog } from '../log/request-log.ts'
import type { SANDBOX_VALUES } from '../well-known.ts'
import { chanceFrom, statesOf } from './chance.ts'
import { createClockMover } from './move-clock.ts'
import { ownValues, prepareSandbox } from './prepare.ts'
import { createRequestGate } from './request-gate.ts'
import { createRest } from './rest.ts'
import { createSandboxClock } from './sandbox-clock.ts'
import { hasImages, pack, replaced, unpack } from './snapshot.ts'
import { standStill } from './stand-still.ts'
import {
  type Snapshot,
  TooManyWorlds,
  WORLD_BYTES,
  WORLD_COUNT_MAX,
  type World,
  type Worlds,
} from './tenant.ts'

/** Chance, and of how many tokens and accounts a store remembers what it read; undefined: of many. */
type StoreNeeds = { readonly random: Random; readonly rememberedCountMax?: number | undefined }

/** What opening worlds needs from the rest of the program. */
export type WorldsDeps = {
  /** What all worlds share. */
  readonly shared: Pick<Core, 'mode' | 'keys' | 'logger'>
  readonly machine: Clock
  /** The clock of the signatures of webhooks: that of the world, or the machine's. */
  readonly webhookTime: 'sandbox' | 'real'
  readonly metrics: Metrics
  readonly retryWaitsMs: readonly number[]
  /** The memory budget of the snapshots and of all worlds beside the main one, in bytes. */
  readonly bytesMax: number
  /** A world rests when nobody has asked anything of it for so many milliseconds of real time. */
  readonly idleMs: number
  /** Opens the store on a database that has its schema and belongs to this mode and key. */
  readonly openStore: (engine: Engine, by: StoreNeeds) => Promise<Store>
  /** Makes the store on a database that has come from an image of such a one. */
  readonly makeStore: (engine: Engine, by: StoreNeeds) => Promise<Store>
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

/** Requests to a world that is thrown away get this long to end, in milliseconds. */
const END_MS_MAX = 2_000

/** Memory of a world that rests, beside its packed database and its log, in bytes, as measured. */
const RESTING_WORLD_BYTES = 150_000

/** The longest time between two looks for worlds that can rest, in milliseconds. */
const LOOK_MS_MAX = 30_000

/** A world that is made for a test has few accounts and tokens. */
const REMEMBERED_COUNT_MAX = 100

/** Opens the main world on the program's own database; more can be made beside it. */
export async function openWorlds(
  deps: WorldsDeps,
  main: {
    readonly engine: Engine
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
    ...main,
    name: 'main',
    baseUrl: () => mainUrl,
    emptyImage,
  })
  const current = () => here.getStore() ?? mainWorld

  /** Made once: copying it is quicker than making it. */
  function emptyImage(): Promise<Uint8Array> {
    template ??= makeTemplate()
    return template
  }
  async function makeTemplate(): Promise<Uint8Array> {
    const engine = openSqlite(':memory:')
    const store = await deps.openStore(engine, { random: createRandom() })
    const image = await engine.image?.()
    await store.close()
    if (image === undefined) throw new Error('a database in memory has no image')
    return image
  }

  /** Undefined: of a database that has its schema and nothing else. */
  function imageOf(snapshot: Snapshot | undefined): Promise<Uint8Array> {
    return snapshot === undefined ? emptyImage() : unpack(snapshot.packed)
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
      engine: openSqlite(':memory:', await imageOf(snapshot)),
      rememberedCountMax: REMEMBERED_COUNT_MAX,
      emptyImage,
      values: snapshot === undefined ? undefined : snapshot.values,
      seed,
      snapshot,
    })
    const world: OpenWorld = {
      ...opened,
      closeStore: async () => {
        server.close()
        // What is under way gets its answer. What does not end in time is cut off.
        await opened.gate.closeFor(async () => {}, END_MS_MAX).catch(() => {})
        opened.gate.closeForGood()
        server.closeAllConnections()
        await opened.closeStore()
      },
    }
    others.set(world.name, world)
    return world
  }

  const resting = setInterval(
    () => {
      const quietFromMs = deps.machine.nowMs() - deps.idleMs
      for (const { rest } of others.values()) {
        if ((rest.quietSinceMs() ?? Number.POSITIVE_INFINITY) > quietFromMs) continue
        rest
          .begin()
          .catch((error) => deps.shared.logger.error({ err: error }, 'a sandbox cannot rest'))
      }
    },
    Math.min(deps.idleMs / 2, LOOK_MS_MAX),
  ).unref()

  const standIn = <Part extends object>(pick: (world: OpenWorld) => Part): Part =>
    standInFor(() => pick(current()))

  return {
    bytesMax: deps.bytesMax,
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
      signingClock: standIn(({ core }) => core.signingClock),
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
      clearInterval(resting)
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
    rememberedCountMax,
    seed,
    snapshot,
    values,
  }: {
    readonly name: string
    readonly baseUrl: () => string
    /** Gives a database that has its schema and nothing else. */
    readonly emptyImage: () => Promise<Uint8Array>
    readonly engine: Engine
    /** Undefined: its own. */
    readonly values: typeof SANDBOX_VALUES | undefined
    readonly seed: string | undefined
    readonly random?: Random
    readonly rememberedCountMax?: number
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
  let opened = await deps.openStore(engine, {
    random: storeRandom,
    rememberedCountMax,
  })
  // What is passed on stays right when the database is replaced.
  const store = standInFor(() => opened)
  const publicIds = standInFor(() => opened.publicIds)
  let ids = createIds(clock, drawing, publicIds, drawnIds)

  const core: Core = {
    ...shared,
    clock,
    signingClock: deps.webhookTime === 'real' ? machine : clock,
    random: drawing,
    store,
    ids: standInFor(() => ids),
  }
  const sandbox =
    deps.module === undefined ? createSandboxProcessor(clock, store.sandboxCharges) : undefined
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
  const inHand = startBackgroundWork({
    metrics: deps.metrics,
    processor,
    retryWaitsMs: deps.retryWaitsMs,
    poster: { ...poster, post: watchPost(poster.post, watching) },
    core: { ...core, random: { bytes: drawing.bytes, below: (bound) => chance.work.below(bound) } },
  })

  const gate = createRequestGate()
  const rest = createRest({ clock, machine, packDatabase: engine.rest, store, work: inHand })
  const whileStill = <Result>(work: () => Promise<Result>) =>
    standStill({ gate, work: inHand }, work)

  /** The store remembers rows, so that each database has one of its own. */
  const goOnWithStore = async () => {
    opened = await deps.makeStore(engine, { random: storeRandom, rememberedCountMax })
    inHand.watch()
  }

  const makeCopies = ({ image, replaceBy }: Pick<Required<Engine>, 'image' | 'replaceBy'>) => ({
    takeSnapshot: async (of: string): Promise<Snapshot> => {
      const { image: taken, ...state } = await whileStill(async () => ({
        name: of,
        image: await image(),
        values: known,
        clockMs: clock.nowMs(),
        clockRate: clock.state().rate,
        takenAtMs: machine.nowMs(),
        randomStates: statesOf(chance),
        drawnIds: copyOf(drawnIds),
        creationBucket,
      }))
      return { ...state, packed: await pack(taken), byteCount: taken.byteLength }
    },
    restore: (from: Snapshot) =>
      whileStill(async () => {
        await replaced(replaceBy(await unpack(from.packed)))
        chance = chanceFrom(seed, random, from)
        clock.startFrom(from.clockMs)
        clock.setRate(from.clockRate)
        drawnIds = copyOf(from.drawnIds)
        bucketToGoOnWith = from.creationBucket
        ids = createIds(clock, drawing, publicIds, drawnIds)
        await goOnWithStore()
      }),
    reset: () =>
      whileStill(async () => {
        const randomStates = statesOf(chance)
        try {
          await replaced(replaceBy(await preparedImage(deps, core, known, await emptyImage())))
        } catch (error) {
          chance = chanceFrom(seed, random, { randomStates })
          throw error
        }
        await goOnWithStore()
        faults.clear()
        log.clear()
      }),
  })

  return {
    name,
    webhookTime: deps.webhookTime,
    get baseUrl() {
      return baseUrl()
    },
    values: known,
    clock,
    mover: createClockMover(clock, store, inHand),
    store,
    sandbox,
    ids: core.ids,
    random: drawing,
    core,
    processor,
    post: logPost(poster.post, watching),
    faults,
    gate,
    log,
    rest,
    stopping: stop.signal,
    byteCount: () =>
      (rest.isResting() ? RESTING_WORLD_BYTES : WORLD_BYTES) +
      (engine.byteCount?.() ?? 0) +
      log.byteCount(),
    imageByteCount: () => engine.byteCount?.() ?? 0,
    copies: hasImages(engine) ? makeCopies(engine) : undefined,
    stopWork: () => {
      stop.abort()
      rest.stop()
      return inHand.stop()
    },
    closeStore: () => opened.close(),
  }
}

/** Makes a database as a new sandbox has it, aside: where that fails, nothing has changed. */
async function preparedImage(
  deps: Pick<WorldsDeps, 'makeStore'>,
  core: Core,
  values: typeof SANDBOX_VALUES,
  empty: Uint8Array,
): Promise<Uint8Array> {
  const engine = openSqlite(':memory:', empty)
  try {
    const store = await deps.makeStore(engine, {
      random: createRandom(),
      rememberedCountMax: REMEMBERED_COUNT_MAX,
    })
    await prepareSandbox({ ...core, store }, values)
    if (engine.image === undefined) throw new Error('a database in memory has no image')
    return await engine.image()
  } finally {
    await engine.close()
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
