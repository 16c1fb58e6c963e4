import { refundTransactionOf } from '../domain/balance-transaction.ts'
import { postingsFor } from '../domain/ledger.ts'
import type { Money } from '../domain/money.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import {
  moveRefund,
  type Refund,
  type RefundMove,
  type RefundRefusal,
  refundableMinor,
  reserveRefund,
  settleRefund,
} from '../domain/refund.ts'
import { CALL_MS_MAX } from '../processors/guarded-processor.ts'
import type { Processor, RefundOutcome } from '../processors/processor.ts'
import { refundFields } from '../wire/refund.ts'
import { hasOpenDispute } from './has-open-dispute.ts'
import type { LockedPayment } from './lock-payment.ts'
import type { MoneyCounter } from './money-counter.ts'
import type { PaymentSessionRecord, Store, Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'
import { updateTransferStatus } from './update-transfer-status.ts'
import { type EventDeps, eventSourceOf, writeWebhookEvent } from './write-webhook-event.ts'

/** A merchant's refund request, in the currency of the payment. */
export type RefundRequest = Pick<
  Refund,
  'amount' | 'type' | 'reason' | 'description' | 'metaDataJson'
>

/** The reason why no refund was created. */
export type RefusedRefund = {
  readonly refused: RefundRefusal
  readonly attempt: PaymentAttempt
  /** The amount that can still be refunded. */
  readonly remaining: Money
}

/**
 * Creates a full or partial refund of a captured payment. It reserves the amount at once, under the lock of the
 * session, so that simultaneous requests never get more than was captured. The refund loop calls the processor
 * afterwards.
 */
export async function refundPayment(
  tx: Transaction,
  { clock, ids }: Pick<EventDeps, 'clock' | 'ids'>,
  { attempt, session }: LockedPayment,
  request: RefundRequest,
): Promise<Refund | RefusedRefund> {
  // A bank reverses a transfer even while the payment is disputed.
  const isHindered = request.type !== 'initiated_by_system' && (await hasOpenDispute(tx, attempt))
  const reservation = reserveRefund(attempt, request.amount.amountMinor, isHindered)
  if ('refused' in reservation) {
    const remaining = { ...session.amount, amountMinor: refundableMinor(attempt) }
    return { ...reservation, attempt, remaining }
  }
  const nowMs = clock.nowMs()
  const draw = (): Refund => ({
    ...request,
    id: ids.refund(attempt.id),
    accountId: attempt.accountId,
    paymentAttemptId: attempt.id,
    status: 'initiated',
    createdAtMs: nowMs,
    nextQueryAtMs: nowMs,
    queryCount: 0,
  })
  const refund = await storeWithFreeId(draw, tx.refunds.insert)
  await tx.paymentAttempts.update(reservation.attempt)
  return refund
}

type SendDeps = EventDeps & {
  readonly store: Pick<Store, 'transaction' | 'refunds' | 'paymentAttempts'>
  /** Guarded (`guardProcessor`). */
  readonly processor: Processor
  /** Undefined: nothing is counted. */
  readonly moneyCounter?: MoneyCounter
}

/** Longer than the call and the record of its answer. */
const LEASE_MS = CALL_MS_MAX + 10_000

/** Sends one due refund to the processor, or queries its state. Returns the refund's id; undefined when none is due. */
export async function refundNext(deps: SendDeps): Promise<Refund['id'] | undefined> {
  const refund = await deps.store.refunds.claim(deps.clock.nowMs(), LEASE_MS)
  if (refund === undefined) return undefined
  const { id: refundId, paymentAttemptId: attemptId, amount } = refund
  const outcome = await deps.processor.refund({ refundId, attemptId, amount })
  await recordRefundOutcome(deps, refund, outcome)
  return refundId
}

/**
 * Records the processor's answer about a refund, with the payment's sums, the posting and the event. If several answers
 * about one refund arrive, the first final one is recorded.
 */
export async function recordRefundOutcome(
  deps: Pick<SendDeps, 'clock' | 'ids' | 'mode' | 'moneyCounter' | 'store'>,
  refund: Refund,
  outcome: RefundOutcome,
): Promise<void> {
  const attempt = await deps.store.paymentAttempts.find(refund.paymentAttemptId)
  if (attempt === undefined) throw new Error(`refund ${refund.id} has no payment`)
  const finalRefund = await deps.store.transaction(async (tx) => {
    const session = await tx.paymentSessions.lock(attempt.paymentSessionId)
    if (session === undefined) throw new Error(`payment ${attempt.id} has no session`)
    const storedRefund = await tx.refunds.find(refund.id)
    if (storedRefund === undefined) throw new Error(`refund ${refund.id} vanished`)
    const after = moveRefund(storedRefund, moveFrom(outcome), deps.clock.nowMs())
    // Another answer has already been recorded.
    if ('refused' in after) return undefined
    await tx.refunds.update(after)
    if (after.status === 'pending') return undefined
    await writeEnd(tx, deps, session, after)
    return after
  })
  if (finalRefund !== undefined) deps.moneyCounter?.countRefund(finalRefund)
}

/** Ends the open refunds of a locked payment, because the payment is disputed. Returns them. */
export async function failOpenRefunds(
  tx: Transaction,
  deps: EventDeps,
  { attempt, session }: LockedPayment,
): Promise<readonly Refund[]> {
  const move = { type: 'record_failure', reason: 'charge_for_pending_refund_disputed' } as const
  const failedRefunds: Refund[] = []
  for (const open of await tx.refunds.listOpen(attempt.id)) {
    const after = moveRefund(open, move, deps.clock.nowMs())
    if ('refused' in after) continue
    await tx.refunds.update(after)
    await writeEnd(tx, deps, session, after)
    failedRefunds.push(after)
  }
  return failedRefunds
}

async function writeEnd(
  tx: Transaction,
  deps: EventDeps,
  session: PaymentSessionRecord,
  refund: Refund,
): Promise<void> {
  const before = await tx.paymentAttempts.find(refund.paymentAttemptId)
  if (before === undefined) throw new Error(`refund ${refund.id} has no payment`)
  const attempt = settleRefund(before, refund)
  await tx.paymentAttempts.update(attempt)
  if (refund.status === 'succeeded') {
    await updateTransferStatus(tx, session, attempt)
    const cause = { type: 'refund', refund, attempt } as const
    await tx.ledger.insert(postingsFor(cause, deps.clock.nowMs()))
    const change = refundTransactionOf(refund, attempt)
    if (change !== undefined) await tx.balanceTransactions.insert([change])
  }
  const type = refund.status === 'succeeded' ? 'refund.succeeded' : 'refund.failed'
  const object = { refund: refundFields(refund) }
  await writeWebhookEvent(tx, deps, eventSourceOf(session, attempt), { type, object })
}

function moveFrom(outcome: RefundOutcome): RefundMove {
  switch (outcome.kind) {
    case 'succeeded': {
      const { processorReference } = outcome
      return {
        type: 'record_success',
        ...(processorReference !== undefined && { processorReference }),
      }
    }
    case 'failed':
      return { type: 'record_failure', reason: outcome.reason }
    default: {
      const { askAfterMs } = outcome
      const reference = 'processorReference' in outcome ? outcome.processorReference : undefined
      return {
        type: 'record_open',
        ...(reference !== undefined && { processorReference: reference }),
        ...(askAfterMs !== undefined && { askAfterMs }),
      }
    }
  }
}
