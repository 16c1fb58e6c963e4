import { createHmac } from 'node:crypto'
import { equalSecrets } from './secret.ts'

/**
 * What a redirect's signature is made over, in its order.
 *
 * Source: Zoho Payments developer documentation, hosted checkout, verify signature (seen 2026-11-22).
 */
export const REDIRECT_FIELDS = [
  'payments_session_id',
  'payment_session_status',
  'payment_id',
  'payment_status',
  'amount',
  'mandate_id',
  'udf1',
  'udf2',
  'udf3',
  'udf4',
  'udf5',
] as const
/** A redirect's parameters without its signature; absent ones are left out. */
export type RedirectValues = Readonly<Partial<Record<(typeof REDIRECT_FIELDS)[number], string>>>

/**
 * Signs a redirect: lower-case hex of HMAC-SHA256 over the eleven values joined by dots, absent ones
 * empty. Values are as they read before URL encoding.
 */
export function signRedirect(values: RedirectValues, signingKey: string): string {
  return hmacHex(REDIRECT_FIELDS.map((name) => values[name] ?? '').join('.'), signingKey)
}

/** Signs a widget's success: lower-case hex of HMAC-SHA256 over `payment_id|payment_session_id`. */
export function signWidgetPayment(
  payment: { readonly payment_id: string; readonly payment_session_id: string },
  signingKey: string,
): string {
  return hmacHex(`${payment.payment_id}|${payment.payment_session_id}`, signingKey)
}

/**
 * Answers whether a redirect to the success or failure URL came from Paydesk unchanged.
 *
 * `query`: the URL the customer arrived at, its query string, or its parameters. `signingKey`: the
 * account's. Other parameters of the URL do not matter. True says that nobody has changed the values;
 * retrieve the session too before anything is shipped, for the same redirect can be sent again.
 */
export function verifyRedirect(query: string | URL | URLSearchParams, signingKey: string): boolean {
  const parameters = parametersOf(query)
  const values = Object.fromEntries(
    REDIRECT_FIELDS.flatMap((name) => {
      const value = parameters.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
  return equalSecrets(parameters.get('signature') ?? '', signRedirect(values, signingKey))
}

/** Answers whether what the widget resolved with came from Paydesk unchanged. */
export function verifyWidgetPayment(
  payment: {
    readonly payment_id: string
    readonly payment_session_id: string
    readonly signature?: string
  },
  signingKey: string,
): boolean {
  return equalSecrets(payment.signature ?? '', signWidgetPayment(payment, signingKey))
}

function parametersOf(query: string | URL | URLSearchParams): URLSearchParams {
  if (query instanceof URLSearchParams) return query
  if (query instanceof URL) return query.searchParams
  return new URLSearchParams(query.slice(query.indexOf('?') + 1))
}

function hmacHex(message: string, key: string): string {
  return createHmac('sha256', key).update(message, 'utf8').digest('hex')
}
