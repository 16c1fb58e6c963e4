import { containsCardNumber } from '../domain/card.ts'
import { CARD_CHECK_RESULTS, type CardChecks } from '../domain/card-checks.ts'
import { keptFacts, type SavedFacts } from '../domain/instrument.ts'
import { DECLINE_CODES } from '../domain/payment-attempt.ts'
import { isPlainText } from '../domain/text.ts'
import {
  type Fields,
  fieldsOf,
  type ReportProblem,
  readAction,
  readAskAfter,
  readField,
  reportable,
  wordOf,
} from './read-answer.ts'
import type { ForgetOutcome, SaveAction, SaveOutcome } from './saved-instruments.ts'

/** The longest token, in characters. */
const TOKEN_LENGTH_MAX = 1_000

/** Undefined: the answer does not show the result. */
export function readSave(raw: unknown, complain: ReportProblem): SaveOutcome | undefined {
  const answer = fieldsOf(raw)
  switch (answer.kind) {
    case 'saved':
    case 'verifying': {
      const { kind, token } = answer
      // A number that could be a card's is never stored, even sealed.
      if (!isPlainText(token, TOKEN_LENGTH_MAX) || containsCardNumber(token)) return undefined
      const details = { token, ...readDetails(answer, complain) }
      return kind === 'saved'
        ? { kind, ...details }
        : { kind, ...details, ...readField(answer, 'askAfterMs', readAskAfter, complain) }
    }
    case 'pending':
      return {
        kind: 'pending',
        ...readField(answer, 'action', readSaveAction, complain),
        ...readField(answer, 'askAfterMs', readAskAfter, complain),
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

/** Undefined: the answer does not show the result. */
export function readForget(raw: unknown): ForgetOutcome | undefined {
  const { kind, reason } = fieldsOf(raw)
  if (kind === 'forgotten') return { kind }
  if (kind !== 'unknown') return undefined
  return { kind, reason: typeof reason === 'string' ? reportable(reason) : 'no reason given' }
}

function readDetails(answer: Fields, complain: ReportProblem) {
  return {
    ...readField(answer, 'instrument', readFacts, complain),
    ...readField(answer, 'checks', readChecks, complain),
  }
}

function readFacts(value: unknown): SavedFacts | undefined {
  const facts = keptFacts(value)
  return facts?.type === 'card' || facts?.type === 'ach_debit' ? facts : undefined
}

function readChecks(value: unknown): CardChecks | undefined {
  const { addressLine, cvc, postalCode } = fieldsOf(value)
  const [line, code, security] = [addressLine, postalCode, cvc].map((one) =>
    wordOf(CARD_CHECK_RESULTS, one),
  )
  return line === undefined || code === undefined || security === undefined
    ? undefined
    : { addressLine: line, postalCode: code, cvc: security }
}

function readSaveAction(value: unknown): SaveAction | undefined {
  const action = readAction(value)
  if (action?.kind !== 'redirect' || action.to === 'wallet') return undefined
  return { kind: 'redirect', to: action.to, url: action.url }
}
