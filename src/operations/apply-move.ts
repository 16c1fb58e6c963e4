import type { PaymentSessionId } from '../domain/id.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import {
  type Moved,
  movePaymentSession,
  type PaymentSessionMove,
  type Refused,
} from '../domain/payment-session.ts'
import { splitCaptured, type TransferDetail } from '../domain/transfer.ts'
import type { Clock, Ids, PaymentSessionRecord, Store, Transaction } from './ports.ts'

/** A move that was made on a stored session. */
export type MovedRecord = Moved & { readonly session: PaymentSessionRecord }

/** What moving a stored session needs. */
export type MoveDeps = {
  readonly store: Pick<Store, 'transaction'>
  readonly clock: Clock
  readonly ids: Ids
}

/** The new attempt's id is taken: draw again. Nothing was written. */
export class AttemptIdTaken extends Error {}

/**
 * The only function that changes a stored payment session: holds its row, decides, writes the
 * session, its attempt and what follows from it, commits. Undefined: there is no such session.
 * Throws RowHeld and AttemptIdTaken.
 */
export function applyMove(
  deps: MoveDeps,
  id: PaymentSessionId,
  move: PaymentSessionMove,
): Promise<MovedRecord | Refused | undefined> {
  return deps.store.transaction((tx) => applyMoveIn(tx, deps, id, move))
}

/** `applyMove` as a part of a transaction that writes more with it. */
export async function applyMoveIn(
  tx: Transaction,
  deps: Pick<MoveDeps, 'clock' | 'ids'>,
  id: PaymentSessionId,
  move: PaymentSessionMove,
): Promise<MovedRecord | Refused | undefined> {
  const before = await tx.lockPaymentSession(id)
  if (before === undefined) return undefined

  const named =
    'attemptId' in move && move.type !== 'start_attempt'
      ? await tx.findPaymentAttempt(move.attemptId)
      : undefined
  // An attempt of another session is as good as none.
  const attemptBefore = named?.paymentSessionId === id ? named : undefined
  const result = movePaymentSession(before, attemptBefore, move, deps.clock.nowMs())
  if ('refused' in result) return result

  const session = { ...before, ...result.session }
  await tx.updatePaymentSession(session)
  if (result.attempt !== undefined) {
    if (move.type !== 'start_attempt') await tx.updatePaymentAttempt(result.attempt)
    else if (!(await tx.insertPaymentAttempt(result.attempt))) throw new AttemptIdTaken()
    await writeWhatFollows(tx, deps, session, result.attempt)
  }
  return { ...result, session }
}

/** A success brings its transfers with it, one that came too late its refund. */
async function writeWhatFollows(
  tx: Transaction,
  { clock, ids }: Pick<MoveDeps, 'clock' | 'ids'>,
  session: PaymentSessionRecord,
  attempt: PaymentAttempt,
): Promise<void> {
  const nowMs = clock.nowMs()
  const { accountId, amount } = session
  const of = { accountId, paymentAttemptId: attempt.id, createdAtMs: nowMs }
  if (attempt.status === 'refunded') {
    await tx.insertRefund({
      ...of,
      id: ids.refund(attempt.id),
      amount,
      type: 'initiated_by_system',
      reason: 'system_initiated',
      status: 'initiated',
      askAtMs: nowMs,
      askedCount: 0,
    })
  }
  if (attempt.status === 'succeeded') {
    const { transfers } = splitCaptured(amount.amountMinor, transferDetailsOf(session))
    for (const [index, { connectedAccountId, amountMinor }] of transfers.entries()) {
      await tx.insertTransfer({
        ...of,
        id: ids.transfer(attempt.id),
        number: index + 1,
        connectedAccountId,
        amount: { amountMinor, currency: amount.currency },
      })
    }
  }
}

function transferDetailsOf({ transferDetailsJson }: PaymentSessionRecord): TransferDetail[] {
  if (transferDetailsJson === undefined) return []
  const details = JSON.parse(transferDetailsJson) as {
    connected_account_id: string
    amount_minor: string
  }[]
  return details.map((detail) => ({
    connectedAccountId: detail.connected_account_id as TransferDetail['connectedAccountId'],
    amountMinor: BigInt(detail.amount_minor),
  }))
}
