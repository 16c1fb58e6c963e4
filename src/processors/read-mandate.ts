import type { MandateState, NoticeOutcome } from './mandates.ts'
import {
  fieldsOf,
  type ReportProblem,
  readAskAfter,
  readField,
  readOptionalReference,
  reportable,
  wordOf,
} from './read-answer.ts'

/** Undefined: the answer does not say whether the customer was notified. */
export function readNotice(raw: unknown, complain: ReportProblem): NoticeOutcome | undefined {
  const answer = fieldsOf(raw)
  switch (answer.kind) {
    case 'succeeded':
      return { kind: answer.kind, ...readOptionalReference(answer, complain) }
    case 'failed':
      return { kind: answer.kind }
    case 'pending':
      return {
        kind: answer.kind,
        ...readOptionalReference(answer, complain),
        ...readField(answer, 'askAfterMs', readAskAfter, complain),
      }
    case 'unknown':
      return { kind: answer.kind, ...readField(answer, 'askAfterMs', readAskAfter, complain) }
    default:
      return undefined
  }
}

/** Returns the reason for an unknown answer, for the log. */
export function reasonIn(raw: unknown): string {
  const { reason } = fieldsOf(raw)
  return typeof reason === 'string' ? reportable(reason) : 'unknown, without a reason'
}

const STATES = ['active', 'paused', 'revoked', 'unknown'] as const

/** Undefined: the answer does not show the mandate's state. */
export function readMandateState(raw: unknown): MandateState | undefined {
  const kind = wordOf(STATES, fieldsOf(raw).kind)
  return kind && { kind }
}
