import { expect, test } from 'vitest'
import type { AccountId, WebhookEndpointId } from './id.ts'
import {
  ACCEPTED_PRECISION_MS,
  moveWebhookEndpoint,
  PREVIOUS_KEY_LIFE_MS,
  previousKeyAt,
  receivesEvents,
  sealedKeysAt,
  WEBHOOK_ENDPOINT_MOVES,
  WEBHOOK_ENDPOINT_STATUSES,
  type WebhookEndpoint,
  type WebhookEndpointMove,
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
])('with a previous key valid until %s, the keys %j sign', (untilMs, keys) => {
  const previousKey = untilMs === undefined ? undefined : { sealedKey: 'old', untilMs }
  const one = { ...endpoint, ...(previousKey !== undefined && { previousKey }) }
  expect(sealedKeysAt(one, NOW_MS)).toEqual(keys)
  expect(previousKeyAt(one, NOW_MS)).toEqual(keys.length === 2 ? previousKey : undefined)
})

test('after a key rotation the last two keys sign for a day, even after several rotations', () => {
  const changedEndpoint = withNewKey(endpoint, 'newer', NOW_MS)
  expect(changedEndpoint).toEqual({
    ...endpoint,
    signingKeySealed: 'newer',
    changedAtMs: NOW_MS,
    previousKey: { sealedKey: 'new', untilMs: NOW_MS + PREVIOUS_KEY_LIFE_MS },
  })
  expect(PREVIOUS_KEY_LIFE_MS).toBe(24 * 60 * 60_000)
  expect(sealedKeysAt(changedEndpoint, NOW_MS + PREVIOUS_KEY_LIFE_MS - 1)).toEqual(['new', 'newer'])
  expect(sealedKeysAt(changedEndpoint, NOW_MS + PREVIOUS_KEY_LIFE_MS)).toEqual(['newer'])
  expect(sealedKeysAt(withNewKey(changedEndpoint, 'newest', NOW_MS + 1), NOW_MS + 2)).toEqual([
    'newer',
    'newest',
  ])
})

test.each(WEBHOOK_ENDPOINT_STATUSES)(
  'an endpoint gets the events of its list only while it is active: %s',
  (status) => {
    const one = { ...endpoint, status }
    expect(receivesEvents(one, 'payment.failed')).toBe(status === 'active')
    expect(receivesEvents(one, 'payment.succeeded')).toBe(false)
  },
)

const DEAD = {
  type: 'record_dead_delivery',
  failingSinceMs: 10_000,
  attemptedAtMs: 20_000,
} as const
const ENDPOINT_MOVE_ROWS: readonly WebhookEndpointMove[] = [
  { type: 'activate' },
  { type: 'deactivate' },
  DEAD,
]

test('an endpoint makes exactly the moves of the table', () => {
  for (const status of WEBHOOK_ENDPOINT_STATUSES) {
    for (const move of ENDPOINT_MOVE_ROWS) {
      const reachedStatuses = new Set(
        [{}, { acceptedAtMs: 15_000 }, { activatedAtMs: 21_000 }].map(
          (more) => moveWebhookEndpoint({ ...endpoint, ...more, status }, move, NOW_MS).status,
        ),
      )
      const possible = WEBHOOK_ENDPOINT_MOVES[status][move.type]
      expect([...reachedStatuses].sort(), `${status} ${move.type}`).toEqual([...possible].sort())
    }
  }
})

test.each<[event: string, status: string, acceptedAtMs: number | undefined, scheduleMs: number]>([
  ['no event', 'disabled', undefined, 10_000],
  ['an event in the minute before a short schedule', 'active', -ACCEPTED_PRECISION_MS, 10_000],
  [
    'an event more than a minute before a short schedule',
    'disabled',
    -ACCEPTED_PRECISION_MS - 1,
    10_000,
  ],
  ['an event at the start of a long schedule', 'active', 0, 60 * 60_000],
  ['an event in the minute before a long schedule', 'disabled', -1, 60 * 60_000],
])('after a failed schedule, an endpoint that accepted %s is %s', (...row) => {
  const [, status, acceptedAtMs, scheduleMs] = row
  const failingSinceMs = 100_000_000
  const acceptance =
    acceptedAtMs === undefined ? {} : { acceptedAtMs: failingSinceMs + acceptedAtMs }
  const move = {
    type: 'record_dead_delivery',
    failingSinceMs,
    attemptedAtMs: failingSinceMs + scheduleMs,
  } as const
  expect(moveWebhookEndpoint({ ...endpoint, ...acceptance }, move, NOW_MS).status).toBe(status)
})
