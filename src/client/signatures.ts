/**
 * Checks of redirects, of returns from payment links and of the widget's answers, for merchants' servers: `paydesk/signatures`.
 *
 * It loads in Node, edge runtimes and browsers' bundles. Functions that end in `Async` use
 * `crypto.subtle`; the others need Node, Bun or Deno. All throw a TypeError for an empty signing key.
 *
 * A redirect, a return from a payment link and a widget payment have three functions each: `requireSigned…` throws a
 * `PaymentSignatureError` with the reason, as `verifyWebhook` does; `readSigned…` returns undefined; `verify…` returns
 * false. A saved payment method has only `verifyWidgetMethod`.
 */
import { verifyAsync, verifyNow } from './verification/hmac-check.ts'
import {
  paymentLinkReturnOf,
  type SignedPaymentLinkReturn,
} from './verification/payment-link-return.ts'
import { PaymentSignatureError } from './verification/payment-signature-error.ts'
import { redirectOf, type SignedRedirect } from './verification/redirect.ts'
import { isWidgetMethodSigned, type WidgetMethod } from './verification/widget-method.ts'
import {
  type SignedWidgetPayment,
  type WidgetPayment,
  widgetPaymentOf,
} from './verification/widget-payment.ts'

export {
  PAYMENT_LINK_RETURN_FIELDS,
  type PaymentLinkReturnValues,
  REDIRECT_FIELDS,
  type RedirectValues,
} from '../domain/signed-text.ts'
/** The proven values of a payment link's return. */
export type { SignedPaymentLinkReturn } from './verification/payment-link-return.ts'
export {
  PAYMENT_SIGNATURE_ERROR_CODES,
  PaymentSignatureError,
  type PaymentSignatureErrorCode,
} from './verification/payment-signature-error.ts'
/** The proven values of a redirect, and the names of its udf values. */
export type { SignedRedirect, UdfName } from './verification/redirect.ts'
/** The widget's unchecked result after a payment method was saved. */
export type { WidgetMethod } from './verification/widget-method.ts'
/** The widget's unchecked result, and its proven ids. */
export type { SignedWidgetPayment, WidgetPayment } from './verification/widget-payment.ts'

/**
 * The URL at which a customer has returned: the whole URL, its path and query, its query alone, or its parameters.
 */
export type ReturnUrl = string | URL | URLSearchParams

/**
 * Reads the signed values of a redirect to the success or failure URL. Throws `PaymentSignatureError` if Paydesk did
 * not make this redirect, or if a signed value was changed. The error's `code` is one of a closed list, its `parameter`
 * names the wrong parameter if there is one, and its message has the likely cause and the fix. A redirect
 * contains no time, so it never expires.
 *
 *     const redirect = requireSignedRedirect(request.url, signingKey)
 *     const session = await paydesk.paymentSessions.retrieve(redirect.payments_session_id)
 *
 * Use only these values, and never read the URL's parameters: frameworks read a repeated or differently spelled
 * parameter in different ways. URLs with such parameters are refused too. A customer can open the same redirect
 * again, so retrieve the session before you ship. `signingKey`: the account's.
 */
export function requireSignedRedirect(url: ReturnUrl, signingKey: string): SignedRedirect {
  return orThrow(verifyNow(redirectOf(url, signingKey)))
}

/** Does the same as `requireSignedRedirect`, with `crypto.subtle`. The promise rejects with the same errors. */
export async function requireSignedRedirectAsync(
  url: ReturnUrl,
  signingKey: string,
): Promise<SignedRedirect> {
  return orThrow(await verifyAsync(redirectOf(url, signingKey)))
}

/**
 * Does the same as `requireSignedRedirect`, but returns undefined instead of the error.
 *
 *     const redirect = readSignedRedirect(request.url, signingKey)
 *     if (redirect === undefined) return refuse()
 */
export function readSignedRedirect(url: ReturnUrl, signingKey: string): SignedRedirect | undefined {
  return orUndefined(verifyNow(redirectOf(url, signingKey)))
}

/** Does the same as `readSignedRedirect`, with `crypto.subtle`. */
export async function readSignedRedirectAsync(
  url: ReturnUrl,
  signingKey: string,
): Promise<SignedRedirect | undefined> {
  return orUndefined(await verifyAsync(redirectOf(url, signingKey)))
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
 * Reads the signed values of a customer's return from a payment link to the link's `return_url`. Throws
 * `PaymentSignatureError` as `requireSignedRedirect` does. Only a customer who has paid is sent there.
 *
 *     const { payment_link_id } = requireSignedPaymentLinkReturn(request.url, signingKey)
 *     const link = await paydesk.paymentLinks.retrieve(payment_link_id)
 *
 * Use only these values, and never read the URL's parameters. A customer can open the same URL again, so retrieve the
 * link before you ship. `signingKey`: the account's.
 */
export function requireSignedPaymentLinkReturn(
  url: ReturnUrl,
  signingKey: string,
): SignedPaymentLinkReturn {
  return orThrow(verifyNow(paymentLinkReturnOf(url, signingKey)))
}

/**
 * Does the same as `requireSignedPaymentLinkReturn`, with `crypto.subtle`. The promise rejects with the same errors.
 */
export async function requireSignedPaymentLinkReturnAsync(
  url: ReturnUrl,
  signingKey: string,
): Promise<SignedPaymentLinkReturn> {
  return orThrow(await verifyAsync(paymentLinkReturnOf(url, signingKey)))
}

/** Does the same as `requireSignedPaymentLinkReturn`, but returns undefined instead of the error. */
export function readSignedPaymentLinkReturn(
  url: ReturnUrl,
  signingKey: string,
): SignedPaymentLinkReturn | undefined {
  return orUndefined(verifyNow(paymentLinkReturnOf(url, signingKey)))
}

/** Does the same as `readSignedPaymentLinkReturn`, with `crypto.subtle`. */
export async function readSignedPaymentLinkReturnAsync(
  url: ReturnUrl,
  signingKey: string,
): Promise<SignedPaymentLinkReturn | undefined> {
  return orUndefined(await verifyAsync(paymentLinkReturnOf(url, signingKey)))
}

/** Returns true if `readSignedPaymentLinkReturn` returns values. */
export function verifyPaymentLinkReturn(url: ReturnUrl, signingKey: string): boolean {
  return readSignedPaymentLinkReturn(url, signingKey) !== undefined
}

/** Does the same as `verifyPaymentLinkReturn`, with `crypto.subtle`. */
export async function verifyPaymentLinkReturnAsync(
  url: ReturnUrl,
  signingKey: string,
): Promise<boolean> {
  return (await readSignedPaymentLinkReturnAsync(url, signingKey)) !== undefined
}

/**
 * Reads the signed ids of the widget's result. Throws `PaymentSignatureError` if Paydesk did not sign these ids, or if
 * the two session ids of the result differ.
 *
 * `payment`: the unchecked data of the page; a hostile page can forge it. Retrieve the session before you ship,
 * because the signature covers only the two ids, not the status or the amount.
 */
export function requireSignedWidgetPayment(
  payment: WidgetPayment,
  signingKey: string,
): SignedWidgetPayment {
  return orThrow(verifyNow(widgetPaymentOf(payment, signingKey)))
}

/** Does the same as `requireSignedWidgetPayment`, with `crypto.subtle`. The promise rejects with the same errors. */
export async function requireSignedWidgetPaymentAsync(
  payment: WidgetPayment,
  signingKey: string,
): Promise<SignedWidgetPayment> {
  return orThrow(await verifyAsync(widgetPaymentOf(payment, signingKey)))
}

/** Does the same as `requireSignedWidgetPayment`, but returns undefined instead of the error. */
export function readSignedWidgetPayment(
  payment: WidgetPayment,
  signingKey: string,
): SignedWidgetPayment | undefined {
  return orUndefined(verifyNow(widgetPaymentOf(payment, signingKey)))
}

/** Does the same as `readSignedWidgetPayment`, with `crypto.subtle`. */
export async function readSignedWidgetPaymentAsync(
  payment: WidgetPayment,
  signingKey: string,
): Promise<SignedWidgetPayment | undefined> {
  return orUndefined(await verifyAsync(widgetPaymentOf(payment, signingKey)))
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

function orThrow<Result>(result: Result | PaymentSignatureError): Result {
  if (result instanceof PaymentSignatureError) throw result
  return result
}

function orUndefined<Result>(result: Result | PaymentSignatureError): Result | undefined {
  return result instanceof PaymentSignatureError ? undefined : result
}

/**
 * Returns true if Paydesk signed the ids of a saved payment method. `method`: the unchecked data of the page. Retrieve
 * the method before you charge it, because the signature covers only the two ids.
 */
export function verifyWidgetMethod(method: WidgetMethod, signingKey: string): boolean {
  return verifyNow(isWidgetMethodSigned(method, signingKey))
}

/** Does the same as `verifyWidgetMethod`, with `crypto.subtle`. */
export function verifyWidgetMethodAsync(
  method: WidgetMethod,
  signingKey: string,
): Promise<boolean> {
  return verifyAsync(isWidgetMethodSigned(method, signingKey))
}
