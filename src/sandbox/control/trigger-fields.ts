import { ApiError } from '../../api/errors.ts'
import { compileFields } from '../../api/read-fields.ts'
import type { JsonObject, JsonValue } from '../../api/read-json.ts'
import type { DeclineCode } from '../../domain/payment-attempt.ts'
import { parsePaymentMethod } from '../../domain/payment-method.ts'
import type { WEBHOOK_EVENT_TYPES } from '../../domain/webhook-event.ts'
import { parseDuration } from './duration.ts'
import { exactJson } from './exact-json.ts'
import type { PlayedAttempt } from './play-session.ts'
import { TriggerAttemptsBody, TriggerEventBody, TriggerSessionBody } from './schemas.ts'

const readSession = compileFields(TriggerSessionBody)
const readAttemptsBody = compileFields(TriggerAttemptsBody)
const readEvent = compileFields(TriggerEventBody, {
  // On the wire it is a number.
  event_id: (id) =>
    Number.isSafeInteger(Number(id))
      ? undefined
      : { code: 'invalid_parameter', must: `must be at most ${Number.MAX_SAFE_INTEGER}` },
})

/** Reads the body of a request to make a session. Throws ApiError. */
export function readTriggerSession(body: JsonValue) {
  const asked = readSession(body, undefined)
  return {
    accountId: asked.account_id,
    attempts: readAttempts(asked.attempts),
    endsBy: asked.ends_by as 'expire' | 'cancel' | undefined,
    /** The create request's fields, which the API checks. */
    session: exactJson((body as JsonObject).session ?? {}, 'session') as Record<string, unknown>,
  }
}

/** Reads the body of a request to play attempts. Throws ApiError. */
export function readTriggerAttempts(body: JsonValue): readonly PlayedAttempt[] {
  return readAttempts(readAttemptsBody(body, undefined).attempts)
}

/** Reads the body of a request to make an event. Throws ApiError. */
export function readTriggerEvent(body: JsonValue) {
  const asked = readEvent(body, undefined)
  return {
    type: asked.event_type as (typeof WEBHOOK_EVENT_TYPES)[number],
    accountId: asked.account_id,
    eventId: asked.event_id as string | undefined,
    data: exactJson((body as JsonObject).data ?? {}, 'data'),
  }
}

function readAttempts(given: JsonValue | undefined): readonly PlayedAttempt[] {
  return ((given ?? []) as readonly JsonObject[]).map((attempt, index) =>
    readAttempt(attempt, `attempts[${index}]`),
  )
}

function readAttempt(attempt: JsonObject, path: string): PlayedAttempt {
  const { after, decline_code, method: name, outcome } = attempt
  const method = parsePaymentMethod(name as string)
  if (method === undefined) {
    throw new ApiError(
      'payment_method_type_not_supported',
      `${path}.method`,
      `${path}.method must be the name of a payment method, such as upi.`,
    )
  }
  if (decline_code !== undefined && outcome !== 'failed') {
    throw invalid(`${path}.decline_code`, 'goes with the outcome failed alone.')
  }
  const afterMs = after === undefined ? undefined : parseDuration(after as string)
  if (after !== undefined && afterMs === undefined) {
    throw invalid(`${path}.after`, 'must be a length of time such as 30s or 12m, at most a year.')
  }
  if (afterMs !== undefined && outcome === 'pending') {
    throw invalid(`${path}.after`, 'goes with an outcome that is decided: succeeded or failed.')
  }
  return {
    method,
    outcome: outcome as PlayedAttempt['outcome'],
    ...(decline_code !== undefined && { declineCode: decline_code as DeclineCode }),
    ...(afterMs !== undefined && { afterMs }),
  }
}

function invalid(field: string, must: string): ApiError {
  return new ApiError('invalid_parameter', field, `${field} ${must}`)
}
