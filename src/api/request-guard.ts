import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { containsCardNumber } from '../domain/card.ts'
import { type Host, type HostRules, isHostAccepted, parseHost } from '../domain/host.ts'
import { isOrigin, sandboxAccess } from '../domain/origin.ts'
import type { Mode } from '../domain/scope.ts'
import { ApiError } from './errors.ts'
import { countHostHeaders, isLiteralPath } from './request-target.ts'

/** The pages that may call the server, and the host names of a sandbox. */
export type AccessRules = {
  readonly hosts: HostRules
  /** The listed origins; a sandbox adds its own and those of this machine. `*`: all. */
  readonly allowedOrigins: ReadonlySet<string>
}

/** Answers a request with an error, in the envelope. */
export type AnswerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void

/**
 * The paths of customers' pages and of the widget. Other sites open them by design: a bank posts a form, a shop's
 * page loads the widget's script. Forms that are sent to these paths have their own rules (`isFromOwnPage`), and
 * another origin can read only the script.
 */
const CUSTOMER_PATHS =
  /^\/(?:assets|charge|hostedcheckout|hostedpages|paymentlink|sandbox|zpay)\/|^\/favicon\./

/**
 * Refuses a request before its route sees it: a request with several Host headers or an invalid Host header, and a
 * request with a path that a proxy reads differently from the router. A sandbox also refuses a request to a host name
 * that is not its own and, except on `CUSTOMER_PATHS`, a request from a foreign page. In live mode only the token
 * protects the API from foreign pages. Must be called before the routes are registered.
 *
 * It answers with `answerError` itself, because the error handlers of pages show a page.
 */
export function guardRequests(
  app: FastifyInstance,
  { access, mode }: { readonly access: AccessRules; readonly mode: Mode },
  answerError: AnswerError,
): void {
  const readHost = rememberHost()
  app.addHook('onRequest', (request, reply, done) => {
    try {
      const host = readHost(request.raw)
      if (mode === 'sandbox') {
        requireAcceptedHost(host, access.hosts)
        if (isForeign(request, host, access)) {
          showToPage(request, reply)
          if (isPreflight(request)) return void reply.code(204).send()
          throw originError(request.headers.origin)
        }
      }
      requireLiteralPath(request)
    } catch (error) {
      return answerError(error, request, reply)
    }
    done()
  })
}

/** Makes a check that is true for a request with one valid Host header. A sandbox accepts only its own host names. */
export function createHostCheck({
  access,
  mode,
}: {
  readonly access: AccessRules
  readonly mode: Mode
}): (raw: IncomingMessage) => boolean {
  const readHost = rememberHost()
  return (raw) => {
    try {
      const host = readHost(raw)
      if (mode === 'sandbox') requireAcceptedHost(host, access.hosts)
      return host !== undefined
    } catch {
      return false
    }
  }
}

/** Makes a reader of Host headers. It remembers the last header, because nearly all requests have the same one. */
function rememberHost(): (raw: IncomingMessage) => Host | undefined {
  let last: { readonly text: string; readonly host: Host } | undefined
  return (raw) => {
    if (countHostHeaders(raw) > 1) {
      throw new ApiError('malformed_http', 'Host', 'The request must have one Host header.')
    }
    const { host: text } = raw.headers
    if (text === undefined) return undefined
    if (last?.text === text) return last.host
    const host = parseHost(text)
    if (host === undefined) {
      throw new ApiError(
        'malformed_http',
        'Host',
        'The Host header must be a host name or an IP address, and may have a port: paydesk.example:4242.',
      )
    }
    last = { text, host }
    return host
  }
}

/** Accepts a request without a Host, because browsers always send one. */
function requireAcceptedHost(host: Host | undefined, rules: HostRules): void {
  if (host === undefined || isHostAccepted(host, rules)) return
  const name = containsCardNumber(host.name) ? '<name>' : host.name
  throw new ApiError(
    'host_refused',
    'Host',
    `This sandbox does not answer under the host name ${name}. To use it under this name, start it with --allow-host ${name} or PAYDESK_ALLOW_HOST=${name}.`,
  )
}

/**
 * Returns true for a request from a page of an origin that is not allowed, except on `CUSTOMER_PATHS`. A request without
 * an Origin comes from no page, loads a file, or follows a link.
 */
function isForeign(
  { headers: { origin }, url }: FastifyRequest,
  host: Host | undefined,
  { allowedOrigins }: AccessRules,
): boolean {
  return (
    origin !== undefined &&
    sandboxAccess(origin, host, allowedOrigins) === undefined &&
    !CUSTOMER_PATHS.test(url)
  )
}

function originError(origin = ''): ApiError {
  const isShown = isOrigin(origin) && !containsCardNumber(origin)
  const page = isShown ? `pages of ${origin}` : 'this page'
  const value = isShown ? origin : '<origin>'
  const help =
    origin === 'null'
      ? 'A page from a file or in a sandboxed frame has no origin: serve it from http://localhost, or start the sandbox with --allow-origin *.'
      : `To allow them, start it with --allow-origin ${value} or PAYDESK_ALLOW_ORIGIN=${value}.`
  return new ApiError(
    'origin_refused',
    'Origin',
    `This sandbox does not accept requests from ${page}. ${help}`,
  )
}

/** Lets a foreign page read only the refusal, which names the setting that allows the page. */
function showToPage({ headers }: FastifyRequest, reply: FastifyReply): void {
  reply.headers({
    'access-control-allow-origin': headers.origin,
    'access-control-expose-headers': 'x-request-id',
    vary: 'Origin',
  })
  const { 'access-control-request-headers': names, 'access-control-request-method': method } =
    headers
  if (method !== undefined) reply.header('access-control-allow-methods', method)
  if (names !== undefined) reply.header('access-control-allow-headers', names)
}

/** A preflight has no effect, and the request after it is refused. */
function isPreflight({ headers, method }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

/** Throws ApiError for a path that a proxy reads differently from the router. */
export function requireLiteralPath({ routeOptions, url }: FastifyRequest): void {
  const { url: route } = routeOptions
  if (route !== undefined && !isLiteralPath(url, route)) throw new ApiError('path_unknown')
}
