import type { AccountId, CustomerId, MandateId, PaymentAttemptId } from './id.ts'
import { type MandateTerms, mandateDayEndMs } from './mandate-terms.ts'
import { nextQueryCount } from './payment-attempt.ts'

/**
 * The statuses of a mandate on the wire. `inactive` is final.
 *
 * Source: the dashboard of Zoho Payments IN (seen 2026-11-28), in lower case.
 */
export const MANDATE_STATUSES = ['processing', 'active', 'paused', 'inactive'] as const
/** A status of a mandate. */
export type MandateStatus = (typeof MANDATE_STATUSES)[number]

/** The reasons for the end of a mandate. */
export const INACTIVE_REASONS = ['declined', 'revoked', 'canceled', 'expired', 'completed'] as const
/** The reason for the end of a mandate. `canceled`: by the merchant; `revoked`: by the customer. */
export type InactiveReason = (typeof INACTIVE_REASONS)[number]

/** The customer's permission for later debits, which need no further approval. */
export type Mandate = MandateTerms & {
  readonly id: MandateId
  readonly accountId: AccountId
  readonly customerId: CustomerId
  /** The customer's data at the enrollment. */
  readonly customerName: string
  readonly customerEmail?: string
  readonly customerPhone?: string
  readonly enrollmentAttemptId: PaymentAttemptId
  /** The UPI ID that is debited. Undefined: the processor has not reported it. */
  readonly upiId?: string
  readonly status: MandateStatus
  /** Set exactly while the mandate is `inactive`. */
  readonly inactiveReason?: InactiveReason
  readonly createdAtMs: number
  readonly changedAtMs: number
  /** The time of the next query to the processor about the mandate. Undefined: there is none. */
  readonly nextQueryAtMs?: number
  readonly queryCount: number
}

/** A requested change of a mandate. */
export type MandateMove =
  | { readonly type: 'approve'; readonly upiId?: string }
  /** The customer declined it, or gave up. */
  | { readonly type: 'decline' }
  /** The customer pauses it in the UPI app. */
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** The customer cancels it in the UPI app. */
  | { readonly type: 'revoke' }
  /** The merchant cancels it. */
  | { readonly type: 'cancel' }
  /** Its only debit succeeded. */
  | { readonly type: 'complete' }
  /** Records that its last day has ended. */
  | { readonly type: 'expire' }

/**
 * The life of a mandate: status → move → next status, printed in docs/reference/mandate.md. A status without moves is
 * final.
 */
export const MANDATE_MOVES: Record<
  MandateStatus,
  Partial<Record<MandateMove['type'], readonly [MandateStatus]>>
> = {
  processing: { approve: ['active'], decline: ['inactive'] },
  active: {
    pause: ['paused'],
    revoke: ['inactive'],
    cancel: ['inactive'],
    complete: ['inactive'],
    expire: ['inactive'],
  },
  paused: {
    resume: ['active'],
    revoke: ['inactive'],
    cancel: ['inactive'],
    // A debit that was sent before the pause has succeeded.
    complete: ['inactive'],
    expire: ['inactive'],
  },
  inactive: {},
}

/** The reason for a refused move: the current status, or that the last day has not ended. */
export type MandateRefusal = `mandate_${MandateStatus}` | 'mandate_not_ended'

/** A refused move with its reason. */
export type RefusedMandateMove = { readonly refused: MandateRefusal }

const REASONS: Partial<Record<MandateMove['type'], InactiveReason>> = {
  decline: 'declined',
  revoke: 'revoked',
  cancel: 'canceled',
  complete: 'completed',
  expire: 'expired',
}

/** Returns the first millisecond after the last day of a mandate, since 1970. Undefined: it has no last day. */
export function mandateEndsAtMs({ endOn }: Pick<Mandate, 'endOn'>): number | undefined {
  return endOn === undefined ? undefined : mandateDayEndMs(endOn)
}

/**
 * Returns the state of the mandate at a time. Expiry follows from the clock: no job has to run.
 * While the customer is approving the mandate, it does not expire.
 */
export function mandateAt(mandate: Mandate, nowMs: number): Mandate {
  const endsAtMs = mandateEndsAtMs(mandate)
  const canExpire = MANDATE_MOVES[mandate.status].expire !== undefined
  return endsAtMs === undefined || !canExpire || nowMs < endsAtMs
    ? mandate
    : endMandate(mandate, 'expired', endsAtMs)
}

function endMandate(mandate: Mandate, inactiveReason: InactiveReason, atMs: number): Mandate {
  const { nextQueryAtMs: _, ...rest } = mandate
  return { ...rest, status: 'inactive', inactiveReason, changedAtMs: atMs }
}

/** Makes one move, or returns the reason why it is refused. */
export function moveMandate(
  storedMandate: Mandate,
  move: MandateMove,
  nowMs: number,
): Mandate | RefusedMandateMove {
  const mandate = mandateAt(storedMandate, nowMs)
  if (move.type === 'expire') {
    const isDue = storedMandate.status !== mandate.status
    return isDue ? mandate : { refused: refusalOf(mandate) ?? 'mandate_not_ended' }
  }
  const [next] = MANDATE_MOVES[mandate.status][move.type] ?? []
  if (next === undefined) return { refused: `mandate_${mandate.status}` }
  const inactiveReason = REASONS[move.type]
  if (inactiveReason !== undefined) return endMandate(mandate, inactiveReason, nowMs)
  const upiId = move.type === 'approve' ? (move.upiId ?? mandate.upiId) : mandate.upiId
  return {
    ...mandate,
    status: next,
    changedAtMs: nowMs,
    ...(upiId !== undefined && { upiId }),
    ...(move.type === 'approve' && { nextQueryAtMs: nowMs + QUERY_MS.first }),
  }
}

function refusalOf({ status }: Mandate): MandateRefusal | undefined {
  return status === 'inactive' ? 'mandate_inactive' : undefined
}

/**
 * The times between queries to the processor about a mandate, in milliseconds. The customer can end the mandate at any
 * time.
 */
const QUERY_MS = { first: 60 * 60_000, next: 6 * 60 * 60_000 } as const

/**
 * The longest wait before a query about a mandate, in milliseconds. A later time is treated as due: see
 * `QUERY_WAIT_MS_MAX`.
 */
export const MANDATE_QUERY_WAIT_MS_MAX = QUERY_MS.next + 60_000

/** Returns a mandate after a query. An ended mandate is not queried again. */
export function recordMandateQuery(mandate: Mandate, nowMs: number): Mandate {
  const { nextQueryAtMs: _, ...rest } = mandate
  const queryCount = nextQueryCount(mandate.queryCount)
  return MANDATE_MOVES[mandate.status].revoke === undefined
    ? { ...rest, queryCount }
    : { ...rest, queryCount, nextQueryAtMs: nowMs + QUERY_MS.next }
}

/** The types of the optional events about new statuses. These events are Paydesk only. */
export const MANDATE_EVENT_TYPES = [
  'mandate.activated',
  'mandate.paused',
  'mandate.resumed',
  'mandate.inactive',
] as const

/** Returns the event of a changed status. Undefined: it has none. */
export function mandateEventOf(
  before: MandateStatus,
  after: MandateStatus,
): (typeof MANDATE_EVENT_TYPES)[number] | undefined {
  if (before === after) return undefined
  switch (after) {
    case 'active':
      return before === 'processing' ? 'mandate.activated' : 'mandate.resumed'
    case 'paused':
      return 'mandate.paused'
    case 'inactive':
      return 'mandate.inactive'
    case 'processing':
      return undefined
  }
}
