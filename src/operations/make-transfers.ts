import type { AccountId, PaymentAttemptId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import { postingsFor } from '../domain/ledger.ts'
import { type Transfer, transferableMinor, withTransferred } from '../domain/transfer.ts'
import { type AnswerOnceDeps, answerOnce } from './answer-once.ts'
import type { Answer, IdempotentRequest, Replay } from './idempotency.ts'
import type { PaymentSessionRecord, Store } from './store.ts'
import { storeDrawn } from './store-drawn.ts'

/** A part of a captured payment that a merchant passes on. */
export type TransferRequest = {
  readonly connectedAccountId: AccountId
  readonly amountMinor: bigint
  readonly description?: string
}

/** Why a part was not passed on. */
export type TransferRefusal =
  | 'payment_not_captured'
  | 'exceeds_payment_amount'
  | 'too_many_transfers'

/** How many transfers a payment can have: they are listed with it, and counted by the database. */
export const TRANSFER_COUNT_MAX = 1_000

/** What came of each part, in the order of the request. */
export type TransferResult =
  | { readonly transfer: Transfer }
  | {
      readonly refused: TransferRefusal
      readonly request: TransferRequest
      /** What could still be passed on at this part's turn, in minor units. */
      readonly leftMinor: bigint
    }

/**
 * Passes parts of a captured payment on to connected accounts, each in turn as far as there is
 * something left: some can be made and others refused. The session is held, so that however many
 * requests come together, they never pass on more than was captured.
 *
 * `read` reads the parts once the payment's currency is known, and `render` makes the answer.
 * Undefined: the account has no such payment. Throws RowHeld, and what `read` throws.
 */
export async function makeTransfers(
  deps: AnswerOnceDeps & { readonly ids: Ids; readonly store: Pick<Store, 'findPaymentAttempt'> },
  accountId: AccountId,
  id: PaymentAttemptId,
  read: (session: PaymentSessionRecord) => readonly TransferRequest[],
  render: (results: readonly TransferResult[], session: PaymentSessionRecord) => Answer,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay | undefined> {
  const known = await deps.store.findPaymentAttempt(id)
  if (known?.accountId !== accountId) return undefined
  let session: PaymentSessionRecord | undefined
  return answerOnce(deps, idempotent, {
    hold: async (tx) => {
      session = await tx.lockPaymentSession(known.paymentSessionId)
      return session !== undefined
    },
    change: async (tx) => {
      let attempt = await tx.findPaymentAttempt(id)
      if (session === undefined || attempt === undefined) return undefined
      const { currency } = session.amount
      const nowMs = deps.clock.nowMs()
      let number = (await tx.listTransfers(id)).length
      const results: TransferResult[] = []
      for (const request of read(session)) {
        const { amountMinor, connectedAccountId, description } = request
        const leftMinor = transferableMinor(attempt)
        if (amountMinor > leftMinor) {
          const isCaptured = attempt.status === 'succeeded'
          const refused = isCaptured ? 'exceeds_payment_amount' : 'payment_not_captured'
          results.push({ refused, request, leftMinor })
          continue
        }
        if (number >= TRANSFER_COUNT_MAX) {
          results.push({ refused: 'too_many_transfers', request, leftMinor })
          continue
        }
        number += 1
        const terms = {
          accountId,
          paymentAttemptId: id,
          number,
          connectedAccountId,
          amount: { amountMinor, currency },
          reversedMinor: 0n,
          createdAtMs: nowMs,
          ...(description !== undefined && { description }),
        }
        const draw = (): Transfer => ({ ...terms, id: deps.ids.transfer(id) })
        const transfer = await storeDrawn(draw, tx.insertTransfer)
        await tx.insertLedgerPostings(postingsFor({ type: 'transfer', transfer }, nowMs))
        attempt = withTransferred(attempt, amountMinor)
        results.push({ transfer })
      }
      await tx.updatePaymentAttempt(attempt)
      return { answer: render(results, session), resourceId: id }
    },
  })
}
