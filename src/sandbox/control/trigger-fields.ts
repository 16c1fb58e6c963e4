import { ApiError } from '../../api/errors.ts'
import { bodySchemaOf } from '../../api/http-route.ts'
import type { ValueOf } from '../../api/parsed.ts'
import { createPaymentSessionRoute } from '../../api/payment-sessions/routes.ts'
import { type Keywords, Problem } from '../../api/read-fields.ts'
import type { JsonObject, JsonValue } from '../../api/read-json.ts'
import { refuseUnknownFields } from '../../api/unknown-fields.ts'
import { parseDuration } from '../../domain/duration.ts'
import { suggestionFor } from '../../domain/nearest.ts'
import { PAYMENT_METHODS, parsePaymentMethod } from '../../domain/payment-method.ts'
import { fieldsOf } from './control-route.ts'
import { exactJson } from './exact-json.ts'
import type { PlayedAttempt } from './play-session.ts'
import { DecideBody, TriggerAttemptsBody, TriggerEventBody, TriggerSessionBody } from './schemas.ts'
import { shownValue } from './shown-value.ts'

const readSession = fieldsOf(TriggerSessionBody)
const readDecideBody = fieldsOf(DecideBody)
const readAttemptsBody = fieldsOf(TriggerAttemptsBody)
const readEvent = fieldsOf(TriggerEventBody, {
  // On the wire the id is a number.
  event_id: (id) =>
    Number.isSafeInteger(Number(id))
      ? undefined
      : new Problem(`must be at most ${Number.MAX_SAFE_INTEGER}`),
})

/** The bodies of sessions of every type. */
const SESSION_BODY: Keywords = bodySchemaOf(createPaymentSessionRoute) ?? {}

type Attempts = ValueOf<typeof TriggerAttemptsBody>['attempts']

/** Throws ApiError. */
export function readTriggerSession(body: JsonValue) {
  const fields = readSession(body)
  refuseUnknownFields(SESSION_BODY, (body as JsonObject).session ?? {}, 'session')
  return {
    accountId: fields.account_id,
    attempts: readAttempts(fields.attempts),
    endsBy: fields.ends_by,
    /** The fields of the create request. The API checks them. */
    session: exactJson((body as JsonObject).session ?? {}, 'session') as Record<string, unknown>,
  }
}

/** Throws ApiError. */
export function readTriggerAttempts(body: JsonValue): readonly PlayedAttempt[] {
  return readAttempts(readAttemptsBody(body).attempts)
}

/** Throws ApiError. */
export function readDecision(body: JsonValue) {
  const { decline_code: declineCode, outcome } = readDecideBody(body)
  if (declineCode !== undefined && outcome !== 'failed') {
    throw invalid('decline_code', 'is only for the outcome "failed".')
  }
  return { outcome, declineCode }
}

/** Throws ApiError. */
export function readTriggerEvent(body: JsonValue) {
  const fields = readEvent(body)
  return {
    type: fields.event_type,
    accountId: fields.account_id,
    eventId: fields.event_id,
    data: exactJson((body as JsonObject).data ?? {}, 'data'),
    /**
     * True: the event is a sample with the developer's data or id, so the trigger makes no real
     * cause.
     */
    isSample: fields.data !== undefined || fields.event_id !== undefined,
  }
}

function readAttempts(attempts: Attempts = []): readonly PlayedAttempt[] {
  return attempts.map((attempt, index) => readAttempt(attempt, `attempts[${index}]`))
}

function readAttempt(attempt: Attempts[number], path: string): PlayedAttempt {
  const { after, decline_code, method: name, outcome, upi_id: upiId } = attempt
  const method = parsePaymentMethod(name)
  if (method === undefined) {
    throw new ApiError(
      'payment_method_type_not_supported',
      `${path}.method`,
      `${path}.method must be the name of a payment method, such as upi, but it is ${shownValue(name)}${suggestionFor(name, [...PAYMENT_METHODS.IN, ...PAYMENT_METHODS.US]) || '.'}`,
    )
  }
  if (decline_code !== undefined && outcome !== 'failed') {
    throw invalid(`${path}.decline_code`, 'is only for the outcome "failed".')
  }
  if (upiId !== undefined && method !== 'upi') {
    throw invalid(`${path}.upi_id`, 'is only for the method "upi".')
  }
  const afterMs = after === undefined ? undefined : parseDuration(after)
  if (after !== undefined && afterMs === undefined) {
    throw invalid(
      `${path}.after`,
      `must be a length of time such as 30s or 12m, at most a year, but it is ${shownValue(after)}.`,
    )
  }
  if (afterMs !== undefined && outcome === 'pending') {
    throw invalid(`${path}.after`, 'is only for the outcomes "succeeded" and "failed".')
  }
  return {
    method,
    outcome,
    ...(decline_code !== undefined && { declineCode: decline_code }),
    ...(afterMs !== undefined && { afterMs }),
    ...(upiId !== undefined && { upiId }),
  }
}

function invalid(field: string, must: string): ApiError {
  return new ApiError('invalid_parameter', field, `${field} ${must}`)
}
