import { ok } from '../../api/answer.ts'
import { linkStoryOf } from '../../api/payment-links/story.ts'
import { sessionStoryOf } from '../../api/payment-sessions/story.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { ACCESS_KEY_RANDOM_BYTES, makeAccessKey } from '../../domain/access-key.ts'
import {
  type AccountId,
  type PaymentAttemptId,
  type PaymentLinkId,
  type PaymentSessionId,
  parseAccountId,
  parseId,
  type WebhookEndpointId,
  type WebhookEventId,
} from '../../domain/id.ts'
import { hasCheckoutPage } from '../../domain/records.ts'
import { WEBHOOK_EVENT_TYPES } from '../../domain/webhook-event.ts'
import { sandboxFacts } from '../announce.ts'
import { controlRoute, invalid, missing, pathLike, queryFieldsOf } from './control-route.ts'
import { inspectDelivery, keysOf } from './inspect-delivery.ts'
import { loggedEntriesFrom } from './logged-entries.ts'
import { sampleMoment, sampleObject } from './sample-events.ts'
import {
  FactsAnswer,
  InspectedDeliveryAnswer,
  LinkStoryAnswer,
  SampleAnswer,
  SearchAnswer,
  SearchQuery,
  SessionStoryAnswer,
  StartedPaymentsAnswer,
  StartedPaymentsQuery,
  StatisticsAnswer,
  StatisticsQuery,
  WebhookKeysAnswer,
  WebhookKeysQuery,
} from './schemas.ts'
import { searchSandbox } from './search.ts'
import { statisticsOf } from './statistics.ts'

const readSearchQuery = queryFieldsOf(SearchQuery, {}, 'The query')
const readStatisticsQuery = queryFieldsOf(StatisticsQuery, {}, 'The query')
const readWebhookKeysQuery = queryFieldsOf(WebhookKeysQuery, {}, 'The query')

const tag = 'Console'

const readFacts = controlRoute({
  method: 'GET',
  url: '/facts',
  operationId: 'readFacts',
  tag,
  summary: 'Read the facts of this sandbox',
  description: 'Returns the address, the credentials and the features of the sandbox.',
  answers: { 200: FactsAnswer },
  handle: async ({ deps, tenant }) => {
    const { baseUrl, copies, name, sandboxProcessor, values, webhookTime } = tenant
    const facts = {
      name,
      ...sandboxFacts(baseUrl, values),
      sandbox_count: deps.tenants.list().length,
      can_be_copied: copies !== undefined,
      plays_attempts: sandboxProcessor !== undefined,
      webhook_time: webhookTime,
    }
    return ok(renderOne('facts', facts))
  },
})

const readTimeline = controlRoute({
  method: 'GET',
  url: '/sessions/{payments_session_id}/timeline',
  operationId: 'readTimeline',
  tag,
  summary: 'Retrieve a session with its timeline',
  description:
    'Returns the session, its payments and refunds, and a timeline of its status changes, requests, processor calls, events and webhooks, oldest first.',
  answers: { 200: SessionStoryAnswer },
  handle: async ({ path, tenant: { baseUrl, clock, keys, log, store } }) => {
    const id = parseId<PaymentSessionId>(path.payments_session_id)
    const session = id && (await store.paymentSessions.find(id))
    if (session === undefined) throw unknownError('payments_session_id', 'payment session')
    // Made without randomness, so that a read does not change the next draws of a seeded sandbox.
    const accessKey = makeAccessKey(
      { paymentSessionId: session.id, expiresAtMs: session.expiresAtMs, place: 'page' },
      new Uint8Array(ACCESS_KEY_RANDOM_BYTES),
      keys.accessKey,
    )
    const source = { store, ...loggedEntriesFrom(log) }
    const story = {
      ...(await sessionStoryOf(source, session, clock.nowMs())),
      stored_id: store.publicIds.storedIdOf(session.id),
      ...(hasCheckoutPage(session) && {
        checkout_url: `${baseUrl}/hostedcheckout/${accessKey}`,
      }),
    }
    return ok(renderOne('session', story))
  },
})

const readLinkTimeline = controlRoute({
  method: 'GET',
  url: '/payment_links/{payment_link_id}/timeline',
  operationId: 'readLinkTimeline',
  tag,
  summary: 'Retrieve a payment link with its timeline',
  description:
    'Returns the link with its payments, sessions and refunds. The timeline has the status changes, requests, events and webhooks of the link and of its sessions, oldest first.',
  answers: { 200: LinkStoryAnswer },
  handle: async ({ path, tenant: { clock, log, store } }) => {
    const id = parseId<PaymentLinkId>(path.payment_link_id)
    const link = id && (await store.paymentLinks.find(id))
    const account = link && (await store.accounts.find(link.accountId))
    if (link === undefined || account === undefined)
      throw unknownError('payment_link_id', 'payment link')
    const source = { store, ...loggedEntriesFrom(log) }
    const story = {
      ...(await linkStoryOf(source, link, account, clock.nowMs())),
      stored_id: store.publicIds.storedIdOf(link.id),
    }
    return ok(renderOne('payment_link', story))
  },
})

const listWebhookKeys = controlRoute({
  method: 'GET',
  url: '/webhooks/keys',
  operationId: 'listWebhookKeys',
  tag,
  summary: 'List the keys of the webhook endpoints',
  description: 'Returns the signing keys. The API shows a key only once; a sandbox shows it again.',
  query: WebhookKeysQuery,
  readQuery: readWebhookKeysQuery,
  answers: { 200: WebhookKeysAnswer },
  failures: [400],
  handle: async ({ query, tenant: { clock, keys, store } }) => {
    const accountId = parseAccountId(query.account_id)
    const endpoints = accountId === undefined ? [] : await store.webhookEndpoints.list(accountId)
    const rows = endpoints.map((endpoint) => ({
      webhook_url_id: endpoint.id,
      signing_keys: keysOf(endpoint, keys, clock.nowMs()),
    }))
    return ok(renderOne('webhook_keys', rows))
  },
})

const readDelivery = controlRoute({
  method: 'GET',
  url: '/webhooks/{webhook_url_id}/deliveries/{event_id}',
  operationId: 'inspectDelivery',
  tag,
  summary: 'Inspect a delivery',
  description:
    'Returns each POST with its headers and body as sent, and each step in the computation of its two signatures: Zoho and Standard Webhooks.',
  answers: { 200: InspectedDeliveryAnswer },
  handle: async ({ path, tenant }) => {
    const endpointId = parseId<WebhookEndpointId>(path.webhook_url_id)
    const eventId = parseId<WebhookEventId>(path.event_id)
    const delivery = endpointId && eventId && (await inspectDelivery(tenant, endpointId, eventId))
    if (delivery === undefined) throw unknownError('event_id', 'delivery of this event')
    return ok(renderOne('delivery', delivery))
  },
})

const sampleEvent = controlRoute({
  method: 'GET',
  url: '/events/samples/{event_type}',
  operationId: 'sampleEvent',
  path: pathLike({ event_type: 'payment.succeeded' }),
  tag,
  summary: 'Read the sample of an event',
  description: 'Returns the object into which the field `data` of an event is merged.',
  answers: { 200: SampleAnswer },
  handle: async ({ path, tenant }) => {
    const type = WEBHOOK_EVENT_TYPES.find((one) => one === path.event_type)
    if (type === undefined) throw unknownError('event_type', 'type of event')
    const moment = await sampleMoment(tenant, tenant.values.accountId as AccountId)
    const [sample] = Object.values(sampleObject(type, moment, {}))
    return ok(renderOne('sample', sample))
  },
})

const listStartedPayments = controlRoute({
  method: 'GET',
  url: '/payments',
  operationId: 'listStartedPayments',
  tag,
  summary: 'List payments with their start',
  description:
    'Lists payments as the API does, newest first by the start of the attempt. Until the decision, the API shows the start; after that, it shows the time of the decision.',
  query: StartedPaymentsQuery,
  answers: { 200: StartedPaymentsAnswer },
  failures: [400, 404],
  handle: async ({ deps, query, tenant }) => {
    const text = new URLSearchParams(
      Object.entries(query).map(([name, value]) => [name, String(value)]),
    )
    const answer = await deps.callApi(tenant, { method: 'GET', url: `/payments?${text}` })
    if (answer.statusCode >= 300) return { status: answer.statusCode, body: answer.body }
    const page = answer.json<{
      readonly payments: readonly { readonly payment_id: PaymentAttemptId }[]
    }>()
    const payments = await Promise.all(
      page.payments.map(async (payment) => {
        const attempt = await tenant.store.paymentAttempts.find(payment.payment_id)
        return { ...payment, started_time: Math.floor((attempt?.createdAtMs ?? 0) / 1000) }
      }),
    )
    return ok(JSON.stringify({ ...page, payments }))
  },
})

const search = controlRoute({
  method: 'GET',
  url: '/search',
  operationId: 'search',
  tag,
  summary: 'Search the sandbox',
  description:
    'Finds sessions, payment links, payments, refunds, customers, mandates, virtual accounts, payouts, messages, events, endpoints and logged calls of all accounts. Returns at most 20 results. Amounts and descriptions are compared with those of the newest 500 sessions of each account.',
  query: SearchQuery,
  readQuery: readSearchQuery,
  answers: { 200: SearchAnswer },
  failures: [400],
  handle: async ({ query, tenant }) =>
    ok(renderOne('found', await searchSandbox(tenant, query.text))),
})

const readStatistics = controlRoute({
  method: 'GET',
  url: '/statistics',
  operationId: 'readStatistics',
  tag,
  summary: 'Count outcomes and latencies',
  description:
    'Returns the outcomes of the newest 500 payments of an account, in spans of time by the start of each payment. Also returns the latencies of the logged webhooks of all accounts.',
  query: StatisticsQuery,
  readQuery: readStatisticsQuery,
  answers: { 200: StatisticsAnswer },
  failures: [400],
  handle: async ({ query, tenant }) => {
    const accountId = parseAccountId(query.account_id)
    if (accountId === undefined) {
      throw invalid('account_id', 'account_id must be the id of an account.')
    }
    return ok(renderOne('statistics', await statisticsOf(tenant, accountId)))
  },
})

/** The routes for facts that only the console needs. */
export const CONSOLE_ROUTES = [
  readFacts,
  readTimeline,
  readLinkTimeline,
  listWebhookKeys,
  readDelivery,
  sampleEvent,
  listStartedPayments,
  search,
  readStatistics,
]

function unknownError(field: string, what: string) {
  return missing(field, `There is no ${what} with this ${field} in this sandbox.`)
}
