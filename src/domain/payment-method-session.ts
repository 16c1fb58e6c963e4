import type { AccountId, CustomerId, PaymentMethodId, PaymentMethodSessionId } from './id.ts'

/**
 * The statuses of a payment method session on the wire. `expired` is never stored: an open session
 * is expired after its `expiresAtMs`. Of these only `succeeded` is known from the real service; the
 * others are Paydesk's.
 */
export const METHOD_SESSION_STATUSES = [
  'created',
  'in_progress',
  'succeeded',
  'failed',
  'expired',
] as const
/** A session's status. */
export type MethodSessionStatus = (typeof METHOD_SESSION_STATUSES)[number]
/** A status that a row can have. */
export type StoredMethodSessionStatus = Exclude<MethodSessionStatus, 'expired'>

/** The life of a session, in seconds. */
export const METHOD_SESSION_LIFE_SECONDS = 900
/** The number of refused instruments after which a session fails. */
export const METHOD_SESSION_REFUSAL_COUNT_MAX = 5

/** A merchant's request that a customer saves one payment method within a short time. */
export type PaymentMethodSession = {
  readonly id: PaymentMethodSessionId
  readonly accountId: AccountId
  readonly customerId: CustomerId
  readonly description?: string
  readonly status: StoredMethodSessionStatus
  readonly createdAtMs: number
  readonly expiresAtMs: number
  /** The number of started saves. */
  readonly saveCount: number
  /** The method that the processor is saving, or the saved one. */
  readonly methodId?: PaymentMethodId
}

/** A requested change of a session. */
export type MethodSessionMove =
  /** `number`: the number of the save in the form. A form that is sent twice starts only one save. */
  | { readonly type: 'start_save'; readonly methodId: PaymentMethodId; readonly number: number }
  | { readonly type: 'record_saved' | 'record_refusal'; readonly methodId: PaymentMethodId }
  /** Expires the session now. A sandbox uses it to show the page of a late customer. */
  | { readonly type: 'expire_now' }

/** The reason for a refused move. */
export type MethodSessionRefusal =
  | 'save_in_progress'
  | 'no_such_save'
  | 'method_session_expired'
  | 'method_session_failed'
  | 'method_session_succeeded'

/** The life of a session: status → move → possible next statuses. */
export const METHOD_SESSION_MOVES: Record<
  StoredMethodSessionStatus,
  Partial<Record<MethodSessionMove['type'], readonly StoredMethodSessionStatus[]>>
> = {
  created: { start_save: ['in_progress'], expire_now: ['created'] },
  // No expiry here: the customer may be on the issuer's page.
  in_progress: { record_saved: ['succeeded'], record_refusal: ['created', 'failed'] },
  succeeded: {},
  failed: {},
}

const REFUSAL_BY_STATUS: Record<StoredMethodSessionStatus, MethodSessionRefusal> = {
  created: 'no_such_save',
  in_progress: 'save_in_progress',
  succeeded: 'method_session_succeeded',
  failed: 'method_session_failed',
}

/** Returns the status at a time. A session with a save at the processor does not expire. */
export function methodSessionStatusAt(
  { expiresAtMs, status }: Pick<PaymentMethodSession, 'status' | 'expiresAtMs'>,
  nowMs: number,
): MethodSessionStatus {
  return status === 'created' && nowMs >= expiresAtMs ? 'expired' : status
}

/** Makes one move, or returns the reason why it is refused. */
export function moveMethodSession(
  session: PaymentMethodSession,
  move: MethodSessionMove,
  nowMs: number,
): PaymentMethodSession | { readonly refused: MethodSessionRefusal } {
  if (METHOD_SESSION_MOVES[session.status][move.type] === undefined) {
    return { refused: REFUSAL_BY_STATUS[session.status] }
  }
  switch (move.type) {
    case 'start_save': {
      if (methodSessionStatusAt(session, nowMs) === 'expired') {
        return { refused: 'method_session_expired' }
      }
      const saveCount = session.saveCount + 1
      if (move.number !== saveCount) return { refused: 'no_such_save' }
      return { ...session, status: 'in_progress', saveCount, methodId: move.methodId }
    }
    case 'expire_now':
      return { ...session, expiresAtMs: Math.min(nowMs, session.expiresAtMs) }
    case 'record_saved':
      if (move.methodId !== session.methodId) return { refused: 'no_such_save' }
      return { ...session, status: 'succeeded' }
    case 'record_refusal': {
      if (move.methodId !== session.methodId) return { refused: 'no_such_save' }
      const isLast = session.saveCount >= METHOD_SESSION_REFUSAL_COUNT_MAX
      return { ...session, status: isLast ? 'failed' : 'created' }
    }
  }
}
