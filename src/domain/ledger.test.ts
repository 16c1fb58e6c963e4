import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AccountId, PaymentAttemptId, PaymentSessionId, RefundId } from './id.ts'
import { LEDGER_KINDS, type LedgerCause, type LedgerPosting, postingsFor } from './ledger.ts'
import { NO_MONEY, type PaymentAttempt } from './payment-attempt.ts'
import type { Refund } from './refund.ts'
import type { Transfer } from './transfer.ts'

const ACCOUNT = '60000000001' as AccountId
const CONNECTED = '70000000001' as AccountId
const ATTEMPT = '101' as PaymentAttemptId
const NOW_MS = 1_000

const attempt = (
  status: PaymentAttempt['status'],
  money: Partial<PaymentAttempt['money']> = {},
): PaymentAttempt => ({
  id: ATTEMPT,
  paymentSessionId: '1' as PaymentSessionId,
  accountId: ACCOUNT,
  status,
  number: 1,
  createdAtMs: 0,
  deadlineAtMs: 9,
  decidedAtMs: 1,
  queryCount: 0,
  instrument: { type: 'bank_transfer' },
  money: { ...NO_MONEY, ...money },
})
const refund = (amountMinor: bigint): Refund => ({
  id: '201' as RefundId,
  accountId: ACCOUNT,
  paymentAttemptId: ATTEMPT,
  amount: { amountMinor, currency: 'INR' },
  type: 'initiated_by_merchant',
  reason: 'others',
  status: 'succeeded',
  createdAtMs: 0,
  queryCount: 0,
})
const transfer = (amountMinor: bigint): Transfer => ({
  id: '301' as Transfer['id'],
  accountId: ACCOUNT,
  paymentAttemptId: ATTEMPT,
  number: 1,
  connectedAccountId: CONNECTED,
  amount: { amountMinor, currency: 'INR' },
  reversedMinor: 0n,
  createdAtMs: 0,
})
const reversalCause = (amountMinor: bigint): LedgerCause => ({
  type: 'transfer_reversal',
  reversal: {
    id: '401' as never,
    accountId: ACCOUNT,
    transferId: '301' as Transfer['id'],
    amount: { amountMinor, currency: 'INR' },
    createdAtMs: 0,
  },
  transfer: transfer(amountMinor + 5n),
})
const attemptCause = (status: 'succeeded' | 'refunded', money: Partial<PaymentAttempt['money']>) =>
  ({ type: 'attempt', attempt: attempt(status, money), currency: 'INR' }) as const

const textOf = ({ amount, credit, debit, kind, sourceId }: LedgerPosting) =>
  `${kind} ${sourceId}: ${debit} > ${credit} ${amount.amountMinor} ${amount.currency}`

test.each<[what: string, cause: LedgerCause, expected: readonly string[]]>([
  [
    'a success with fee and tax',
    attemptCause('succeeded', { capturedMinor: 10_050n, feeMinor: 201n, taxMinor: 36n }),
    [
      'capture 101: processor > merchant 10050 INR',
      'fee 101: merchant > fees 201 INR',
      'tax 101: merchant > taxes 36 INR',
    ],
  ],
  [
    'a success without a fee',
    attemptCause('succeeded', { capturedMinor: 1n }),
    ['capture 101: processor > merchant 1 INR'],
  ],
  [
    'a late success',
    attemptCause('refunded', { capturedMinor: 10_050n, refundingMinor: 10_050n }),
    ['late_capture 101: processor > customers 10050 INR'],
  ],
  [
    'a refund',
    { type: 'refund', refund: refund(50n), attempt: attempt('succeeded') },
    ['refund 201: merchant > processor 50 INR'],
  ],
  [
    'the refund of late money',
    { type: 'refund', refund: refund(50n), attempt: attempt('refunded') },
    ['late_refund 201: customers > processor 50 INR'],
  ],
  [
    'a transfer',
    { type: 'transfer', transfer: transfer(70n) },
    ['transfer 301: merchant > connected_account/70000000001 70 INR'],
  ],
  [
    'a reversal',
    reversalCause(30n),
    ['transfer_reversal 401: connected_account/70000000001 > merchant 30 INR'],
  ],
])('%s is posted to the right accounts', (_, cause, expected) => {
  const postings = postingsFor(cause, NOW_MS)
  expect(postings.map(textOf)).toEqual(expected)
  for (const { accountId, createdAtMs, paymentAttemptId } of postings) {
    expect([accountId, paymentAttemptId, createdAtMs]).toEqual([ACCOUNT, ATTEMPT, NOW_MS])
  }
})

test('no posting has the amount zero or two equal accounts, and no kind occurs twice', () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 12n })
  const causes = fc.oneof(
    fc
      .record({ capturedMinor: amount, feeMinor: amount, taxMinor: amount })
      .chain((money) =>
        fc.constantFrom(attemptCause('succeeded', money), attemptCause('refunded', money)),
      ),
    amount.map((minor): LedgerCause => {
      return { type: 'refund', refund: refund(minor), attempt: attempt('succeeded') }
    }),
    amount.map((minor): LedgerCause => ({ type: 'transfer', transfer: transfer(minor) })),
    amount.map(reversalCause),
  )
  fc.assert(
    fc.property(causes, (cause: LedgerCause) => {
      const postings = postingsFor(cause, NOW_MS)
      for (const { amount: postedAmount, credit, debit, kind } of postings) {
        expect(postedAmount.amountMinor).toBeGreaterThan(0n)
        expect(debit).not.toBe(credit)
        const sides = [debit, credit].map((side) => side.replace(/\/.*/, ''))
        expect(sides).toEqual([...LEDGER_KINDS[kind]])
      }
      expect(new Set(postings.map(({ kind }) => kind)).size).toBe(postings.length)
    }),
  )
})

test('the amount of a success is divided among the merchant, the fees and the taxes', () => {
  const amount = fc.bigInt({ min: 1n, max: 10n ** 12n })
  fc.assert(
    fc.property(amount, amount, amount, (capturedMinor, feeMinor, taxMinor) => {
      const cause = attemptCause('succeeded', { capturedMinor, feeMinor, taxMinor })
      const heldMinor = new Map<string, bigint>()
      for (const { amount: postedAmount, credit, debit } of postingsFor(cause, NOW_MS)) {
        heldMinor.set(debit, (heldMinor.get(debit) ?? 0n) - postedAmount.amountMinor)
        heldMinor.set(credit, (heldMinor.get(credit) ?? 0n) + postedAmount.amountMinor)
      }
      expect(Object.fromEntries(heldMinor)).toEqual({
        processor: -capturedMinor,
        fees: feeMinor,
        taxes: taxMinor,
        merchant: capturedMinor - feeMinor - taxMinor,
      })
    }),
  )
})
