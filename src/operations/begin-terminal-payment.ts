import type { PaymentSessionId } from '../domain/id.ts'
import { TERMINAL_SESSION_SECONDS } from '../domain/terminal.ts'
import type { MovedRecord, RefusedPaymentMove } from './apply-move.ts'
import type { PaymentSessionRequest } from './draw-payment-session.ts'
import { type PayDeps, payPaymentSession } from './pay-payment-session.ts'
import { cancelAttempt } from './reconcile-attempts.ts'
import type { PaymentSessionRecord, Store } from './store.ts'

/**
 * Returns the request for a session at a real terminal. The terminal counts the customer's
 * tries within one charge. Throws for a session without a terminal.
 */
export function requestForTerminal(request: PaymentSessionRequest): PaymentSessionRequest {
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
 * the customer; the reconciler queries its outcome. A session can be shown once: a second call is refused. Undefined:
 * there is no such session.
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

/**
 * Takes the amount of an in-person session off its real terminal, because the merchant cancels the session. The
 * processor decides: the customer may have just paid. Returns true if this call has ended the session unpaid.
 */
export async function takeOffTerminal(
  deps: PayDeps & { readonly store: Pick<Store, 'paymentAttempts'> },
  { currentAttemptId, typeFacts }: PaymentSessionRecord,
): Promise<boolean> {
  if (typeFacts?.type !== 'pos_payment' || typeFacts.tryCountMax === undefined) return false
  const cancellation = currentAttemptId && (await cancelAttempt(deps, currentAttemptId))
  return (
    cancellation !== undefined &&
    !('refused' in cancellation) &&
    cancellation.session.status === 'failed'
  )
}

/** The age at which a session counts as overdue if its server has not shown it, in milliseconds. */
const UNSHOWN_MS = 3_000
const UNSHOWN_COUNT_MAX = 16

/**
 * Shows a session whose server ended between storing and showing it. Returns the session's id; undefined: there is
 * none. Several servers may find the same session: only one of them begins its payment.
 */
export async function showForgottenSession(
  deps: PayDeps & { readonly store: Pick<Store, 'paymentSessions'> },
): Promise<PaymentSessionId | undefined> {
  const nowMs = deps.clock.nowMs()
  const period = { fromMs: nowMs - TERMINAL_SESSION_SECONDS * 1000, toMs: nowMs - UNSHOWN_MS }
  const sessions = await deps.store.paymentSessions.listUnshown(period, UNSHOWN_COUNT_MAX)
  for (const session of sessions) {
    const start = await beginTerminalPayment(deps, session)
    if (start !== undefined && !('refused' in start)) return session.id
  }
  return undefined
}
