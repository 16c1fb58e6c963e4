import type { AccountId, PaymentAttemptId, PaymentLinkId, PaymentSessionId } from './id.ts'
import type { Money } from './money.ts'

/** The statuses of a payment link on the wire. All but `active` are final. */
export const PAYMENT_LINK_STATUSES = ['active', 'paid', 'expired', 'canceled'] as const
/** A link's status. */
export type PaymentLinkStatus = (typeof PAYMENT_LINK_STATUSES)[number]

/** The life of a link, in the account's days: the default, and the longest in years. */
export const PAYMENT_LINK_LIFE = { daysDefault: 30, yearsMax: 5 } as const

/** The maximum number of payments that a link shows. Only the misuse of its page makes more. */
export const PAYMENT_LINK_PAYMENT_COUNT_MAX = 200

/** The channels by which the link is sent, as the merchant requested. */
export type NotifyCustomer = { readonly email?: boolean; readonly sms?: boolean }

/** A stored payment link: a URL where a customer can pay one amount once. */
export type PaymentLink = {
  readonly id: PaymentLinkId
  readonly accountId: AccountId
  readonly amount: Money
  /**
   * An active link after its `expiresAtMs` is already expired (`paymentLinkStatusAt`). `expired` is
   * stored together with the event that reports it.
   */
  readonly status: PaymentLinkStatus
  readonly description: string
  /** The address of the page. It ends with the key, and never changes. */
  readonly url: string
  readonly createdAtMs: number
  /** The first millisecond after the last day on which it can be paid. */
  readonly expiresAtMs: number
  readonly email?: string
  /** As the merchant sent it. */
  readonly phone?: string
  readonly phoneCountryCode?: string
  readonly referenceId?: string
  readonly returnUrl?: string
  readonly notifyCustomer?: NotifyCustomer
  /** The JSON of the request's `configurations`, if any. */
  readonly configurationsJson?: string
  /** The session that the page opens while it can be paid. Undefined: the page makes one. */
  readonly newestSessionId?: PaymentSessionId
  /** The session with a payment at the processor. No other session of the link can begin one. */
  readonly currentSessionId?: PaymentSessionId
  /** The payment that succeeded; set exactly while the status is `paid`. */
  readonly paidAttemptId?: PaymentAttemptId
}

/** The fields that an update can change. An empty text removes a field. */
export type PaymentLinkChange = Partial<
  Pick<
    PaymentLink,
    | 'description'
    | 'email'
    | 'phone'
    | 'phoneCountryCode'
    | 'expiresAtMs'
    | 'referenceId'
    | 'returnUrl'
    | 'notifyCustomer'
    | 'configurationsJson'
  >
>

/** A requested change of a link. */
export type PaymentLinkMove =
  | { readonly type: 'begin_payment'; readonly sessionId: PaymentSessionId }
  /** The payment of this session ended without success. */
  | { readonly type: 'end_payment'; readonly sessionId: PaymentSessionId }
  | {
      readonly type: 'pay'
      readonly sessionId: PaymentSessionId
      readonly attemptId: PaymentAttemptId
    }
  /** The page opened this session. */
  | { readonly type: 'open_session'; readonly sessionId: PaymentSessionId }
  | { readonly type: 'update'; readonly change: PaymentLinkChange }
  | { readonly type: 'cancel' }
  /** Records its expiry. */
  | { readonly type: 'expire' }
  /** Expires the link now. A sandbox uses it to show the page of a late customer. */
  | { readonly type: 'expire_now' }

/** The reason for a refused move. */
export type PaymentLinkRefusal = 'link_paid' | 'link_canceled' | 'link_expired' | 'link_in_progress'

/** A refused move with its reason. */
export type RefusedLinkMove = { readonly refused: PaymentLinkRefusal }

/**
 * The life of a payment link: status → move → next status, printed in docs/reference/payment-link.md. A status without
 * moves is final.
 */
export const PAYMENT_LINK_MOVES: Record<
  PaymentLinkStatus,
  Partial<Record<PaymentLinkMove['type'], readonly [PaymentLinkStatus]>>
> = {
  active: {
    open_session: ['active'],
    begin_payment: ['active'],
    end_payment: ['active'],
    pay: ['paid'],
    update: ['active'],
    cancel: ['canceled'],
    expire: ['expired'],
    expire_now: ['active'],
  },
  paid: {},
  expired: {},
  canceled: {},
}

const REFUSAL_BY_STATUS: Record<PaymentLinkStatus, PaymentLinkRefusal> = {
  active: 'link_in_progress',
  paid: 'link_paid',
  expired: 'link_expired',
  canceled: 'link_canceled',
}

/** The moves that report facts about a payment. The link's expiry does not affect them. */
const FACTS: ReadonlySet<PaymentLinkMove['type']> = new Set(['end_payment', 'pay'])
/** The moves that have to wait while a payment is with the processor. */
const WAITING: ReadonlySet<PaymentLinkMove['type']> = new Set([
  'open_session',
  'begin_payment',
  'cancel',
  'expire',
])

/**
 * Returns the status at a time. Expiry follows from the clock. A link with a payment at the processor does not expire,
 * because a payment that began in time may still succeed.
 */
export function paymentLinkStatusAt(
  { currentSessionId, expiresAtMs, status }: PaymentLink,
  nowMs: number,
): PaymentLinkStatus {
  const isOver = status === 'active' && currentSessionId === undefined && nowMs >= expiresAtMs
  return isOver ? 'expired' : status
}

/**
 * Returns the reason why a link refuses a kind of move, before the details of the move are known.
 * Undefined: it may be allowed.
 */
export function paymentLinkRefusal(
  link: PaymentLink,
  type: PaymentLinkMove['type'],
  nowMs: number,
): PaymentLinkRefusal | undefined {
  if (PAYMENT_LINK_MOVES[link.status][type] === undefined) return REFUSAL_BY_STATUS[link.status]
  if (WAITING.has(type) && link.currentSessionId !== undefined) return 'link_in_progress'
  const isExpired = paymentLinkStatusAt(link, nowMs) === 'expired'
  // The expiry of a link that has not expired is refused: the caller has read an older state of the link.
  if (type === 'expire') return isExpired ? undefined : 'link_in_progress'
  return isExpired && !FACTS.has(type) ? 'link_expired' : undefined
}

/**
 * Makes one move, or returns the reason why it is refused.
 *
 * `pay` and `end_payment` are refused for every payment except the one at the processor. If `pay` is refused, the money
 * must be refunded.
 */
export function movePaymentLink(
  link: PaymentLink,
  move: PaymentLinkMove,
  nowMs: number,
): PaymentLink | RefusedLinkMove {
  const [next] = PAYMENT_LINK_MOVES[link.status][move.type] ?? []
  const refusal = paymentLinkRefusal(link, move.type, nowMs)
  if (next === undefined || refusal !== undefined) {
    return { refused: refusal ?? REFUSAL_BY_STATUS[link.status] }
  }
  switch (move.type) {
    case 'open_session':
      return { ...link, newestSessionId: move.sessionId }

    case 'begin_payment':
      return { ...link, currentSessionId: move.sessionId }

    case 'end_payment':
    case 'pay': {
      const { currentSessionId, ...rest } = link
      if (currentSessionId !== move.sessionId) return { refused: 'link_in_progress' }
      return move.type === 'pay' ? { ...rest, status: next, paidAttemptId: move.attemptId } : rest
    }
    case 'update': {
      // The page must open a new session, because the earlier one has the old texts and methods.
      const { newestSessionId: _, ...rest } = link
      return withoutEmpty({ ...rest, ...move.change })
    }
    case 'expire':
    case 'cancel':
      return { ...link, status: next }

    case 'expire_now':
      return { ...link, expiresAtMs: Math.min(nowMs, link.expiresAtMs) }
  }
}

function withoutEmpty(link: PaymentLink): PaymentLink {
  const fields = Object.entries(link).filter(([, value]) => value !== '')
  return Object.fromEntries(fields) as PaymentLink
}
