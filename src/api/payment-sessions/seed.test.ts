import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENGINES } from '../../../test/support/engines.ts'
import { startTestServer, type TestServer } from '../../../test/support/server.ts'
import type { PaymentSessionId } from '../../domain/id.ts'
import { applyMove } from '../../operations/apply-move.ts'

const ATTEMPT = {
  instrument: { type: 'netbanking', bankName: 'Test Bank' },
  attemptLifeMs: 600_000,
} as const

/** Returns the sample of the reference on one line, with keys and values in the same order. */
function golden(name: string): string {
  return JSON.stringify(
    JSON.parse(readFileSync(new URL(`../../../test/golden/${name}.json`, import.meta.url), 'utf8')),
  )
}

/** Replaces the values that differ in each session with the sample's values. */
function withSampleValues(text: string): string {
  return text
    .replace(/"payments_session_id":"\d{1,16}"/, '"payments_session_id":"2000000012001"')
    .replace(/"payment_id":"\d{1,16}"/, '"payment_id":"173000002314883"')
    .replaceAll(/"created_time":\d{10}/g, '"created_time":1708950672')
    .replace(/"expiry_time":\d{10}/, '"expiry_time":1708951572')
    .replace(/"access_key":"[\w-]{60}"/, '"access_key":"ZWFybmVzdGVuY3J5cHRlZHRva2Vu"')
}

describe.each(ENGINES)('the reference’s samples, on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer(engine)
  })
  afterAll(() => server.close())

  test('the unchanged create sample gets the sample answer', async () => {
    const answer = await server.call('POST', '/paymentsessions', golden('create-request'))
    expect(answer.status).toBe(201)
    expect(withSampleValues(answer.text)).toBe(golden('create-response'))
    const { created_time: createdTime, expiry_time: expiry } = answer.body.payments_session
    expect(expiry - createdTime).toBe(900)
  })

  test('a session paid at the first attempt has the shape of the retrieve sample', async () => {
    const creation = await server.call('POST', '/paymentsessions', golden('create-request'))
    const id = creation.body.payments_session.payments_session_id as PaymentSessionId
    const attemptId = server.tenant.ids.paymentAttempt(id)
    await applyMove(server.tenant, id, { type: 'start_attempt', attemptId, ...ATTEMPT })
    await applyMove(server.tenant, id, {
      type: 'record_approval',
      attemptId,
      processorReference: 'p',
    })

    const answer = await server.call('GET', `/paymentsessions/${id}`)
    expect(answer.status).toBe(200)
    expect(withSampleValues(answer.text)).toBe(golden('retrieve-response'))
    expect(answer.body.payments_session.payments_session_id).toBe(id)
    expect(answer.body.payments_session.payments[0].payment_id).toBe(attemptId)
  })

  test('a session with a failed and a later successful attempt lists the success first', async () => {
    const creation = await server.call('POST', '/paymentsessions', golden('create-request'))
    const id = creation.body.payments_session.payments_session_id as PaymentSessionId
    const first = server.tenant.ids.paymentAttempt(id)
    await applyMove(server.tenant, id, { type: 'start_attempt', attemptId: first, ...ATTEMPT })
    await applyMove(server.tenant, id, {
      type: 'record_decline',
      attemptId: first,
      declineCode: 'insufficient_funds',
    })
    const second = server.tenant.ids.paymentAttempt(id)
    await applyMove(server.tenant, id, { type: 'start_attempt', attemptId: second, ...ATTEMPT })
    await applyMove(server.tenant, id, {
      type: 'record_approval',
      attemptId: second,
      processorReference: 'p',
    })

    const { payments_session: session } = (await server.call('GET', `/paymentsessions/${id}`)).body
    expect(session.status).toBe('succeeded')
    expect(
      session.payments.map((payment: { payment_id: string; status: string }) => payment),
    ).toMatchObject([
      { payment_id: second, status: 'succeeded' },
      { payment_id: first, status: 'failed' },
    ])
  })

  test('a new session is `created`, without payments and access key', async () => {
    const creation = await server.call('POST', '/paymentsessions', { amount: 1, currency: 'INR' })
    const { payments_session: session } = creation.body
    expect(Object.keys(session)).toEqual([
      'payments_session_id',
      'currency',
      'amount',
      'created_time',
      'expiry_time',
      'access_key',
    ])
    const answer = await server.call('GET', `/paymentsessions/${session.payments_session_id}`)
    expect(answer.body).toEqual({
      code: 0,
      message: 'success',
      payments_session: {
        payments_session_id: session.payments_session_id,
        currency: 'INR',
        amount: '1.00',
        status: 'created',
        created_time: session.created_time,
        expiry_time: session.expiry_time,
        payments: [],
      },
    })
  })

  test('an object of another account and a missing object get the same answer', async () => {
    const creation = await server.call('POST', '/paymentsessions', { amount: 1, currency: 'INR' })
    const id = creation.body.payments_session.payments_session_id
    const foreign = await server.call('GET', `/paymentsessions/${id}?account_id=23137600`)
    const missing = await server.call('GET', '/paymentsessions/1?account_id=23137600')
    expect(foreign.status).toBe(404)
    expect(foreign.body.code).toBe('resource_does_not_exist')
    expect([foreign.status, foreign.text]).toEqual([missing.status, missing.text])
  })
})
