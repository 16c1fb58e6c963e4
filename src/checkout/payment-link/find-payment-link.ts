import type { Account } from '../../domain/account.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import type { PaymentLink } from '../../domain/payment-link.ts'
import { opensPaymentLink, readPaymentLinkKey } from '../../domain/payment-link-key.ts'
import type { Refund } from '../../domain/refund.ts'
import type { Tenant } from '../../operations/tenant.ts'
import { refundsOf } from '../open-checkout.ts'

/** A payment link with the facts of its page. */
export type FoundLink = {
  readonly link: PaymentLink
  readonly account: Account
  /** Newest first. */
  readonly attempts: readonly PaymentAttempt[]
  /** The refunds of late money. */
  readonly refunds: readonly Refund[]
  readonly path: string
}

/**
 * Finds the payment link of a key. A key with a wrong signature is refused without a database read. Undefined: the key
 * is invalid, or it is not the link's.
 */
export async function findPaymentLink(
  { store }: Pick<Tenant, 'store'>,
  key: string,
  path: string,
): Promise<FoundLink | undefined> {
  const id = readPaymentLinkKey(key, store.publicIds.linkKey)
  const link = id && (await store.paymentLinks.find(id))
  if (link === undefined || !opensPaymentLink(key, link)) return undefined
  const account = await store.accounts.find(link.accountId)
  if (account === undefined) return undefined
  const attempts = await store.paymentAttempts.listByLink(link.id)
  return { link, account, attempts, refunds: await refundsOf(store, attempts), path }
}
