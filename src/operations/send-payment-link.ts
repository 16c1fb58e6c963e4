import type { Account } from '../domain/account.ts'
import {
  type NotifyCustomer,
  type PaymentLink,
  paymentLinkRefusal,
  type RefusedLinkMove,
} from '../domain/payment-link.ts'
import { notifyOfPaymentLink } from './notify-of-payment-link.ts'
import type { QueueDeps } from './queue-message.ts'
import type { Transaction } from './store.ts'

/**
 * Sends a payment link to its customer again, by the requested channels. The transaction must have locked the link, which
 * does not change. Refused if the link can no longer be paid.
 */
export async function sendPaymentLink(
  tx: Pick<Transaction, 'messages'>,
  deps: QueueDeps,
  { account, link }: { readonly account: Account; readonly link: PaymentLink },
  notifyCustomer: NotifyCustomer,
): Promise<PaymentLink | RefusedLinkMove> {
  const occasion = deps.clock.nowMs()
  const refusal = paymentLinkRefusal(link, 'update', occasion)
  if (refusal !== undefined) return { refused: refusal }
  await notifyOfPaymentLink(tx, deps, { account, link: { ...link, notifyCustomer }, occasion })
  return link
}
