import {
  AMOUNT_MINOR_MAX,
  type AmountRefusal,
  amountOf,
  type Currency,
  exponentOf,
  formatMoney,
  type Money,
  nearestAmount,
  readAmount,
} from '../domain/money.ts'
import { decimalText, kindOf, Problem } from './read-fields.ts'
import type { JsonNumber } from './read-json.ts'

/** Reads the amount in a field, in the given currency. */
export function readMoney(
  value: string | number | JsonNumber,
  currency: Currency,
): Money | Problem {
  const exact = typeof value === 'number' ? amountOf(value, currency) : undefined
  if (exact !== undefined) return exact
  const decimal = decimalText(value)
  const reading = readAmount(decimal, currency)
  if (!('refused' in reading)) return reading
  const problem = `${sentenceOf(reading.refused, currency)}, but it is ${kindOf(value)}`
  const nearest =
    reading.refused === 'too_many_decimals' ? nearestAmount(decimal, currency) : undefined
  return new Problem(nearest === undefined ? problem : `${problem}: send ${formatMoney(nearest)}`)
}

function sentenceOf(refusal: AmountRefusal, currency: Currency): string {
  switch (refusal) {
    case 'not_a_decimal':
    case 'not_positive':
      return 'must be a positive amount in major units, such as 100.50'
    case 'too_many_decimals':
      return `must have at most ${exponentOf(currency)} digits after the decimal point in ${currency}, as it is not rounded`
    case 'too_large':
      return `must be at most ${formatMoney({ amountMinor: AMOUNT_MINOR_MAX, currency })} ${currency}`
  }
}
