import { expect, test } from 'paydesk/testing/vitest'
import { vi } from 'vitest'
import { startPayment } from './actions.ts'
import { shippedOrderIds } from './orders.ts'
import { POST } from './route.ts'

test('the form creates one payment session, and the webhook route fulfills the order after the payment', async ({
  tenant,
}) => {
  vi.stubEnv('PAYDESK_API_URL', tenant.baseUrl)
  vi.stubEnv('PAYDESK_API_ACCOUNT', tenant.accountId)
  vi.stubEnv('PAYDESK_API_TOKEN', tenant.accessToken)
  const receiver = await tenant.receiver()
  vi.stubEnv('PAYDESK_WEBHOOK_KEY', receiver.signingKey)

  const form = new FormData()
  form.set('order_id', 'lamp-1')
  form.set('amount', '1499.90')
  const firstResult = await startPayment({}, form)
  expect(await startPayment({}, form)).toEqual(firstResult)
  const accessKey = firstResult.redirectTo?.split('/').at(-1) ?? ''

  await tenant.pay(accessKey, { method: 'upi', outcome: 'failed' })
  await receiver.next('payment.failed')
  await tenant.pay(accessKey, { method: 'upi', outcome: 'succeeded' })
  await receiver.next('payment.succeeded')
  for (const { body, headers } of receiver.requests) {
    const request = new Request('http://shop.example/webhooks', {
      method: 'POST',
      body,
      headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
    })
    expect((await POST(request)).status).toBe(204)
  }
  expect(shippedOrderIds).toEqual(new Set(['lamp-1']))

  const forgery = new Request('http://shop.example/webhooks', { method: 'POST', body: '{}' })
  expect((await POST(forgery)).status).toBe(400)
})

test('the form shows an error for an amount that Paydesk refuses', async ({ tenant }) => {
  vi.stubEnv('PAYDESK_API_URL', tenant.baseUrl)
  vi.stubEnv('PAYDESK_API_ACCOUNT', tenant.accountId)
  vi.stubEnv('PAYDESK_API_TOKEN', tenant.accessToken)
  const form = new FormData()
  form.set('order_id', 'lamp-2')
  form.set('amount', '10.001')
  const { problem, redirectTo } = await startPayment({}, form)
  expect(problem).toContain('amount')
  expect(redirectTo).toBeUndefined()
})
