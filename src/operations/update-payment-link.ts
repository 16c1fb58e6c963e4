import type { Account } from '../domain/account.ts'
import type { PaymentLink, PaymentLinkChange, RefusedLinkMove } from '../domain/payment-link.ts'
import { type LinkDeps, moveLink } from './move-payment-link.ts'
import { notifyOfPaymentLink } from './notify-of-payment-link.ts'
import type { QueueDeps } from './queue-message.ts'
import type { Transaction } from './store.ts'

/**
 * Changes a payment link that the transaction has locked. An update with `notifyCustomer` sends the link again. Forms
 * that are already open keep their texts and methods.
 */
export async function updatePaymentLink(
  tx: Transaction,
  deps: LinkDeps & QueueDeps,
  { account, link }: { readonly account: Account; readonly link: PaymentLink },
  change: PaymentLinkChange,
): Promise<PaymentLink | RefusedLinkMove> {
  const result = await moveLink(tx, deps, link, { type: 'update', change })
  if ('refused' in result || change.notifyCustomer === undefined) return result
  const occasion = deps.clock.nowMs()
  await notifyOfPaymentLink(tx, deps, { account, link: result, occasion })
  return result
}
