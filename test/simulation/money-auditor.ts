import type { TransferId } from '../../src/domain/id.ts'
import type { PaymentAttempt } from '../../src/domain/payment-attempt.ts'
import type { Refund } from '../../src/domain/refund.ts'
import type { Transfer, TransferReversal } from '../../src/domain/transfer.ts'
import type { LedgerReport } from '../../src/operations/store.ts'
import { type BalanceSums, ownerOf } from './balance-auditor.ts'
import {
  type Agreement,
  CONNECTED_ACCOUNT_ID,
  disputedMinorOf,
  grantedMinor,
  type Notes,
  sum,
} from './notes.ts'
import { quickExpect, quickExpectAtMost } from './quick-expect.ts'
import { type LedgerCharge, refundsAtProcessorMinor } from './scripted-processor.ts'

/** The amounts of an attempt, by the auditor's own sums. */
export type AttemptSums = {
  readonly isLate: boolean
  readonly hasFailedRefund: boolean
  readonly capturedMinor: bigint
  readonly feeMinor: bigint
  readonly taxMinor: bigint
  readonly refundedMinor: bigint
  readonly transfersMinor: bigint
  readonly reversalsMinor: bigint
  readonly disputedMinor: bigint
}

const amountsOf = (refunds: readonly Refund[], ...statuses: readonly Refund['status'][]) =>
  sum(
    refunds
      .filter(({ status }) => statuses.includes(status))
      .map(({ amount }) => amount.amountMinor),
  )

/** Computes the fee (2 % of the amount) and the tax (18 % of the fee), each rounded half up. */
export function feesOn(capturedMinor: bigint): {
  readonly feeMinor: bigint
  readonly taxMinor: bigint
} {
  const feeMinor = (capturedMinor + 25n) / 50n
  return { feeMinor, taxMinor: (feeMinor * 9n + 25n) / 50n }
}

/**
 * Compares an attempt's refunds and transfers with the processor's records and the notes. Returns the sums for the
 * ledger.
 */
export function auditMoney(
  agreement: Agreement,
  notes: Notes,
  {
    attempt,
    charge,
    refunds,
    transfers,
    reversals,
  }: {
    readonly attempt: PaymentAttempt
    readonly charge: LedgerCharge | undefined
    readonly refunds: readonly Refund[]
    readonly transfers: readonly Transfer[]
    readonly reversals: readonly TransferReversal[]
  },
): AttemptSums {
  const isSucceeded = attempt.status === 'succeeded'
  const isLate = attempt.status === 'refunded'
  const capturedMinor = isSucceeded || isLate ? (charge?.amountMinor ?? 0n) : 0n
  if (isSucceeded || isLate) quickExpect(capturedMinor, 'captured').toBe(agreement.amountMinor)

  auditRefunds(notes, attempt, charge, refunds)
  const refundedMinor = amountsOf(refunds, 'succeeded')
  const refundingMinor = amountsOf(refunds, 'initiated', 'pending')
  quickExpectAtMost(refundedMinor + refundingMinor, capturedMinor, 'refunds within the capture')

  quickExpect(transfers.map(({ number }) => number)).toEqual(transfers.map((_, index) => index + 1))
  const expectedMinor = isSucceeded ? agreement.transfersMinor : []
  const requests = transfers.filter(({ id }) => notes.transfers.has(id))
  quickExpect(
    transfers.filter((one) => !requests.includes(one)).map(({ amount }) => amount.amountMinor),
    'transfers of the session',
  ).toEqual(expectedMinor)
  quickExpect(new Map(requests.map(({ id, amount }) => [id, amount.amountMinor]))).toEqual(
    amountsById(notes.transfers, attempt.id),
  )
  const ids = new Set<TransferId>(transfers.map(({ id }) => id))
  const ofAttempt = reversals.filter(({ transferId }) => ids.has(transferId))
  for (const transfer of transfers) {
    const reversedMinor = grantedMinor(notes.reversals.values(), transfer.id)
    quickExpect(transfer.reversedMinor, 'the reversed amount of a transfer').toBe(reversedMinor)
    quickExpectAtMost(reversedMinor, transfer.amount.amountMinor)
    quickExpect(
      new Map(
        ofAttempt
          .filter(({ transferId }) => transferId === transfer.id)
          .map(({ id, amount }) => [id, amount.amountMinor]),
      ),
    ).toEqual(amountsById(notes.reversals, transfer.id))
  }

  const transfersMinor = sum(expectedMinor) + grantedMinor(notes.transfers.values(), attempt.id)
  const reversalsMinor = sum(ofAttempt.map(({ amount }) => amount.amountMinor))
  const fees = isSucceeded ? feesOn(capturedMinor) : { feeMinor: 0n, taxMinor: 0n }
  const transferredMinor = transfersMinor - reversalsMinor
  quickExpectAtMost(transferredMinor, capturedMinor, 'transfers within the capture')
  const disputedMinor = disputedMinorOf(notes, attempt.id)
  quickExpectAtMost(disputedMinor, capturedMinor, 'disputes within the capture')
  quickExpect(attempt.money, 'the sums of the attempt').toEqual({
    capturedMinor,
    ...fees,
    refundedMinor,
    refundingMinor,
    transferredMinor,
    disputedMinor,
  })
  const hasFailedRefund = refunds.some(({ status }) => status === 'failed')
  return {
    isLate,
    hasFailedRefund,
    capturedMinor,
    ...fees,
    refundedMinor,
    transfersMinor,
    reversalsMinor,
    disputedMinor,
  }
}

function amountsById<Id, Owner>(
  grants: ReadonlyMap<Id, { readonly ownerId: Owner; readonly amountMinor: bigint }>,
  ownerId: Owner,
): ReadonlyMap<Id, bigint> {
  return new Map(
    [...grants]
      .filter(([, one]) => one.ownerId === ownerId)
      .map(([id, one]) => [id, one.amountMinor]),
  )
}

function auditRefunds(
  notes: Notes,
  attempt: PaymentAttempt,
  charge: LedgerCharge | undefined,
  refunds: readonly Refund[],
): void {
  const grantedAmounts = amountsById(notes.refunds, attempt.id)
  const bySystem = refunds.filter(({ type }) => type === 'initiated_by_system')
  const requests = refunds.filter((refund) => !bySystem.includes(refund))
  quickExpect(new Map(requests.map(({ id, amount }) => [id, amount.amountMinor]))).toEqual(
    grantedAmounts,
  )
  // Late money is refunded in full, once, and by Paydesk itself.
  const isLate = attempt.status === 'refunded'
  quickExpect(bySystem.map(({ amount }) => amount.amountMinor)).toEqual(
    isLate ? [charge?.amountMinor] : [],
  )
  for (const [id, bookedRefund] of charge?.refunds ?? []) {
    const refund = refunds.find((one) => one.id === id)
    quickExpect(refund?.amount.amountMinor, 'a refund at the processor without a request').toBe(
      bookedRefund.amountMinor,
    )
  }
  for (const { id, status } of refunds) {
    const bookedState = charge?.refunds.get(id)?.state
    if (status === 'succeeded' || status === 'failed') {
      quickExpect(bookedState, 'the processor’s status of a final refund').toBe(status)
    }
  }
  if (charge === undefined) return
  const unreportedMinor = sum(
    refunds
      .filter(
        ({ id, status }) => status !== 'succeeded' && charge.refunds.get(id)?.state === 'succeeded',
      )
      .map(({ amount }) => amount.amountMinor),
  )
  quickExpect(amountsOf(refunds, 'succeeded') + unreportedMinor, 'refunded at the processor').toBe(
    refundsAtProcessorMinor(charge),
  )
}

/** Compares the ledger with the tables, and its balances with the auditor's own. `owners`: the audited balances. */
export function auditBooks(
  { balances, discrepancies }: LedgerReport,
  { accountId }: Agreement,
  sums: readonly AttemptSums[],
  owners: ReadonlyMap<string, BalanceSums>,
): void {
  quickExpect(discrepancies).toEqual([])
  const paidOutTo = (connectedAccountId: string) =>
    owners.get(ownerOf(accountId, connectedAccountId, 'INR'))?.paidOutMinor ?? 0n
  const paidOut = { merchantMinor: paidOutTo('0'), connectedMinor: paidOutTo(CONNECTED_ACCOUNT_ID) }
  const total = (amountOf: (one: AttemptSums) => bigint) => sum(sums.map(amountOf))
  const inTime = sums.filter(({ isLate }) => !isLate)
  const sumInTime = (part: 'capturedMinor' | 'refundedMinor') => sum(inTime.map((one) => one[part]))
  const capturedMinor = total((one) => one.capturedMinor)
  const refundedMinor = total((one) => one.refundedMinor)
  const feeMinor = total((one) => one.feeMinor)
  const taxMinor = total((one) => one.taxMinor)
  const transfersMinor = total((one) => one.transfersMinor - one.reversalsMinor)
  const disputedMinor = total((one) => one.disputedMinor)
  const expected = {
    processor:
      refundedMinor -
      capturedMinor +
      disputedMinor +
      paidOut.merchantMinor +
      paidOut.connectedMinor,
    merchant:
      sumInTime('capturedMinor') -
      sumInTime('refundedMinor') -
      feeMinor -
      taxMinor -
      transfersMinor -
      disputedMinor -
      paidOut.merchantMinor,
    customers:
      capturedMinor - sumInTime('capturedMinor') - (refundedMinor - sumInTime('refundedMinor')),
    fees: feeMinor,
    taxes: taxMinor,
    connected: transfersMinor - paidOut.connectedMinor,
  }
  const result = { processor: 0n, merchant: 0n, customers: 0n, fees: 0n, taxes: 0n, connected: 0n }
  for (const { creditMinor, debitMinor, ledgerAccount, ...balance } of balances) {
    if (balance.accountId !== accountId) continue
    const name = ledgerAccount.startsWith('connected_account/') ? 'connected' : ledgerAccount
    result[name as keyof typeof result] += creditMinor - debitMinor
  }
  quickExpect(result, 'the balances of the books').toEqual(expected)
}
