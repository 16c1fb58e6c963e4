/** The tests that the console generates from sessions run unchanged. */
import { expect } from 'vitest'
import { createControl } from '../../src/client/control.ts'
import { testCode } from '../../src/sandbox/console/browser/test-code.ts'
import type { Sandbox } from '../../src/testing/index.ts'
import { test } from '../../src/testing/vitest.ts'
import { runCopiedTest } from '../support/copied-test.ts'
import { visit } from '../support/customer.ts'

/** The test that the console generates from a session. */
async function copyTest(tenant: Sandbox, id: string): Promise<string> {
  const { requests, sessions } = createControl({ baseUrl: tenant.baseUrl })
  const calls = await requests.list({ payments_session_id: id, kind: 'api', status: '2xx' })
  return testCode('Vitest', {
    story: await sessions.story(id),
    createBody: calls.find(({ path }) => /\/paymentsessions(?:\?|$)/.test(path))?.request.body,
    usAccountId: tenant.usAccountId,
    connectedAccountIds: tenant.connectedAccountIds,
  })
}

test('the copied test of a declined, paid and refunded session repeats it', async ({
  sandbox,
  tenant,
}) => {
  const session = await tenant.client.paymentSessions.create({
    amount: 1499.9,
    currency: 'INR',
    description: 'Order 8841, "two" books',
    reference_number: 'ord_8841',
  })
  for (const upiId of ['failure@paydesk', 'success@paydesk']) {
    const form = { method: 'upi', upi_channel: 'collect', upi_id: upiId }
    await visit(tenant.baseUrl, `/hostedcheckout/${session.access_key}/pay`, form, true)
    await tenant.clock.advance('1m')
  }
  const { payments } = await tenant.client.payments.list()
  await tenant.client.refunds.create(payments[0]?.payment_id ?? '', { amount: '40.00' })
  await tenant.clock.advance('1m')
  const code = await copyTest(tenant, session.payments_session_id)
  expect(code).toContain("import { expect, test } from 'paydesk/testing/vitest'")
  expect(code).toContain("reference_number: 'ord_8841'")
  for (const line of ["next('payment.succeeded')", "toBe('succeeded')", "next('refund.succeeded')"])
    expect(code).toContain(line)

  const other = await sandbox.tenant()
  await runCopiedTest(code, other)
  const otherPage = await other.client.payments.list()
  expect(otherPage.payments.map(({ amount, status }) => [amount, status])).toEqual([
    ['1499.90', 'partially_refunded'],
    ['1499.90', 'failed'],
  ])
  await expect(
    runCopiedTest(code.replace("toBe('succeeded')", "toBe('failed')"), other),
  ).rejects.toThrow('expected')
  await other.close()
})

test('the copied tests of waiting, expired and canceled sessions repeat them', async ({
  sandbox,
  tenant,
}) => {
  const { client } = tenant
  const createSession = async () =>
    (await client.paymentSessions.create({ amount: '20', currency: 'INR' })).payments_session_id
  const [waiting, expiredId, canceledId] = [
    await createSession(),
    await createSession(),
    await createSession(),
  ]
  await tenant.pay(waiting, { method: 'upi', outcome: 'pending' })
  await tenant.expire(expiredId)
  await client.paymentSessions.cancel(canceledId)
  const other = await sandbox.tenant()
  for (const id of [waiting, expiredId, canceledId])
    await runCopiedTest(await copyTest(tenant, id), other)
  const { payments_sessions: sessions } = await other.client.paymentSessions.list()
  expect(sessions.map(({ status }) => status)).toEqual(['canceled', 'expired', 'in_progress'])
  await other.close()
})

test('the copied test of a bank debit that was pending repeats the wait and the bank’s decision', async ({
  sandbox,
  tenant,
}) => {
  const { usClient } = tenant
  const session = await usClient.paymentSessions.create({ amount: '75.00', currency: 'USD' })
  const id = session.payments_session_id
  await tenant.pay(
    session,
    { method: 'card', outcome: 'failed', decline_code: 'do_not_honour' },
    { method: 'ach_debit', outcome: 'pending' },
  )
  await tenant.decide(session, { outcome: 'failed', decline_code: 'insufficient_funds' })
  await tenant.pay(session, { method: 'ach_debit', outcome: 'pending' })
  await tenant.decide(session, { outcome: 'succeeded' })
  const code = await copyTest(tenant, id)
  expect(code.match(/tenant\.\w+\(|outcome: '\w+'|next\('[\w.]+'\)/g)).toEqual([
    'tenant.receiver(',
    'tenant.pay(',
    "outcome: 'failed'",
    "outcome: 'pending'",
    'tenant.decide(',
    "outcome: 'failed'",
    'tenant.pay(',
    "outcome: 'pending'",
    'tenant.decide(',
    "outcome: 'succeeded'",
    "next('payment.failed')",
    "next('payment.pending')",
    "next('payment.failed')",
    "next('payment.pending')",
    "next('payment.succeeded')",
  ])
  const other = await sandbox.tenant()
  await runCopiedTest(code, other)
  const { payments } = await other.usClient.payments.list()
  expect(payments.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'failed'])
  await other.close()
})
