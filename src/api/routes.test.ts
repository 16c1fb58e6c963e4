import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT_ID, startTestServer, type TestServer } from '../../test/support/server.ts'
import type { AccountId } from '../domain/id.ts'
import { formatScope, SCOPES } from '../domain/scope.ts'
import { hashSecret } from '../domain/secret.ts'
import { CONTROL_ROUTES } from '../sandbox/control/routes.ts'
import { API_ROUTES } from './routes.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory')
})
afterAll(() => server.close())

/** The URL of a route with an id for each parameter. */
const pathOf = (url: string) => url.replaceAll(/\{\w+\}/g, '173000002314883')

test('every route refuses a request whose token lacks its scope, and names the scope', async () => {
  for (const scope of new Set(API_ROUTES.map((route) => route.scope))) {
    const token = `1000.without.${scope}`
    const grant = {
      clientId: '1000.SANDBOX',
      grantId: `without ${scope}`,
      scopes: SCOPES.filter((one) => one !== scope),
      accountIds: [ACCOUNT_ID as AccountId],
    }
    await server.tenant.store.transaction((tx) =>
      tx.tokens.insertAccessToken(hashSecret(token), grant, undefined),
    )
  }
  const refusals = await Promise.all(
    API_ROUTES.map(async ({ method, scope, url }) => {
      const headers = { authorization: `Zoho-oauthtoken 1000.without.${scope}` }
      const answer = await server.call(method, pathOf(url), undefined, headers)
      return [method, url, answer.status, answer.body.message]
    }),
  )
  expect(refusals).toEqual(
    API_ROUTES.map(({ method, scope, url }) => [
      method,
      url,
      401,
      `You are not authorized: the access token lacks the scope ${formatScope(scope)}.`,
    ]),
  )
})

test('the OpenAPI descriptions of both APIs contain every route, each with a unique name', async () => {
  const describedOperation = async (path: string) => {
    const document = (await (await fetch(`${server.baseUrl}${path}`)).json()) as {
      paths: Record<string, Record<string, { operationId: string }>>
    }
    return Object.entries(document.paths).flatMap(([url, methods]) =>
      Object.entries(methods).map(
        ([method, { operationId }]) => `${method.toUpperCase()} ${url} ${operationId}`,
      ),
    )
  }
  const api = API_ROUTES.map((one) => `${one.method} /api/v1${one.url} ${one.operationId}`)
  expect((await describedOperation('/openapi.json')).sort()).toEqual(api.sort())
  const control = CONTROL_ROUTES.map(
    (one) => `${one.method} /_sandbox${one.url} ${one.operationId}`,
  )
  expect(await describedOperation('/_sandbox/openapi.json')).toEqual(
    expect.arrayContaining(control),
  )
  for (const routes of [API_ROUTES, CONTROL_ROUTES]) {
    expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(routes.length)
  }
})
