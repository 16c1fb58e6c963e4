import { hidesCardNumber } from '../domain/card.ts'
import { keptFacts } from '../domain/instrument.ts'
import { type CustomerAction, DECLINE_CODES, type DeclineCode } from '../domain/payment-attempt.ts'
import { isPlainText } from '../domain/text.ts'
import type { ChargeOutcome, RefundOutcome } from './processor.ts'

/** Is told what of an answer cannot be used. */
export type Complain = (trouble: string) => void

/**
 * How far from now an approval can have been, in milliseconds: a server can have been down for weeks.
 * Beyond that a clock or a unit is wrong.
 */
const APPROVED_AGO_MS_MAX = 30 * 24 * 60 * 60_000
const APPROVED_AHEAD_MS_MAX = 5 * 60_000
/** Within what a processor can say when it wants to be asked, in milliseconds. */
const ASK_AFTER_MS = { min: 1_000, max: 5 * 60_000 }
/** The longest address of a page and the longest link that are passed on, in characters. */
const URL_LENGTH_MAX = 8_000

/** What is kept instead of a reference that cannot be stored. */
const REDACTED = 'redacted'

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields => (Object(value) === value ? (value as Fields) : {})

const KNOWN_DECLINES: ReadonlySet<unknown> = new Set(DECLINE_CODES)

/** Reads what a module says of a charge. Undefined: it has said nothing of the money. */
export function readCharge(
  given: unknown,
  nowMs: number,
  complain: Complain,
): ChargeOutcome | undefined {
  const answer = fieldsOf(given)
  switch (answer.kind) {
    case 'approved': {
      const processorReference = readReference(answer, complain)
      // Money may have moved: without a reference it is asked about until there is one.
      if (processorReference === undefined) return undefined
      return {
        kind: 'approved',
        processorReference,
        ...readField(answer, 'approvedAtMs', (value) => readApprovedAt(value, nowMs), complain),
        ...readField(answer, 'instrument', keptFacts, complain),
      }
    }
    case 'pending': {
      const processorReference = readReference(answer, complain)
      if (processorReference === undefined) return undefined
      return {
        kind: 'pending',
        processorReference,
        ...readField(answer, 'action', readAction, complain),
        ...readField(answer, 'askAfterMs', readAskAfter, complain),
      }
    }
    case 'declined': {
      const isKnown = KNOWN_DECLINES.has(answer.declineCode)
      return {
        kind: 'declined',
        declineCode: isKnown ? (answer.declineCode as DeclineCode) : 'card_declined',
      }
    }
    case 'unknown':
      return typeof answer.reason === 'string'
        ? { kind: 'unknown', reason: reportable(answer.reason) }
        : undefined
    default:
      return undefined
  }
}

/** What a refund came to, with the reason why nothing is known of it, where the module gave one. */
export type ReadRefund = { readonly outcome: RefundOutcome; readonly reason?: string }

/** Reads what a module says of a refund. Undefined: it has said nothing of the money. */
export function readRefund(given: unknown, complain: Complain): ReadRefund | undefined {
  const answer = fieldsOf(given)
  const reason = typeof answer.reason === 'string' ? reportable(answer.reason) : undefined
  switch (answer.kind) {
    case 'succeeded':
      return { outcome: { kind: 'succeeded', ...readRefundReference(answer, complain) } }
    case 'failed':
      return { outcome: { kind: 'failed', reason: reason ?? 'no reason given' } }
    case 'pending':
    case 'unknown': {
      const askAfter = readField(answer, 'askAfterMs', readAskAfter, complain)
      const outcome =
        answer.kind === 'pending'
          ? { kind: answer.kind, ...readRefundReference(answer, complain), ...askAfter }
          : { kind: answer.kind, ...askAfter }
      return reason === undefined ? { outcome } : { outcome, reason }
    }
    default:
      return undefined
  }
}

/** A text of a module as it may be logged. */
export function reportable(text: string): string {
  return hidesCardNumber(text) ? 'reason withheld' : text.slice(0, 200)
}

/** Reads a field that need not be there. What cannot be used is left out. */
function readField<Name extends string, Value>(
  answer: Fields,
  name: Name,
  read: (value: unknown) => Value | undefined,
  complain: Complain,
): { readonly [Only in Name]?: Value } {
  const given = answer[name] ?? undefined
  if (given === undefined) return {}
  const value = read(given)
  if (value !== undefined) return { [name]: value } as { readonly [Only in Name]?: Value }
  complain(`${name} is not what it has to be, and was left out`)
  return {}
}

function readReference(
  { processorReference: reference }: Fields,
  complain: Complain,
): string | undefined {
  if (typeof reference !== 'string' || reference.trim() === '') return undefined
  if (isPlainText(reference) && !hidesCardNumber(reference)) return reference
  complain(`processorReference could be a card number or is no plain text: kept as ${REDACTED}`)
  return REDACTED
}

/** A refund's reference need not be there. */
function readRefundReference(answer: Fields, complain: Complain) {
  const processorReference = readReference(answer, complain)
  return processorReference === undefined ? {} : { processorReference }
}

function readApprovedAt(value: unknown, nowMs: number): number | undefined {
  if (!Number.isSafeInteger(value)) return undefined
  const aheadMs = (value as number) - nowMs
  return aheadMs >= -APPROVED_AGO_MS_MAX && aheadMs <= APPROVED_AHEAD_MS_MAX
    ? (value as number)
    : undefined
}

function readAskAfter(value: unknown): number | undefined {
  if (!Number.isFinite(value)) return undefined
  return Math.min(Math.max(Math.round(value as number), ASK_AFTER_MS.min), ASK_AFTER_MS.max)
}

const REDIRECTS_TO: ReadonlySet<unknown> = new Set(['issuer', 'bank', 'wallet'])

function readAction(value: unknown): CustomerAction | undefined {
  const { kind, to, url, uri, beneficiary, accountNumber, ifsc } = fieldsOf(value)
  switch (kind) {
    case 'redirect':
      return REDIRECTS_TO.has(to) && isPage(url)
        ? { kind, to: to as 'issuer' | 'bank' | 'wallet', url }
        : undefined
    case 'upi_approve':
      return { kind }
    case 'upi_link':
      return isPlainText(uri, URL_LENGTH_MAX) && /^upi:\/\//i.test(uri) ? { kind, uri } : undefined
    case 'bank_transfer':
      return isPlainText(beneficiary) && isPlainText(accountNumber) && isPlainText(ifsc)
        ? { kind, beneficiary, accountNumber, ifsc }
        : undefined
    default:
      return undefined
  }
}

/** Answers whether a value is the address of a page: somewhere on the web, or a path of this server. */
function isPage(value: unknown): value is string {
  if (!isPlainText(value, URL_LENGTH_MAX)) return false
  if (/^https?:\/\//i.test(value)) return URL.canParse(value)
  // A browser takes two slashes, of either kind, for another server.
  return /^\/(?![/\\])[!-~]*$/.test(value)
}
