/** The coverage page agrees with the routes. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { coveredCalls, ownRoutes, servesSessionType } from '../scripts/print-coverage.ts'
import { REAL_CALLS, REAL_SESSION_TYPES } from '../scripts/real-calls.ts'
import { SDK_STEPS } from '../scripts/sdk-calls.ts'
import { bodySchemaOf } from '../src/api/http-route.ts'
import { API_ROUTES } from '../src/api/routes.ts'
import { WEBHOOK_EVENT_TYPES } from '../src/domain/webhook-event.ts'
import { ACCOUNT_ID, startTestServer, type TestServer, US_ACCOUNT_ID } from './support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory')
})
afterAll(() => server.close())

test('each call that the coverage page lists as served has a route, and each other call is refused', async () => {
  const wrong: string[] = []
  for (const { editions, isServed, method, path } of coveredCalls()) {
    const account = editions.includes('IN') ? ACCOUNT_ID : US_ACCOUNT_ID
    // No object has this id, so a route answers with its own error.
    const answer = await server.call(
      method,
      `${path.replaceAll('{}', '1')}?account_id=${account}`,
      method === 'GET' ? undefined : {},
    )
    const { code } = answer.body
    const isUnknown = answer.status === 405 || (answer.status === 404 && code === 'error')
    if (isUnknown === isServed) wrong.push(`${method} ${path}: ${answer.status} ${code}`)
  }
  expect(wrong).toEqual([])
})

test('each route either exists in the real API or is marked as Paydesk’s own', () => {
  const own = new Set(ownRoutes())
  for (const one of API_ROUTES) {
    expect([one.operationId, one.isPaydeskOnly === true]).toEqual([one.operationId, own.has(one)])
  }
  const servedCalls = coveredCalls().filter(({ isServed }) => isServed)
  expect(servedCalls.length + own.size).toBe(API_ROUTES.length)
})

test('the coverage page lists no call twice', () => {
  const names = Object.values(REAL_CALLS)
    .flat()
    .map(({ method, path }) => `${method} ${path}`)
  expect(new Set(names).size).toBe(names.length)
})

test('a session type that the coverage page lists as not served is refused, and the error names the field "type"', async () => {
  for (const [type] of REAL_SESSION_TYPES) {
    const body = { amount: 1, currency: 'INR', ...(type !== undefined && { type }) }
    const { body: answer, status } = await server.call('POST', '/paymentsessions', body)
    // A session for one payment needs no other field.
    expect([type, status]).toEqual([type, type === undefined ? 201 : 400])
    expect([type, answer.field === 'type']).toEqual([type, !servesSessionType(type)])
  }
  expect(servesSessionType(undefined)).toBe(true)
})

test('the guide to webhooks documents each event of the real service', async () => {
  const guide = await (await fetch(`${server.baseUrl}/docs/guides/webhooks.md`)).text()
  expect(WEBHOOK_EVENT_TYPES.filter((type) => !guide.includes(type))).toEqual([])
})

test('the official SDKs decode the answer of every served call, and the page about the SDKs has all calls', () => {
  // `test/tidy.test.ts` compares the page with the results of the calls.
  const page = readFileSync(new URL('../docs/reference/sdk-coverage.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  expect(rows.filter((line) => / \| no: .* \|$/.test(line))).toEqual([])
  for (const { isServed, method, path } of coveredCalls()) {
    const own = rows.filter((line) =>
      line.startsWith(`| \`${method} ${path.replaceAll('{}', '{id}')}\` |`),
    )
    const isShown = own.some((line) => line.endsWith(' | yes |'))
    expect([method, path, own.length > 0, isShown]).toEqual([method, path, true, isServed])
  }
})

test('the description of each served call has every field that the official SDKs send', () => {
  const missing: string[] = []
  for (const step of SDK_STEPS) {
    if ('control' in step) continue
    const { body, method, path, query } = step
    if (typeof body?.type === 'string' && isUnservedType(body.type)) continue
    const name = `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`
    const result = API_ROUTES.find(
      (one) => `${one.method} ${one.url.replaceAll(/\{\w+\}/g, '{}')}` === name,
    )
    if (result === undefined) continue
    const knownNames = [...fieldsOf(bodySchemaOf(result)), ...fieldsOf(result.query)]
    const fields = [...Object.keys(body ?? {}), ...Object.keys(query ?? {})]
    missing.push(
      ...fields.filter((one) => !knownNames.includes(one)).map((one) => `${name}: ${one}`),
    )
  }
  expect(missing).toEqual([])
})

const isUnservedType = (type: string) =>
  REAL_SESSION_TYPES.some(([real]) => real === type) && !servesSessionType(type)

/** The names of the fields that a schema allows in any of its forms. */
function fieldsOf(schema: unknown): readonly string[] {
  const { anyOf = [], properties = {} } = (schema ?? {}) as {
    readonly anyOf?: readonly unknown[]
    readonly properties?: object
  }
  return [...Object.keys(properties), ...anyOf.flatMap(fieldsOf)]
}
