import { accountDayStartMs } from './account-day.ts'
import type { BillingAddress } from './billing-address.ts'
import type { CardChecks } from './card-checks.ts'
import type { AccountId, CustomerId, PaymentMethodId, PaymentMethodSessionId } from './id.ts'
import type { ACH_HOLDER_TYPES, SavedFacts } from './instrument.ts'
import {
  type CustomerAction,
  type DeclineCode,
  FIRST_QUERY_AFTER_MS,
  nextQueryCount,
  queryDelayMs,
} from './payment-attempt.ts'

/**
 * The statuses of a saved payment method on the wire. `expired` is never stored: an active card is
 * expired after its last month (`savedMethodStatusAt`).
 *
 * Source: Zoho Payments API reference, payment methods page US (seen 2026-11-28).
 */
export const SAVED_METHOD_STATUSES = [
  'active',
  'expired',
  'blocked',
  'processing',
  'deleted',
] as const
/** A status of a saved payment method. */
export type SavedMethodStatus = (typeof SAVED_METHOD_STATUSES)[number]

/**
 * The statuses that a row can have. `saving`: with the processor, and not on the wire yet.
 * `refused`: the processor refused it, so the wire never shows it.
 */
export const STORED_SAVED_METHOD_STATUSES = [
  'saving',
  'processing',
  'active',
  'blocked',
  'refused',
  'deleted',
] as const
/** A status that a row can have. */
export type StoredSavedMethodStatus = (typeof STORED_SAVED_METHOD_STATUSES)[number]

/** The maximum number of saved methods of a customer, not counting deleted ones. Source: the same page as the statuses. */
export const SAVED_METHOD_COUNT_MAX = 100

/** The time in which a save can succeed, in milliseconds. */
export const SAVE_LIFE_MS = 10 * 60_000

/** The forms on which a method can be saved. */
export const SAVED_METHOD_SOURCES = ['widget', 'hosted_page'] as const
/** The form on which a method was saved. */
export type SavedMethodSource = (typeof SAVED_METHOD_SOURCES)[number]

/** A card or a bank account that a customer has saved, or tries to save. */
export type SavedPaymentMethod = {
  readonly id: PaymentMethodId
  readonly accountId: AccountId
  readonly customerId: CustomerId
  /** Undefined: the sandbox's control API made it. */
  readonly sessionId?: PaymentMethodSessionId
  readonly status: StoredSavedMethodStatus
  readonly source: SavedMethodSource
  /** The facts of the instrument, never its number. */
  readonly instrument: SavedFacts
  /** Only for cards. */
  readonly checks?: CardChecks
  /** The wire's `address_id`. */
  readonly addressId: PaymentMethodId
  readonly billingAddress: BillingAddress
  /** The processor's token, sealed. Undefined: not known, or deleted. */
  readonly tokenSealed?: string
  /** The customer's next step, while the status is `saving`. */
  readonly action?: CustomerAction
  /** Set exactly if the method was refused or blocked. */
  readonly declineCode?: DeclineCode
  /** The time when the save began; after the save, the time when it was saved. */
  readonly createdAtMs: number
  readonly changedAtMs: number
  /** The time of the next call to the processor. Undefined: nothing is left to do. */
  readonly callAtMs?: number
  /** The number of calls since the last change of status; counted up to a thousand. */
  readonly callCount: number
}

/** A requested change of a saved method. */
export type SavedMethodMove =
  /** The processor has saved it, or still verifies it. */
  | {
      readonly type: 'record_saved' | 'record_verifying'
      readonly tokenSealed: string
      readonly instrument?: SavedFacts
      readonly checks?: CardChecks
      readonly askAfterMs?: number
    }
  /** The customer has to act, or the result is unknown. */
  | {
      readonly type: 'record_waiting'
      readonly action?: CustomerAction
      readonly askAfterMs?: number
    }
  | { readonly type: 'record_refusal'; readonly declineCode: DeclineCode }
  /** There was no result in time. Paydesk tells the processor to delete the instrument. */
  | { readonly type: 'give_up' }
  | { readonly type: 'change'; readonly change: SavedMethodChange }
  | { readonly type: 'delete' }
  | { readonly type: 'record_forgotten' }
  /** The processor could not delete the token, or an open payment still needs it. */
  | { readonly type: 'postpone_forgetting' }

/** A change by the merchant, checked. Absent fields do not change. */
export type SavedMethodChange = {
  readonly expiry?: { readonly month: number; readonly year: number }
  readonly accountHolderType?: (typeof ACH_HOLDER_TYPES)[number]
  readonly billingAddress?: BillingAddress
}

/** The reason for a refused move. */
export type SavedMethodRefusal = 'payment_method_unactivated' | 'no_such_save'

/** The life of a saved method: status → move → next statuses, printed in docs/reference/saved-payment-method.md. */
export const SAVED_METHOD_MOVES: Record<
  StoredSavedMethodStatus,
  Partial<Record<SavedMethodMove['type'], readonly StoredSavedMethodStatus[]>>
> = {
  saving: {
    record_waiting: ['saving'],
    record_saved: ['active'],
    record_verifying: ['processing'],
    record_refusal: ['refused'],
    give_up: ['refused'],
  },
  processing: {
    record_waiting: ['processing'],
    record_verifying: ['processing'],
    record_saved: ['active'],
    record_refusal: ['blocked'],
    change: ['processing'],
    delete: ['deleted'],
  },
  active: { change: ['active'], delete: ['deleted'] },
  blocked: { delete: ['deleted'] },
  refused: { record_forgotten: ['refused'], postpone_forgetting: ['refused'] },
  deleted: {
    delete: ['deleted'],
    record_forgotten: ['deleted'],
    postpone_forgetting: ['deleted'],
  },
}

/** Returns the first millisecond after a card's last month, by the days of the US edition. */
export function cardExpiresAtMs({
  expiryMonth,
  expiryYear,
}: {
  readonly expiryMonth: number
  readonly expiryYear: number
}): number {
  return accountDayStartMs('US', { year: expiryYear, month: expiryMonth, day: 1 })
}

/**
 * Returns the status of a method on the wire at a time. Undefined: the wire does not show the method, because it was
 * never saved.
 */
export function savedMethodStatusAt(
  { instrument, status }: Pick<SavedPaymentMethod, 'instrument' | 'status'>,
  nowMs: number,
): SavedMethodStatus | undefined {
  if (status === 'saving' || status === 'refused') return undefined
  const isExpired =
    status === 'active' && instrument.type === 'card' && nowMs >= cardExpiresAtMs(instrument)
  return isExpired ? 'expired' : status
}

/** Makes one move of a saved method, or returns the reason why it is refused. */
export function moveSavedMethod(
  method: SavedPaymentMethod,
  move: SavedMethodMove,
  nowMs: number,
): SavedPaymentMethod | { readonly refused: SavedMethodRefusal } {
  const next = SAVED_METHOD_MOVES[method.status][move.type]
  if (next === undefined) {
    const isMerchants = move.type === 'change' || move.type === 'delete'
    return { refused: isMerchants ? 'payment_method_unactivated' : 'no_such_save' }
  }
  const [status = method.status] = next
  switch (move.type) {
    case 'change':
      return changedMethod(method, move.change, nowMs)
    case 'delete':
      return method.status === 'deleted' ? method : deletedMethod(method, nowMs)
    case 'record_forgotten':
      return forgottenMethod(method)
    case 'postpone_forgetting':
      return withNextCall(method, nowMs)
    default:
      return recordResult(method, status, move, nowMs)
  }
}

type ResultMove = Exclude<
  SavedMethodMove,
  { readonly type: 'change' | 'delete' | 'record_forgotten' | 'postpone_forgetting' }
>

function recordResult(
  { action: _, callAtMs: __, ...method }: SavedPaymentMethod,
  status: StoredSavedMethodStatus,
  move: ResultMove,
  nowMs: number,
): SavedPaymentMethod {
  switch (move.type) {
    case 'record_waiting': {
      const { action, askAfterMs } = move
      return {
        ...withNextCall(method, nowMs, askAfterMs),
        ...(action !== undefined && { action }),
      }
    }
    case 'record_refusal':
      return {
        ...method,
        status,
        declineCode: move.declineCode,
        changedAtMs: nowMs,
        callCount: 0,
      }
    case 'give_up':
      return {
        ...method,
        status,
        declineCode: 'processor_unavailable',
        changedAtMs: nowMs,
        callAtMs: nowMs,
        callCount: 0,
      }
    default: {
      const { askAfterMs, checks, instrument, tokenSealed, type } = move
      const isFirst = method.status === 'saving'
      const isSameType = instrument?.type === method.instrument.type
      const savedMethod: SavedPaymentMethod = {
        ...method,
        status,
        tokenSealed,
        changedAtMs: status === method.status ? method.changedAtMs : nowMs,
        // A merchant's change is newer than the processor's facts.
        ...(isFirst && isSameType && { instrument }),
        ...(isFirst && checks !== undefined && { checks }),
        ...(isFirst && { createdAtMs: nowMs, callCount: 0 }),
      }
      return type === 'record_verifying'
        ? withNextCall(savedMethod, nowMs, askAfterMs)
        : savedMethod
    }
  }
}

function withNextCall(
  method: SavedPaymentMethod,
  nowMs: number,
  askAfterMs = queryDelayMs(method.callCount),
): SavedPaymentMethod {
  return {
    ...method,
    callAtMs: nowMs + askAfterMs,
    callCount: nextQueryCount(method.callCount),
  }
}

function changedMethod(
  method: SavedPaymentMethod,
  { accountHolderType, billingAddress, expiry }: SavedMethodChange,
  nowMs: number,
): SavedPaymentMethod {
  const { instrument } = method
  const card =
    instrument.type === 'card' && expiry !== undefined
      ? { ...instrument, expiryMonth: expiry.month, expiryYear: expiry.year }
      : undefined
  const account =
    instrument.type === 'ach_debit' && accountHolderType !== undefined
      ? { ...instrument, accountHolderType }
      : undefined
  return {
    ...method,
    instrument: card ?? account ?? instrument,
    ...(billingAddress !== undefined && { billingAddress }),
    changedAtMs: nowMs,
  }
}

function deletedMethod(
  { callAtMs: _, ...method }: SavedPaymentMethod,
  nowMs: number,
): SavedPaymentMethod {
  return { ...method, status: 'deleted', changedAtMs: nowMs, callAtMs: nowMs, callCount: 0 }
}

function forgottenMethod({
  callAtMs: _,
  tokenSealed: __,
  ...method
}: SavedPaymentMethod): SavedPaymentMethod {
  return method
}

/** The facts of a method that a customer begins to save. */
export type NewSavedMethod = Pick<
  SavedPaymentMethod,
  | 'id'
  | 'accountId'
  | 'customerId'
  | 'sessionId'
  | 'source'
  | 'instrument'
  | 'addressId'
  | 'billingAddress'
>

/**
 * Returns a new method that is with the processor. The first query comes after the longest wait of a customer
 * (`--processor-timeout`).
 */
export function beginSave(facts: NewSavedMethod, nowMs: number): SavedPaymentMethod {
  return {
    ...facts,
    status: 'saving',
    createdAtMs: nowMs,
    changedAtMs: nowMs,
    callAtMs: nowMs + FIRST_QUERY_AFTER_MS,
    callCount: 0,
  }
}
