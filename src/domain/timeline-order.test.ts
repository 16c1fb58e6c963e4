import { expect, test } from 'vitest'
import { orderTimeline } from './timeline-order.ts'

const entryAt = (atMs: number, entry: string) => ({ atMs, entry })

test('entries are sorted by time, and at the same time each cause precedes its effects', () => {
  const timeline = orderTimeline({
    session: [entryAt(1, 'created'), entryAt(9, 'expired')],
    requests: [entryAt(1, 'POST /pay')],
    attempts: [
      {
        paymentId: 'a',
        entries: [entryAt(1, 'a began'), entryAt(1, 'a charged'), entryAt(1, 'a failed')],
      },
      { paymentId: 'b', entries: [entryAt(1, 'b began'), entryAt(1, 'b succeeded')] },
    ],
    refunds: [entryAt(1, 'refund')],
    events: [
      { paymentId: 'a', entries: [entryAt(1, 'a event'), entryAt(7, 'a delivery')] },
      { paymentId: 'b', entries: [entryAt(1, 'b event'), entryAt(1, 'b delivery')] },
      { paymentId: undefined, entries: [entryAt(1, 'refund event')] },
    ],
  })
  expect(timeline.map(({ entry }) => entry)).toEqual([
    'created',
    'POST /pay',
    'a began',
    'a charged',
    'a failed',
    'a event',
    'b began',
    'b succeeded',
    'b event',
    'b delivery',
    'refund',
    'refund event',
    'a delivery',
    'expired',
  ])
})
