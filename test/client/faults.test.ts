import { expect } from 'vitest'
import { createPaydeskClient } from '../../src/client/index.ts'
import type { Sandbox } from '../../src/testing/index.ts'
import { test } from '../../src/testing/vitest.ts'

/** The tenant's client, without waits between its attempts. */
function hurriedClient(tenant: Sandbox) {
  const { accessToken, accountId, baseUrl } = tenant
  return createPaydeskClient({
    accessToken,
    accountId,
    baseUrl,
    machine: { wait: () => Promise.resolve() },
  })
}

test.for(['lost_answer', 'reset'] as const)(
  'a session is created once although the connection fails twice by the fault %s',
  async (effect, { tenant }) => {
    const match = { route: 'POST /paymentsessions' }
    await tenant.faults.add({ target: 'route', match, effect: { [effect]: true }, count: 2 })
    const session = await hurriedClient(tenant).paymentSessions.create({
      amount: 1,
      currency: 'INR',
    })
    expect((await tenant.faults.list())[0]?.applied_count).toBe(2)
    const { payments_sessions: sessions } = await tenant.client.paymentSessions.list()
    expect(sessions.map((one) => one.payments_session_id)).toEqual([session.payments_session_id])
  },
)

test('a refund is created once although the first answer is lost and the second is a 503', async ({
  tenant,
}) => {
  const { payments } = await tenant.trigger.session({
    attempts: [{ method: 'upi', outcome: 'succeeded' }],
  })
  const id = payments[0]?.payment_id ?? ''
  const match = { route: 'POST /payments/*/refunds' }
  await tenant.faults.add({ target: 'route', match, effect: { lost_answer: true }, count: 1 })
  await tenant.faults.add({ target: 'route', match, effect: { status: 503 }, count: 1 })
  const refund = await hurriedClient(tenant).refunds.create(id, { amount: '10.00' })
  const { refunds } = await tenant.client.refunds.list(id)
  expect(refunds.map(({ refund_id }) => refund_id)).toEqual([refund.refund_id])
  const log = await tenant.requests({ kind: 'api', payment_id: id })
  expect(log.filter(({ method }) => method === 'POST').length).toBeGreaterThan(0)
})

test('the client lists, removes and clears faults', async ({ tenant }) => {
  const effect = { status: 500 }
  const { id } = await tenant.faults.add({ target: 'route', effect })
  await tenant.faults.add({ target: 'webhook', effect })
  await tenant.faults.remove(id)
  expect((await tenant.faults.list()).map(({ target }) => target)).toEqual(['webhook'])
  await tenant.faults.clear()
  expect(await tenant.faults.list()).toEqual([])
})
