import type { PaymentMethodType } from './payment-method.ts'

/**
 * The time until a session at a terminal expires, in seconds. No request changes it.
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
