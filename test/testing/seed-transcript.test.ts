import { expect, test } from 'vitest'
import { createSandboxClock } from '../../src/sandbox/tenants/sandbox-clock.ts'
import { type Sandbox, startSandbox } from '../../src/testing/index.ts'

/** Hosts with ports, which differ between runs. */
const PORTS = /127\.0\.0\.1:\d+/g

/**
 * Plays the day of a shop in a sandbox. Returns everything on the wire, in order: requests and answers with their
 * headers, then the webhooks with their signatures.
 */
async function transcriptOf(sandbox: Sandbox, lines: string[]): Promise<string> {
  const { client } = sandbox
  const receiver = await sandbox.receiver()
  const first = await client.paymentSessions.create({
    amount: '1499.90',
    currency: 'INR',
    reference_number: 'order-1',
    transfer_details: [{ connected_account_id: 23137557, amount: 200 }],
  })
  await sandbox.pay(first, { method: 'card', outcome: 'failed' })
  await sandbox.clock.advance('14m')
  const firstPayment = await sandbox.pay(first, { method: 'upi', outcome: 'succeeded' })
  const payment = firstPayment.payments[0]?.payment_id ?? ''
  await client.refunds.create(payment, { amount: '99.90' })
  receiver.failNext(2)
  await sandbox.clock.advance('3h')
  await client.webhooks.rotateKey(receiver.webhook.webhook_url_id)
  const second = await client.paymentSessions.create({ amount: 1, currency: 'INR' })
  await client.paymentSessions.cancel(second.payments_session_id)
  await sandbox.clock.advance('1h')
  for await (const { event_id } of client.events.listAll()) await client.events.retrieve(event_id)
  await client.payments.retrieve(payment)
  await client.refunds.list(payment)
  await client.payments.retrieve('1').catch(() => {})
  for (const { body, headers, status } of receiver.requests) {
    lines.push(`webhook ${status} ${JSON.stringify(headers)} ${body}`)
  }
  return lines.join('\n').replaceAll(PORTS, 'HOST')
}

/** Makes a `fetch` that records requests and answers. It omits `X-Request-Id` and `Date`, which differ between runs. */
function recorder(lines: string[]): typeof fetch {
  return async (input, init) => {
    const answer = await fetch(input, init)
    const headers = [...answer.headers].filter(([name]) => !['date', 'x-request-id'].includes(name))
    lines.push(
      `${init?.method} ${input} ${JSON.stringify(init?.headers)} ${init?.body ?? ''}`,
      `${answer.status} ${JSON.stringify(headers)} ${await answer.clone().text()}`,
    )
    return answer
  }
}

async function startTranscript(seed: string): Promise<string> {
  const lines: string[] = []
  await using sandbox = await startSandbox({ seed, fetch: recorder(lines) })
  return await transcriptOf(sandbox, lines)
}

async function describeTenant(seed: string): Promise<string> {
  const lines: string[] = []
  await using sandbox = await startSandbox({ fetch: recorder(lines) })
  await using tenant = await sandbox.tenant({ seed })
  // Another tenant does not affect the transcript.
  await using other = await sandbox.tenant()
  await other.trigger.session({ attempts: [{ method: 'upi', outcome: 'succeeded' }] })
  return await transcriptOf(tenant, lines)
}

test('two runs with one seed have the same requests, answers, webhooks and signatures, byte for byte', async () => {
  const transcript = await startTranscript('one')
  expect(transcript).toContain('x-zoho-webhook-signature')
  expect(transcript.length).toBeGreaterThan(10_000)
  expect(await startTranscript('one')).toBe(transcript)
  expect(await startTranscript('another')).not.toBe(transcript)
})

test('two tenants with one seed have the same transcript, independent of other work in their sandboxes', async () => {
  expect(await describeTenant('one')).toBe(await describeTenant('one'))
})

test('the clock of a seeded sandbox stands at its first millisecond, even on a slow machine', async () => {
  // A machine's clock that advances at each reading.
  let nowMs = 0
  const machine = {
    nowMs: () => {
      nowMs += 7
      return nowMs
    },
  }
  const clock = createSandboxClock(machine, 1_000, 0)
  expect([clock.nowMs(), clock.nowMs(), clock.state()]).toEqual([
    1_000,
    1_000,
    { nowMs: 1_000, rate: 0 },
  ])
  clock.moveTo(5_000)
  expect(clock.nowMs()).toBe(5_000)
})
