import type { Static } from 'typebox'
import { ApiError } from '../../api/errors.ts'
import type { JsonValue } from '../../api/read-json.ts'
import { parseDuration } from '../../domain/duration.ts'
import { fieldsOf } from '../control/control-route.ts'
import {
  type CountedRule,
  DECLINABLE_CALLS,
  FAULT_EFFECTS,
  type FaultEffect,
  type FaultKind,
  type FaultRule,
  type FaultTarget,
  isRoutePattern,
} from './faults.ts'
import { FaultBody } from './schemas.ts'

/** The longest latency, in milliseconds of real time. */
const LATENCY_MS_MAX = 30_000

const readBody = fieldsOf(FaultBody)

type FaultRequest = Static<typeof FaultBody>

/** Throws ApiError, for example for fields that contradict each other. */
export function readFault(body: JsonValue, nowMs: number): Omit<FaultRule, 'id'> {
  const fields = readBody(body)
  const { count, probability = 1, target, window } = fields
  const match = matchIn(fields)
  if (fields.for !== undefined && window !== undefined) {
    throw invalid('for', 'The fields "for" and "window" exclude each other: send one of them.')
  }
  const lastsMs = fields.for === undefined ? undefined : parseDuration(fields.for)
  if (fields.for !== undefined && lastsMs === undefined) {
    throw invalid('for', '"for" must be a length of time such as 10m or 2d, at most a year.')
  }
  const fromMs = timeIn('window.from', window?.from)
  const toMs = lastsMs === undefined ? timeIn('window.to', window?.to) : nowMs + lastsMs
  if (fromMs !== undefined && toMs !== undefined && toMs <= fromMs) {
    throw invalid('window.to', 'window.to must be after window.from.')
  }
  return {
    target,
    match,
    probability,
    countMax: count,
    fromMs,
    toMs,
    effect: effectIn(fields, match),
  }
}

const MATCHES: Readonly<Record<FaultTarget, keyof NonNullable<FaultRequest['match']>>> = {
  route: 'route',
  processor: 'call',
  webhook: 'event_type',
}

function matchIn({ match = {}, target }: FaultRequest): string | undefined {
  const matchField = MATCHES[target]
  const [wrong] = Object.keys(match).filter((name) => name !== matchField)
  if (wrong !== undefined) {
    throw invalid(
      `match.${wrong}`,
      `match.${wrong} is not for the target "${target}": send match.${matchField}.`,
    )
  }
  const pattern = match[matchField]
  if (target === 'route' && pattern !== undefined && !isRoutePattern(pattern)) {
    throw invalid(
      'match.route',
      'match.route must be a path such as /paymentsessions or POST /payments/*/refunds.',
    )
  }
  return pattern
}

const DETAILS: Readonly<Record<string, string>> = {
  retry_after: 'status',
  decline_code: 'outcome',
  failure_reason: 'outcome',
}

function effectIn({ effect, target }: FaultRequest, match: string | undefined): FaultEffect {
  const effects = FAULT_EFFECTS[target]
  const kinds = Object.keys(effect).filter((name) => DETAILS[name] === undefined) as FaultKind[]
  const [wrong] = kinds.filter((kind) => !effects.includes(kind))
  if (wrong !== undefined) {
    throw invalid(
      `effect.${wrong}`,
      `effect.${wrong} is not for the target "${target}". The effects of this target are: ${effects.join(', ')}.`,
    )
  }
  const [kind = 'latency', another] = kinds.filter((one) => one !== 'latency')
  if (another !== undefined) {
    throw invalid(
      `effect.${another}`,
      `effect.${another} and effect.${kind} exclude each other: send two faults.`,
    )
  }
  if (kinds.length === 0) throw invalid('effect', `effect must have one of: ${effects.join(', ')}.`)
  for (const [detail, owner] of Object.entries(DETAILS)) {
    if (detail in effect && kind !== owner) {
      throw invalid(`effect.${detail}`, `effect.${detail} is for effect.${owner} only.`)
    }
  }
  if (target === 'webhook' && effect.retry_after !== undefined) {
    throw invalid('effect.retry_after', 'effect.retry_after is only for the target "route".')
  }
  const { latency } = effect
  const latencyMs = latency === undefined ? 0 : parseDuration(String(latency))
  if (latencyMs === undefined || latencyMs > LATENCY_MS_MAX) {
    throw invalid(
      'effect.latency',
      'effect.latency must be a length of time such as 500ms or 2s, at most 30s.',
    )
  }
  return {
    kind,
    latencyMs,
    ...(effect.status !== undefined && { status: Number(effect.status) }),
    ...(effect.retry_after !== undefined && { retryAfterSeconds: Number(effect.retry_after) }),
    ...(effect.outcome !== undefined && outcomeIn(effect, match)),
  }
}

function outcomeIn(effect: FaultRequest['effect'], match: string | undefined) {
  const { decline_code: declineCode, failure_reason: failureReason, outcome } = effect
  const isRefund = match === 'refund'
  if (outcome === 'declined' && !DECLINABLE_CALLS.some((call) => call === match)) {
    throw invalid(
      'effect.outcome',
      `effect.outcome can be "declined" only for charges and saves: set match.call to one of ${DECLINABLE_CALLS.join(', ')}.`,
    )
  }
  if (outcome === 'failed' && !isRefund) {
    throw invalid(
      'effect.outcome',
      'effect.outcome can be "failed" only for refunds: set match.call to "refund".',
    )
  }
  if (declineCode !== undefined && outcome !== 'declined') {
    throw invalid('effect.decline_code', 'effect.decline_code is only for the outcome "declined".')
  }
  if (failureReason !== undefined && outcome !== 'failed') {
    throw invalid(
      'effect.failure_reason',
      'effect.failure_reason is only for the outcome "failed".',
    )
  }
  return {
    ...(outcome !== undefined && { outcome }),
    ...(declineCode !== undefined && { declineCode }),
    ...(failureReason !== undefined && { failureReason }),
  }
}

const WITH_ZONE = /(?:Z|[+-]\d\d:?\d\d)$/

function timeIn(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const timeMs = WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(timeMs)) return timeMs
  throw invalid(field, `${field} must be a time with a zone, such as 2026-11-22T09:30:00Z.`)
}

/** Writes a rule in its wire form. */
export function faultFields({ appliedCount, rule }: CountedRule) {
  const { countMax, effect, fromMs, id, match, probability, target, toMs } = rule
  const { kind, latencyMs } = effect
  const plain = kind !== 'latency' && kind !== 'status' && kind !== 'outcome'
  return {
    id,
    target,
    probability,
    match: match === undefined ? undefined : { [MATCHES[target]]: match },
    count: countMax,
    window:
      fromMs === undefined && toMs === undefined
        ? undefined
        : { from: isoFrom(fromMs), to: isoFrom(toMs) },
    effect: {
      latency: latencyMs > 0 || kind === 'latency' ? `${latencyMs}ms` : undefined,
      ...(plain && { [kind]: true }),
      status: effect.status,
      retry_after: effect.retryAfterSeconds,
      outcome: effect.outcome,
      decline_code: effect.declineCode,
      failure_reason: effect.failureReason,
    },
    applied_count: appliedCount,
  }
}

function isoFrom(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString()
}

function invalid(field: string, message: string): ApiError {
  return new ApiError('invalid_parameter', field, message)
}
