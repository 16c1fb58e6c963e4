import type { WebhookEventType } from '../domain/webhook-event.ts'
import { mergePatch } from './exact-json.ts'

const PAYMENT = {
  payment_id: '173000002314883',
  phone: '9000000001',
  payments_session_id: '173000002314880',
  amount: '1499.90',
  currency: 'INR',
  receipt_email: 'asha@example.com',
  reference_number: 'order-8841',
  transaction_reference_number: '532600112233',
  invoice_number: 'INV-8841',
  amount_captured: '1499.90',
  amount_refunded: '0.00',
  fee_amount: '30.00',
  net_tax_amount: '5.40',
  total_fee_amount: '35.40',
  net_amount: '1464.50',
  status: 'succeeded',
  payment_type: 'ecommerce',
  transaction_type: 'one_time',
  description: 'Order 8841',
}
const UPI = {
  type: 'upi',
  upi: { upi_id: 'asha@okbank', channel: 'collect', account_type: 'bank_account' },
}
const NOTHING_TAKEN = {
  ...{ amount_captured: '0.00', fee_amount: '0.00', net_tax_amount: '0.00' },
  ...{ total_fee_amount: '0.00', net_amount: '0.00' },
}
const REFUND = {
  refund_id: '173000002314990',
  payment_id: PAYMENT.payment_id,
  amount: '100.00',
  type: 'initiated_by_merchant',
  reason: 'requested_by_customer',
  status: 'succeeded',
  failure_reason: '',
}

/**
 * A sample of each event's object, with the fields and shapes of the reference; those that never happen
 * here too, so that an application for the real service can be tried with them.
 *
 * Source: Zoho Payments webhooks, payments, refunds, payment link, payouts and collect pages (seen
 * 2026-11-22). The values are our own.
 */
const SAMPLES: Record<WebhookEventType, readonly [key: string, sample: Record<string, unknown>]> = {
  'payment.succeeded': ['payment', { ...PAYMENT, payment_method: UPI }],
  'payment.failed': [
    'payment',
    {
      ...{ ...PAYMENT, ...NOTHING_TAKEN, status: 'failed', payment_method: UPI },
      failure_code: 'upi_declined',
      failure_reason: 'The customer declined the request in the UPI app.',
    },
  ],
  'payment.pending': [
    'payment',
    {
      ...{ ...PAYMENT, ...NOTHING_TAKEN, currency: 'USD', status: 'pending' },
      payment_method: {
        type: 'ach_debit',
        ach_debit: {
          ...{ account_holder_name: 'Asha Rao', last_four_digits: '6789' },
          ...{ account_type: 'checking', routing_number: '110000000' },
        },
      },
    },
  ],
  'refund.succeeded': ['refund', REFUND],
  'refund.failed': [
    'refund',
    { ...REFUND, status: 'failed', failure_reason: 'insufficient_funds' },
  ],
  'payment_link.paid': ['payment_links', paymentLink('paid')],
  'payment_link.expired': ['payment_links', paymentLink('expired')],
  'payment_link.canceled': ['payment_links', paymentLink('canceled')],
  'payout.initiated': ['payout', payout('initiated')],
  'payout.paid': ['payout', payout('paid')],
  'payout.failed': ['payout', payout('failed')],
  'virtual_account.paid': ['virtual_account', virtualAccount('paid')],
  'virtual_account.closed': ['virtual_account', virtualAccount('closed')],
}

function paymentLink(status: string) {
  return {
    ...{ payment_link_id: '173000002315107', reference_id: 'order-8841', amount: '1499.90' },
    ...{ currency: 'INR', status, payments: status === 'paid' ? [PAYMENT] : [] },
  }
}

function payout(status: string) {
  return {
    ...{ payout_id: '173000002316001', amount: '14645.00', currency: 'INR', status },
    ...{ type: 'deposit', statement_descriptor: 'PAYDESK TEST SHOP' },
  }
}

function virtualAccount(status: string) {
  return { virtual_account_id: '173000002317001', amount_paid: 1499.9, currency: 'INR', status }
}

/**
 * Gives the object of an event, as its key and fields, with data of the developer's laid over it as a
 * merge patch.
 */
export function sampleObject(
  type: WebhookEventType,
  nowMs: number,
  data: unknown,
): Readonly<Record<string, unknown>> {
  const [key, sample] = SAMPLES[type]
  return { [key]: mergePatch({ ...sample, date: Math.floor(nowMs / 1000) }, data) }
}
