import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../test/support/server.ts'
import { SANDBOX_VALUES } from '../sandbox/well-known.ts'

const { clientId, clientSecret, refreshToken } = SANDBOX_VALUES
const REFRESH = { grant_type: 'refresh_token', refresh_token: refreshToken }
const CLIENT = { client_id: clientId, client_secret: clientSecret }
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory')
})
afterAll(() => server.close())

function formData(parameters: Record<string, string>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(parameters)) form.set(name, value)
  return form
}

async function post(init: RequestInit, query: Record<string, string> = {}, path = 'token') {
  const url = `${server.baseUrl}/oauth/v2/${path}?${new URLSearchParams(query)}`
  const answer = await fetch(url, { method: 'POST', ...init })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Record<string, string>
}

test.each<[string, RequestInit, Record<string, string>?]>([
  ['a form', { body: new URLSearchParams({ ...CLIENT, ...REFRESH }) }],
  ['the query', {}, { ...CLIENT, ...REFRESH }],
  ['multipart', { body: formData({ ...CLIENT, ...REFRESH }) }],
  [
    'the query and a form with different parameters',
    { body: new URLSearchParams(REFRESH) },
    CLIENT,
  ],
  [
    'the query and a form with the same values',
    { body: new URLSearchParams({ ...CLIENT, ...REFRESH }) },
    CLIENT,
  ],
  [
    'a Basic header and a form',
    { headers: basic(clientId, clientSecret), body: new URLSearchParams(REFRESH) },
  ],
  [
    'a Basic header and multipart',
    { headers: basic(clientId, clientSecret), body: formData(REFRESH) },
  ],
  [
    'a Basic header whose parts are form-encoded',
    {
      headers: basic(clientId.replace('.', '%2E'), encodeURIComponent(clientSecret)),
      body: new URLSearchParams(REFRESH),
    },
  ],
  [
    'a text with the default content type',
    { body: `${new URLSearchParams({ ...CLIENT, ...REFRESH })}` },
  ],
])('the token endpoint reads its parameters from %s', async (_name, init, query) => {
  expect(await post(init, query)).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
})

test.each<[string, RequestInit, Record<string, string>, string, RegExp]>([
  [
    'JSON',
    {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...CLIENT, ...REFRESH }),
    },
    {},
    'invalid_grant',
    /Content-Type must be application\/x-www-form-urlencoded or multipart\/form-data, but it is application\/json/,
  ],
  [
    'different clients in the header and the body',
    {
      headers: basic('1000.OTHER', clientSecret),
      body: new URLSearchParams({ ...CLIENT, ...REFRESH }),
    },
    {},
    'invalid_client',
    /client_id has two different values/,
  ],
  [
    'different grants in the query and the body',
    { body: new URLSearchParams({ ...CLIENT, ...REFRESH }) },
    { grant_type: 'client_credentials' },
    'invalid_grant',
    /grant_type has two different values/,
  ],
  [
    'a repeated parameter',
    { body: `${new URLSearchParams({ ...CLIENT, ...REFRESH })}&refresh_token=other` },
    {},
    'invalid_grant',
    /refresh_token has two different values/,
  ],
  [
    'a Basic header without a colon',
    { headers: { authorization: 'Basic YWJj' } },
    REFRESH,
    'invalid_client',
    /base64 of client_id:client_secret/,
  ],
  [
    'a wrong secret in the header',
    { headers: basic(clientId, 'wrong') },
    REFRESH,
    'invalid_client',
    /no client has/,
  ],
  [
    'a truncated multipart body',
    {
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: '--x\r\ncontent-disposition: form-data; name="grant_type"\r\n\r\nrefresh',
    },
    CLIENT,
    'invalid_grant',
    /multipart/,
  ],
  [
    'a file',
    {
      body: (() => {
        const form = formData({ ...CLIENT, grant_type: 'refresh_token' })
        form.set('refresh_token', new Blob([refreshToken]), 'token.txt')
        return form
      })(),
    },
    {},
    'invalid_grant',
    /is a file/,
  ],
])(
  'the token endpoint refuses %s with an error description that names the cause',
  async (_name, init, query, error, description) => {
    const answer = await post(init, query)
    expect(answer).toEqual({ error, error_description: expect.stringMatching(description) })
  },
)

test('a revocation accepts multipart, and the error for a wrong content type names the type', async () => {
  const { access_token: token = '' } = await post({
    body: new URLSearchParams({ ...CLIENT, ...REFRESH }),
  })
  expect(
    await post({ headers: { 'content-type': 'application/json' }, body: '{}' }, {}, 'token/revoke'),
  ).toMatchObject({
    error_description: expect.stringMatching(/Content-Type/),
  })
  expect(await post({ body: formData({ token }) }, {}, 'token/revoke')).toEqual({
    status: 'success',
  })
})

test.each(['Basic', 'Basic !!!', 'basic a:b', 'Basic bm9jb2xvbg=='])(
  'the error for a Basic header without a client in base64 names the header: %s',
  async (authorization) => {
    const answer = await fetch(`${server.baseUrl}/oauth/v2/token`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({ ...CLIENT, ...REFRESH }),
    })
    expect(await answer.json()).toEqual({
      error: 'invalid_client',
      error_description: 'the Authorization header must have the base64 of client_id:client_secret',
    })
  },
)
