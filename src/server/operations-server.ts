import Fastify, { type FastifyInstance } from 'fastify'
import { ApiError, renderError } from '../api/errors.ts'
import { requireLiteralPath } from '../api/request-guard.ts'
import { listenUrlOf } from '../domain/listen-url.ts'
import { CannotStart, listenSentence } from './cannot-start.ts'
import { type Operations, registerOperationRoutes } from './operation-routes.ts'
import type { Settings } from './settings/read-settings.ts'

/** A server for `/healthz`, `/readyz` and `/metrics` on a separate port, which can have the console too. */
export type OperationsServer = {
  /** The address that it listens on: `http://127.0.0.1:9464`. */
  readonly url: string
  readonly close: () => Promise<void>
  /** Ends the requests that are still running. */
  readonly cut: () => void
}

/** Makes the application that has health and metrics only. */
export function createOperationsApp(operations: Operations): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true })
  answerInEnvelope(app)
  registerOperationRoutes(app, operations)
  return app
}

/** Throws CannotStart. */
export async function startOperationsServer(
  { host, operationsPort: port }: Pick<Settings, 'host' | 'operationsPort'>,
  app: FastifyInstance,
): Promise<OperationsServer> {
  try {
    await app.listen({ host, port: port ?? 0 })
  } catch (error) {
    throw new CannotStart(listenSentence(error, { host, port: port ?? 0 }, '--operations-port'))
  }
  return {
    url: listenUrlOf(app.server.address()),
    close: () => app.close(),
    cut: () => app.server.closeAllConnections(),
  }
}

function answerInEnvelope(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => requireLiteralPath(request))
  app.setNotFoundHandler(() => {
    throw new ApiError('path_unknown')
  })
  app.setErrorHandler((error, _request, reply) => {
    const { status, headers, body } = renderError(error)
    reply.code(status).headers(headers).type('application/json').send(body)
  })
}
