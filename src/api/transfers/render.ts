import { formatMoney, type Money } from '../../domain/money.ts'
import {
  TRANSFER_COUNT_MAX,
  type TransferRefusal,
  type TransferResult,
} from '../../operations/make-transfers.ts'
import { newTransferFields, refusedTransferFields } from '../../wire/transfer.ts'
import { renderOne } from '../render-envelope.ts'

/** Renders the answer to a transfer request: the result of each part and the overall status. */
export function renderTransferResults(results: readonly TransferResult[]): string {
  const splits = results.map((result) =>
    'transfer' in result
      ? newTransferFields(result.transfer)
      : refusedTransferFields({
          connectedAccountId: result.request.connectedAccountId,
          amount: result.request.amount,
          errorCode: result.refused,
          message: sentenceOf(result.refused, result.remaining),
        }),
  )
  const madeCount = results.filter((result) => 'transfer' in result).length
  const some = madeCount === 0 ? 'failed' : 'partial_success'
  const status = madeCount === results.length ? 'success' : some
  // Some official clients read the first of the two places, others the second.
  return renderOne('data', { splits, status, transfers: { splits, status } })
}

function sentenceOf(refusal: TransferRefusal, remaining: Money): string {
  if (refusal === 'payment_not_captured') return 'The payment has not been captured.'
  if (refusal === 'too_many_transfers') {
    return `The payment already has ${TRANSFER_COUNT_MAX} transfers, the maximum.`
  }
  if (remaining.amountMinor === 0n) return 'This payment has no amount left to transfer.'
  return `amount must be at most ${formatMoney(remaining)} ${remaining.currency}: that is the transferable amount of this payment.`
}
