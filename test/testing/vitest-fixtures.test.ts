import { expect } from 'vitest'
import type { Sandbox } from '../../src/testing/index.ts'
import { test } from '../../src/testing/vitest.ts'

const runs: { readonly sandbox: Sandbox; readonly tenant: Sandbox }[] = []

test.for([1, 2])('test %i has its own tenant in the shared sandbox', (_, { sandbox, tenant }) => {
  runs.push({ sandbox, tenant })
  expect(tenant.name).not.toBe('main')
})

test('the tenant of a test is deleted after the test, and the sandbox keeps running', async ({
  sandbox,
}) => {
  const [first, second] = runs
  expect(first?.sandbox).toBe(sandbox)
  expect(second?.sandbox).toBe(sandbox)
  expect(first?.tenant.name).not.toBe(second?.tenant.name)
  await expect(first?.tenant.clock.read()).rejects.toThrow()
  await expect(second?.tenant.clock.read()).rejects.toThrow()
  expect((await sandbox.clock.read()).time_ms).toBeGreaterThan(0)
})

const seededTest = test.extend({ sandboxOptions: [{ seed: 'shop' }, { scope: 'worker' }] })
const sessions: string[] = []

seededTest.for([1, 2])('with a seed each test has the same ids: test %i', async (_, { tenant }) => {
  const session = await tenant.client.paymentSessions.create({ amount: 1, currency: 'INR' })
  expect(await tenant.clock.read()).toMatchObject({ time: '2026-01-01T00:00:00.000Z' })
  sessions.push(session.payments_session_id)
  expect(new Set(sessions).size).toBe(1)
})
