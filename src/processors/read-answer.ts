import { containsCardNumber } from '../domain/card.ts'
import { keptFacts } from '../domain/instrument.ts'
import { type CustomerAction, DECLINE_CODES } from '../domain/payment-attempt.ts'
import { isPlainText } from '../domain/text.ts'
import type { ChargeOutcome, RefundOutcome } from './processor.ts'

/** Reports the unusable part of an answer. */
export type ReportProblem = (trouble: string) => void

/** The largest age of an approval, in milliseconds: 30 days, because a server can be down for weeks. */
const APPROVED_AGO_MS_MAX = 30 * 24 * 60 * 60_000
/** The largest lead of an approval's time over the clock. A larger one comes from a wrong clock or a wrong unit. */
const APPROVED_AHEAD_MS_MAX = 5 * 60_000
/** The limits of `askAfterMs`. */
const ASK_AFTER_MS = { min: 1_000, max: 5 * 60_000 }
/** The longest URL and the longest link that an action can have, in characters. */
const URL_LENGTH_MAX = 8_000

/** Replaces a reference that cannot be stored. */
const REDACTION = 'redacted'

/** The fields of an answer, unchecked. */
export type Fields = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Fields => Object(value) === value
/** Returns the fields of a value. A value that is not an object has none. */
export const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {})

/** Returns the value if it is one of the words. Undefined: it is not. */
export const wordOf = <Word extends string>(
  words: readonly Word[],
  value: unknown,
): Word | undefined => words.find((word) => word === value)

/** Undefined: the answer does not show whether money moved. */
export function readCharge(
  raw: unknown,
  nowMs: number,
  complain: ReportProblem,
): ChargeOutcome | undefined {
  const answer = fieldsOf(raw)
  switch (answer.kind) {
    case 'approved': {
      const processorReference = readReference(answer, complain)
      // Money may have moved, so Paydesk queries again until the answer has a reference.
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
    case 'declined':
      return {
        kind: 'declined',
        declineCode: wordOf(DECLINE_CODES, answer.declineCode) ?? 'card_declined',
      }
    case 'unknown':
      return typeof answer.reason === 'string'
        ? { kind: 'unknown', reason: reportable(answer.reason) }
        : undefined
    default:
      return undefined
  }
}

type ReadRefund = { readonly outcome: RefundOutcome; readonly reason?: string }

/** Undefined: the answer does not show whether money moved. */
export function readRefund(raw: unknown, complain: ReportProblem): ReadRefund | undefined {
  const answer = fieldsOf(raw)
  const reason = typeof answer.reason === 'string' ? reportable(answer.reason) : undefined
  switch (answer.kind) {
    case 'succeeded':
      return { outcome: { kind: 'succeeded', ...readOptionalReference(answer, complain) } }
    case 'failed':
      return { outcome: { kind: 'failed', reason: reason ?? 'no reason given' } }
    case 'pending':
    case 'unknown': {
      const askAfter = readField(answer, 'askAfterMs', readAskAfter, complain)
      const outcome =
        answer.kind === 'pending'
          ? { kind: answer.kind, ...readOptionalReference(answer, complain), ...askAfter }
          : { kind: answer.kind, ...askAfter }
      return reason === undefined ? { outcome } : { outcome, reason }
    }
    default:
      return undefined
  }
}

/** Returns a processor's text in a form that can be logged. */
export function reportable(text: string): string {
  return containsCardNumber(text) ? 'reason withheld' : text.slice(0, 200)
}

/** An unusable value is omitted. */
export function readField<Name extends string, Value>(
  answer: Fields,
  name: Name,
  read: (value: unknown) => Value | undefined,
  complain: ReportProblem,
): { readonly [Only in Name]?: Value } {
  const raw = answer[name] ?? undefined
  if (raw === undefined) return {}
  const value = read(raw)
  if (value !== undefined) return { [name]: value } as { readonly [Only in Name]?: Value }
  complain(`${name} has the wrong shape and was left out`)
  return {}
}

function readReference(
  { processorReference: reference }: Fields,
  complain: ReportProblem,
): string | undefined {
  if (typeof reference !== 'string' || reference.trim() === '') return undefined
  if (isPlainText(reference) && !containsCardNumber(reference)) return reference
  complain(`processorReference could be a card number or is not plain text: stored as ${REDACTION}`)
  return REDACTION
}

/** Reads a reference that an answer may have. */
export function readOptionalReference(answer: Fields, complain: ReportProblem) {
  const processorReference = readReference(answer, complain)
  return processorReference === undefined ? {} : { processorReference }
}

function readApprovedAt(value: unknown, nowMs: number): number | undefined {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return undefined
  const aheadMs = value - nowMs
  return aheadMs >= -APPROVED_AGO_MS_MAX && aheadMs <= APPROVED_AHEAD_MS_MAX ? value : undefined
}

/** In milliseconds from now. Undefined: the value is not a number. */
export function readAskAfter(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return Math.min(Math.max(Math.round(value), ASK_AFTER_MS.min), ASK_AFTER_MS.max)
}

const REDIRECT_TARGETS = ['issuer', 'bank', 'wallet'] as const

/** Undefined: the action has the wrong shape. */
export function readAction(value: unknown): CustomerAction | undefined {
  const { kind, to, url, uri, beneficiary, accountNumber, ifsc } = fieldsOf(value)
  switch (kind) {
    case 'redirect': {
      const target = wordOf(REDIRECT_TARGETS, to)
      return target !== undefined && isPage(url) ? { kind, to: target, url } : undefined
    }
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

/** A page is a web address, or a path of this server. */
function isPage(value: unknown): value is string {
  if (!isPlainText(value, URL_LENGTH_MAX)) return false
  if (/^https?:\/\//i.test(value)) return URL.canParse(value)
  // Browsers treat two leading slashes, of either kind, as the address of another server.
  return /^\/(?![/\\])[!-~]*$/.test(value)
}
