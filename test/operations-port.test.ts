import { afterEach, expect, inject, test } from 'vitest'
import { createMigratedDatabase } from './support/postgres-cluster.ts'
import {
  call,
  type SpawnedServer,
  spawnServer,
  startTestServer,
  type TestServer,
} from './support/server.ts'

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

test('with an operations port health and metrics are served only there, in the API’s envelope, at exactly their paths', async () => {
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
