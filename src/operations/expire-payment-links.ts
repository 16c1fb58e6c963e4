import type { PaymentLinkId } from '../domain/id.ts'
import type { PaymentLink, RefusedLinkMove } from '../domain/payment-link.ts'
import { type LinkDeps, moveLink } from './move-payment-link.ts'
import type { Store } from './store.ts'

/** The maximum number of expired links for one transaction. Many links end at the same midnight. */
const EXPIRED_COUNT_MAX = 32

/**
 * Records the expiry of links, each with its event, in one transaction. The links are already expired by the clock:
 * this stores the status and writes the event. Returns their number; undefined: none is due.
 */
export async function expirePaymentLinks(
  deps: LinkDeps & { readonly store: Pick<Store, 'transaction' | 'paymentLinks'> },
): Promise<number | undefined> {
  const nowMs = deps.clock.nowMs()
  if (!(await deps.store.paymentLinks.hasDue(nowMs))) return undefined
  const count = await deps.store.transaction(async (tx) => {
    const links = await tx.paymentLinks.lockDue(nowMs, EXPIRED_COUNT_MAX)
    for (const link of links) {
      const result = await moveLink(tx, deps, link, { type: 'expire' })
      if ('refused' in result) throw new Error(`payment link ${link.id} does not expire`)
    }
    return links.length
  })
  // 0: another server has locked the due links, and records their expiry.
  return count === 0 ? undefined : count
}

/**
 * Expires a link now, with its event. A link with a payment at the processor waits until the processor has decided.
 * Undefined: there is no such link.
 */
export function expirePaymentLinkNow(
  deps: LinkDeps & { readonly store: Pick<Store, 'transaction'> },
  id: PaymentLinkId,
): Promise<PaymentLink | RefusedLinkMove | undefined> {
  return deps.store.transaction(async (tx) => {
    const link = await tx.paymentLinks.lock(id)
    if (link === undefined) return undefined
    const result = await moveLink(tx, deps, link, { type: 'expire_now' })
    if ('refused' in result || result.currentSessionId !== undefined) return result
    return moveLink(tx, deps, result, { type: 'expire' })
  })
}
