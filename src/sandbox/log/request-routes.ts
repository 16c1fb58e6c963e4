import { ok } from '../../api/answer.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { type PaymentAttemptId, type PaymentSessionId, parseId } from '../../domain/id.ts'
import {
  controlRoute,
  DONE_ANSWER,
  missing,
  pathLike,
  queryFieldsOf,
  readTime,
} from '../control/control-route.ts'
import { DoneAnswer } from '../control/schemas.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'
import type { LoggedRequest } from './logged-request.ts'
import { loggedRequestFields, queryLog } from './request-log.ts'
import { ListenersAnswer, RequestAnswer, RequestListQuery, RequestsAnswer } from './schemas.ts'

const readRequestListQuery = queryFieldsOf(RequestListQuery, {}, 'The query')

const tag = 'Requests'
const LIMIT_DEFAULT = 100

const listRequests = controlRoute({
  method: 'GET',
  url: '/requests',
  operationId: 'listRequests',
  tag,
  summary: 'List the logged calls',
  description:
    'Returns at most the last 1,000 API calls, webhooks and calls to the processor, newest first, and at most the last 200 queries that the processor answered with `pending` or `unknown`. Repetitions of a query are one row with `repeat_count`.',
  query: RequestListQuery,
  readQuery: readRequestListQuery,
  answers: { 200: RequestsAnswer },
  failures: [400],
  handle: async ({ query, tenant }) => {
    const { event_id, from, kind, limit, path, payment_id, payments_session_id } = query
    const { since, status, to } = query
    const attempts =
      payments_session_id === undefined
        ? []
        : await tenant.store.paymentAttempts.listBySession(payments_session_id as PaymentSessionId)
    const calls = queryLog(tenant.log.entries(), {
      countMax: Number(limit ?? LIMIT_DEFAULT),
      paymentIds: attempts.map((attempt) => attempt.id),
      ...(kind !== undefined && { kind }),
      ...(payments_session_id !== undefined && { paymentSessionId: payments_session_id }),
      ...(payment_id !== undefined && { paymentId: payment_id }),
      ...(event_id !== undefined && { eventId: event_id }),
      ...(status !== undefined && { statuses: status.split(',') }),
      ...(path !== undefined && { path }),
      ...(from !== undefined && { fromMs: readTime('from', from) }),
      ...(to !== undefined && { toMs: readTime('to', to) }),
      ...(since !== undefined && { sinceId: Number(since) }),
    })
    const rows = await withSessionIds(tenant, calls)
    return ok(
      renderOne(
        'requests',
        rows.map((entry) => loggedRequestFields(entry, tenant)),
      ),
    )
  },
})

const clearRequests = controlRoute({
  method: 'DELETE',
  url: '/requests',
  operationId: 'clearRequests',
  tag,
  summary: 'Clear the request log',
  description: 'Deletes all entries. Their ids are not used again.',
  answers: { 200: DoneAnswer },
  handle: async ({ tenant }) => {
    tenant.log.clear()
    return DONE_ANSWER
  },
})

const retrieveRequest = controlRoute({
  method: 'GET',
  url: '/requests/{id}',
  operationId: 'retrieveRequest',
  path: pathLike({ id: '1' }),
  tag,
  summary: 'Retrieve a logged call',
  description: 'Returns a call with its headers, its bodies and a curl command.',
  answers: { 200: RequestAnswer },
  handle: async ({ path, tenant }) => {
    const call = tenant.log.entries().find((entry) => String(entry.id) === path.id)
    if (call === undefined) {
      throw missing(
        'id',
        'There is no logged call with this id, or it has been deleted. See: GET /_sandbox/requests',
      )
    }
    const [row = call] = await withSessionIds(tenant, [call])
    return ok(renderOne('request', loggedRequestFields(row, tenant)))
  },
})

const listListeners = controlRoute({
  method: 'GET',
  url: '/listeners',
  operationId: 'listListeners',
  tag,
  summary: 'List the listeners',
  description:
    'Returns the programs that read events: each run of `paydesk webhook listen`. Their calls are not in the request log.',
  answers: { 200: ListenersAnswer },
  handle: async ({ tenant }) =>
    ok(
      renderOne(
        'listeners',
        tenant.listeners.list().map(({ eventIds, forwardTo, isRunning }) => ({
          is_running: isRunning,
          forward_to: forwardTo,
          event_ids: eventIds,
        })),
      ),
    ),
})

/** Adds the session of calls that name only a payment, such as those of the processor. */
async function withSessionIds(
  { store }: SandboxTenant,
  entries: readonly LoggedRequest[],
): Promise<readonly LoggedRequest[]> {
  const paymentIds = entries.flatMap(({ paymentId, paymentSessionId }) =>
    paymentId === undefined || paymentSessionId !== undefined ? [] : [paymentId],
  )
  const idPairs = await Promise.all(
    [...new Set(paymentIds)].map(async (text) => {
      const id = parseId<PaymentAttemptId>(text)
      const attempt = id && (await store.paymentAttempts.find(id))
      return [text, attempt?.paymentSessionId] as const
    }),
  )
  const sessionIds = new Map(idPairs)
  return entries.map((entry) => {
    const paymentSessionId = entry.paymentSessionId ?? sessionIds.get(entry.paymentId ?? '')
    return paymentSessionId === undefined ? entry : { ...entry, paymentSessionId }
  })
}

/** The routes for the request log, except its stream. */
export const REQUEST_ROUTES = [listRequests, clearRequests, retrieveRequest, listListeners]
