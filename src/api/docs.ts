import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { formatScope, SCOPES } from '../domain/scope.ts'
import type { ApiDeps } from './deps.ts'
import { docsScript } from './docs-script.ts'
import { ApiError } from './errors.ts'
import { collectRoutes } from './route-document.ts'

/**
 * Describes the API at `/openapi.json`, from the schemas that check it, and offers it at `/docs`, where it can be
 * tried.
 */
export async function registerDocs(
  app: FastifyInstance,
  { readyValuesOf }: Pick<ApiDeps, 'readyValuesOf'>,
): Promise<void> {
  const describe = collectRoutes(app, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Paydesk',
        version: '1',
        description:
          'Payment sessions, payments, refunds and transfers as in the Zoho Payments API. Extensions are marked as Paydesk only.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: `${app.basePath}/` }],
      components: {
        securitySchemes: {
          accessToken: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description:
              '`Zoho-oauthtoken <access token>`; `Bearer <access token>` works too. If you enter only the token, this page adds the first word.',
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

  // Loaded at the first request: most processes never show the page.
  let page: Promise<FastifyInstance> | undefined
  const showPage = async ({ raw, headers }: FastifyRequest, reply: FastifyReply) => {
    page ??= describe().then((document) => makePage(document, app.basePath))
    const answer = await (await page).inject({ method: 'GET', url: raw.url ?? '/', headers })
    if (answer.statusCode >= 400) throw new ApiError('path_unknown')
    return reply.code(answer.statusCode).headers(answer.headers).send(answer.rawPayload)
  }
  // Not part of the page, which is one for all tenants: each has its own credentials.
  app.get(SCRIPT_PATH, { schema: { hide: true } }, (request, reply) =>
    reply
      .headers({ 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-store' })
      .send(docsScript(readyValuesOf(request))),
  )
  for (const url of ['/docs', '/docs/*']) app.get(url, { schema: { hide: true } }, showPage)
}

const SCRIPT_NAME = 'paydesk.js'
const SCRIPT_PATH = `/docs/static/theme/${SCRIPT_NAME}`

/** Defined by the script of the page, in the browser. */
declare const PaydeskDocs: {
  readonly plugin: () => object
  readonly prefixToken: <Request>(request: Request) => Request
}

/** All files come from this server, over http too: a sandbox has no certificate. */
const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

async function makePage(document: object, basePath: string): Promise<FastifyInstance> {
  const { default: swagger } = await import('@fastify/swagger')
  const page = Fastify({ logger: false })
  // The two packages have different types for one document.
  await page.register(swagger, { mode: 'static', specification: { document: document as never } })
  await page.register(import('@fastify/swagger-ui'), {
    routePrefix: '/docs',
    indexPrefix: basePath,
    staticCSP: PAGE_POLICY,
    // The page links to the script; the route above answers for it.
    theme: { title: 'Paydesk API', js: [{ filename: SCRIPT_NAME, content: '' }] },
    uiConfig: {
      layout: 'BaseLayout',
      docExpansion: 'list',
      tryItOutEnabled: true,
      // These functions run in the browser.
      plugins: [() => PaydeskDocs.plugin()],
      requestInterceptor: (request: object) => PaydeskDocs.prefixToken(request),
    },
  })
  await page.ready()
  return page
}
