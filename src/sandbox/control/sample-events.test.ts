import { expect, test } from 'vitest'
import type { AccountId } from '../../domain/id.ts'
import { type RealEventType, WEBHOOK_EVENT_TYPES } from '../../domain/webhook-event.ts'
import { sampleObject } from './sample-events.ts'

const NOW_MS = Date.parse('2026-01-01T00:30:00+05:30')
const IN = { id: '23137556' as AccountId, name: 'Shop Test', edition: 'IN' } as const
const US = { id: '23137600' as AccountId, name: 'Shop Test', edition: 'US' } as const

const sampleOf = (type: RealEventType, account: typeof IN | typeof US = IN) => {
  const [[key, sample] = ['', {}]] = Object.entries(
    sampleObject(type, { account, nowMs: NOW_MS }, {}),
  )
  return { key, sample: sample as Record<string, unknown> }
}

const LINK_KEYS =
  'payment_link_id url expires_at amount amount_paid currency status email reference_id description return_url phone phone_country_code created_time created_by_id created_by last_modified_by_id last_modified configurations payments'
/** The keys of a payout in lists. A payout of the US edition also has its method. */
const PAYOUT_KEYS =
  'payout_id amount currency status failure_code failure_message statement_descriptor payout_method initiated_time arrival_date processed_date type payout_bank_reference_id bank_account_details'
const VIRTUAL_ACCOUNT_KEYS =
  'virtual_account_id account_number ifsc_code beneficiary_name description customer_id minimum_amount maximum_amount amount_paid meta_data reference_number status expires_at created_time last_modified_time'

test.each([
  ['payment_link.paid', 'payment_links', LINK_KEYS, 'paid'],
  ['payment_link.expired', 'payment_links', LINK_KEYS, 'expired'],
  ['payment_link.canceled', 'payment_links', LINK_KEYS, 'canceled'],
  ['payout.initiated', 'payout', PAYOUT_KEYS, 'initiated'],
  ['payout.paid', 'payout', PAYOUT_KEYS, 'paid'],
  ['payout.failed', 'payout', PAYOUT_KEYS, 'failed'],
  ['virtual_account.paid', 'virtual_account', `${VIRTUAL_ACCOUNT_KEYS} payments`, 'active'],
  ['virtual_account.closed', 'virtual_account', VIRTUAL_ACCOUNT_KEYS, 'closed'],
] as const)(
  'the sample of %s has the keys of the reference, in their order',
  (type, key, keys, status) => {
    const sampleEvent = sampleOf(type)
    expect([
      sampleEvent.key,
      Object.keys(sampleEvent.sample).join(' '),
      sampleEvent.sample.status,
    ]).toEqual([key, keys, status])
  },
)

test('only the samples of payments and refunds have the field `date`', () => {
  for (const type of WEBHOOK_EVENT_TYPES) {
    const isDated = type.startsWith('payment.') || type.startsWith('refund.')
    expect([type, sampleOf(type).sample.date]).toEqual([
      type,
      isDated ? Math.floor(NOW_MS / 1000) : undefined,
    ])
  }
})

test('samples of links and virtual accounts name an instrument, and use the current time and the account’s day', () => {
  const cause = { payment_id: expect.stringMatching(/^\d{15}$/), status: 'succeeded' }
  expect(sampleOf('payment_link.paid').sample).toMatchObject({
    amount_paid: '1499.90',
    expires_at: '2026-01-31',
    created_by_id: IN.id,
    payments: [{ ...cause, type: 'upi', date: Math.floor(NOW_MS / 1000) }],
  })
  expect(sampleOf('payment_link.canceled').sample).toMatchObject({
    amount_paid: '0.00',
    payments: [],
  })
  expect(sampleOf('virtual_account.paid').sample).toMatchObject({
    amount_paid: 1499.9,
    payments: [{ ...cause, type: 'bank_transfer' }],
  })
  expect(sampleOf('payout.paid').sample).toMatchObject({
    initiated_time: String(NOW_MS - 6 * 60 * 60_000),
    processed_date: 'Jan 1, 2026',
    bank_account_details: { account_number_last_four_digits: '1193' },
  })
  expect(sampleOf('payout.initiated').sample).toMatchObject({ processed_date: '' })
  expect(sampleOf('payout.failed', US).sample).toMatchObject({
    failure_code: 'account_closed',
    payout_method: 'standard',
    currency: 'USD',
    processed_date: 'Dec 31, 2025',
  })
})

test('data is merged into the sample, field by field', () => {
  const context = { account: IN, nowMs: NOW_MS }
  const { payout } = sampleObject('payout.paid', context, { amount: '7.00', type: null })
  expect(payout).toMatchObject({ amount: '7.00', currency: 'INR' })
  expect(payout).not.toHaveProperty('type')
})
