import { describe, expect, test } from 'vitest'
import type { Account } from '../../domain/account.ts'
import type {
  AccountId,
  PaymentAttemptId,
  PaymentLinkId,
  PaymentSessionId,
} from '../../domain/id.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import { PAYMENT_LINK_STATUSES, type PaymentLink } from '../../domain/payment-link.ts'
import type { Refund } from '../../domain/refund.ts'
import { type PaymentLinkSource, paymentLinkViewOf } from './view.ts'

/** The first millisecond of 23 December 2025 in India. */
const EXPIRES_AT_MS = Date.UTC(2025, 11, 22, 18, 30)
const NOW_MS = EXPIRES_AT_MS - 86_400_000

const ACCOUNT = { id: '23137556', name: 'Shop Test', edition: 'IN' } as Account

const LINK: PaymentLink = {
  id: '5000000051007' as PaymentLinkId,
  accountId: '23137556' as AccountId,
  amount: { amountMinor: 149_990n, currency: 'INR' },
  status: 'active',
  description: 'Order 8841',
  url: 'https://pay.shop.test/paymentlink/01b3c2d9f0a16c5d2e8f7a9b0c1d2e3f405162738495a6b7c8d9',
  createdAtMs: 0,
  expiresAtMs: EXPIRES_AT_MS,
}
const PAYMENT = {
  id: '5000000051033' as PaymentAttemptId,
  status: 'succeeded',
  createdAtMs: 1_763_800_180_000,
  decidedAtMs: 1_763_800_190_000,
} as PaymentAttempt
const SESSION_ID = '5000000051020' as PaymentSessionId

const viewOf = (
  link: Partial<PaymentLink> = {},
  source: Partial<Omit<PaymentLinkSource, 'link'>> = {},
) =>
  paymentLinkViewOf({
    link: { ...LINK, ...link },
    account: ACCOUNT,
    attempts: [],
    refunds: [],
    path: '/paymentlink/k',
    language: 'en',
    mode: 'sandbox',
    nowMs: NOW_MS,
    ...source,
  })

describe('the state of a payment link’s page', () => {
  const last = { nowMs: EXPIRES_AT_MS - 1 }
  const over = { nowMs: EXPIRES_AT_MS }
  const closedAccount = { account: { ...ACCOUNT, closedAtMs: 1 } }
  test.each([
    ['active', 'on its last day', {}, last],
    ['expired', 'as soon as its last day has ended, before anything is stored', {}, over],
    ['processing', 'while a payment is with the processor', { currentSessionId: SESSION_ID }, {}],
    [
      'processing',
      'while a payment that began in time is with the processor',
      { currentSessionId: SESSION_ID },
      over,
    ],
    ['paid', 'after a success', { status: 'paid', paidAttemptId: PAYMENT.id }, {}],
    [
      'paid',
      'after a success, even after its last day',
      { status: 'paid', paidAttemptId: PAYMENT.id },
      over,
    ],
    ['canceled', 'after a cancellation', { status: 'canceled' }, {}],
    ['canceled', 'after a cancellation, even after its last day', { status: 'canceled' }, over],
    ['expired', 'once the expiry is stored', { status: 'expired' }, over],
    ['canceled', 'if the account is closed', {}, closedAccount],
    [
      'processing',
      'while a payment of a closed account is with the processor',
      { currentSessionId: SESSION_ID },
      closedAccount,
    ],
  ] as const)('is %s %s', (state, _when, link, source) => {
    expect(viewOf(link, source).state).toBe(state)
  })
})

test('the last day is that of the account’s time zone, in the language of the page', () => {
  expect(viewOf().lastDay).toBe('22 Dec 2025')
  expect(viewOf({}, { language: 'hi' }).lastDay).toContain('22')
  const us = { account: { ...ACCOUNT, edition: 'US' as const } }
  // The same moment is still 22 December in UTC.
  expect(viewOf({}, us).lastDay).toBe('Dec 22, 2025')
  expect(viewOf({ expiresAtMs: Date.UTC(2025, 11, 23) }, us).lastDay).toBe('Dec 22, 2025')
})

test('a paid link names the payment that paid it, and not a failed one', () => {
  const failedPayment = {
    ...PAYMENT,
    id: '5000000051099' as PaymentAttemptId,
    status: 'failed',
  } as const
  const view = viewOf(
    { status: 'paid', paidAttemptId: PAYMENT.id },
    { attempts: [failedPayment, PAYMENT] },
  )
  expect(view.payment).toEqual({ paymentId: '5000000051033', atMs: 1_763_800_190_000 })
  expect(viewOf({}, { attempts: [failedPayment] }).payment).toBeUndefined()
})

test('the view names late money that returns to the customer, with every status of the link', () => {
  const late = { ...PAYMENT, status: 'refunded' } as const
  const pending = { paymentAttemptId: late.id, status: 'initiated' } as Refund
  const failedRefund = { ...pending, status: 'failed' } as Refund
  for (const status of PAYMENT_LINK_STATUSES) {
    for (const refund of [pending, failedRefund]) {
      const { strayMoney } = viewOf({ status }, { attempts: [late], refunds: [refund] })
      expect([status, strayMoney]).toEqual([
        status,
        { isStuck: refund === failedRefund, paymentId: late.id },
      ])
    }
  }
})

test('the view of a link contains neither the customer’s data nor the return URL', () => {
  const view = viewOf({
    email: 'asha@shop.test',
    phone: '9000000001',
    returnUrl: 'https://shop.test/back?secret=1',
    referenceId: 'INV-8841',
  })
  expect(JSON.stringify(view)).not.toMatch(/asha|9000000001|secret/)
  expect(view.reference).toBe('INV-8841')
})
