import type { FastifyInstance } from 'fastify'
import type { ApiDeps } from './app.ts'

/** How long the database may take to answer a readiness question, in milliseconds. */
const PING_MS_MAX = 2_000

/** Registers what the people who run the program ask it: `/healthz`, `/readyz`, `/metrics`. */
export function registerOperationRoutes(
  app: FastifyInstance,
  deps: Pick<ApiDeps, 'store' | 'metrics' | 'isDraining' | 'logger'>,
): void {
  const hidden = { schema: { hide: true } }

  app.get('/healthz', hidden, (_request, reply) => {
    reply.send({ status: 'alive' })
  })

  app.get('/readyz', hidden, async (_request, reply) => {
    if (deps.isDraining()) return reply.code(503).send({ status: 'stopping' })
    try {
      await inTime(deps.store.ping(), PING_MS_MAX)
      return reply.send({ status: 'ready' })
    } catch (error) {
      deps.logger.warn({ err: error }, 'the database does not answer')
      return reply.code(503).send({ status: 'database does not answer' })
    }
  })

  app.get('/metrics', hidden, async (_request, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.print()),
  )
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
