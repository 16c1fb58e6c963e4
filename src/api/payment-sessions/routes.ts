import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type PaymentSessionId, parseId } from '../../domain/id.ts'
import { cancelPaymentSession } from '../../operations/cancel-payment-session.ts'
import { createPaymentSession } from '../../operations/create-payment-session.ts'
import { findReplay } from '../../operations/idempotency.ts'
import type { PaymentSessionRecord } from '../../operations/store.ts'
import type { Tenant } from '../../operations/tenant.ts'
import {
  bodyText,
  IdempotencyHeaders,
  idempotentRequest,
  readBody,
  sendJson,
  sendOnce,
  sendResult,
} from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { connectedAccountsIn } from '../connected-accounts/read-connected-accounts.ts'
import type { ApiDeps } from '../deps.ts'
import { AccountQuery, described, failures } from '../describe-route.ts'
import { ApiError, renderError } from '../errors.ts'
import { parsePaymentSessionCreate, parsePaymentSessionList } from './parse.ts'
import { renderCreated, renderListed, renderRetrieved } from './render.ts'
import {
  PaymentSessionCreateBody,
  PaymentSessionCreated,
  PaymentSessionListQuery,
  PaymentSessionRetrieved,
  PaymentSessionsListed,
} from './schemas.ts'

const SessionPath = Type.Object({ payments_session_id: Type.String() })

const TAG = 'Payment sessions'

/** Registers `/api/v1/paymentsessions` and what lies below it. */
export function registerPaymentSessionRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.post(
    '/paymentsessions',
    {
      config: { scope: 'payments.CREATE' },
      schema: {
        ...described(
          TAG,
          'payments.CREATE',
          'Create a payment session',
          'Asks for one amount, to be paid within 5 to 15 minutes.',
        ),
        operationId: 'createPaymentSession',
        querystring: AccountQuery,
        headers: IdempotencyHeaders,
        body: PaymentSessionCreateBody,
        response: { 201: PaymentSessionCreated, ...failures(400, 401, 404, 409, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      const { account } = request
      const { text, value } = readBody(request)
      const idempotent = idempotentRequest(request, text)
      // Before the body is checked: a key's first answer stands, whatever has changed since.
      const replay = idempotent && (await findReplay(request.tenant, idempotent))
      if (replay !== undefined) return sendResult(reply, replay)
      const named = connectedAccountsIn(value, 'transfer_details')
      const connectedAccounts =
        named.length === 0
          ? new Set<never>()
          : await request.tenant.store.connectedAccounts.findIds(account.id, named)
      const asked = parsePaymentSessionCreate(value, {
        account,
        mode: request.tenant.mode,
        connectedAccounts,
      })
      const creating = createPaymentSession(
        request.tenant,
        asked,
        (session, accessKey) => ({ status: 201, body: renderCreated(session, accessKey) }),
        idempotent,
      )
      return sendResult(reply, await (deps.backlog?.track(creating) ?? creating))
    },
  )

  app.get(
    '/paymentsessions/:payments_session_id',
    {
      config: { scope: 'payments.READ' },
      schema: {
        ...described(
          TAG,
          'payments.READ',
          'Retrieve a payment session',
          'Gives the session as it is now, with its status and its payment attempts.',
        ),
        operationId: 'retrievePaymentSession',
        params: SessionPath,
        querystring: AccountQuery,
        response: { 200: PaymentSessionRetrieved, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      const id = sessionIdFrom(request)
      const session = await request.tenant.store.paymentSessions.find(id)
      if (session?.accountId !== request.account.id) throw unknownSession()
      return sendJson(reply, 200, await retrieved(request.tenant, session))
    },
  )

  app.get(
    '/paymentsessions',
    {
      config: { scope: 'payments.READ' },
      schema: {
        ...described(
          TAG,
          'payments.READ',
          'List payment sessions (ours)',
          'Gives the account’s sessions, newest first. The real API has no such list.',
        ),
        operationId: 'listPaymentSessions',
        querystring: Type.Object({
          ...AccountQuery.properties,
          ...PaymentSessionListQuery.properties,
        }),
        response: { 200: PaymentSessionsListed, ...failures(400, 401, 429) },
      },
    },
    async (request, reply) => {
      const { filter, page } = parsePaymentSessionList(
        request.query as Record<string, string>,
        request.account.edition,
      )
      const nowMs = request.tenant.clock.nowMs()
      const { items: sessions, total } = await request.tenant.store.paymentSessions.list(
        request.account.id,
        filter,
        page,
        nowMs,
      )
      return sendJson(reply, 200, renderListed(sessions, page, total, nowMs))
    },
  )

  app.post(
    '/paymentsessions/:payments_session_id/cancel',
    {
      config: { scope: 'payments.CREATE' },
      schema: {
        ...described(
          TAG,
          'payments.CREATE',
          'Cancel a payment session (ours)',
          'Ends an open session, so that it cannot be paid any more. A session that is being paid is refused.',
        ),
        operationId: 'cancelPaymentSession',
        params: SessionPath,
        querystring: AccountQuery,
        headers: IdempotencyHeaders,
        response: { 200: PaymentSessionRetrieved, ...failures(400, 401, 404, 409, 429) },
      },
    },
    async (request, reply) => {
      const id = sessionIdFrom(request)
      const done = await answerOnce(request.tenant, idempotentRequest(request, bodyText(request)), {
        bucket: request.tenant.store.publicIds.bucketOf(id),
        hold: async (tx) => {
          const session = await tx.paymentSessions.lock(id)
          return session?.accountId === request.account.id ? session : undefined
        },
        missing: unknownSession,
        change: (tx) => cancelPaymentSession(tx, request.tenant, id),
        render: (result) =>
          'refused' in result
            ? { ...renderError(new ApiError(result.refused)), resourceId: id }
            : {
                status: 200,
                body: renderRetrieved(
                  result.session,
                  result.attempts,
                  request.tenant.clock.nowMs(),
                ),
                resourceId: id,
              },
      })
      if ('result' in done && !('refused' in done.result)) {
        deps.logger.info(
          { requestId: request.id, paymentSessionId: id },
          'payment session canceled',
        )
      }
      return sendOnce(reply, done)
    },
  )

  async function retrieved(
    { clock, store }: Tenant,
    session: PaymentSessionRecord,
  ): Promise<string> {
    const attempts =
      session.attemptCount === 0 ? [] : await store.paymentAttempts.listBySession(session.id)
    return renderRetrieved(session, attempts, clock.nowMs())
  }
}

/** An object of another account answers exactly the same as one that is not there. */
function unknownSession(): ApiError {
  return new ApiError(
    'resource_does_not_exist',
    'payments_session_id',
    'There is no payment session with this payments_session_id on this account.',
  )
}

function sessionIdFrom(request: FastifyRequest): PaymentSessionId {
  const { payments_session_id: text } = request.params as { payments_session_id: string }
  const id = parseId<PaymentSessionId>(text)
  if (id === undefined) throw unknownSession()
  return id
}
