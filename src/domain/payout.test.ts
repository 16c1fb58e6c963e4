import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accountDayAt } from './account-day.ts'
import type { BalanceTransaction } from './balance-transaction.ts'
import { isBusinessDay, paymentAvailableAtMs, transferAvailableAtMs } from './business-day.ts'
import type { AccountId, PayoutId } from './id.ts'
import type { PaymentMethodType } from './payment-method.ts'
import {
  decisionAtMs,
  movePayout,
  NO_SUMMARY,
  nextRunAtMs,
  PAYOUT_MOVES,
  type Payout,
  type PayoutMove,
  type PayoutSchedule,
  type PayoutStatus,
  referenceAfter,
  referencePrefixOf,
  sandboxBankAccount,
  withTransactions,
} from './payout.ts'

const IN = (text: string) => Date.parse(`${text}+05:30`)
const US = (text: string) => Date.parse(`${text}Z`)

// 23 November 2026 is a Monday.
const AVAILABLE: readonly [PaymentMethodType, captured: number, available: number][] = [
  ['upi', IN('2026-11-23T09:00'), IN('2026-11-24T00:00')],
  ['bank_transfer', IN('2026-11-23T09:00'), IN('2026-11-24T00:00')],
  ['card', IN('2026-11-23T09:00'), IN('2026-11-25T00:00')],
  ['netbanking', IN('2026-11-23T09:00'), IN('2026-11-25T00:00')],
  ['wallet', IN('2026-11-23T09:00'), IN('2026-11-25T00:00')],
  // The last minute of the day, and the first of the next.
  ['upi', IN('2026-11-23T23:59'), IN('2026-11-24T00:00')],
  ['upi', IN('2026-11-24T00:00'), IN('2026-11-25T00:00')],
  // Over a weekend.
  ['upi', IN('2026-11-27T12:00'), IN('2026-11-30T00:00')],
  ['upi', IN('2026-11-28T12:00'), IN('2026-11-30T00:00')],
  ['upi', IN('2026-11-29T12:00'), IN('2026-11-30T00:00')],
  ['card', IN('2026-11-26T12:00'), IN('2026-11-30T00:00')],
  ['card', IN('2026-11-27T12:00'), IN('2026-12-01T00:00')],
  ['card', IN('2026-11-29T12:00'), IN('2026-12-01T00:00')],
]

test.each(AVAILABLE)(
  'money of %s from %i is available at %i in India',
  (method, capturedAtMs, at) => {
    expect(paymentAvailableAtMs('IN', method, capturedAtMs)).toBe(at)
  },
)

test.each<[PaymentMethodType, number, number]>([
  ['card', US('2026-11-25T23:59'), US('2026-11-27T00:00')],
  ['card', US('2026-11-27T12:00'), US('2026-12-01T00:00')],
  ['ach_debit', US('2026-11-23T12:00'), US('2026-11-27T00:00')],
  ['ach_debit', US('2026-11-24T12:00'), US('2026-11-30T00:00')],
  ['ach_debit', US('2026-11-28T12:00'), US('2026-12-03T00:00')],
])('money of %s from %i is available at %i in the US', (method, capturedAtMs, at) => {
  expect(paymentAvailableAtMs('US', method, capturedAtMs)).toBe(at)
})

test('the money of a payment becomes available on a business day, after the day of its capture and within a week', () => {
  const captureTime = fc.integer({ min: US('2025-01-01T00:00'), max: US('2080-01-01T00:00') })
  const edition = fc.constantFrom('IN' as const, 'US' as const)
  const method = fc.constantFrom<PaymentMethodType>('upi', 'card', 'ach_debit')
  fc.assert(
    fc.property(edition, method, captureTime, (country, type, atMs) => {
      const availableAtMs = paymentAvailableAtMs(country, type, atMs)
      expect(isBusinessDay(accountDayAt(country, availableAtMs))).toBe(true)
      expect(accountDayAt(country, availableAtMs)).not.toEqual(accountDayAt(country, atMs))
      expect(availableAtMs).toBeGreaterThan(atMs)
      expect(availableAtMs - atMs).toBeLessThanOrEqual(7 * 24 * 60 * 60_000)
    }),
  )
})

test('a connected account waits two calendar days for its part', () => {
  expect(transferAvailableAtMs('IN', IN('2026-11-27T12:00'))).toBe(IN('2026-11-29T00:00'))
})

test.each<[PayoutSchedule, after: number, run: number]>([
  ['daily', IN('2026-11-23T09:59'), IN('2026-11-23T10:00')],
  ['daily', IN('2026-11-23T10:00'), IN('2026-11-24T10:00')],
  ['daily', IN('2026-11-27T12:00'), IN('2026-11-28T10:00')],
  ['weekly', IN('2026-11-23T09:00'), IN('2026-11-23T10:00')],
  ['weekly', IN('2026-11-23T10:00'), IN('2026-11-30T10:00')],
  // 1 August 2026 is a Saturday.
  ['monthly', IN('2026-07-15T10:00'), IN('2026-08-03T10:00')],
  ['monthly', IN('2026-08-03T10:00'), IN('2026-09-01T10:00')],
  ['monthly', IN('2026-12-15T10:00'), IN('2027-01-01T10:00')],
])('the %s run after %i is at %i', (schedule, after, run) => {
  expect(nextRunAtMs('IN', schedule, after)).toBe(run)
})

test('the run of the US edition follows UTC', () => {
  expect(nextRunAtMs('US', 'daily', US('2026-11-23T00:00'))).toBe(US('2026-11-23T10:00'))
})

test.each([
  ['2026-11-23T10:00', '2026-11-23T16:00'],
  ['2026-11-23T15:59', '2026-11-23T16:00'],
  ['2026-11-23T16:00', '2026-11-24T16:00'],
])('the bank decides about a payout of %s at %s', (madeNames, decisionName) => {
  expect(decisionAtMs('IN', IN(madeNames))).toBe(IN(decisionName))
})

test('bank references count the payouts of a day', () => {
  const prefix = referencePrefixOf('IN', IN('2025-11-24T16:00'))
  expect(referenceAfter(prefix, undefined)).toBe('PAYD251124000001')
  expect(referenceAfter(prefix, 'PAYD251124000009')).toBe('PAYD251124000010')
})

const payout: Payout = {
  id: '1' as PayoutId,
  accountId: '23137556' as AccountId,
  status: 'collecting',
  amount: { amountMinor: 0n, currency: 'INR' },
  summary: NO_SUMMARY,
  createdAtMs: 1,
  arrivesAtMs: 7,
  nextStepAtMs: 1,
  statementDescriptor: 'SHOP TEST',
  bankAccount: sandboxBankAccount('IN', 'Shop Test'),
}
const transaction = (
  kind: BalanceTransaction['kind'],
  amountMinor: bigint,
  feeMinor = 0n,
  taxMinor = 0n,
): BalanceTransaction => ({
  kind,
  id: '2' as BalanceTransaction['id'],
  accountId: payout.accountId,
  paymentAttemptId: '2' as BalanceTransaction['paymentAttemptId'],
  amount: { amountMinor, currency: 'INR' },
  feeMinor,
  taxMinor,
  createdAtMs: 0,
  availableAtMs: 0,
})

test('the amount of a payout is the sum of the net amounts of its transactions', () => {
  const amount = fc.tuple(
    fc.constantFrom<BalanceTransaction['kind']>('charge', 'refund', 'transfer'),
    fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
    fc.bigInt({ min: 0n, max: 10n ** 6n }),
    fc.bigInt({ min: 0n, max: 10n ** 6n }),
  )
  fc.assert(
    fc.property(fc.array(amount), fc.nat(20), (rows, first) => {
      const all = rows.map((row) => transaction(...row))
      const batches = [all.slice(0, first), all.slice(first)]
      const full = batches.reduce(withTransactions, payout)
      expect(full.amount.amountMinor).toBe(
        rows.reduce((sum, [, one, fee, tax]) => sum + one - fee - tax, 0n),
      )
      const { adjustment, charge, refund } = full.summary
      expect(charge.count + refund.count + adjustment.count).toBe(rows.length)
    }),
  )
})

const MOVES: readonly PayoutMove[] = [
  { type: 'initiate' },
  { type: 'record_payment', bankReference: 'PAYD251124000001' },
  { type: 'record_failure', failureCode: 'account_closed' },
  { type: 'end_release' },
]

test('a payout makes exactly the moves of its table', () => {
  for (const [status, moves] of Object.entries(PAYOUT_MOVES)) {
    for (const move of MOVES) {
      const results = [0n, 5n].map((amountMinor) => {
        const amount = { ...payout.amount, amountMinor }
        const result = movePayout({ ...payout, amount, status: status as PayoutStatus }, move, 9)
        return 'status' in result ? result.status : result.refused
      })
      expect(new Set(results), `${status} ${move.type}`).toEqual(
        new Set(moves[move.type] ?? ['payout_not_initiated']),
      )
    }
  }
})

test('a payout without a positive sum is abandoned', () => {
  expect(movePayout(payout, { type: 'initiate' }, 9)).toMatchObject({ status: 'abandoned' })
})
