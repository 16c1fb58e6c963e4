/**
 * The calls of the Zoho Payments API v1, below `/api/v1`. Source: its reference (IN and US) and the official server
 * SDKs, seen 2026-11-22 to 2026-11-28. The coverage page compares them with our routes.
 */

/** The editions of the real API that have a call. */
export type Editions = 'IN, US' | 'IN' | 'US'

export type RealCall = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** The path, with each parameter as `{}`. */
  readonly path: string
  readonly summary: string
  readonly editions: Editions
}

export const REAL_CALLS: Readonly<Record<string, readonly RealCall[]>> = {
  'Payment sessions': [
    call('POST /paymentsessions', 'create a session', 'IN, US'),
    call('GET /paymentsessions/{}', 'retrieve a session', 'IN, US'),
  ],
  Payments: [
    call('GET /payments', 'list payments', 'IN, US'),
    call('GET /payments/{}', 'retrieve a payment', 'IN, US'),
    call('POST /payments', 'charge a saved payment method', 'US'),
  ],
  Refunds: [
    call('POST /payments/{}/refunds', 'refund a payment', 'IN, US'),
    call('GET /refunds/{}', 'retrieve a refund', 'IN, US'),
  ],
  Customers: [
    call('POST /customers', 'create a customer', 'IN, US'),
    call('GET /customers/{}', 'retrieve a customer', 'IN, US'),
    call('GET /customers', 'list customers', 'US'),
    call('DELETE /customers/{}', 'delete a customer', 'US'),
  ],
  'Payment links': [
    call('POST /paymentlinks', 'create a link', 'IN, US'),
    call('GET /paymentlinks/{}', 'retrieve a link', 'IN, US'),
    call('PUT /paymentlinks/{}', 'change a link', 'IN, US'),
    call('PUT /paymentlinks/{}/cancel', 'cancel a link', 'IN, US'),
  ],
  Mandates: [
    call('POST /mandates/notify', 'notify the customer of a debit', 'IN'),
    call('GET /mandates/notifications/{}', 'retrieve a notification', 'IN'),
    call('POST /mandates/execute', 'debit a mandate', 'IN'),
    call('GET /mandates/{}', 'retrieve a mandate', 'IN'),
  ],
  'Virtual accounts': [
    call('POST /virtualaccounts', 'open an account', 'IN'),
    call('GET /virtualaccounts/{}', 'retrieve an account', 'IN'),
    call('PUT /virtualaccounts/{}', 'change an account', 'IN'),
    call('PUT /virtualaccounts/{}/close', 'close an account', 'IN'),
    call('GET /virtualaccounts/{}/payments', 'list the payments to an account', 'IN'),
  ],
  'Saved payment methods': [
    call('POST /paymentmethodsessions', 'create a session that saves a method', 'US'),
    call('GET /paymentmethodsessions/{}', 'retrieve a session that saves a method', 'US'),
    call('GET /paymentmethods/{}', 'retrieve a method', 'US'),
    call('PUT /paymentmethods/{}', 'change a method', 'US'),
    call('DELETE /paymentmethods/{}', 'delete a method', 'US'),
  ],
  Payouts: [
    call('GET /payouts', 'list payouts', 'IN, US'),
    call('GET /payouts/{}', 'retrieve a payout', 'IN, US'),
    call('GET /payouts/{}/transactions', 'list the transactions of a payout', 'IN, US'),
  ],
  'Connected accounts': [
    call('POST /connectedaccounts', 'connect an account', 'IN'),
    call('GET /connectedaccounts', 'list connected accounts', 'IN'),
    call('GET /connectedaccounts/{}', 'retrieve a connected account', 'IN'),
    call('GET /connectedaccounts/{}/payouts', 'list the payouts of a connected account', 'IN'),
    call('GET /connectedaccounts/{}/payouts/{}', 'retrieve a payout of a connected account', 'IN'),
    call(
      'GET /connectedaccounts/{}/payouts/{}/transactions',
      'list the transactions of a connected account’s payout',
      'IN',
    ),
    call(
      'GET /connectedaccounts/{}/transactions',
      'list the transactions of a connected account',
      'IN',
    ),
  ],
  Transfers: [
    call('POST /transfers', 'transfer parts of a payment', 'IN'),
    call('GET /transfers', 'list transfers', 'IN'),
    call('GET /transfers/{}', 'retrieve a transfer', 'IN'),
  ],
  'Transfer reversals': [
    call('POST /transferreversals', 'reverse a transfer', 'IN'),
    call('GET /transferreversals', 'list reversals', 'IN'),
    call('GET /transferreversals/{}', 'retrieve a reversal', 'IN'),
  ],
  Webhooks: [
    call('POST /webhooks', 'register an endpoint', 'IN, US'),
    call('GET /webhooks', 'list endpoints', 'IN, US'),
    call('GET /webhooks/{}', 'retrieve an endpoint', 'IN, US'),
    call('PUT /webhooks/{}', 'change an endpoint', 'IN, US'),
    call('DELETE /webhooks/{}', 'delete an endpoint', 'IN, US'),
  ],
}

/** The kinds of payment sessions, and the value of `type` in the body that creates one. */
export const REAL_SESSION_TYPES: readonly (readonly [
  type: string | undefined,
  summary: string,
  editions: Editions,
])[] = [
  [undefined, 'a payment online', 'IN, US'],
  ['mandate_enrollment', 'the enrollment of a mandate', 'IN'],
  ['mandate_execution', 'a debit of a mandate', 'IN'],
  ['pos_payment', 'a payment at a terminal', 'IN'],
]

function call(route: string, summary: string, editions: Editions): RealCall {
  const [method = '', path = ''] = route.split(' ')
  return { method: method as RealCall['method'], path, summary, editions }
}
