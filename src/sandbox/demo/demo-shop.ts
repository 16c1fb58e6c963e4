import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readSignedRedirect, readSignedWidgetPayment } from '../../client/signatures.ts'
import { redirectText, widgetText } from '../../domain/signed-text.ts'
import type { Tenant } from '../../operations/tenant.ts'
import type { Assets } from '../../pages/assets.ts'
import { sendDocument } from '../../pages/document.ts'
import { baseUrlOf, formOf, isFromOwnPage, queryOf } from '../../pages/form.ts'
import type { Html } from '../../pages/html.ts'
import { callRoute } from '../tenants/call-route.ts'
import type { SANDBOX_VALUES } from '../well-known.ts'
import {
  type ReturnView,
  renderNothingBack,
  renderReturn,
  type SessionTold,
} from './demo-done-page.ts'
import { DEMO_PRODUCTS, type DemoProduct } from './demo-products.ts'
import { renderShop, renderShopFrame } from './demo-shop-page.ts'

type Deps = {
  readonly assets: Assets
  readonly values: typeof SANDBOX_VALUES
  /** Where customers reach this server; undefined: where the request came to. */
  readonly publicUrl: string | undefined
  /** Whether there is a console to look behind the shop. */
  readonly isControlled: boolean
}

/** What the API answered, as far as the shop reads it. */
type ApiAnswer = {
  readonly message: string
  readonly payments_session?: {
    readonly payments_session_id: string
    readonly access_key?: string
    readonly status?: string
    readonly amount: string
    readonly payments?: SessionTold['payments']
  }
}

const hidden = { schema: { hide: true } }

/**
 * Registers the demo shop at `/demo`: a merchant's shop as small as it can be. It asks the API like
 * any merchant's server, with the sandbox's token, only without a network between the two.
 */
export function registerDemoShop(app: FastifyInstance, deps: Deps): void {
  const { assets, values } = deps

  app.get('/demo', hidden, (request, reply) => sendShop(request, reply))
  // The form by which a customer leaves for the checkout page. Needs no script.
  app.post('/demo/pay', hidden, async (request, reply) => {
    const product = productOf(request)
    if (product === undefined) return sendShop(request, reply, 'Choose what to buy first.', 422)
    const doneUrl = `${baseUrlFor(request)}/demo/done`
    const { message, payments_session: session } = await createSession(request, product, {
      configurations: { hosted_page_parameters: { success_url: doneUrl, failure_url: doneUrl } },
    })
    return session?.access_key === undefined
      ? sendShop(request, reply, `Paydesk made no session. ${message}`, 502, product)
      : reply.redirect(`${app.basePath}/hostedcheckout/${session.access_key}`, 303)
  })
  // What the page's script needs to open the widget.
  app.post('/demo/session', hidden, async (request, reply) => {
    const product = productOf(request)
    if (product === undefined) {
      return reply.code(422).send({ message: 'Choose what to buy first.' })
    }
    const { message, payments_session: session } = await createSession(request, product, {})
    if (session === undefined) return reply.code(502).send({ message })
    return reply.header('cache-control', 'no-store').send({
      payments_session_id: session.payments_session_id,
      account_id: values.accountId,
      api_key: values.apiKey,
      amount: session.amount,
      currency_code: 'INR',
      description: product.name,
    })
  })
  app.get('/demo/done', hidden, async (request, reply) => {
    const parameters = queryOf(request)
    if (parameters.size === 0)
      return send(reply, 'Nothing has come back', renderNothingBack(app.basePath))
    const view = await readReturn(request, parameters)
    return send(reply, 'Back in the shop', renderReturn(view))
  })

  const baseUrlFor = (request: FastifyRequest) => deps.publicUrl ?? baseUrlOf(request)

  function createSession(
    request: FastifyRequest,
    product: DemoProduct,
    more: object,
  ): Promise<ApiAnswer> {
    return askApi(request.tenant, 'POST', '/paymentsessions', {
      amount: product.amount,
      currency: 'INR',
      description: product.name,
      ...more,
    })
  }

  async function askApi(
    tenant: Tenant,
    method: 'GET' | 'POST',
    path: string,
    body?: object,
  ): Promise<ApiAnswer> {
    const answer = await callRoute(app, tenant, {
      method,
      url: `/api/v1${path}?account_id=${values.accountId}`,
      headers: { authorization: `Zoho-oauthtoken ${values.accessToken}` },
      ...(body !== undefined && { payload: body }),
    })
    return answer.json<ApiAnswer>()
  }

  async function readReturn(
    request: FastifyRequest,
    parameters: URLSearchParams,
  ): Promise<ReturnView> {
    const way = parameters.has('payments_session_id') ? 'redirect' : 'widget'
    const given = Object.fromEntries(parameters)
    const ids = {
      payment_id: given.payment_id ?? '',
      payment_session_id: given.payment_session_id ?? '',
    }
    const signed =
      way === 'redirect'
        ? readSignedRedirect(parameters, values.signingKey)
        : readSignedWidgetPayment({ ...ids, signature: given.signature }, values.signingKey)
    return {
      baseUrl: baseUrlFor(request),
      basePath: app.basePath,
      values,
      way,
      parameters: [...parameters],
      signedText: way === 'redirect' ? redirectText(given) : widgetText(ids),
      isSigned: signed !== undefined,
      session: signed && (await findSession(request.tenant, signed.payments_session_id)),
    }
  }

  async function findSession(tenant: Tenant, id: string): Promise<SessionTold | undefined> {
    const answer = await askApi(tenant, 'GET', `/paymentsessions/${encodeURIComponent(id)}`)
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

  function sendShop(
    request: FastifyRequest,
    reply: FastifyReply,
    problem?: string,
    status = 200,
    chosen = DEMO_PRODUCTS[0],
  ): FastifyReply {
    const body = renderShop({
      baseUrl: baseUrlFor(request),
      basePath: app.basePath,
      values,
      chosen: chosen?.id ?? '',
      ...(problem !== undefined && { problem }),
    })
    return send(reply, 'Demo shop', body, status)
  }

  function send(reply: FastifyReply, title: string, body: Html, status = 200): FastifyReply {
    return sendDocument(
      reply,
      {
        title: `${title} · Paydesk sandbox`,
        language: 'en',
        styles: [assets.find('demo.css')],
        scripts: [assets.find('demo.js')],
        body: renderShopFrame(body, deps.isControlled, app.basePath),
        // The widget shows the checkout in a frame.
        framesOwnPages: true,
        tellsOwnServer: true,
      },
      status,
    )
  }
}

/** Undefined: nothing that is sold here, or a form of somebody else's page. */
function productOf(request: FastifyRequest): DemoProduct | undefined {
  const id = formOf(request).get('product')
  return isFromOwnPage(request) ? DEMO_PRODUCTS.find((product) => product.id === id) : undefined
}
