import type {
  AccountId,
  MandateId,
  PaymentAttemptId,
  PaymentMethodId,
  PaymentSessionId,
} from './id.ts'
import type { InstrumentFacts } from './instrument.ts'
import type { Money } from './money.ts'
import {
  type Customer,
  type CustomerAction,
  type DeclineCode,
  FIRST_QUERY_AFTER_MS,
  NO_MONEY,
  NOT_QUERIED_AT_MS,
  nextQueryCount,
  type PaymentAttempt,
  queryDelayMs,
} from './payment-attempt.ts'

/**
 * The statuses of a session on the wire.
 *
 * `expired` is never stored: an open session is expired after its `expiresAtMs` (`statusAt`).
 */
export const PAYMENT_SESSION_STATUSES = [
  'created',
  'in_progress',
  'succeeded',
  'failed',
  'expired',
  'canceled',
] as const
/** A session's status. */
export type PaymentSessionStatus = (typeof PAYMENT_SESSION_STATUSES)[number]
/** A status that a row can have. */
export type StoredPaymentSessionStatus = Exclude<PaymentSessionStatus, 'expired'>
/** The statuses that a row can have. */
export const STORED_PAYMENT_SESSION_STATUSES: readonly StoredPaymentSessionStatus[] =
  PAYMENT_SESSION_STATUSES.filter((status) => status !== 'expired')

/** The life of a session, in seconds: the bounds and the default. */
export const EXPIRES_IN_SECONDS = { min: 300, max: 900, default: 900 } as const
/** The number of attempts that a session allows: the bounds and the default. */
export const ATTEMPT_COUNT_MAX = { min: 1, max: 5, default: 5 } as const

/** The facts of a session for its moves. */
export type PaymentSession = {
  readonly id: PaymentSessionId
  readonly accountId: AccountId
  readonly amount: Money
  readonly status: StoredPaymentSessionStatus
  readonly createdAtMs: number
  readonly expiresAtMs: number
  /** The number of started attempts. */
  readonly attemptCount: number
  readonly attemptCountMax: number
  /** The attempt at the processor; set exactly while the status is `in_progress`. */
  readonly currentAttemptId: PaymentAttemptId | undefined
}

/** A requested change of a session. A move of an attempt contains its id. */
export type PaymentSessionMove =
  | {
      readonly type: 'start_attempt'
      readonly attemptId: PaymentAttemptId
      readonly instrument: InstrumentFacts
      readonly customer?: Customer
      readonly attemptLifeMs: number
      /** The attempt's number in the form. A form that is sent twice starts only one attempt. */
      readonly number?: number
      /**
       * True: the attempt comes from another browser than the one that first opened the session in the widget. It does
       * not use up one of the session's attempts.
       */
      readonly isForeign?: boolean
      readonly mandateId?: MandateId
      readonly savedMethodId?: PaymentMethodId
      /** The text on the customer's statement. Undefined: the account's. */
      readonly statementDescriptor?: string
      /** The time at which the charge is sent. Undefined: it is sent at once. */
      readonly chargeAtMs?: number
      /** The texts of the request for this payment. Undefined: the session's. */
      readonly description?: string
      readonly referenceNumber?: string
    }
  /** The charge of a waiting attempt is sent now. */
  | {
      readonly type: 'send_charge'
      readonly attemptId: PaymentAttemptId
      readonly attemptLifeMs: number
    }
  | {
      readonly type: 'record_pending'
      readonly attemptId: PaymentAttemptId
      readonly processorReference: string
      readonly action?: CustomerAction
      /** The processor's requested wait before the next query, if any. */
      readonly askAfterMs?: number
      /** True: an extra query for a returning customer, which does not delay the next query. */
      readonly isOutOfTurn?: boolean
    }
  /** The processor does not know the result: it is queried again. */
  | { readonly type: 'record_unknown'; readonly attemptId: PaymentAttemptId }
  | {
      readonly type: 'record_approval'
      readonly attemptId: PaymentAttemptId
      readonly processorReference: string
      /** The approval time, if the processor reports it; otherwise the current time is used. */
      readonly approvedAtMs?: number
      /**
       * The processor's facts of the instrument. Facts of another type are stored only for a payment at a terminal: those
       * of the card or the UPI app.
       */
      readonly instrument?: InstrumentFacts
      /**
       * True: the session may not succeed, because its payment link has ended. The money is
       * refunded.
       */
      readonly isUnwanted?: boolean
    }
  | {
      readonly type: 'record_decline'
      readonly attemptId: PaymentAttemptId
      readonly declineCode: DeclineCode
      /** The bank's reference of a transfer that it returns. */
      readonly processorReference?: string
    }
  | { readonly type: 'cancel' }
  /** Expires the session now. A sandbox uses it to show the page of a late customer. */
  | { readonly type: 'expire_now' }

/** The reason for a refused move. */
export type PaymentSessionRefusal =
  | 'attempt_in_progress'
  | 'no_such_attempt'
  | 'session_canceled'
  | 'session_expired'
  | 'session_failed'
  | 'session_succeeded'

/** A refused move with its reason. */
export type RefusedMove = { readonly refused: PaymentSessionRefusal }
/** A successful move: the session and the attempt after it. */
export type MovedSession = {
  readonly session: PaymentSession
  readonly attempt?: PaymentAttempt
  /** True: the money came too late and has to be refunded. */
  readonly refundsAttempt?: true
}

/**
 * The life of a payment session: status → move → next statuses, printed in docs/reference/payment-session.md. A status
 * whose moves lead only to itself is final.
 *
 * Every status has `record_approval`, because a processor can report at any time that it took money for a failed
 * attempt: the session stays unchanged, and the money is refunded.
 */
export const PAYMENT_SESSION_MOVES: Record<
  StoredPaymentSessionStatus,
  Partial<Record<PaymentSessionMove['type'], readonly StoredPaymentSessionStatus[]>>
> = {
  created: {
    start_attempt: ['in_progress'],
    cancel: ['canceled'],
    expire_now: ['created'],
    record_approval: ['created'],
  },
  // No `cancel` and no expiry here: the processor may be taking the money at this moment.
  in_progress: {
    send_charge: ['in_progress'],
    record_pending: ['in_progress'],
    record_unknown: ['in_progress'],
    record_approval: ['succeeded', 'created', 'failed', 'in_progress'],
    record_decline: ['created', 'failed'],
  },
  succeeded: { record_approval: ['succeeded'] },
  failed: { record_approval: ['failed'] },
  canceled: { record_approval: ['canceled'] },
}

const REFUSAL_BY_STATUS: Record<StoredPaymentSessionStatus, PaymentSessionRefusal> = {
  // An open session has no current attempt, so an outcome cannot be recorded.
  created: 'no_such_attempt',
  in_progress: 'attempt_in_progress',
  succeeded: 'session_succeeded',
  failed: 'session_failed',
  canceled: 'session_canceled',
}

/**
 * Returns the status at a time. Expiry follows from the clock: no job has to run.
 *
 * A session with an attempt at the processor never expires; it waits for the answer.
 */
export function statusAt(
  session: Pick<PaymentSession, 'status' | 'expiresAtMs'>,
  nowMs: number,
): PaymentSessionStatus {
  return session.status === 'created' && nowMs >= session.expiresAtMs ? 'expired' : session.status
}

/**
 * Makes one move, or returns the reason why it is refused.
 *
 * `attempt` is the stored attempt of the move; undefined: the session has no such attempt.
 */
export function movePaymentSession(
  session: PaymentSession,
  attempt: PaymentAttempt | undefined,
  move: PaymentSessionMove,
  nowMs: number,
): MovedSession | RefusedMove {
  if (PAYMENT_SESSION_MOVES[session.status][move.type] === undefined) {
    return { refused: REFUSAL_BY_STATUS[session.status] }
  }
  switch (move.type) {
    case 'start_attempt':
      if (statusAt(session, nowMs) === 'expired') return { refused: 'session_expired' }
      return startAttempt(session, move, nowMs)

    case 'cancel':
      if (statusAt(session, nowMs) === 'expired') return { refused: 'session_expired' }
      return { session: { ...session, status: 'canceled' } }

    case 'expire_now':
      return { session: { ...session, expiresAtMs: Math.min(nowMs, session.expiresAtMs) } }

    case 'record_approval':
      return recordApproval(session, attempt, move, nowMs)

    default:
      if (attempt === undefined || attempt.id !== session.currentAttemptId) {
        return { refused: 'no_such_attempt' }
      }
      return recordOther(session, attempt, move, nowMs)
  }
}

type MoveOf<Type extends PaymentSessionMove['type']> = Extract<
  PaymentSessionMove,
  { readonly type: Type }
>

function startAttempt(
  session: PaymentSession,
  move: MoveOf<'start_attempt'>,
  nowMs: number,
): MovedSession | RefusedMove {
  const number = session.attemptCount + 1
  // The form belongs to an earlier attempt.
  if (move.number !== undefined && move.number !== number) return { refused: 'no_such_attempt' }
  return {
    session: {
      ...session,
      status: 'in_progress',
      attemptCount: number,
      // The session allows one more attempt, so the customer keeps all attempts.
      attemptCountMax: session.attemptCountMax + (move.isForeign === true ? 1 : 0),
      currentAttemptId: move.attemptId,
    },
    attempt: {
      id: move.attemptId,
      paymentSessionId: session.id,
      accountId: session.accountId,
      status: 'initiated',
      number,
      createdAtMs: nowMs,
      deadlineAtMs: (move.chargeAtMs ?? nowMs) + move.attemptLifeMs,
      instrument: move.instrument,
      ...(move.customer !== undefined && { customer: move.customer }),
      ...(move.isForeign === true && { isForeign: true }),
      ...(move.mandateId !== undefined && { mandateId: move.mandateId }),
      ...(move.savedMethodId !== undefined && { savedMethodId: move.savedMethodId }),
      ...(move.description !== undefined && { description: move.description }),
      ...(move.referenceNumber !== undefined && { referenceNumber: move.referenceNumber }),
      ...(move.statementDescriptor !== undefined && {
        statementDescriptor: move.statementDescriptor,
      }),
      money: NO_MONEY,
      nextQueryAtMs:
        move.chargeAtMs === undefined ? nowMs + FIRST_QUERY_AFTER_MS : NOT_QUERIED_AT_MS,
      queryCount: 0,
    },
  }
}

/** Returns the session after a failed attempt: payable again, unless that was the last one. */
function releaseAttempt(session: PaymentSession): PaymentSession {
  return {
    ...session,
    status: session.attemptCount < session.attemptCountMax ? 'created' : 'failed',
    currentAttemptId: undefined,
  }
}

function decideAttempt(
  { nextQueryAtMs: _, action: __, ...attempt }: PaymentAttempt,
  status: 'succeeded' | 'failed' | 'refunded',
  nowMs: number,
): PaymentAttempt {
  return { ...attempt, status, decidedAtMs: nowMs }
}

function recordApproval(
  session: PaymentSession,
  attempt: PaymentAttempt | undefined,
  { processorReference, approvedAtMs, instrument, isUnwanted }: MoveOf<'record_approval'>,
  nowMs: number,
): MovedSession | RefusedMove {
  if (attempt === undefined) return { refused: 'no_such_attempt' }
  const isCurrent = attempt.id === session.currentAttemptId
  const takenAtMs = Math.min(approvedAtMs ?? nowMs, nowMs)
  // The facts of a card or a UPI app become known at the terminal.
  const isPresented =
    attempt.instrument.type === 'terminal' &&
    (instrument?.type === 'card' || instrument?.type === 'upi')
  const isSameType = isPresented || instrument?.type === attempt.instrument.type
  const capturedMinor = session.amount.amountMinor
  const approvedAttempt = {
    ...attempt,
    processorReference,
    instrument: isSameType && instrument !== undefined ? instrument : attempt.instrument,
    money: { ...NO_MONEY, capturedMinor },
  }

  if (isCurrent && takenAtMs <= attempt.deadlineAtMs && isUnwanted !== true) {
    return {
      session: { ...session, status: 'succeeded', currentAttemptId: undefined },
      attempt: decideAttempt(approvedAttempt, 'succeeded', takenAtMs),
    }
  }
  // The attempt has already succeeded or been refunded: this answer is a repetition.
  if (!isCurrent && attempt.status !== 'failed') return { refused: 'no_such_attempt' }
  const { declineCode: _, money, ...lateAttempt } = approvedAttempt
  const fullyRefunding = { ...lateAttempt, money: { ...money, refundingMinor: capturedMinor } }
  return {
    session: isCurrent ? releaseAttempt(session) : session,
    attempt: decideAttempt(fullyRefunding, 'refunded', takenAtMs),
    refundsAttempt: true,
  }
}

function recordOther(
  session: PaymentSession,
  attempt: PaymentAttempt,
  move: MoveOf<'send_charge' | 'record_pending' | 'record_unknown' | 'record_decline'>,
  nowMs: number,
): MovedSession {
  const askAgain = {
    nextQueryAtMs: nowMs + queryDelayMs(attempt.queryCount),
    queryCount: nextQueryCount(attempt.queryCount),
  }
  switch (move.type) {
    case 'send_charge':
      return {
        session,
        attempt: {
          ...attempt,
          deadlineAtMs: nowMs + move.attemptLifeMs,
          nextQueryAtMs: nowMs + FIRST_QUERY_AFTER_MS,
        },
      }
    case 'record_pending': {
      // The customer has completed the action if the processor no longer reports one.
      const { action: _, ...before } = attempt
      const { queryCount } = move.isOutOfTurn === true ? attempt : askAgain
      const nextQueryAtMs =
        move.askAfterMs === undefined ? askAgain.nextQueryAtMs : nowMs + move.askAfterMs
      const latestMs =
        move.isOutOfTurn === true
          ? (attempt.nextQueryAtMs ?? nextQueryAtMs)
          : Number.POSITIVE_INFINITY
      return {
        session,
        attempt: {
          ...before,
          queryCount,
          nextQueryAtMs: Math.min(nextQueryAtMs, latestMs),
          status: 'pending',
          processorReference: move.processorReference,
          ...(move.action !== undefined && { action: move.action }),
        },
      }
    }
    case 'record_unknown':
      return { session, attempt: { ...attempt, ...askAgain } }

    case 'record_decline':
      return {
        session: releaseAttempt(session),
        attempt: {
          ...decideAttempt(attempt, 'failed', nowMs),
          declineCode: move.declineCode,
          ...(move.processorReference !== undefined && {
            processorReference: move.processorReference,
          }),
        },
      }
  }
}
