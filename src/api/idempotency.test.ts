import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { ENGINES, makePlace, settingsAt } from '../../test/support/engines.ts'
import { createMigratedDatabase } from '../../test/support/postgres-cluster.ts'
import {
  call,
  startTestServer,
  type TestServer,
  type WireAnswer,
} from '../../test/support/server.ts'
import type { PaymentSessionId } from '../domain/id.ts'
import { applyMove } from '../operations/apply-move.ts'
import { startServer } from '../server/start-server.ts'

const BODY = { amount: 100.5, currency: 'INR', reference_number: 'order-1' }
const DAY_MS = 24 * 60 * 60_000

const idsIn = (answers: readonly WireAnswer[]) =>
  new Set(answers.map(({ body }) => body.payments_session.payments_session_id))

async function expectOneSession(
  answers: readonly WireAnswer[],
  baseUrl: string,
  reference: string,
) {
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  const replays = answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')
  expect(replays).toHaveLength(answers.length - 1)
  const list = await call(baseUrl, 'GET', `/paymentsessions?reference_number=${reference}`)
  expect(list.body.page_context.total).toBe(1)
}

describe.each(ENGINES)('idempotency keys, on %s', (engine) => {
  let nowMs = Date.now()
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer(engine, {}, { clock: { nowMs: () => nowMs } })
  })
  afterAll(() => server.close())

  const create = (key: string, body: unknown = BODY) =>
    server.call('POST', '/paymentsessions', body, { 'idempotency-key': key })

  test('50 equal concurrent creates with one key make one session and get 50 equal answers', async () => {
    const body = { ...BODY, reference_number: 'at-once' }
    const answers = await Promise.all(Array.from({ length: 50 }, () => create('at-once', body)))
    await expectOneSession(answers, server.baseUrl, 'at-once')
  })

  test('concurrent creates make one session for each key, and one for each request without a key', async () => {
    const creations = Array.from({ length: 40 }, (_, index) => create(`mixed-${index % 10}`))
    const keyless = Array.from({ length: 40 }, () => server.call('POST', '/paymentsessions', BODY))
    expect(idsIn(await Promise.all(creations)).size).toBe(10)
    expect(idsIn(await Promise.all(keyless)).size).toBe(40)
  })

  test('a repeated request gets the first answer, with the header idempotent-replayed', async () => {
    const first = await create('again')
    const second = await create('again')
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect([second.status, second.text]).toEqual([201, first.text])
  })

  test('a used key with another body gets 409', async () => {
    await create('other-body')
    const answer = await create('other-body', { ...BODY, amount: 1 })
    expect([answer.status, answer.body.code]).toEqual([409, 'idempotency_conflict'])
  })

  test('a refused body leaves its key unused', async () => {
    expect((await create('refused', { ...BODY, amount: -1 })).status).toBe(400)
    expect((await create('refused')).status).toBe(201)
  })

  test('a key expires after 24 hours, and not before', async () => {
    const first = await create('day')
    nowMs += DAY_MS - 1_000
    expect((await create('day')).text).toBe(first.text)
    nowMs += 2_000
    const later = await create('day')
    expect(later.headers.get('idempotent-replayed')).toBeNull()
    expect(later.text).not.toBe(first.text)
    expect((await create('day')).text).toBe(later.text)
  })

  test('equal keys of two accounts are independent', async () => {
    const ownAnswer = await create('shared')
    const otherAnswer = await server.call(
      'POST',
      '/paymentsessions?account_id=23137600',
      { ...BODY, currency: 'USD' },
      { 'idempotency-key': 'shared' },
    )
    expect(otherAnswer.status).toBe(201)
    expect(otherAnswer.text).not.toBe(ownAnswer.text)
  })

  test.each([
    ['', 'empty'],
    ['x'.repeat(256), '256 characters'],
    ['ключ', 'not ASCII'],
  ])('a key that is %j is refused (%s)', async (key) => {
    const answer = await fetch(`${server.baseUrl}/api/v1/paymentsessions?account_id=23137556`, {
      method: 'POST',
      headers: {
        authorization: `Zoho-oauthtoken ${(await import('../../test/support/server.ts')).TOKEN}`,
        'idempotency-key': Buffer.from(key).toString('latin1'),
      },
      body: JSON.stringify(BODY),
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      code: 'invalid_parameter',
      field: 'Idempotency-Key',
    })
  })

  test('a cancel that is repeated with its key gets the first answer, and one without a key is refused', async () => {
    const id = (await create('to-cancel')).body.payments_session.payments_session_id
    const cancel = (headers = {}) =>
      server.call('POST', `/paymentsessions/${id}/cancel`, undefined, headers)
    const first = await cancel({ 'idempotency-key': 'c' })
    expect(first.body.payments_session.status).toBe('canceled')
    const again = await Promise.all([1, 2, 3].map(() => cancel({ 'idempotency-key': 'c' })))
    expect(again.map(({ status, text }) => [status, text])).toEqual(
      again.map(() => [200, first.text]),
    )
    const keyless = await cancel()
    expect([keyless.status, keyless.body.code]).toEqual([400, 'invalid_payment_session'])
  })

  test('a repeated key gets the first refusal, even after the operation has become possible', async () => {
    const id = (await create('in-progress')).body.payments_session
      .payments_session_id as PaymentSessionId
    const attemptId = server.tenant.ids.paymentAttempt(id)
    await applyMove(server.tenant, id, {
      type: 'start_attempt',
      attemptId,
      instrument: { type: 'netbanking', bankName: 'Test Bank' },
      attemptLifeMs: 600_000,
    })
    const cancel = (key: string) =>
      server.call('POST', `/paymentsessions/${id}/cancel`, undefined, { 'idempotency-key': key })
    const refusal = await cancel('early')
    expect([refusal.status, refusal.body.code]).toEqual([400, 'invalid_payment_session'])
    expect(refusal.body.message).toContain('a payment is already in progress')
    await applyMove(server.tenant, id, {
      type: 'record_decline',
      attemptId,
      declineCode: 'card_declined',
    })
    expect((await cancel('early')).text).toBe(refusal.text)
    expect((await cancel('late')).body.payments_session.status).toBe('canceled')
  })
})

test('two server processes on one PostgreSQL database make one session for one key', async () => {
  const databaseUrl = await createMigratedDatabase(inject('postgresUrl'))
  const place = { flags: { databaseUrl }, remove: () => {} }
  const { spawnServer } = await import('../../test/support/server.ts')
  const servers = await Promise.all(
    [1, 2].map(() => spawnServer(['--database-url', String(place.flags.databaseUrl)])),
  )
  try {
    for (let round = 0; round < 5; round += 1) {
      const body = { ...BODY, reference_number: `round-${round}` }
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          call(servers[index % 2]?.baseUrl ?? '', 'POST', '/paymentsessions', body, {
            'idempotency-key': `round-${round}`,
          }),
        ),
      )
      await expectOneSession(answers, servers[0]?.baseUrl ?? '', `round-${round}`)
    }
  } finally {
    for (const { process } of servers) process.kill('SIGTERM')
  }
})

test('a key whose first request is still running gets 409 with Retry-After', async () => {
  const place = await makePlace('postgres')
  const service = await startServer(settingsAt(place))
  const { default: pg } = await import('pg')
  const blocker = new pg.Client({ connectionString: String(place.flags.databaseUrl) })
  await blocker.connect()
  try {
    const send = () =>
      call(service.baseUrl, 'POST', '/paymentsessions', BODY, { 'idempotency-key': 'slow' })
    const first = await send()
    expect(first.status).toBe(201)
    // The key's row is inserted but not committed, as if the first request were running on a stalled server.
    const [row] = (await blocker.query('delete from idempotency_keys returning *')).rows
    await blocker.query('begin')
    await blocker.query(
      `insert into idempotency_keys (${Object.keys(row)}) values ($1, $2, $3, $4, $5, $6, $7)`,
      Object.values(row),
    )
    const answer = await send()
    expect([answer.status, answer.body.code]).toEqual([409, 'idempotency_conflict'])
    expect(answer.headers.get('retry-after')).toBe('1')
    await blocker.query('commit')
    expect((await send()).text).toBe(first.text)
  } finally {
    await blocker.end()
    await service.close()
  }
})
