import { reversalTransactionsOf } from '../domain/balance-transaction.ts'
import type { Clock } from '../domain/clock.ts'
import type { Ids } from '../domain/ids.ts'
import { postingsFor } from '../domain/ledger.ts'
import type { Money } from '../domain/money.ts'
import {
  changeTransferredAmount,
  reversibleMinor,
  type Transfer,
  type TransferReversal,
} from '../domain/transfer.ts'
import type { LockedTransfer } from './lock-payment.ts'
import type { Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'

/** A merchant's request to reverse a transfer, in the currency of the transfer. */
export type ReversalRequest = Pick<TransferReversal, 'amount' | 'description'>

type ReversedTransfer = {
  readonly reversal: TransferReversal
  readonly transfer: Transfer
}

/** The refusal of a reversal that exceeds its transfer. */
export type RefusedReversal = {
  readonly refused: 'exceeds_transfer_amount'
  /** The amount that can still be reversed. */
  readonly remaining: Money
}

/** Reverses a transfer to a connected account, in full or in part. */
export async function reverseTransfer(
  tx: Transaction,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
  { attempt, transfer }: LockedTransfer,
  request: ReversalRequest,
): Promise<ReversedTransfer | RefusedReversal> {
  const { amountMinor } = request.amount
  const leftMinor = reversibleMinor(transfer)
  if (amountMinor > leftMinor) {
    const remaining = { ...transfer.amount, amountMinor: leftMinor }
    return { refused: 'exceeds_transfer_amount', remaining }
  }
  const nowMs = clock.nowMs()
  const draw = (): TransferReversal => ({
    ...request,
    id: ids.transferReversal(transfer.id),
    accountId: transfer.accountId,
    transferId: transfer.id,
    createdAtMs: nowMs,
  })
  const after = { ...transfer, reversedMinor: transfer.reversedMinor + amountMinor }
  const reversal = await storeWithFreeId(draw, tx.transferReversals.insert)
  await tx.transfers.update(after)
  await tx.paymentAttempts.update(changeTransferredAmount(attempt, -amountMinor))
  await tx.ledger.insert(
    postingsFor({ type: 'transfer_reversal', reversal, transfer: after }, nowMs),
  )
  await tx.balanceTransactions.insert(reversalTransactionsOf(reversal, after))
  return { reversal, transfer: after }
}
