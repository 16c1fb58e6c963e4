import { expect, test } from 'vitest'
import type {
  AccountId,
  CustomerId,
  MandateId,
  MandateNotificationId,
  PaymentAttemptId,
  PaymentSessionId,
} from './id.ts'
import type { Mandate } from './mandate.ts'
import {
  dayRefusal,
  inactiveRefusal,
  type MandateDebit,
  type MandateNotification,
  notificationRefusal,
  planDebit,
  postponedDebit,
  waitedDebitDecline,
} from './mandate-debit.ts'

const at = (text: string): number => Date.parse(`${text}+05:30`)

const MANDATE: Mandate = {
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
  status: 'active',
  createdAtMs: 0,
  changedAtMs: 0,
  queryCount: 0,
}
const NOTICE: MandateNotification = {
  id: '5' as MandateNotificationId,
  mandateId: MANDATE.id,
  accountId: MANDATE.accountId,
  amountMinor: 49_900n,
  executionOn: '2026-12-01',
  description: 'December',
  invoiceNumber: 'INV-9001',
  status: 'succeeded',
  createdAtMs: at('2026-11-30T12:00:00'),
  queryCount: 1,
}
const DEBIT = { amountMinor: 49_900n, invoiceNumber: 'INV-9001' }

// The time of the debit, the result.
test.each<[string, string | undefined]>([
  ['2026-12-01T11:59:59', 'notification_too_young'],
  ['2026-12-01T12:00:00', undefined],
  ['2026-12-08T23:59:59', undefined],
  ['2026-12-09T00:00:00', 'notification_too_old'],
])('a notice of 30 November 12:00 for 1 December allows a debit at %s: %s', (time, expected) => {
  expect(notificationRefusal(MANDATE, NOTICE, DEBIT, at(time))?.refused).toBe(expected)
})

test('a notice allows no debit before its execution day has begun, however old it is', () => {
  const early = { ...NOTICE, executionOn: '2026-12-05' }
  expect(notificationRefusal(MANDATE, early, DEBIT, at('2026-12-04T23:59:59'))).toEqual({
    refused: 'notification_too_young',
    fromMs: at('2026-12-05T00:00:00'),
  })
  expect(notificationRefusal(MANDATE, early, DEBIT, at('2026-12-05T00:00:00'))).toBeUndefined()
})

test.each<[string, Partial<MandateNotification>, string]>([
  ['of another mandate', { mandateId: '9' as MandateId }, 'other_notification'],
  ['for another amount', { amountMinor: 49_901n }, 'other_notification'],
  ['for another invoice', { invoiceNumber: 'INV-9002' }, 'other_notification'],
  ['that is on its way', { status: 'initiated' }, 'notification_not_succeeded'],
  ['that failed', { status: 'failed' }, 'notification_not_succeeded'],
])('a notice %s allows no debit', (_case, change, expected) => {
  const nowMs = at('2026-12-02T00:00:00')
  const refusal = notificationRefusal(MANDATE, { ...NOTICE, ...change }, DEBIT, nowMs)
  expect(refusal?.refused).toBe(expected)
})

test('only an active mandate allows debits', () => {
  expect(inactiveRefusal(MANDATE, 0)).toBeUndefined()
  expect(inactiveRefusal({ ...MANDATE, status: 'paused' }, 0)).toMatchObject({ status: 'paused' })
  const endedMandate = { ...MANDATE, endOn: '2026-12-31' }
  expect(inactiveRefusal(endedMandate, at('2027-01-01T00:00:00'))).toMatchObject({
    status: 'inactive',
  })
})

test('a day in a cycle with a debit is refused', () => {
  const state = { nowMs: at('2026-11-29T10:00:00'), cycles: new Set(['2026-12-01']) }
  expect(dayRefusal(MANDATE, '2026-12-31', state)).toEqual({
    refused: 'cycle_debited',
    cycleOn: '2026-12-01',
  })
  expect(dayRefusal(MANDATE, '2027-01-01', state)).toBeUndefined()
})

test('a debit with a notice and a daily debit are made at once, every other debit after a day', () => {
  const nowMs = at('2026-12-02T10:00:00')
  expect(planDebit(MANDATE, NOTICE, nowMs)).toEqual({
    when: 'at_once',
    day: '2026-12-01',
    cycleOn: '2026-12-01',
  })
  expect(planDebit({ ...MANDATE, frequency: 'daily' }, undefined, nowMs)).toEqual({
    when: 'at_once',
    day: '2026-12-02',
    cycleOn: '2026-12-02',
  })
  expect(planDebit(MANDATE, undefined, at('2026-12-31T10:00:00'))).toEqual({
    when: 'after_notice',
    day: '2027-01-01',
    cycleOn: '2027-01-01',
  })
})

test.each<[Partial<Mandate>, MandateNotification['status'], string | undefined]>([
  [{}, 'succeeded', undefined],
  [{}, 'failed', 'notification_failed'],
  [{}, 'initiated', 'notification_failed'],
  [{ status: 'paused' }, 'succeeded', 'mandate_inactive'],
  [{ status: 'inactive', inactiveReason: 'revoked' }, 'failed', 'mandate_inactive'],
])(
  'a debit of a mandate %o whose notice is %s gets the decline code %s',
  (change, status, expected) => {
    const nowMs = at('2026-12-01T10:00:00')
    expect(waitedDebitDecline({ ...MANDATE, ...change }, { ...NOTICE, status }, nowMs)).toBe(
      expected,
    )
  },
)

test.each([
  ['2026-12-08T23:59:59.999', undefined],
  ['2026-12-09T00:00:00.000', 'notification_failed'],
])('a debit for 1 December that is decided at %s gets the decline code %s', (time, expected) => {
  const notice = { ...NOTICE, executionOn: '2026-12-01' }
  expect(waitedDebitDecline(MANDATE, notice, at(time))).toBe(expected)
})

test.each([
  ['24 hours later', '2026-11-30T10:00:00.000', undefined],
  ['a millisecond earlier', '2026-11-30T09:59:59.999', '2026-11-30T10:00:00.000'],
  ['after a lease that a crash left behind', '2026-11-29T10:02:00.000', '2026-11-30T10:00:00.000'],
  ['when the clock has gone back', '2026-11-29T05:00:00.000', '2026-11-30T05:00:00.000'],
  ['when the request time is years ahead', '2020-01-01T00:00:00.000', '2020-01-02T00:00:00.000'],
])('a debit that was requested at 10:00 is due or continues to wait, %s', (_, time, expected) => {
  const debit: MandateDebit = {
    mandateId: MANDATE.id,
    attemptId: '6' as PaymentAttemptId,
    sessionId: '7' as PaymentSessionId,
    createdAtMs: at('2026-11-29T10:00:00'),
    status: 'waiting',
    chargeAtMs: 0,
  }
  const laterDebit = postponedDebit(debit, at(time))
  expect(laterDebit?.chargeAtMs).toBe(expected && at(expected))
  // A second check does not restart the wait.
  const later = laterDebit && postponedDebit(laterDebit, laterDebit.chargeAtMs ?? 0)
  expect(later).toBeUndefined()
})
