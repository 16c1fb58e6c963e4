import { setTimeout } from 'node:timers'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { type OutageReason, type Store, StoreUnavailable } from '../operations/store.ts'
import { METRICS_CONTENT_TYPE } from './metrics.ts'
import { waitAtMost } from './wait-at-most.ts'

/** The longest wait for the database in a readiness check. */
const CHECK_MS_MAX = 2_000
/** A remembered answer saves writes, because checks are frequent. */
const READY_LIFE_MS = 2_000
const UNREADY_LIFE_MS = 1_000

const STATUSES: Readonly<Record<OutageReason, string>> = {
  lost: 'database does not answer',
  read_only: 'database accepts no writes',
  full: 'database has no space left',
  node: 'a machine of the database does not answer',
}

/** The answers of the health and metrics routes. */
export type Operations = {
  /** Returns the reason why the server is not ready, in a few words. Undefined: it is ready. */
  readonly findTrouble: () => Promise<string | undefined>
  /** Returns the machines of a distributed database that do not answer. The server is ready without them. */
  readonly findMissing: () => Promise<readonly string[]>
  /** Prints the metrics in the Prometheus text format. */
  readonly printMetrics: () => Promise<string>
}

type OperationsDeps = {
  /** The tenant whose database is checked. A sandbox replaces its store, so each use reads it again. */
  readonly tenant: { readonly store: Pick<Store, 'checkWritable' | 'unreachableMachines'> }
  readonly printMetrics: Operations['printMetrics']
  readonly logger: Logger
  readonly isDraining: () => boolean
}

/** Makes the answers of this process. */
export function createOperations(deps: OperationsDeps): Operations {
  const findOutage = createOutageFinder(deps)
  return {
    findTrouble: async () => {
      if (deps.isDraining()) return 'stopping'
      const outage = await findOutage()
      return outage && STATUSES[outage]
    },
    findMissing: async () => deps.tenant.store.unreachableMachines(),
    printMetrics: deps.printMetrics,
  }
}

/** Registers `/healthz`, `/readyz` and `/metrics`. */
export function registerOperationRoutes(
  app: FastifyInstance,
  { findMissing, findTrouble, printMetrics }: Operations,
): void {
  const hiddenRoute = { schema: { hide: true } }

  app.get('/healthz', hiddenRoute, (_request, reply) => {
    reply.send({ status: 'alive' })
  })

  app.get('/readyz', hiddenRoute, async (_request, reply) => {
    const trouble = await findTrouble()
    if (trouble === undefined) {
      const missing = await findMissing()
      // The objects on the other machines can still be served, so load balancers must keep this server.
      return reply.send(
        missing.length === 0 ? { status: 'ready' } : { status: 'degraded', missing },
      )
    }
    return reply.code(503).send({ status: trouble })
  })

  app.get('/metrics', hiddenRoute, async (_request, reply) =>
    reply.type(METRICS_CONTENT_TYPE).send(await printMetrics()),
  )
}

/** Calls within a short time share one write. */
function createOutageFinder({
  logger,
  tenant,
}: Pick<OperationsDeps, 'tenant' | 'logger'>): () => Promise<OutageReason | undefined> {
  let asking: Promise<OutageReason | undefined> | undefined

  async function tryWrite(): Promise<OutageReason | undefined> {
    try {
      await waitAtMost(
        tenant.store.checkWritable(),
        CHECK_MS_MAX,
        () => new Error(`no answer within ${CHECK_MS_MAX} ms`),
      )
      return undefined
    } catch (error) {
      logger.warn({ err: error }, 'the database cannot be used')
      return error instanceof StoreUnavailable ? error.reason : 'lost'
    }
  }

  return () => {
    asking ??= tryWrite().then((outage) => {
      const lifeMs = outage === undefined ? READY_LIFE_MS : UNREADY_LIFE_MS
      setTimeout(() => {
        asking = undefined
      }, lifeMs).unref()
      return outage
    })
    return asking
  }
}
