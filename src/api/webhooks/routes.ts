import { WEBHOOK_ENDPOINT_COUNT_MAX, type WebhookEndpoint } from '../../domain/webhook-endpoint.ts'
import {
  changeWebhookEndpoint,
  deleteWebhookEndpoint,
  lockWebhookEndpoint,
  rotateWebhookKey,
} from '../../operations/change-webhook-endpoint.ts'
import {
  registerWebhookEndpoint,
  tryNewEndpoint,
} from '../../operations/register-webhook-endpoint.ts'
import { webhookEndpointFields } from '../../wire/webhook-endpoint.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { findReplay } from '../idempotency.ts'
import { renderOne } from '../render-envelope.ts'
import { type ApiContext, route } from '../route.ts'
import { findWebhook, unknownWebhook, webhookKey } from './find-webhook.ts'
import { parseWebhookChange, parseWebhookCreate } from './parse.ts'
import { registrationError, unreachableError } from './refusals.ts'
import {
  DeleteWebhookAnswer,
  ListWebhooksAnswer,
  RetrieveWebhookAnswer,
  WebhookChangeBody,
  WebhookCreateBody,
  WebhookWithKey,
} from './schemas.ts'

const tag = 'Webhooks'
/**
 * The maximum number of calls a minute that send a test event. The limit is low, because each call can wait for a
 * receiver as long as a delivery does.
 */
const TESTS_PER_MINUTE = 30

const createWebhook = route({
  method: 'POST',
  url: '/webhooks',
  scope: 'settings.CREATE',
  operationId: 'createWebhook',
  tag,
  summary: 'Register a webhook endpoint',
  description: `Sends a test event of type \`webhook.test\` to the URL, and stores the endpoint if the answer is a 2xx, 400, 401 or 403. An account can have ${WEBHOOK_ENDPOINT_COUNT_MAX} endpoints.`,
  ratePerMinute: TESTS_PER_MINUTE,
  body: WebhookCreateBody,
  answers: { 201: WebhookWithKey },
  handle: async (call) => {
    const { account, body, deps, idempotent, tenant } = call
    // A repeated request gets its stored answer, even if its body would be refused now, or if the URL is down.
    const replay = idempotent && (await findReplay(tenant, idempotent))
    if (replay !== undefined) return httpAnswerFrom(replay)
    const request = parseWebhookCreate(body, account.id, deps.webhookTargets)
    const result = await tryNewEndpoint(tenant, request)
    if ('notRegistered' in result) throw registrationError(result)
    const once = await answerOnce(tenant, idempotent, {
      lock: (tx) => tx.webhookEndpoints.lock(account.id),
      change: (tx, endpoints) => registerWebhookEndpoint(tx, withAudit(call), endpoints, result),
      render: (result) => {
        if ('notRegistered' in result) throw registrationError(result)
        const { endpoint, signingKey } = result
        return {
          status: 201,
          body: renderWebhook(call, endpoint, signingKey),
          resourceId: endpoint.id,
        }
      },
    })
    if ('result' in once) {
      log(call, result.id, 'registered')
      if ('endpoint' in once.result) await warnOfTwin(call, once.result.endpoint)
    }
    return httpAnswerFrom(once)
  },
})

const listWebhooks = route({
  method: 'GET',
  url: '/webhooks',
  scope: 'settings.READ',
  operationId: 'listWebhooks',
  tag,
  summary: 'List webhook endpoints',
  description: `Returns all endpoints of the account, oldest first. There are at most ${WEBHOOK_ENDPOINT_COUNT_MAX}.`,
  answers: { 200: ListWebhooksAnswer },
  handle: async ({ account, tenant }) => {
    const endpoints = await tenant.store.webhookEndpoints.list(account.id)
    const nowMs = tenant.clock.nowMs()
    const rows = endpoints.map((endpoint) => webhookEndpointFields(endpoint, nowMs))
    return ok(renderOne('webhooks', rows))
  },
})

const retrieveWebhook = route({
  method: 'GET',
  url: '/webhooks/{webhook_url_id}',
  scope: 'settings.READ',
  operationId: 'retrieveWebhook',
  tag,
  summary: 'Retrieve a webhook endpoint',
  description: 'Returns the endpoint without its signing key.',
  answers: { 200: RetrieveWebhookAnswer },
  handle: async (call) => ok(renderWebhook(call, await findWebhook(call))),
})

const updateWebhook = route({
  method: 'PUT',
  url: '/webhooks/{webhook_url_id}',
  scope: 'settings.UPDATE',
  operationId: 'updateWebhook',
  tag,
  summary: 'Change a webhook endpoint',
  description:
    'Changes the fields in the body and keeps the others. A new URL first gets a test event, as at registration.',
  ratePerMinute: TESTS_PER_MINUTE,
  body: WebhookChangeBody,
  answers: { 200: RetrieveWebhookAnswer },
  handle: async (call) => {
    const { body, deps } = call
    // A missing endpoint is reported before a wrong field.
    await findWebhook(call)
    const key = webhookKey(call)
    const change = parseWebhookChange(body, deps.webhookTargets)
    const result = await changeWebhookEndpoint(withAudit(call), key, change)
    if (result === undefined) throw unknownWebhook()
    if ('unreachable' in result) throw unreachableError(result.unreachable)
    log(call, key.id, 'changed')
    await warnOfTwin(call, result)
    return ok(renderWebhook(call, result))
  },
})

const deleteWebhook = route({
  method: 'DELETE',
  url: '/webhooks/{webhook_url_id}',
  scope: 'settings.DELETE',
  operationId: 'deleteWebhook',
  tag,
  summary: 'Delete a webhook endpoint',
  description:
    'Deletes the endpoint. Its log can no longer be read, and its pending and held deliveries are canceled.',
  answers: { 200: DeleteWebhookAnswer },
  handle: async (call) => {
    const key = webhookKey(call)
    if (!(await deleteWebhookEndpoint(withAudit(call), key))) throw unknownWebhook()
    log(call, key.id, 'deleted')
    return ok('{"code":0,"message":"success"}')
  },
})

const rotateKey = route({
  method: 'POST',
  url: '/webhooks/{webhook_url_id}/rotatekey',
  scope: 'settings.UPDATE',
  operationId: 'rotateWebhookKey',
  tag,
  summary: 'Rotate a webhook endpoint’s key',
  isPaydeskOnly: true,
  description:
    'Creates a new signing key. For 24 hours deliveries also have a signature by the previous key; older keys stop at once.',
  answers: { 200: WebhookWithKey },
  handle: async (call) => {
    const { idempotent, tenant } = call
    const key = webhookKey(call)
    const once = await answerOnce(tenant, idempotent, {
      bucket: tenant.store.publicIds.bucketOf(key.id),
      lock: (tx) => lockWebhookEndpoint(tx, key),
      missing: unknownWebhook,
      change: (tx, endpoint) => rotateWebhookKey(tx, withAudit(call), endpoint),
      render: ({ endpoint, signingKey }) => ({
        status: 200,
        body: renderWebhook(call, endpoint, signingKey),
        resourceId: endpoint.id,
      }),
    })
    if ('result' in once) log(call, key.id, 'has a new key')
    return httpAnswerFrom(once)
  },
})

/** The routes of webhook endpoints and their keys, in the order of the documentation. */
export const WEBHOOK_ROUTES = [
  createWebhook,
  listWebhooks,
  retrieveWebhook,
  updateWebhook,
  deleteWebhook,
  rotateKey,
]

function withAudit({ actor, tenant }: ApiContext) {
  return { ...tenant, actor: actor() }
}

/**
 * Warns if another active endpoint has the same URL and some of the same event types: a shop that registers itself at
 * each start would get every event several times. The real API accepts this.
 */
async function warnOfTwin(
  { tenant, warn }: Pick<ApiContext, 'tenant' | 'warn'>,
  { accountId, enabledEvents, id, url }: WebhookEndpoint,
): Promise<void> {
  // In live mode the warning has no reader.
  if (tenant.mode === 'live') return
  const endpoints = await tenant.store.webhookEndpoints.list(accountId)
  const twin = endpoints.find(
    (one) =>
      one.id !== id &&
      one.url === url &&
      one.status === 'active' &&
      one.enabledEvents.some((type) => enabledEvents.includes(type)),
  )
  if (twin === undefined) return
  warn(
    `url: endpoint ${twin.id} has the same URL, so each event arrives there twice if both endpoints subscribe to it; change that endpoint with PUT /api/v1/webhooks/${twin.id}, or delete it`,
  )
}

function renderWebhook(
  { tenant }: Pick<ApiContext, 'tenant'>,
  endpoint: WebhookEndpoint,
  signingKey?: string,
): string {
  return renderOne('webhook', webhookEndpointFields(endpoint, tenant.clock.nowMs(), signingKey))
}

/** Logs only the id of the endpoint: the query of its URL may contain a secret. */
function log({ account, deps, requestId }: ApiContext, endpointId: string, what: string): void {
  deps.logger.info({ requestId, accountId: account.id, endpointId }, `webhook endpoint ${what}`)
}
