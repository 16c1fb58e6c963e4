import { type Account, statementDescriptorOf } from '../../domain/account.ts'
import { type AccountDay, accountDayAt } from '../../domain/account-day.ts'
import type { AccountId } from '../../domain/id.ts'
import { DECLINES } from '../../domain/payment-attempt.ts'
import { NO_SUMMARY, type Payout, sandboxBankAccount } from '../../domain/payout.ts'
import type { RealEventType } from '../../domain/webhook-event.ts'
import { payoutRow } from '../../wire/payout.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'
import { mergePatch } from './exact-json.ts'

type SampleMoment = {
  readonly account: Pick<Account, 'id' | 'name' | 'edition'>
  readonly nowMs: number
}

/** Returns the moment for samples of a preset account. Throws if there is no such account. */
export async function sampleMoment(
  { clock, store }: Pick<SandboxTenant, 'clock' | 'store'>,
  accountId: AccountId,
): Promise<SampleMoment> {
  const account = await store.accounts.find(accountId)
  if (account === undefined) throw new Error(`there is no account ${accountId}`)
  return { account, nowMs: clock.nowMs() }
}

const DAY_MS = 24 * 60 * 60_000
const MINUTE_MS = 60_000

const PAYMENT_ID = '173000002314883'
const AMOUNT = '1499.90'

const secondsOf = (atMs: number): number => Math.floor(atMs / 1000)
const twoDigits = (value: number): string => String(value).padStart(2, '0')

/** Writes a day as in links and virtual accounts: `2026-12-22`. */
const dateText = ({ year, month, day }: AccountDay): string =>
  `${year}-${twoDigits(month + 1)}-${twoDigits(day)}`

const UPI = {
  type: 'upi',
  upi: { upi_id: 'asha@okbank', channel: 'collect', account_type: 'bank_account' },
}

/** Makes the fields of a payment before those of its method. */
function payment({ account, nowMs }: SampleMoment, status: 'succeeded' | 'failed' | 'pending') {
  const isSucceeded = status === 'succeeded'
  return {
    payment_id: PAYMENT_ID,
    phone: '9000000001',
    dialing_code: '+91',
    payments_session_id: '173000002314880',
    amount: AMOUNT,
    currency: status === 'pending' ? 'USD' : 'INR',
    receipt_email: 'asha@example.com',
    reference_number: 'order-8841',
    transaction_reference_number: '532600112233',
    invoice_number: 'INV-8841',
    amount_captured: isSucceeded ? AMOUNT : '0.00',
    amount_refunded: '0.00',
    fee_amount: isSucceeded ? '30.00' : '0.00',
    net_tax_amount: isSucceeded ? '5.40' : '0.00',
    total_fee_amount: isSucceeded ? '35.40' : '0.00',
    net_amount: isSucceeded ? '1464.50' : '0.00',
    status,
    payment_type: 'ecommerce',
    transaction_type: 'one_time',
    // Only payments in dollars have a rate, and only the pending sample is in dollars. Nothing is converted.
    ...(status === 'pending' && { exchange_rate: 1 }),
    statement_descriptor: statementDescriptorOf(account),
    description: 'Order 8841',
    date: secondsOf(nowMs),
  }
}

const ACH_DEBIT = {
  type: 'ach_debit',
  ach_debit: {
    account_holder_name: 'Asha Rao',
    last_four_digits: '6789',
    account_type: 'checking',
    routing_number: '110000000',
  },
}

function failedPayment(moment: SampleMoment) {
  const { category, nextAction, reason, tip } = DECLINES.upi_declined
  return {
    ...payment(moment, 'failed'),
    failure_code: 'upi_declined',
    failure_reason: reason,
    failure_category: category,
    next_action: nextAction,
    tip,
    payment_method: UPI,
  }
}

function refund({ nowMs }: SampleMoment, status: 'succeeded' | 'failed') {
  return {
    refund_id: '173000002314990',
    payment_id: PAYMENT_ID,
    amount: '100.00',
    type: 'initiated_by_merchant',
    reason: 'requested_by_customer',
    status,
    reference_number: '7400173000002314990',
    failure_reason: status === 'failed' ? 'insufficient_funds' : '',
    date: secondsOf(nowMs),
  }
}

/** Makes the `payments` of a paid link or virtual account: one payment, which caused the event. */
function causes({ nowMs }: SampleMoment, type: 'upi' | 'bank_transfer') {
  return [
    { payment_id: PAYMENT_ID, amount: AMOUNT, type, status: 'succeeded', date: secondsOf(nowMs) },
  ]
}

/** Source: payment links page (seen 2026-11-22); the keys are in the order of the page's sample. */
function paymentLink(moment: SampleMoment, status: 'paid' | 'expired' | 'canceled') {
  const { account, nowMs } = moment
  const createdAtMs = status === 'expired' ? nowMs - 31 * DAY_MS : nowMs - 10 * MINUTE_MS
  const currency = account.edition === 'US' ? 'USD' : 'INR'
  return {
    payment_link_id: '173000002315107',
    url: 'https://payments.example/paymentlink/01b3c2d9f0a16c5d2e8f7a9b0c1d2e3f405162738495a6b7c8d9',
    expires_at: dateText(accountDayAt(account.edition, createdAtMs + 30 * DAY_MS)),
    amount: AMOUNT,
    amount_paid: status === 'paid' ? AMOUNT : '0.00',
    currency,
    status,
    email: 'asha@example.com',
    reference_id: 'order-8841',
    description: 'Order 8841',
    return_url: 'https://shop.example/orders/8841',
    phone: '9000000001',
    phone_country_code: account.edition,
    created_time: secondsOf(createdAtMs),
    created_by_id: account.id,
    created_by: account.name,
    last_modified_by_id: account.id,
    last_modified: account.name,
    configurations: {
      allowed_payment_methods: account.edition === 'US' ? ['card'] : ['upi', 'card'],
    },
    payments: status === 'paid' ? causes(moment, 'upi') : [],
  }
}

/** The three amounts are numbers. Source: collect page IN, sample (seen 2026-11-22). */
function virtualAccount(moment: SampleMoment, change: 'paid' | 'closed') {
  const { account, nowMs } = moment
  const createdAtMs = nowMs - DAY_MS
  return {
    virtual_account_id: '173000002317001',
    account_number: 'PAYDK7QF2MZ4XWB3N5T',
    ifsc_code: 'PAYD0SANDBX',
    beneficiary_name: account.name,
    description: 'Dealer deposits',
    customer_id: '173000002310001',
    minimum_amount: 100,
    maximum_amount: 10_000,
    amount_paid: 1499.9,
    meta_data: [{ key: 'dealer', value: 'd-9' }],
    reference_number: 'dealer-9',
    status: change === 'closed' ? 'closed' : 'active',
    expires_at: dateText(accountDayAt(account.edition, createdAtMs + 365 * DAY_MS)),
    created_time: secondsOf(createdAtMs),
    last_modified_time: secondsOf(change === 'closed' ? nowMs : createdAtMs),
    ...(change === 'paid' && { payments: causes(moment, 'bank_transfer') }),
  }
}

/** The time from a payout's start to its decision: six hours. */
const PAYOUT_MS = 6 * 60 * MINUTE_MS

/** Makes a payout with the fields that it has in events and in lists. */
function payout({ account, nowMs }: SampleMoment, status: 'initiated' | 'paid' | 'failed') {
  const { edition, id, name } = account
  const createdAtMs = status === 'initiated' ? nowMs : nowMs - PAYOUT_MS
  const decision = status === 'initiated' ? {} : { decidedAtMs: nowMs }
  const sample: Payout = {
    id: '173000002316001' as Payout['id'],
    accountId: id,
    status,
    amount: { amountMinor: 136_450n, currency: edition === 'US' ? 'USD' : 'INR' },
    summary: NO_SUMMARY,
    createdAtMs,
    arrivesAtMs: createdAtMs + PAYOUT_MS,
    statementDescriptor: 'PAYDESK TEST SHOP',
    bankAccount: sandboxBankAccount(edition, name),
    ...decision,
    ...(status === 'failed' && { failureCode: 'account_closed' }),
    ...(status === 'paid' && { bankReference: 'PAYD251124000001' }),
  }
  return payoutRow(sample, edition)
}

type MakeSample = (moment: SampleMoment) => readonly [key: string, sample: object]

/**
 * A sample of the object of each event of the real service, with the fields and shapes of the reference.
 *
 * Source: Zoho Payments webhooks, payments, refunds, payment link, payouts and collect pages (seen
 * 2026-11-22). The values are our own.
 */
const SAMPLES: Record<RealEventType, MakeSample> = {
  'payment.succeeded': (moment) => [
    'payment',
    { ...payment(moment, 'succeeded'), payment_method: UPI },
  ],
  'payment.failed': (moment) => ['payment', failedPayment(moment)],
  'payment.pending': (moment) => [
    'payment',
    { ...payment(moment, 'pending'), payment_method: ACH_DEBIT },
  ],
  'refund.succeeded': (moment) => ['refund', refund(moment, 'succeeded')],
  'refund.failed': (moment) => ['refund', refund(moment, 'failed')],
  'payment_link.paid': (moment) => ['payment_links', paymentLink(moment, 'paid')],
  'payment_link.expired': (moment) => ['payment_links', paymentLink(moment, 'expired')],
  'payment_link.canceled': (moment) => ['payment_links', paymentLink(moment, 'canceled')],
  'payout.initiated': (moment) => ['payout', payout(moment, 'initiated')],
  'payout.paid': (moment) => ['payout', payout(moment, 'paid')],
  'payout.failed': (moment) => ['payout', payout(moment, 'failed')],
  'virtual_account.paid': (moment) => ['virtual_account', virtualAccount(moment, 'paid')],
  'virtual_account.closed': (moment) => ['virtual_account', virtualAccount(moment, 'closed')],
}

/** Returns the object of an event under its key, with the developer's data merged into it as a merge patch. */
export function sampleObject(
  type: RealEventType,
  moment: SampleMoment,
  data: unknown,
): Readonly<Record<string, unknown>> {
  const [key, sample] = SAMPLES[type](moment)
  return { [key]: mergePatch(sample, data) }
}
