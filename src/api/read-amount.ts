import {
  AMOUNT_MINOR_MAX,
  type AmountRefusal,
  type Currency,
  exponentOf,
  formatMoney,
  nearestAmount,
  readAmount,
} from '../domain/money.ts'
import { decimalText, kindOf, type Problem } from './read-fields.ts'
import type { JsonValue } from './read-json.ts'

/** Makes the problem of a value that breaks a rule. `must` completes the sentence "{field} …". */
export const invalid = (must: string): Problem => ({ code: 'invalid_parameter', must })

/** Says what is wrong with an amount in a currency. Undefined: nothing. */
export function amountProblem(value: JsonValue, currency: Currency): Problem | undefined {
  const decimal = decimalText(value)
  const reading = readAmount(decimal, currency)
  if (!('refused' in reading)) return undefined
  const problem = `${sentenceOf(reading.refused, currency)}, but it is ${kindOf(value)}`
  const nearest =
    reading.refused === 'too_many_decimals' ? nearestAmount(decimal, currency) : undefined
  return invalid(nearest === undefined ? problem : `${problem}: send ${formatMoney(nearest)}`)
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

/** Gives an amount in minor units; of one that has a problem, nothing. */
export function minorOf(value: JsonValue, currency: Currency): bigint {
  const reading = readAmount(decimalText(value), currency)
  return 'refused' in reading ? 0n : reading.amountMinor
}
