import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { formatScope, SCOPES } from '../domain/scope.ts'

/** Describes the API at `/openapi.json`, from the schemas that check it, and lets it be tried at `/docs`. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Paydesk',
        version: '1',
        description:
          'Payment sessions as the Zoho Payments API has them. What is marked as ours goes beyond it.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
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
                authorizationUrl: '/oauth/v2/org/auth',
                tokenUrl: '/oauth/v2/token',
                scopes: Object.fromEntries(SCOPES.map((scope) => [formatScope(scope), scope])),
              },
            },
          },
        },
      },
    },
  })
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    reply.send(app.swagger())
  })
  await app.register(import('@fastify/swagger-ui'), {
    routePrefix: '/docs',
    staticCSP: true,
    uiConfig: { url: '/openapi.json', docExpansion: 'list', tryItOutEnabled: true },
  })
}
