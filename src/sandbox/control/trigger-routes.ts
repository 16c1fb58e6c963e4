import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { readBody, readOptionalBody, sendJson } from '../../api/answer.ts'
import { failures } from '../../api/describe-route.ts'
import { ApiError, type ErrorCode, WIRE_ERRORS } from '../../api/errors.ts'
import { type AccountId, type PaymentSessionId, parseAccountId, parseId } from '../../domain/id.ts'
import { applyMove } from '../../operations/apply-move.ts'
import { configurationsOf } from '../../operations/configurations.ts'
import { callRoute } from '../tenants/call-route.ts'
import { type SandboxTenant, sandboxTenant } from '../tenants/tenant.ts'
import { type PlayedAttempt, playAttempt } from './play-session.ts'
import { sampleMoment, sampleObject } from './sample-events.ts'
import {
  PlayedSessionAnswer,
  TriggerAttemptsBody,
  TriggerEventBody,
  TriggeredEventAnswer,
  TriggerSessionBody,
} from './schemas.ts'
import { triggerEvent } from './trigger-event.ts'
import { readTriggerAttempts, readTriggerEvent, readTriggerSession } from './trigger-fields.ts'

/** Registers the routes by which a sandbox is brought into a state, and events are made. */
export function registerTriggerRoutes(app: FastifyInstance, attemptLifeMs: number): void {
  const described = (operationId: string, summary: string, description: string) => ({
    tags: ['Trigger'],
    operationId,
    summary,
    description,
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
        body: TriggerSessionBody,
        response: { 201: PlayedSessionAnswer, ...failures(400, 404) },
      },
    },
    async (request, reply) => {
      const tenant = sandboxTenant(request.tenant)
      const asked = readTriggerSession(readOptionalBody(request).value)
      const accountId = accountOf(tenant, asked.accountId)
      const currency = accountId === tenant.values.usAccountId ? 'USD' : 'INR'
      const body = { amount: '100.00', currency, ...asked.session }
      const created = await callApi(tenant, accountId, 'POST', '/paymentsessions', body)
      const { access_key, payments_session_id: id } = created
      await play(tenant, id as PaymentSessionId, asked.attempts)
      const session = await finish(tenant, accountId, id as PaymentSessionId, asked.endsBy)
      return sendJson(
        reply,
        201,
        JSON.stringify({
          code: 0,
          message: 'success',
          payments_session: {
            ...session,
            access_key,
            checkout_url: `${tenant.baseUrl}/hostedcheckout/${access_key}`,
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
        body: TriggerAttemptsBody,
        response: { 200: PlayedSessionAnswer, ...failures(400, 404) },
      },
    },
    async (request, reply) => {
      const tenant = sandboxTenant(request.tenant)
      const { accountId, id } = await sessionIn(tenant, request)
      await play(tenant, id, readTriggerAttempts(readBody(request).value))
      return answerSession(reply, await finish(tenant, accountId, id, undefined))
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
          response: { 200: PlayedSessionAnswer, ...failures(400, 404) },
        },
      },
      async (request, reply) => {
        const tenant = sandboxTenant(request.tenant)
        const { accountId, id } = await sessionIn(tenant, request)
        return answerSession(reply, await finish(tenant, accountId, id, act))
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
        body: TriggerEventBody,
        response: {
          201: TriggeredEventAnswer,
          ...failures(400, 404),
        },
      },
    },
    async (request, reply) => {
      const tenant = sandboxTenant(request.tenant)
      const { accountId: account, data, eventId, type } = readTriggerEvent(readBody(request).value)
      const accountId = accountOf(tenant, account)
      const at = await sampleMoment(tenant, accountId)
      const event = await triggerEvent(tenant, {
        type,
        accountId,
        object: sampleObject(type, at, data),
        ...(eventId !== undefined && { eventId }),
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
    tenant: SandboxTenant,
    accountId: AccountId,
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<Record<string, unknown>> {
    const answer = await callRoute(app, tenant, {
      method,
      url: `/api/v1${path}?account_id=${accountId}`,
      headers: { authorization: `Zoho-oauthtoken ${tenant.values.accessToken}` },
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
      const { field, message } = parsed
      // A message begins with the field that it is about.
      const about =
        field !== undefined && message.startsWith(field) ? `session.${message}` : message
      throw new ApiError(code, field && `session.${field}`, about)
    }
    return parsed.payments_session
  }

  async function play(
    tenant: SandboxTenant,
    id: PaymentSessionId,
    attempts: readonly PlayedAttempt[],
  ): Promise<void> {
    const { clock, ids, processor, sandboxProcessor: sandbox, store } = tenant
    if (sandbox === undefined && attempts.length > 0) {
      throw new ApiError(
        'invalid_parameter',
        'attempts',
        'attempts can be played with the sandbox’s own processor only.',
      )
    }
    if (sandbox === undefined) return
    await refuseMethodsNotOffered(tenant, id, attempts)
    const deps = {
      clock,
      ids,
      processor,
      sandbox,
      store,
      mode: 'sandbox' as const,
      attemptLifeMs,
      patienceMs: PATIENCE_MS,
      onLost: () => {},
    }
    for (const [index, attempt] of attempts.entries()) {
      const played = await playAttempt(deps, id, attempt)
      if (typeof played === 'object') {
        throw new ApiError(played.refused as ErrorCode, `attempts[${index}]`)
      }
    }
  }

  async function finish(
    tenant: SandboxTenant,
    accountId: AccountId,
    id: PaymentSessionId,
    endsBy: unknown,
  ): Promise<Record<string, unknown>> {
    if (endsBy === 'expire' || endsBy === 'cancel') {
      const type = endsBy === 'expire' ? 'expire_now' : 'cancel'
      const moved = await applyMove({ ...tenant, mode: 'sandbox' }, id, { type })
      if (moved !== undefined && 'refused' in moved) throw new ApiError(moved.refused)
    }
    return callApi(tenant, accountId, 'GET', `/paymentsessions/${id}`)
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

/** A customer can pay by what the checkout page offers, and by nothing else. */
async function refuseMethodsNotOffered(
  { store }: SandboxTenant,
  id: PaymentSessionId,
  attempts: readonly PlayedAttempt[],
): Promise<void> {
  const session = await store.paymentSessions.find(id)
  const account = session && (await store.accounts.find(session.accountId))
  if (session === undefined || account === undefined) return
  const { methods = account.paymentMethods } = configurationsOf(session)
  const index = attempts.findIndex(({ method }) => !methods.includes(method))
  if (index < 0) return
  throw new ApiError(
    'payment_method_type_not_supported',
    `attempts[${index}].method`,
    `attempts[${index}].method must be one that the session takes: ${methods.join(', ')}.`,
  )
}

function accountOf(tenant: SandboxTenant, given: unknown): AccountId {
  const id = parseAccountId(String(given ?? tenant.values.accountId))
  if (id === undefined || ![tenant.values.accountId, tenant.values.usAccountId].includes(id)) {
    throw new ApiError(
      'resource_does_not_exist',
      'account_id',
      'account_id must be one of the sandbox’s ready accounts.',
    )
  }
  return id
}

async function sessionIn(
  tenant: SandboxTenant,
  request: FastifyRequest,
): Promise<{ readonly id: PaymentSessionId; readonly accountId: AccountId }> {
  const { payments_session_id: text } = request.params as { payments_session_id: string }
  const id = parseId<PaymentSessionId>(text)
  const session = id && (await tenant.store.paymentSessions.find(id))
  if (session === undefined) {
    throw new ApiError(
      'resource_does_not_exist',
      'payments_session_id',
      'There is no payment session with this payments_session_id.',
    )
  }
  return session
}
