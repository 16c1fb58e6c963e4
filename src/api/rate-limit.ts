import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'
import type { HttpRequest } from './http-route.ts'

/**
 * The limit of calls a minute for routes without a separate limit. Source: Zoho Payments rate limits, US (seen
 * 2026-11-22).
 */
export const CALLS_PER_MINUTE = 600

/** Counts a call for its account. Throws ApiError `rate_limited`. */
export type CheckRate = (request: Pick<HttpRequest, 'account' | 'routeOptions'>) => Promise<void>

type RateLimits = {
  /** Default: the account. */
  readonly callerOf?: (request: FastifyRequest) => string
  /** True: routes without a scope are limited too. */
  readonly limitsUnscoped?: boolean
}

/**
 * Limits the calls of each account, and returns the check. Must be registered after the hook that finds the account,
 * before the routes.
 */
export async function limitRates(
  api: FastifyInstance,
  { callerOf = ({ account }) => account.id, limitsUnscoped = false }: RateLimits = {},
): Promise<CheckRate> {
  await api.register(import('@fastify/rate-limit'), { global: false })
  const limitAt = (max: number) =>
    api.createRateLimit({
      max,
      timeWindow: 60_000,
      keyGenerator: (request) => `${callerOf(request)} ${max}`,
    })
  const limits = new Map([[CALLS_PER_MINUTE, limitAt(CALLS_PER_MINUTE)]])
  api.addHook('onRoute', ({ config }) => {
    const max = config?.ratePerMinute
    if (max !== undefined && !limits.has(max)) limits.set(max, limitAt(max))
  })
  const check: CheckRate = async (request) => {
    const { ratePerMinute = CALLS_PER_MINUTE, scope } = request.routeOptions.config
    const limit = limits.get(ratePerMinute)
    if ((scope === undefined && !limitsUnscoped) || limit === undefined) return
    // The limit reads these two fields only.
    const rate = await limit(request as FastifyRequest)
    if (rate.isAllowed || !rate.isExceeded) return
    throw new ApiError('rate_limited', undefined, undefined, {
      'retry-after': String(rate.ttlInSeconds),
    })
  }
  api.addHook('onRequest', check)
  return check
}
