import { createHmac } from 'node:crypto'
import {
  type PaymentLinkReturnValues,
  paymentLinkReturnText,
  type RedirectValues,
  redirectText,
  type WidgetIds,
  type WidgetMethodIds,
  widgetMethodText,
  widgetText,
} from './signed-text.ts'

/**
 * Signs a redirect: lower-case hex of HMAC-SHA256 over the eleven values joined by dots. The values
 * are not URL-encoded.
 */
export function signRedirect(values: RedirectValues, signingKey: string): string {
  return hmacHex(redirectText(values), signingKey)
}

/**
 * Signs the return from a payment link: lower-case hex of HMAC-SHA256 over the five values joined by dots. The values
 * are not URL-encoded.
 */
export function signPaymentLinkReturn(values: PaymentLinkReturnValues, signingKey: string): string {
  return hmacHex(paymentLinkReturnText(values), signingKey)
}

/** Signs a widget's success: lower-case hex of HMAC-SHA256 over `payment_id|payment_session_id`. */
export function signWidgetPayment(ids: WidgetIds, signingKey: string): string {
  return hmacHex(widgetText(ids), signingKey)
}

/** Signs a widget's saved payment method: lower-case hex of HMAC-SHA256 over both ids joined by `|`. */
export function signWidgetMethod(ids: WidgetMethodIds, signingKey: string): string {
  return hmacHex(widgetMethodText(ids), signingKey)
}

function hmacHex(message: string, key: string): string {
  return createHmac('sha256', key).update(message, 'utf8').digest('hex')
}
