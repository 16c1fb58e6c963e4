import type { AccountId, PaymentAttemptId, TransferId, TransferReversalId } from './id.ts'
import type { Money } from './money.ts'
import type { PaymentAttempt } from './payment-attempt.ts'

/** A part of a session's amount that goes to a connected account when the payment succeeds. */
export type TransferDetail = {
  readonly connectedAccountId: AccountId
  readonly amountMinor: bigint
}

/** A transfer of a part of a captured payment to a connected account. */
export type Transfer = {
  readonly id: TransferId
  readonly accountId: AccountId
  readonly paymentAttemptId: PaymentAttemptId
  /** The number of the transfer in its attempt, from 1. */
  readonly number: number
  readonly connectedAccountId: AccountId
  readonly amount: Money
  readonly reversedMinor: bigint
  readonly description?: string
  readonly createdAtMs: number
}

/** The full or partial reversal of a transfer. */
export type TransferReversal = {
  readonly id: TransferReversalId
  readonly accountId: AccountId
  readonly transferId: TransferId
  readonly amount: Money
  readonly description?: string
  readonly createdAtMs: number
}

/**
 * Splits a captured amount into the transfers and the merchant's part, from which the fee is taken. The parts add up
 * to the captured amount. Throws RangeError if the transfers exceed it; no stored session allows that.
 */
export function splitCapturedAmount(
  capturedMinor: bigint,
  transfers: readonly TransferDetail[],
): { readonly transfers: readonly TransferDetail[]; readonly merchantMinor: bigint } {
  const merchantMinor = transfers.reduce(
    (rest, { amountMinor }) => rest - amountMinor,
    capturedMinor,
  )
  if (merchantMinor < 0n) throw new RangeError('transfers exceed the captured amount')
  return { transfers, merchantMinor }
}

/**
 * Returns the transferable amount of an attempt: the captured amount minus unreversed transfers and
 * refunds, including open ones.
 */
export function transferableMinor({ money, status }: PaymentAttempt): bigint {
  if (status !== 'succeeded') return 0n
  const leftMinor =
    money.capturedMinor - money.refundedMinor - money.refundingMinor - money.transferredMinor
  // Earlier transfers do not limit refunds.
  return leftMinor < 0n ? 0n : leftMinor
}

/** Returns the attempt after a transfer of an amount or, if the amount is negative, after a reversal. */
export function changeTransferredAmount(
  attempt: PaymentAttempt,
  amountMinor: bigint,
): PaymentAttempt {
  const { money } = attempt
  const transferredMinor = money.transferredMinor + amountMinor
  return { ...attempt, money: { ...money, transferredMinor } }
}

/** Returns the amount of a transfer that can still be reversed. */
export function reversibleMinor({ amount, reversedMinor }: Transfer): bigint {
  return amount.amountMinor - reversedMinor
}
