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

/** The URL at which a customer came back: whole, from its path on, as a query string, or as parameters. */
export type ReturnUrl = string | URL | URLSearchParams

/**
 * Reads the signed values of a redirect to the success or failure URL. Undefined: Paydesk did not send
 * this customer here, or the URL was changed.
 *
 *     const redirect = readSignedRedirect(request.url, signingKey)
 *     if (redirect === undefined) return refuse()
 *     const session = await paydesk.paymentSessions.retrieve(redirect.payments_session_id)
 *
 * Use these values and no parameter of the URL itself: frameworks read a repeated parameter, or another spelling of
 * one, in different ways. Such a URL is refused too. The same redirect can be opened again, so retrieve the session
 * before you ship. `signingKey`: the account's.
 */
export function readSignedRedirect(url: ReturnUrl, signingKey: string): SignedRedirect | undefined {
  return verifyNow(redirectOf(url, signingKey))
}

/** `readSignedRedirect` with `crypto.subtle`. */
export function readSignedRedirectAsync(
  url: ReturnUrl,
  signingKey: string,
): Promise<SignedRedirect | undefined> {
  return verifyAsync(redirectOf(url, signingKey))
}

/**
 * Answers whether `readSignedRedirect` returns values. True does not make the URL's udf values safe to read: if they
 * contain dots, a customer can move text from one to the next.
 */
export function verifyRedirect(url: ReturnUrl, signingKey: string): boolean {
  return readSignedRedirect(url, signingKey) !== undefined
}

/** `verifyRedirect` with `crypto.subtle`. */
export async function verifyRedirectAsync(url: ReturnUrl, signingKey: string): Promise<boolean> {
  return (await readSignedRedirectAsync(url, signingKey)) !== undefined
}

/**
 * Reads the signed ids of the widget's result. Undefined: it is not from Paydesk, it was changed, or its two session
 * ids differ.
 *
 * `payment`: the page's unchecked data, which a hostile page can forge. Retrieve the session before you ship: the
 * signature covers the two ids, not the status or the amount.
 */
export function readSignedWidgetPayment(
  payment: WidgetPayment,
  signingKey: string,
): SignedWidgetPayment | undefined {
  return verifyNow(widgetPaymentOf(payment, signingKey))
}

/** `readSignedWidgetPayment` with `crypto.subtle`. */
export function readSignedWidgetPaymentAsync(
  payment: WidgetPayment,
  signingKey: string,
): Promise<SignedWidgetPayment | undefined> {
  return verifyAsync(widgetPaymentOf(payment, signingKey))
}

/** Answers whether `readSignedWidgetPayment` returns ids. */
export function verifyWidgetPayment(payment: WidgetPayment, signingKey: string): boolean {
  return readSignedWidgetPayment(payment, signingKey) !== undefined
}

/** `verifyWidgetPayment` with `crypto.subtle`. */
export async function verifyWidgetPaymentAsync(
  payment: WidgetPayment,
  signingKey: string,
): Promise<boolean> {
  return (await readSignedWidgetPaymentAsync(payment, signingKey)) !== undefined
}
