import cors, { type FastifyCorsOptions } from '@fastify/cors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseHost } from '../domain/host.ts'
import { listedAccess, type OriginAccess, sandboxAccess } from '../domain/origin.ts'
import type { ApiDeps } from './deps.ts'

const COMMON: FastifyCorsOptions = {
  methods: ['GET', 'POST', 'PUT', 'DELETE'],
  allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'accept'],
  exposedHeaders: ['link', 'x-request-id', 'idempotent-replayed', 'retry-after'],
  maxAge: 600,
  // An OPTIONS request that is no preflight is answered too, instead of the framework's refusal.
  strictPreflight: false,
}
/** Some clients always send credentials, and browsers then require this header. The API reads no cookie. */
const NAMED: FastifyCorsOptions = { ...COMMON, origin: true, credentials: true }
/** Credentials may be meant for a proxy in front, so only origins listed by name may send them. */
const ANY: FastifyCorsOptions = { ...COMMON, origin: true }
const NONE: FastifyCorsOptions = { ...COMMON, origin: false }

/**
 * Lets pages of allowed origins read the answers of some routes, by CORS. In live mode these are the listed origins; a
 * sandbox adds its own and those of this machine, and refuses all others before.
 */
export async function registerCors(
  scope: FastifyInstance,
  { access: { allowedOrigins }, mode }: Pick<ApiDeps, 'access' | 'mode'>,
): Promise<void> {
  if (mode === 'live' && allowedOrigins.size === 0) return
  const accessOf = ({ headers: { origin }, raw }: FastifyRequest): OriginAccess => {
    if (origin === undefined) return 'any'
    return mode === 'live'
      ? listedAccess(origin, allowedOrigins)
      : sandboxAccess(origin, parseHost(raw.headers.host ?? ''), allowedOrigins)
  }
  await scope.register(cors, {
    delegator: (request: FastifyRequest, done) => {
      const access = accessOf(request)
      done(null, access === undefined ? NONE : access === 'named' ? NAMED : ANY)
    },
  })
}
