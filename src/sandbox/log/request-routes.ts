import { ok } from '../../api/answer.ts'
import { renderOne } from '../../api/render-envelope.ts'
import type { PaymentSessionId } from '../../domain/id.ts'
import { controlRoute, DONE, fieldsOf, missing } from '../control/control-route.ts'
import { Done } from '../control/schemas.ts'
import { loggedRequestFields, queryLog } from './request-log.ts'
import { RequestAnswer, RequestListQuery, RequestsAnswer } from './schemas.ts'

const readRequestListQuery = fieldsOf(RequestListQuery, {}, 'The query')

const tag = 'Requests'
const LIMIT_DEFAULT = 100

const listRequests = controlRoute({
  method: 'GET',
  url: '/requests',
  operationId: 'listRequests',
  tag,
  summary: 'List the logged calls',
  description: 'The last 1,000 API calls, webhooks and calls of the processor, newest first.',
  query: RequestListQuery,
  readQuery: readRequestListQuery,
  answers: { 200: RequestsAnswer },
  failures: [400],
  handle: async ({ query, tenant }) => {
    const { event_id, kind, limit, payment_id, payments_session_id, since, status } = query
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
      ...(since !== undefined && { sinceId: Number(since) }),
    })
    return ok(
      renderOne(
        'requests',
        calls.map((entry) => loggedRequestFields(entry, tenant)),
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
  description: 'Later calls do not get the ids of deleted ones.',
  answers: { 200: Done },
  handle: async ({ tenant }) => {
    tenant.log.clear()
    return DONE
  },
})

const retrieveRequest = controlRoute({
  method: 'GET',
  url: '/requests/{id}',
  operationId: 'retrieveRequest',
  tag,
  summary: 'Retrieve a logged call',
  description: 'With headers, bodies and a curl command.',
  answers: { 200: RequestAnswer },
  handle: async ({ path, tenant }) => {
    const call = tenant.log.entries().find((entry) => String(entry.id) === path.id)
    if (call === undefined) {
      throw missing(
        'id',
        'There is no logged call with this id, or it has been deleted. See: GET /_sandbox/requests',
      )
    }
    return ok(renderOne('request', loggedRequestFields(call, tenant)))
  },
})

/** The routes for the request log, except its stream. */
export const REQUEST_ROUTES = [listRequests, clearRequests, retrieveRequest]
