import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import encodeQR from 'qr'
import { addressKeyOf } from '../domain/address-key.ts'
import { accentsOf, isBrandColor } from '../domain/brand-color.ts'
import type { AccountId, PaymentAttemptId } from '../domain/id.ts'
import type { Instrument } from '../domain/instrument.ts'
import { readPhone } from '../domain/phone.ts'
import { applyMove } from '../operations/apply-move.ts'
import { payPaymentSession } from '../operations/pay-payment-session.ts'
import { cancelAttempt, reconcileAttempt } from '../operations/reconcile-attempts.ts'
import { OUTAGE_RETRY_SECONDS, StoreUnavailable } from '../operations/store.ts'
import type { Tenant } from '../operations/tenant.ts'
import type { Assets } from '../pages/assets.ts'
import { createCounter } from '../pages/counter.ts'
import { formOf, isFromOwnPage, originOf, queryValue } from '../pages/form.ts'
import type { ChargeLimit } from './charge-limit.ts'
import { errorStatus } from './error-status.ts'
import { createEventStreams } from './events.ts'
import {
  type CheckoutDeps,
  customerOf,
  mayChange,
  type Opened,
  openCheckout,
  reopen,
  viewFor,
} from './open-checkout.ts'
import {
  type FieldProblems,
  PAY_FIELDS,
  type PayForm,
  readPayForm,
  withoutSecrets,
} from './read-pay-form.ts'
import {
  firstForm,
  loadCheckoutFiles,
  type Notice,
  sendCheckout,
  sendNotice,
} from './render-checkout.ts'

/** What the routes need beside what a view needs. */
export type CheckoutRouteDeps = CheckoutDeps & {
  readonly assets: Assets
  readonly limitsRates: boolean
  /** Shared by the hosted page and the widget. Undefined: charges are not counted. */
  readonly chargeLimit: ChargeLimit | undefined
  readonly isDraining: () => boolean
  /** Where customers reach this server; undefined: where the request came to. */
  readonly publicUrl: string | undefined
  /** Carries out what was pressed on the sandbox's panel. */
  readonly act: ((tenant: Tenant, opened: Opened, act: string) => Promise<void>) | undefined
  /** Is told of a fault that the customer saw. */
  readonly onFault: (request: FastifyRequest, error: unknown) => void
}

/**
 * Payment attempts a minute from one address, against programs that try card numbers. Not fewer, for
 * the customers of a mobile network share addresses.
 */
const ATTEMPTS_PER_MINUTE = 60
/** Payment forms a minute for one session: it has five attempts, and each can need some corrections. */
const FORMS_PER_MINUTE_OF_SESSION = 30
/** Attempts that a session is allowed at most once other browsers have tried to pay it. */
const FOREIGN_ATTEMPTS_UP_TO = 10
/** A customer who has to wait comes back after this long, in seconds. */
const WAIT_SECONDS = 60
/** How often a customer can come back from a bank's page a minute, from one address. */
const RETURNS_PER_MINUTE = 120

/** An attempt is asked about at most this often for customers who come back, in milliseconds. */
const ASK_EVERY_MS = 2_000

const ACCESS_KEY_TEXT = /^[\w-]{60}$/

const hidden = { schema: { hide: true } }

/** Registers the hosted checkout at both of its names. */
export async function registerCheckoutRoutes(
  app: FastifyInstance,
  deps: CheckoutRouteDeps,
): Promise<void> {
  registerAccents(app)
  const pathOf = (request: FastifyRequest) => `${app.basePath}/hostedcheckout/${keyOf(request)}`
  await registerCheckoutAt(app, deps, '/hostedcheckout/:access_key', (request) => ({
    path: pathOf(request),
    frameOrigins: undefined,
  }))
  app.get('/hostedpages/:access_key', hidden, (request, reply) => {
    // Nothing but a key goes into an address.
    if (!ACCESS_KEY_TEXT.test(keyOf(request))) {
      const { language } = customerOf(request)
      return sendNotice(reply, deps.assets, { notice: 'unknown', language, status: 404 })
    }
    const [, query] = request.url.split('?')
    return reply.redirect(`${pathOf(request)}${query === undefined ? '' : `?${query}`}`, 308)
  })
}

/** Where a checkout page lies, and who may show it in a frame. */
export type Place = {
  readonly path: string
  /** Of the pages around, the nearest first. Undefined: nobody may. */
  readonly frameOrigins: readonly string[] | undefined
  /** Whose session it must be, when the place says so. */
  readonly accountId?: AccountId
}

/**
 * Registers a checkout page below a path with `:access_key`. `placeOf` says where a request's page
 * lies; undefined: it may not be shown there.
 */
export async function registerCheckoutAt(
  app: FastifyInstance,
  deps: CheckoutRouteDeps,
  route: string,
  placeOf: (request: FastifyRequest) => Place | undefined | Promise<Place | undefined>,
): Promise<void> {
  const { assets } = deps
  const files = await loadCheckoutFiles(assets)
  const streams = createEventStreams(deps)
  // Who reloads does not ask the processor each time.
  const justAsked = new LRUCache<PaymentAttemptId, true>({ max: 10_000, ttl: ASK_EVERY_MS })

  await app.register(async (pages) => {
    pages.setErrorHandler(async (error, request, reply) => {
      const { language } = customerOf(request)
      // Without it a frame would show the browser's own page instead.
      const place = await (async () => placeOf(request))().catch(() => undefined)
      const frameOrigins = place?.frameOrigins
      const statusCode = errorStatus(error)
      const notice = noticeOf(error, statusCode)
      if (statusCode >= 500) deps.onFault(request, error)
      if (notice === 'outage') reply.header('retry-after', OUTAGE_RETRY_SECONDS)
      if (error instanceof TooManyAttempts) reply.header('retry-after', WAIT_SECONDS)
      if (wantsJson(request)) return reply.code(statusCode).send({ notice })
      return sendNotice(reply, assets, { notice, language, status: statusCode, frameOrigins })
    })
    if (deps.limitsRates) {
      await pages.register(import('@fastify/rate-limit'), {
        global: false,
        keyGenerator: ({ ip }) => addressKeyOf(ip),
      })
    }
    const limitedTo = (max: number) => ({
      ...hidden,
      config: { rateLimit: { max, timeWindow: 60_000 } },
    })
    const formsOfSession = deps.limitsRates ? createCounter(60_000) : undefined

    /** Handles a request for a session that is there, and answers the others. */
    const withOpened =
      (
        handle: (opened: Opened, request: FastifyRequest, reply: FastifyReply) => unknown,
        isForOthers = false,
      ) =>
      async (request: FastifyRequest, reply: FastifyReply) => {
        const place = await placeOf(request)
        const opened =
          place &&
          (await openCheckout(request.tenant, keyOf(request), place.path, place.frameOrigins))
        const isOthers =
          place?.accountId !== undefined && opened?.session.accountId !== place.accountId
        if (
          opened === undefined ||
          isOthers ||
          (request.method === 'POST' && !isForOthers && !isFromOwnPage(request))
        ) {
          if (wantsJson(request)) return reply.code(404).send({ notice: 'unknown' })
          const { language } = customerOf(request)
          return sendNotice(reply, assets, {
            notice: 'unknown',
            language,
            status: 404,
            frameOrigins: place?.frameOrigins,
          })
        }
        return handle(opened, request, reply)
      }

    pages.get(
      route,
      hidden,
      withOpened(async (opened, request, reply) => {
        const view = await viewFor(request.tenant, deps, opened, customerOf(request))
        return sendCheckout(reply, files, opened, {
          view,
          form: firstForm(view),
          problems: {},
          isElsewhere: queryValue(request, 'elsewhere') === '1',
          isLeaving: queryValue(request, 'leaving') === '1',
        })
      }),
    )
    pages.get(
      `${route}/state`,
      hidden,
      withOpened(async (opened, request, reply) =>
        reply
          .header('cache-control', 'no-store')
          .send({ view: await viewFor(request.tenant, deps, opened, customerOf(request)) }),
      ),
    )
    pages.get(
      `${route}/events`,
      { ...hidden, exposeHeadRoute: false },
      withOpened((opened, _request, reply) => streams.stream(reply, opened)),
    )
    pages.get(
      `${route}/qr.svg`,
      hidden,
      withOpened((opened, _request, reply) => {
        const action = opened.attempts[0]?.action
        if (action?.kind !== 'upi_link') return reply.code(404).send()
        return reply
          .headers({ 'content-type': 'image/svg+xml', 'cache-control': 'private, max-age=600' })
          .send(encodeQR(action.uri, 'svg', { ecc: 'medium', border: 3 }))
      }),
    )
    // Where the issuer, the bank or the wallet sends the customer back to: some by a form of theirs,
    // of which nothing is read. What has happened is asked of the processor.
    pages.route({
      method: ['GET', 'POST'],
      url: `${route}/return`,
      ...limitedTo(RETURNS_PER_MINUTE),
      handler: withOpened(async (opened, request, reply) => {
        const { currentAttemptId: id } = opened.session
        if (id !== undefined && !justAsked.has(id)) {
          justAsked.set(id, true)
          await reconcileAttempt(request.tenant, id)
        }
        return reply.redirect(pageUrl(opened, request), 303)
      }, true),
    })
    // Who reloads what a form has answered, or kept its address, is shown the page.
    for (const name of ['pay', 'change', 'cancel', 'sandbox']) {
      pages.get(
        `${route}/${name}`,
        hidden,
        withOpened((opened, request, reply) => reply.redirect(pageUrl(opened, request), 303)),
      )
    }
    pages.post(
      `${route}/pay`,
      limitedTo(ATTEMPTS_PER_MINUTE),
      withOpened(async (opened, request, reply) => {
        const { id } = opened.session
        if ((formsOfSession?.countOf(id) ?? 0) >= FORMS_PER_MINUTE_OF_SESSION) {
          throw new TooManyAttempts()
        }
        formsOfSession?.add(id)
        return pay(opened, request, reply)
      }),
    )
    pages.post(
      `${route}/change`,
      hidden,
      withOpened(async (opened, request, reply) => {
        const { currentAttemptId } = opened.session
        if (currentAttemptId !== undefined && mayChange(opened)) {
          await cancelAttempt(request.tenant, currentAttemptId)
        }
        return answer(opened, request, reply)
      }),
    )
    pages.post(
      `${route}/cancel`,
      hidden,
      withOpened(async (opened, request, reply) => {
        // A frame is opened with what is no secret: who closes it has not canceled.
        const moved =
          opened.frameOrigins === undefined
            ? await applyMove(request.tenant, opened.session.id, { type: 'cancel' })
            : undefined
        const isCanceled = moved !== undefined && !('refused' in moved)
        // To our own page, which leads on: a form's answer may not go where the shop's may go.
        // Who is too late to cancel sees first what has happened instead.
        return reply.redirect(`${pageUrl(opened, request)}${isCanceled ? '&leaving=1' : ''}`, 303)
      }),
    )
    const { act } = deps
    if (act !== undefined) {
      pages.post(
        `${route}/sandbox`,
        hidden,
        withOpened(async (opened, request, reply) => {
          await act(request.tenant, opened, formOf(request).get('act') ?? '')
          return answer(opened, request, reply)
        }),
      )
    }
  })

  async function pay(opened: Opened, request: FastifyRequest, reply: FastifyReply) {
    const view = await viewFor(request.tenant, deps, opened, customerOf(request))
    const sent = formOf(request)
    const form: PayForm = Object.fromEntries(
      PAY_FIELDS.flatMap((name) => (sent.has(name) ? [[name, sent.get(name) ?? '']] : [])),
    )
    const read = readPayForm(form, { ...view, readPhone })
    const refused =
      'problems' in read ? undefined : problemsOf(request.tenant, read.value.instrument)
    if ('problems' in read || refused !== undefined) {
      const problems = 'problems' in read ? read.problems : (refused as FieldProblems)
      if (wantsJson(request)) return reply.code(422).send({ view, problems })
      const shown = { ...firstForm(view), ...withoutSecrets(form) }
      return sendCheckout(reply, files, opened, {
        view,
        form: shown,
        problems,
        isElsewhere: false,
        isLeaving: false,
      })
    }
    const number = Number(sent.get('number') ?? Number.NaN)
    if (opened.isForeign && opened.session.attemptCountMax >= FOREIGN_ATTEMPTS_UP_TO) {
      throw new TooManyAttempts()
    }
    // Counted only now: a form that is empty or wrong charges nothing, whoever sends it.
    const takeBack = deps.chargeLimit?.begin(opened.account.id, addressKeyOf(request.ip))
    if (deps.chargeLimit !== undefined && takeBack === undefined) throw new TooManyAttempts()
    const result = await payPaymentSession({ ...deps, ...request.tenant }, opened.session.id, {
      ...read.value,
      description: view.description ?? view.merchant,
      returnUrl: `${originOf(request, deps.publicUrl)}${opened.path}/return?lang=${view.language}`,
      ...(Number.isSafeInteger(number) && { number }),
      ...(opened.isForeign && { isForeign: true }),
    })
    if (result === undefined || 'refused' in result) takeBack?.()
    const isElsewhere =
      result !== undefined &&
      'refused' in result &&
      ['attempt_in_progress', 'session_succeeded'].includes(result.refused)
    return answer(opened, request, reply, isElsewhere)
  }

  /** The processor says before anything is recorded what it can never take. */
  function problemsOf(
    { mode, processor }: Tenant,
    instrument: Instrument,
  ): FieldProblems | undefined {
    if (processor.refuses?.(instrument) === undefined) return undefined
    // Only a sandbox knows test cards and accounts; elsewhere another method is what helps.
    if (mode !== 'sandbox') return { method: { key: 'errorInstrument' } }
    switch (instrument.type) {
      case 'card':
        return { card_number: { key: 'errorCardNotTest' } }
      case 'ach_debit':
        return { ach_account: { key: 'errorAchNotTest' } }
      default:
        return { method: { key: 'errorInstrument' } }
    }
  }

  /** Tells the page what has become of its session: as data to a script, else by showing it. */
  async function answer(
    before: Opened,
    request: FastifyRequest,
    reply: FastifyReply,
    isElsewhere = false,
  ): Promise<FastifyReply> {
    const opened = await reopen(request.tenant, before)
    if (wantsJson(request)) {
      const view = await viewFor(request.tenant, deps, opened, customerOf(request))
      return reply.send({ view, ...(isElsewhere && { isElsewhere }) })
    }
    const action = opened.attempts[0]?.action
    // A form's answer may lead to our own pages only; to others the page itself shows the way.
    const goesOn = !isElsewhere && action?.kind === 'redirect' && action.url.startsWith('/')
    return reply.redirect(
      goesOn
        ? `${app.basePath}${action.url}`
        : `${pageUrl(opened, request)}${isElsewhere ? '&elsewhere=1' : ''}`,
      303,
    )
  }
}

function noticeOf(error: unknown, statusCode: number): Notice {
  if (error instanceof StoreUnavailable) return 'outage'
  if (statusCode === 429) return 'busy'
  return statusCode < 500 ? 'bad' : 'fault'
}

/** A session, an address or an account has had more attempts than customers make. */
class TooManyAttempts extends Error {
  readonly statusCode = 429
}

function pageUrl({ path }: Opened, request: FastifyRequest): string {
  return `${path}?lang=${customerOf(request).language}`
}

function keyOf(request: FastifyRequest): string {
  return (request.params as { access_key: string }).access_key
}

function wantsJson({ headers }: FastifyRequest): boolean {
  return headers.accept === 'application/json'
}

/** The merchants' colours, as style sheets of their own, for a page has no styles in itself. */
function registerAccents(app: FastifyInstance): void {
  app.get('/assets/accent-:color.css', hidden, (request, reply) => {
    const color = `#${(request.params as { color: string }).color}`
    if (!isBrandColor(color)) return reply.code(404).send()
    const { dark, light } = accentsOf(color)
    const rule = (accent: typeof light) =>
      accent && `:root{--accent:${accent.accent};--on-accent:${accent.onAccent}}`
    const darkRule = rule(dark)
    return reply
      .headers({
        'content-type': 'text/css; charset=utf-8',
        'cache-control': 'public, max-age=86400',
        'x-content-type-options': 'nosniff',
      })
      .send(
        [
          light && `@media (prefers-color-scheme:light){${rule(light)}}`,
          darkRule && `@media (prefers-color-scheme:dark){${darkRule}}`,
        ]
          .filter(Boolean)
          .join(''),
      )
  })
}
