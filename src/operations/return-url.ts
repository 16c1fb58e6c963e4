import { formatMoney } from '../domain/money.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { PaymentLink } from '../domain/payment-link.ts'
import { type PaymentSessionStatus, statusAt } from '../domain/payment-session.ts'
import { signPaymentLinkReturn, signRedirect } from '../domain/signature.ts'
import type { PaymentLinkReturnValues, RedirectValues } from '../domain/signed-text.ts'
import { configurationsOf } from './configurations.ts'
import type { PaymentSessionRecord } from './store.ts'

/**
 * The status in a redirect. A session that has not succeeded and has no open payment is `failed`, even if it can still
 * be paid.
 *
 * Source: Zoho Payments developer documentation, hosted checkout (seen 2026-11-22).
 */
const REDIRECT_STATUSES: Record<PaymentSessionStatus, 'succeeded' | 'failed' | 'in_progress'> = {
  created: 'failed',
  in_progress: 'in_progress',
  succeeded: 'succeeded',
  failed: 'failed',
  expired: 'failed',
  canceled: 'failed',
}

/**
 * Makes the signed URL for the customer's return: the success URL after a success and while the outcome is open.
 * `attempts` are newest first. Undefined: the session has no such URLs.
 */
export function returnUrlOf(
  session: PaymentSessionRecord,
  attempts: readonly PaymentAttempt[],
  signingKey: string,
  nowMs: number,
): string | undefined {
  const { hostedPage } = configurationsOf(session)
  const { failure_url: failureUrl, success_url: successUrl } = hostedPage ?? {}
  if (hostedPage === undefined || failureUrl === undefined || successUrl === undefined)
    return undefined

  const status = REDIRECT_STATUSES[statusAt(session, nowMs)]
  const [payment] = attempts
  const values: RedirectValues = {
    payments_session_id: session.id,
    payment_session_status: status,
    ...(payment !== undefined && { payment_id: payment.id, payment_status: payment.status }),
    amount: formatMoney(session.amount),
    ...(payment?.mandateId !== undefined && { mandate_id: payment.mandateId }),
    ...(hostedPage.udf1 !== undefined && { udf1: hostedPage.udf1 }),
    ...(hostedPage.udf2 !== undefined && { udf2: hostedPage.udf2 }),
    ...(hostedPage.udf3 !== undefined && { udf3: hostedPage.udf3 }),
    ...(hostedPage.udf4 !== undefined && { udf4: hostedPage.udf4 }),
    ...(hostedPage.udf5 !== undefined && { udf5: hostedPage.udf5 }),
  }
  const signature = signRedirect(values, signingKey)
  const url = status === 'failed' ? failureUrl : successUrl
  return withParameters(url, { ...values, signature })
}

/**
 * Makes the signed URL for the return of a customer who has paid a link. `payment` is the one that succeeded. Undefined:
 * the link has no return URL.
 *
 * Source: Zoho Payments developer documentation, payment links (seen 2026-11-22).
 */
export function paymentLinkReturnUrlOf(
  { amount, id, referenceId, returnUrl }: PaymentLink,
  payment: PaymentAttempt,
  signingKey: string,
): string | undefined {
  if (returnUrl === undefined) return undefined
  const values: PaymentLinkReturnValues = {
    payment_link_id: id,
    payment_id: payment.id,
    amount: formatMoney(amount),
    status: payment.status,
    ...(referenceId !== undefined && { payment_link_reference: referenceId }),
  }
  const signature = signPaymentLinkReturn(values, signingKey)
  return withParameters(returnUrl, { ...values, signature })
}

function withParameters(base: string, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(base)
  const ownParameters = new URLSearchParams(parameters)
  // Appended as text, so that the merchant's query does not change.
  url.search = url.search === '' ? `${ownParameters}` : `${url.search}&${ownParameters}`
  return url.href
}
