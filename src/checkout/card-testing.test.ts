import { beforeEach, expect, test } from 'vitest'
import { ACCOUNT_ID, startTestServer, type TestServer } from '../../test/support/server.ts'
import { BUSY_ACCOUNT_COUNT, UNKNOWN_COUNT_OF_ADDRESS_MAX } from '../domain/attempt-limit.ts'
import { SANDBOX_VALUES } from '../sandbox/well-known.ts'

const CUSTOMER = '198.51.100.1'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer('memory', { rateLimits: 'on', trustProxy: true })
  return () => server.close()
})

async function createSession(): Promise<{ readonly id: string; readonly key: string }> {
  const { body } = await server.call('POST', '/paymentsessions', { amount: 600, currency: 'INR' })
  const { access_key: key, payments_session_id: id } = body.payments_session
  return { id, key }
}

/** The sandbox declines 600.00 by UPI, unless the UPI ID decides otherwise. */
function pay(key: string, address: string, form: Record<string, string>): Promise<Response> {
  return fetch(`${server.baseUrl}/hostedcheckout/${key}/pay`, {
    method: 'POST',
    headers: { accept: 'application/json', 'x-forwarded-for': address },
    body: new URLSearchParams(form),
  })
}
const UPI = { method: 'upi', upi_channel: 'collect' }

test('640 empty forms from twelve addresses do not block a customer', async () => {
  const sessions = await Promise.all(Array.from({ length: 24 }, createSession))
  const statuses = new Map<number, number>()
  for (let index = 0; index < 640; index += 1) {
    const { key } = sessions[index % sessions.length] ?? { key: '' }
    const { status } = await pay(key, `203.0.113.${index % 12}`, {})
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  expect([...statuses.keys()].toSorted()).toEqual([422])
  const { id, key } = await createSession()
  expect((await pay(key, CUSTOMER, { ...UPI, upi_id: 'success@paydesk' })).status).toBe(200)
  const { body } = await server.call('GET', `/paymentsessions/${id}`)
  expect(body.payments_session.payments).toHaveLength(1)
})

test('many charges from a few addresses are limited by address, and a customer at another address can still pay', async () => {
  const count = BUSY_ACCOUNT_COUNT + 60
  const sessions: string[] = []
  for (let sessionIndex = 0; sessionIndex < count; sessionIndex += 1)
    sessions.push((await createSession()).key)
  const refusals: Response[] = []
  for (const [index, key] of sessions.entries()) {
    const answer = await pay(key, `203.0.113.${index % 12}`, { ...UPI, upi_id: 'failure@paydesk' })
    if (answer.status === 429) refusals.push(answer)
  }
  expect(refusals).toHaveLength(count - BUSY_ACCOUNT_COUNT)
  expect(refusals[0]?.headers.get('retry-after')).toBe('60')
  expect(await refusals[0]?.json()).toEqual({ notice: 'busy' })

  const { id, key } = await createSession()
  expect((await pay(key, CUSTOMER, { ...UPI, upi_id: 'success@paydesk' })).status).toBe(200)
  const { body } = await server.call('GET', `/paymentsessions/${id}`)
  expect(body.payments_session.payments).toHaveLength(1)
})

test('all addresses of an IPv6 network count as one', async () => {
  const { key } = await createSession()
  const statuses: number[] = []
  for (let index = 0; index < 31; index += 1) {
    const other = await createSession()
    statuses.push((await pay(other.key, `2001:db8:1:2::${index}`, {})).status)
    statuses.push((await pay(other.key, `2001:db8:1:2:${index}::`, {})).status)
  }
  expect(statuses.filter((status) => status === 429)).toHaveLength(2)
  expect((await pay(key, '2001:db8:1:3::1', {})).status).toBe(422)
})

test('a session accepts thirty forms a minute, independent of other sessions', async () => {
  const { key } = await createSession()
  const statuses: number[] = []
  for (let index = 0; index < 31; index += 1) {
    statuses.push((await pay(key, `203.0.113.${index}`, {})).status)
  }
  expect(statuses.filter((status) => status === 429)).toEqual([429])
  const other = await createSession()
  expect((await pay(other.key, '203.0.113.1', {})).status).toBe(422)
})

test('an address that guesses ids is blocked for a minute, and other addresses can still open sessions', async () => {
  const open = (field: string, id: string, address: string) =>
    fetch(`${server.baseUrl}/charge/${ACCOUNT_ID}/open`, {
      method: 'POST',
      headers: { 'x-forwarded-for': address },
      body: new URLSearchParams({
        [field]: id,
        api_key: SANDBOX_VALUES.apiKey,
        origin: 'https://shop.example',
      }),
    })
  const { id } = await createSession()
  const kinds = [
    ['payments_session_id', '203.0.113.9'],
    ['payment_method_session_id', '203.0.113.10'],
  ] as const
  for (const [field, address] of kinds) {
    for (let index = 0; index < UNKNOWN_COUNT_OF_ADDRESS_MAX; index += 1) {
      const unknownId = `${1_000_000_000_000_000 + index}`
      expect((await open(field, unknownId, address)).status).toBe(404)
    }
    const refusal = await open('payments_session_id', id, address)
    expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([429, '60'])
  }
  expect((await open('payments_session_id', id, CUSTOMER)).status).toBe(200)
})
