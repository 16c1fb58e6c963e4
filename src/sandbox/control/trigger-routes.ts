import type { ErrorCode } from '../../api/errors.ts'
import { ApiError, WIRE_ERRORS } from '../../api/errors.ts'
import type { HttpAnswer } from '../../api/http-route.ts'
import { type AccountId, type PaymentSessionId, parseAccountId, parseId } from '../../domain/id.ts'
import { isDecided } from '../../domain/payment-attempt.ts'
import { applyMove } from '../../operations/apply-move.ts'
import { configurationsOf } from '../../operations/configurations.ts'
import { reconcileAttempt } from '../../operations/reconcile-attempts.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'
import {
  type ControlCall,
  type ControlContext,
  controlRoute,
  invalid,
  missing,
} from './control-route.ts'
import { makeEvent } from './made-events.ts'
import { DEFAULT_DECLINES, type PlayedAttempt, playAttempt } from './play-session.ts'
import { sampleMoment, sampleObject } from './sample-events.ts'
import {
  DecideBody,
  PlayedSessionAnswer,
  TriggerAttemptsBody,
  TriggerEventBody,
  TriggeredEventAnswer,
  TriggerSessionBody,
} from './schemas.ts'
import { triggerEvent } from './trigger-event.ts'
import {
  readDecision,
  readTriggerAttempts,
  readTriggerEvent,
  readTriggerSession,
} from './trigger-fields.ts'

const tag = 'Trigger'

/** The longest wait of a played attempt for the processor. */
const PATIENCE_MS = 5_000

type SessionFields = {
  readonly payments_session_id: PaymentSessionId
  readonly access_key?: string
}

const triggerSession = controlRoute({
  method: 'POST',
  url: '/sessions',
  operationId: 'triggerSession',
  tag,
  summary: 'Create a session in any state',
  description:
    'Creates a payment session and plays attempts on it one after the other, as customers would: for example two that fail and one by UPI that succeeds. Events are stored and webhooks are sent, as for real payments.',
  body: TriggerSessionBody,
  isBodyOptional: true,
  readBody: readTriggerSession,
  answers: { 201: PlayedSessionAnswer },
  failures: [404],
  handle: async (call) => {
    const { body, tenant } = call
    const accountId = readyAccountId(tenant, body.accountId)
    const currency = accountId === tenant.values.usAccountId ? 'USD' : 'INR'
    const fields = { amount: '100.00', currency, ...body.session }
    const newSession = await callSessions(call, accountId, { method: 'POST', path: '', fields })
    const { access_key, payments_session_id: id } = newSession
    await play(call, id, body.attempts)
    if (body.endsBy !== undefined) await end(tenant, id, body.endsBy)
    const checkout_url = `${tenant.baseUrl}/hostedcheckout/${access_key}`
    const session = await retrieve(call, accountId, id)
    return sessionAnswer(201, { ...session, access_key, checkout_url })
  },
})

const triggerAttempts = controlRoute({
  method: 'POST',
  url: '/sessions/{payments_session_id}/attempts',
  operationId: 'triggerAttempts',
  tag,
  summary: 'Play attempts',
  description: 'Plays attempts on an existing session.',
  body: TriggerAttemptsBody,
  answers: { 200: PlayedSessionAnswer },
  handle: async (call) => {
    const { accountId, id } = await findSession(call)
    await play(call, id, readTriggerAttempts(call.body))
    return sessionAnswer(200, await retrieve(call, accountId, id))
  },
})

const decideAttempt = controlRoute({
  method: 'POST',
  url: '/sessions/{payments_session_id}/decide',
  operationId: 'decideAttempt',
  tag,
  summary: 'Decide the waiting attempt',
  description:
    'Decides the attempt that waits for the customer or the bank, as the processor would. Events are stored and webhooks are sent, as for real payments.',
  body: DecideBody,
  answers: { 200: PlayedSessionAnswer },
  failures: [400],
  handle: async (call) => {
    const { accountId, id } = await findSession(call)
    await decide(call.tenant, id, readDecision(call.body))
    return sessionAnswer(200, await retrieve(call, accountId, id))
  },
})

const expireSession = controlRoute({
  method: 'POST',
  url: '/sessions/{payments_session_id}/expire',
  operationId: 'expireSession',
  tag,
  summary: 'Expire a session',
  description: 'Expires the session now. It can no longer be paid.',
  answers: { 200: PlayedSessionAnswer },
  failures: [400],
  handle: (call) => endSession(call, 'expire'),
})

const cancelSession = controlRoute({
  method: 'POST',
  url: '/sessions/{payments_session_id}/cancel',
  operationId: 'cancelSession',
  tag,
  summary: 'Cancel a session',
  description: 'Cancels the session, as the merchant can.',
  answers: { 200: PlayedSessionAnswer },
  failures: [400],
  handle: (call) => endSession(call, 'cancel'),
})

const sendEvent = controlRoute({
  method: 'POST',
  url: '/events',
  operationId: 'triggerEvent',
  tag,
  summary: 'Send an event',
  description:
    'Sends an event of any type of the real service to the endpoints that subscribe to it, with your own data. Nothing else happens: no money moves, and the ledger does not change. Exception: without `data` and `event_id`, events of payment links, virtual accounts and payouts are real. To cause the event, the sandbox creates a payment link and pays, expires or cancels the link; or it opens a virtual account, and then receives a transfer or closes the account; or it makes a payment and a payout of all available money, and the payout succeeds or fails.',
  body: TriggerEventBody,
  readBody: readTriggerEvent,
  answers: { 201: TriggeredEventAnswer },
  failures: [404],
  handle: async (call) => {
    const { tenant } = call
    const { accountId: requestedId, data, eventId, isSample, type } = call.body
    const accountId = readyAccountId(tenant, requestedId)
    const realBody = isSample ? undefined : await makeEvent(call, accountId, type)
    if (realBody !== undefined) return eventAnswer(realBody)
    const moment = await sampleMoment(tenant, accountId)
    const event = await triggerEvent(tenant, {
      type,
      accountId,
      object: sampleObject(type, moment, data),
      ...(eventId !== undefined && { eventId }),
    })
    if (event === undefined) {
      throw invalid('event_id', 'event_id must be unused.')
    }
    return eventAnswer(event.bodyJson)
  },
})

/** The routes that bring a sandbox into a state, and send events. */
export const TRIGGER_ROUTES = [
  triggerSession,
  triggerAttempts,
  decideAttempt,
  expireSession,
  cancelSession,
  sendEvent,
]

/** Answers with the body of an event. Its numbers keep their digits. */
function eventAnswer(bodyJson: string): HttpAnswer {
  return { status: 201, body: `{"code":0,"message":"success","event":${bodyJson}}` }
}

async function endSession(
  call: ControlCall<'/sessions/{payments_session_id}'>,
  move: 'expire' | 'cancel',
): Promise<HttpAnswer> {
  const { accountId, id } = await findSession(call)
  await end(call.tenant, id, move)
  return sessionAnswer(200, await retrieve(call, accountId, id))
}

async function end(
  tenant: SandboxTenant,
  id: PaymentSessionId,
  move: 'expire' | 'cancel',
): Promise<void> {
  const type = move === 'expire' ? 'expire_now' : 'cancel'
  const result = await applyMove(tenant, id, { type })
  if (result !== undefined && 'refused' in result) throw new ApiError(result.refused)
}

function retrieve(
  context: ControlContext,
  accountId: AccountId,
  id: PaymentSessionId,
): Promise<SessionFields> {
  return callSessions(context, accountId, { method: 'GET', path: `/${id}` })
}

/** Calls the API's routes of sessions, so that all checks apply. Throws ApiError with the API's failure. */
async function callSessions(
  { deps, tenant }: ControlContext,
  accountId: AccountId,
  call: { readonly method: 'GET' | 'POST'; readonly path: string; readonly fields?: object },
): Promise<SessionFields> {
  const answer = await deps.callApi(tenant, {
    method: call.method,
    url: `/paymentsessions${call.path}?account_id=${accountId}`,
    ...(call.fields !== undefined && { payload: JSON.stringify(call.fields) }),
  })
  if (answer.statusCode >= 300) throw apiErrorOf(answer.json<Failure>())
  return answer.json<{ readonly payments_session: SessionFields }>().payments_session
}

type Failure = { readonly code: string; readonly message: string; readonly field?: string }

/** Converts the API's error about a field into one about a field of `session`. */
function apiErrorOf({ code, field, message }: Failure): ApiError {
  // A message begins with the name of its field.
  const about = field !== undefined && message.startsWith(field) ? `session.${message}` : message
  return new ApiError(
    isErrorCode(code) ? code : 'invalid_parameter',
    field && `session.${field}`,
    about,
  )
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(WIRE_ERRORS, code)
}

async function play(
  { deps: { attemptLifeMs }, tenant }: ControlContext,
  id: PaymentSessionId,
  attempts: readonly PlayedAttempt[],
): Promise<void> {
  const { sandboxProcessor } = tenant
  if (attempts.length === 0) return
  if (sandboxProcessor === undefined) {
    throw invalid('attempts', 'attempts can be played only with the sandbox’s own processor.')
  }
  await requireOfferedMethods(tenant, id, attempts)
  const patience = { attemptLifeMs, patienceMs: PATIENCE_MS, onLost: () => {} }
  for (const [index, attempt] of attempts.entries()) {
    const result = await playAttempt({ ...tenant, ...patience, sandboxProcessor }, id, attempt)
    if (typeof result === 'object') throw new ApiError(result.refused, `attempts[${index}]`)
  }
}

/** Throws ApiError if no attempt waits. */
async function decide(
  tenant: SandboxTenant,
  id: PaymentSessionId,
  { declineCode, outcome }: ReturnType<typeof readDecision>,
): Promise<void> {
  const { sandboxProcessor } = tenant
  if (sandboxProcessor === undefined) {
    throw invalid('outcome', 'outcome can be decided only with the sandbox’s own processor.')
  }
  const [attempt] = await tenant.store.paymentAttempts.listBySession(id)
  const refusal = invalid(
    'payments_session_id',
    'payments_session_id must be a session with a waiting attempt.',
  )
  if (attempt === undefined || isDecided(attempt)) throw refusal
  const { type } = attempt.instrument
  if (type === 'terminal') throw refusal
  const decline = declineCode ?? DEFAULT_DECLINES[type]
  const decision = outcome === 'succeeded' ? 'approved' : decline
  const isFirst = await sandboxProcessor.settle(attempt.id, decision)
  // An initiated attempt may not have reached the processor, and then a query would end it.
  if (isFirst || attempt.status === 'pending') await reconcileAttempt(tenant, attempt.id)
  // The customer or another window has just decided the attempt, or its charge has not reached the processor.
  if (!isFirst) throw refusal
}

/** Refuses attempts by methods that the checkout page does not offer. Throws ApiError. */
async function requireOfferedMethods(
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
    methods.length === 0
      ? 'attempts must be absent: this session is for a debit of a mandate or for a charge of a saved payment method.'
      : `attempts[${index}].method must be one that the session accepts: ${methods.join(', ')}.`,
  )
}

/** `text` undefined: the preset account of the IN edition. Throws ApiError. */
function readyAccountId({ values }: SandboxTenant, text = values.accountId): AccountId {
  const id = parseAccountId(text)
  if (id === undefined || ![values.accountId, values.usAccountId].includes(id)) {
    throw missing('account_id', 'account_id must be one of the sandbox’s preset accounts.')
  }
  return id
}

async function findSession({
  path,
  tenant,
}: ControlCall<'/sessions/{payments_session_id}'>): Promise<{
  readonly id: PaymentSessionId
  readonly accountId: AccountId
}> {
  const id = parseId<PaymentSessionId>(path.payments_session_id)
  const session = id && (await tenant.store.paymentSessions.find(id))
  if (session !== undefined) return session
  throw missing('payments_session_id', 'There is no payment session with this payments_session_id.')
}

function sessionAnswer(status: number, session: object): HttpAnswer {
  return {
    status,
    body: JSON.stringify({ code: 0, message: 'success', payments_session: session }),
  }
}
