import { isPortWithoutTls } from '../domain/no-tls.ts'
import type { REFUND_REASONS, REFUND_TYPES } from '../domain/refund.ts'

/** Where the API is, and as whom to call it. */
export type ApiPlace = {
  /** The server's address without a slash at its end: `http://127.0.0.1:4242`. */
  readonly url: string
  readonly token: string
  readonly accountId: string
  /** Ends what is under way. */
  readonly signal?: AbortSignal
}

/** The API's own word that a request was not carried out. The message is the API's. */
export class ApiRefused extends Error {
  readonly status: number
  readonly code: string
  /** The path of the input that is wrong. Undefined: the API named none. */
  readonly field: string | undefined

  constructor(status: number, code: string, message: string, field?: string) {
    super(message)
    this.status = status
    this.code = code
    this.field = field
  }
}

/** There is no server, or what answers is not Paydesk. Whether a change was made is not known then. */
export class ServerUnreachable extends Error {}

/** A payment as a list shows it. */
export type PaymentRow = {
  readonly payment_id: string
  readonly amount: string
  readonly currency: string
  readonly amount_refunded: string
  readonly net_amount: string
  readonly status: string
  /** Whole seconds since 1970. */
  readonly date: number
  readonly reference_number?: string
  readonly payment_method: { readonly type: string }
}

/** A payment. */
export type Payment = PaymentRow & {
  readonly payments_session_id: string
  readonly amount_captured: string
  readonly total_fee_amount: string
  readonly receipt_email?: string
  readonly phone?: string
  readonly transaction_reference_number?: string
  readonly invoice_number?: string
  readonly description?: string
  readonly failure_code?: string
  readonly failure_reason?: string
  readonly payment_method: Readonly<Record<string, unknown>> & { readonly type: string }
}

/** A refund. */
export type Refund = {
  readonly refund_id: string
  readonly payment_id: string
  readonly amount: string
  readonly type: string
  readonly reason: string
  readonly description?: string
  readonly status: string
  readonly network_reference_number?: string
  readonly failure_reason?: string
  readonly date: number
}

/** What a refund is asked for with. `amount`: a decimal in major units. */
export type RefundRequest = {
  readonly amount: string
  readonly reason: (typeof REFUND_REASONS)[number]
  readonly type: (typeof REFUND_TYPES)[number]
  readonly description?: string
}

/** An event as a list shows it. */
export type EventRow = {
  readonly event_id: number
  readonly event_type: string
  /** Milliseconds since 1970. */
  readonly event_time: number
  readonly payments_session_id: string
}

/** An event. `payload` is the whole body that endpoints are sent. */
export type ApiEvent = EventRow & {
  readonly payload: {
    readonly event_object: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>
  }
  readonly deliveries: readonly Delivery[]
}

/** One event for one endpoint. */
export type Delivery = {
  readonly webhook_url_id: string
  readonly status: string
  readonly attempt_count: number
  /** Whole seconds since 1970. Undefined: it is not going to be tried again. */
  readonly next_attempt_time?: number
}

/** One POST of a delivery. */
export type DeliveryAttempt = {
  /** Whole seconds since 1970. */
  readonly time: number
  readonly duration_ms: number
  /** Undefined: there was no answer. */
  readonly http_status?: number
  readonly failure?: string
}

/** A webhook endpoint. `signing_key`: in the answer to its creation alone. */
export type Webhook = {
  readonly webhook_url_id: string
  readonly name: string
  readonly url: string
  readonly status: string
  readonly enabled_events: readonly string[]
  readonly signing_key?: string
}

/** A page of a list. */
export type Rows<Row> = {
  readonly rows: readonly Row[]
  readonly hasMore: boolean
  /** How many rows all pages have. */
  readonly total: number
}
/** Which page of a list: from 1, of at most 200 rows. */
export type PageAsked = { readonly page: number; readonly per_page: number }
/** Parameters of a query. */
export type Query = Readonly<Record<string, string | number | undefined>>
type List<Row> = (query: Query, page: PageAsked) => Promise<Rows<Row>>

/** The API, as calls. Each throws ApiRefused or ServerUnreachable. */
export type ApiClient = {
  readonly listPayments: List<PaymentRow>
  readonly retrievePayment: (id: string) => Promise<Payment>
  readonly createRefund: (
    paymentId: string,
    refund: RefundRequest,
    idempotencyKey: string,
  ) => Promise<Refund>
  readonly retrieveRefund: (id: string) => Promise<Refund>
  readonly listEvents: List<EventRow>
  readonly retrieveEvent: (id: string) => Promise<ApiEvent>
  /** Sends an event again to every active endpoint that wants it. */
  readonly resendEvent: (id: string) => Promise<void>
  /** Gives the attempts of a delivery, oldest first. */
  readonly listAttempts: (webhookId: string, eventId: string) => Promise<readonly DeliveryAttempt[]>
  readonly resendDelivery: (webhookId: string, eventId: string) => Promise<void>
  readonly listWebhooks: () => Promise<readonly Webhook[]>
  readonly createWebhook: (
    webhook: Pick<Webhook, 'name' | 'url' | 'enabled_events'>,
  ) => Promise<Webhook>
  readonly deleteWebhook: (id: string) => Promise<void>
}

/** How many rows a page of a list has at most. */
export const PER_PAGE_MAX = 200
/** How long an answer may take, in milliseconds. */
const ANSWER_MS_MAX = 30_000

/** Makes a client of the API. Nothing is called yet. */
export function createApiClient({ accountId, signal, token, url }: ApiPlace): ApiClient {
  async function send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    more: { readonly query?: Query; readonly body?: unknown; readonly key?: string } = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    const target = new URL(`${url}/api/v1${path}`)
    for (const [name, value] of Object.entries({ account_id: accountId, ...more.query })) {
      if (value !== undefined) target.searchParams.set(name, String(value))
    }
    const timeout = AbortSignal.timeout(ANSWER_MS_MAX)
    let response: Response
    let text: string
    try {
      response = await fetch(target, {
        method,
        // A token goes where it was meant to go, and no further.
        redirect: 'manual',
        signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
        headers: {
          authorization: `Zoho-oauthtoken ${token}`,
          ...(more.key !== undefined && { 'idempotency-key': more.key }),
          ...(more.body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(more.body !== undefined && { body: JSON.stringify(more.body) }),
      })
      text = await response.text()
    } catch (error) {
      throw new ServerUnreachable(
        `The server at ${url} cannot be reached: ${reasonOf(error)}. Start a sandbox with: npm start; or name the server with --url.`,
      )
    }
    const answer = parsed(text)
    if (response.ok && answer !== undefined) return answer
    if (typeof answer?.code === 'string' && typeof answer.message === 'string') {
      const field = typeof answer.field === 'string' ? answer.field : undefined
      throw new ApiRefused(response.status, answer.code, answer.message, field)
    }
    throw new ServerUnreachable(
      `What answers at ${url} is not Paydesk: it said ${response.status} without an answer of the API. Check --url.`,
    )
  }

  async function list<Row>(path: string, key: string, query: Query): Promise<Rows<Row>> {
    const answer = await send('GET', path, { query })
    const page = answer.page_context as { readonly has_more_page: boolean; readonly total: number }
    return { rows: answer[key] as readonly Row[], hasMore: page.has_more_page, total: page.total }
  }

  return {
    listPayments: (query, page) => list('/payments', 'payments', { ...query, ...page }),
    retrievePayment: async (id) => (await send('GET', `/payments/${id}`)).payment as Payment,
    createRefund: async (paymentId, body, key) =>
      (await send('POST', `/payments/${paymentId}/refunds`, { body, key })).refund as Refund,
    retrieveRefund: async (id) => (await send('GET', `/refunds/${id}`)).refund as Refund,
    listEvents: (query, page) => list('/events', 'events', { ...query, ...page }),
    retrieveEvent: async (id) => (await send('GET', `/events/${id}`)).event as ApiEvent,
    resendEvent: async (id) => {
      await send('POST', `/events/${id}/resend`)
    },
    listAttempts: async (webhookId, eventId) => {
      const { delivery } = await send('GET', `/webhooks/${webhookId}/deliveries/${eventId}`)
      return (delivery as { readonly attempts: readonly DeliveryAttempt[] }).attempts
    },
    resendDelivery: async (webhookId, eventId) => {
      await send('POST', `/webhooks/${webhookId}/deliveries/${eventId}/resend`)
    },
    listWebhooks: async () => (await send('GET', '/webhooks')).webhooks as readonly Webhook[],
    createWebhook: async (body) => (await send('POST', '/webhooks', { body })).webhook as Webhook,
    deleteWebhook: async (id) => {
      await send('DELETE', `/webhooks/${id}`)
    },
  }
}

/** Gives the first rows of a list, from as many pages as that takes. */
export async function takeRows<Row>(
  listPage: List<Row>,
  query: Query,
  countMax: number,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  const perPage = Math.min(countMax, PER_PAGE_MAX)
  for (let page = 1; rows.length < countMax; page += 1) {
    const answer = await listPage(query, { page, per_page: perPage })
    rows.push(...answer.rows)
    if (!answer.hasMore) break
  }
  return rows.slice(0, countMax)
}

/** Says why a call got no answer, in a few words. */
export function reasonOf(error: unknown): string {
  const { cause = error, name } = error as Error
  if (name === 'TimeoutError') return 'no answer in time'
  const { code, message } = cause as { readonly code?: string; readonly message?: string }
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  if (isPortWithoutTls(cause)) return 'the port speaks http, not https: write http:// in the URL'
  return message || code || 'the connection failed'
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}
