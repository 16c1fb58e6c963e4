import { expect, test } from 'vitest'
import type { AccountId, WebhookEndpointId } from './id.ts'
import {
  PREVIOUS_KEY_LIFE_MS,
  previousKeyAt,
  sealedKeysAt,
  takesEvents,
  WEBHOOK_ENDPOINT_STATUSES,
  type WebhookEndpoint,
  withNewKey,
} from './webhook-endpoint.ts'

const NOW_MS = 1_000_000
const endpoint: WebhookEndpoint = {
  id: '1' as WebhookEndpointId,
  accountId: '2' as AccountId,
  name: 'Orders',
  url: 'https://shop.example/hooks',
  status: 'active',
  enabledEvents: ['payment.failed'],
  signingKeySealed: 'new',
  createdAtMs: 1,
  changedAtMs: 1,
}

test.each<[until: number | undefined, keys: readonly string[]]>([
  [undefined, ['new']],
  [NOW_MS - 1, ['new']],
  [NOW_MS, ['new']],
  [NOW_MS + 1, ['old', 'new']],
])('where the key before holds until %s, %j sign', (untilMs, keys) => {
  const previousKey = untilMs === undefined ? undefined : { sealed: 'old', untilMs }
  const one = { ...endpoint, ...(previousKey !== undefined && { previousKey }) }
  expect(sealedKeysAt(one, NOW_MS)).toEqual(keys)
  expect(previousKeyAt(one, NOW_MS)).toEqual(keys.length === 2 ? previousKey : undefined)
})

test('after a change of the key both sign for a day, and of several changes the last two', () => {
  const changed = withNewKey(endpoint, 'newer', NOW_MS)
  expect(changed).toEqual({
    ...endpoint,
    signingKeySealed: 'newer',
    changedAtMs: NOW_MS,
    previousKey: { sealed: 'new', untilMs: NOW_MS + PREVIOUS_KEY_LIFE_MS },
  })
  expect(PREVIOUS_KEY_LIFE_MS).toBe(24 * 60 * 60_000)
  expect(sealedKeysAt(changed, NOW_MS + PREVIOUS_KEY_LIFE_MS - 1)).toEqual(['new', 'newer'])
  expect(sealedKeysAt(changed, NOW_MS + PREVIOUS_KEY_LIFE_MS)).toEqual(['newer'])
  expect(sealedKeysAt(withNewKey(changed, 'newest', NOW_MS + 1), NOW_MS + 2)).toEqual([
    'newer',
    'newest',
  ])
})

test.each(WEBHOOK_ENDPOINT_STATUSES)(
  'an endpoint that is %s takes what it wants, if any',
  (status) => {
    const one = { ...endpoint, status }
    expect(takesEvents(one, 'payment.failed')).toBe(status === 'active')
    expect(takesEvents(one, 'payment.succeeded')).toBe(false)
  },
)
