import { widgetText } from '../../domain/signed-text.ts'
import type { Verification } from './hmac-check.ts'
import {
  malformedParameter,
  type PaymentSignatureError,
  parameterMissing,
  sessionMismatch,
} from './payment-signature-error.ts'
import { textSignatureProblem } from './text-signature.ts'

/** The value of the widget's promise, as the shop's server received it from the page. */
export type WidgetPayment = {
  readonly payment_id: string
  readonly payment_session_id: string
  /** The id of the session under its other name. */
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

/** Reads a widget's payment. Returns an error as a value if Paydesk did not sign it, or if its two session ids differ. */
export function* widgetPaymentOf(
  payment: WidgetPayment,
  signingKey: string,
): Verification<SignedWidgetPayment | PaymentSignatureError> {
  const fields: Partial<WidgetPayment> = typeof payment === 'object' ? (payment ?? {}) : {}
  const { payment_id, payment_session_id, payments_session_id, signature } = fields
  // The key is checked first, so that a missing key is an error for every result.
  const problem = yield* textSignatureProblem(
    widgetText({ payment_id: `${payment_id}`, payment_session_id: `${payment_session_id}` }),
    signature,
    signingKey,
  )
  if (payment_id === undefined) return parameterMissing('payment_id')
  if (!isId(payment_id)) return malformedParameter('payment_id', ID_SHAPE)
  if (payment_session_id === undefined) return parameterMissing('payment_session_id')
  if (!isId(payment_session_id)) return malformedParameter('payment_session_id', ID_SHAPE)
  if (problem !== undefined) return problem
  const isOneSession = (payments_session_id ?? payment_session_id) === payment_session_id
  return isOneSession ? { payment_id, payments_session_id: payment_session_id } : sessionMismatch()
}

/** The format of an id, in words. */
const ID_SHAPE = 'an id of 1 to 20 digits, as text'
