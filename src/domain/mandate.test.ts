import { expect, test } from 'vitest'
import type { AccountId, CustomerId, MandateId, PaymentAttemptId } from './id.ts'
import {
  type InactiveReason,
  MANDATE_MOVES,
  MANDATE_STATUSES,
  type Mandate,
  type MandateMove,
  type MandateStatus,
  mandateAt,
  mandateEventOf,
  moveMandate,
} from './mandate.ts'

const ACTIVE: Mandate = {
  id: '1' as MandateId,
  accountId: '2' as AccountId,
  customerId: '3' as CustomerId,
  customerName: 'Asha Rao',
  enrollmentAttemptId: '4' as PaymentAttemptId,
  amountRule: 'variable',
  frequency: 'monthly',
  description: 'Monthly fee',
  amountMinor: 500_000n,
  startOn: '2026-11-29',
  endOn: '2026-12-31',
  status: 'active',
  createdAtMs: 0,
  changedAtMs: 0,
  nextQueryAtMs: 5,
  queryCount: 0,
}
/** The first millisecond after the last day in India. */
const END_MS = Date.parse('2027-01-01T00:00:00+05:30')

const mandate = (status: MandateStatus): Mandate => ({
  ...ACTIVE,
  status,
  ...(status === 'inactive' && { inactiveReason: 'revoked' }),
})

function after(status: MandateStatus, type: MandateMove['type'], nowMs: number): string {
  const result = moveMandate(mandate(status), { type }, nowMs)
  if ('refused' in result) return result.refused
  return result.inactiveReason ?? result.status
}

// The status, the move, the result in its time and after its last day.
test.each<[MandateStatus, MandateMove['type'], MandateStatus | InactiveReason | string, string]>([
  ['processing', 'approve', 'active', 'active'],
  ['processing', 'decline', 'declined', 'declined'],
  ['processing', 'pause', 'mandate_processing', 'mandate_processing'],
  ['processing', 'cancel', 'mandate_processing', 'mandate_processing'],
  ['processing', 'expire', 'mandate_not_ended', 'mandate_not_ended'],
  ['active', 'approve', 'mandate_active', 'mandate_inactive'],
  ['active', 'pause', 'paused', 'mandate_inactive'],
  ['active', 'resume', 'mandate_active', 'mandate_inactive'],
  ['active', 'revoke', 'revoked', 'mandate_inactive'],
  ['active', 'cancel', 'canceled', 'mandate_inactive'],
  ['active', 'complete', 'completed', 'mandate_inactive'],
  ['active', 'expire', 'mandate_not_ended', 'expired'],
  ['paused', 'pause', 'mandate_paused', 'mandate_inactive'],
  ['paused', 'resume', 'active', 'mandate_inactive'],
  ['paused', 'revoke', 'revoked', 'mandate_inactive'],
  ['paused', 'cancel', 'canceled', 'mandate_inactive'],
  ['paused', 'complete', 'completed', 'mandate_inactive'],
  ['paused', 'expire', 'mandate_not_ended', 'expired'],
])(
  'a mandate in the status %s gets by the move %s the result %s, and after its last day %s',
  (status, type, now, late) => {
    expect([after(status, type, END_MS - 1), after(status, type, END_MS)]).toEqual([now, late])
  },
)

test('an inactive mandate never changes again', () => {
  const types = new Set(MANDATE_STATUSES.flatMap((status) => Object.keys(MANDATE_MOVES[status])))
  for (const type of types) {
    expect(after('inactive', type as MandateMove['type'], END_MS)).toBe('mandate_inactive')
  }
})

test('a mandate expires at the end of its last day without a job', () => {
  expect(mandateAt(ACTIVE, END_MS - 1).status).toBe('active')
  expect(mandateAt(ACTIVE, END_MS)).toMatchObject({
    status: 'inactive',
    inactiveReason: 'expired',
    changedAtMs: END_MS,
  })
})

test('an ended mandate is not queried again', () => {
  expect(moveMandate(ACTIVE, { type: 'revoke' }, 7)).not.toHaveProperty('nextQueryAtMs')
})

test('an approval keeps the UPI ID that the processor reports', () => {
  const result = moveMandate(mandate('processing'), { type: 'approve', upiId: 'asha@paydesk' }, 7)
  expect(result).toMatchObject({ status: 'active', upiId: 'asha@paydesk', changedAtMs: 7 })
})

test.each<[MandateStatus, MandateStatus, string | undefined]>([
  ['processing', 'active', 'mandate.activated'],
  ['active', 'paused', 'mandate.paused'],
  ['paused', 'active', 'mandate.resumed'],
  ['active', 'inactive', 'mandate.inactive'],
  ['active', 'active', undefined],
])('the change from %s to %s is the event %s', (before, now, expected) => {
  expect(mandateEventOf(before, now)).toBe(expected)
})
