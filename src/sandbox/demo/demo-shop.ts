import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readSignedRedirect, readSignedWidgetPayment } from '../../client/signatures.ts'
import { redirectText, widgetText } from '../../domain/signed-text.ts'
import { OUTAGE_RETRY_SECONDS, StoreUnavailable } from '../../operations/store.ts'
import type { Tenant } from '../../operations/tenant.ts'
import type { Assets } from '../../pages/assets.ts'
import { sendDocument } from '../../pages/document.ts'
import { baseUrlOf, formOf, isFromOwnPage, queryOf } from '../../pages/form.ts'
import type { Html } from '../../pages/html.ts'
import { callRoute } from '../tenants/call-route.ts'
import type { SANDBOX_VALUES } from '../well-known.ts'
import {
  type ReturnView,
  renderNoPayment,
  renderOutage,
  renderReturn,
  type SessionSummary,
} from './demo-done-page.ts'
import { DEMO_PRODUCTS, type DemoProduct } from './demo-products.ts'
import { renderShop, renderShopFrame } from './demo-shop-page.ts'

type Deps = {
  readonly assets: Assets
  readonly values: typeof SANDBOX_VALUES
  /** The URL under which customers reach this server. Undefined: the request's. */
  readonly publicUrl: string | undefined
  /** True: the pages link to the console. */
  readonly isControlled: boolean
  /** Receives each outage that a customer saw. */
  readonly onFault: (request: FastifyRequest, error: unknown) => void
}

type ApiAnswer = {
  readonly message: string
  readonly payments_session?: {
    readonly payments_session_id: string
    readonly access_key?: string
    readonly status?: string
    readonly amount: string
    readonly payments?: SessionSummary['payments']
  }
}

const NO_PRODUCT = 'Choose a product first.'
/** The answer to the page's script during an outage. */
const OUTAGE = 'Paydesk cannot reach its database. Try again in a minute.'
/** The route that the page's script calls. */
const WIDGET_ROUTE = '/demo/session'

const hiddenRoute = { schema: { hide: true } }

/**
 * Registers the demo shop at `/demo`, a minimal merchant's shop. It calls the API like a merchant's server, with the
 * sandbox's token, but inside this process.
 */
export async function registerDemoShop(app: FastifyInstance, deps: Deps): Promise<void> {
  const shop: Shop = { app, deps }
  await app.register(async (pages) => {
    pages.setErrorHandler((error, request, reply) => {
      if (!(error instanceof StoreUnavailable)) throw error
      deps.onFault(request, error)
      reply.header('retry-after', OUTAGE_RETRY_SECONDS)
      // The page's script reads this answer as JSON.
      if (request.routeOptions.url === WIDGET_ROUTE) {
        return reply.code(503).header('cache-control', 'no-store').send({ message: OUTAGE })
      }
      return send(shop, reply, {
        title: 'Temporarily unavailable',
        body: renderOutage(app.basePath),
        status: 503,
      })
    })
    pages.get('/demo', hiddenRoute, (request, reply) => sendShop(shop, request, reply))
    // This form needs no script.
    pages.post('/demo/pay', hiddenRoute, (request, reply) => payByRedirect(shop, request, reply))
    pages.post(WIDGET_ROUTE, hiddenRoute, (request, reply) => openWidget(shop, request, reply))
    pages.get('/demo/done', hiddenRoute, async (request, reply) => {
      const parameters = queryOf(request)
      if (parameters.size === 0) {
        return send(shop, reply, { title: 'No payment yet', body: renderNoPayment(app.basePath) })
      }
      const view = await readReturn(shop, request, parameters)
      return send(shop, reply, { title: 'Back in the shop', body: renderReturn(view) })
    })
  })
}

type Shop = { readonly app: FastifyInstance; readonly deps: Deps }

async function payByRedirect(shop: Shop, request: FastifyRequest, reply: FastifyReply) {
  const product = productOf(request)
  if (product === undefined) {
    return sendShop(shop, request, reply, { text: NO_PRODUCT, status: 422 })
  }
  const doneUrl = `${baseUrlFor(shop, request)}/demo/done`
  const { message, payments_session: session } = await createSession(shop, request, product, {
    configurations: { hosted_page_parameters: { success_url: doneUrl, failure_url: doneUrl } },
  })
  if (session?.access_key === undefined) {
    const text = `Paydesk did not create a session. ${message}`
    return sendShop(shop, request, reply, { text, status: 502, chosenProduct: product })
  }
  return reply.redirect(`${shop.app.basePath}/hostedcheckout/${session.access_key}`, 303)
}

async function openWidget(shop: Shop, request: FastifyRequest, reply: FastifyReply) {
  const { values } = shop.deps
  const product = productOf(request)
  if (product === undefined) return reply.code(422).send({ message: NO_PRODUCT })
  const { message, payments_session: session } = await createSession(shop, request, product, {})
  if (session === undefined) return reply.code(502).send({ message })
  return reply.header('cache-control', 'no-store').send({
    payments_session_id: session.payments_session_id,
    account_id: values.accountId,
    api_key: values.apiKey,
    amount: session.amount,
    currency_code: 'INR',
    description: product.name,
  })
}

function baseUrlFor({ deps }: Shop, request: FastifyRequest): string {
  return deps.publicUrl ?? baseUrlOf(request)
}

function createSession(
  shop: Shop,
  { tenant }: FastifyRequest,
  product: DemoProduct,
  more: object,
): Promise<ApiAnswer> {
  return callApi(shop, tenant, '/paymentsessions', {
    amount: product.amount,
    currency: 'INR',
    description: product.name,
    ...more,
  })
}

/** Calls the API: by POST with a body, otherwise by GET. Throws StoreUnavailable during an outage. */
async function callApi(
  { app, deps: { values } }: Shop,
  tenant: Tenant,
  path: string,
  body?: object,
): Promise<ApiAnswer> {
  const answer = await callRoute(app, tenant, {
    method: body === undefined ? 'GET' : 'POST',
    url: `/api/v1${path}?account_id=${values.accountId}`,
    headers: { authorization: `Zoho-oauthtoken ${values.accessToken}` },
    ...(body !== undefined && { payload: body }),
  })
  if (answer.statusCode === 503) throw new StoreUnavailable('lost')
  return answer.json<ApiAnswer>()
}

async function readReturn(
  shop: Shop,
  request: FastifyRequest,
  parameters: URLSearchParams,
): Promise<ReturnView> {
  const { values } = shop.deps
  const way = parameters.has('payments_session_id') ? 'redirect' : 'widget'
  const fields = Object.fromEntries(parameters)
  const ids = {
    payment_id: fields.payment_id ?? '',
    payment_session_id: fields.payment_session_id ?? '',
  }
  const signedValues =
    way === 'redirect'
      ? readSignedRedirect(parameters, values.signingKey)
      : readSignedWidgetPayment({ ...ids, signature: fields.signature }, values.signingKey)
  return {
    baseUrl: baseUrlFor(shop, request),
    basePath: shop.app.basePath,
    hasConsole: shop.deps.isControlled,
    values,
    way,
    parameters: [...parameters],
    signedText: way === 'redirect' ? redirectText(fields) : widgetText(ids),
    isSigned: signedValues !== undefined,
    session:
      signedValues && (await findSession(shop, request.tenant, signedValues.payments_session_id)),
  }
}

async function findSession(
  shop: Shop,
  tenant: Tenant,
  id: string,
): Promise<SessionSummary | undefined> {
  const answer = await callApi(shop, tenant, `/paymentsessions/${encodeURIComponent(id)}`)
  const { payments_session: session } = answer
  return (
    session && {
      id,
      status: session.status ?? '',
      amount: session.amount,
      payments: session.payments ?? [],
      json: JSON.stringify(answer, undefined, 2),
    }
  )
}

type ShopProblem = {
  readonly text: string
  readonly status: number
  readonly chosenProduct?: DemoProduct
}

function sendShop(
  shop: Shop,
  request: FastifyRequest,
  reply: FastifyReply,
  problem?: ShopProblem,
): FastifyReply {
  const body = renderShop({
    baseUrl: baseUrlFor(shop, request),
    basePath: shop.app.basePath,
    values: shop.deps.values,
    productId: (problem?.chosenProduct ?? DEMO_PRODUCTS[0])?.id ?? '',
    ...(problem !== undefined && { problem: problem.text }),
  })
  return send(shop, reply, { title: 'Demo shop', body, status: problem?.status ?? 200 })
}

function send(
  { app, deps }: Shop,
  reply: FastifyReply,
  { body, status = 200, title }: { title: string; body: Html; status?: number },
): FastifyReply {
  return sendDocument(
    reply,
    {
      title: `${title} · Paydesk sandbox`,
      language: 'en',
      styles: [deps.assets.find('demo.css')],
      scripts: [deps.assets.find('demo.js')],
      body: renderShopFrame(body, deps.isControlled, app.basePath),
      // The widget shows the checkout in a frame.
      framesOwnPages: true,
      sendsOriginToOwnServer: true,
    },
    status,
  )
}

/** Undefined: an unknown product, or a form from another site. */
function productOf(request: FastifyRequest): DemoProduct | undefined {
  const id = formOf(request).get('product')
  return isFromOwnPage(request) ? DEMO_PRODUCTS.find((product) => product.id === id) : undefined
}
