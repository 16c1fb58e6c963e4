import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { parseId, type WebhookEndpointId } from '../../domain/id.ts'
import { WEBHOOK_ENDPOINT_COUNT_MAX, type WebhookEndpoint } from '../../domain/webhook-endpoint.ts'
import {
  changeWebhookEndpoint,
  deleteWebhookEndpoint,
  type EndpointKey,
  lockWebhookEndpoint,
  rotateWebhookKey,
} from '../../operations/change-webhook-endpoint.ts'
import { findReplay } from '../../operations/idempotency.ts'
import {
  type RegistrationRefusal,
  registerWebhookEndpoint,
  tryNewEndpoint,
} from '../../operations/register-webhook-endpoint.ts'
import type { Tenant } from '../../operations/tenant.ts'
import { webhookEndpointFields } from '../../wire/webhook-endpoint.ts'
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
import type { ApiDeps } from '../deps.ts'
import { AccountQuery, described, failures } from '../describe-route.ts'
import { ApiError } from '../errors.ts'
import { renderOne } from '../render-envelope.ts'
import { parseWebhookChange, parseWebhookCreate } from './parse.ts'
import {
  WebhookChangeBody,
  WebhookCreateBody,
  WebhookDeleted,
  WebhookRetrieved,
  WebhooksListed,
  WebhookWithKey,
} from './schemas.ts'

const TAG = 'Webhooks'
/** Calls a minute that send a test event: each may wait for a receiver as long as a delivery does. */
const TRYING_PER_MINUTE = 30

/** The path of one endpoint, for a route's description. */
export const WebhookPath = Type.Object({ webhook_url_id: Type.String() })

/** Registers `/api/v1/webhooks`: endpoints and their keys. */
export function registerWebhookRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const render = ({ clock }: Tenant, endpoint: WebhookEndpoint, signingKey?: string) =>
    renderOne('webhook', webhookEndpointFields(endpoint, clock.nowMs(), signingKey))
  /** Without the URL, which may have a secret in its query, and without anything else of a merchant's. */
  const log = (request: FastifyRequest, endpointId: string, what: string) =>
    deps.logger.info(
      { requestId: request.id, accountId: request.account.id, endpointId },
      `webhook endpoint ${what}`,
    )

  app.post(
    '/webhooks',
    {
      config: { scope: 'settings.CREATE', ratePerMinute: TRYING_PER_MINUTE },
      schema: {
        ...described(
          TAG,
          'settings.CREATE',
          'Register a webhook endpoint',
          `Sends a test event of type \`webhook.test\` to the URL, and stores the endpoint when it can be reached. An account can have ${WEBHOOK_ENDPOINT_COUNT_MAX}.`,
        ),
        operationId: 'createWebhook',
        querystring: AccountQuery,
        headers: IdempotencyHeaders,
        body: WebhookCreateBody,
        response: { 201: WebhookWithKey, ...failures(400, 401, 409, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      const { text, value } = readBody(request)
      const idempotent = idempotentRequest(request, text)
      // Before the body is checked and the URL tried: a key's first answer stands.
      const replay = idempotent && (await findReplay(request.tenant, idempotent))
      if (replay !== undefined) return sendResult(reply, replay)
      const asked = parseWebhookCreate(value, request.account.id, deps.webhookTargets)
      const tried = await tryNewEndpoint(request.tenant, asked)
      if ('notRegistered' in tried) throw registrationRefused(tried)
      const done = await answerOnce(request.tenant, idempotent, {
        hold: (tx) => tx.webhookEndpoints.lock(request.account.id),
        change: (tx, endpoints) => registerWebhookEndpoint(tx, request.tenant, endpoints, tried),
        render: (result) => {
          if ('notRegistered' in result) throw registrationRefused(result)
          const { endpoint, signingKey } = result
          return {
            status: 201,
            body: render(request.tenant, endpoint, signingKey),
            resourceId: endpoint.id,
          }
        },
      })
      if ('result' in done) log(request, tried.id, 'registered')
      return sendOnce(reply, done)
    },
  )

  app.get(
    '/webhooks',
    {
      config: { scope: 'settings.READ' },
      schema: {
        ...described(
          TAG,
          'settings.READ',
          'List webhook endpoints',
          `Gives all endpoints of the account, oldest first. There are at most ${WEBHOOK_ENDPOINT_COUNT_MAX}.`,
        ),
        operationId: 'listWebhooks',
        querystring: AccountQuery,
        response: { 200: WebhooksListed, ...failures(400, 401, 429) },
      },
    },
    async (request, reply) => {
      const endpoints = await request.tenant.store.webhookEndpoints.list(request.account.id)
      const nowMs = request.tenant.clock.nowMs()
      const rows = endpoints.map((endpoint) => webhookEndpointFields(endpoint, nowMs))
      return sendJson(reply, 200, renderOne('webhooks', rows))
    },
  )

  app.get(
    '/webhooks/:webhook_url_id',
    {
      config: { scope: 'settings.READ' },
      schema: {
        ...described(
          TAG,
          'settings.READ',
          'Retrieve a webhook endpoint',
          'Gives the endpoint as it is now, without its key.',
        ),
        operationId: 'retrieveWebhook',
        params: WebhookPath,
        querystring: AccountQuery,
        response: { 200: WebhookRetrieved, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      return sendJson(
        reply,
        200,
        render(request.tenant, await findWebhookOf(request.tenant, request)),
      )
    },
  )

  app.put(
    '/webhooks/:webhook_url_id',
    {
      config: { scope: 'settings.UPDATE', ratePerMinute: TRYING_PER_MINUTE },
      schema: {
        ...described(
          TAG,
          'settings.UPDATE',
          'Change a webhook endpoint',
          'Changes what is sent, and nothing else. A new URL is sent a test event first, as at registration.',
        ),
        operationId: 'updateWebhook',
        params: WebhookPath,
        querystring: AccountQuery,
        body: WebhookChangeBody,
        response: { 200: WebhookRetrieved, ...failures(400, 401, 404, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      const key = webhookKeyFrom(request)
      // An endpoint that is not there comes before a body that is wrong.
      await findWebhookOf(request.tenant, request)
      const change = parseWebhookChange(readBody(request).value, deps.webhookTargets)
      const changed = await changeWebhookEndpoint(request.tenant, key, change)
      if (changed === undefined) throw unknownWebhook()
      if ('unreachable' in changed) throw unreachable(changed.unreachable)
      log(request, key.id, 'changed')
      return sendJson(reply, 200, render(request.tenant, changed))
    },
  )

  app.delete(
    '/webhooks/:webhook_url_id',
    {
      config: { scope: 'settings.DELETE' },
      schema: {
        ...described(
          TAG,
          'settings.DELETE',
          'Delete a webhook endpoint',
          'Takes the endpoint and its log away. What was still to be sent to it is canceled.',
        ),
        operationId: 'deleteWebhook',
        params: WebhookPath,
        querystring: AccountQuery,
        response: { 200: WebhookDeleted, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      const key = webhookKeyFrom(request)
      if (!(await deleteWebhookEndpoint(request.tenant, key))) throw unknownWebhook()
      log(request, key.id, 'deleted')
      return sendJson(reply, 200, '{"code":0,"message":"success"}')
    },
  )

  app.post(
    '/webhooks/:webhook_url_id/rotatekey',
    {
      config: { scope: 'settings.UPDATE' },
      schema: {
        ...described(
          TAG,
          'settings.UPDATE',
          'Change a webhook endpoint’s key (ours)',
          'Makes a new signing key. For 24 hours the old one signs too; a key from before that one stops at once.',
        ),
        operationId: 'rotateWebhookKey',
        params: WebhookPath,
        querystring: AccountQuery,
        headers: IdempotencyHeaders,
        response: { 200: WebhookWithKey, ...failures(400, 401, 404, 409, 429) },
      },
    },
    async (request, reply) => {
      const key = webhookKeyFrom(request)
      const idempotent = idempotentRequest(request, bodyText(request))
      const done = await answerOnce(request.tenant, idempotent, {
        bucket: request.tenant.store.publicIds.bucketOf(key.id),
        hold: (tx) => lockWebhookEndpoint(tx, key),
        missing: unknownWebhook,
        change: (tx, endpoint) => rotateWebhookKey(tx, request.tenant, endpoint),
        render: ({ endpoint, signingKey }) => ({
          status: 200,
          body: render(request.tenant, endpoint, signingKey),
          resourceId: endpoint.id,
        }),
      })
      if ('result' in done) log(request, key.id, 'has a new key')
      return sendOnce(reply, done)
    },
  )
}

/** Reads which endpoint a path names. Throws ApiError. */
export function webhookKeyFrom(request: FastifyRequest): EndpointKey {
  const { webhook_url_id: text } = request.params as { webhook_url_id: string }
  const id = parseId<WebhookEndpointId>(text)
  if (id === undefined) throw unknownWebhook()
  return { accountId: request.account.id, id }
}

/** Finds the endpoint that a path names. Throws ApiError. */
export async function findWebhookOf(
  { store }: Pick<Tenant, 'store'>,
  request: FastifyRequest,
): Promise<WebhookEndpoint> {
  const { accountId, id } = webhookKeyFrom(request)
  const endpoint = await store.webhookEndpoints.find(id)
  if (endpoint?.accountId !== accountId) throw unknownWebhook()
  return endpoint
}

/** An object of another account answers exactly the same as one that is not there. */
export function unknownWebhook(): ApiError {
  return new ApiError(
    'resource_does_not_exist',
    'webhook_url_id',
    'There is no webhook endpoint with this webhook_url_id on this account.',
  )
}

function registrationRefused(refusal: RegistrationRefusal): ApiError {
  return refusal.notRegistered === 'unreachable'
    ? unreachable(refusal.detail)
    : new ApiError(
        'invalid_parameter',
        undefined,
        `The account has ${WEBHOOK_ENDPOINT_COUNT_MAX} webhook endpoints, and can have no more: change one of them, or delete one.`,
      )
}

function unreachable(detail: string): ApiError {
  return new ApiError(
    'invalid_parameter',
    'url',
    `url must answer a test request with a 2xx, 400, 401 or 403, but ${detail}.`,
  )
}
