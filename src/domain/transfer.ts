import type { AccountId, PaymentAttemptId, TransferId, TransferReversalId } from './id.ts'
import type { Money } from './money.ts'
import type { PaymentAttempt } from './payment-attempt.ts'

/** A part of a session's amount that goes to a connected account once the payment succeeds. */
export type TransferDetail = {
  readonly connectedAccountId: AccountId
  readonly amountMinor: bigint
}

/** A part of a captured payment that has gone to a connected account. */
export type Transfer = {
  readonly id: TransferId
  readonly accountId: AccountId
  readonly paymentAttemptId: PaymentAttemptId
  /** Which transfer of its attempt this is, from 1. */
  readonly number: number
  readonly connectedAccountId: AccountId
  readonly amount: Money
  /** What was taken back of it. */
  readonly reversedMinor: bigint
  readonly description?: string
  readonly createdAtMs: number
}

/** A transfer, or a part of one, that was taken back from a connected account. */
export type TransferReversal = {
  readonly id: TransferReversalId
  readonly accountId: AccountId
  readonly transferId: TransferId
  readonly amount: Money
  readonly description?: string
  readonly createdAtMs: number
}

/**
 * Splits a captured amount: each transfer, and what is left to the merchant, whose fee is taken from
 * it. The parts add up to the captured amount. Throws RangeError when the transfers exceed it, which
 * no stored session allows.
 */
export function splitCaptured(
  capturedMinor: bigint,
  transfers: readonly TransferDetail[],
): { readonly transfers: readonly TransferDetail[]; readonly merchantMinor: bigint } {
  const merchantMinor = transfers.reduce(
    (left, { amountMinor }) => left - amountMinor,
    capturedMinor,
  )
  if (merchantMinor < 0n) throw new RangeError('transfers exceed the captured amount')
  return { transfers, merchantMinor }
}

/**
 * What can still be passed on of an attempt: what was captured, less what connected accounts have and
 * what customers have or get back.
 */
export function transferableMinor({ money, status }: PaymentAttempt): bigint {
  if (status !== 'succeeded') return 0n
  const leftMinor =
    money.capturedMinor - money.refundedMinor - money.refundingMinor - money.transferredMinor
  // A refund is the customer's right, whatever was passed on before.
  return leftMinor < 0n ? 0n : leftMinor
}

/** The attempt with so much more passed on; below zero with so much taken back. */
export function withTransferred(attempt: PaymentAttempt, amountMinor: bigint): PaymentAttempt {
  const { money } = attempt
  const transferredMinor = money.transferredMinor + amountMinor
  return { ...attempt, money: { ...money, transferredMinor } }
}

/** What can still be taken back of a transfer. */
export function reversibleMinor({ amount, reversedMinor }: Transfer): bigint {
  return amount.amountMinor - reversedMinor
}
