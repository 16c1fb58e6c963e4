import type { FastifyInstance } from 'fastify'
import { formatScope, SCOPES } from '../domain/scope.ts'
import { collectRoutes } from './route-document.ts'

/**
 * Serves the description of the API at `/openapi.json`: all routes that are registered after this call, with the schemas
 * that check their requests. Returns the function that makes the description.
 */
export function registerOpenApi(app: FastifyInstance): () => Promise<object> {
  const describe = collectRoutes(app, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Paydesk',
        version: '1',
        description:
          'Payment sessions, payments, refunds and transfers as in the Zoho Payments API. Extensions are marked “Paydesk only” or “Paydesk extension”.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: `${app.basePath}/` }],
      components: {
        securitySchemes: {
          accessToken: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description: '`Zoho-oauthtoken <access token>`; `Bearer <access token>` works too.',
          },
          oauth: {
            type: 'oauth2',
            flows: {
              authorizationCode: {
                authorizationUrl: `${app.basePath}/oauth/v2/org/auth`,
                tokenUrl: `${app.basePath}/oauth/v2/token`,
                scopes: Object.fromEntries(SCOPES.map((scope) => [formatScope(scope), scope])),
              },
            },
          },
        },
      },
    },
    // The control API has its own document.
    transform: ({ schema, url }) => ({
      schema: url.startsWith('/_') ? { ...schema, hide: true } : schema,
      url,
    }),
  })
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.send(await describe()),
  )
  return describe
}
