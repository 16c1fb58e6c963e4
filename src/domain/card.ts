// Imports single files, because the packages' entries load many unused validators.
import { cardNumber } from 'card-validator/dist/card-number.js'
import creditCardType from 'credit-card-type'
import type { CardBrand } from './card-brand.ts'
import { looksLikeCardNumber } from './card-number.ts'

/**
 * RuPay, which the package lacks. The ranges of first digits come from NPCI; issuers publish them (seen 2026-11-22).
 */
const RUPAY = {
  niceType: 'RuPay',
  type: 'rupay',
  patterns: [
    [508500, 508999],
    [606985, 607984],
    [608001, 608500],
    [652150, 653149],
    [817200, 820199],
  ] as [number, number][],
  gaps: [4, 8, 12],
  lengths: [16],
  code: { name: 'CVV', size: 3 },
}
creditCardType.addCard(RUPAY)
// The first of equal matches wins, so RuPay comes first: Maestro claims 5085 to 5089 too.
creditCardType.changeOrder('rupay', 0)

const BRANDS: ReadonlyMap<string, CardBrand> = new Map([
  ['visa', 'visa'],
  ['mastercard', 'master_card'],
  ['rupay', 'rupay'],
  ['american-express', 'american_express'],
  ['diners-club', 'diners_club'],
  ['discover', 'discover'],
  ['jcb', 'jcb'],
  ['unionpay', 'unionpay'],
  ['maestro', 'maestro'],
])

type CardKind = {
  readonly brand: CardBrand
  /** The display name: `Visa`. */
  readonly brandName: string
  /** The positions of the blanks in the printed number. */
  readonly gaps: readonly number[]
  readonly lengthMax: number
  readonly cvvLength: number
}

/** Returns the kind of a card by its first digits. Undefined: the digits fit several schemes, or none. */
export function cardKindOf(digits: string): CardKind | undefined {
  const kinds = digits === '' ? [] : creditCardType(digits)
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1) return undefined
  return {
    brand: BRANDS.get(kind.type) ?? 'other',
    brandName: kind.niceType,
    gaps: kind.gaps,
    lengthMax: Math.max(...kind.lengths),
    cvvLength: kind.code.size,
  }
}

/** Returns true if digits are a whole card number of a known scheme. */
export function isCardNumber(digits: string): boolean {
  return cardNumber(digits).isValid
}

const DEFAULT_GAPS = [4, 8, 12]

/** Groups a number's digits as they are printed on the card: `4111 1111 1111 1111`. */
export function groupCardDigits(digits: string): string {
  const gaps = cardKindOf(digits)?.gaps ?? DEFAULT_GAPS
  return [...digits].map((digit, index) => (gaps.includes(index) ? ` ${digit}` : digit)).join('')
}

/** Returns the digits of a text, of any script, without the characters between them. */
export function digitsOf(text: string): string {
  return withWesternDigits(text).replaceAll(/\D/g, '')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern means every character of ASCII.
const ASCII = /^[\u0000-\u007f]*$/

/** Returns the text with the digits of all scripts replaced by 0 to 9: `०९/२८` becomes `09/28`. */
export function withWesternDigits(text: string): string {
  // Nearly all texts are ASCII. The search for other digits would copy them.
  if (ASCII.test(text)) return text
  return text.normalize('NFKC').replaceAll(/[^\P{Nd}0-9]/gu, (digit) => {
    // Unicode has the ten digits of a script one after the other, from its zero.
    const code = digit.codePointAt(0) as number
    let zero = code
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1
    return String((code - zero) % 10)
  })
}

const NUMBER_LENGTH_MAX = 19

// Letters except those that are used like a hyphen between digits (Japanese `ー`): those are separators.
const LETTERS = /[\p{Lu}\p{Ll}\p{Lt}\p{Lo}]+/u
const LETTERS_OR_AT = /[\p{Lu}\p{Ll}\p{Lt}\p{Lo}@]+/u

/**
 * Returns true if a text contains a card number. The digits may be of any script, and any characters except letters
 * may separate its groups: `Asha 4111/1111/1111/1111 12/40`.
 */
export function containsCardNumber(text: string): boolean {
  const western = withWesternDigits(text)
  // The parts before and after an e-mail address's @ are checked separately: `13812345608@163.com`.
  const isAddress = western.split('@').length === 2
  return western
    .split(isAddress ? LETTERS_OR_AT : LETTERS)
    .some((run) => hasCardNumber(run.match(/\d+/g) ?? []))
}

/** Returns true if some consecutive groups of digits form a card number. */
function hasCardNumber(groups: readonly string[]): boolean {
  return groups.some((_, first) => {
    let digits = ''
    for (let next = first; next < groups.length && digits.length < NUMBER_LENGTH_MAX; next += 1) {
      digits += groups[next]
      if (looksLikeCardNumber(digits)) return true
    }
    return false
  })
}

/** Reads a card's expiry: `09/28`, `9 / 2028`, `0928`. Undefined: it is not an expiry. */
export function parseCardExpiry(
  text: string,
): { readonly month: number; readonly year: number } | undefined {
  const match = /^\s*(\d{1,2})\s*[/.\- ]\s*(\d{2}|\d{4})\s*$|^\s*(\d{2})(\d{2}|\d{4})\s*$/.exec(
    withWesternDigits(text),
  )
  if (match === null) return undefined
  const month = Number(match[1] ?? match[3])
  const year = Number(match[2] ?? match[4])
  if (month < 1 || month > 12) return undefined
  return { month, year: year < 100 ? 2000 + year : year }
}

/** The longest time until a card's expiry, in years. No issuer uses a longer one. */
const EXPIRY_YEARS_MAX = 20

/**
 * Returns true if a card with this expiry is valid at a time: until the month has ended in every time zone. False also
 * for a year that is more than `EXPIRY_YEARS_MAX` ahead.
 */
export function isExpiryAhead(month: number, year: number, nowMs: number): boolean {
  const endsAtMs = Date.UTC(year, month, 1, 12)
  return nowMs < endsAtMs && year <= new Date(nowMs).getUTCFullYear() + EXPIRY_YEARS_MAX
}
