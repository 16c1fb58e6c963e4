import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { parseHost } from '../domain/host.ts'
import { listedAccess, type OriginAccess, sandboxAccess } from '../domain/origin.ts'
import type { ApiDeps } from './deps.ts'

/** The answer to a preflight. `access-control-max-age` is in seconds. */
const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, accept',
  'access-control-max-age': '600',
  // Without this header, some browsers wait for a body.
  'content-length': '0',
}
const EXPOSED_HEADERS = 'link, x-request-id, idempotent-replayed, retry-after, x-paydesk-warning'

/** Returns the CORS headers of answers to requests without an origin, which are nearly all requests. */
export function headersWithoutOrigin({
  access: { allowedOrigins },
  mode,
}: Pick<ApiDeps, 'access' | 'mode'>): Readonly<Record<string, string>> {
  if (mode === 'live' && allowedOrigins.size === 0) return {}
  // Every answer varies, because the answer to a request with an Origin differs.
  return { vary: 'Origin', 'access-control-expose-headers': EXPOSED_HEADERS }
}

/**
 * Lets pages of allowed origins read the answers of some routes, by CORS. Live mode allows the listed origins. A
 * sandbox also allows its own origin and those of this machine; its guard has already refused all others. The headers
 * are written here without a package, because nearly all requests come from servers and have no origin.
 */
export function registerCors(
  scope: FastifyInstance,
  { access: { allowedOrigins }, mode }: Pick<ApiDeps, 'access' | 'mode'>,
): void {
  if (mode === 'live' && allowedOrigins.size === 0) return
  const accessOf = (origin: string, { raw }: FastifyRequest): OriginAccess =>
    mode === 'live'
      ? listedAccess(origin, allowedOrigins)
      : sandboxAccess(origin, parseHost(raw.headers.host ?? ''), allowedOrigins)
  scope.addHook('onRequest', (request, reply, done) => {
    reply.header('vary', 'Origin')
    const { origin } = request.headers
    if (origin !== undefined) {
      const access = accessOf(origin, request)
      if (access === undefined) return done()
      allowOrigin(reply, origin, access)
    }
    reply.header('access-control-expose-headers', EXPOSED_HEADERS)
    if (request.method !== 'OPTIONS') return done()
    // An OPTIONS request that is not a preflight gets the same answer.
    reply.code(204).headers(PREFLIGHT_HEADERS).send()
  })
  // With this route the hook runs for every OPTIONS request. The route's handler gets only requests from an origin that
  // is not allowed.
  scope.options('*', { schema: { hide: true } }, (_request, reply) => reply.callNotFound())
}

/** Ignores an empty origin, which no browser sends. */
function allowOrigin(reply: FastifyReply, origin: string, access: OriginAccess): void {
  if (origin !== '') reply.header('access-control-allow-origin', origin)
  // Some browsers always send credentials and then require this header; the API reads no cookie. The credentials may
  // be for a proxy in front, so only origins that are listed by name may send them.
  if (access === 'named') reply.header('access-control-allow-credentials', 'true')
}
