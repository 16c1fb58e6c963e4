import { describe, expect, onTestFinished, vi } from 'vitest'
import { createPaydeskClient, PaydeskError } from '../../src/client/index.ts'
import { connectSandbox, startSandbox } from '../../src/testing/index.ts'
import { test } from '../../src/testing/vitest.ts'

const UPI = { method: 'upi', outcome: 'succeeded' } as const

describe('a tenant', () => {
  test('shares no data with another tenant, and its credentials are refused there', async ({
    sandbox,
    tenant,
  }) => {
    await using other = await sandbox.tenant()
    const session = await tenant.client.paymentSessions.create({ amount: 1, currency: 'INR' })
    const id = session.payments_session_id
    await expect(other.client.paymentSessions.retrieve(id)).rejects.toThrow(PaydeskError)
    const intruder = createPaydeskClient({
      baseUrl: other.baseUrl,
      accountId: other.accountId,
      accessToken: tenant.accessToken,
    })
    await expect(intruder.payments.list()).rejects.toMatchObject({ status: 401 })
  })

  test('has its own clock', async ({ sandbox, tenant }) => {
    await tenant.clock.freeze()
    const before = await sandbox.clock.nowMs()
    await expect(tenant.clock.advance('400d')).rejects.toMatchObject({ field: 'by' })
    const { time_ms: timeMs } = await tenant.clock.advance('2d')
    expect(timeMs).toBeGreaterThan(before + 47 * 3_600_000)
    expect(await sandbox.clock.nowMs()).toBeLessThan(before + 3_600_000)
    expect(await tenant.clock.read()).toMatchObject({ is_frozen: true })
    expect(await tenant.clock.run(60)).toMatchObject({ rate: 60 })
    const later = new Date(timeMs + 86_400_000)
    expect((await tenant.clock.set(later)).time_ms).toBeGreaterThanOrEqual(later.getTime())
  })

  test('can be restored to a snapshot, and a new tenant can start from one', async ({
    sandbox,
    tenant,
  }) => {
    const session = await tenant.client.paymentSessions.create({ amount: 1, currency: 'INR' })
    const name = `before-${session.payments_session_id}`
    expect((await tenant.snapshots.take(name)).byte_count).toBeGreaterThan(0)
    await tenant.pay(session, UPI)
    await using copy = await sandbox.tenant({ snapshot: name })
    await tenant.snapshots.restore(name)
    const id = session.payments_session_id
    expect((await tenant.client.paymentSessions.retrieve(id)).status).toBe('created')
    expect((await copy.client.paymentSessions.retrieve(id)).status).toBe('created')
    expect((await tenant.snapshots.list()).map((one) => one.name)).toContain(name)
    await tenant.snapshots.delete(name)
  })

  test('can be forked into an independent tenant, and can be reset to its start', async ({
    tenant,
  }) => {
    const session = await tenant.client.paymentSessions.create({ amount: 1, currency: 'INR' })
    const id = session.payments_session_id
    const fork = await tenant.fork()
    await fork.pay(id, UPI)
    expect((await tenant.client.paymentSessions.retrieve(id)).status).toBe('created')
    await tenant.reset()
    await expect(tenant.client.paymentSessions.retrieve(id)).rejects.toMatchObject({ status: 404 })
    expect((await fork.client.paymentSessions.retrieve(id)).status).toBe('succeeded')
  })

  test('is deleted by close, which may be called twice', async ({ sandbox }) => {
    const tenant = await sandbox.tenant()
    await tenant.close()
    await tenant.close()
    await expect(tenant.clock.read()).rejects.toMatchObject({ code: 'connection_failed' })
  })
})

describe('the helpers of a tenant', () => {
  test.for(['id', 'access key', 'object'] as const)(
    'pay a session by its %s',
    async (referenceKind, { tenant }) => {
      const session = await tenant.client.paymentSessions.create({ amount: 1, currency: 'INR' })
      const names = { id: session.payments_session_id, 'access key': session.access_key }
      const payment = await tenant.pay(
        referenceKind === 'object' ? session : names[referenceKind],
        UPI,
      )
      expect(payment.status).toBe('succeeded')
    },
  )

  test('report an unknown session by a clear error', async ({ tenant }) => {
    await expect(async () => tenant.pay('order-8841', UPI)).rejects.toThrow('order-8841')
    await expect(tenant.pay('123', UPI)).rejects.toMatchObject({ status: 404 })
  })

  test.for([
    [undefined, 'not undefined.'],
    [null, 'not null.'],
    [12, 'not 12.'],
    [{ id: '12' }, 'not an object without payments_session_id.'],
    [{ payments_session_id: '' }, 'not "".'],
  ] as const)('name the value %j in place of a session', async ([reference, text], { tenant }) => {
    // @ts-expect-error: programs without types pass such values.
    await expect(async () => tenant.pay(reference, UPI)).rejects.toThrow(text)
  })

  test('end a session as canceled or as expired', async ({ tenant }) => {
    const failure = {
      method: 'card',
      outcome: 'failed',
      decline_code: 'insufficient_funds',
    } as const
    const session = await tenant.trigger.session({
      session: { amount: '20.00' },
      attempts: [failure],
      ends_by: 'cancel',
    })
    expect(session).toMatchObject({ status: 'canceled', amount: '20.00' })
    expect(session.checkout_url).toContain(session.access_key)
    const payment = await tenant.client.payments.retrieve(session.payments[0]?.payment_id ?? '')
    expect(payment.failure_code).toBe('insufficient_funds')
    const open = await tenant.trigger.session()
    expect((await tenant.expire(open)).status).toBe('expired')
  })
})

describe('a receiver', () => {
  test('returns each event once, by its type or by its arrival, and the error for a missing event lists the received events', async ({
    tenant,
  }) => {
    const receiver = await tenant.receiver({ events: ['payment.succeeded', 'payment.failed'] })
    await tenant.trigger.session({ attempts: [{ method: 'card', outcome: 'failed' }, UPI] })
    const successEvent = await receiver.next('payment.succeeded')
    expect(successEvent.account_id).toBe(Number(tenant.accountId))
    expect((await receiver.next()).event_type).toBe('payment.failed')
    const none = receiver.next('payment.succeeded', { timeoutMs: 1 })
    await expect(none).rejects.toThrow('Received so far: payment.')
  })

  test('refuses to wait for a type that no event has, and proposes the right one', async ({
    tenant,
  }) => {
    const receiver = await tenant.receiver()
    // @ts-expect-error: programs without types can misspell it.
    await expect(receiver.next('payment.suceeded')).rejects.toThrow(
      'There is no event type payment.suceeded, did you mean payment.succeeded?',
    )
  })

  test('receives an event again after a failed delivery, and keeps duplicates', async ({
    tenant,
  }) => {
    const receiver = await tenant.receiver()
    receiver.failNext()
    await tenant.trigger.session({ attempts: [UPI] })
    await tenant.settle()
    expect(receiver.requests.map(({ status }) => status)).toEqual([500])
    expect(receiver.events).toEqual([])
    await tenant.clock.advance('90m')
    const { event_id: id } = await receiver.next('payment.succeeded')
    await tenant.client.events.resend(id)
    await receiver.next('payment.succeeded')
    expect(receiver.events.map(({ event_id }) => event_id)).toEqual([id, id])
  })

  test('refuses a request that is not signed with its signing key', async ({ tenant }) => {
    const receiver = await tenant.receiver()
    const answer = await fetch(receiver.url, { method: 'POST', body: '{}' })
    expect(answer.status).toBe(400)
    expect(receiver.requests[0]?.problem?.message).toMatch(/\w/)
    expect(receiver.events).toEqual([])
  })

  test('receives a triggered event with data from the test', async ({ tenant }) => {
    const receiver = await tenant.receiver({ events: ['payout.paid'] })
    await tenant.trigger.event({ event_type: 'payout.paid', data: { payout_id: '17' } })
    const event = await receiver.next('payout.paid')
    expect(event.event_object.payout?.payout_id).toBe('17')
  })

  test('of the US account receives only the events of that account', async ({ tenant }) => {
    const receiver = await tenant.receiver({ client: tenant.usClient })
    await tenant.trigger.session({ attempts: [UPI] })
    await tenant.trigger.session({
      account_id: tenant.usAccountId,
      attempts: [{ method: 'card', outcome: 'succeeded' }],
    })
    await receiver.next('payment.succeeded')
    expect(receiver.events.map(({ account_id }) => account_id)).toEqual([
      Number(tenant.usAccountId),
    ])
  })

  test('deletes its endpoint when it is closed', async ({ tenant }) => {
    const receiver = await tenant.receiver()
    await receiver.close()
    await receiver.close()
    expect(await tenant.client.webhooks.list()).toEqual([])
  })
})

describe('a sandbox', () => {
  test('ignores the environment, and accepts settings of the server', async () => {
    vi.stubEnv('PAYDESK_PORT', 'no port')
    onTestFinished(() => void vi.unstubAllEnvs())
    await using sandbox = await startSandbox({
      settings: { sandboxAccountId: '11112222', webhookRetries: '2x1m' },
    })
    expect(sandbox.accountId).toBe('11112222')
    const receiver = await sandbox.receiver()
    receiver.failNext(3)
    await sandbox.trigger.session({ attempts: [UPI] })
    await sandbox.clock.advance('10m')
    expect(receiver.requests.map(({ status }) => status)).toEqual([500, 500, 500])
  })

  test('names the wrong setting if it cannot start', async () => {
    await expect(startSandbox({ settings: { webhookRetries: 'often' } })).rejects.toThrow(
      '--webhook-retries must be waits',
    )
  })

  test('that is already running can be used, and keeps running after the test', async ({
    sandbox,
  }) => {
    const connection = await connectSandbox(`${sandbox.baseUrl}/`)
    const tenant = await connection.tenant()
    await tenant.trigger.session({ attempts: [UPI] })
    await connection.close()
    await expect(tenant.clock.read()).rejects.toThrow()
    expect((await sandbox.clock.read()).time_ms).toBeGreaterThan(0)
  })
})
