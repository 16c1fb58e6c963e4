import { type Calls, createCalls } from './calls.ts'
import { METHODS, type MethodSchemas } from './methods.ts'
import type { CallOptions, Send } from './send.ts'
import type * as wire from './types.ts'

/** The API's resources. Methods marked "Paydesk only" do not exist in the real service. */
export type Resources = ReturnType<typeof createResources>

type ApiCalls = Calls<typeof METHODS, MethodSchemas>

/** A query of all pages. `per_page`: the number of rows of each call. Default: 200. */
type AllPages<Query> = Omit<Query, 'page' | 'cursor'>

/** Makes the methods of all resources. `hasCursors`: as for `createCalls`. */
export function createResources(send: Send, { hasCursors }: { readonly hasCursors: boolean }) {
  const calls: ApiCalls = createCalls(METHODS, send, { hasCursors })
  return {
    paymentSessions: paymentSessions(calls),
    terminalSessions: terminalSessions(calls),
    paymentLinks: paymentLinks(calls),
    payments: payments(calls),
    refunds: refunds(calls),
    customers: customers(calls),
    paymentMethodSessions: paymentMethodSessions(calls),
    paymentMethods: paymentMethods(calls),
    virtualAccounts: virtualAccounts(calls),
    mandates: mandates(calls),
    transfers: transfers(calls),
    transferReversals: transferReversals(calls),
    connectedAccounts: connectedAccounts(calls),
    payouts: payouts(calls),
    webhooks: { ...webhooks(calls), deliveries: deliveries(calls) },
    events: events(calls),
  }
}

function paymentSessions({ call, page, rows }: ApiCalls) {
  return {
    /** Creates a payment session. Its `access_key` opens the checkout page. */
    create: (session: wire.PaymentSessionCreate, options?: CallOptions) =>
      call('createPaymentSession', { body: session, options }),
    /** Retrieves a session with its payments, newest first. A successful payment is always the first. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrievePaymentSession', { path: { payments_session_id: id }, options }),
    /** Lists sessions, newest first. Paydesk only. */
    list: (query?: wire.PaymentSessionQuery, options?: CallOptions) =>
      page('listPaymentSessions', { query, options }),
    /** Returns all sessions, page after page. Paydesk only. */
    listAll: (query?: AllPages<wire.PaymentSessionQuery>, options?: CallOptions) =>
      rows('listPaymentSessions', { query, options }),
    /** Cancels a session: it can no longer be paid. Paydesk only. */
    cancel: (id: string, options?: CallOptions) =>
      call('cancelPaymentSession', { path: { payments_session_id: id }, options }),
  }
}

function terminalSessions({ call }: ApiCalls) {
  return {
    /**
     * Shows an amount on a terminal. Retrieve the session by `paymentSessions.retrieve` until its `session_status` is
     * final.
     */
    create: (session: wire.TerminalSessionCreate, options?: CallOptions) =>
      call('createTypedTerminalSession', {
        body: { ...session, type: 'pos_payment' },
        options,
      }),
  }
}

function paymentLinks({ call, page, rows }: ApiCalls) {
  return {
    /** Creates a payment link. Its `url` is the URL of the page. */
    create: (link: wire.PaymentLinkCreate, options?: CallOptions) =>
      call('createPaymentLink', { body: link, options }),
    /** Retrieves a link with its payments. The successful one is the first. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrievePaymentLink', { path: { payment_link_id: id }, options }),
    /** Lists links without their payments, newest first. Paydesk only. */
    list: (query?: wire.PaymentLinkQuery, options?: CallOptions) =>
      page('listPaymentLinks', { query, options }),
    /** Returns all links, page after page. Paydesk only. */
    listAll: (query?: AllPages<wire.PaymentLinkQuery>, options?: CallOptions) =>
      rows('listPaymentLinks', { query, options }),
    /** Changes an active link. An empty text removes a field. */
    update: (id: string, change: wire.PaymentLinkUpdate, options?: CallOptions) =>
      call('updatePaymentLink', { path: { payment_link_id: id }, body: change, options }),
    /** Cancels an active link: it can no longer be paid. */
    cancel: (id: string, options?: CallOptions) =>
      call('cancelPaymentLink', { path: { payment_link_id: id }, options }),
    /** Sends an active link again, through the given channels. Default: the link's own channels. Paydesk only. */
    notify: (id: string, body: wire.PaymentLinkNotify = {}, options?: CallOptions) =>
      call('notifyOfPaymentLink', { path: { payment_link_id: id }, body, options }),
  }
}

function payments({ call, page, rows }: ApiCalls) {
  return {
    /** Charges a saved payment method. Only for accounts of the US edition. */
    create: (charge: wire.DirectCharge, options?: CallOptions) =>
      call('createPayment', { body: charge, options }),
    /** Retrieves a payment. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrievePayment', { path: { payment_id: id }, options }),
    /** Lists payments, newest first. */
    list: (query?: wire.PaymentQuery, options?: CallOptions) =>
      page('listPayments', { query, options }),
    /** Returns all payments, page after page. */
    listAll: (query?: AllPages<wire.PaymentQuery>, options?: CallOptions) =>
      rows('listPayments', { query, options }),
  }
}

function refunds({ call, page, rows }: ApiCalls) {
  return {
    /** Refunds a payment, or a part of it. The outcome comes later, as an event. */
    create: (paymentId: string, refund: wire.RefundCreate, options?: CallOptions) =>
      call('createRefund', { path: { payment_id: paymentId }, body: refund, options }),
    /** Retrieves a refund. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrieveRefund', { path: { refund_id: id }, options }),
    /** Lists the refunds of a payment, newest first. Paydesk only. */
    list: (paymentId: string, query?: wire.PageQuery, options?: CallOptions) =>
      page('listRefunds', { path: { payment_id: paymentId }, query, options }),
    /** Returns all refunds of a payment, page after page. Paydesk only. */
    listAll: (paymentId: string, options?: CallOptions) =>
      rows('listRefunds', { path: { payment_id: paymentId }, options }),
  }
}

function customers({ call, page, rows, run }: ApiCalls) {
  return {
    /** Creates a customer. A session with its `customer_id` fills in the customer's data on the checkout page. */
    create: (customer: wire.CustomerCreate, options?: CallOptions) =>
      call('createCustomer', { body: customer, options }),
    /** Retrieves a customer. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrieveCustomer', { path: { customer_id: id }, options }),
    /** Lists customers, newest first. The real service lists those of US accounts only. */
    list: (query?: wire.CustomerQuery, options?: CallOptions) =>
      page('listCustomers', { query, options }),
    /** Returns all customers, page after page. */
    listAll: (query?: AllPages<wire.CustomerQuery>, options?: CallOptions) =>
      rows('listCustomers', { query, options }),
    /** Changes some fields of a customer. Paydesk only. */
    update: (id: string, change: wire.CustomerChange, options?: CallOptions) =>
      call('updateCustomer', { path: { customer_id: id }, body: change, options }),
    /** Deletes a customer. The real service deletes those of US accounts only. */
    delete: (id: string, options?: CallOptions) =>
      run('deleteCustomer', { path: { customer_id: id }, options }),
  }
}

function paymentMethodSessions({ call }: ApiCalls) {
  return {
    /** Creates a session in which a customer saves a payment method. Only for accounts of the US edition. */
    create: (session: wire.PaymentMethodSessionCreate, options?: CallOptions) =>
      call('createPaymentMethodSession', { body: session, options }),
    /** Retrieves a session with the saved payment method. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrievePaymentMethodSession', { path: { payment_method_session_id: id }, options }),
  }
}

function paymentMethods({ call, run }: ApiCalls) {
  const path = (id: string) => ({ path: { payment_method_id: id } })
  return {
    /** Retrieves a saved payment method, even a deleted one. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrievePaymentMethod', { ...path(id), options }),
    /** Changes the expiry, the kind of the holder or the billing address. */
    update: (id: string, change: wire.PaymentMethodChange, options?: CallOptions) =>
      call('updatePaymentMethod', { ...path(id), body: change, options }),
    /** Deletes a saved payment method: it can no longer be charged. */
    delete: (id: string, options?: CallOptions) =>
      run('deletePaymentMethod', { ...path(id), options }),
  }
}

function mandates({ call, page, rows }: ApiCalls) {
  return {
    /** Creates the session in which a customer approves a mandate. Its `access_key` opens the page. */
    enroll: (session: wire.MandateEnrollmentCreate, options?: CallOptions) =>
      call('createMandateEnrollment', {
        body: { ...session, type: 'mandate_enrollment' },
        options,
      }),
    /** Creates a session for one debit. `execute` pays it. */
    createExecution: (session: wire.MandateExecutionCreate, options?: CallOptions) =>
      call('createMandateExecution', {
        body: { ...session, type: 'mandate_execution' },
        options,
      }),
    /** Notifies the customer of a debit, at least 24 hours before. */
    notify: (notice: wire.MandateNotify, options?: CallOptions) =>
      call('notifyMandate', { body: notice, options }),
    /** Retrieves the notification of a debit. */
    retrieveNotification: (id: string, options?: CallOptions) =>
      call('retrieveMandateNotification', { path: { mandate_notification_id: id }, options }),
    /**
     * Debits a mandate. Without a notification the customer is notified now, and Paydesk makes the
     * debit 24 hours later. A `daily` mandate needs no notification and is debited at once.
     */
    execute: (execution: wire.MandateExecute, options?: CallOptions) =>
      call('executeMandate', { body: execution, options }),
    /** Retrieves a mandate. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrieveMandate', { path: { mandate_id: id }, options }),
    /** Lists mandates, newest first. Paydesk only. */
    list: (query?: wire.MandateQuery, options?: CallOptions) =>
      page('listMandates', { query, options }),
    /** Returns all mandates, page after page. Paydesk only. */
    listAll: (query?: AllPages<wire.MandateQuery>, options?: CallOptions) =>
      rows('listMandates', { query, options }),
    /** Ends a mandate for good. Paydesk only. */
    cancel: (id: string, options?: CallOptions) =>
      call('cancelMandate', { path: { mandate_id: id }, options }),
  }
}

function virtualAccounts({ call, page, rows }: ApiCalls) {
  const path = (id: string) => ({ path: { virtual_account_id: id } })
  return {
    /**
     * Opens a bank account number for one payer. Each transfer to it becomes a payment, which fails if the amount is
     * outside the limits of the account.
     */
    create: (account: wire.VirtualAccountCreate, options?: CallOptions) =>
      call('createVirtualAccount', { body: account, options }),
    /** Retrieves a virtual account. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrieveVirtualAccount', { ...path(id), options }),
    /** Changes some fields of an active virtual account. */
    update: (id: string, change: wire.VirtualAccountChange, options?: CallOptions) =>
      call('updateVirtualAccount', { ...path(id), body: change, options }),
    /** Closes a virtual account: later transfers go back to the payer. */
    close: (id: string, options?: CallOptions) =>
      call('closeVirtualAccount', { ...path(id), options }),
    /** Lists virtual accounts, newest first. Paydesk only. */
    list: (query?: wire.VirtualAccountQuery, options?: CallOptions) =>
      page('listVirtualAccounts', { query, options }),
    /** Returns all virtual accounts, page after page. Paydesk only. */
    listAll: (query?: AllPages<wire.VirtualAccountQuery>, options?: CallOptions) =>
      rows('listVirtualAccounts', { query, options }),
    /** Lists the payments of a virtual account, newest first by default. */
    payments: (id: string, query?: wire.VirtualAccountPaymentQuery, options?: CallOptions) =>
      page('listVirtualAccountPayments', { ...path(id), query, options }),
    /** Returns all payments of a virtual account, page after page. */
    allPayments: (
      id: string,
      query?: AllPages<wire.VirtualAccountPaymentQuery>,
      options?: CallOptions,
    ) => rows('listVirtualAccountPayments', { ...path(id), query, options }),
  }
}

function transfers({ call, page, rows }: ApiCalls) {
  return {
    /** Transfers parts of a payment to connected accounts. Returns the outcome of each part. */
    create: (transfers: wire.TransferCreate, options?: CallOptions) =>
      call('createTransfers', { body: transfers, options }),
    /** Retrieves a transfer with its reversals. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrieveTransfer', { path: { transfer_id: id }, options }),
    /** Lists transfers, newest first by default. */
    list: (query?: wire.TransferQuery, options?: CallOptions) =>
      page('listTransfers', { query, options }),
    /** Returns all transfers, page after page. */
    listAll: (query?: AllPages<wire.TransferQuery>, options?: CallOptions) =>
      rows('listTransfers', { query, options }),
  }
}

function transferReversals({ call, page, rows }: ApiCalls) {
  return {
    /** Reverses a transfer, or a part of it. */
    create: (reversal: wire.TransferReversalCreate, options?: CallOptions) =>
      call('createTransferReversal', { body: reversal, options }),
    /** Retrieves a reversal. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrieveTransferReversal', { path: { transfer_reversal_id: id }, options }),
    /** Lists reversals, newest first by default. */
    list: (query?: wire.TransferReversalQuery, options?: CallOptions) =>
      page('listTransferReversals', { query, options }),
    /** Returns all reversals, page after page. */
    listAll: (query?: AllPages<wire.TransferReversalQuery>, options?: CallOptions) =>
      rows('listTransferReversals', { query, options }),
  }
}

function connectedAccounts({ call, page, rows }: ApiCalls) {
  const receiver = (id: string) => ({ connected_account_id: id })
  const payoutOf = (id: string, payoutId: string) => ({ ...receiver(id), payout_id: payoutId })
  return {
    /** Connects an account, so that it can receive transfers. */
    create: (account: wire.ConnectedAccountCreate, options?: CallOptions) =>
      call('createConnectedAccount', { body: account, options }),
    /** Retrieves a connected account. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrieveConnectedAccount', { path: { connected_account_id: id }, options }),
    /** Lists connected accounts, newest first. */
    list: (query?: wire.ConnectedAccountQuery, options?: CallOptions) =>
      page('listConnectedAccounts', { query, options }),
    /** Returns all connected accounts, page after page. */
    listAll: (options?: CallOptions) => rows('listConnectedAccounts', { options }),
    /** Lists the payouts of a connected account, newest first. */
    listPayouts: (id: string, query?: wire.PayoutQuery, options?: CallOptions) =>
      page('listConnectedAccountPayouts', { path: receiver(id), query, options }),
    /** Retrieves a payout of a connected account. */
    retrievePayout: (id: string, payoutId: string, options?: CallOptions) =>
      call('retrieveConnectedAccountPayout', { path: payoutOf(id, payoutId), options }),
    /** Lists the transfers and reversals of a connected account's payout, newest first. */
    listPayoutTransactions: (
      id: string,
      payoutId: string,
      query?: wire.PageQuery,
      options?: CallOptions,
    ) =>
      page('listConnectedAccountPayoutTransactions', {
        path: payoutOf(id, payoutId),
        query,
        options,
      }),
    /** Lists the transfers to a connected account and their reversals, newest first. Empty in live mode. */
    listTransactions: (id: string, query?: wire.ConnectedTransactionQuery, options?: CallOptions) =>
      page('listConnectedAccountTransactions', { path: receiver(id), query, options }),
  }
}

function payouts({ call, page, rows }: ApiCalls) {
  return {
    /** Lists the payouts to the account's bank account, newest first. */
    list: (query?: wire.PayoutQuery, options?: CallOptions) =>
      page('listPayouts', { query, options }),
    /** Returns all payouts, page after page. */
    listAll: (query?: AllPages<wire.PayoutQuery>, options?: CallOptions) =>
      rows('listPayouts', { query, options }),
    /** Retrieves a payout with the sums of its transactions. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrievePayout', { path: { payout_id: id }, options }),
    /** Lists the transactions of a payout, newest first. */
    listTransactions: (id: string, query?: wire.PageQuery, options?: CallOptions) =>
      page('listPayoutTransactions', { path: { payout_id: id }, query, options }),
    /** Returns all transactions of a payout, page after page. */
    listAllTransactions: (id: string, options?: CallOptions) =>
      rows('listPayoutTransactions', { path: { payout_id: id }, options }),
    /** Returns the account's balance in each currency. Empty in live mode. Paydesk only. */
    balance: (options?: CallOptions): Promise<readonly wire.Balance[]> =>
      call('retrieveBalance', { options }),
  }
}

function webhooks({ call, run }: ApiCalls) {
  return {
    /** Registers an endpoint, if its URL accepts a test event. No later answer has the `signing_key`. */
    create: (webhook: wire.WebhookCreate, options?: CallOptions) =>
      call('createWebhook', { body: webhook, options }),
    /** Lists all endpoints, oldest first. The list has no pages, because an account has few endpoints. */
    list: (options?: CallOptions): Promise<readonly wire.Webhook[]> =>
      call('listWebhooks', { options }),
    /** Retrieves an endpoint. */
    retrieve: (id: string, options?: CallOptions) =>
      call('retrieveWebhook', { path: { webhook_url_id: id }, options }),
    /** Changes some fields of an endpoint. */
    update: (id: string, change: wire.WebhookChange, options?: CallOptions) =>
      call('updateWebhook', { path: { webhook_url_id: id }, body: change, options }),
    /** Deletes an endpoint. */
    delete: (id: string, options?: CallOptions) =>
      run('deleteWebhook', { path: { webhook_url_id: id }, options }),
    /**
     * Gives an endpoint a new key, which no later answer has. For a day the previous key also signs. Paydesk
     * only.
     */
    rotateKey: (id: string, options?: CallOptions) =>
      call('rotateWebhookKey', { path: { webhook_url_id: id }, options }),
    /**
     * Sends an endpoint the events of a period again: all events of the endpoint's types, or only those of
     * `event_types`. Paydesk only.
     */
    replay: (id: string, replay: wire.Replay, options?: CallOptions) =>
      call('replayWebhookEvents', { path: { webhook_url_id: id }, body: replay, options }),
  }
}

function deliveries({ call, page, rows }: ApiCalls) {
  const pathOf = (webhookId: string, eventId: string | number) => ({
    webhook_url_id: webhookId,
    event_id: eventId,
  })
  return {
    /** Lists the deliveries to an endpoint, newest first. Paydesk only. */
    list: (webhookId: string, query?: wire.DeliveryQuery, options?: CallOptions) =>
      page('listWebhookDeliveries', { path: { webhook_url_id: webhookId }, query, options }),
    /** Returns all deliveries to an endpoint, page after page. Paydesk only. */
    listAll: (webhookId: string, query?: AllPages<wire.DeliveryQuery>, options?: CallOptions) =>
      rows('listWebhookDeliveries', { path: { webhook_url_id: webhookId }, query, options }),
    /** Retrieves a delivery with its attempts. Paydesk only. */
    retrieve: (webhookId: string, eventId: string | number, options?: CallOptions) =>
      call('retrieveWebhookDelivery', { path: pathOf(webhookId, eventId), options }),
    /** Sends an event to one endpoint again. Paydesk only. */
    resend: (webhookId: string, eventId: string | number, options?: CallOptions) =>
      call('resendWebhookDelivery', { path: pathOf(webhookId, eventId), options }),
  }
}

function events({ call, page, rows }: ApiCalls) {
  return {
    /** Lists events, newest first. Paydesk only. */
    list: (query?: wire.EventQuery, options?: CallOptions) =>
      page('listEvents', { query, options }),
    /** Returns all events, page after page, newest first. Paydesk only. */
    listAll: (query?: AllPages<wire.EventQuery>, options?: CallOptions) =>
      rows('listEvents', { query, options }),
    /** Retrieves an event with its body. Paydesk only. */
    retrieve: (id: string | number, options?: CallOptions) =>
      call('retrieveEvent', { path: { event_id: id }, options }),
    /** Sends an event again to every active endpoint that subscribes to it. Paydesk only. */
    resend: (id: string | number, options?: CallOptions) =>
      call('resendEvent', { path: { event_id: id }, options }),
  }
}
