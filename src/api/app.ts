import type { RequestListener, Server } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { withoutBasePath } from '../domain/base-path.ts'
import { answerDirectly, type DirectHooks, type WatchCall } from './answer-directly.ts'
import { answerError, answerMalformedRequest } from './answer-error.ts'
import { authenticate } from './authenticate.ts'
import { registerCors } from './cors.ts'
import { countAnswer } from './count-answer.ts'
import { BODY_BYTES_MAX, decodeBody } from './decode-body.ts'
import type { ApiDeps } from './deps.ts'
import { registerLlmsRoutes } from './llms-routes.ts'
import { afterOpenAnswers } from './open-answers.ts'
import { registerOpenApi } from './openapi.ts'
import { createRefusalReport, refuseWhenBehind } from './overload.ts'
import { type CheckRate, limitRates } from './rate-limit.ts'
import { type AnswerError, guardRequests } from './request-guard.ts'
import { registerRoutes } from './route.ts'
import { API_ROUTES, FREQUENT_ROUTES } from './routes.ts'
import { refuseUnknownPaths } from './unknown-path.ts'

/**
 * The longest variable part of a path, in characters. The widget's frame passes up to five origins of 100 characters
 * in one part: 672 characters in base64url.
 */
const PATH_PART_LENGTH_MAX = 700

const API_PATH = '/api/v1'

/** The parts of a sandbox that surround every request. */
export type AroundRequests = {
  readonly addHooks: (app: FastifyInstance) => void
  /** Watches a call that is answered without the framework, so that no hook runs. */
  readonly watchCall: WatchCall
}

/**
 * Makes the HTTP server, without listening. `registerMore` adds the routes of other folders; `describe` makes the OpenAPI
 * description of all routes.
 */
export async function createApp(
  deps: ApiDeps,
  registerMore: (
    app: FastifyInstance,
    describe: () => Promise<object>,
  ) => Promise<void> = async () => {},
  around?: AroundRequests,
): Promise<FastifyInstance> {
  let checkRate: CheckRate | undefined
  const hooks: DirectHooks = { checkRate: () => checkRate, watchCall: around?.watchCall }
  const app = createFastify(deps, (handleAll, nextRequestId) =>
    makeApiServer(deps, { ...hooks, nextRequestId }, handleAll),
  )
  addRequestHooks(app, deps)
  around?.addHooks(app)
  const refuseUnknownPath = refuseUnknownPaths(app)
  const describe = registerOpenApi(app)
  registerLlmsRoutes(app)
  await app.register(
    async (api) => {
      registerCors(api, deps)
      // Set for the API separately, so that its CORS hook also runs for this answer.
      api.setNotFoundHandler(refuseUnknownPath)
      findAccounts(api)
      if (deps.limitsRates) checkRate = await limitRates(api)
      registerRoutes(api, API_ROUTES, deps)
    },
    { prefix: API_PATH },
  )
  await registerMore(app, describe)
  return app
}

/** Makes an HTTP server of the same kind without the API. `register` adds its routes. */
export async function createAppWithoutApi(
  deps: ApiDeps,
  register: (app: FastifyInstance) => Promise<void>,
): Promise<FastifyInstance> {
  const app = createFastify(deps, deps.makeServer)
  addRequestHooks(app, deps)
  refuseUnknownPaths(app)
  await register(app)
  return app
}

function addRequestHooks(app: FastifyInstance, deps: ApiDeps): void {
  readBodiesAsBytes(app)
  startRequests(app, deps)
  countAnswers(app, deps)
  const answer: AnswerError = (error, request, reply) =>
    answerError(deps.logger, error, request, reply)
  app.setErrorHandler(answer)
  guardRequests(app, deps, answer)
}

function makeApiServer(
  deps: ApiDeps,
  { nextRequestId, ...hooks }: DirectHooks & { readonly nextRequestId: () => string },
  handleAll: RequestListener,
): Server {
  const { backlog, basePath, makeServer } = deps
  const direct = { apiPath: API_PATH, routes: FREQUENT_ROUTES, nextRequestId }
  const handle = answerDirectly(handleAll, deps, { ...direct, ...hooks })
  if (backlog === undefined) return makeServer(handle)
  const onRefused = createRefusalReport(deps)
  return makeServer(refuseWhenBehind(handle, { backlog, basePath, nextRequestId, onRefused }))
}

function createFastify(
  deps: ApiDeps,
  makeServerOf: (handleAll: RequestListener, nextRequestId: () => string) => Server,
): FastifyInstance {
  const { accessLog, basePath, logger } = deps
  const nextRequestId = countRequestIds(deps)
  const app = Fastify({
    logger: false,
    rewriteUrl: ({ url = '/' }) => withoutBasePath(url, basePath),
    bodyLimit: BODY_BYTES_MAX,
    routerOptions: { maxParamLength: PATH_PART_LENGTH_MAX },
    // Trusts one proxy: uses the address that the proxy appends, and no address that a client sent.
    trustProxy: deps.trustsProxy ? (_address, hop) => hop < 1 : false,
    forceCloseConnections: 'idle',
    // While the program stops, a connection's last request is still answered.
    return503OnClosing: false,
    genReqId: nextRequestId,
    frameworkErrors: (error, request, reply) => {
      // No hook has run yet, so this is the only log line of the request.
      if (accessLog !== 'off') {
        logger.info(
          { requestId: request.id, method: request.method, reason: error.code },
          'request refused',
        )
      }
      answerError(logger, error, request, reply)
    },
    clientErrorHandler: (error, socket) => {
      afterOpenAnswers(socket, () => {
        const requestId = nextRequestId()
        if (accessLog !== 'off')
          logger.info(
            { requestId, reason: error.code },
            'a connection sent no complete HTTP request',
          )
        answerMalformedRequest(requestId, error, socket)
      })
    },
    serverFactory: (handleAll) => makeServerOf(handleAll, nextRequestId),
  })
  app.decorate('basePath', basePath)
  return app
}

function countRequestIds({ random }: Pick<ApiDeps, 'random'>): () => string {
  const start = Buffer.from(random.bytes(6)).toString('hex')
  let requestCount = 0
  return () => {
    requestCount += 1
    return `${start}-${requestCount.toString(36)}`
  }
}

/** Routes read their input themselves; their schemas only describe it to the framework. */
function readBodiesAsBytes(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) =>
      decodeBody(body, request.headers['content-encoding']),
  )
}

function startRequests(app: FastifyInstance, { metrics, tenantOf }: ApiDeps): void {
  app.decorateRequest('account')
  app.decorateRequest('handlerWarnings')
  app.decorateRequest('jsonBody')
  app.decorateRequest('tenant')
  app.decorateRequest('stopTimer')
  app.addHook('onRequest', (request, reply, done) => {
    request.stopTimer = metrics.startTimer()
    request.tenant = tenantOf(request.raw)
    reply.header('x-request-id', request.id)
    done()
  })
}

/** Counts and logs an answer when it is sent. Waiting for its last byte would cost a tenth of a retrieve's time. */
function countAnswers(app: FastifyInstance, deps: ApiDeps): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    // Checked late, because the stop may have begun while the request was handled.
    if (deps.closesConnections()) reply.header('connection', 'close')
    const route = request.routeOptions.url ?? 'unknown'
    const { id, method } = request
    const milliseconds = request.stopTimer()
    countAnswer(deps, { id, method, route, status: reply.statusCode, milliseconds })
    done(null, payload)
  })
}

function findAccounts(api: FastifyInstance): void {
  api.addHook<{ Querystring: { account_id?: unknown } }>('onRequest', async (request) => {
    const { scope } = request.routeOptions.config
    if (scope === undefined) return
    const { account_id: accountId } = request.query
    const { authorization } = request.headers
    request.account = await authenticate(request.tenant, authorization, accountId, scope)
  })
}
