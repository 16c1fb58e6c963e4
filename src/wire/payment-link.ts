import type { Account } from '../domain/account.ts'
import { accountDayAt } from '../domain/account-day.ts'
import { formatMoney } from '../domain/money.ts'
import { type PaymentAttempt, paymentStatusOf } from '../domain/payment-attempt.ts'
import { type PaymentLink, paymentLinkStatusAt } from '../domain/payment-link.ts'
import type { Edition } from '../domain/payment-method.ts'
import { dateOf, METHOD_NAMES } from './payment.ts'

/** The source of a payment link on the wire. */
export type ShownPaymentLink = {
  readonly link: PaymentLink
  readonly account: Pick<Account, 'id' | 'name' | 'edition'>
  /** The payments of the link, newest first. Undefined: they are not shown. */
  readonly payments?: readonly PaymentAttempt[]
}

/**
 * Makes the payment link object of answers and webhooks. An account has no users, so the account
 * itself is the author.
 *
 * Source: the official SDKs for Go, Python and .NET (seen 2026-11-28).
 */
export function paymentLinkFields({ account, link, payments }: ShownPaymentLink, nowMs: number) {
  const status = paymentLinkStatusAt(link, nowMs)
  const { amount } = link
  const nothing = formatMoney({ amountMinor: 0n, currency: amount.currency })
  return {
    payment_link_id: link.id,
    url: link.url,
    expires_at: lastDayOf(link, account.edition),
    amount: formatMoney(amount),
    amount_paid: status === 'paid' ? formatMoney(amount) : nothing,
    currency: amount.currency,
    status,
    email: link.email,
    reference_id: link.referenceId,
    description: link.description,
    return_url: link.returnUrl,
    phone: link.phone,
    phone_country_code: link.phoneCountryCode,
    created_time: Math.floor(link.createdAtMs / 1000),
    created_by_id: account.id,
    created_by: account.name,
    last_modified_by_id: account.id,
    last_modified: account.name,
    notify_customer: link.notifyCustomer,
    configurations: link.configurationsJson && JSON.parse(link.configurationsJson),
    payments: payments && paymentsOf(link, payments),
  }
}

/** Returns the last day on which a link can be paid: `2025-12-22`. */
export function lastDayOf({ expiresAtMs }: PaymentLink, edition: Edition): string {
  const { day, month, year } = accountDayAt(edition, expiresAtMs - 1)
  return [year, month + 1, day].map((part) => String(part).padStart(2, '0')).join('-')
}

/** Returns the payments of a link: the success first, then the newest first. */
function paymentsOf({ amount, paidAttemptId }: PaymentLink, payments: readonly PaymentAttempt[]) {
  const isPaid = ({ id }: PaymentAttempt) => id === paidAttemptId
  const paidFirst = [...payments.filter(isPaid), ...payments.filter((one) => !isPaid(one))]
  return paidFirst.map((attempt) => ({
    payment_id: attempt.id,
    amount: formatMoney(amount),
    type: METHOD_NAMES[attempt.instrument.type],
    status: paymentStatusOf(attempt),
    date: dateOf(attempt),
  }))
}
