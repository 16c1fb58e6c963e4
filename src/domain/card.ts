// The files, for the packages' entries pull in validators that are not needed here.
import { cardNumber } from 'card-validator/dist/card-number.js'
import creditCardType from 'credit-card-type'
import { looksLikeCardNumber } from './card-number.ts'

/** Card schemes, by the words the wire shows. */
export const CARD_BRANDS = [
  'visa',
  'master_card',
  'rupay',
  'american_express',
  'diners_club',
  'discover',
  'jcb',
  'unionpay',
  'maestro',
  'other',
] as const
/** A card scheme, by the word the wire shows. */
export type CardBrand = (typeof CARD_BRANDS)[number]

/**
 * RuPay, which the package does not know. Ranges of first digits: NPCI's, as issuers publish them
 * (seen 2026-11-22).
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
// First, for of equal matches the first wins: Maestro claims 5085 to 5089 as well.
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

/** What a card's first digits tell. */
export type CardKind = {
  readonly brand: CardBrand
  /** As people write it: `Visa`. */
  readonly brandName: string
  /** After which digits a blank is printed on the card. */
  readonly gaps: readonly number[]
  /** How many digits the number can have at most. */
  readonly lengthMax: number
  /** How many digits the security code has. */
  readonly cvvLength: number
}

/** Gives the kind of card that a number's first digits are certain of. Undefined: not certain yet. */
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

/** Answers whether the digits are a whole card number of a known scheme. */
export function isCardNumber(digits: string): boolean {
  return cardNumber(digits).isValid
}

const GAPS_UNTIL_KNOWN = [4, 8, 12]

/** Groups a number's digits as they are printed on the card: `4111 1111 1111 1111`. */
export function groupCardDigits(digits: string): string {
  const gaps = cardKindOf(digits)?.gaps ?? GAPS_UNTIL_KNOWN
  return [...digits].map((digit, index) => (gaps.includes(index) ? ` ${digit}` : digit)).join('')
}

/** The digits of a text, whatever script they are written in, without anything between them. */
export function digitsOf(text: string): string {
  return withWesternDigits(text).replaceAll(/\D/g, '')
}

/** The text with the digits of every script as 0 to 9: `०९/२८` is `09/28`. */
function withWesternDigits(text: string): string {
  return text.normalize('NFKC').replaceAll(/[^\P{Nd}0-9]/gu, (digit) => {
    // Unicode has the ten digits of a script one after the other, from its zero.
    const code = digit.codePointAt(0) as number
    let zero = code
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1
    return String((code - zero) % 10)
  })
}

/** The longest card numbers have so many digits. */
const NUMBER_LENGTH_MAX = 19

// Signs that count as letters and stand between digits like a hyphen (Japanese `ー`) are not among them.
const LETTERS = /[\p{Lu}\p{Ll}\p{Lt}\p{Lo}]+/u
const LETTERS_OR_AT = /[\p{Lu}\p{Ll}\p{Lt}\p{Lo}@]+/u

/**
 * Answers whether a card number stands somewhere in a text, in the digits of any script and with
 * anything but letters between its groups: `Asha 4111/1111/1111/1111 12/40`.
 */
export function hidesCardNumber(text: string): boolean {
  const western = withWesternDigits(text)
  // What stands before and behind the one @ of an address are two things: `13812345608@163.com`.
  const isAddress = western.split('@').length === 2
  return western
    .split(isAddress ? LETTERS_OR_AT : LETTERS)
    .some((run) => holdCardNumber(run.match(/\d+/g) ?? []))
}

/** Answers whether groups of digits that follow one another are a card number. */
function holdCardNumber(groups: readonly string[]): boolean {
  return groups.some((_, first) => {
    let digits = ''
    for (let next = first; next < groups.length && digits.length < NUMBER_LENGTH_MAX; next += 1) {
      digits += groups[next]
      if (looksLikeCardNumber(digits)) return true
    }
    return false
  })
}

/** A card's expiry as it is typed: `09/28`, `9 / 2028`, `0928`. Undefined: it cannot be read. */
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

/** How far ahead a card can expire, in years: nobody issues a card for longer. */
const EXPIRY_YEARS_MAX = 20

/** Answers whether a card is good at a time: it is until its month has ended everywhere on Earth. */
export function isExpiryAhead(month: number, year: number, nowMs: number): boolean {
  const endsAtMs = Date.UTC(year, month, 1, 12)
  return nowMs < endsAtMs && year <= new Date(nowMs).getUTCFullYear() + EXPIRY_YEARS_MAX
}
