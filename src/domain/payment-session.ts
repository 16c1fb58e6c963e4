import type { AccountId, PaymentAttemptId, PaymentSessionId } from './id.ts'
import type { InstrumentFacts } from './instrument.ts'
import type { Money } from './money.ts'
import {
  askDelayMs,
  askedOnceMore,
  type Customer,
  type CustomerAction,
  type DeclineCode,
  FIRST_ASK_AFTER_MS,
  NO_MONEY,
  type PaymentAttempt,
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

/** The life of a session, in seconds: the bounds and the default. */
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
  | {
      readonly type: 'start_attempt'
      readonly attemptId: PaymentAttemptId
      readonly instrument: InstrumentFacts
      readonly customer?: Customer
      /** How long the attempt is honoured. */
      readonly attemptLifeMs: number
      /** Which attempt of the session the customer meant to begin: a form that is sent twice counts once. */
      readonly number?: number
      /** True: another browser than the one that opened the widget first. It does not use up an attempt. */
      readonly isForeign?: boolean
    }
  | {
      readonly type: 'record_pending'
      readonly attemptId: PaymentAttemptId
      readonly processorReference: string
      readonly action?: CustomerAction
      /** How long the processor asks us to wait before we ask, when it says so. */
      readonly askAfterMs?: number
      /** It was asked out of turn, for a customer who came back: that puts nothing off. */
      readonly isOutOfTurn?: boolean
    }
  /** The processor could not say: it is asked again. */
  | { readonly type: 'record_unknown'; readonly attemptId: PaymentAttemptId }
  | {
      readonly type: 'record_approval'
      readonly attemptId: PaymentAttemptId
      readonly processorReference: string
      /** When the processor approved, if it says so; else it is now. */
      readonly approvedAtMs?: number
      /** What the processor knows better of the instrument. Of another type it is not kept. */
      readonly instrument?: InstrumentFacts
    }
  | {
      readonly type: 'record_decline'
      readonly attemptId: PaymentAttemptId
      readonly declineCode: DeclineCode
    }
  | { readonly type: 'cancel' }
  /** Ends the time to pay now. A sandbox's way to see what a customer sees who comes too late. */
  | { readonly type: 'expire_now' }

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
/** A move that was made: the session and the attempt after it. */
export type Moved = {
  readonly session: PaymentSession
  /** The attempt that the move was about. */
  readonly attempt?: PaymentAttempt
  /** The money was taken too late to count, and is to be given back. */
  readonly refundsAttempt?: true
}

/**
 * The whole life of a payment session: status → move → where the move can lead. A status whose moves
 * lead only to itself is final. The diagram in docs/reference/payment-session.md is printed from this
 * table.
 *
 * `record_approval` stands everywhere, for a processor can say at any time that it took money for an
 * attempt which we had given up: the session stays as it is, and the money is given back.
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
  // No `cancel` here, and no expiry: the processor may be taking the money at this very moment.
  in_progress: {
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

/**
 * Makes one move, or says why not. Pure: reads no clock, stores nothing.
 *
 * `attempt` is the stored attempt that the move names; undefined when there is none of this session.
 */
export function movePaymentSession(
  session: PaymentSession,
  attempt: PaymentAttempt | undefined,
  move: PaymentSessionMove,
  nowMs: number,
): Moved | Refused {
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
): Moved | Refused {
  const number = session.attemptCount + 1
  // The form belongs to an attempt that was made already.
  if (move.number !== undefined && move.number !== number) return { refused: 'no_such_attempt' }
  return {
    session: {
      ...session,
      status: 'in_progress',
      attemptCount: number,
      // One more is allowed for it, so the customer keeps theirs.
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
      deadlineAtMs: nowMs + move.attemptLifeMs,
      instrument: move.instrument,
      ...(move.customer !== undefined && { customer: move.customer }),
      ...(move.isForeign === true && { isForeign: true }),
      money: NO_MONEY,
      askAtMs: nowMs + FIRST_ASK_AFTER_MS,
      askedCount: 0,
    },
  }
}

/** The session once its attempt has come to nothing: payable again, unless that was the last one. */
function released(session: PaymentSession): PaymentSession {
  return {
    ...session,
    status: session.attemptCount < session.attemptCountMax ? 'created' : 'failed',
    currentAttemptId: undefined,
  }
}

/** The attempt without what only an open one has. */
function decided(
  { askAtMs: _, action: __, ...attempt }: PaymentAttempt,
  status: 'succeeded' | 'failed' | 'refunded',
  nowMs: number,
): PaymentAttempt {
  return { ...attempt, status, decidedAtMs: nowMs }
}

function recordApproval(
  session: PaymentSession,
  attempt: PaymentAttempt | undefined,
  { processorReference, approvedAtMs, instrument }: MoveOf<'record_approval'>,
  nowMs: number,
): Moved | Refused {
  if (attempt === undefined) return { refused: 'no_such_attempt' }
  const isCurrent = attempt.id === session.currentAttemptId
  const takenAtMs = Math.min(approvedAtMs ?? nowMs, nowMs)
  const isSameType = instrument?.type === attempt.instrument.type
  const capturedMinor = session.amount.amountMinor
  const approved = {
    ...attempt,
    processorReference,
    instrument: isSameType ? instrument : attempt.instrument,
    money: { ...NO_MONEY, capturedMinor },
  }

  if (isCurrent && takenAtMs <= attempt.deadlineAtMs) {
    return {
      session: { ...session, status: 'succeeded', currentAttemptId: undefined },
      attempt: decided(approved, 'succeeded', takenAtMs),
    }
  }
  // An attempt that succeeded or was given back already: the answer came twice.
  if (!isCurrent && attempt.status !== 'failed') return { refused: 'no_such_attempt' }
  const { declineCode: _, money, ...taken } = approved
  const givenBack = { ...taken, money: { ...money, refundingMinor: capturedMinor } }
  return {
    session: isCurrent ? released(session) : session,
    attempt: decided(givenBack, 'refunded', takenAtMs),
    refundsAttempt: true,
  }
}

function recordOther(
  session: PaymentSession,
  attempt: PaymentAttempt,
  move: MoveOf<'record_pending' | 'record_unknown' | 'record_decline'>,
  nowMs: number,
): Moved {
  const askAgain = {
    askAtMs: nowMs + askDelayMs(attempt.askedCount),
    askedCount: askedOnceMore(attempt.askedCount),
  }
  switch (move.type) {
    case 'record_pending': {
      // The customer has done what was asked for when the processor no longer names an action.
      const { action: _, ...before } = attempt
      const { askedCount } = move.isOutOfTurn === true ? attempt : askAgain
      const askAtMs = move.askAfterMs === undefined ? askAgain.askAtMs : nowMs + move.askAfterMs
      const latestMs =
        move.isOutOfTurn === true ? (attempt.askAtMs ?? askAtMs) : Number.POSITIVE_INFINITY
      return {
        session,
        attempt: {
          ...before,
          askedCount,
          askAtMs: Math.min(askAtMs, latestMs),
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
        session: released(session),
        attempt: { ...decided(attempt, 'failed', nowMs), declineCode: move.declineCode },
      }
  }
}
