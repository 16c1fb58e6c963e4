import type { PaymentSession } from '../../domain/payment-session.ts'
import type { TerminalSession } from './open-sessions.ts'

/** Returns a text that changes when the terminal shows something else. The page's script compares it. */
export function stateKeyOf(open: readonly TerminalSession[]): string {
  return open.map(({ session }) => `${session.id}:${session.attemptCount}`).join(' ')
}

/** Returns the whole seconds in which a session can still be paid. */
export function remainingSecondsOf(
  { expiresAtMs }: Pick<PaymentSession, 'expiresAtMs'>,
  nowMs: number,
) {
  return Math.max(0, Math.ceil((expiresAtMs - nowMs) / 1000))
}
