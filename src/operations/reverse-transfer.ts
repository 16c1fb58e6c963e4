import type { AccountId, TransferId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import { postingsFor } from '../domain/ledger.ts'
import type { Currency } from '../domain/money.ts'
import {
  reversibleMinor,
  type Transfer,
  type TransferReversal,
  withTransferred,
} from '../domain/transfer.ts'
import { type AnswerOnceDeps, answerOnce } from './answer-once.ts'
import type { Answer, IdempotentRequest, Replay } from './idempotency.ts'
import type { Store } from './store.ts'
import { storeDrawn } from './store-drawn.ts'

/** What a merchant wants back of a transfer. */
export type ReversalRequest = { readonly amountMinor: bigint; readonly description?: string }

/** Why nothing was taken back: it is more than there is. */
export type ReversalRefused = {
  readonly refused: 'exceeds_transfer_amount'
  /** What can still be taken back, in minor units. */
  readonly leftMinor: bigint
}

/**
 * Takes a transfer back from a connected account, whole or in part. The payment's session is held.
 *
 * `read` reads the request once the transfer's currency is known, and `render` makes the answer.
 * Undefined: the account has no such transfer. Throws RowHeld, and what `read` throws.
 */
export async function reverseTransfer(
  deps: AnswerOnceDeps & {
    readonly ids: Ids
    readonly store: Pick<Store, 'findPaymentAttempt' | 'findTransfer'>
  },
  accountId: AccountId,
  id: TransferId,
  read: (currency: Currency) => ReversalRequest,
  render: (
    result: { readonly reversal: TransferReversal; readonly transfer: Transfer } | ReversalRefused,
    currency: Currency,
  ) => Answer,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay | undefined> {
  const known = await deps.store.findTransfer(id)
  if (known?.accountId !== accountId) return undefined
  const { currency } = known.amount
  const attemptId = known.paymentAttemptId
  const { paymentSessionId } = (await deps.store.findPaymentAttempt(attemptId)) ?? {}
  if (paymentSessionId === undefined) throw new Error(`transfer ${id} has no payment`)
  return answerOnce(deps, idempotent, {
    hold: async (tx) => (await tx.lockPaymentSession(paymentSessionId)) !== undefined,
    change: async (tx) => {
      const transfer = await tx.findTransfer(id)
      const attempt = await tx.findPaymentAttempt(attemptId)
      if (transfer === undefined || attempt === undefined) return undefined
      const { amountMinor, description } = read(currency)
      const leftMinor = reversibleMinor(transfer)
      if (amountMinor > leftMinor) {
        const refused = { refused: 'exceeds_transfer_amount', leftMinor } as const
        return { answer: render(refused, currency), resourceId: id }
      }
      const nowMs = deps.clock.nowMs()
      const draw = (): TransferReversal => ({
        id: deps.ids.transferReversal(id),
        accountId,
        transferId: id,
        amount: { amountMinor, currency },
        createdAtMs: nowMs,
        ...(description !== undefined && { description }),
      })
      const after = { ...transfer, reversedMinor: transfer.reversedMinor + amountMinor }
      const reversal = await storeDrawn(draw, tx.insertTransferReversal)
      await tx.updateTransfer(after)
      await tx.updatePaymentAttempt(withTransferred(attempt, -amountMinor))
      await tx.insertLedgerPostings(
        postingsFor({ type: 'transfer_reversal', reversal, transfer: after }, nowMs),
      )
      return { answer: render({ reversal, transfer: after }, currency), resourceId: reversal.id }
    },
  })
}
