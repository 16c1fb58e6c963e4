import { showAccountTime } from '../../domain/account-day.ts'
import type { DebitRefusal } from '../../domain/mandate-debit.ts'
import { MANDATE_CURRENCY } from '../../domain/mandate-terms.ts'
import { formatMoney } from '../../domain/money.ts'
import { ApiError } from '../errors.ts'

/** Makes the error of a refused notification or debit. Its field is the one that the merchant has to change. */
export function debitError(refusal: DebitRefusal, dayField: string): ApiError {
  const invalid = (field: string, what: string) =>
    new ApiError('invalid_mandate', field, `Mandate is invalid: ${what}.`)
  switch (refusal.refused) {
    case 'mandate_not_active':
      return invalid('mandate_id', `it is ${refusal.status}, not active`)
    case 'amount_not_allowed':
      return invalid(
        'amount',
        `it allows debits of ${refusal.rule === 'fixed' ? 'exactly' : 'at most'} ${formatMoney({ amountMinor: refusal.allowedMinor, currency: MANDATE_CURRENCY })} ${MANDATE_CURRENCY}`,
      )
    case 'too_soon':
      return invalid(
        dayField,
        `the customer must be notified 24 hours before, so ${refusal.from} is the first possible day`,
      )
    case 'before_start':
      return invalid(dayField, `its first day is ${refusal.from}`)
    case 'after_end':
      return invalid(dayField, `its last day is ${refusal.until}`)
    case 'off_debit_day':
      return invalid(
        dayField,
        `it allows debits ${RULES[refusal.rule]} the debit day, which is ${refusal.debitOn}`,
      )
    case 'cycle_debited':
      return invalid(
        dayField,
        `it allows one debit in each period, and the period from ${refusal.cycleOn} already has one`,
      )
    case 'other_notification':
      return invalid(
        'mandate_notification_id',
        'the notification is for another mandate, amount or invoice',
      )
    case 'notification_not_succeeded':
      return invalid('mandate_notification_id', `the notification is ${refusal.status}`)
    case 'notification_too_young':
      return invalid(
        'mandate_notification_id',
        `the notification allows a debit from ${timeText(refusal.fromMs)} on`,
      )
    case 'notification_too_old':
      return invalid(
        'mandate_notification_id',
        `the notification allowed a debit until ${timeText(refusal.untilMs)}`,
      )
    case 'notification_used':
      return invalid('mandate_notification_id', 'the notification already has a debit')
  }
}

const RULES = { on: 'only on', before: 'not after', after: 'not before' } as const

function timeText(atMs: number): string {
  return showAccountTime('IN', atMs).replace('.000', '')
}
