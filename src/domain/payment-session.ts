import type { AccountId, PaymentAttemptId, PaymentSessionId } from './id.ts'
import type { Money } from './money.ts'
import {
  ATTEMPT_DEADLINE_MS,
  type DeclineCode,
  type PaymentAttempt,
  type PaymentAttemptStatus,
} from './payment-attempt.ts'

/**
 * Everything the wire can show as a session's status.
 *
 * `expired` is never stored: it is what an open session is once its time has passed (`statusAt`).
 */
export const PAYMENT_SESSION_STATUSES = [
  'created',
  'in_progress',
  'succeeded',
  'failed',
  'expired',
  'canceled',
] as const
/** A session's status, by the word the wire shows. */
export type PaymentSessionStatus = (typeof PAYMENT_SESSION_STATUSES)[number]
/** A status that a row can hold. */
export type StoredPaymentSessionStatus = Exclude<PaymentSessionStatus, 'expired'>

/** How long a session can be paid, in seconds: the bounds, and what holds when nothing is asked. */
export const EXPIRES_IN_SECONDS = { min: 300, max: 900, default: 900 } as const
/** How many attempts a session allows in all: the bounds, and what holds when nothing is asked. */
export const ATTEMPT_COUNT_MAX = { min: 1, max: 5, default: 5 } as const

/** What a move needs to know of a session. */
export type PaymentSession = {
  readonly id: PaymentSessionId
  readonly accountId: AccountId
  readonly amount: Money
  readonly status: StoredPaymentSessionStatus
  readonly createdAtMs: number
  readonly expiresAtMs: number
  /** Attempts begun so far. */
  readonly attemptCount: number
  readonly attemptCountMax: number
  /** The attempt at the processor; set exactly while the status is `in_progress`. */
  readonly currentAttemptId: PaymentAttemptId | undefined
}

/** A requested change of a session. A move that is about an attempt names it. */
export type PaymentSessionMove =
  | { readonly type: 'start_attempt'; readonly attemptId: PaymentAttemptId }
  | { readonly type: 'record_pending'; readonly attemptId: PaymentAttemptId }
  | { readonly type: 'record_approval'; readonly attemptId: PaymentAttemptId }
  | {
      readonly type: 'record_decline'
      readonly attemptId: PaymentAttemptId
      readonly declineCode: DeclineCode
    }
  | { readonly type: 'cancel' }

/** Why a move was not made. */
export type PaymentSessionRefusal =
  | 'attempt_in_progress'
  | 'no_such_attempt'
  | 'session_canceled'
  | 'session_expired'
  | 'session_failed'
  | 'session_succeeded'

/** A move that was not made, and why. */
export type Refused = { readonly refused: PaymentSessionRefusal }
/** A move that was made: the session after it, and what became of the attempt it was about. */
export type Moved = { readonly session: PaymentSession; readonly attempt?: AttemptChange }
/** An attempt's row to write: a new one, or the new status of one that stands. */
export type AttemptChange =
  | { readonly started: PaymentAttempt }
  | {
      readonly id: PaymentAttemptId
      readonly status: PaymentAttemptStatus
      readonly declineCode?: DeclineCode
    }

/**
 * The whole life of a payment session: status → move → where the move can lead. A status without
 * moves is final. The diagram in docs/reference/payment-session.md is printed from this table.
 */
export const PAYMENT_SESSION_MOVES: Record<
  StoredPaymentSessionStatus,
  Partial<Record<PaymentSessionMove['type'], readonly StoredPaymentSessionStatus[]>>
> = {
  created: { start_attempt: ['in_progress'], cancel: ['canceled'] },
  // No `cancel` here, and no expiry: the processor may be taking the money at this very moment.
  in_progress: {
    record_pending: ['in_progress'],
    record_approval: ['succeeded'],
    record_decline: ['created', 'failed'],
  },
  succeeded: {},
  failed: {},
  canceled: {},
}

const REFUSAL_BY_STATUS: Record<StoredPaymentSessionStatus, PaymentSessionRefusal> = {
  // An open session has no attempt that an outcome could be about.
  created: 'no_such_attempt',
  in_progress: 'attempt_in_progress',
  succeeded: 'session_succeeded',
  failed: 'session_failed',
  canceled: 'session_canceled',
}

/**
 * Gives the status that holds now. Expiry is a fact of the clock: no job has to have run.
 *
 * A session with an attempt at the processor never expires; it waits for the answer.
 */
export function statusAt(
  session: Pick<PaymentSession, 'status' | 'expiresAtMs'>,
  nowMs: number,
): PaymentSessionStatus {
  return session.status === 'created' && nowMs >= session.expiresAtMs ? 'expired' : session.status
}

/** Makes one move, or says why not. Pure: reads no clock, stores nothing. */
export function movePaymentSession(
  session: PaymentSession,
  move: PaymentSessionMove,
  nowMs: number,
): Moved | Refused {
  if (PAYMENT_SESSION_MOVES[session.status][move.type] === undefined) {
    return { refused: REFUSAL_BY_STATUS[session.status] }
  }
  if (statusAt(session, nowMs) === 'expired') return { refused: 'session_expired' }

  switch (move.type) {
    case 'start_attempt': {
      const number = session.attemptCount + 1
      return {
        session: {
          ...session,
          status: 'in_progress',
          attemptCount: number,
          currentAttemptId: move.attemptId,
        },
        attempt: {
          started: {
            id: move.attemptId,
            paymentSessionId: session.id,
            status: 'initiated',
            number,
            createdAtMs: nowMs,
            deadlineAtMs: nowMs + ATTEMPT_DEADLINE_MS,
          },
        },
      }
    }
    case 'record_pending':
      if (move.attemptId !== session.currentAttemptId) return { refused: 'no_such_attempt' }
      return { session, attempt: { id: move.attemptId, status: 'pending' } }

    case 'record_approval':
      if (move.attemptId !== session.currentAttemptId) return { refused: 'no_such_attempt' }
      return {
        session: { ...session, status: 'succeeded', currentAttemptId: undefined },
        attempt: { id: move.attemptId, status: 'succeeded' },
      }

    case 'record_decline':
      if (move.attemptId !== session.currentAttemptId) return { refused: 'no_such_attempt' }
      return {
        session: {
          ...session,
          status: session.attemptCount < session.attemptCountMax ? 'created' : 'failed',
          currentAttemptId: undefined,
        },
        attempt: { id: move.attemptId, status: 'failed', declineCode: move.declineCode },
      }

    case 'cancel':
      return { session: { ...session, status: 'canceled' } }
  }
}
