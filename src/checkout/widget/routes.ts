import { gunzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../../domain/account.ts'
import { addressKeyOf } from '../../domain/address-key.ts'
import { parseAccountId } from '../../domain/id.ts'
import { OUTAGE_RETRY_SECONDS, StoreUnavailable } from '../../operations/store.ts'
import { dataElement, sendDocument } from '../../pages/document.ts'
import { formOf, isFromOwnPage, queryValue } from '../../pages/form.ts'
import { html } from '../../pages/html.ts'
import { errorStatus } from '../error-status.ts'
import { LANGUAGES } from '../language.ts'
import { customerOf } from '../open-checkout.ts'
import { type CheckoutRouteDeps, type Place, registerCheckoutAt } from '../routes.ts'
import { openMethodSessionInFrame } from '../save-method/open-method-session.ts'
import { registerSaveFrame } from '../save-method/routes.ts'
import { allowedOrigins, decodeOrigins } from './frame-origins.ts'
import { createGuessLimit } from './guess-limit.ts'
import { openSessionInFrame, renderOpenFailure } from './open-session.ts'

/** The maximum number of sessions that one address opens in a minute. Offices and campuses share addresses. */
const OPENINGS_PER_MINUTE = 120
/** The Retry-After for an address that guesses ids. */
const GUESS_WAIT_SECONDS = 60
/** The time for which browsers cache the script. */
const SCRIPT_LIFE_SECONDS = 300

/** The frame's first page. */
type Shell = {
  readonly account: Account | undefined
  /** The embedding pages that may show it. */
  readonly origins: readonly string[]
  readonly status: number
}

const hiddenRoute = { schema: { hide: true } }

/**
 * Registers the widget: the script for merchants' pages, the page that it shows in a frame, and the
 * checkout inside.
 *
 * Source of the addresses: the browser script of the real service (seen 2026-11-22).
 */
export async function registerWidgetRoutes(
  app: FastifyInstance,
  deps: CheckoutRouteDeps,
): Promise<void> {
  registerScript(app, deps)

  app.get('/charge/:account_id', hiddenRoute, async (request, reply) => {
    const account = await accountOf(request)
    if (account === undefined)
      return sendShell(request, reply, { account: undefined, origins: [], status: 404 })
    // The page that embeds the frame comes first, because it receives the messages.
    const requestedOrigins = [
      queryValue(request, 'host'),
      ...listOf(queryValue(request, 'frameorigin')),
    ]
    const origins = allowedOrigins(
      account,
      requestedOrigins.filter((one) => one !== undefined),
    )
    return sendShell(request, reply, {
      account,
      origins,
      status: origins.length === 0 ? 403 : 200,
    })
  })

  await registerOpening(app, deps)
  await registerCheckoutAt(app, deps, '/charge/:account_id/:access_key/:frame', placeOf)
  await registerSaveFrame(app, deps, placeOf)

  async function placeOf(request: FastifyRequest): Promise<Place | undefined> {
    const account = await accountOf(request)
    const { access_key: key, frame } = request.params as { access_key: string; frame: string }
    // The origins are read each time, because a merchant may have removed one.
    const frameOrigins = account === undefined ? [] : allowedOrigins(account, decodeOrigins(frame))
    if (account === undefined || frameOrigins.length === 0) return undefined
    return {
      path: `${app.basePath}/charge/${account.id}/${key}/${frame}`,
      frameOrigins,
      accountId: account.id,
    }
  }

  function sendShell(
    request: FastifyRequest,
    reply: FastifyReply,
    { account, origins, status }: Shell,
  ): FastifyReply {
    const { language } = customerOf(request)
    const { direction, messages } = LANGUAGES[language]
    const { close, frameFailedText, frameFailedTitle, unknownTitle } = messages
    return sendDocument(
      reply,
      {
        title: account?.name ?? unknownTitle,
        language,
        direction,
        styles: [deps.assets.find('checkout.css')],
        scripts: origins.length === 0 ? [] : [deps.assets.find('frame.js')],
        body: html`<div class="page framed"><main class="card">
          <p class="busy" id="busy"><span class="spinner" aria-hidden="true"></span></p>
          <section class="state bad" id="problem" hidden>
            <h1 tabindex="-1">${frameFailedTitle}</h1><p>${frameFailedText}</p>
            <button type="button" class="quiet" id="close">${close}</button>
          </section></main></div>${dataElement('frame', { accountId: account?.id, origins })}`,
        frameAncestors: origins,
      },
      status,
    )
  }
}

async function registerOpening(app: FastifyInstance, deps: CheckoutRouteDeps): Promise<void> {
  await app.register(async (opening) => {
    opening.setErrorHandler((error, request, reply) => {
      const status = errorStatus(error)
      if (status >= 500) deps.onFault(request, error)
      if (error instanceof StoreUnavailable) reply.header('retry-after', OUTAGE_RETRY_SECONDS)
      if (status === 429) reply.header('retry-after', GUESS_WAIT_SECONDS)
      return reply.code(status).send({
        code: 'processor_error',
        message: 'The payment cannot be opened now. Try again in a minute.',
      })
    })
    if (deps.limitsRates) {
      await opening.register(import('@fastify/rate-limit'), {
        global: false,
        keyGenerator: ({ ip }) => addressKeyOf(ip),
      })
    }
    const guesses = deps.limitsRates ? createGuessLimit() : undefined
    const LIMITED = {
      ...hiddenRoute,
      config: { rateLimit: { max: OPENINGS_PER_MINUTE, timeWindow: 60_000 } },
    }
    opening.post('/charge/:account_id/open', LIMITED, async (request, reply) => {
      const account = isFromOwnPage(request) ? await accountOf(request) : undefined
      const form = formOf(request)
      const addressKey = addressKeyOf(request.ip)
      if (account !== undefined && guesses?.isRefused(account.id, addressKey) === true) {
        throw Object.assign(new Error('ids are being guessed'), { statusCode: 429 })
      }
      const methodSessionId = form.get('payment_method_session_id') ?? ''
      if (account !== undefined && methodSessionId !== '') {
        const methodPage = await openMethod(request, account, methodSessionId)
        reply.header('cache-control', 'no-store')
        if ('path' in methodPage) return methodPage
        if (methodPage.isUnknown === true) guesses?.count(account.id, addressKey)
        return reply.code(methodPage.status).send(methodPage.body)
      }
      const result =
        account === undefined
          ? { failure: 'authorization_error' as const }
          : await openSessionInFrame({ basePath: app.basePath, ...request.tenant }, account, {
              apiKey: form.get('api_key') ?? '',
              paymentSessionId: form.get('payments_session_id') ?? '',
              browser: form.get('browser') ?? '',
              origins: listOf(form.get('origin') ?? ''),
            })
      reply.header('cache-control', 'no-store')
      if ('path' in result) return result
      if (account !== undefined && 'isUnknown' in result) guesses?.count(account.id, addressKey)
      const { body, status } = renderOpenFailure(result.failure)
      return reply.code(status).send(body)
    })
  })
}

function openMethod(request: FastifyRequest, account: Account, methodSessionId: string) {
  const form = formOf(request)
  const { basePath } = request.server
  return openMethodSessionInFrame({ basePath, ...request.tenant }, account, {
    apiKey: form.get('api_key') ?? '',
    methodSessionId,
    customerId: form.get('customer_id') ?? '',
    method: form.get('payment_method') ?? '',
    origins: listOf(form.get('origin') ?? ''),
  })
}

async function accountOf(request: FastifyRequest): Promise<Account | undefined> {
  const id = parseAccountId((request.params as { account_id: string }).account_id)
  return id && request.tenant.store.accounts.find(id)
}

function listOf(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(',').map((one) => one.trim())
}

/** Registers the script for merchants' pages, under the path of the real service. */
function registerScript(app: FastifyInstance, { assets }: Pick<CheckoutRouteDeps, 'assets'>): void {
  app.get('/zpay/zpay-js/v1/zpayments.js', hiddenRoute, (request, reply) => {
    const { integrity, gzip } = assets.find('zpayments.js')
    const etag = `"${integrity}"`
    reply.headers({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': `public, max-age=${SCRIPT_LIFE_SECONDS}`,
      etag,
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
      // Any page may load it, with an `integrity` attribute.
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    })
    if (request.headers['if-none-match'] === etag) return reply.code(304).send()
    // Uncompressed for clients such as curl, with which merchants compute `integrity`.
    const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    if (!takesGzip) return reply.send(gunzipSync(gzip()))
    return reply.header('content-encoding', 'gzip').send(gzip())
  })
}
