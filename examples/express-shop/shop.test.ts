import { expect, test } from 'paydesk/testing/vitest'
import { openShop } from './shop.ts'

test('an order is shipped once, in whatever sequence its webhooks arrive', async ({ tenant }) => {
  const { client: paydesk, clock, faults, pay, signingKey } = tenant
  const shop = await openShop({ paydesk, signingKey, nowMs: clock.nowMs })
  const { id, sessionId } = await shop.placeOrder('1499.90')
  const failure = { method: 'card', outcome: 'failed' } as const

  await pay(sessionId, failure)
  await clock.advance('14m')
  await faults.add({ target: 'webhook', effect: { reorder: true } })
  await faults.add({ target: 'webhook', effect: { duplicate: true } })
  await pay(sessionId, failure, { method: 'upi', outcome: 'succeeded' })
  await tenant.settle()

  const events = shop.received.map(({ event_type: type }) => type.replace('payment.', ''))
  expect(events).toEqual(['failed', 'succeeded', 'succeeded', 'failed'])
  expect(shop.orders.get(id)).toMatchObject({ status: 'paid', shipmentCount: 1 })
  await shop.close()
})
