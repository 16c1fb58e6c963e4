import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { withoutBasePath } from '../domain/base-path.ts'
import { errorAnswerOf } from './answer-error.ts'
import { authenticate } from './authenticate.ts'
import { headersWithoutOrigin } from './cors.ts'
import { countAnswer } from './count-answer.ts'
import { BODY_BYTES_MAX, decodeBody } from './decode-body.ts'
import type { ApiDeps } from './deps.ts'
import { DirectCall, type PlainRoute, readBytes } from './direct-call.ts'
import { bodySchemaOf, frameworkUrl, type HttpAnswer, runRoute } from './http-route.ts'
import type { CheckRate } from './rate-limit.ts'
import { createHostCheck } from './request-guard.ts'
import { apiContextOf, fastifyConfigOf, type Route } from './route.ts'

/** Called once at the end of a watched call, before its answer is sent. It may add headers. */
type EndOfCall = (answer: HttpAnswer, headers: Record<string, string>) => void

/**
 * Starts to watch a call. Undefined: nothing was started, because the call has to wait or to fail, which only the
 * framework can do.
 */
export type WatchCall = (call: DirectCall) => EndOfCall | undefined

type DirectParts = DirectHooks & {
  readonly apiPath: string
  readonly routes: readonly Route[]
  readonly nextRequestId: () => string
}

/** The hooks that some servers have. */
export type DirectHooks = {
  /** Undefined: rates are not limited. */
  readonly checkRate: () => CheckRate | undefined
  /** Undefined: calls are not watched. */
  readonly watchCall: WatchCall | undefined
}

/**
 * Answers the plain calls of frequent routes, and gives all other requests to the framework, whose routing, hooks and
 * parsers take a tenth of a create's time and a sixth of a retrieve's.
 *
 * A plain call has ids of digits in its path, the account and nothing else in its query, one accepted Host header, and
 * no header `Origin` or `Expect`. If its route takes a body, the body is JSON of a known length within the limit. The
 * direct path and the framework use the same route values, and each step here is a function that a hook of the framework
 * calls too, so both give the same answer.
 */
export function answerDirectly(
  handle: RequestListener,
  deps: ApiDeps,
  { apiPath, checkRate, nextRequestId, routes, watchCall }: DirectParts,
): RequestListener {
  const plainRoutes = routes.map((route) => plainRouteOf(route, apiPath))
  const corsHeaders = headersWithoutOrigin(deps)
  const contextOf = apiContextOf(deps)
  const acceptsHost = createHostCheck(deps)

  async function answer(call: DirectCall, route: Route): Promise<HttpAnswer> {
    try {
      const { headers, query, tenant } = call
      call.account = await authenticate(
        tenant,
        headers.authorization,
        query.account_id,
        route.scope,
      )
      await checkRate()?.(call)
      if (route.body !== undefined) {
        // If the body is refused, the connection closes, as with the framework: the rest of the body may still arrive.
        call.isLast = true
        call.body = decodeBody(await readBytes(call.raw), headers['content-encoding'])
        call.isLast = false
      }
      return await runRoute(route, call, contextOf)
    } catch (error) {
      return errorAnswerOf(deps.logger, error, call.id)
    }
  }

  async function serve(
    call: DirectCall,
    { route, routeOptions }: PlainRoute,
    response: ServerResponse,
    end: EndOfCall | undefined,
  ): Promise<void> {
    call.id = nextRequestId()
    const { body, headers: ownHeaders, status } = await answer(call, route)
    const headers: Record<string, string> = { 'x-request-id': call.id, ...corsHeaders }
    for (const name in ownHeaders) headers[name] = ownHeaders[name] ?? ''
    headers['content-type'] = 'application/json; charset=utf-8'
    if (call.isLast || deps.closesConnections()) headers.connection = 'close'
    countAnswer(deps, {
      id: call.id,
      method: call.method,
      route: routeOptions.url ?? '',
      status,
      milliseconds: call.stopTimer(),
    })
    end?.({ status, body }, headers)
    // A copy, because the log of a sandbox keeps the headers as the framework shows them: without the length.
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
    response.end(body)
  }

  return (raw, response) => {
    const target = withoutBasePath(raw.url ?? '', deps.basePath)
    for (const plain of plainRoutes) {
      const match = raw.method === plain.route.method ? plain.pattern.exec(target) : null
      if (match === null) continue
      if (!isPlain(raw, plain.route) || !acceptsHost(raw)) break
      const call = new DirectCall(raw, plain, match, deps)
      const end = watchCall?.(call)
      if (watchCall !== undefined && end === undefined) break
      serve(call, plain, response, end).catch((error: unknown) => {
        deps.logger.error({ requestId: call.id, err: error }, 'request failed')
        raw.socket.destroy()
      })
      return
    }
    handle(raw, response)
  }
}

const PARAMETER = /\{(\w+)\}/g

function plainRouteOf(route: Route, apiPath: string): PlainRoute {
  const path = `${apiPath}${route.url}`.replaceAll(PARAMETER, '(\\d{1,16})')
  return {
    route,
    routeOptions: {
      url: `${apiPath}${frameworkUrl(route)}`,
      config: fastifyConfigOf(route),
      schema: { body: bodySchemaOf(route) },
    },
    pattern: new RegExp(`^${path}\\?account_id=(\\d{1,16})$`),
    names: [...route.url.matchAll(PARAMETER)].map(([, name = '']) => name),
  }
}

const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i
const LENGTH = /^[1-9]\d{0,4}$/

function isPlain({ headers }: IncomingMessage, { body }: Route): boolean {
  const { 'content-length': length, 'content-type': type } = headers
  if (headers.origin !== undefined || headers.expect !== undefined) return false
  if (headers['transfer-encoding'] !== undefined) return false
  if (body === undefined) return length === undefined
  if (length === undefined || !LENGTH.test(length) || Number(length) > BODY_BYTES_MAX) return false
  return type !== undefined && JSON_TYPE.test(type)
}
