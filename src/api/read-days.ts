import { DAY_OR_TIME_SHAPE, readDayOrTime, type TimeSpan } from '../domain/account-day.ts'
import type { Edition } from '../domain/payment-method.ts'
import type { ListTimes } from '../operations/store.ts'
import { ApiError } from './errors.ts'
import { kindOf, Problem } from './read-fields.ts'

const readBound = (text: string, { edition }: { readonly edition: Edition }) =>
  readDayOrTime(text, edition) ??
  new Problem(`must be ${DAY_OR_TIME_SHAPE}, but it is ${kindOf(text)}`)

/** The rules for a list's bounds. Each bound becomes a period of the account's calendar. */
export const DAY_RULES = { from_date: readBound, to_date: readBound }

/** The bounds in a list's query. */
export type ListBounds = { readonly from_date?: TimeSpan; readonly to_date?: TimeSpan }

/**
 * Returns the period from the first bound to the last, both included. Throws ApiError if the last comes before the
 * first.
 */
export function timesBetween({ from_date: from, to_date: to }: ListBounds): ListTimes {
  if (from !== undefined && to !== undefined && from.startMs >= to.endMs) {
    throw new ApiError('invalid_parameter', 'to_date', 'to_date must not be before from_date.')
  }
  return {
    ...(from !== undefined && { createdFromMs: from.startMs }),
    ...(to !== undefined && { createdToMs: to.endMs }),
  }
}
