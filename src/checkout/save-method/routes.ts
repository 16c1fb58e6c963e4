import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../../domain/account.ts'
import { addressKeyOf } from '../../domain/address-key.ts'
import type { AccountId } from '../../domain/id.ts'
import type { SavableInstrument } from '../../domain/instrument.ts'
import { methodSessionStatusAt } from '../../domain/payment-method-session.ts'
import { signWidgetMethod } from '../../domain/signature.ts'
import { askAboutSave } from '../../operations/call-payment-methods.ts'
import { savePaymentMethod } from '../../operations/save-payment-method.ts'
import type { Tenant } from '../../operations/tenant.ts'
import { dataElement, sendDocument } from '../../pages/document.ts'
import { formOf, isFromOwnPage, originOf, queryValue } from '../../pages/form.ts'
import { html } from '../../pages/html.ts'
import { LANGUAGES } from '../language.ts'
import { customerOf, signingKeyOf } from '../open-checkout.ts'
import { HIDDEN, rateLimit, sendFailure, sendUnknown, TooManyAttempts } from '../page-answers.ts'
import { footer, RELOAD_SECONDS, stylesOf } from '../render-checkout.ts'
import type { CheckoutRouteDeps } from '../routes.ts'
import { text } from '../text.ts'
import {
  type OpenedMethodSession,
  offeredMethods,
  openMethodSession,
} from './open-method-session.ts'
import {
  readSaveForm,
  SAVE_METHODS,
  type SaveForm,
  type SaveProblems,
  saveFormOf,
  saveFormWithoutSecrets,
} from './read-save-form.ts'
import { renderSavePage } from './save-page.ts'

/** The maximum number of forms a minute from one address, against card testing. */
const FORMS_PER_MINUTE = 60
/** The maximum number of returns from banks' pages a minute from one address. */
const RETURNS_PER_MINUTE = 120

/** The keys of other pages do not match this pattern. */
const METHOD_KEY = 'access_key(^B[\\w-]{59}$)'

/** Undefined: the page may not be shown there. */
type FindPlace = (request: FastifyRequest) => SavePlace | undefined | Promise<SavePlace | undefined>

type SavePlace = {
  readonly path: string
  readonly frameOrigins: readonly string[] | undefined
  /** Undefined: the session may have any account. */
  readonly accountId?: AccountId
}

/** Registers the page at the address of the hosted checkout, whose key decides which of the two pages is shown. */
export async function registerSavePage(
  app: FastifyInstance,
  deps: CheckoutRouteDeps,
): Promise<void> {
  await registerSaveAt(app, deps, `/hostedcheckout/:${METHOD_KEY}`, (request) => ({
    path: `${app.basePath}/hostedcheckout/${keyOf(request)}`,
    frameOrigins: undefined,
  }))
}

/** Registers the page in the widget's frame. */
export async function registerSaveFrame(
  app: FastifyInstance,
  deps: CheckoutRouteDeps,
  findPlace: FindPlace,
): Promise<void> {
  await registerSaveAt(app, deps, `/charge/:account_id/:${METHOD_KEY}/:frame`, findPlace)
}

type SaveRequest = {
  readonly methodSession: OpenedMethodSession
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

async function registerSaveAt(
  app: FastifyInstance,
  deps: CheckoutRouteDeps,
  route: string,
  findPlace: FindPlace,
): Promise<void> {
  await app.register(async (pages) => {
    pages.setErrorHandler(async (error, request, reply) => {
      const place = await (async () => findPlace(request))().catch(() => undefined)
      return sendFailure(deps, error, reply, { frameOrigins: place?.frameOrigins, isSave: true })
    })
    if (deps.limitsRates) {
      await pages.register(import('@fastify/rate-limit'), {
        global: false,
        keyGenerator: ({ ip }) => addressKeyOf(ip),
      })
    }
    const handle =
      (act: (page: SaveRequest) => unknown, takesForeignForms = false) =>
      async (request: FastifyRequest, reply: FastifyReply) => {
        const methodSession = await find(request, findPlace)
        const isForeign = request.method === 'POST' && !takesForeignForms && !isFromOwnPage(request)
        if (methodSession !== undefined && !isForeign) return act({ methodSession, request, reply })
        const frameOrigins = (await findPlace(request))?.frameOrigins
        return sendUnknown(reply, deps.assets, { frameOrigins, isSave: true })
      }
    pages.get(
      route,
      HIDDEN,
      handle((page) => show(deps, page)),
    )
    // Reloading or bookmarking a form's URL shows the page.
    pages.get(
      `${route}/save`,
      HIDDEN,
      handle(({ methodSession, reply, request }) =>
        reply.redirect(pageUrl(methodSession, request), 303),
      ),
    )
    pages.post(
      `${route}/save`,
      rateLimit(FORMS_PER_MINUTE),
      handle((page) => save(deps, page)),
    )
    pages.route({
      method: ['GET', 'POST'],
      url: `${route}/return`,
      ...rateLimit(RETURNS_PER_MINUTE),
      handler: handle(async ({ methodSession, reply, request }) => {
        if (methodSession.method?.status === 'saving')
          await askAboutSave(request.tenant, methodSession.method.id)
        return reply.redirect(pageUrl(methodSession, request), 303)
      }, true),
    })
  })
}

async function find(
  request: FastifyRequest,
  findPlace: FindPlace,
): Promise<OpenedMethodSession | undefined> {
  const place = await findPlace(request)
  const methodSession =
    place &&
    (await openMethodSession(request.tenant, keyOf(request), place.path, place.frameOrigins))
  const isOther =
    place?.accountId !== undefined && methodSession?.session.accountId !== place.accountId
  return isOther ? undefined : methodSession
}

type FormState = {
  readonly form: SaveForm
  readonly problems: SaveProblems
  readonly isFull: boolean
}

async function show(
  { assets, savable }: Pick<CheckoutRouteDeps, 'assets' | 'savable'>,
  { methodSession, reply, request }: SaveRequest,
  { form, isFull, problems }: FormState = { form: {}, isFull: false, problems: {} },
): Promise<FastifyReply> {
  const { account, frameOrigins, method, path, session } = methodSession
  const { tenant } = request
  const { language } = customerOf(request)
  const { direction, messages } = LANGUAGES[language]
  const status = methodSessionStatusAt(session, tenant.clock.nowMs())
  const value =
    status === 'succeeded' && frameOrigins !== undefined
      ? await savedValue(tenant, account, methodSession)
      : undefined
  const body = renderSavePage({
    action: `${path}/save?${queryFor(request)}`,
    language,
    messages,
    merchant: account.name,
    description: session.description,
    isTest: tenant.mode === 'sandbox',
    status,
    method,
    number: session.saveCount + 1,
    methods: offeredMethods(account, queryValue(request, 'method')),
    form,
    problems,
    isFull,
    isFramed: frameOrigins !== undefined,
    savable,
  })
  const data = { status, origins: frameOrigins ?? [], ...(value !== undefined && { saved: value }) }
  const foot = frameOrigins === undefined ? footer({ language, path }, account) : undefined
  return sendDocument(
    reply,
    {
      title: text(messages, 'savePageTitle', { merchant: account.name }),
      language,
      direction,
      styles: stylesOf(assets, account, reply.server.basePath),
      scripts: [assets.find('save-method.js')],
      body: html`<div id="app">${body}</div>${foot}${dataElement('save-method', data)}`,
      ...(status === 'in_progress' && {
        refreshWithoutScript: { seconds: RELOAD_SECONDS, url: pageUrl(methodSession, request) },
      }),
      ...(frameOrigins !== undefined && { frameAncestors: frameOrigins }),
    },
    Object.keys(problems).length > 0 ? 422 : 200,
  )
}

async function save(deps: CheckoutRouteDeps, page: SaveRequest): Promise<FastifyReply> {
  const { methodSession, reply, request } = page
  const { account, frameOrigins, path, session } = methodSession
  const { tenant } = request
  const parameters = formOf(request)
  const form = saveFormOf(parameters)
  const methods = offeredMethods(account, queryValue(request, 'method'))
  const reading = readSaveForm(form, methods, tenant.clock.nowMs())
  const problems = 'problems' in reading ? reading.problems : problemsOf(tenant, reading.instrument)
  if ('problems' in reading || problems !== undefined) {
    return show(deps, page, {
      form: saveFormWithoutSecrets(form),
      problems: problems ?? {},
      isFull: false,
    })
  }
  const takeBack = deps.chargeLimit?.begin(account.id, addressKeyOf(request.ip))
  if (deps.chargeLimit !== undefined && takeBack === undefined) throw new TooManyAttempts()
  const result = await savePaymentMethod(
    { ...deps, ...tenant, onLost: deps.onLostSave },
    session.id,
    {
      ...reading,
      source: frameOrigins === undefined ? 'hosted_page' : 'widget',
      returnUrl: `${originOf(request, deps.publicUrl)}${path}/return?${queryFor(request)}`,
      number: Number(parameters.get('number') ?? Number.NaN),
    },
  )
  if (result !== undefined && 'refused' in result) {
    takeBack?.()
    if (result.refused === 'customer_max_payment_methods') {
      return show(deps, page, { form: {}, problems: {}, isFull: true })
    }
  }
  return reply.redirect(pageUrl(methodSession, request), 303)
}

/**
 * Returns the problem of an instrument that the processor never accepts, so that no save is stored.
 */
function problemsOf(
  { mode, processor }: Tenant,
  instrument: SavableInstrument,
): SaveProblems | undefined {
  if (processor.refuses?.(instrument) === undefined) return undefined
  if (mode !== 'sandbox') return { method: { key: 'errorInstrument' } }
  return instrument.type === 'card'
    ? { card_number: { key: 'errorCardNotTest' } }
    : { ach_account: { key: 'errorAchNotTest' } }
}

/**
 * Returns the value of the widget's promise. The signature is our own design, modeled on that of a
 * payment.
 */
async function savedValue(
  tenant: Tenant,
  account: Account,
  { session }: OpenedMethodSession,
): Promise<object | undefined> {
  const { id, methodId } = session
  if (methodId === undefined) return undefined
  const ids = { payment_method_id: methodId, payment_method_session_id: id }
  const signature = signWidgetMethod(ids, await signingKeyOf(tenant, account))
  return { ...ids, message: 'success', signature }
}

function pageUrl({ path }: OpenedMethodSession, request: FastifyRequest): string {
  return `${path}?${queryFor(request)}`
}

/** Returns the query that keeps the language and the only method of the page. */
function queryFor(request: FastifyRequest): string {
  const method = SAVE_METHODS.find((one) => one === queryValue(request, 'method'))
  const query = `lang=${customerOf(request).language}`
  return method === undefined ? query : `${query}&method=${method}`
}

function keyOf(request: FastifyRequest): string {
  return (request.params as { readonly access_key: string }).access_key
}
