import { expect, test } from 'vitest'
import { orderTimeline } from './timeline-order.ts'

const at = (atMs: number, entry: string) => ({ atMs, entry })

test('entries are sorted by time, and at the same time each cause precedes its effects', () => {
  const ordered = orderTimeline({
    session: [at(1, 'created'), at(9, 'expired')],
    requests: [at(1, 'POST /pay')],
    attempts: [
      { paymentId: 'a', entries: [at(1, 'a began'), at(1, 'a charged'), at(1, 'a failed')] },
      { paymentId: 'b', entries: [at(1, 'b began'), at(1, 'b succeeded')] },
    ],
    refunds: [at(1, 'refund')],
    events: [
      { paymentId: 'a', entries: [at(1, 'a event'), at(7, 'a delivery')] },
      { paymentId: 'b', entries: [at(1, 'b event'), at(1, 'b delivery')] },
      { paymentId: undefined, entries: [at(1, 'refund event')] },
    ],
  })
  expect(ordered.map(({ entry }) => entry)).toEqual([
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
