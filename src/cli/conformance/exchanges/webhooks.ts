import { check, type Exchange, refusal, success, types } from '../exchange.ts'

const section = 'Webhooks'

/** Checks of webhook endpoints. Most need an address that answers 200. */
export const WEBHOOK_EXCHANGES: readonly Exchange[] = [
  {
    id: 'webhook-create',
    section,
    title: 'Register an endpoint',
    request: {
      method: 'POST',
      path: '/webhooks',
      body: {
        name: 'Conformance',
        url: '{webhook_url}',
        description: 'Conformance',
        enabled_events: ['payment.succeeded'],
      },
    },
    saves: { webhook_id: 'webhook.webhook_url_id' },
    cleanup: {
      method: 'DELETE',
      path: '/webhooks/{webhook_id}',
      object: 'webhook endpoint {webhook_id}',
    },
    checks: [
      check('status', 'M', 'The answer has the status 201.', { status: [201] }),
      check('types', 'H', 'The fields have these JSON types.', {
        at: 'webhook',
        types: types({
          string: 'webhook_url_id name url description status signing_key',
          array: 'enabled_events',
        }),
      }),
      check('status-word', 'H', 'The endpoint is “active”.', {
        at: 'webhook.status',
        equals: 'active',
      }),
    ],
  },
  {
    id: 'webhook-retrieve',
    section,
    title: 'Retrieve the endpoint',
    request: { method: 'GET', path: '/webhooks/{webhook_id}' },
    checks: [
      check('status', 'H', 'The endpoint can be retrieved.', { status: [200] }),
      check('key', 'H', 'Its signing key is not shown again.', {
        at: 'webhook',
        types: { signing_key: ['absent'] },
      }),
    ],
  },
  {
    id: 'webhook-list',
    section,
    title: 'List endpoints',
    hasForeignObjects: true,
    request: { method: 'GET', path: '/webhooks' },
    checks: success(200, 'webhooks', 'H'),
  },
  {
    id: 'webhook-retrieve-unknown',
    section,
    title: 'Retrieve an endpoint that does not exist',
    request: { method: 'GET', path: '/webhooks/1000000000001' },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'M'),
  },
]
