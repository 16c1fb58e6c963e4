/** The objects that the searches of a sandbox and of the console find. */
import type { CustomerRecord } from '../domain/customer.ts'
import { type PaymentAttempt, paymentStatusOf } from '../domain/payment-attempt.ts'
import { type PaymentLink, paymentLinkStatusAt } from '../domain/payment-link.ts'
import { statusAt } from '../domain/payment-session.ts'
import type { Refund } from '../domain/refund.ts'
import { showAmount } from '../wire/show-amount.ts'
import { findSessionPayments } from './session-payments.ts'
import type { PaymentSessionRecord, Store } from './store.ts'

/** The kinds of found objects. */
export const FOUND_KINDS = [
  'session',
  'payment_link',
  'payment',
  'refund',
  'customer',
  'virtual_account',
  'mandate',
  'payout',
  'message',
  'event',
  'endpoint',
  'request',
] as const

/** One found object. */
export type SearchResult = {
  readonly kind: (typeof FOUND_KINDS)[number]
  readonly id: string
  /**
   * An amount, a type of event, the name of a customer or an endpoint, the number of a virtual account, the recipient
   * of a message, or a request with its result, such as `GET /api/v1/payments 200`.
   */
  readonly title: string
  readonly detail?: string | undefined
  readonly status?: string
  readonly time_ms: number
  /** Undefined for a request. */
  readonly account_id?: string
  /** The payment of a refund. */
  readonly payment_id?: string
}

/** Finds an object by an id. Undefined: `id` is undefined, or there is no such object. */
export function findOne<Id extends string, Item>(
  id: Id | undefined,
  find: (id: Id) => Promise<Item | undefined>,
): Promise<Item | undefined> {
  return id === undefined ? Promise.resolve(undefined) : find(id)
}

/** Renders a refund. Its page is that of its payment. */
export function refundResult(refund: Refund): SearchResult {
  const { accountId, amount, createdAtMs, id, paymentAttemptId, status } = refund
  return {
    kind: 'refund',
    id,
    title: showAmount(amount),
    status,
    time_ms: createdAtMs,
    account_id: accountId,
    payment_id: paymentAttemptId,
  }
}

/** Renders a customer. */
export function customerResult({
  accountId,
  createdAtMs,
  email,
  id,
  name,
}: CustomerRecord): SearchResult {
  return {
    kind: 'customer',
    id,
    title: name,
    detail: email,
    time_ms: createdAtMs,
    account_id: accountId,
  }
}

/** Renders a payment link. */
export function linkResult(link: PaymentLink, nowMs: number): SearchResult {
  const { accountId, amount, createdAtMs, description, id } = link
  return {
    kind: 'payment_link',
    id,
    title: showAmount(amount),
    detail: description,
    status: paymentLinkStatusAt(link, nowMs),
    time_ms: createdAtMs,
    account_id: accountId,
  }
}

/** Renders a session. */
export function sessionResult(session: PaymentSessionRecord, nowMs: number): SearchResult {
  const { accountId, amount, createdAtMs, echoedJson, id } = session
  const { invoiceNumber, referenceNumber } = session
  const { description } = JSON.parse(echoedJson) as { readonly description?: string }
  return {
    kind: 'session',
    id,
    title: showAmount(amount),
    detail: description ?? referenceNumber ?? invoiceNumber,
    status: statusAt(session, nowMs),
    time_ms: createdAtMs,
    account_id: accountId,
  }
}

/** Renders payments. Reads their sessions, which have the amounts. */
export async function findPayments(
  store: Pick<Store, 'paymentSessions'>,
  attempts: readonly PaymentAttempt[],
): Promise<readonly SearchResult[]> {
  const payments = await findSessionPayments(store, attempts)
  return payments.map(({ attempt, session: { accountId, amount } }) => ({
    kind: 'payment',
    id: attempt.id,
    title: showAmount(amount),
    detail: attempt.customer?.email ?? attempt.customer?.phone,
    status: paymentStatusOf(attempt),
    time_ms: attempt.createdAtMs,
    account_id: accountId,
  }))
}
