import { fileURLToPath } from 'node:url'
import { afterEach, expect, inject, test } from 'vitest'
import { createAccount } from '../src/operations/create-account.ts'
import { inProcessCli } from './support/in-process-cli.ts'
import { createMigratedDatabase } from './support/postgres-cluster.ts'
import {
  call,
  type SpawnedServer,
  spawnServer,
  startTestServer,
  type TestServer,
} from './support/server.ts'
import { signInOperatorOf } from './support/signed-in.ts'
import { TEST_ACTOR } from './support/stored-rows.ts'

const PATHS = ['/healthz', '/readyz', '/metrics']
const LIST =
  /^paydesk_http_requests_total\{method="GET",route="\/api\/v1\/paymentsessions",status="200"\} (\d+)$/m

let server: TestServer | undefined
let child: SpawnedServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
  child?.process.kill('SIGKILL')
  child = undefined
})

const statusOf = async (url: string) => (await fetch(url)).status

test('with an operations port health and metrics are served only there, and every other path of this port is a 404 in the API’s envelope', async () => {
  server = await startTestServer('memory', { operationsPort: '0' })
  const { baseUrl, operationsUrl } = server
  for (const path of PATHS) {
    expect([path, await statusOf(`${baseUrl}${path}`)]).toEqual([path, 404])
    expect([path, await statusOf(`${operationsUrl}${path}`)]).toEqual([path, 200])
  }
  for (const path of ['/%6detrics', '/api/v1/paymentsessions', '/', '/console']) {
    const answer = await fetch(`${operationsUrl}${path}`)
    expect([path, answer.status, await answer.json()]).toEqual([
      path,
      404,
      { code: 'error', message: expect.any(String) },
    ])
  }
})

test('without an operations port health and metrics are served on the server’s port', async () => {
  server = await startTestServer('memory')
  expect(server.operationsUrl).toBeUndefined()
  for (const path of PATHS) expect(await statusOf(`${server.baseUrl}${path}`)).toBe(200)
})

/** Sends each request on a separate connection, so that both workers get some. */
async function listSessions(baseUrl: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const { status } = await call(baseUrl, 'GET', '/paymentsessions', undefined, {
      connection: 'close',
    })
    expect(status).toBe(200)
  }
}

test.each([
  ['an operations port', ['--operations-port', '0']],
  ['the workers’ own port', []],
])('one scrape of %s counts the requests of all workers', async (_name, flags) => {
  const databaseUrl = await createMigratedDatabase(inject('postgresUrl'))
  child = await spawnServer(['--database-url', databaseUrl, '--workers', '2', ...flags])
  const operationsUrl = child.facts.operations_url ?? child.baseUrl
  expect(await statusOf(`${operationsUrl}/readyz`)).toBe(200)
  await listSessions(child.baseUrl, 12)
  const metrics = await (await fetch(`${operationsUrl}/metrics`)).text()
  expect(LIST.exec(metrics)?.[1]).toBe('12')
})

const PUBLIC_URL = 'https://pay.example.com'
const LIVE = {
  live: true,
  secretKey: 'ab'.repeat(32),
  processor: fileURLToPath(new URL('./support/processor-module.ts', import.meta.url)),
  publicUrl: PUBLIC_URL,
  operationsPort: '0',
  consoleOn: 'operations',
} as const

/** The server as operators reach it. */
const consoleOf = (running: TestServer) => ({ ...running, baseUrl: running.operationsUrl ?? '' })

test('--console-on operations serves the console on the operations port alone, and links of customers lead to the public URL', async () => {
  server = await startTestServer('file', LIVE)
  const { localUrl, operationsUrl = '', tenant } = server
  // The console is off until an operator exists, as on the public port.
  expect(await statusOf(`${operationsUrl}/console/sign-in`)).toBe(404)
  const { account } = await createAccount({ ...tenant, actor: TEST_ACTOR }, 'Tea shop', 'IN')
  const { call: callConsole, cookie } = await signInOperatorOf(consoleOf(server))

  const sessionCookie = { cookie: `${cookie.name}=${cookie.value}` }
  for (const path of ['/console', '/console/sign-in', '/console/api/v1/operators']) {
    const answer = await fetch(`${localUrl}${path}`, { headers: sessionCookie })
    expect([path, answer.status]).toEqual([path, 404])
  }
  for (const path of ['/api/v1/paymentsessions', '/hostedcheckout/x', '/docs', '/']) {
    expect([path, await statusOf(`${operationsUrl}${path}`)]).toEqual([path, 404])
  }
  const page = await fetch(`${operationsUrl}/console`, { headers: sessionCookie })
  const [script = ''] = /\/assets\/operator-[\w-]+\.js/.exec(await page.text()) ?? []
  expect([page.status, await statusOf(`${operationsUrl}${script}`)]).toEqual([200, 200])
  expect(await statusOf(`${operationsUrl}/readyz`)).toBe(200)

  const ofAccount = `?account_id=${account.id}`
  const linkFields = { amount: '10.00', currency: 'INR', description: 'Two lamps' }
  const link = await callConsole('POST', `/paymentlinks${ofAccount}`, linkFields)
  expect(link.body.payment_links.url).toMatch(/^https:\/\/pay\.example\.com\/paymentlink\//)
  const person = {
    name: 'Ravi',
    email: 'ravi@example.com',
    role: 'viewer',
    accounts: 'all',
    refund_max_minor: 'all',
  }
  const invitation = await callConsole('POST', '/operators', person)
  expect(invitation.body.invited.invitation_link).toContain(`${operationsUrl}/console/invitation/`)
  // The public address is another origin now, and its pages are those of customers.
  const foreign = await callConsole('POST', '/operators', person, { origin: PUBLIC_URL })
  expect(foreign.status).toBe(403)
})

test('behind a proxy pages, origins, passkeys and invitations of the console have the address of --console-url', async () => {
  const origin = 'https://console.example.com'
  server = await startTestServer('file', { ...LIVE, consoleUrl: `${origin}/desk` })
  const { operationsUrl = '' } = server
  const { call: callConsole } = await signInOperatorOf(consoleOf(server))
  const page = await (await fetch(`${operationsUrl}/desk/console/sign-in`)).text()
  expect(page).toContain('action="/desk/console/sign-in"')
  const challengeUrl = `${operationsUrl}/console/sign-in/passkey/challenge`
  const challenge = (from: string) =>
    fetch(challengeUrl, { method: 'POST', headers: { origin: from } })
  expect(await (await challenge(origin)).json()).toMatchObject({ rpId: 'console.example.com' })
  expect((await challenge(operationsUrl)).status).toBe(403)
  const person = {
    name: 'Ravi',
    email: 'ravi@example.com',
    role: 'viewer',
    accounts: 'all',
    refund_max_minor: 'all',
  }
  const invitation = await callConsole('POST', '/operators', person, { origin })
  expect(invitation.body.invited.invitation_link).toContain(`${origin}/desk/console/invitation/`)
})

test('with several workers the operations port has the console, and the readiness and metrics of all', async () => {
  const databaseUrl = await createMigratedDatabase(inject('postgresUrl'))
  const environment = { PAYDESK_SECRET_KEY: LIVE.secretKey }
  const live = ['--live', '--database-url', databaseUrl]
  const addresses = ['--public-url', PUBLIC_URL, '--operations-port', '0']
  child = await spawnServer(
    [
      ...live,
      ...addresses,
      '--console-on',
      'operations',
      '--processor',
      LIVE.processor,
      '--workers',
      '2',
    ],
    environment,
  )
  const {
    console_url: consoleUrl,
    local_url: localUrl,
    operations_url: operationsUrl,
  } = child.facts
  expect(consoleUrl).toBe(`${operationsUrl}/console`)
  const ready = await fetch(`${operationsUrl}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }])
  for (let count = 0; count < 4; count += 1) {
    await fetch(`${localUrl}/api/v1/unknown`, { headers: { connection: 'close' } })
  }
  const metrics = await (await fetch(`${operationsUrl}/metrics`)).text()
  expect(metrics).toMatch(/^paydesk_http_requests_total\{.*status="404"\} 4$/m)
  const run = inProcessCli(environment)
  const person = ['--name', 'Asha', '--email', 'asha@example.com', '--role', 'viewer']
  await run('operator', 'create', ...person, ...live)
  expect(await statusOf(`${consoleUrl}/sign-in`)).toBe(200)
  expect(await statusOf(`${localUrl}/console/sign-in`)).toBe(404)
})
