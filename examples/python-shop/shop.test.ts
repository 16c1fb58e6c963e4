import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'paydesk/testing/vitest'

const SHOP = fileURLToPath(new URL('shop.py', import.meta.url))

test('the shop in Python receives a payment and its webhooks, and accepts only a signed return', async ({
  onTestFinished,
  tenant,
}) => {
  const shop = spawn('python3', [SHOP], {
    env: {
      ...process.env,
      PAYDESK_API_URL: tenant.baseUrl,
      PAYDESK_API_ACCOUNT: tenant.accountId,
      PAYDESK_API_TOKEN: tenant.accessToken,
      PAYDESK_SIGNING_KEY: tenant.signingKey,
      SHOP_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    shop.kill('SIGKILL')
  })
  const [url] = (await once(createInterface({ input: shop.stdout }), 'line')) as [string]

  const answer = await fetch(`${url}/orders`, { method: 'POST', body: '{"amount": "1499.90"}' })
  expect(answer.status).toBe(201)
  const order = (await answer.json()) as Record<'id' | 'session_id' | 'checkout_url', string>
  const failure = { method: 'card', outcome: 'failed' } as const
  await tenant.pay(order.session_id, failure, { method: 'upi', outcome: 'succeeded' })
  await tenant.settle()
  const paidOrder = await (await fetch(`${url}/orders/${order.id}`)).json()
  expect(paidOrder).toMatchObject({ status: 'paid', shipments: 1 })

  const page = await (await fetch(order.checkout_url)).text()
  const wayBack = /"(http:\/\/127\.0\.0\.1:\d+\/thanks\?[^"]*)"/.exec(page)?.[1] ?? ''
  const signedUrl = wayBack.replaceAll('&amp;', '&')
  expect(await (await fetch(signedUrl)).text()).toBe('Thank you')
  expect((await fetch(signedUrl.replace('1499.90', '1.00'))).status).toBe(400)
  for (const forgedParameter of ['payments_session_id=1', 'amount=99999.00', 'signature=0']) {
    expect((await fetch(`${signedUrl}&${forgedParameter}`)).status).toBe(400)
    expect((await fetch(signedUrl.replace('?', `?${forgedParameter}&`))).status).toBe(400)
  }
  expect((await fetch(`${url}/webhooks`, { method: 'POST', body: '{}' })).status).toBe(400)
})
