/**
 * A stranger with a session's id and the account's public API key cannot use up the session's
 * attempts.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT_ID, startTestServer, type TestServer } from '../../test/support/server.ts'
import { SANDBOX_VALUES } from '../sandbox/well-known.ts'

const CUSTOMER = '11-22-33-4294967295'
const STRANGER = '11-22-33-44'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory')
})
afterAll(() => server.close())

async function createSession(): Promise<string> {
  const { body } = await server.call('POST', '/paymentsessions', {
    amount: 600,
    currency: 'INR',
    max_retry_count: 2,
  })
  return body.payments_session.payments_session_id
}

/** Opens a session in the widget as the frame's page does. Returns the path of the checkout page. */
async function open(id: string, browser: string): Promise<string> {
  const answer = await fetch(`${server.baseUrl}/charge/${ACCOUNT_ID}/open`, {
    method: 'POST',
    body: new URLSearchParams({
      payments_session_id: id,
      api_key: SANDBOX_VALUES.apiKey,
      origin: 'https://shop.example',
      browser,
    }),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()).path
}

/** Sends a UPI request and lets the sandbox decide it. Returns the HTTP status. */
async function pay(path: string, upiId: string): Promise<number> {
  const { status } = await fetch(`${server.baseUrl}${path}/pay`, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ method: 'upi', upi_channel: 'collect', upi_id: upiId }),
  })
  await fetch(`${server.baseUrl}/_sandbox/clock/advance`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: '10s' }),
  })
  return status
}

async function sessionOf(id: string) {
  const { body } = await server.call('GET', `/paymentsessions/${id}`)
  const { payments, status } = body.payments_session
  return { status, statuses: payments.map((one: { status: string }) => one.status) }
}

test('declines from another browser do not count, and the customer still pays', async () => {
  const id = await createSession()
  const customersPath = await open(id, CUSTOMER)
  const strangersPath = await open(id, STRANGER)
  for (let tryCount = 0; tryCount < 8; tryCount += 1) {
    expect(await pay(strangersPath, 'failure@paydesk')).toBe(200)
  }
  expect(await pay(strangersPath, 'failure@paydesk')).toBe(429)
  expect(await sessionOf(id)).toMatchObject({ status: 'created', statuses: { length: 8 } })

  expect(await pay(customersPath, 'failure@paydesk')).toBe(200)
  expect((await sessionOf(id)).status).toBe('created')
  expect(await pay(customersPath, 'success@paydesk')).toBe(200)
  expect((await sessionOf(id)).status).toBe('succeeded')
})

test('another browser cannot cancel the customer’s attempt, and the customer can cancel every attempt', async () => {
  const change = (path: string) =>
    fetch(`${server.baseUrl}${path}/change`, {
      method: 'POST',
      headers: { accept: 'application/json' },
    })
  const id = await createSession()
  const customersPath = await open(id, CUSTOMER)
  const strangersPath = await open(id, STRANGER)
  const banks = (await (await fetch(`${server.baseUrl}${customersPath}/state`)).json()).view.banks
  expect(banks).not.toEqual([])
  const bank = banks[0].code
  const beginAtBank = (path: string) =>
    fetch(`${server.baseUrl}${path}/pay`, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({ method: 'netbanking', bank }),
    })
  expect((await beginAtBank(customersPath)).status).toBe(200)
  const { view } = await (await change(strangersPath)).json()
  expect([view.canChange, (await sessionOf(id)).status]).toEqual([false, 'in_progress'])
  await change(customersPath)
  expect((await sessionOf(id)).status).toBe('created')

  expect((await beginAtBank(strangersPath)).status).toBe(200)
  expect((await sessionOf(id)).status).toBe('in_progress')
  await change(customersPath)
  expect((await sessionOf(id)).status).toBe('created')
  expect(await pay(customersPath, 'success@paydesk')).toBe(200)
  expect((await sessionOf(id)).status).toBe('succeeded')
})

test('the customer’s declines count, even after a reload of the page', async () => {
  const id = await createSession()
  expect(await pay(await open(id, CUSTOMER), 'failure@paydesk')).toBe(200)
  expect(await pay(await open(id, CUSTOMER), 'failure@paydesk')).toBe(200)
  expect((await sessionOf(id)).status).toBe('failed')
})

test('a customer still pays after a stranger opened the session first', async () => {
  const id = await createSession()
  await open(id, STRANGER)
  expect(await pay(await open(id, CUSTOMER), 'success@paydesk')).toBe(200)
  expect((await sessionOf(id)).status).toBe('succeeded')
})

test.each(['', 'x', `${CUSTOMER}0`, '1-2-3', '\u0000'])(
  'a browser with the invalid name %j does not become the session’s first browser',
  async (browser) => {
    const id = await createSession()
    await open(id, browser)
    const path = await open(id, CUSTOMER)
    expect(await pay(path, 'failure@paydesk')).toBe(200)
    expect(await pay(path, 'failure@paydesk')).toBe(200)
    expect((await sessionOf(id)).status).toBe('failed')
  },
)
