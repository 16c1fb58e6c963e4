/** A sandbox in the process of a test continues while the test runner fakes time. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'paydesk/testing/vitest'
import { afterEach, expect, vi } from 'vitest'

const run = promisify(execFile)
const TESTING = new URL('../../src/testing/index.ts', import.meta.url).href

afterEach(() => {
  vi.useRealTimers()
})

test('Vitest’s fake timers stop neither the fixtures nor the sandbox', async ({ sandbox }) => {
  vi.useFakeTimers()
  await using tenant = await sandbox.tenant()
  await using receiver = await tenant.receiver()
  const session = await tenant.client.paymentSessions.create({ amount: '1499.90', currency: 'INR' })
  const { status } = await tenant.pay(session, { method: 'upi', outcome: 'succeeded' })
  expect(status).toBe('succeeded')
  await tenant.settle()
  expect((await receiver.next('payment.succeeded')).event_object.payment?.amount).toBe('1499.90')
  // An unpaid session expires by the sandbox's clock, not by the fake one.
  vi.advanceTimersByTime(3_600_000)
  const other = await tenant.client.paymentSessions.create({ amount: 1, currency: 'INR' })
  await tenant.clock.advance('16m')
  const { payments_session_id: id } = other
  expect((await tenant.client.paymentSessions.retrieve(id)).status).toBe('expired')
})

test('a sandbox starts, works and ends under Vitest’s fake timers', async () => {
  vi.useFakeTimers()
  const { startSandbox } = await import('paydesk/testing')
  const own = await startSandbox()
  const session = await own.client.paymentSessions.create({ amount: 1, currency: 'INR' })
  const { status } = await own.pay(session, { method: 'upi', outcome: 'succeeded' })
  expect(status).toBe('succeeded')
  await own.close()
})

const NODE_TEST = `
import assert from 'node:assert'
import { test } from 'node:test'
import { startSandbox } from '${TESTING}'

test('a payment succeeds under the mocked timers of node:test', async (t) => {
  t.mock.timers.enable()
  const sandbox = await startSandbox()
  const tenant = await sandbox.tenant()
  const receiver = await tenant.receiver()
  const session = await tenant.client.paymentSessions.create({ amount: 1, currency: 'INR' })
  const { status } = await tenant.pay(session, { method: 'upi', outcome: 'succeeded' })
  assert.equal(status, 'succeeded')
  await tenant.settle()
  await receiver.next('payment.succeeded')
  await tenant.close()
  await sandbox.close()
})
`

test('the mocked timers of node:test stop neither the start nor the sandbox', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-node-test-'))
  try {
    const file = join(folder, 'payment.test.mjs')
    writeFileSync(file, NODE_TEST)
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { stdout } = await run(process.execPath, ['--test', file], { env, timeout: 50_000 })
    expect(stdout).toMatch(/pass 1\n/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
