import { widgetText } from '../../domain/signed-text.ts'
import type { Verification } from './hmac-check.ts'
import { isTextSigned } from './text-signature.ts'

/** The value of the widget's promise, as the shop's server received it from the page. */
export type WidgetPayment = {
  readonly payment_id: string
  readonly payment_session_id: string
  /** The same id under its other name. */
  readonly payments_session_id?: string | undefined
  readonly signature?: string | undefined
}

/** The ids that the signature of a widget payment proves. */
export type SignedWidgetPayment = {
  readonly payment_id: string
  readonly payments_session_id: string
}

/** Returns true if a value is an id. A hostile page may send lists and objects. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,20}$/.test(value)
}

/** Reads a widget's payment. Undefined: Paydesk did not sign it, or its two session ids differ. */
export function* widgetPaymentOf(
  payment: WidgetPayment,
  signingKey: string,
): Verification<SignedWidgetPayment | undefined> {
  const fields: Partial<WidgetPayment> = typeof payment === 'object' ? (payment ?? {}) : {}
  const { payment_id, payment_session_id, payments_session_id, signature } = fields
  const isGenuine = yield* isTextSigned(
    widgetText({ payment_id: `${payment_id}`, payment_session_id: `${payment_session_id}` }),
    signature,
    signingKey,
  )
  const isOneSession = (payments_session_id ?? payment_session_id) === payment_session_id
  if (!isGenuine || !isOneSession || !isId(payment_id) || !isId(payment_session_id)) {
    return undefined
  }
  return { payment_id, payments_session_id: payment_session_id }
}
