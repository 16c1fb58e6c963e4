/** Notifications and debits of a mandate. */
import type {
  AccountId,
  MandateId,
  MandateNotificationId,
  PaymentAttemptId,
  PaymentSessionId,
} from './id.ts'
import { type Mandate, mandateAt } from './mandate.ts'
import {
  allowsAmount,
  cycleOf,
  dayAfter,
  type ExecutionDayRefusal,
  executionDayRefusal,
  mandateDayAt,
  mandateDayEndMs,
  mandateDayStartMs,
  NOTICE_MS,
} from './mandate-terms.ts'
import { nextQueryCount, queryDelayMs } from './payment-attempt.ts'

/** The statuses of a notification on the wire. Only `initiated` is not final. */
export const NOTIFICATION_STATUSES = ['initiated', 'succeeded', 'failed'] as const

/** The notice to the customer about a debit. */
export type MandateNotification = {
  readonly id: MandateNotificationId
  readonly mandateId: MandateId
  readonly accountId: AccountId
  /** The announced amount, in paise. */
  readonly amountMinor: bigint
  /** The announced day of the debit: `2026-11-29`. */
  readonly executionOn: string
  readonly description: string
  readonly invoiceNumber: string
  readonly status: (typeof NOTIFICATION_STATUSES)[number]
  readonly createdAtMs: number
  readonly processorReference?: string
  /** The time at which it is sent or queried next; set exactly while it is `initiated`. */
  readonly nextQueryAtMs?: number
  readonly queryCount: number
}

/**
 * A debit that is with the processor, that waits for its notice (`NOTICE_MS` from the request on), or that has
 * succeeded. It reserves its cycle and its notification: the database allows one debit for each. A debit that fails is
 * deleted.
 */
export type MandateDebit = {
  readonly mandateId: MandateId
  readonly attemptId: PaymentAttemptId
  readonly sessionId: PaymentSessionId
  /** The first day of the cycle. Undefined: the mandate has no cycles. */
  readonly cycleOn?: string
  readonly notificationId?: MandateNotificationId
  /** The time of the request. A time in the future: see `postponedDebit`. */
  readonly createdAtMs: number
  readonly status: 'waiting' | 'sent' | 'succeeded'
  /** The time at which the charge is sent; set exactly while it is `waiting`. */
  readonly chargeAtMs?: number
}

/** The time in which a notification can be used, in days from its execution day. */
export const NOTIFICATION_DAYS = 7

/** The reason why a notification or a debit is not allowed. */
export type DebitRefusal =
  | { readonly refused: 'mandate_not_active'; readonly status: Mandate['status'] }
  /** The mandate allows exactly, or at most, `allowedMinor` paise. */
  | {
      readonly refused: 'amount_not_allowed'
      readonly rule: Mandate['amountRule']
      readonly allowedMinor: bigint
    }
  | ExecutionDayRefusal
  /** The cycle that begins on `cycleOn` already has a debit. */
  | { readonly refused: 'cycle_debited'; readonly cycleOn: string }
  | { readonly refused: 'other_notification' }
  | { readonly refused: 'notification_not_succeeded'; readonly status: string }
  /** The notification can be used from this time on, in milliseconds since 1970. */
  | { readonly refused: 'notification_too_young'; readonly fromMs: number }
  | { readonly refused: 'notification_too_old'; readonly untilMs: number }
  | { readonly refused: 'notification_used' }

/** Returns the reason why a mandate allows no debit at a time. Undefined: there is none. */
export function inactiveRefusal(mandate: Mandate, nowMs: number): DebitRefusal | undefined {
  const { status } = mandateAt(mandate, nowMs)
  return status === 'active' ? undefined : { refused: 'mandate_not_active', status }
}

/**
 * Returns the reason why the amount of a debit is not allowed. `amountMinor`: paise. Undefined:
 * there is none.
 */
export function amountRefusal(mandate: Mandate, amountMinor: bigint): DebitRefusal | undefined {
  if (allowsAmount(mandate, amountMinor)) return undefined
  const { amountMinor: allowedMinor, amountRule: rule } = mandate
  return { refused: 'amount_not_allowed', rule, allowedMinor }
}

/**
 * Returns the reason why a debit is not allowed on a day. Undefined: there is none. `cycles`: the
 * cycles that allow no further debit.
 */
export function dayRefusal(
  mandate: Mandate,
  day: string,
  { cycles, nowMs }: { readonly nowMs: number; readonly cycles: ReadonlySet<string> },
): DebitRefusal | undefined {
  const refusal = executionDayRefusal(mandate, day, nowMs)
  if (refusal !== undefined) return refusal
  const cycleOn = cycleOf(mandate, day)
  return cycleOn !== undefined && cycles.has(cycleOn)
    ? { refused: 'cycle_debited', cycleOn }
    : undefined
}

/**
 * Returns the reason why a debit with a notification is not allowed now. Undefined: there is none.
 * The caller checks that neither the notification nor the cycle has a debit yet.
 */
export function notificationRefusal(
  mandate: Mandate,
  notification: MandateNotification,
  debit: { readonly amountMinor: bigint; readonly invoiceNumber: string },
  nowMs: number,
): DebitRefusal | undefined {
  const isOther =
    notification.mandateId !== mandate.id ||
    notification.amountMinor !== debit.amountMinor ||
    notification.invoiceNumber !== debit.invoiceNumber
  if (isOther) return { refused: 'other_notification' }
  const { createdAtMs, executionOn, status } = notification
  if (status !== 'succeeded') return { refused: 'notification_not_succeeded', status }
  const fromMs = Math.max(createdAtMs + NOTICE_MS, mandateDayStartMs(executionOn))
  if (nowMs < fromMs) return { refused: 'notification_too_young', fromMs }
  const untilMs = usableUntilMs(notification)
  return nowMs < untilMs ? undefined : { refused: 'notification_too_old', untilMs }
}

/** The plan of a debit. */
export type DebitPlan = {
  readonly cycleOn: string | undefined
  /**
   * `at_once`: with a notification, or of a `daily` mandate. `after_notice`: the customer is notified now, and the debit
   * is made 24 hours later.
   */
  readonly when: 'at_once' | 'after_notice'
  readonly day: string
}

/** Plans a debit at a time. UPI needs no notice for `daily` mandates. */
export function planDebit(
  mandate: Mandate,
  notification: MandateNotification | undefined,
  nowMs: number,
): DebitPlan {
  const isAtOnce = notification !== undefined || mandate.frequency === 'daily'
  const day = notification?.executionOn ?? mandateDayAt(isAtOnce ? nowMs : nowMs + NOTICE_MS)
  return { day, cycleOn: cycleOf(mandate, day), when: isAtOnce ? 'at_once' : 'after_notice' }
}

/**
 * Returns a waiting debit that has to continue to wait, because it was requested less than 24 hours ago.
 * Undefined: it is due. A future request time was written by another clock, which cannot be compared with this one: the
 * 24 hours begin again now, so that the wait is neither shorter nor endless.
 */
export function postponedDebit(debit: MandateDebit, nowMs: number): MandateDebit | undefined {
  const createdAtMs = Math.min(debit.createdAtMs, nowMs)
  const chargeAtMs = createdAtMs + NOTICE_MS
  return nowMs < chargeAtMs ? { ...debit, createdAtMs, chargeAtMs } : undefined
}

/**
 * Decides a debit after the wait for its notice. Undefined: the debit is made. Otherwise its
 * payment fails with this code. A notice can be too old when no server has run for a week.
 */
export function waitedDebitDecline(
  mandate: Mandate,
  notification: Pick<MandateNotification, 'status' | 'executionOn'> | undefined,
  nowMs: number,
): 'mandate_inactive' | 'notification_failed' | undefined {
  if (mandateAt(mandate, nowMs).status !== 'active') return 'mandate_inactive'
  if (notification?.status !== 'succeeded') return 'notification_failed'
  return nowMs < usableUntilMs(notification) ? undefined : 'notification_failed'
}

/** Returns the first millisecond at which a notification is too old. */
const usableUntilMs = ({ executionOn }: Pick<MandateNotification, 'executionOn'>): number =>
  mandateDayEndMs(dayAfter(executionOn, NOTIFICATION_DAYS))

/** The recorded answer of the processor about a notice. */
export type NoticeResult = {
  readonly kind: 'succeeded' | 'failed' | 'pending' | 'unknown'
  readonly processorReference?: string
  readonly askAfterMs?: number
}

/** Returns a notification after an answer of the processor. The first final answer counts. */
export function recordNotice(
  notification: MandateNotification,
  { askAfterMs, kind, processorReference }: NoticeResult,
  nowMs: number,
): MandateNotification {
  if (notification.status !== 'initiated') return notification
  const { nextQueryAtMs: _, ...rest } = notification
  const result = {
    ...rest,
    queryCount: nextQueryCount(notification.queryCount),
    ...(processorReference !== undefined && { processorReference }),
  }
  if (kind === 'succeeded' || kind === 'failed') return { ...result, status: kind }
  const waitMs = askAfterMs ?? queryDelayMs(notification.queryCount)
  return { ...result, nextQueryAtMs: nowMs + waitMs }
}
