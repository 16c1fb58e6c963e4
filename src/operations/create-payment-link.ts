import type { Account } from '../domain/account.ts'
import { BUCKET_COUNT } from '../domain/id.ts'
import type { PaymentLink } from '../domain/payment-link.ts'
import { drawPaymentLinkKey } from '../domain/payment-link-key.ts'
import type { Random } from '../domain/random.ts'
import type { LinkDeps } from './move-payment-link.ts'
import { notifyOfPaymentLink } from './notify-of-payment-link.ts'
import type { QueueDeps } from './queue-message.ts'
import type { Store, Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'

/** A merchant's request for a payment link, checked. */
export type PaymentLinkRequest = Omit<
  PaymentLink,
  'id' | 'status' | 'url' | 'createdAtMs' | 'newestSessionId' | 'currentSessionId' | 'paidAttemptId'
>

type CreateDeps = LinkDeps &
  QueueDeps & {
    readonly random: Random
    readonly store: Pick<Store, 'publicIds'>
  }

/**
 * Stores a new payment link, and queues the messages to the customer. `publicUrl`: the beginning of its page's address.
 */
export async function createPaymentLink(
  tx: Transaction,
  deps: CreateDeps,
  { account, publicUrl }: { readonly account: Account; readonly publicUrl: string },
  request: PaymentLinkRequest,
): Promise<PaymentLink> {
  const { linkKey } = deps.store.publicIds
  const draw = (): PaymentLink => {
    const drawId = () => deps.ids.paymentLink(deps.random.below(BUCKET_COUNT))
    const { id, key } = drawPaymentLinkKey(drawId, deps.random, linkKey)
    const createdAtMs = deps.clock.nowMs()
    return { ...request, id, status: 'active', url: `${publicUrl}/paymentlink/${key}`, createdAtMs }
  }
  const link = await storeWithFreeId(draw, tx.paymentLinks.insert)
  await notifyOfPaymentLink(tx, deps, { account, link, occasion: 0 })
  return link
}
