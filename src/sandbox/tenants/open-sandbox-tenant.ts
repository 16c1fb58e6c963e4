import { MESSAGE_CHANNELS } from '../../domain/message.ts'
import type { Random } from '../../domain/random.ts'
import { type BackgroundWork, startBackgroundWork } from '../../server/background-work.ts'
import { steadyClock } from '../../server/clock.ts'
import { makeStore, openStore } from '../../server/core.ts'
import { createIds } from '../../server/ids.ts'
import { type OpenTenant, posterFor, processorsFor } from '../../server/open-tenant.ts'
import { createRandom } from '../../server/random.ts'
import type { ServerCore } from '../../server/server-core.ts'
import type { Engine } from '../../store/engine/engine.ts'
import { openSqlite } from '../../store/engine/sqlite.ts'
import { createWebhookSender } from '../../webhooks/send-webhook.ts'
import { createFaults } from '../faults/faults.ts'
import { logPost, watchPost } from '../faults/faulty-post.ts'
import { type WatchDeps, watchProcessor } from '../faults/faulty-processor.ts'
import { createListeners } from '../log/listeners.ts'
import { createRequestLog } from '../log/request-log.ts'
import type { SANDBOX_VALUES } from '../well-known.ts'
import { type Chance, createChance } from './chance.ts'
import { createClockKeeper, openKeptClock } from './kept-clock.ts'
import { createClockMover } from './move-clock.ts'
import { ownValues, prepareSandbox } from './prepare.ts'
import { createRequestGate } from './request-gate.ts'
import { createRest } from './rest.ts'
import { createSandboxClock } from './sandbox-clock.ts'
import { type CopiedParts, createCopies, type Snapshot } from './snapshot.ts'
import { standStill } from './stand-still.ts'
import { type SandboxTenant, TENANT_BYTES } from './tenant.ts'

type TenantPlan = {
  readonly name: string
  readonly engine: Engine
  /** Undefined: they are drawn for this tenant. */
  readonly values: typeof SANDBOX_VALUES | undefined
  readonly seed: string | undefined
  /** A test's own source of randomness. */
  readonly random?: Random | undefined
  /** The size of its store's cache of tokens and accounts. Undefined: the store's default. */
  readonly rememberedCountMax?: number
  readonly snapshot?: Snapshot | undefined
  /** Returns the image of a database with its schema and without rows. */
  readonly emptyImage: () => Promise<Uint8Array>
}

/** A tenant with its background work and its database. */
export type OpenSandboxTenant = OpenTenant<SandboxTenant> & {
  /** Sets the tenant's address, once its port is known. */
  readonly setBaseUrl: (baseUrl: string) => void
}

/** The start time of a seeded tenant; its clock is frozen, so that times are the same in every run. */
const SEEDED_START_MS = Date.UTC(2026, 0, 1)

/** The memory of a resting tenant besides its compressed database and its log, in bytes, as measured. */
const RESTING_TENANT_BYTES = 150_000

/** The size of the cache of tokens and accounts in the store of a created tenant. */
export const REMEMBERED_COUNT_MAX = 100

/** Opens a tenant on its database, with its background work. */
export async function openSandboxTenant(
  core: ServerCore,
  plan: TenantPlan,
): Promise<OpenSandboxTenant> {
  const { logger, metrics, settings } = core
  const { engine } = plan
  const chance = createChance(plan.seed, plan.random, plan.snapshot?.chance)
  const parts = await openParts(core, plan, chance)
  const { clock } = parts
  const values = plan.values ?? ownValues(parts.random)
  if (plan.snapshot === undefined) await prepareSandbox(parts, values)
  const stop = new AbortController()
  const watching = {
    clock,
    faults: createFaults(clock, (bound) => chance.faults.below(bound)),
    log: createRequestLog(),
    startTimer: metrics.startTimer,
    stopping: stop.signal,
  }
  const poster = posterFor(core, clock)
  const workTenant = Object.assign(parts, {
    ...watchedProcessors(core, parts, watching),
    sendWebhook: createWebhookSender(logPost(poster.post, watching)),
    moneyCounter: metrics,
    messageChannels: MESSAGE_CHANNELS,
    log: watching.log,
    // Set once the port is known.
    baseUrl: '',
  })
  const work = startBackgroundWork(workTenant, {
    logger,
    metrics,
    poster: { ...poster, post: watchPost(poster.post, watching) },
    random: { ...parts.random, below: chance.work.below },
    retryWaitsMs: settings.webhookRetryWaitsMs,
  })
  const gate = createRequestGate()
  const clockKeeper = createClockKeeper(core.clock, workTenant)
  const rest = createRest({ machine: core.clock, packDatabase: engine.rest, tenant: parts, work })
  const listeners = createListeners(steadyClock)
  const tenant = Object.assign(workTenant, {
    webhookTime: settings.webhookTime,
    values,
    faults: watching.faults,
    listeners,
    isListenedTo: () => listeners.list().some(({ isRunning }) => isRunning),
    mover: createClockMover(workTenant, work, clockKeeper, stop.signal),
    clockKeeper,
    gate,
    rest,
    stopping: stop.signal,
    ...sizesOf(engine, () => rest.isResting(), watching.log.byteCount),
    copies: createCopies({
      engine,
      values,
      baseUrl: () => workTenant.baseUrl,
      moveLinks: (fromUrl) => moveLinks(workTenant, fromUrl),
      clock,
      chance,
      keepClock: clockKeeper.keep,
      whileStill: (act) => standStill({ gate, work }, act),
      ...databaseReplacement(core, plan, { chance, tenant: workTenant, values, work }),
      clear: () => {
        watching.faults.clear()
        watching.log.clear()
      },
    }),
  })
  return {
    tenant,
    setBaseUrl: (baseUrl) => {
      tenant.baseUrl = baseUrl
    },
    stopWork: () => {
      stop.abort()
      rest.stop()
      return work.stop()
    },
    close: () => tenant.store.close(),
  }
}

/**
 * Opens the store, and makes the parts of a tenant that need only the core and the store. `store` and `ids` can be
 * replaced.
 */
async function openParts(core: ServerCore, plan: TenantPlan, chance: Chance) {
  const { clock: machine, keys, settings } = core
  const { rememberedCountMax, seed, snapshot } = plan
  const inSpan = core.tracing?.inSpan
  const needs = { clock: machine, random: chance.store, rememberedCountMax, inSpan }
  const store = await openStore(plan.engine, needs, settings, keys)
  const clock =
    snapshot === undefined
      ? await openKeptClock(store.installation, machine, () =>
          seed === undefined
            ? createSandboxClock(machine)
            : createSandboxClock(machine, SEEDED_START_MS, 0),
        )
      : createSandboxClock(machine, snapshot.clock.nowMs, snapshot.clock.rate)
  return {
    name: plan.name,
    mode: settings.mode,
    keys,
    clock,
    signingClock: settings.webhookTime === 'real' ? machine : clock,
    random: chance.requests,
    store,
    ids: createIds(clock, chance.requests, store.publicIds, chance.drawnIds()),
  }
}

/**
 * Replaces the URLs of payment links in a copied database, which are still the original tenant's.
 * Otherwise a customer of the copy would pay the original.
 */
export async function moveLinks(
  { baseUrl, store }: Pick<SandboxTenant, 'baseUrl' | 'store'>,
  fromUrl: string,
): Promise<void> {
  if (fromUrl === baseUrl) return
  await store.transaction((tx) => tx.paymentLinks.moveAddresses(fromUrl, baseUrl))
}

type TenantParts = Awaited<ReturnType<typeof openParts>>

function watchedProcessors(core: ServerCore, parts: TenantParts, watching: WatchDeps) {
  const { processor, ...others } = processorsFor(core, parts)
  return { ...others, processor: watchProcessor(processor, watching) }
}

function databaseReplacement(
  { clock: machine, keys }: ServerCore,
  { emptyImage, engine, rememberedCountMax }: TenantPlan,
  {
    chance,
    tenant,
    values,
    work,
  }: {
    readonly chance: Chance
    readonly tenant: TenantParts
    readonly values: typeof SANDBOX_VALUES
    readonly work: BackgroundWork
  },
): Pick<CopiedParts, 'preparedImage' | 'reopenStore'> {
  return {
    reopenStore: async () => {
      const needs = { clock: machine, random: chance.store, rememberedCountMax }
      tenant.store = await makeStore(engine, needs, keys)
      const { publicIds } = tenant.store
      tenant.ids = createIds(tenant.clock, tenant.random, publicIds, chance.drawnIds())
      work.watch()
    },
    // Made separately, so that a failure changes nothing.
    preparedImage: async () => {
      const separate = openSqlite(':memory:', await emptyImage())
      try {
        const needs = {
          clock: machine,
          random: createRandom(),
          rememberedCountMax: REMEMBERED_COUNT_MAX,
        }
        const store = await makeStore(separate, needs, keys)
        await prepareSandbox({ ...tenant, store }, values)
        if (separate.image === undefined) throw new Error('a database in memory has no image')
        return await separate.image()
      } finally {
        await separate.close()
      }
    },
  }
}

function sizesOf(
  { byteCount = () => 0 }: Engine,
  isResting: () => boolean,
  logByteCount: () => number,
): Pick<SandboxTenant, 'byteCount' | 'imageByteCount'> {
  return {
    byteCount: () =>
      (isResting() ? RESTING_TENANT_BYTES : TENANT_BYTES) + byteCount() + logByteCount(),
    imageByteCount: byteCount,
  }
}
