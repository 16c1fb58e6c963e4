import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../test/support/server.ts'
import type { Backlog } from './overload.ts'

let behindMs = 0
const backlog: Backlog = {
  behindMs: () => behindMs,
  isStanding: () => behindMs > 0,
  track: (commit) => commit,
  stop: () => {},
}
const CREATE = { amount: 100, currency: 'INR' }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory', {}, { backlog })
})
afterAll(() => server.close())

test('an overloaded server refuses new sessions and API calls immediately, and a customer can still pay', async () => {
  behindMs = 0
  const creation = await server.call('POST', '/paymentsessions', CREATE)
  expect(creation.status).toBe(201)
  const { access_key: key, payments_session_id: id } = creation.body.payments_session

  behindMs = 60_000
  for (const [method, path, body] of [
    ['POST', '/paymentsessions', CREATE],
    ['GET', `/paymentsessions/${id}`, undefined],
  ] as const) {
    const refusal = await server.call(method, path, body)
    expect([path, refusal.status]).toEqual([path, 503])
    expect(refusal.headers.get('retry-after')).toMatch(/^[123]$/)
    expect(refusal.headers.get('x-request-id')).not.toBeNull()
    expect(refusal.body).toEqual({ code: 'error', message: expect.stringMatching(/not started/) })
  }

  const page = `${server.baseUrl}/hostedcheckout/${key}`
  expect((await fetch(page)).status).toBe(200)
  const payAnswer = await fetch(`${page}/pay`, {
    method: 'POST',
    body: new URLSearchParams({
      method: 'upi',
      upi_channel: 'id',
      upi_id: 'success@paydesk',
      number: '1',
    }),
    headers: { accept: 'application/json' },
  })
  expect(payAnswer.status).toBe(200)
  expect((await fetch(`${page}/return`, { redirect: 'manual' })).status).toBe(303)

  behindMs = 0
  const { body } = await server.call('GET', `/paymentsessions/${id}`)
  expect(body.payments_session.payments).toHaveLength(1)
})
