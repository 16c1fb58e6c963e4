import { transferTransactionsOf } from '../domain/balance-transaction.ts'
import type { Clock } from '../domain/clock.ts'
import type { AccountId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import { postingsFor } from '../domain/ledger.ts'
import type { Money } from '../domain/money.ts'
import { changeTransferredAmount, type Transfer, transferableMinor } from '../domain/transfer.ts'
import type { LockedPayment } from './lock-payment.ts'
import type { Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'

/** A part of a captured payment for a connected account, in the currency of the payment. */
export type TransferRequest = Pick<Transfer, 'amount' | 'description'> & {
  readonly connectedAccountId: AccountId
}

/** The reason why a part was not transferred. */
export type TransferRefusal =
  | 'payment_not_captured'
  | 'exceeds_payment_amount'
  | 'too_many_transfers'

/**
 * The maximum number of transfers of one payment. The payment's answer lists them all, and the database limits their
 * number.
 */
export const TRANSFER_COUNT_MAX = 1_000

/** The result of one part, in the order of the request. */
export type TransferResult =
  | { readonly transfer: Transfer }
  | {
      readonly refused: TransferRefusal
      readonly request: TransferRequest
      /** The amount that could still be transferred before this part. */
      readonly remaining: Money
    }

/**
 * Transfers parts of a captured payment to connected accounts, in order. A part above the transferable amount is
 * refused, and later parts can still succeed.
 */
export async function makeTransfers(
  tx: Transaction,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
  payment: LockedPayment,
  requests: readonly TransferRequest[],
): Promise<readonly TransferResult[]> {
  let { attempt } = payment
  const { accountId, id } = attempt
  const nowMs = clock.nowMs()
  const account = await tx.accounts.find(accountId)
  if (account === undefined) throw new Error(`payment ${id} has no account`)
  let number = (await tx.transfers.listByPayment(id)).length
  const results: TransferResult[] = []
  for (const request of requests) {
    const { amountMinor } = request.amount
    const leftMinor = transferableMinor(attempt)
    const remaining = { ...payment.session.amount, amountMinor: leftMinor }
    if (amountMinor > leftMinor) {
      const isCaptured = attempt.status === 'succeeded'
      const refusal = isCaptured ? 'exceeds_payment_amount' : 'payment_not_captured'
      results.push({ refused: refusal, request, remaining })
      continue
    }
    if (number >= TRANSFER_COUNT_MAX) {
      results.push({ refused: 'too_many_transfers', request, remaining })
      continue
    }
    number += 1
    const draw = (): Transfer => ({
      ...request,
      id: ids.transfer(id),
      accountId,
      paymentAttemptId: id,
      number,
      reversedMinor: 0n,
      createdAtMs: nowMs,
    })
    const transfer = await storeWithFreeId(draw, tx.transfers.insert)
    await tx.ledger.insert(postingsFor({ type: 'transfer', transfer }, nowMs))
    await tx.balanceTransactions.insert(transferTransactionsOf(transfer, attempt, account.edition))
    attempt = changeTransferredAmount(attempt, amountMinor)
    results.push({ transfer })
  }
  await tx.paymentAttempts.update(attempt)
  return results
}
