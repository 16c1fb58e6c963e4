import { widgetMethodText } from '../../domain/signed-text.ts'
import type { Verification } from './hmac-check.ts'
import { textSignatureProblem } from './text-signature.ts'

/** The value of the widget's promise after a payment method was saved, as the shop's server received it from the page. */
export type WidgetMethod = {
  readonly payment_method_id: string
  readonly payment_method_session_id: string
  readonly signature?: string | undefined
}

const ID = /^\d{1,20}$/

/** Returns true if Paydesk signed the ids. A hostile page may send values of other types. */
export function* isWidgetMethodSigned(
  method: WidgetMethod,
  signingKey: string,
): Verification<boolean> {
  const fields: Partial<WidgetMethod> = typeof method === 'object' ? (method ?? {}) : {}
  const { payment_method_id: id, payment_method_session_id: sessionId, signature } = fields
  const ids = { payment_method_id: `${id}`, payment_method_session_id: `${sessionId}` }
  const problem = yield* textSignatureProblem(widgetMethodText(ids), signature, signingKey)
  const areTexts = typeof id === 'string' && typeof sessionId === 'string'
  return problem === undefined && areTexts && ID.test(id) && ID.test(sessionId)
}
