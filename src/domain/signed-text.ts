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
