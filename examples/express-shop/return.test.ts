import { expect, test } from 'paydesk/testing/vitest'
import { openShop } from './shop.ts'

test('the shop redirects a customer to the checkout, and accepts only a signed return', async ({
  tenant,
}) => {
  const shop = await openShop({ paydesk: tenant.client, signingKey: tenant.signingKey })
  const answer = await fetch(`${shop.url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ amount: '250.00' }),
    redirect: 'manual',
  })
  expect(answer.status).toBe(303)
  const checkoutUrl = answer.headers.get('location') ?? ''
  const [order] = shop.orders.values()
  expect(checkoutUrl).toBe(order?.checkoutUrl)

  await tenant.pay(order?.sessionId ?? '', { method: 'netbanking', outcome: 'succeeded' })
  // The checkout page of a paid session has a link back to the shop.
  const page = await (await fetch(checkoutUrl)).text()
  const returnUrl = /"(http:\/\/127\.0\.0\.1:\d+\/thanks\?[^"]*)"/.exec(page)?.[1] ?? ''
  const signedUrl = returnUrl.replaceAll('&amp;', '&')
  expect(await (await fetch(signedUrl)).text()).toBe('Thank you')
  expect((await fetch(signedUrl.replace('250.00', '1.00'))).status).toBe(400)
  // Depending on its parser, Express would give the shop the first id, the last id, or a list of both.
  const other = await shop.placeOrder('99999.00')
  for (const name of ['payments_session_id', 'payments_session_id[]', 'payments.session_id']) {
    const forgedParameter = `${name}=${other.sessionId}`
    expect((await fetch(`${signedUrl}&${forgedParameter}`)).status).toBe(400)
    expect((await fetch(signedUrl.replace('?', `?${forgedParameter}&`))).status).toBe(400)
  }
  await shop.close()
})
