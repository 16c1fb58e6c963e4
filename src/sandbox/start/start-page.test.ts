import { expect, test } from 'vitest'
import { startTestServer } from '../../../test/support/server.ts'
import { SANDBOX_VALUES } from '../well-known.ts'

const CREDENTIALS = [
  SANDBOX_VALUES.accessToken,
  SANDBOX_VALUES.signingKey,
  SANDBOX_VALUES.clientSecret,
  SANDBOX_VALUES.refreshToken,
  SANDBOX_VALUES.apiKey,
  SANDBOX_VALUES.accountId,
  SANDBOX_VALUES.usAccountId,
]

test('the start page of each tenant shows its own credentials', async () => {
  const server = await startTestServer('memory')
  const page = await fetch(server.baseUrl)
  const text = await page.text()
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  for (const value of CREDENTIALS) expect(text).toContain(value)

  const creation = await fetch(`${server.baseUrl}/_sandbox/tenants`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'other' }),
  })
  const { base_url: baseUrl, access_token: token } = (await creation.json()).tenant
  expect(token).not.toBe(SANDBOX_VALUES.accessToken)
  const other = await (await fetch(baseUrl)).text()
  expect(other).toContain(token)
  expect(other).not.toContain(SANDBOX_VALUES.accessToken)
  await server.close()
})

test('the start page marks each text to copy, its HTML has no button, and the server has its script', async () => {
  const server = await startTestServer('memory')
  const page = await fetch(server.baseUrl)
  const text = await page.text()
  expect(text).not.toContain('<button')
  expect([...text.matchAll(/data-copies="([^"]+)"/g)].map(([, name]) => name)).toEqual([
    'the command',
    'Base URL',
    'Account, IN',
    'Account, US',
    'Access token',
    'Signing key',
    'API key',
    'Client id',
    'Client secret',
    'Refresh token',
  ])
  const [, path = ''] = /<script [^>]*src="([^"]+)"/.exec(text) ?? []
  const script = await fetch(`${server.baseUrl}${path}`)
  expect([script.status, await script.text()]).toEqual([200, expect.stringContaining('clipboard')])
  await server.close()
})

test('the start page of a server with several workers has no link to the console', async () => {
  const { renderStartPage } = await import('./start-page.ts')
  const { sandboxFacts } = await import('../announce.ts')
  const { text } = renderStartPage(sandboxFacts('http://127.0.0.1:1', SANDBOX_VALUES, false))
  expect(text).not.toContain('/console')
  expect(text).toContain('/demo')
})
