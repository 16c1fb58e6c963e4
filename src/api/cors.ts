import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { parseHost } from '../domain/host.ts'
import { listedAccess, type OriginAccess, sandboxAccess } from '../domain/origin.ts'
import type { ApiDeps } from './deps.ts'

/** The answer to a preflight. The longest time that a browser may reuse it is in seconds. */
const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, accept',
  'access-control-max-age': '600',
  // Some browsers wait for a body without it.
  'content-length': '0',
}
const EXPOSED_HEADERS = 'link, x-request-id, idempotent-replayed, retry-after'

/**
 * Lets pages of allowed origins read the answers of some routes, by CORS. In live mode these are the listed origins; a
 * sandbox adds its own and those of this machine, and refuses all others before. The headers are written here, because
 * nearly all requests come from servers and have no origin.
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
    // The answer depends on it also when the request has none, so a cache must know.
    reply.header('vary', 'Origin')
    const { origin } = request.headers
    if (origin !== undefined) {
      const access = accessOf(origin, request)
      if (access === undefined) return done()
      allowOrigin(reply, origin, access)
    }
    reply.header('access-control-expose-headers', EXPOSED_HEADERS)
    if (request.method !== 'OPTIONS') return done()
    // An OPTIONS request that is no preflight is answered too, instead of refused.
    reply.code(204).headers(PREFLIGHT_HEADERS).send()
  })
  // Makes the hook run for every OPTIONS request. Only those from an origin that is not allowed come this far.
  scope.options('*', { schema: { hide: true } }, (_request, reply) => reply.callNotFound())
}

/** An origin with an empty name, which no browser sends, gets no header. */
function allowOrigin(reply: FastifyReply, origin: string, access: OriginAccess): void {
  if (origin !== '') reply.header('access-control-allow-origin', origin)
  // Some browsers always send credentials and then require this header; the API reads no cookie. Credentials may be
  // meant for a proxy in front, so only origins listed by name may send them.
  if (access === 'named') reply.header('access-control-allow-credentials', 'true')
}
