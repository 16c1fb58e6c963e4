import type { PaymentMethodType } from './payment-method.ts'
import { type PaymentSession, statusAt } from './payment-session.ts'

/**
 * The time to pay at a terminal, in seconds. It is fixed.
 *
 * Source: Zoho Payments developer documentation IN, in-person payments (seen 2026-11-22).
 */
export const TERMINAL_SESSION_SECONDS = 180

/** The methods that a terminal offers. */
export const TERMINAL_METHODS = ['card', 'upi'] as const satisfies readonly PaymentMethodType[]
/** A method that a terminal offers. */
export type TerminalMethod = (typeof TERMINAL_METHODS)[number]

/** The statuses of an in-person session, the wire's `session_status`. */
export const TERMINAL_SESSION_STATUSES = ['in_progress', 'succeeded', 'failed'] as const
/** A status of an in-person session. */
export type TerminalSessionStatus = (typeof TERMINAL_SESSION_STATUSES)[number]

/**
 * Returns the status of an in-person session: it is in progress from the first moment, and fails when its attempts or
 * its time are used up, or the merchant cancels it. A payment with the processor is waited for.
 */
export function terminalStatusAt(
  session: Pick<PaymentSession, 'status' | 'expiresAtMs'>,
  nowMs: number,
): TerminalSessionStatus {
  const status = statusAt(session, nowMs)
  if (status === 'succeeded') return 'succeeded'
  return status === 'created' || status === 'in_progress' ? 'in_progress' : 'failed'
}

/** Returns the methods that a terminal offers for a session. */
export function terminalMethodsOf(
  accountMethods: readonly PaymentMethodType[],
  onlyMethod: TerminalMethod | undefined,
): readonly TerminalMethod[] {
  return TERMINAL_METHODS.filter(
    (method) =>
      accountMethods.includes(method) && (onlyMethod === undefined || onlyMethod === method),
  )
}
