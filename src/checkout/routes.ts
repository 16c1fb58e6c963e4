import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import encodeQR from 'qr'
import { addressKeyOf } from '../domain/address-key.ts'
import { accentsOf, isBrandColor } from '../domain/brand-color.ts'
import type { AccountId, PaymentAttemptId, PaymentMethodId } from '../domain/id.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { Language } from '../domain/language.ts'
import type { Customer } from '../domain/payment-attempt.ts'
import { enrollmentTermsOf } from '../domain/payment-session-type.ts'
import { readPhone } from '../domain/phone.ts'
import { applyMove, type RefusedPaymentMove } from '../operations/apply-move.ts'
import { payPaymentSession } from '../operations/pay-payment-session.ts'
import { cancelAttempt, reconcileAttempt } from '../operations/reconcile-attempts.ts'
import type { Tenant } from '../operations/tenant.ts'
import type { Assets } from '../pages/assets.ts'
import { type Counter, createCounter } from '../pages/counter.ts'
import { formOf, isFromOwnPage, originOf, queryValue } from '../pages/form.ts'
import type { ChargeLimit } from './charge-limit.ts'
import { createEventStreams } from './events.ts'
import {
  type CheckoutDeps,
  checkoutAfter,
  customerOf,
  linkPageInstead,
  linkPageOf,
  mayChange,
  type OpenedCheckout,
  openCheckout,
  reopen,
  viewFor,
} from './open-checkout.ts'
import {
  HIDDEN,
  rateLimit,
  sendFailure,
  sendLogo,
  sendUnknown,
  TooManyAttempts,
  wantsJson,
} from './page-answers.ts'
import {
  type FieldProblems,
  PAY_FIELDS,
  type PayForm,
  readPayForm,
  withoutSecrets,
} from './read-pay-form.ts'
import {
  type CheckoutFiles,
  firstForm,
  loadCheckoutFiles,
  sendCheckout,
} from './render-checkout.ts'
import { payableOf } from './view.ts'

/** The dependencies of the checkout routes. */
export type CheckoutRouteDeps = CheckoutDeps & {
  readonly assets: Assets
  readonly limitsRates: boolean
  /** Shared by the hosted page and the widget. Undefined: charges are not counted. */
  readonly chargeLimit: ChargeLimit | undefined
  readonly isDraining: () => boolean
  /** Called when the outcome of a save arrived too late and could not be recorded. */
  readonly onLostSave: (id: PaymentMethodId, error: unknown) => void
  /** Undefined: the URL of the request. */
  readonly publicUrl: string | undefined
  /** Performs an action of the sandbox panel. */
  readonly act:
    | ((tenant: Tenant, checkout: OpenedCheckout, act: string) => Promise<void>)
    | undefined
  /** Called for each answer with a status of at least 500. */
  readonly onFault: (request: FastifyRequest, error: unknown) => void
}

/**
 * The maximum number of payment forms a minute from one address, against card testing. The limit is high,
 * because customers of a mobile network share addresses.
 */
const FORMS_PER_MINUTE = 60
/**
 * The maximum number of payment forms a minute for one session. A session's own customer has at most five attempts, and
 * each may need some corrections.
 */
const FORMS_PER_MINUTE_OF_SESSION = 30
/**
 * Other browsers than the customer's are refused when the session's limit of attempts has reached this number. Each
 * attempt from another browser raises the limit by one.
 */
const FOREIGN_ATTEMPTS_UP_TO = 10
/** The maximum number of returns from banks' pages a minute from one address. */
const RETURNS_PER_MINUTE = 120

/** The refusals of a payment because another page has paid or is paying. */
const PAID_ELSEWHERE: ReadonlySet<RefusedPaymentMove['refused']> = new Set([
  'attempt_in_progress',
  'session_succeeded',
  'link_in_progress',
  'link_paid',
])

/** The minimum time between two queries of one attempt by returning customers. */
const QUERY_EVERY_MS = 2_000

const ACCESS_KEY_TEXT = /^[\w-]{60}$/

/** Registers the hosted checkout at its two paths. */
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
  app.get('/hostedpages/:access_key', HIDDEN, (request, reply) => {
    // Only a well-formed key is copied into the redirect.
    if (!ACCESS_KEY_TEXT.test(keyOf(request))) return sendUnknown(reply, deps.assets)
    const [, query] = request.url.split('?')
    return reply.redirect(`${pathOf(request)}${query === undefined ? '' : `?${query}`}`, 308)
  })
}

/** The address of a checkout page, and the origins that may frame it. */
export type Place = {
  readonly path: string
  /** The origins of the embedding pages, the nearest first. Undefined: the page may not be framed. */
  readonly frameOrigins: readonly string[] | undefined
  /** Undefined: the session may have any account. */
  readonly accountId?: AccountId
}

type CheckoutContext = {
  readonly app: FastifyInstance
  readonly deps: CheckoutRouteDeps
  readonly files: CheckoutFiles
  readonly findPlace: FindPlace
  /** Undefined: rates are not limited. */
  readonly sessionForms: Counter | undefined
}

type FindPlace = (request: FastifyRequest) => Place | undefined | Promise<Place | undefined>

type PageRequest = {
  readonly checkout: OpenedCheckout
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/**
 * Registers a checkout page below a path with `:access_key`. `findPlace` returns the place of a
 * request's page, or undefined if the page may not be shown there.
 */
export async function registerCheckoutAt(
  app: FastifyInstance,
  deps: CheckoutRouteDeps,
  route: string,
  findPlace: FindPlace,
): Promise<void> {
  const context: CheckoutContext = {
    app,
    deps,
    files: await loadCheckoutFiles(deps.assets),
    findPlace,
    sessionForms: deps.limitsRates ? createCounter(60_000) : undefined,
  }
  await app.register(async (pages) => {
    pages.setErrorHandler((error, request, reply) => sendError(context, error, request, reply))
    if (deps.limitsRates) {
      await pages.register(import('@fastify/rate-limit'), {
        global: false,
        keyGenerator: ({ ip }) => addressKeyOf(ip),
      })
    }
    registerViews(pages, route, context)
    registerReturn(pages, route, context)
    registerForms(pages, route, context)
  })
}

function registerViews(pages: FastifyInstance, route: string, context: CheckoutContext): void {
  const { deps, files } = context
  const streams = createEventStreams(deps)
  const handle = opener(context)
  pages.get(
    route,
    HIDDEN,
    handle(async ({ checkout, reply, request }) => {
      const view = await viewFor(request.tenant, deps, checkout, customerOf(request))
      const linkPage = linkPageInstead(checkout, view.nowMs, deps.basePath, view.language)
      if (linkPage !== undefined) return reply.redirect(linkPage, 303)
      return sendCheckout(reply, files, checkout, {
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
    HIDDEN,
    handle(async ({ checkout, reply, request }) =>
      reply
        .header('cache-control', 'no-store')
        .send({ view: await viewFor(request.tenant, deps, checkout, customerOf(request)) }),
    ),
  )
  pages.get(
    `${route}/events`,
    { ...HIDDEN, exposeHeadRoute: false },
    handle(({ checkout, reply }) => streams.stream(reply, checkout)),
  )
  pages.get(
    `${route}/qr.svg`,
    HIDDEN,
    handle(({ checkout, reply }) => {
      const action = checkout.attempts[0]?.action
      if (action?.kind !== 'upi_link') return reply.code(404).send()
      return reply
        .headers({ 'content-type': 'image/svg+xml', 'cache-control': 'private, max-age=600' })
        .send(encodeQR(action.uri, 'svg', { ecc: 'medium', border: 3 }))
    }),
  )
  pages.get(
    `${route}/logo/:file`,
    HIDDEN,
    handle(({ checkout, reply }) => sendLogo(reply, checkout.account)),
  )
}

/**
 * Registers the address to which the issuer, the bank or the wallet sends the customer back. Some
 * of them send a form. Paydesk does not read its fields, but queries the processor.
 */
function registerReturn(pages: FastifyInstance, route: string, context: CheckoutContext): void {
  // Reloading the page does not query the processor each time.
  const recentQueries = new LRUCache<PaymentAttemptId, true>({ max: 10_000, ttl: QUERY_EVERY_MS })
  pages.route({
    method: ['GET', 'POST'],
    url: `${route}/return`,
    ...rateLimit(RETURNS_PER_MINUTE),
    handler: opener(context, { takesForeignForms: true })(async ({ checkout, reply, request }) => {
      const { currentAttemptId: id } = checkout.session
      if (id !== undefined && !recentQueries.has(id)) {
        recentQueries.set(id, true)
        await reconcileAttempt(request.tenant, id)
      }
      return reply.redirect(pageUrl(checkout, request), 303)
    }),
  })
}

function registerForms(pages: FastifyInstance, route: string, context: CheckoutContext): void {
  const { act } = context.deps
  const handle = opener(context)
  // Reloading or bookmarking a form's URL shows the page.
  for (const name of ['pay', 'change', 'cancel', 'sandbox']) {
    pages.get(
      `${route}/${name}`,
      HIDDEN,
      handle(({ checkout, reply, request }) => reply.redirect(pageUrl(checkout, request), 303)),
    )
  }
  pages.post(
    `${route}/pay`,
    rateLimit(FORMS_PER_MINUTE),
    handle((page) => pay(context, page)),
  )
  pages.post(
    `${route}/change`,
    HIDDEN,
    handle(async (page) => {
      const { currentAttemptId } = page.checkout.session
      if (currentAttemptId !== undefined && mayChange(page.checkout)) {
        await cancelAttempt(page.request.tenant, currentAttemptId)
      }
      return answerForm(context, page)
    }),
  )
  pages.post(
    `${route}/cancel`,
    HIDDEN,
    handle((page) => cancel(context, page)),
  )
  if (act !== undefined) {
    pages.post(
      `${route}/sandbox`,
      HIDDEN,
      handle(async (page) => {
        await act(page.request.tenant, page.checkout, formOf(page.request).get('act') ?? '')
        return answerForm(context, page)
      }),
    )
  }
}

/** Requests whose key opens no session get 404, and so do forms from other sites unless `takesForeignForms`. */
function opener(context: CheckoutContext, { takesForeignForms = false } = {}) {
  return (handle: (page: PageRequest) => unknown) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const place = await context.findPlace(request)
      const checkout =
        place &&
        (await openCheckout(request.tenant, keyOf(request), place.path, place.frameOrigins))
      const isOtherAccount =
        place?.accountId !== undefined && checkout?.session.accountId !== place.accountId
      const isForeignForm =
        request.method === 'POST' && !takesForeignForms && !isFromOwnPage(request)
      if (checkout !== undefined && !isOtherAccount && !isForeignForm) {
        return handle({ checkout, request, reply })
      }
      return sendUnknown(reply, context.deps.assets, place)
    }
}

async function sendError(
  { deps, findPlace }: CheckoutContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  // Without the origins a frame would show the browser's own error page.
  const place = await (async () => findPlace(request))().catch(() => undefined)
  return sendFailure(deps, error, reply, place)
}

async function pay(context: CheckoutContext, page: PageRequest): Promise<FastifyReply> {
  const { deps, sessionForms } = context
  const { checkout, reply, request } = page
  const { id } = checkout.session
  if ((sessionForms?.countOf(id) ?? 0) >= FORMS_PER_MINUTE_OF_SESSION) throw new TooManyAttempts()
  sessionForms?.add(id)
  const { account, session } = checkout
  const payable = payableOf({ account, session, processor: request.tenant.processor })
  const body = formOf(request)
  const form: PayForm = Object.fromEntries(
    PAY_FIELDS.flatMap((name) => (body.has(name) ? [[name, body.get(name) ?? '']] : [])),
  )
  const nowMs = request.tenant.clock.nowMs()
  const reading = readPayForm(form, { ...payable, nowMs, readPhone })
  const problems =
    'problems' in reading
      ? reading.problems
      : instrumentProblems(request.tenant, reading.value.instrument)
  if ('problems' in reading || problems !== undefined) {
    const view = await viewFor(request.tenant, deps, checkout, customerOf(request))
    if (wantsJson(request)) return reply.code(422).send({ view, problems })
    return sendCheckout(reply, context.files, checkout, {
      view,
      form: { ...firstForm(view), ...withoutSecrets(form) },
      problems: problems ?? {},
      isElsewhere: false,
      isLeaving: false,
    })
  }
  const number = Number(body.get('number') ?? Number.NaN)
  if (checkout.isForeign && checkout.session.attemptCountMax >= FOREIGN_ATTEMPTS_UP_TO) {
    throw new TooManyAttempts()
  }
  // The charge is counted after the checks, because an empty or invalid form charges nothing.
  const takeBack = deps.chargeLimit?.begin(checkout.account.id, addressKeyOf(request.ip))
  if (deps.chargeLimit !== undefined && takeBack === undefined) throw new TooManyAttempts()
  const result = await payPaymentSession({ ...deps, ...request.tenant }, id, {
    ...reading.value,
    customer: withLanguage(reading.value.customer, customerOf(request).language),
    description: payable.description ?? account.name,
    returnUrl: `${originOf(request, deps.publicUrl)}${checkout.path}/return?lang=${customerOf(request).language}`,
    ...(Number.isSafeInteger(number) && { number }),
    ...(session.typeFacts?.type === 'mandate_enrollment' && {
      enrolls: enrollmentTermsOf(session.typeFacts, session.amount.amountMinor),
    }),
    ...(checkout.isForeign && { isForeign: true }),
  })
  const refusal = result !== undefined && 'refused' in result ? result.refused : undefined
  if (result === undefined || refusal !== undefined) takeBack?.()
  const isElsewhere = refusal !== undefined && PAID_ELSEWHERE.has(refusal)
  const newCheckout =
    result === undefined || 'refused' in result ? undefined : checkoutAfter(checkout, result)
  return answerForm(context, page, { isElsewhere, newCheckout })
}

/** Adds the language of the page, for the receipt. */
function withLanguage(customer: Customer, language: Language): Customer {
  return Object.keys(customer).length === 0 ? customer : { ...customer, language }
}

async function cancel(
  { deps }: CheckoutContext,
  { checkout, reply, request }: PageRequest,
): Promise<FastifyReply> {
  // A session in the widget cannot be canceled here: the URL of its frame is not secret, so anybody
  // could do it.
  const result =
    checkout.frameOrigins === undefined
      ? await applyMove(request.tenant, checkout.session.id, { type: 'cancel' })
      : undefined
  const isCanceled = result !== undefined && !('refused' in result)
  const linkPage = linkPageOf(checkout, deps.basePath, customerOf(request).language)
  if (isCanceled && linkPage !== undefined) return reply.redirect(linkPage, 303)
  // Redirects to our page, which then leads to the shop, because form-action does not allow the shop's URL. If the
  // cancellation comes too late, the page first shows the actual outcome.
  return reply.redirect(`${pageUrl(checkout, request)}${isCanceled ? '&leaving=1' : ''}`, 303)
}

/**
 * Returns the problem of an instrument that the processor never accepts, so that no attempt is
 * stored.
 */
function instrumentProblems(
  { mode, processor }: Tenant,
  instrument: Instrument,
): FieldProblems | undefined {
  if (processor.refuses?.(instrument) === undefined) return undefined
  // Only a sandbox has test cards and accounts. In live mode the customer needs another method.
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

type FormResult = {
  /** Undefined: the session has to be read. */
  readonly newCheckout?: OpenedCheckout | undefined
  /** True: another page has paid or is paying. */
  readonly isElsewhere?: boolean
}

/** Answers a form with the session's new state: as JSON for the page's script, otherwise by a redirect. */
async function answerForm(
  { app, deps }: CheckoutContext,
  { checkout: before, reply, request }: PageRequest,
  { isElsewhere = false, newCheckout }: FormResult = {},
): Promise<FastifyReply> {
  const checkout = newCheckout ?? (await reopen(request.tenant, before))
  const { language } = customerOf(request)
  const linkPage = linkPageInstead(checkout, request.tenant.clock.nowMs(), deps.basePath, language)
  if (linkPage !== undefined) {
    return wantsJson(request) ? reply.send({ leaveTo: linkPage }) : reply.redirect(linkPage, 303)
  }
  if (wantsJson(request)) {
    const view = await viewFor(request.tenant, deps, checkout, customerOf(request))
    return reply.send({ view, ...(isElsewhere && { isElsewhere }) })
  }
  const action = checkout.attempts[0]?.action
  // form-action allows only our own pages; the page itself links to others.
  const continues = !isElsewhere && action?.kind === 'redirect' && action.url.startsWith('/')
  return reply.redirect(
    continues
      ? `${app.basePath}${action.url}`
      : `${pageUrl(checkout, request)}${isElsewhere ? '&elsewhere=1' : ''}`,
    303,
  )
}

function pageUrl({ path }: OpenedCheckout, request: FastifyRequest): string {
  return `${path}?lang=${customerOf(request).language}`
}

function keyOf(request: FastifyRequest): string {
  return (request.params as { access_key: string }).access_key
}

/** Registers a style sheet for each merchant color: the Content-Security-Policy forbids inline styles. */
function registerAccents(app: FastifyInstance): void {
  app.get('/assets/accent-:color.css', HIDDEN, (request, reply) => {
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
