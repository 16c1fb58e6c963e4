import { CURRENCY_EXPONENTS } from './currency.ts'

/** The ISO 4217 code of a supported currency, such as `INR`. */
export type Currency = keyof typeof CURRENCY_EXPONENTS

/** An exact amount in the currency's smallest unit: ₹100.50 is `{ amountMinor: 10050n, currency: 'INR' }`. */
export type Money = { readonly amountMinor: bigint; readonly currency: Currency }

/** The largest amount of a request, in minor units: 10^12. */
export const AMOUNT_MINOR_MAX = 10n ** 12n
const AMOUNT_NUMBER_MAX = Number(AMOUNT_MINOR_MAX)

const EXPONENTS: ReadonlyMap<string, number> = new Map(Object.entries(CURRENCY_EXPONENTS))

/** Returns true if a text is the ISO 4217 code of a supported currency. Case matters. */
export function isCurrency(text: string): text is Currency {
  return EXPONENTS.has(text)
}

/** Returns the number of a currency's decimals: 2 for INR, 0 for JPY, 3 for KWD. */
export function exponentOf(currency: Currency): number {
  return CURRENCY_EXPONENTS[currency]
}

type AmountReading = Money | { readonly refused: AmountRefusal }

/** The reason why a text is not an amount. */
export type AmountRefusal = 'not_a_decimal' | 'not_positive' | 'too_many_decimals' | 'too_large'

/**
 * A decimal in any spelling of JSON's number grammar. The exponent has at most three digits, so
 * that `1e999999999` costs no time.
 */
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/** The longest text of an amount, in characters. 10^12 minor units with all their zeros are much shorter. */
const AMOUNT_TEXT_LENGTH_MAX = 64

/**
 * Reads a positive amount in major units, exactly: `100.5` rupees are 10050 paise.
 *
 * Different spellings of a value are the same amount: `100.50`, `1005e-1` and `100.500`. `100.005` rupees are refused,
 * never rounded.
 */
export function readAmount(decimal: string, currency: Currency): AmountReading {
  const match = decimal.length <= AMOUNT_TEXT_LENGTH_MAX ? DECIMAL.exec(decimal) : null
  if (match === null) return { refused: 'not_a_decimal' }

  const [, sign, whole = '', fraction = '', exponentText = '0'] = match
  const digits = (whole + fraction).replace(/^0+/, '')
  if (sign === '-' || digits === '') return { refused: 'not_positive' }

  const significant = digits.replace(/0+$/, '')
  // The number of zeros between the last significant digit and the currency's last decimal.
  const shift =
    Number(exponentText) -
    fraction.length +
    (digits.length - significant.length) +
    exponentOf(currency)
  if (shift < 0) return { refused: 'too_many_decimals' }
  if (significant.length + shift > 13) return { refused: 'too_large' }

  const amountMinor = BigInt(significant + '0'.repeat(shift))
  return amountMinor > AMOUNT_MINOR_MAX ? { refused: 'too_large' } : { amountMinor, currency }
}

/**
 * Reads a positive number of major units. The result is that of `readAmount` for the number's text, in a tenth of the
 * time. Undefined: the number may have too many decimals or be too large, so `readAmount` must decide.
 *
 * It is exact: a decimal of at most 15 digits is the shortest text of the number nearest to it, so the number that
 * equals `amountMinor / 10^exponent` has this text and no other.
 */
export function amountOf(majorUnits: number, currency: Currency): Money | undefined {
  const scale = 10 ** exponentOf(currency)
  const amountMinor = Math.round(majorUnits * scale)
  const isExact = amountMinor > 0 && amountMinor <= AMOUNT_NUMBER_MAX
  if (!isExact || amountMinor / scale !== majorUnits) return undefined
  return { amountMinor: BigInt(amountMinor), currency }
}

/**
 * Returns the amount to send instead of one with too many decimals for its currency: `100.005` rupees become 100.01.
 * Undefined: the text has no such fault or another one, or the rounded amount is zero or too large.
 */
export function nearestAmount(decimal: string, currency: Currency): Money | undefined {
  const match = decimal.length <= AMOUNT_TEXT_LENGTH_MAX ? DECIMAL.exec(decimal) : null
  if (match === null || match[1] === '-') return undefined
  const [, , whole = '', fraction = '', exponentText = '0'] = match
  const shift = Number(exponentText) - fraction.length + exponentOf(currency)
  if (shift >= 0) return undefined
  const amountMinor = multiplyByRate(BigInt(whole + fraction), 1n, 10n ** BigInt(-shift), 'half_up')
  return amountMinor > 0n && amountMinor <= AMOUNT_MINOR_MAX ? { amountMinor, currency } : undefined
}

/** Writes exactly as many decimals as the currency has: `100.50` rupees, `100` yen. */
export function formatMoney({ amountMinor, currency }: Money): string {
  const exponent = exponentOf(currency)
  const sign = amountMinor < 0n ? '-' : ''
  const digits = (amountMinor < 0n ? -amountMinor : amountMinor).toString()
  if (exponent === 0) return sign + digits

  const allDigits = digits.padStart(exponent + 1, '0')
  return `${sign}${allDigits.slice(0, -exponent)}.${allDigits.slice(-exponent)}`
}

/** The rounding of a fraction of a minor unit. There is no default: every caller decides. */
type RoundingMode = 'half_up' | 'down'

/**
 * Returns `amountMinor × rateNumerator / rateDenominator` in whole minor units.
 *
 * The only place where money is rounded. All arguments are non-negative.
 */
export function multiplyByRate(
  amountMinor: bigint,
  rateNumerator: bigint,
  rateDenominator: bigint,
  mode: RoundingMode,
): bigint {
  const product = amountMinor * rateNumerator
  return mode === 'half_up'
    ? (2n * product + rateDenominator) / (2n * rateDenominator)
    : product / rateDenominator
}
