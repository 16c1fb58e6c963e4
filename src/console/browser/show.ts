/** The formats of values, in the language of the page. Times are in UTC. */

import { showDuration as englishDuration } from '../../domain/duration.ts'
import type { InstrumentFacts } from '../../domain/instrument.ts'
import type { METHOD_NAMES } from '../../wire/payment.ts'
import { isolate, type PlainKey, shownLanguage, shownLocale, text, wordsOf } from './text.ts'

const twoDigits = (number: number) => String(number).padStart(2, '0')

/** Writes a time: `22 Nov 2026, 09:30:12`. */
export function showTime(timeMs: number): string {
  const date = new Date(timeMs)
  return `${dayAndMonth(date)} ${date.getUTCFullYear()}${comma()} ${clockTime(date)}`
}

/** Writes a time for a list: only the time of day if the day is today. */
export function showTimeShortly(timeMs: number, nowMs: number): string {
  const date = new Date(timeMs)
  const isToday = Math.floor(timeMs / DAY_MS) === Math.floor(nowMs / DAY_MS)
  return isToday ? clockTime(date) : `${showDay(timeMs)}${comma()} ${clockTime(date)}`
}

function dayAndMonth(date: Date): string {
  const month = date.toLocaleDateString(shownLocale(), { month: 'short', timeZone: 'UTC' })
  return `${date.getUTCDate()} ${month}`
}

/** Writes the day of a time: `22 Nov`. */
export function showDay(timeMs: number): string {
  return dayAndMonth(new Date(timeMs))
}

/** Writes the time of day without seconds: `09:30`. */
export function showTimeOfDay(timeMs: number): string {
  return clockTime(new Date(timeMs)).slice(0, 5)
}

function comma(): string {
  return shownLanguage() === 'ur' ? '،' : ','
}

const DAY_MS = 86_400_000

function clockTime(date: Date): string {
  return `${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}:${twoDigits(date.getUTCSeconds())}`
}

/** Writes an amount with grouped digits, exactly: `₹1,23,456.70`. */
export function showAmount({
  amount,
  currency,
}: {
  readonly amount: string
  readonly currency: string
}): string {
  const [whole = '', decimals] = amount.split('.')
  const isIndian = currency === 'INR'
  const groups = whole.replaceAll(isIndian ? INDIAN_GROUPS : GROUPS, ',')
  const number = decimals === undefined ? groups : `${groups}.${decimals}`
  const symbol = SYMBOLS.get(currency)
  if (symbol === undefined) return isolate(`${currency} ${number}`)
  return isolate(number.startsWith('-') ? `-${symbol}${number.slice(1)}` : symbol + number)
}

/** Groups the digits of a text that is only an amount, such as `INR 1499.90`. Other texts are returned unchanged. */
export function showAmountText(text: string): string {
  const [, currency, amount] = /^([A-Z]{3}) (\d+(?:\.\d+)?)$/.exec(text) ?? []
  return currency === undefined || amount === undefined ? text : showAmount({ amount, currency })
}

/**
 * The places of commas: before each group of three digits. In India: before the last three digits, and before each pair
 * of digits to the left of them.
 */
const GROUPS = /\B(?=(?:\d{3})+$)/g
const INDIAN_GROUPS = /\B(?=(?:\d{2})*\d{3}$)/g
const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ['INR', '₹'],
  ['USD', '$'],
])

/** Writes JSON over several lines, with every value unchanged. Other text does not change. */
export function prettyJson(text: string): string {
  try {
    JSON.parse(text)
  } catch {
    return text
  }
  let depth = 0
  let pretty = ''
  // Tokens are copied from the text, because JavaScript could change a number.
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const line = () => `\n${'  '.repeat(depth)}`
    if (token === '{' || token === '[') {
      depth += 1
      pretty += token + line()
    } else if (token === '}' || token === ']') {
      depth -= 1
      pretty = /[{[]\s*$/.test(pretty.slice(-100))
        ? pretty.trimEnd() + token
        : pretty + line() + token
    } else if (token === ',') pretty += `,${line()}`
    else pretty += token === ':' ? ': ' : token
  }
  return pretty
}

/** Writes a status or a name of the wire as words: `in progress`. Unknown names stay in English. */
export function words(name: string): string {
  return wordsOf(name) ?? name.replaceAll('_', ' ')
}

/** A name of a payment method: the one in requests and in the store, or the one in answers. */
type MethodName = InstrumentFacts['type'] | (typeof METHOD_NAMES)[InstrumentFacts['type']]

/** The one text for each payment method, by all its names. */
const METHOD_TEXTS: Readonly<Record<MethodName, PlainKey>> = {
  card: 'card',
  upi: 'UPI',
  netbanking: 'net banking',
  net_banking: 'net banking',
  wallet: 'wallet',
  bank_transfer: 'bank transfer',
  ach_debit: 'ACH debit',
  terminal: 'terminal',
  pos: 'terminal',
}
const TEXT_OF_METHOD: ReadonlyMap<string, PlainKey> = new Map(Object.entries(METHOD_TEXTS))

/** Returns the text for a payment method. Undefined: no method has this name. */
export function methodTextOf(name: string): string | undefined {
  const key = TEXT_OF_METHOD.get(name)
  return key && text(key)
}

/** Writes a payment method by one of its names. Unknown names stay in English. */
export function showMethod(name: string): string {
  return methodTextOf(name) ?? words(name)
}

/** Writes a length of time in at most two units: `2 d 3 h`. */
export function showDuration(lengthMs: number): string {
  const parts = englishDuration(lengthMs).split(' ')
  return parts.map((part) => wordsOf(part) ?? part).join(' ')
}

/** Writes a count with its noun. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`
}

/** The colors of statuses. */
export type Tone = 'good' | 'bad' | 'waiting' | 'plain'

const GOOD: ReadonlySet<string> = new Set([
  'succeeded',
  'delivered',
  'active',
  'approved',
  'refunded',
  'paid',
  'won',
  'agrees',
])
const BAD: ReadonlySet<string> = new Set([
  'failed',
  'given_up',
  'disabled',
  'declined',
  'no answer',
  'unknown',
  'disputed',
  'lost',
  'differs',
])
const WAITING: ReadonlySet<string> = new Set([
  'in_progress',
  'pending',
  'initiated',
  'held',
  'partially_refunded',
  'open',
  'paused',
  'processing',
])

/** Returns the color of a status, or of an HTTP status. */
export function toneOf(status: string): Tone {
  if (GOOD.has(status) || /^2\d\d$/.test(status)) return 'good'
  if (BAD.has(status) || /^[45]\d\d$/.test(status)) return 'bad'
  return WAITING.has(status) ? 'waiting' : 'plain'
}
