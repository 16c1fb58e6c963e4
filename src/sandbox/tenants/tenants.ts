import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { clearInterval, setInterval } from 'node:timers'
import { listenUrlOf } from '../../domain/listen-url.ts'
import type { Tenant } from '../../operations/tenant.ts'
import { keepDatabasePrivate, openStore } from '../../server/core.ts'
import { makeServer, type ServerHandlers } from '../../server/http-server.ts'
import { createRandom } from '../../server/random.ts'
import type { ServerCore } from '../../server/server-core.ts'
import { openSqlite } from '../../store/engine/sqlite.ts'
import { callerOf } from './call-route.ts'
import {
  moveLinks,
  type OpenSandboxTenant,
  openSandboxTenant,
  REMEMBERED_COUNT_MAX,
} from './open-sandbox-tenant.ts'
import { imageOf, type Snapshot } from './snapshot.ts'
import { type SandboxTenant, TENANT_COUNT_MAX, TenantNameTaken, TooManyTenants } from './tenant.ts'

/** The tenants of a sandbox. */
export type SandboxTenants = {
  /** The tenant on the program's database. */
  readonly main: SandboxTenant
  /** Returns the tenant of a request: by its port, or by the caller of an internal call. */
  readonly tenantOf: (request: IncomingMessage) => Tenant
  /** The memory budget of snapshots and of all tenants but `main`, in bytes. */
  readonly bytesMax: number
  readonly list: () => readonly SandboxTenant[]
  /** Creates a tenant with preset accounts, or a copy of a snapshot. Throws TooManyTenants and TenantNameTaken. */
  readonly create: (from: NewTenant) => Promise<SandboxTenant>
  /** False: no tenant has this name, or it is `main`. */
  readonly remove: (name: string) => Promise<boolean>
  /** Sets the handlers of requests, which new tenants use too, and the main tenant's address. */
  readonly serve: (handlers: ServerHandlers, mainUrl: string) => void
  /** Ends the background work of all tenants. Call it before `close`. */
  readonly stopWork: () => Promise<void>
  readonly close: () => Promise<void>
}

type NewTenant = {
  readonly name?: string
  readonly seed?: string
  readonly snapshot?: Snapshot
}

/** The time for running requests to a deleted tenant to end. */
const END_MS_MAX = 2_000

/** The longest time between two checks for tenants that can rest. */
const CHECK_MS_MAX = 30_000

/** Opens the main tenant on the program's database; others can be created besides it. */
export async function openSandboxTenants(core: ServerCore): Promise<SandboxTenants> {
  const { settings } = core
  const emptyImage = rememberedImage(core)
  const main = await openSandboxTenant(core, {
    name: 'main',
    engine: core.engine,
    emptyImage,
    values: settings.sandbox,
    seed: settings.seed,
    random: core.random,
  })
  // Checked after the open, so that a failed start prints one sentence without warnings before it.
  keepDatabasePrivate(settings, core.logger)
  const others = createOthers(core, emptyImage)
  const all = () => [main, ...others.open.values()]
  const resting = startResting(core, () => [...others.open.values()].map(({ tenant }) => tenant))
  return {
    main: main.tenant,
    tenantOf: (request) => others.byRequest.get(request) ?? callerOf(request) ?? main.tenant,
    bytesMax: settings.tenantBytesMax,
    list: () => all().map(({ tenant }) => tenant),
    create: others.create,
    remove: others.remove,
    serve: (handlers, mainUrl) => {
      others.handlers = handlers
      main.setBaseUrl(mainUrl)
    },
    stopWork: async () => {
      resting.stop()
      await Promise.all(all().map((one) => one.stopWork()))
    },
    close: async () => {
      await Promise.all(all().map((one) => one.close()))
    },
  }
}

type Others = Pick<SandboxTenants, 'create' | 'remove'> & {
  readonly open: ReadonlyMap<string, OpenSandboxTenant>
  /** The tenant of each request that arrived at the port of a tenant. */
  readonly byRequest: WeakMap<IncomingMessage, SandboxTenant>
  /** Undefined: the program does not listen yet. */
  handlers: ServerHandlers | undefined
}

function createOthers(core: ServerCore, emptyImage: () => Promise<Uint8Array>): Others {
  const open = new Map<string, OpenSandboxTenant>()
  /** The names of all tenants, including those that are being created. */
  const names = new Set(['main'])
  let createdCount = 0
  const freeName = () => {
    do createdCount += 1
    while (names.has(`tenant-${createdCount}`))
    return `tenant-${createdCount}`
  }
  const others: Others = {
    open,
    byRequest: new WeakMap(),
    handlers: undefined,
    create: async ({ name = freeName(), seed, snapshot }) => {
      if (names.size > TENANT_COUNT_MAX) throw new TooManyTenants()
      if (names.has(name)) throw new TenantNameTaken()
      names.add(name)
      try {
        const image = await (snapshot === undefined ? emptyImage() : imageOf(snapshot))
        const openTenant = await openSandboxTenant(core, {
          name,
          engine: openSqlite(':memory:', image),
          rememberedCountMax: REMEMBERED_COUNT_MAX,
          emptyImage,
          values: snapshot?.values,
          seed,
          snapshot,
        })
        const listens = listening(openTenant, others).then(async (listener) => {
          if (snapshot !== undefined) await moveLinks(openTenant.tenant, snapshot.baseUrl)
          return listener
        })
        open.set(name, await listens.catch((error) => abandon(openTenant, error)))
        return openTenant.tenant
      } catch (error) {
        names.delete(name)
        throw error
      }
    },
    remove: async (name) => {
      const openTenant = open.get(name)
      if (openTenant === undefined) return false
      open.delete(name)
      names.delete(name)
      await openTenant.stopWork()
      await openTenant.close()
      return true
    },
  }
  return others
}

/** Closes a tenant that cannot listen: no port or file descriptor may be left. */
async function abandon({ close, stopWork }: OpenSandboxTenant, error: unknown): Promise<never> {
  await stopWork()
  await close()
  throw error
}

/** Lets a tenant listen on its own port, until it is closed. */
async function listening(
  openTenant: OpenSandboxTenant,
  others: Others,
): Promise<OpenSandboxTenant> {
  const { handlers } = others
  if (handlers === undefined) throw new Error('the program does not listen yet')
  const { tenant } = openTenant
  const server = makeServer({
    ...handlers,
    onRequest: (request, response) => {
      others.byRequest.set(request, tenant)
      handlers.onRequest(request, response)
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  openTenant.setBaseUrl(listenUrlOf(server.address()))
  return {
    ...openTenant,
    close: async () => {
      server.close()
      // Running requests get their answers. Those that do not end in time are cut off.
      await tenant.gate.closeFor(async () => {}, END_MS_MAX).catch(() => {})
      tenant.gate.closeForGood()
      server.closeAllConnections()
      await openTenant.close()
    },
  }
}

/** Makes an empty database once: a copy is faster than a new one. */
function rememberedImage({ clock, keys, settings }: ServerCore): () => Promise<Uint8Array> {
  let emptyImage: Promise<Uint8Array> | undefined
  async function make(): Promise<Uint8Array> {
    const engine = openSqlite(':memory:')
    const store = await openStore(engine, { clock, random: createRandom() }, settings, keys)
    const image = await engine.image?.()
    await store.close()
    if (image === undefined) throw new Error('a database in memory has no image')
    return image
  }
  return () => {
    emptyImage ??= make()
    return emptyImage
  }
}

/** Starts to let tenants rest after the time of `--tenant-idle` without a request. */
function startResting(
  { clock, logger, settings: { tenantIdleMs } }: ServerCore,
  list: () => readonly SandboxTenant[],
): { readonly stop: () => void } {
  const look = () => {
    const quietFromMs = clock.nowMs() - tenantIdleMs
    for (const { rest } of list()) {
      if ((rest.quietSinceMs() ?? Number.POSITIVE_INFINITY) > quietFromMs) continue
      rest
        .begin()
        .catch((error) =>
          logger.error({ err: error }, 'an idle tenant could not release its memory'),
        )
    }
  }
  const timer = setInterval(look, Math.min(tenantIdleMs / 2, CHECK_MS_MAX)).unref()
  return { stop: () => clearInterval(timer) }
}
