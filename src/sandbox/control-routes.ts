import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../api/errors.ts'
import type { Keys } from '../domain/secret.ts'
import { registerClockRoutes } from './clock-routes.ts'
import { registerConsoleRoutes } from './console-routes.ts'
import { registerFaultRoutes } from './fault-routes.ts'
import { registerLedgerRoutes } from './ledger-routes.ts'
import { registerRequestRoutes } from './request-routes.ts'
import { registerTriggerRoutes } from './trigger-routes.ts'
import type { Worlds } from './world.ts'
import { registerWorldRoutes } from './world-routes.ts'

/** Where a sandbox is controlled. Nothing is there in live mode. */
export const CONTROL_PATH = '/_sandbox'

/**
 * Registers the control API, described at `/_sandbox/openapi.json`. It asks for no token: whoever
 * reaches a sandbox may do everything with it. But a page that the developer visits may not: a browser
 * sends JSON to another origin only where that origin lets it, and this one does not.
 */
export async function registerControlRoutes(
  app: FastifyInstance,
  worlds: Worlds,
  attemptLifeMs: number,
  keys: Pick<Keys, 'accessKey' | 'sealing'>,
): Promise<void> {
  await app.register(
    async (control) => {
      await control.register(swagger, {
        decorator: 'controlDescription' as 'swagger',
        openapi: {
          openapi: '3.1.0',
          info: {
            title: 'Paydesk sandbox control',
            version: '1',
            description: 'What happens in a sandbox, by hand. Not there in live mode.',
          },
          servers: [{ url: `${app.basePath}/` }],
        },
        // The routes of the API are described in their own document.
        transform: ({ schema, url }) => ({
          schema: url.startsWith(CONTROL_PATH) ? schema : { ...schema, hide: true },
          url,
        }),
      })
      control.addHook('onRequest', async (request) => {
        const { 'content-type': type = '', 'sec-fetch-site': site } = request.headers
        const isOfAnotherPage = site === 'cross-site' || site === 'same-site'
        const isForm = /^(?:text\/plain|multipart\/|application\/x-www-form-urlencoded)/i.test(type)
        if (request.method !== 'GET' && (isOfAnotherPage || isForm)) {
          throw new ApiError(
            'invalid_parameter',
            'Content-Type',
            'A sandbox is controlled by JSON that no page of another origin has sent: set Content-Type to application/json.',
          )
        }
      })
      control.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
        reply.send(
          (control as unknown as { controlDescription: () => object }).controlDescription(),
        )
      })
      registerClockRoutes(control, worlds)
      registerWorldRoutes(control, worlds)
      registerTriggerRoutes(control, worlds, attemptLifeMs)
      registerLedgerRoutes(control, worlds)
      registerFaultRoutes(control, worlds)
      registerRequestRoutes(control, worlds)
      registerConsoleRoutes(control, worlds, keys)
    },
    { prefix: CONTROL_PATH },
  )
}
