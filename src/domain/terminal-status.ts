import { type PaymentSession, statusAt } from './payment-session.ts'
import type { TerminalSessionStatus } from './terminal.ts'

/**
 * Returns the status of an in-person session: it is in progress from the start, and fails when its
 * attempts or its time are used up, or the merchant cancels it. A payment at the processor can
 * still succeed.
 */
export function terminalStatusAt(
  session: Pick<PaymentSession, 'status' | 'expiresAtMs'>,
  nowMs: number,
): TerminalSessionStatus {
  const status = statusAt(session, nowMs)
  if (status === 'succeeded') return 'succeeded'
  return status === 'created' || status === 'in_progress' ? 'in_progress' : 'failed'
}
