import { Type } from 'typebox'
import { ApiError } from '../../api/errors.ts'
import { compileFields } from '../../api/read-fields.ts'
import type { JsonObject, JsonValue } from '../../api/read-json.ts'
import { DECLINE_CODES, type DeclineCode } from '../../domain/payment-attempt.ts'
import { parsePaymentMethod } from '../../domain/payment-method.ts'
import { WEBHOOK_EVENT_TYPES } from '../../domain/webhook-event.ts'
import { parseDuration } from './duration.ts'
import { exactJson } from './exact-json.ts'
import type { PlayedAttempt } from './play-session.ts'

const Attempt = Type.Object({
  method: Type.String({
    description: 'card, upi, netbanking, wallet, bank_transfer; ach_debit for the US edition.',
    'x-expected': 'the name of a payment method, such as upi',
  }),
  outcome: Type.Enum(['succeeded', 'failed', 'pending'], {
    description: '`pending` waits for the customer.',
  }),
  decline_code: Type.Optional(
    Type.Enum([...DECLINE_CODES], {
      description: 'Why it fails; without it what fits the method.',
    }),
  ),
  after: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'How long the bank takes to decide once the customer has done all there is to do, such as `30s` or `12m`. Without it, no time.',
      'x-expected': 'a length of time such as 30s or 12m',
    }),
  ),
})
const AccountField = Type.Optional(
  Type.String({
    pattern: '^\\d{1,16}$',
    description: 'Without it the ready account of the IN edition.',
    'x-expected': 'the id of an account',
  }),
)

/** What a session is made from, and what is done to it. Its fields are checked in this order. */
export const TriggerSessionBody = Type.Object({
  account_id: AccountField,
  session: Type.Optional(
    Type.Object(
      {},
      {
        additionalProperties: true,
        description:
          'As the body of a create request. Without it 100.00 in the account’s currency.',
      },
    ),
  ),
  attempts: Type.Optional(Type.Array(Attempt, { minItems: 0, maxItems: 5 })),
  ends_by: Type.Optional(
    Type.Enum(['expire', 'cancel'], { description: 'How it ends after the attempts.' }),
  ),
})

/** What is played on a session that is there. */
export const TriggerAttemptsBody = Type.Object({
  attempts: Type.Array(Attempt, { minItems: 1, maxItems: 5 }),
})

/** An event that nothing has caused. Its fields are checked in this order. */
export const TriggerEventBody = Type.Object({
  event_type: Type.Enum([...WEBHOOK_EVENT_TYPES]),
  account_id: AccountField,
  event_id: Type.Optional(
    Type.String({
      pattern: '^[1-9]\\d{0,15}$',
      description: 'An id of your own, as a text; without it a new one.',
      'x-expected': 'a text of 1 to 16 digits',
    }),
  ),
  data: Type.Optional(
    Type.Object(
      {},
      {
        additionalProperties: true,
        description:
          'Laid over a sample of the event’s object as a JSON merge patch (RFC 7396): objects field by field, anything else in the place of what was there, and null takes a field away. Numbers keep their digits.',
      },
    ),
  ),
})

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
