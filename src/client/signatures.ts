/**
 * Checks of redirects and of the widget's answers, for merchants' servers: `paydesk/signatures`.
 *
 * It loads in Node, edge runtimes and browsers' bundles. Functions that end in `Async` use
 * `crypto.subtle`; the others need Node, Bun or Deno. All throw a TypeError for an empty signing key.
 */
import { verifyAsync, verifyNow } from './verification/hmac-check.ts'
import { redirectOf, type SignedRedirect } from './verification/redirect.ts'
import {
  type SignedWidgetPayment,
  type WidgetPayment,
  widgetPaymentOf,
} from './verification/widget-payment.ts'

export { REDIRECT_FIELDS, type RedirectValues } from '../domain/signed-text.ts'
/** The proven values of a redirect, and the names of its udf values. */
export type { SignedRedirect, UdfName } from './verification/redirect.ts'
/** The widget's unchecked result, and its proven ids. */
export type { SignedWidgetPayment, WidgetPayment } from './verification/widget-payment.ts'

/**
 * The URL at which a customer has returned: the whole URL, its path and query, its query alone, or its parameters.
 */
export type ReturnUrl = string | URL | URLSearchParams

/**
 * Reads the signed values of a redirect to the success or failure URL. Undefined: Paydesk did not make this redirect,
 * or the URL was changed.
 *
 *     const redirect = readSignedRedirect(request.url, signingKey)
 *     if (redirect === undefined) return refuse()
 *     const session = await paydesk.paymentSessions.retrieve(redirect.payments_session_id)
 *
 * Use only these values, and never read the URL's parameters: frameworks read a repeated or differently spelled
 * parameter in different ways. URLs with such parameters are refused too. A customer can open the same redirect
 * again, so retrieve the session before you ship. `signingKey`: the account's.
 */
export function readSignedRedirect(url: ReturnUrl, signingKey: string): SignedRedirect | undefined {
  return verifyNow(redirectOf(url, signingKey))
}

/** Does the same as `readSignedRedirect`, with `crypto.subtle`. */
export function readSignedRedirectAsync(
  url: ReturnUrl,
  signingKey: string,
): Promise<SignedRedirect | undefined> {
  return verifyAsync(redirectOf(url, signingKey))
}

/**
 * Returns true if `readSignedRedirect` returns values. The URL's udf values are not safe even then: if they contain
 * dots, a customer can move text from one to the next.
 */
export function verifyRedirect(url: ReturnUrl, signingKey: string): boolean {
  return readSignedRedirect(url, signingKey) !== undefined
}

/** Does the same as `verifyRedirect`, with `crypto.subtle`. */
export async function verifyRedirectAsync(url: ReturnUrl, signingKey: string): Promise<boolean> {
  return (await readSignedRedirectAsync(url, signingKey)) !== undefined
}

/**
 * Reads the signed ids of the widget's result. Undefined: it is not from Paydesk, it was changed, or its two session
 * ids differ.
 *
 * `payment`: the unchecked data of the page; a hostile page can forge it. Retrieve the session before you ship,
 * because the signature covers only the two ids, not the status or the amount.
 */
export function readSignedWidgetPayment(
  payment: WidgetPayment,
  signingKey: string,
): SignedWidgetPayment | undefined {
  return verifyNow(widgetPaymentOf(payment, signingKey))
}

/** Does the same as `readSignedWidgetPayment`, with `crypto.subtle`. */
export function readSignedWidgetPaymentAsync(
  payment: WidgetPayment,
  signingKey: string,
): Promise<SignedWidgetPayment | undefined> {
  return verifyAsync(widgetPaymentOf(payment, signingKey))
}

/** Returns true if `readSignedWidgetPayment` returns ids. */
export function verifyWidgetPayment(payment: WidgetPayment, signingKey: string): boolean {
  return readSignedWidgetPayment(payment, signingKey) !== undefined
}

/** Does the same as `verifyWidgetPayment`, with `crypto.subtle`. */
export async function verifyWidgetPaymentAsync(
  payment: WidgetPayment,
  signingKey: string,
): Promise<boolean> {
  return (await readSignedWidgetPaymentAsync(payment, signingKey)) !== undefined
}
