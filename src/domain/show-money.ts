import { exponentOf, formatMoney, type Money } from './money.ts'

/**
 * Writes an amount for people: `₹1,29,999.90`, `$1,499.90`. It has exactly the currency's decimals and the same form in
 * all languages; rupees have the Indian groups of digits.
 */
export function showMoney(money: Money): string {
  const { currency } = money
  const format = MONEY_FORMATS.get(currency) ?? moneyFormat(currency)
  MONEY_FORMATS.set(currency, format)
  // As a decimal text, because a float would round a large amount.
  return format.format(formatMoney(money) as `${number}`)
}

/** The formats by currency: making one costs more than the rest of a view. */
const MONEY_FORMATS = new Map<Money['currency'], Intl.NumberFormat>()

function moneyFormat(currency: Money['currency']): Intl.NumberFormat {
  const digits = exponentOf(currency)
  // Not by the customer's language: the Urdu format of India has other groups.
  return new Intl.NumberFormat(currency === 'INR' ? 'en-IN' : 'en-US', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}
