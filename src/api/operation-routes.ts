import { clearTimeout, setTimeout } from 'node:timers'
import type { FastifyInstance } from 'fastify'
import { type OutageReason, StoreUnavailable } from '../operations/ports.ts'
import type { ApiDeps } from './app.ts'

/** How long the database may take to answer a readiness question, in milliseconds. */
const CHECK_MS_MAX = 2_000
/** How long a good answer holds, in milliseconds: readiness is asked often, and each question is a write. */
const READY_LIFE_MS = 2_000
/** How long a bad answer holds, in milliseconds. */
const UNREADY_LIFE_MS = 1_000

const STATUSES: Readonly<Record<OutageReason, string>> = {
  lost: 'database does not answer',
  read_only: 'database takes no writes',
  full: 'database has no space left',
}

/** Registers what the people who run the program ask it: `/healthz`, `/readyz`, `/metrics`. */
export function registerOperationRoutes(
  app: FastifyInstance,
  deps: Pick<ApiDeps, 'store' | 'metrics' | 'isDraining' | 'logger'>,
): void {
  const hidden = { schema: { hide: true } }
  const findOutage = createOutageFinder(deps)

  app.get('/healthz', hidden, (_request, reply) => {
    reply.send({ status: 'alive' })
  })

  app.get('/readyz', hidden, async (_request, reply) => {
    if (deps.isDraining()) return reply.code(503).send({ status: 'stopping' })
    const outage = await findOutage()
    if (outage === undefined) return reply.send({ status: 'ready' })
    return reply.code(503).send({ status: STATUSES[outage] })
  })

  app.get('/metrics', hidden, async (_request, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.print()),
  )
}

/**
 * Makes a function that tries a write and gives the reason why it failed. Those who ask at the same time or shortly
 * after share one write.
 */
function createOutageFinder({
  logger,
  store,
}: Pick<ApiDeps, 'store' | 'logger'>): () => Promise<OutageReason | undefined> {
  let asking: Promise<OutageReason | undefined> | undefined

  async function tryWrite(): Promise<OutageReason | undefined> {
    try {
      await inTime(store.checkWritable(), CHECK_MS_MAX)
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

async function inTime(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
