import type { AccountId, PaymentAttemptId } from '../domain/id.ts'
import { postingsFor } from '../domain/ledger.ts'
import { askDelayMs, askedOnceMore, type PaymentAttempt } from '../domain/payment-attempt.ts'
import {
  REFUND_FAILURE_REASONS,
  type Refund,
  type RefundFailureReason,
  type RefundRefusal,
  refundableMinor,
  withRefundBegun,
  withRefundEnded,
} from '../domain/refund.ts'
import { CALL_MS_MAX } from '../processors/guarded-processor.ts'
import type { Processor, RefundOutcome } from '../processors/processor.ts'
import { refundFields } from '../wire/refund.ts'
import { type AnswerOnceDeps, answerOnce } from './answer-once.ts'
import type { Answer, IdempotentRequest, Replay } from './idempotency.ts'
import type { PaymentSessionRecord, Store, Transaction } from './store.ts'
import { storeDrawn } from './store-drawn.ts'
import { type EventDeps, writeWebhookEvent } from './write-webhook-event.ts'

/** What a merchant asks for, with the amount still to be read in the payment's currency. */
export type RefundRequest = Pick<Refund, 'type' | 'reason' | 'description' | 'metaDataJson'>

/** Why no refund was begun. */
export type RefundRefused = {
  readonly refused: RefundRefusal
  readonly attempt: PaymentAttempt
  /** What can still be given back, in minor units. */
  readonly leftMinor: bigint
}

/**
 * Begins to give captured money back, whole or in part. What is given back is set aside at once, with
 * the session held: however many requests come together, they never get more than was captured. The
 * money goes when the refund loop has called the processor.
 *
 * `read` reads the request once the payment's currency is known, and `render` makes the answer.
 * Undefined: the account has no such payment. Throws RowHeld, and what `read` throws.
 */
export async function refundPayment(
  deps: AnswerOnceDeps & EventDeps & { readonly store: Pick<Store, 'findPaymentAttempt'> },
  accountId: AccountId,
  id: PaymentAttemptId,
  read: (session: PaymentSessionRecord) => {
    readonly request: RefundRequest
    readonly amountMinor: bigint
  },
  render: (result: Refund | RefundRefused) => Answer,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay | undefined> {
  const known = await deps.store.findPaymentAttempt(id)
  if (known?.accountId !== accountId) return undefined
  let session: PaymentSessionRecord | undefined
  return answerOnce(deps, idempotent, {
    bucket: deps.store.publicIds.bucketOf(id),
    hold: async (tx) => {
      session = await tx.lockPaymentSession(known.paymentSessionId)
      return session !== undefined
    },
    change: async (tx) => {
      const attempt = await tx.findPaymentAttempt(id)
      if (session === undefined || attempt === undefined) return undefined
      const { amountMinor, request } = read(session)
      const begun = withRefundBegun(attempt, amountMinor)
      if ('refused' in begun) {
        const refused = { ...begun, attempt, leftMinor: refundableMinor(attempt) }
        return { answer: render(refused), resourceId: id }
      }
      const { currency } = session.amount
      const nowMs = deps.clock.nowMs()
      const draw = (): Refund => ({
        ...request,
        id: deps.ids.refund(id),
        accountId,
        paymentAttemptId: id,
        amount: { amountMinor, currency },
        status: 'initiated',
        createdAtMs: nowMs,
        askAtMs: nowMs,
        askedCount: 0,
      })
      const refund = await storeDrawn(draw, tx.insertRefund)
      await tx.updatePaymentAttempt(begun.attempt)
      return { answer: render(refund), resourceId: refund.id }
    },
  })
}

type SendDeps = EventDeps & {
  readonly store: Pick<Store, 'transaction' | 'claimRefund' | 'findPaymentAttempt'>
  /** Guarded: it answers, whatever the module behind it does. */
  readonly processor: Processor
}

/** For how long a refund that is being sent is nobody else's: longer than a call and its record take. */
const LEASE_MS = CALL_MS_MAX + 10_000

/** Sends one refund that is due, or asks what became of it. Gives its id; undefined when none is due. */
export async function refundNext(deps: SendDeps): Promise<Refund['id'] | undefined> {
  const refund = await deps.store.claimRefund(deps.clock.nowMs(), LEASE_MS)
  if (refund === undefined) return undefined
  const { id: refundId, paymentAttemptId: attemptId, amount } = refund
  const outcome = await deps.processor.refund({ refundId, attemptId, amount })
  await recordRefundOutcome(deps, refund, outcome)
  return refundId
}

/**
 * Records what the processor answered about a refund, with the payment's sums, the posting and the
 * event. Of two answers about one refund the final one holds, and counts once.
 */
export async function recordRefundOutcome(
  deps: Pick<SendDeps, 'clock' | 'ids' | 'mode' | 'store'>,
  refund: Refund,
  outcome: RefundOutcome,
): Promise<void> {
  const attempt = await deps.store.findPaymentAttempt(refund.paymentAttemptId)
  if (attempt === undefined) throw new Error(`refund ${refund.id} has no payment`)
  await deps.store.transaction(async (tx) => {
    const session = await tx.lockPaymentSession(attempt.paymentSessionId)
    if (session === undefined) throw new Error(`payment ${attempt.id} has no session`)
    const after = afterAnswer(refund, outcome, deps.clock.nowMs())
    const isWritten = await tx.updateRefund(after)
    const hasEnded = after.status === 'succeeded' || after.status === 'failed'
    if (isWritten && hasEnded) await writeEnd(tx, deps, session, after)
  })
}

async function writeEnd(
  tx: Transaction,
  deps: EventDeps,
  session: PaymentSessionRecord,
  refund: Refund,
): Promise<void> {
  const before = await tx.findPaymentAttempt(refund.paymentAttemptId)
  if (before === undefined) throw new Error(`refund ${refund.id} has no payment`)
  const attempt = withRefundEnded(before, refund)
  await tx.updatePaymentAttempt(attempt)
  if (refund.status === 'succeeded') {
    const cause = { type: 'refund', refund, attempt } as const
    await tx.insertLedgerPostings(postingsFor(cause, deps.clock.nowMs()))
  }
  const type = refund.status === 'succeeded' ? 'refund.succeeded' : 'refund.failed'
  await writeWebhookEvent(tx, deps, session, type, { refund: refundFields(refund) })
}

const KNOWN_REASONS: ReadonlySet<string> = new Set(REFUND_FAILURE_REASONS)

function afterAnswer(
  { askAtMs: _, ...refund }: Refund,
  outcome: RefundOutcome,
  nowMs: number,
): Refund {
  const reference =
    'processorReference' in outcome && outcome.processorReference !== undefined
      ? { processorReference: outcome.processorReference }
      : {}
  switch (outcome.kind) {
    case 'succeeded':
      return { ...refund, ...reference, status: 'succeeded', decidedAtMs: nowMs }
    case 'failed': {
      const { reason } = outcome
      const failureReason = KNOWN_REASONS.has(reason) ? (reason as RefundFailureReason) : 'unknown'
      return { ...refund, status: 'failed', failureReason, decidedAtMs: nowMs }
    }
    default:
      return {
        ...refund,
        ...reference,
        status: 'pending',
        askAtMs: nowMs + (outcome.askAfterMs ?? askDelayMs(refund.askedCount)),
        askedCount: askedOnceMore(refund.askedCount),
      }
  }
}
