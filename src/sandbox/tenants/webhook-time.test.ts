import { afterEach, expect, test } from 'vitest'
import { type Receiver, startReceiver } from '../../../test/support/receiver.ts'
import { startTestServer, type TestServer } from '../../../test/support/server.ts'
import { systemClock } from '../../server/clock.ts'

const TWO_DAYS_MS = 172_800_000
const MINUTE_MS = 60_000

let server: TestServer | undefined
let receiver: Receiver | undefined
afterEach(async () => {
  await server?.close()
  await receiver?.close()
})

/**
 * Registers an endpoint while the sandbox's clock is two days ahead of the machine's clock. Returns for each request
 * the milliseconds by which the time `t` in its signature is ahead of the machine's clock.
 */
async function signedAhead(webhookTime?: string): Promise<readonly number[]> {
  server = await startTestServer('memory', webhookTime === undefined ? {} : { webhookTime }, {
    clock: systemClock,
  })
  receiver = await startReceiver()
  const control = (path: string, body: object) =>
    fetch(`${server?.baseUrl}/_sandbox${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  await control('/clock/advance', { by: '2d' })
  const creation = await server.call('POST', '/webhooks', {
    name: 'Shop',
    url: `${receiver.url}/hook`,
    enabled_events: ['payment.succeeded'],
  })
  expect(creation.status).toBe(201)
  const eventAnswer = await control('/events', { event_type: 'payment.succeeded' })
  expect(eventAnswer.ok).toBe(true)
  const requests = await receiver.waitFor(2)
  return requests.map(({ headers }) => {
    const [, t = ''] = /^t=(\d+),/.exec(String(headers['x-zoho-webhook-signature'])) ?? []
    return Number(t) - Date.now()
  })
}

test('webhooks and the test request of an endpoint are signed with the sandbox’s time', async () => {
  for (const aheadMs of await signedAhead()) {
    expect(Math.abs(aheadMs - TWO_DAYS_MS)).toBeLessThan(MINUTE_MS)
  }
})

test('with --webhook-time real webhooks are signed with the machine’s time, not with the sandbox’s', async () => {
  for (const aheadMs of await signedAhead('real')) {
    expect(Math.abs(aheadMs)).toBeLessThan(MINUTE_MS)
  }
})

test.each([undefined, 'real'])(
  'the console finds the request of a delivery with valid signatures, with --webhook-time %s',
  async (webhookTime) => {
    await signedAhead(webhookTime)
    const eventId = receiver?.received[1]?.headers['webhook-id']
    const endpointId = (await server?.call('GET', '/webhooks'))?.body.webhooks[0].webhook_url_id
    const url = `${server?.baseUrl}/_sandbox/webhooks/${endpointId}/deliveries/${eventId}`
    await expect
      .poll(async () => (await fetch(url)).json())
      .toMatchObject({
        delivery: {
          posts: [{ is_logged: true, signatures: [{ agrees: true }, { agrees: true }] }],
        },
      })
  },
)
