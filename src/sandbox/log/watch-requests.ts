import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { ApiError, renderError } from '../../api/errors.ts'
import { readOwnAccessKey } from '../../domain/access-key.ts'
import type { Account } from '../../domain/account.ts'
import { containsCardNumber } from '../../domain/card.ts'
import type { Keys } from '../../domain/secret.ts'
import type { FaultRule } from '../faults/faults.ts'
import { waitOutside } from '../tenants/hold-requests.ts'
import { waitRealTime } from '../tenants/real-time.ts'
import { type SandboxTenant, sandboxTenant } from '../tenants/tenant.ts'
import { LISTENER_HEADER, parseListenerHeader } from './listeners.ts'
import { WARNING_HEADER, warningsOf } from './request-warnings.ts'
import { scrubBody, scrubHeaders, scrubPath } from './scrub.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined: the request is not logged and has no faults. */
    watch: RequestWatch | undefined
  }
}

type RequestWatch = {
  readonly tenant: SandboxTenant
  readonly atMs: number
  rule: FaultRule | undefined
  warnings: readonly string[]
}

/** The paths that can have faults. Other paths, such as those of the control API and of page files, have none. */
const CAN_FAIL = /^\/(?:api\/v1|oauth\/v2|hostedcheckout|paymentlink|charge)\//
/** Calls of the control API are not logged. */
const IS_CONTROL = /^\/_sandbox\//
/** The methods of requests that browsers send automatically, for icons and other files. */
const PAGE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])
/** The paths whose GET requests are all logged. Open pages send GET requests to other paths all the time. */
const IS_CALL = /^\/(?:api\/v1|oauth\/v2)\//

type NotedRequest = Pick<FastifyRequest, 'headers' | 'is404' | 'method' | 'stopTimer' | 'url'> & {
  /** Undefined: the request has no valid token. */
  readonly account: Account | undefined
  readonly body: unknown
  readonly params: unknown
}

type NotedAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly payload: unknown
}

/** Adds a request to the log. `answer` undefined: the connection was cut before it. */
type Note = (
  request: NotedRequest,
  watch: RequestWatch,
  answer: NotedAnswer | undefined,
  failure: string | undefined,
) => void

/**
 * Applies a tenant's faults to its requests, and logs the requests with their mistakes. Call it before the routes are
 * registered.
 */
export function watchRequests(
  app: FastifyInstance,
  keys: Pick<Keys, 'derivedKeys'>,
  logger: Pick<Logger, 'warn'>,
): void {
  const note = createNote(keys)
  app.decorateRequest('watch')

  app.addHook('onRequest', (request, _reply, done) => {
    const isFromNetwork = request.raw.socket instanceof Socket
    const isWatched = CAN_FAIL.test(request.url) || isLostCall(request)
    if (isFromNetwork && request.method !== 'OPTIONS' && isWatched) {
      const tenant = sandboxTenant(request.tenant)
      request.watch = { tenant, atMs: tenant.clock.nowMs(), rule: undefined, warnings: [] }
    }
    done()
  })

  applyFaults(app, note)

  app.addHook('onSend', (request, reply, payload, done) => {
    const { watch } = request
    if (watch !== undefined) {
      watch.warnings = warningsOf(request)
      if (watch.warnings.length > 0) reply.header(WARNING_HEADER, watch.warnings.join('; '))
      logWarnings(logger, request, watch.warnings)
      const isLost = watch.rule?.effect.kind === 'lost_answer'
      const failure = isLost
        ? 'The request was carried out, and the connection was cut.'
        : undefined
      const headers = { ...reply.getHeaders() } as Record<string, string>
      note(request, watch, { status: reply.statusCode, headers, payload }, failure)
      if (isLost) cut(request)
    }
    done(null, payload)
  })
}

function applyFaults(app: FastifyInstance, note: Note): void {
  // The fault applies after the request was read and its token was checked, so that only valid requests meet it.
  app.addHook('preHandler', (request, reply, done) => {
    const { watch } = request
    if (watch === undefined || watch.tenant.faults.list().length === 0) return done()
    const [path = ''] = request.url.split('?')
    if (!CAN_FAIL.test(path)) return done()
    const rule = watch.tenant.faults.decide({ target: 'route', method: request.method, path })
    if (rule === undefined) return done()
    watch.rule = rule
    const waiting = waitRealTime(rule.effect.latencyMs, watch.tenant.stopping)
    void waitOutside(request, waiting).then(() => {
      switch (rule.effect.kind) {
        case 'reset':
          reply.hijack()
          note(request, watch, undefined, 'The connection was cut. Nothing was carried out.')
          return cut(request)
        case 'status':
          return answerStatus(request, reply, rule, done)
        default:
          return done()
      }
    }, done)
  })
}

/**
 * Writes the mistakes of a request to the program's output. They are also in the request log and in a header of the
 * answer.
 */
export function logWarnings(
  logger: Pick<Logger, 'warn'>,
  {
    id: requestId,
    method,
    routeOptions,
  }: Pick<FastifyRequest, 'id' | 'method'> & {
    readonly routeOptions: { readonly url?: string | undefined }
  },
  warnings: readonly string[],
): void {
  if (warnings.length === 0) return
  logger.warn({ requestId, method, route: routeOptions.url, warnings }, 'request with a mistake')
}

/** Makes the function that adds requests to the log, without their secrets. */
export function createNote(keys: Pick<Keys, 'derivedKeys'>): Note {
  return (request, { atMs, rule, tenant, warnings }, answer, failure) => {
    const { headers, method, params, url } = request
    const listener = parseListenerHeader(headers[LISTENER_HEADER])
    if (listener !== undefined && method === 'GET' && rule === undefined) {
      const isRead = answer?.status === 200
      if (isRead) tenant.listeners.note(listener, eventIdOf(params))
      return
    }
    if (method === 'GET' && !IS_CALL.test(url) && !isLostCall(request)) return
    const {
      access_key: accessKey,
      payments_session_id,
      payment_id,
      event_id,
    } = (params ?? {}) as Readonly<Record<string, string | undefined>>
    const keyContent = accessKey && readOwnAccessKey(accessKey, keys)
    const sessionId = payments_session_id ?? (keyContent ? keyContent.paymentSessionId : undefined)
    tenant.log.add({
      kind: 'api',
      atMs,
      durationMs: request.stopTimer(),
      method,
      path: scrubPath(url),
      requestHeaders: scrubHeaders(headers, request.account !== undefined),
      requestBody: scrubBody((request.body as Buffer | undefined) ?? '', headers['content-type']),
      ...(answer !== undefined && { response: responseOf(answer) }),
      ...(failure !== undefined && { failure }),
      ...(warnings.length > 0 && { warnings }),
      ...(isId(sessionId) && { paymentSessionId: sessionId }),
      ...(isId(payment_id) && { paymentId: payment_id }),
      ...(isId(event_id) && { eventId: event_id }),
      ...(rule !== undefined && { faultId: rule.id }),
    })
  }
}

function eventIdOf(params: unknown): string | undefined {
  const { event_id: id } = (params ?? {}) as Readonly<Record<string, string | undefined>>
  return isId(id) ? id : undefined
}

/** Returns true for a call of an application whose base URL or path is wrong, so that no route has it. */
function isLostCall({
  headers,
  is404,
  method,
  url,
}: Pick<NotedRequest, 'headers' | 'is404' | 'method' | 'url'>): boolean {
  const isCall = headers.authorization !== undefined || !PAGE_METHODS.has(method)
  return is404 && isCall && !IS_CONTROL.test(url)
}

function responseOf({ headers: answerHeaders, payload, status }: NotedAnswer) {
  // Paydesk sets all other headers, and they have no secrets.
  const { location } = answerHeaders
  const headers =
    location === undefined
      ? answerHeaders
      : { ...answerHeaders, location: scrubPath(String(location)) }
  const body =
    typeof payload === 'string' || payload instanceof Uint8Array
      ? scrubBody(payload, headers['content-type'])
      : ''
  return { status, headers, body }
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,16}$/.test(text) && !containsCardNumber(text)
}

/** Cuts a connection without an answer, like a network failure. */
function cut({ raw: { socket } }: FastifyRequest): void {
  // A TLS socket cannot be reset.
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}

/** A fault on a page. The page shows its own text for it. */
class PageFault extends Error {
  readonly statusCode: number

  constructor(status: number) {
    super('a fault of the sandbox')
    this.statusCode = status
  }
}

function answerStatus(
  { url }: FastifyRequest,
  reply: FastifyReply,
  { effect: { retryAfterSeconds, status = 500 } }: FaultRule,
  fail: (error: Error) => void,
): void {
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  if (!IS_CALL.test(url)) {
    fail(new PageFault(status))
    return
  }
  const errorCode = status === 429 ? 'rate_limited' : status === 500 ? 'internal_error' : undefined
  const body =
    errorCode === undefined
      ? JSON.stringify({ code: 'error', message: TEXTS.get(status) ?? 'The request failed.' })
      : renderError(new ApiError(errorCode)).body
  void reply.code(status).type('application/json').send(body)
}

const TEXTS: ReadonlyMap<number, string> = new Map([
  [401, 'You are not authorized.'],
  [403, 'You are not allowed to do this.'],
  [408, 'The request took too long.'],
  [502, 'The upstream service gave an invalid answer. Please try again later.'],
  [503, 'The service is not available. Please try again later.'],
  [504, 'The upstream service did not answer in time. Please try again later.'],
])
