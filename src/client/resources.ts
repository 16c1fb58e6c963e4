import type { CallOptions, QueryValues, Send } from './send.ts'
import type * as wire from './types.ts'

/** How many rows `listAll` fetches at a time: as many as a page can have. */
const PER_PAGE_MAX = 200

/** The API’s resources as calls. What is said to be Paydesk’s own the real service does not have. */
export type Resources = ReturnType<typeof createResources>

/** Makes the calls of all resources. Each gives what stands in the answer's envelope. */
export function createResources(send: Send) {
  const get = async (path: string, key: string, options?: CallOptions) =>
    within(await send({ method: 'GET', path, options }), key)
  const post = async (path: string, key: string, body: unknown, options?: CallOptions) =>
    within(await send({ method: 'POST', path, body, options }), key)
  const list = async (path: string, query: object | undefined, options?: CallOptions) => {
    return withoutEnvelope(
      await send({ method: 'GET', path, query: query as QueryValues, options }),
    )
  }

  /** Gives all rows of a list, page after page. A row that moves to the next page is given once. */
  async function* rowsOf<Row>(
    path: string,
    key: string,
    id: keyof Row,
    query: object | undefined,
    options?: CallOptions,
  ): AsyncGenerator<Row, void, undefined> {
    let before = new Set<unknown>()
    for (let page = 1; ; page += 1) {
      const asked = { per_page: PER_PAGE_MAX, ...query, page }
      const answer = await list(path, asked, options)
      const rows = (answer[key] ?? []) as readonly Row[]
      for (const row of rows) if (!before.has(row[id])) yield row
      before = new Set(rows.map((row) => row[id]))
      const context = answer.page_context as { readonly has_more_page?: boolean } | undefined
      if (context?.has_more_page !== true) return
    }
  }

  const deliveries = {
    /** Lists what was sent or is to be sent to an endpoint, newest first. Paydesk’s own. */
    list: (webhookId: string, query?: wire.DeliveryQuery, options?: CallOptions) =>
      list(at`/webhooks/${webhookId}/deliveries`, query, options) as Promise<wire.DeliveryPage>,
    /** Gives all of them, page after page. Paydesk’s own. */
    listAll: (webhookId: string, query?: NoPage<wire.DeliveryQuery>, options?: CallOptions) =>
      rowsOf<wire.DeliveryPage['deliveries'][number]>(
        at`/webhooks/${webhookId}/deliveries`,
        'deliveries',
        'event_id',
        query,
        options,
      ),
    /** Retrieves a delivery with its attempts. Paydesk’s own. */
    retrieve: (webhookId: string, eventId: string | number, options?: CallOptions) =>
      get(
        at`/webhooks/${webhookId}/deliveries/${eventId}`,
        'delivery',
        options,
      ) as Promise<wire.DeliveryWithAttempts>,
    /** Sends an event again to one endpoint. Paydesk’s own. */
    resend: (webhookId: string, eventId: string | number, options?: CallOptions) =>
      post(
        at`/webhooks/${webhookId}/deliveries/${eventId}/resend`,
        'delivery',
        undefined,
        options,
      ) as Promise<wire.Delivery>,
  }

  return {
    paymentSessions: {
      /** Creates a payment session. Its `access_key` opens the checkout page. */
      create: (session: wire.PaymentSessionCreate, options?: CallOptions) =>
        post(
          '/paymentsessions',
          'payments_session',
          session,
          options,
        ) as Promise<wire.PaymentSessionWithKey>,
      /** Retrieves a session with its payments, newest first: a success is the first one. */
      retrieve: (id: string, options?: CallOptions) =>
        get(
          at`/paymentsessions/${id}`,
          'payments_session',
          options,
        ) as Promise<wire.PaymentSession>,
      /** Lists sessions, newest first. Paydesk’s own. */
      list: (query?: wire.PaymentSessionQuery, options?: CallOptions) =>
        list('/paymentsessions', query, options) as Promise<wire.PaymentSessionPage>,
      /** Gives all sessions, page after page. Paydesk’s own. */
      listAll: (query?: NoPage<wire.PaymentSessionQuery>, options?: CallOptions) =>
        rowsOf<wire.PaymentSessionPage['payments_sessions'][number]>(
          '/paymentsessions',
          'payments_sessions',
          'payments_session_id',
          query,
          options,
        ),
      /** Ends a session's time to be paid. Paydesk’s own. */
      cancel: (id: string, options?: CallOptions) =>
        post(
          at`/paymentsessions/${id}/cancel`,
          'payments_session',
          undefined,
          options,
        ) as Promise<wire.PaymentSession>,
    },
    payments: {
      /** Retrieves a payment. */
      retrieve: (id: string, options?: CallOptions) =>
        get(at`/payments/${id}`, 'payment', options) as Promise<wire.Payment>,
      /** Lists payments, newest first. */
      list: (query?: wire.PaymentQuery, options?: CallOptions) =>
        list('/payments', query, options) as Promise<wire.PaymentPage>,
      /** Gives all payments, page after page. */
      listAll: (query?: NoPage<wire.PaymentQuery>, options?: CallOptions) =>
        rowsOf<wire.PaymentPage['payments'][number]>(
          '/payments',
          'payments',
          'payment_id',
          query,
          options,
        ),
    },
    refunds: {
      /** Asks for a refund of a payment. It ends later: an event says how. */
      create: (paymentId: string, refund: wire.RefundCreate, options?: CallOptions) =>
        post(at`/payments/${paymentId}/refunds`, 'refund', refund, options) as Promise<wire.Refund>,
      /** Retrieves a refund. */
      retrieve: (id: string, options?: CallOptions) =>
        get(at`/refunds/${id}`, 'refund', options) as Promise<wire.Refund>,
      /** Lists the refunds of a payment, newest first. Paydesk’s own. */
      list: (paymentId: string, query?: wire.PageAsked, options?: CallOptions) =>
        list(at`/payments/${paymentId}/refunds`, query, options) as Promise<wire.RefundPage>,
      /** Gives all refunds of a payment, page after page. Paydesk’s own. */
      listAll: (paymentId: string, options?: CallOptions) =>
        rowsOf<wire.Refund>(
          at`/payments/${paymentId}/refunds`,
          'refunds',
          'refund_id',
          undefined,
          options,
        ),
    },
    transfers: {
      /** Passes parts of a payment on to connected accounts, and says what came of each. */
      create: (transfers: wire.TransferCreate, options?: CallOptions) =>
        post('/transfers', 'data', transfers, options) as Promise<wire.TransfersOutcome>,
      /** Retrieves a transfer with its reversals. */
      retrieve: (id: string, options?: CallOptions) =>
        get(at`/transfers/${id}`, 'transfer_details', options) as Promise<wire.Transfer>,
      /** Lists transfers, newest first. */
      list: (query?: wire.TransferQuery, options?: CallOptions) =>
        list('/transfers', query, options) as Promise<wire.TransferPage>,
      /** Gives all transfers, page after page. */
      listAll: (query?: NoPage<wire.TransferQuery>, options?: CallOptions) =>
        rowsOf<wire.TransferPage['transfers'][number]>(
          '/transfers',
          'transfers',
          'transfer_id',
          query,
          options,
        ),
    },
    transferReversals: {
      /** Takes back a transfer, or a part of it. */
      create: (reversal: wire.TransferReversalCreate, options?: CallOptions) =>
        post(
          '/transferreversals',
          'transfer_reversal',
          reversal,
          options,
        ) as Promise<wire.TransferReversal>,
      /** Retrieves a reversal. */
      retrieve: (id: string, options?: CallOptions) =>
        get(
          at`/transferreversals/${id}`,
          'transfer_reversal_details',
          options,
        ) as Promise<wire.TransferReversalDetails>,
      /** Lists reversals, newest first. */
      list: (query?: wire.TransferReversalQuery, options?: CallOptions) =>
        list('/transferreversals', query, options) as Promise<wire.TransferReversalPage>,
      /** Gives all reversals, page after page. */
      listAll: (query?: NoPage<wire.TransferReversalQuery>, options?: CallOptions) =>
        rowsOf<wire.TransferReversal>(
          '/transferreversals',
          'transfer_reversals',
          'transfer_reversal_id',
          query,
          options,
        ),
    },
    connectedAccounts: {
      /** Connects an account that transfers can go to. */
      create: (account: wire.ConnectedAccountCreate, options?: CallOptions) =>
        post(
          '/connectedaccounts',
          'connected_account',
          account,
          options,
        ) as Promise<wire.ConnectedAccount>,
      /** Retrieves a connected account. */
      retrieve: (id: string, options?: CallOptions) =>
        get(
          at`/connectedaccounts/${id}`,
          'connected_account',
          options,
        ) as Promise<wire.ConnectedAccount>,
      /** Lists connected accounts. */
      list: (query?: wire.ConnectedAccountQuery, options?: CallOptions) =>
        list('/connectedaccounts', query, options) as Promise<wire.ConnectedAccountPage>,
      /** Gives all connected accounts, page after page. */
      listAll: (options?: CallOptions) =>
        rowsOf<wire.ConnectedAccount>(
          '/connectedaccounts',
          'connected_accounts',
          'connected_account_id',
          undefined,
          options,
        ),
    },
    webhooks: {
      /** Registers an endpoint. It is sent a test event, and its `signing_key` is shown this once. */
      create: (webhook: wire.WebhookCreate, options?: CallOptions) =>
        post('/webhooks', 'webhook', webhook, options) as Promise<wire.WebhookWithSigningKey>,
      /** Lists all endpoints, oldest first. There are few, so there are no pages. */
      list: (options?: CallOptions) =>
        get('/webhooks', 'webhooks', options) as Promise<readonly wire.Webhook[]>,
      /** Retrieves an endpoint. */
      retrieve: (id: string, options?: CallOptions) =>
        get(at`/webhooks/${id}`, 'webhook', options) as Promise<wire.Webhook>,
      /** Changes what is named of an endpoint. */
      update: async (id: string, body: wire.WebhookChange, options?: CallOptions) =>
        within(
          await send({ method: 'PUT', path: at`/webhooks/${id}`, body, options }),
          'webhook',
        ) as wire.Webhook,
      /** Deletes an endpoint. */
      delete: async (id: string, options?: CallOptions): Promise<void> => {
        await send({ method: 'DELETE', path: at`/webhooks/${id}`, options })
      },
      /** Gives an endpoint a new key, which is shown this once. Both sign for a day. Paydesk’s own. */
      rotateKey: (id: string, options?: CallOptions) =>
        post(
          at`/webhooks/${id}/rotatekey`,
          'webhook',
          undefined,
          options,
        ) as Promise<wire.WebhookWithSigningKey>,
      /** Sends all events of a span of time again to one endpoint. Paydesk’s own. */
      replay: (id: string, replay: wire.Replay, options?: CallOptions) =>
        post(at`/webhooks/${id}/replay`, 'replay', replay, options) as Promise<wire.Replayed>,
      deliveries,
    },
    events: {
      /** Lists what has happened, newest first. Paydesk’s own. */
      list: (query?: wire.EventQuery, options?: CallOptions) =>
        list('/events', query, options) as Promise<wire.EventPage>,
      /** Gives all events, page after page, newest first. Paydesk’s own. */
      listAll: (query?: NoPage<wire.EventQuery>, options?: CallOptions) =>
        rowsOf<wire.EventPage['events'][number]>('/events', 'events', 'event_id', query, options),
      /** Retrieves an event with its whole body. Paydesk’s own. */
      retrieve: (id: string | number, options?: CallOptions) =>
        get(at`/events/${id}`, 'event', options) as Promise<wire.PaydeskEvent>,
      /** Sends an event again to every endpoint that wants it. Paydesk’s own. */
      resend: (id: string | number, options?: CallOptions) =>
        post(at`/events/${id}/resend`, 'event', undefined, options) as Promise<wire.PaydeskEvent>,
    },
  }
}

/** A query of all pages. `per_page`: how many rows to fetch at a time; 200 unless given. */
type NoPage<Query> = Omit<Query, 'page'>

type Body = Readonly<Record<string, unknown>>

function withoutEnvelope({ code: _, message: __, ...rest }: Body): Body {
  return rest
}

/**
 * Gives what stands in an envelope. Where the key is another one, the whole body is it: the real service's
 * own libraries read it so, and its pages do not agree on every key.
 */
function within(answer: Body, key: string): unknown {
  return answer[key] ?? withoutEnvelope(answer)
}

/** Writes a path in which no part can be more than one. */
function at(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return String.raw(parts, ...values.map((value) => encodeURIComponent(String(value))))
}
