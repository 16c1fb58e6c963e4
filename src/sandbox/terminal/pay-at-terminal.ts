import { ApiError } from '../../api/errors.ts'
import type { PaymentSessionId } from '../../domain/id.ts'
import type { DeclineCode } from '../../domain/payment-attempt.ts'
import type { TerminalMethod } from '../../domain/terminal.ts'
import type { RefusedPaymentMove } from '../../operations/apply-move.ts'
import type { SessionPayment } from '../../wire/payment.ts'
import { playAttempt } from '../control/play-session.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'

type TerminalAct = {
  readonly method: TerminalMethod
  /** `abandoned`: the customer leaves without paying. */
  readonly outcome: 'succeeded' | 'failed' | 'abandoned'
  /** Only for a failure. Undefined: the general one of the method. */
  readonly declineCode?: DeclineCode
}

/** The longest wait of a customer for the sandbox's processor. */
const PATIENCE_MS = 60_000

/**
 * Pays an in-person session as a customer at its terminal. Returns the payment, or the reason why there is none.
 * Throws ApiError if the sandbox uses another processor.
 */
export async function payAtTerminal(
  { attemptLifeMs, tenant }: { readonly attemptLifeMs: number; readonly tenant: SandboxTenant },
  id: PaymentSessionId,
  { declineCode, method, outcome }: TerminalAct,
): Promise<SessionPayment | RefusedPaymentMove> {
  const { sandboxProcessor } = tenant
  if (sandboxProcessor === undefined) {
    throw new ApiError(
      'invalid_parameter',
      undefined,
      'A terminal can be played only with the sandbox’s own processor.',
    )
  }
  const isAbandoned = outcome === 'abandoned'
  const code = isAbandoned ? 'canceled_by_customer' : declineCode
  const patience = { attemptLifeMs, patienceMs: PATIENCE_MS, onLost: () => {} }
  const result = await playAttempt({ ...tenant, ...patience, sandboxProcessor }, id, {
    method,
    outcome: isAbandoned ? 'failed' : outcome,
    isAtTerminal: true,
    ...(code !== undefined && { declineCode: code }),
  })
  if (result === undefined) throw new Error(`session ${id} vanished`)
  if (typeof result !== 'string') return result
  const attempt = await tenant.store.paymentAttempts.find(result)
  const session = await tenant.store.paymentSessions.find(id)
  if (attempt === undefined || session === undefined) throw new Error(`payment ${result} vanished`)
  return { attempt, session }
}
