import { exponentOf, formatMoney, type Money } from './money.ts'

/**
 * Writes an amount for people, with exactly the currency's decimals: `₹1,499.90`. `locale` is a tag of BCP 47; `en-IN`
 * groups rupees as in India.
 */
export function showMoney(money: Money, locale: string): string {
  const key = `${locale} ${money.currency}`
  const format = MONEY_FORMATS.get(key) ?? moneyFormat(money.currency, locale)
  MONEY_FORMATS.set(key, format)
  // As a decimal text, because a float would round a large amount.
  return format.format(formatMoney(money) as `${number}`)
}

/**
 * The formats by locale and currency: making one costs more than the rest of a view. The program chooses the locales, so
 * the map stays small.
 */
const MONEY_FORMATS = new Map<string, Intl.NumberFormat>()

function moneyFormat(currency: Money['currency'], locale: string): Intl.NumberFormat {
  const digits = exponentOf(currency)
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}
