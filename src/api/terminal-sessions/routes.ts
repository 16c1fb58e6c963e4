import {
  beginTerminalPayment,
  requestForTerminal,
} from '../../operations/begin-terminal-payment.ts'
import type { PaymentSessionRequest } from '../../operations/draw-payment-session.ts'
import type { PaymentSessionRecord } from '../../operations/store.ts'
import { httpAnswerFrom } from '../answer.ts'
import { requireEdition } from '../edition.ts'
import { ApiError } from '../errors.ts'
import type { HttpAnswer } from '../http-route.ts'
import { answerSessionCreate } from '../payment-sessions/create.ts'
import type { JsonValue } from '../read-json.ts'
import { type Call, route } from '../route.ts'
import { parseTerminalSessionCreate, terminalIdIn } from './parse.ts'
import { renderCreatedTerminalSession } from './render.ts'
import { CreateTerminalSessionAnswer, TerminalSessionCreateBody } from './schemas.ts'

const facts = {
  method: 'POST',
  scope: 'payments.CREATE',
  tag: 'In-person sessions',
  body: TerminalSessionCreateBody,
  answers: { 201: CreateTerminalSessionAnswer },
  failures: [403, 404, 503],
} as const

/** `POST /paymentsessions` with the type `pos_payment`. */
export const createTypedTerminalSession = route({
  ...facts,
  url: '/paymentsessions',
  operationId: 'createTypedTerminalSession',
  summary: 'Create an in-person session',
  description:
    'Shows an amount on a terminal, where the customer pays by card or UPI within 180 seconds. There is no page: retrieve the session until its `session_status` is final.',
  handle: createSession,
})

const createTerminalSession = route({
  ...facts,
  url: '/terminal/paymentsessions',
  operationId: 'createTerminalSession',
  isPaydeskOnly: true,
  summary: 'Create an in-person session at a separate path',
  description:
    'The same as `POST /paymentsessions` with the type `pos_payment`. One version of the real service’s developer documentation has this path; its API reference and SDKs do not.',
  handle: createSession,
})

/** The routes of in-person sessions, besides those of payment sessions. */
export const TERMINAL_SESSION_ROUTES = [createTerminalSession]

async function createSession(call: Call<string, unknown, JsonValue>): Promise<HttpAnswer> {
  const newSession = await answerSessionCreate(call, readRequest, renderCreatedTerminalSession)
  const isPlayed = call.tenant.sandboxProcessor !== undefined
  if (!isPlayed && 'result' in newSession) begin(call, newSession.result.session)
  return httpAnswerFrom(newSession)
}

async function readRequest(call: Call<string, unknown, JsonValue>): Promise<PaymentSessionRequest> {
  const { account, body, tenant } = call
  requireEdition(account, 'IN')
  if (account.closedAtMs !== undefined) throw new ApiError('account_closed')
  const hasTerminal = await findTerminal(call)
  const request = parseTerminalSessionCreate(body, { account, hasTerminal })
  return tenant.sandboxProcessor === undefined ? requestForTerminal(request) : request
}

/**
 * Shows a new session on its terminal. The answer to the request does not wait for the payment's result: the till
 * retrieves the session later.
 */
function begin(
  { deps: { logger }, tenant }: Call<string, unknown, JsonValue>,
  session: PaymentSessionRecord,
): void {
  beginTerminalPayment({ ...tenant, ...tenant.chargeLimits }, session).catch((error: unknown) =>
    logger.error(
      { err: error, paymentSessionId: session.id },
      'a session could not be shown on its terminal',
    ),
  )
}

async function findTerminal({ body, tenant }: Call<string, unknown, JsonValue>): Promise<boolean> {
  const { terminals } = tenant.processor
  if (terminals === undefined) {
    throw new ApiError(
      'payment_method_type_not_supported',
      undefined,
      'The processor of this installation does not support terminals.',
    )
  }
  const id = terminalIdIn(body)
  const outcome = id === undefined ? undefined : await terminals.find(id)
  if (outcome?.kind === 'unknown') throw new ApiError('processor_unavailable')
  return outcome?.kind === 'found'
}
