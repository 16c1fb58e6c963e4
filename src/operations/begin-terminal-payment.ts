import type { PaymentSessionId } from '../domain/id.ts'
import type { TerminalMethod } from '../domain/terminal.ts'
import type { MovedRecord, MoveRefused } from './apply-move.ts'
import { type PayDeps, payPaymentSession } from './pay-payment-session.ts'

/** A new in-person session, for its terminal. */
export type TerminalPayment = {
  readonly id: PaymentSessionId
  readonly terminalId: string
  /** The only method. Undefined: all methods of the terminal. */
  readonly method?: TerminalMethod
  /** The most tries of the customer at the terminal. */
  readonly tryCountMax: number
  readonly endsAtMs: number
  readonly description: string
}

/**
 * Asks the processor to show the amount of a new session on its terminal. The charge is one attempt for all tries of
 * the customer; the reconciler queries its outcome. A session whose server dies before this call was never
 * shown, and ends by its time. Undefined: there is no such session.
 */
export function beginTerminalPayment(
  deps: PayDeps,
  { description, id, ...terminal }: TerminalPayment,
): Promise<MovedRecord | MoveRefused | undefined> {
  return payPaymentSession(deps, id, {
    instrument: { type: 'terminal', ...terminal },
    customer: {},
    description,
    // A terminal sends nobody back.
    returnUrl: '',
  })
}
