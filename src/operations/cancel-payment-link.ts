import type { PaymentLink, RefusedLinkMove } from '../domain/payment-link.ts'
import { cancelOpenSessions } from './apply-move.ts'
import { type LinkDeps, moveLink } from './move-payment-link.ts'
import type { Transaction } from './store.ts'

/**
 * Cancels a payment link that the transaction has locked, and its open sessions, so that it can no
 * longer be paid. A link with a payment at the processor is refused.
 */
export async function cancelPaymentLink(
  tx: Transaction,
  deps: LinkDeps,
  link: PaymentLink,
): Promise<PaymentLink | RefusedLinkMove> {
  const result = await moveLink(tx, deps, link, { type: 'cancel' })
  if (!('refused' in result)) await cancelOpenSessions(tx, deps, link.id)
  return result
}
