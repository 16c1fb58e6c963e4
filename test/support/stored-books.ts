/** Ledgers with every kind of posting, for tests of the ledger. */
import {
  type BalanceTransaction,
  chargeOf,
  refundTransactionOf,
  reversalTransactionsOf,
  transferTransactionsOf,
} from '../../src/domain/balance-transaction.ts'
import type { AccountId } from '../../src/domain/id.ts'
import { type LedgerCause, postingsFor } from '../../src/domain/ledger.ts'
import type { Money } from '../../src/domain/money.ts'
import { NO_MONEY, type PaymentAttempt } from '../../src/domain/payment-attempt.ts'
import type { Refund } from '../../src/domain/refund.ts'
import type { Store, Transaction } from '../../src/operations/store.ts'
import type { Engine } from '../../src/store/engine/engine.ts'
import { migrate } from '../../src/store/engine/migrate.ts'
import { createStore } from '../../src/store/store.ts'
import {
  ACCOUNT,
  account,
  attemptOf,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  random,
  refundOf,
  reversalOf,
  session,
  transferOf,
  withOutcome,
} from './stored-rows.ts'

/** Makes an amount in paise. */
export const inr = (amountMinor: bigint): Money => ({ amountMinor, currency: 'INR' })
/** Makes an amount in yen. */
export const yen = (amountMinor: bigint): Money => ({ amountMinor, currency: 'JPY' })

/** Writes a captured attempt with its session and its postings. */
export async function writeCapturedAttempt(
  store: Store,
  amount: Money,
  more: Partial<PaymentAttempt> = {},
  accountId: AccountId = ACCOUNT,
): Promise<PaymentAttempt> {
  const { amountMinor, currency } = amount
  const paidSession = session({ amount, accountId })
  await store.paymentSessions.insert(paidSession, undefined, NOW_MS)
  const attempt = withOutcome(attemptOf(paidSession, 1, { accountId }), {
    status: 'succeeded',
    ...more,
    money: { ...NO_MONEY, capturedMinor: amountMinor, ...more.money },
  })
  await store.transaction(async (tx) => {
    await tx.paymentAttempts.insert(attempt)
    await post(tx, { type: 'attempt', attempt, currency })
  })
  return attempt
}

/** Adds all postings of a cause, and its balance transactions. `attempt`: the payment of a transfer. */
export async function post(
  tx: Transaction,
  cause: LedgerCause,
  attempt?: PaymentAttempt,
): Promise<void> {
  await tx.ledger.insert(postingsFor(cause, NOW_MS))
  await tx.balanceTransactions.insert(balanceTransactionsOf(cause, attempt))
}

function balanceTransactionsOf(
  cause: LedgerCause,
  attempt: PaymentAttempt | undefined,
): readonly BalanceTransaction[] {
  switch (cause.type) {
    case 'attempt':
      return [chargeOf(cause.attempt, cause.currency, 'IN')].filter((one) => one !== undefined)
    case 'refund':
      return [refundTransactionOf(cause.refund, cause.attempt)].filter((one) => one !== undefined)
    case 'transfer':
      if (attempt === undefined) throw new Error('a transfer has a payment')
      return transferTransactionsOf(cause.transfer, attempt, 'IN')
    case 'transfer_reversal':
      return reversalTransactionsOf(cause.reversal, cause.transfer)
    default:
      return []
  }
}

/** Writes one posting of each kind, without discrepancies. */
export async function writeBooks(store: Store) {
  const paidAttempt = await writeCapturedAttempt(store, inr(100_000n), {
    money: {
      capturedMinor: 100_000n,
      feeMinor: 2_000n,
      taxMinor: 360n,
      refundedMinor: 30_000n,
      refundingMinor: 7_000n,
      transferredMinor: 30_000n,
      disputedMinor: 0n,
    },
  })
  const refund = refundOf(paidAttempt, { amount: inr(30_000n), status: 'succeeded' })
  const openRefunds = [
    refundOf(paidAttempt, { amount: inr(5_000n), status: 'pending' }),
    refundOf(paidAttempt, { amount: inr(2_000n) }),
  ]
  const failedRefund = refundOf(paidAttempt, { amount: inr(90_000n), status: 'failed' })
  const transfer = transferOf(paidAttempt, 1, { amount: inr(40_000n), reversedMinor: 10_000n })
  const reversal = reversalOf(transfer, { amount: inr(10_000n) })
  const endedRefund = ({ nextQueryAtMs: _, ...one }: Refund): Refund => ({
    ...one,
    decidedAtMs: NOW_MS,
  })
  await store.transaction(async (tx) => {
    await tx.refunds.insert(endedRefund(refund))
    for (const one of openRefunds) await tx.refunds.insert(one)
    await tx.refunds.insert({ ...endedRefund(failedRefund), failureReason: 'unknown' })
    await post(tx, { type: 'refund', refund, attempt: paidAttempt })
    await tx.transfers.insert(transfer)
    await post(tx, { type: 'transfer', transfer }, paidAttempt)
    await tx.transferReversals.insert(reversal)
    await post(tx, { type: 'transfer_reversal', reversal, transfer })
  })

  const max = 10n ** 12n
  const late = await writeCapturedAttempt(store, yen(max), {
    status: 'refunded',
    money: { ...NO_MONEY, capturedMinor: max, refundedMinor: max },
  })
  const lateRefund = refundOf(late, { amount: yen(max), status: 'succeeded' })
  await store.transaction(async (tx) => {
    await tx.refunds.insert(endedRefund(lateRefund))
    await post(tx, { type: 'refund', refund: lateRefund, attempt: late })
  })
  const other = await writeCapturedAttempt(store, inr(500n), {}, OTHER_ACCOUNT)
  const declinedSession = session()
  await store.paymentSessions.insert(declinedSession, undefined, NOW_MS)
  const declinedAttempt = withOutcome(attemptOf(declinedSession, 1), {
    status: 'failed',
    declineCode: 'card_declined',
  })
  await store.transaction((tx) => tx.paymentAttempts.insert(declinedAttempt))
  return {
    paid: paidAttempt,
    refund,
    openRefunds: openRefunds,
    failed: failedRefund,
    transfer,
    reversal,
    late,
    lateRefund,
    other,
    declined: declinedAttempt,
  }
}
/** The rows that `writeBooks` has written. */
export type Books = Awaited<ReturnType<typeof writeBooks>>

/** Runs a test on a new ledger. */
export async function withBooks(
  open: OpenEngine,
  work: (ledger: { store: Store; engine: Engine; books: Books }) => Promise<void>,
): Promise<void> {
  const engine = await open()
  await migrate(engine)
  const store = createStore(engine, random)
  try {
    await store.transaction(async (tx) => {
      await tx.accounts.insert(account(ACCOUNT), NOW_MS)
      await tx.accounts.insert(account(OTHER_ACCOUNT), NOW_MS)
    })
    await work({ store, engine, books: await writeBooks(store) })
  } finally {
    await store.close()
  }
}
