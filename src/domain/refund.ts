import type { AccountId, PaymentAttemptId, RefundId } from './id.ts'
import type { Money } from './money.ts'

/** A refund's status, by the word the wire shows. `succeeded` and `failed` are final. */
export type RefundStatus = 'initiated' | 'pending' | 'succeeded' | 'failed'

/** Captured money to give back. */
export type Refund = {
  readonly id: RefundId
  readonly accountId: AccountId
  /** The attempt whose money it is. */
  readonly paymentAttemptId: PaymentAttemptId
  readonly amount: Money
  /** Who asked for it. We ask ourselves for the money of a success that came too late. */
  readonly type: 'initiated_by_system'
  readonly reason: 'system_initiated'
  readonly status: RefundStatus
  readonly createdAtMs: number
  /** When to ask the processor what became of it; set exactly while that is open. */
  readonly askAtMs?: number
  readonly askedCount: number
}
