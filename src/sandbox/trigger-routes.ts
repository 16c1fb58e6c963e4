import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { readBody, readOptionalBody, sendJson } from '../api/answer.ts'
import { failures } from '../api/describe-route.ts'
import { ApiError, type ErrorCode, WIRE_ERRORS } from '../api/errors.ts'
import { compileFields } from '../api/read-fields.ts'
import { JsonNumber, type JsonValue } from '../api/read-json.ts'
import { envelope } from '../api/schemas.ts'
import { type AccountId, type PaymentSessionId, parseAccountId, parseId } from '../domain/id.ts'
import { DECLINE_CODES, type DeclineCode } from '../domain/payment-attempt.ts'
import { parsePaymentMethod } from '../domain/payment-method.ts'
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from '../domain/webhook-event.ts'
import { applyMove } from '../operations/apply-move.ts'
import { type PlayedAttempt, playAttempt } from './play-session.ts'
import { sampleObject } from './sample-events.ts'
import { triggerEvent } from './trigger-event.ts'
import type { World, Worlds } from './world.ts'

const Attempt = Type.Object({
  method: Type.String({
    description: 'card, upi, netbanking, wallet, bank_transfer; ach_debit for the US edition.',
    'x-expected': 'the name of a payment method, such as upi',
  }),
  outcome: Type.Enum(['succeeded', 'failed', 'pending']),
  decline_code: Type.Optional(
    Type.Enum([...DECLINE_CODES], {
      description: 'Why it fails; without it what fits the method.',
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
const SessionBody = Type.Object({
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
const PlayBody = Type.Object({ attempts: Type.Array(Attempt, { minItems: 1, maxItems: 5 }) })
const EventBody = Type.Object({
  event_type: Type.Enum([...WEBHOOK_EVENT_TYPES]),
  account_id: AccountField,
  event_id: Type.Optional(
    Type.String({
      pattern: '^[1-9]\\d{0,15}$',
      description: 'An id of your own; without it a new one.',
      'x-expected': 'a text of 1 to 16 digits',
    }),
  ),
  data: Type.Optional(
    Type.Object(
      {},
      { additionalProperties: true, description: 'Laid over a sample of the event’s object.' },
    ),
  ),
})
const readSession = compileFields(SessionBody)
const readPlay = compileFields(PlayBody)
const readEvent = compileFields(EventBody)

const SessionAnswer = envelope('payments_session', Type.Object({}, { additionalProperties: true }))

/** Registers the routes by which a sandbox is brought into a state, and events are made. */
export function registerTriggerRoutes(
  app: FastifyInstance,
  { current }: Pick<Worlds, 'current'>,
  attemptLifeMs: number,
): void {
  const described = (operationId: string, summary: string, description: string) => ({
    ...{ tags: ['Trigger'], operationId, summary, description },
  })

  app.post(
    '/sessions',
    {
      schema: {
        ...described(
          'triggerSession',
          'Make a session in a state',
          'Makes a payment session and plays attempts on it, one after the other, as customers would: two that fail and one by UPI that succeeds, say. All of it really happens, with its events.',
        ),
        body: SessionBody,
        response: { 201: SessionAnswer, ...failures(400, 404) },
      },
    },
    async (request, reply) => {
      const world = current()
      const { value } = readOptionalBody(request)
      const asked = readSession(value, undefined)
      const attempts = readAttempts(asked.attempts)
      const accountId = accountOf(world, asked.account_id)
      const created = await callApi(
        world,
        accountId,
        'POST',
        '/paymentsessions',
        sessionOf(value, world, accountId),
      )
      const { access_key, payments_session_id: id } = created
      await play(world, id as PaymentSessionId, attempts)
      const session = await finish(world, accountId, id as PaymentSessionId, asked.ends_by)
      return sendJson(
        reply,
        201,
        JSON.stringify({
          code: 0,
          message: 'success',
          payments_session: {
            ...session,
            access_key,
            checkout_url: `${world.baseUrl}/hostedcheckout/${access_key}`,
          },
        }),
      )
    },
  )

  app.post(
    '/sessions/:payments_session_id/attempts',
    {
      schema: {
        ...described(
          'triggerAttempts',
          'Play attempts',
          'Plays attempts on a session that is there.',
        ),
        params: Type.Object({ payments_session_id: Type.String() }),
        body: PlayBody,
        response: { 200: SessionAnswer, ...failures(400, 404) },
      },
    },
    async (request, reply) => {
      const world = current()
      const { accountId, id } = await sessionIn(world, request)
      await play(world, id, readAttempts(readPlay(readBody(request).value, undefined).attempts))
      return answerSession(reply, await finish(world, accountId, id, undefined))
    },
  )

  for (const act of ['expire', 'cancel'] as const) {
    app.post(
      `/sessions/:payments_session_id/${act}`,
      {
        schema: {
          ...described(
            `${act}Session`,
            act === 'expire' ? 'Expire a session' : 'Cancel a session',
            'Ends its time to be paid, now.',
          ),
          params: Type.Object({ payments_session_id: Type.String() }),
          response: { 200: SessionAnswer, ...failures(400, 404) },
        },
      },
      async (request, reply) => {
        const world = current()
        const { accountId, id } = await sessionIn(world, request)
        return answerSession(reply, await finish(world, accountId, id, act))
      },
    )
  }

  app.post(
    '/events',
    {
      schema: {
        ...described(
          'triggerEvent',
          'Make an event',
          'Sends an event of any type of the reference to the endpoints that want it, with data of your own. Nothing else happens: no money moves, and the ledger knows nothing of it.',
        ),
        body: EventBody,
        response: {
          201: envelope('event', Type.Object({}, { additionalProperties: true })),
          ...failures(400, 404),
        },
      },
    },
    async (request, reply) => {
      const world = current()
      const { value } = readBody(request)
      const asked = readEvent(value, undefined) as {
        event_type: WebhookEventType
        account_id?: string
        event_id?: string
      }
      const accountId = accountOf(world, asked.account_id)
      const data = plainOf((value as { data?: JsonValue }).data ?? {}) as Record<string, unknown>
      const event = await triggerEvent(world, {
        type: asked.event_type,
        accountId,
        object: sampleObject(asked.event_type, world.clock.nowMs(), data),
        ...(asked.event_id !== undefined && { eventId: asked.event_id }),
      })
      if (event === undefined) {
        throw new ApiError(
          'invalid_parameter',
          'event_id',
          'event_id must be one that no event has yet.',
        )
      }
      return sendJson(reply, 201, `{"code":0,"message":"success","event":${event.bodyJson}}`)
    },
  )

  async function callApi(
    world: World,
    accountId: AccountId,
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<Record<string, unknown>> {
    const answer = await app.inject({
      method,
      url: `/api/v1${path}?account_id=${accountId}`,
      headers: { authorization: `Zoho-oauthtoken ${world.values.accessToken}` },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    })
    const parsed = answer.json() as {
      payments_session: Record<string, unknown>
      message: string
      field?: string
      code: string
    }
    if (answer.statusCode >= 300) {
      const code = Object.hasOwn(WIRE_ERRORS, parsed.code)
        ? (parsed.code as ErrorCode)
        : 'invalid_parameter'
      throw new ApiError(code, parsed.field && `session.${parsed.field}`, parsed.message)
    }
    return parsed.payments_session
  }

  async function play(
    world: World,
    id: PaymentSessionId,
    attempts: readonly PlayedAttempt[],
  ): Promise<void> {
    const { clock, ids, processor, sandbox, store } = world
    if (sandbox === undefined && attempts.length > 0) {
      throw new ApiError(
        'invalid_parameter',
        'attempts',
        'attempts can be played with the sandbox’s own processor only.',
      )
    }
    if (sandbox === undefined) return
    const deps = {
      ...{ clock, ids, processor, sandbox, store, mode: 'sandbox' as const, attemptLifeMs },
      ...{ patienceMs: PATIENCE_MS, onLost: () => {} },
    }
    for (const attempt of attempts) {
      const played = await playAttempt(deps, id, attempt)
      if (typeof played === 'object') throw new ApiError(played.refused as ErrorCode)
    }
  }

  async function finish(
    world: World,
    accountId: AccountId,
    id: PaymentSessionId,
    endsBy: unknown,
  ): Promise<Record<string, unknown>> {
    if (endsBy === 'expire' || endsBy === 'cancel') {
      const type = endsBy === 'expire' ? 'expire_now' : 'cancel'
      const moved = await applyMove({ ...world, mode: 'sandbox' }, id, { type })
      if (moved !== undefined && 'refused' in moved) throw new ApiError(moved.refused)
    }
    return callApi(world, accountId, 'GET', `/paymentsessions/${id}`)
  }
}

/** How long a played attempt waits for the processor, in milliseconds. */
const PATIENCE_MS = 5_000

function answerSession(reply: Parameters<typeof sendJson>[0], session: Record<string, unknown>) {
  return sendJson(
    reply,
    200,
    JSON.stringify({ code: 0, message: 'success', payments_session: session }),
  )
}

function readAttempts(given: JsonValue | undefined): readonly PlayedAttempt[] {
  const attempts = (given ?? []) as {
    method: string
    outcome: PlayedAttempt['outcome']
    decline_code?: DeclineCode
  }[]
  return attempts.map(({ decline_code: declineCode, method: name, outcome }, index) => {
    const method = parsePaymentMethod(name)
    if (method === undefined) {
      throw new ApiError(
        'payment_method_type_not_supported',
        `attempts[${index}].method`,
        `attempts[${index}].method must be the name of a payment method, such as upi.`,
      )
    }
    return { method, outcome, ...(declineCode !== undefined && { declineCode }) }
  })
}

function accountOf(world: World, given: unknown): AccountId {
  const id = parseAccountId(String(given ?? world.values.accountId))
  if (id === undefined || ![world.values.accountId, world.values.usAccountId].includes(id)) {
    throw new ApiError(
      'resource_does_not_exist',
      'account_id',
      'account_id must be one of the sandbox’s ready accounts.',
    )
  }
  return id
}

async function sessionIn(
  world: World,
  request: FastifyRequest,
): Promise<{ readonly id: PaymentSessionId; readonly accountId: AccountId }> {
  const { payments_session_id: text } = request.params as { payments_session_id: string }
  const id = parseId<PaymentSessionId>(text)
  const session = id && (await world.store.findPaymentSession(id))
  if (session === undefined) {
    throw new ApiError(
      'resource_does_not_exist',
      'payments_session_id',
      'There is no payment session with this payments_session_id.',
    )
  }
  return session
}

function sessionOf(value: JsonValue, world: World, accountId: AccountId): unknown {
  const given = plainOf((value as { session?: JsonValue } | undefined)?.session ?? {})
  const currency = accountId === world.values.usAccountId ? 'USD' : 'INR'
  return { amount: '100.00', currency, ...(given as object) }
}

/** What was sent, as JavaScript has it: numbers as they were written, as texts where they were exact ones. */
function plainOf(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text)
  if (Array.isArray(value)) return value.map(plainOf)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, plainOf(one as JsonValue)]),
    )
  }
  return value
}
