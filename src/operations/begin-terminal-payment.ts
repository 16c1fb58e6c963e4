import type { MovedRecord, RefusedPaymentMove } from './apply-move.ts'
import type { PaymentSessionRequest } from './draw-payment-session.ts'
import { type PayDeps, payPaymentSession } from './pay-payment-session.ts'
import type { PaymentSessionRecord } from './store.ts'

/**
 * Returns the charge request for a session at a real terminal. The terminal counts the customer's
 * tries within one charge. Throws for a session without a terminal.
 */
export function atRealTerminal(request: PaymentSessionRequest): PaymentSessionRequest {
  const { attemptCountMax, typeFacts } = request
  if (typeFacts?.type !== 'pos_payment') throw new Error('the session has no terminal')
  return {
    ...request,
    attemptCountMax: 1,
    typeFacts: { ...typeFacts, tryCountMax: attemptCountMax },
  }
}

/**
 * Asks the processor to show the amount of a new session on its terminal. The charge is one attempt for all tries of
 * the customer; the reconciler queries its outcome. If the server dies before this call, the
 * terminal never shows the session, and the session expires. Undefined: there is no such session.
 */
export function beginTerminalPayment(
  deps: PayDeps,
  { attemptCountMax, echoedJson, expiresAtMs, id, typeFacts }: PaymentSessionRecord,
): Promise<MovedRecord | RefusedPaymentMove | undefined> {
  if (typeFacts?.type !== 'pos_payment') throw new Error(`session ${id} has no terminal`)
  const { method, terminalId, tryCountMax = attemptCountMax } = typeFacts
  const { description = 'In-person payment' } = JSON.parse(echoedJson) as { description?: string }
  const instrument = {
    type: 'terminal',
    terminalId,
    ...(method !== undefined && { method }),
    tryCountMax,
    endsAtMs: expiresAtMs,
  } as const
  // At a terminal there is no page to return from.
  return payPaymentSession(deps, id, { instrument, customer: {}, description, returnUrl: '' })
}
