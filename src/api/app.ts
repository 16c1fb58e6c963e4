import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Account } from '../domain/account.ts'
import { withoutBasePath } from '../domain/base-path.ts'
import { StoreUnavailable } from '../operations/store.ts'
import type { Tenant } from '../operations/tenant.ts'
import { authenticate } from './authenticate.ts'
import { registerCors } from './cors.ts'
import { BODY_BYTES_MAX, decodeBody } from './decode-body.ts'
import type { ApiDeps } from './deps.ts'
import { registerDocs } from './docs.ts'
import { ApiError, renderError } from './errors.ts'
import { registerLlmsRoutes } from './llms-routes.ts'
import { createRefusalReport, refuseWhenBehind } from './overload.ts'
import { type AnswerError, guardRequests } from './request-guard.ts'
import { registerRoutes } from './route.ts'
import { API_ROUTES } from './routes.ts'

/**
 * The longest variable part of a path, in characters: the widget's frame has its origins in one, and
 * five of 100 characters come to 674 in base64url.
 */
const PATH_PART_LENGTH_MAX = 700
/** Calls a minute, where a route says nothing else. Source: Zoho Payments rate limits, US (seen 2026-11-22). */
const CALLS_PER_MINUTE = 600

/** Where the API lies: its routes are named from here. */
const API_PATH = '/api/v1'

/** Makes the HTTP server, without listening. `registerMore` adds the routes of other folders. */
export async function createApp(
  deps: ApiDeps,
  registerMore: (app: FastifyInstance) => Promise<void> = async () => {},
  /** Adds hooks around every route. */
  aroundRequests: (app: FastifyInstance) => void = () => {},
): Promise<FastifyInstance> {
  const requestIdStart = Buffer.from(deps.random.bytes(6)).toString('hex')
  let requestCount = 0
  const nextRequestId = () => {
    requestCount += 1
    return `${requestIdStart}-${requestCount.toString(36)}`
  }

  const { basePath } = deps
  const app = Fastify({
    logger: false,
    rewriteUrl: ({ url = '/' }: IncomingMessage) => withoutBasePath(url, basePath),
    bodyLimit: BODY_BYTES_MAX,
    routerOptions: { maxParamLength: PATH_PART_LENGTH_MAX },
    // One proxy: what it appends is believed, what a client sent before it is not.
    trustProxy: deps.trustsProxy ? (_address, hop) => hop < 1 : false,
    forceCloseConnections: 'idle',
    // While the program stops, a connection's last request is still answered.
    return503OnClosing: false,
    genReqId: nextRequestId,
    frameworkErrors: (error, request, reply) => {
      // Refused before any hook has run, so this is the only line it gets.
      if (deps.accessLog !== 'off') {
        deps.logger.info(
          { requestId: request.id, method: request.method, reason: error.code },
          'request refused',
        )
      }
      answerError(deps, error, request, reply)
    },
    clientErrorHandler: (error, socket) => {
      const requestId = nextRequestId()
      if (deps.accessLog !== 'off') deps.logger.info({ requestId, reason: error.code }, 'not HTTP')
      answerMalformed(requestId, error, socket)
    },
    serverFactory: (handle) =>
      deps.makeServer(
        deps.backlog === undefined
          ? handle
          : refuseWhenBehind(handle, {
              backlog: deps.backlog,
              basePath,
              nextRequestId,
              onRefused: createRefusalReport(deps),
            }),
      ),
  })
  app.decorate('basePath', basePath)
  app.decorateRequest('account', null as unknown as Account)
  app.decorateRequest('tenant', null as unknown as Tenant)
  app.decorateRequest('stopTimer', null as unknown as () => number)

  // Routes read their input themselves, from the same schemas that stand here for the description.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) =>
      decodeBody(body, request.headers['content-encoding']),
  )

  app.addHook('onRequest', (request, reply, done) => {
    request.stopTimer = deps.metrics.startTimer()
    request.tenant = deps.tenantOf(request.raw)
    reply.header('x-request-id', request.id)
    done()
  })
  // Counted as the answer is sent: waiting for each one's last byte costs a tenth of a retrieve.
  app.addHook('onSend', (request, reply, payload, done) => {
    // Asked for last: the stop may have begun while the request was being handled.
    if (deps.isDraining()) reply.header('connection', 'close')
    const route = request.routeOptions.url ?? 'unknown'
    const milliseconds = request.stopTimer()
    deps.metrics.countRequest(request.method, route, reply.statusCode, milliseconds)
    if (deps.accessLog === 'all' || (deps.accessLog === 'errors' && reply.statusCode >= 400)) {
      deps.logger.info(
        {
          requestId: request.id,
          method: request.method,
          route,
          status: reply.statusCode,
          milliseconds: Math.round(milliseconds * 10) / 10,
        },
        'request',
      )
    }
    done(null, payload)
  })
  const answer: AnswerError = (error, request, reply) => answerError(deps, error, request, reply)
  app.setErrorHandler(answer)
  guardRequests(app, deps, answer)
  aroundRequests(app)
  const answerUnrouted = answerWhatNoRouteTakes(app)
  await registerDocs(app)
  registerLlmsRoutes(app)

  await app.register(
    async (api) => {
      await registerCors(api, deps)
      // Of its own, so that what no route takes can be read by a page as well.
      api.setNotFoundHandler(answerUnrouted)
      api.addHook('onRequest', async (request) => {
        const { scope } = request.routeOptions.config
        if (scope === undefined) return
        const { account_id: accountId } = request.query as { account_id?: unknown }
        request.account = await authenticate(
          request.tenant,
          request.headers.authorization,
          accountId,
          scope,
        )
      })
      if (deps.limitsRates) await limitRates(api)
      registerRoutes(api, API_ROUTES, deps)
    },
    { prefix: API_PATH },
  )
  await registerMore(app)
  return app
}

/** Counts the calls of each account. After the hook that finds the account. */
async function limitRates(api: FastifyInstance): Promise<void> {
  await api.register(import('@fastify/rate-limit'), { global: false })
  const limitAt = (max: number) =>
    api.createRateLimit({
      max,
      timeWindow: 60_000,
      keyGenerator: (request) => `${(request as FastifyRequest).account.id} ${max}`,
    })
  const limits = new Map([[CALLS_PER_MINUTE, limitAt(CALLS_PER_MINUTE)]])
  api.addHook('onRoute', ({ config }) => {
    const max = config?.ratePerMinute
    if (max !== undefined && !limits.has(max)) limits.set(max, limitAt(max))
  })
  api.addHook('onRequest', async (request) => {
    const { ratePerMinute = CALLS_PER_MINUTE, scope } = request.routeOptions.config
    const checkRate = limits.get(ratePerMinute)
    if (scope === undefined || checkRate === undefined) return
    const rate = await checkRate(request)
    if (rate.isAllowed || !rate.isExceeded) return
    throw new ApiError('rate_limited', undefined, undefined, {
      'retry-after': String(rate.ttlInSeconds),
    })
  })
}

function answerError(
  deps: ApiDeps,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { status, headers, body } = renderError(error)
  // An outage is told once, by its own log line: thousands of stacks would bury it.
  if (error instanceof StoreUnavailable) {
    deps.logger.warn({ requestId: request.id, reason: error.message }, 'request failed')
  } else if (status >= 500) {
    deps.logger.error({ requestId: request.id, err: error }, 'request failed')
  }
  // The framework refuses some requests before any hook has run.
  reply.header('x-request-id', request.id)
  reply.code(status).headers(headers).type('application/json').send(body)
}

/**
 * Answers what no route takes: 405 with `Allow` where the path has routes for other methods, else
 * 404. Routes must be registered after it.
 */
function answerWhatNoRouteTakes(app: FastifyInstance): (request: FastifyRequest) => never {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    // A path with a star takes anything below it, so it says nothing about a path.
    if (url.includes('*')) return
    const pattern = new RegExp(`^${url.replaceAll(/:[A-Za-z_]+/g, '[^/]+')}$`)
    routes.push({ pattern, methods: [method].flat() })
  })
  const answer = (request: FastifyRequest): never => {
    const [path = ''] = request.url.split('?')
    const allowed = routes
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => methods)
    if (allowed.length === 0) throw new ApiError('path_unknown')
    const allow = [...new Set(allowed)].sort().join(', ')
    throw new ApiError(
      'method_not_allowed',
      undefined,
      `This path does not take ${request.method}. It takes ${allow}.`,
      { allow },
    )
  }
  app.setNotFoundHandler(answer)
  return answer
}

/** Answers bytes that are no HTTP request, for which there is no request object. */
function answerMalformed(
  requestId: string,
  error: { readonly code?: string },
  socket: Duplex,
): void {
  if (!socket.writable) return
  const { body } = renderError({ statusCode: 400 })
  const status = MALFORMED_STATUS.get(error.code) ?? 400
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

const MALFORMED_STATUS: ReadonlyMap<string | undefined, number> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
  ['HPE_HEADER_OVERFLOW', 431],
])
