/**
 * The values that a redirect's signature covers, in their order.
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

/** Returns the text that a redirect's signature covers: the eleven values joined by dots, absent ones empty. */
export function redirectText(values: RedirectValues): string {
  return REDIRECT_FIELDS.map((name) => values[name] ?? '').join('.')
}

/** The two ids that a widget's signature covers. */
export type WidgetIds = { readonly payment_id: string; readonly payment_session_id: string }

/** Returns the text that a widget's signature covers: `payment_id|payment_session_id`. */
export function widgetText(ids: WidgetIds): string {
  return `${ids.payment_id}|${ids.payment_session_id}`
}

/** The two ids that the widget's signature covers after a payment method was saved. */
export type WidgetMethodIds = {
  readonly payment_method_id: string
  readonly payment_method_session_id: string
}

/** Returns the text that the signature covers: `payment_method_id|payment_method_session_id`. */
export function widgetMethodText(ids: WidgetMethodIds): string {
  return `${ids.payment_method_id}|${ids.payment_method_session_id}`
}

/**
 * The values that the signature of a payment link's return covers, in their order.
 *
 * Source: Zoho Payments developer documentation, payment links, verify signature (seen 2026-11-22).
 */
export const PAYMENT_LINK_RETURN_FIELDS = [
  'payment_link_id',
  'payment_id',
  'amount',
  'status',
  'payment_link_reference',
] as const
/** The parameters of a payment link's return without its signature; the reference is left out if the link has none. */
export type PaymentLinkReturnValues = Readonly<
  Partial<Record<(typeof PAYMENT_LINK_RETURN_FIELDS)[number], string>>
>

/**
 * Returns the text that the signature of a payment link's return covers: the five values joined by dots. Without a
 * reference the text ends in a dot.
 */
export function paymentLinkReturnText(values: PaymentLinkReturnValues): string {
  return PAYMENT_LINK_RETURN_FIELDS.map((name) => values[name] ?? '').join('.')
}
