import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../domain/account.ts'
import { logoMediaType } from '../domain/logo.ts'
import { OUTAGE_RETRY_SECONDS, StoreUnavailable } from '../operations/store.ts'
import type { Assets } from '../pages/assets.ts'
import { errorStatus } from './error-status.ts'
import { customerOf } from './open-checkout.ts'
import { type Notice, type NoticePage, sendNotice } from './render-checkout.ts'

/** The Retry-After of a refused form. */
const WAIT_SECONDS = 60

/** The options of a route that the API's description omits. */
export const HIDDEN = { schema: { hide: true } }

/** Returns the options of a hidden route that takes at most `max` requests a minute from one address. */
export function rateLimit(max: number) {
  return { ...HIDDEN, config: { rateLimit: { max, timeWindow: 60_000 } } }
}

/** Too many forms came for a session, a payment link or an account, or from an address. */
export class TooManyAttempts extends Error {
  readonly statusCode = 429
}

/** Returns true if the page's script sent the request. */
export function wantsJson({ headers }: FastifyRequest): boolean {
  return headers.accept === 'application/json'
}

/** The dependencies of the answers to failed requests. */
export type FailureDeps = {
  readonly assets: Assets
  /** Called for each answer with a status of at least 500. */
  readonly onFault: (request: FastifyRequest, error: unknown) => void
}

type NoticePlace = Pick<NoticePage, 'frameOrigins' | 'isSave'>

/** Answers a request that failed: with a page, or as JSON for the page's script. */
export function sendFailure(
  { assets, onFault }: FailureDeps,
  error: unknown,
  reply: FastifyReply,
  { frameOrigins, isSave }: NoticePlace = {},
): FastifyReply {
  const { request } = reply
  const status = errorStatus(error)
  const notice = noticeOf(error, status)
  if (status >= 500) onFault(request, error)
  if (notice === 'outage') reply.header('retry-after', OUTAGE_RETRY_SECONDS)
  if (error instanceof TooManyAttempts) reply.header('retry-after', WAIT_SECONDS)
  if (wantsJson(request)) return reply.code(status).send({ notice })
  const { language } = customerOf(request)
  return sendNotice(reply, assets, { notice, language, status, frameOrigins, isSave })
}

/** Answers a request for a page that does not exist, or that this request may not see. */
export function sendUnknown(
  reply: FastifyReply,
  assets: Assets,
  { frameOrigins, isSave }: NoticePlace = {},
): FastifyReply {
  if (wantsJson(reply.request)) return reply.code(404).send({ notice: 'unknown' })
  const { language } = customerOf(reply.request)
  return sendNotice(reply, assets, {
    notice: 'unknown',
    language,
    status: 404,
    frameOrigins,
    isSave,
  })
}

function noticeOf(error: unknown, statusCode: number): Notice {
  if (error instanceof StoreUnavailable) return 'outage'
  if (statusCode === 429) return 'busy'
  return statusCode < 500 ? 'bad' : 'fault'
}

/** Sends the logo of an account. The logo's name comes from its content, so browsers may keep the logo. */
export async function sendLogo(reply: FastifyReply, account: Account): Promise<FastifyReply> {
  const { params, tenant } = reply.request
  const { file } = params as { readonly file: string }
  const type = file === account.logoFile ? logoMediaType(file) : undefined
  const content = type && (await tenant.store.accounts.findLogo(file))
  if (type === undefined || content === undefined) return reply.code(404).send()
  return reply
    .headers({
      'content-type': type,
      'cache-control': 'private, max-age=604800, immutable',
      // A merchant uploaded the bytes, so nothing in them may run, even if a browser opens the URL
      // directly.
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    })
    .send(Buffer.from(content))
}
