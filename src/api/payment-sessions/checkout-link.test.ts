import { expect, test } from 'vitest'
import { call, startTestServer } from '../../../test/support/server.ts'

const SESSION = { amount: 100.5, currency: 'INR' }
const linkOf = (headers: Headers) =>
  /^<([^>]+)>; rel="payment"$/.exec(headers.get('link') ?? '')?.[1] ?? 'no link'

test('the answer to a create contains the checkout page URL, even when a key repeats the answer', async () => {
  const server = await startTestServer('memory')
  const create = () =>
    server.call('POST', '/paymentsessions', SESSION, {
      'idempotency-key': 'order-1',
      origin: 'http://localhost:3000',
    })
  const first = await create()
  const address = linkOf(first.headers)
  const { access_key: accessKey } = first.body.payments_session
  expect(address).toBe(`${server.baseUrl}/hostedcheckout/${accessKey}`)
  expect((await fetch(address)).status).toBe(200)
  expect(first.headers.get('access-control-expose-headers')).toContain('link')
  const second = await create()
  expect(second.headers.get('idempotent-replayed')).toBe('true')
  expect(linkOf(second.headers)).toBe(address)

  const refusal = await server.call('POST', '/paymentsessions', { ...SESSION, amount: -1 })
  expect([refusal.status, refusal.headers.get('link')]).toEqual([400, null])
  await server.close()
})

test('the checkout page URL begins with the public URL, even behind a proxy', async () => {
  const server = await startTestServer('memory', { publicUrl: 'https://shop.example/pay' })
  const { body, headers } = await call(server.localUrl, 'POST', '/paymentsessions', SESSION)
  const { access_key: accessKey } = body.payments_session
  expect(linkOf(headers)).toBe(`https://shop.example/pay/hostedcheckout/${accessKey}`)
  await server.close()
})
