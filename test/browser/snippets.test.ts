import { createServer, type Server } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { ACCOUNT_ID, startTestServer, type TestServer, TOKEN } from '../support/server.ts'
import {
  bodyReplacement,
  hostReplacements,
  type Replacements,
  readSample,
  readSnippet,
  type SnippetAction,
  sessionReplacement,
  TOKEN_REPLACEMENT,
  withoutReplacements,
  withReplacements,
} from '../support/snippets.ts'

const ANSWER_MS_MAX = 10_000

let server: TestServer
let pages: Server
let pageOrigin: string
let browser: Browser
/** The script of the next page. */
let script = ''
let page: Page
let exchanges: () => readonly Exchange[]

beforeAll(async () => {
  server = await startTestServer('memory')
  pages = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<!doctype html><title>A shop</title><script>${script}</script>`)
  })
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
  pageOrigin = `http://127.0.0.1:${(pages.address() as { port: number }).port}`
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  pages.closeAllConnections()
  pages.close()
  await server.close()
})
beforeEach(async () => {
  // Each test gets a separate context, because a browser caches preflight answers for the lifetime of a context.
  page = await (await browser.newContext()).newPage()
  exchanges = await recordExchanges(page)
})
afterEach(() => page.context().close())

/** One request to the API and its answer, as the browser saw them. */
type Exchange = {
  readonly method: string
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Records a page's requests to the API, in the order of the answers. It uses the protocol of the developer tools,
 * because pages and Playwright do not report preflights. The protocol reports the parts of a request in any order.
 */
async function recordExchanges(page: Page): Promise<() => readonly Exchange[]> {
  const methods = new Map<string, Pick<Exchange, 'method'>>()
  const requestParts = new Map<string, Pick<Exchange, 'requestHeaders'>>()
  const answerParts = new Map<string, Pick<Exchange, 'status' | 'headers'>>()
  const tools = await page.context().newCDPSession(page)
  tools.on('Network.requestWillBeSent', ({ requestId, request: { method, url } }) => {
    if (url.startsWith(server.baseUrl)) methods.set(requestId, { method })
  })
  tools.on('Network.requestWillBeSentExtraInfo', ({ requestId, headers }) => {
    requestParts.set(requestId, { requestHeaders: withLowerCaseNames(headers) })
  })
  tools.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode: status, headers }) => {
    answerParts.set(requestId, { status, headers: withLowerCaseNames(headers) })
  })
  await tools.send('Network.enable')
  return () =>
    [...answerParts].flatMap(([requestId, answer]) => {
      const [question, headers] = [methods.get(requestId), requestParts.get(requestId)]
      return question && headers ? [{ ...question, ...headers, ...answer }] : []
    })
}

function withLowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

/** Opens a page with the snippet as its script. Returns the output of the snippet. */
async function runSnippet(
  action: SnippetAction,
  client: 'fetch.js' | 'xhr.js',
  more: Replacements = TOKEN_REPLACEMENT,
  // biome-ignore lint/suspicious/noExplicitAny: a test reads only the fields that it asserts.
): Promise<any> {
  const replacements = { ...hostReplacements(client, server.baseUrl), ...more }
  const snippet = readSnippet(action, client)
  script = withReplacements(snippet, replacements)
  expect(withoutReplacements(script, replacements)).toBe(snippet)

  const printing = page.waitForEvent('console', {
    predicate: (message) => message.type() === 'log',
    timeout: ANSWER_MS_MAX,
  })
  const [message] = await Promise.all([printing, page.goto(pageOrigin)])
  // `fetch` prints an object, XMLHttpRequest a text.
  const output = await message.args()[0]?.jsonValue()
  return typeof output === 'string' ? JSON.parse(output) : output
}

/** Expects one preflight that allows the request, and one answer that the page may read. */
async function expectAllowed(method: string, status: number): Promise<void> {
  await expect.poll(exchanges).toMatchObject([
    {
      method: 'OPTIONS',
      requestHeaders: { origin: pageOrigin, 'access-control-request-method': method },
      status: 204,
      headers: {
        'access-control-allow-origin': pageOrigin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': expect.stringContaining(method),
        'access-control-allow-headers': expect.stringContaining('authorization'),
      },
    },
    {
      method,
      requestHeaders: { origin: pageOrigin },
      status,
      headers: {
        'access-control-allow-origin': pageOrigin,
        'access-control-allow-credentials': 'true',
        vary: expect.stringContaining('Origin'),
      },
    },
  ])
}

describe.each(['fetch.js', 'xhr.js'] as const)(
  'the reference’s snippets for %s, with another host and token, in a page of another origin',
  (client) => {
    test('the unchanged create snippet gets the error that amount is missing', async () => {
      expect(await runSnippet('create', client)).toEqual({
        code: 'missing_parameter',
        message: expect.stringContaining('amount'),
        field: 'amount',
      })
      await expectAllowed('POST', 400)
    })

    test('the create snippet with the sample’s body creates a session', async () => {
      const body = bodyReplacement(client, readSample('create-request'))
      const { payments_session: session, ...envelope } = await runSnippet('create', client, {
        ...TOKEN_REPLACEMENT,
        ...body,
      })
      expect(envelope).toEqual({ code: 0, message: 'success' })
      expect(session).toMatchObject({ amount: '100.50', currency: 'INR', max_retry_count: 3 })
      await expectAllowed('POST', 201)
    })

    test('the retrieve snippet gets a session', async () => {
      const creation = await server.call('POST', '/paymentsessions', readSample('create-request'))
      const { access_key: _, ...session } = creation.body.payments_session
      const id = sessionReplacement(session.payments_session_id)
      expect(await runSnippet('retrieve', client, { ...TOKEN_REPLACEMENT, ...id })).toEqual({
        code: 0,
        message: 'success',
        payments_session: { ...session, status: 'created', payments: [] },
      })
      await expectAllowed('GET', 200)
    })

    test('with an unknown token the page can read the reason', async () => {
      expect(await runSnippet('create', client, {})).toEqual({
        code: 'error',
        message: expect.stringContaining('authorized'),
      })
      await expectAllowed('POST', 401)
    })
  },
)

/** Sends a request from the page with the sandbox's token. Returns the part of the answer that the page can read. */
function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body: string | null = null,
) {
  const authorization = `Zoho-oauthtoken ${TOKEN}`
  return page.evaluate(
    async ([url, request]) => {
      // `fetch` rejects if the browser hides the answer from the page.
      const response = await fetch(url, request)
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.json(),
      }
    },
    [
      `${server.baseUrl}${path}`,
      { method, credentials: 'include', headers: { authorization, ...headers }, body },
    ] as const,
  )
}

describe('a page of another origin', () => {
  const sessions = `/api/v1/paymentsessions?account_id=${ACCOUNT_ID}`
  const withRequestId = { 'x-request-id': expect.stringMatching(/./) }
  beforeEach(async () => {
    script = ''
    await page.goto(pageOrigin)
  })

  test('can read the request id of an answer', async () => {
    const { status, headers } = await ask('GET', sessions)
    expect(status).toBe(200)
    await expect
      .poll(() => exchanges().at(-1)?.headers['x-request-id'])
      .toBe(headers['x-request-id'])
  })

  test('can send an Idempotency-Key, and can read the header of a replayed answer', async () => {
    const headers = { 'idempotency-key': 'order-1', 'content-type': 'application/json' }
    const body = readSample('create-request')
    const first = await ask('POST', sessions, headers, body)
    expect(first.status).toBe(201)
    const second = await ask('POST', sessions, headers, body)
    expect(second.body).toEqual(first.body)
    expect(second.headers).toMatchObject({ 'idempotent-replayed': 'true' })
  })

  test('can read the answer to an unknown token', async () => {
    const unknownToken = { authorization: 'Zoho-oauthtoken 1000.0.0' }
    expect(await ask('GET', sessions, unknownToken)).toMatchObject({
      status: 401,
      headers: withRequestId,
      body: { code: 'error', message: expect.stringContaining('authorized') },
    })
  })

  test.each([
    [400, 'no account_id', 'GET', '/api/v1/paymentsessions'],
    [400, 'no body', 'POST', sessions],
    [404, 'an unknown session', 'GET', `/api/v1/paymentsessions/1?account_id=${ACCOUNT_ID}`],
    [404, 'an unknown path', 'GET', '/api/v1/nothing-here'],
    [404, 'an unknown path, sending', 'POST', '/api/v1/paymentsessions/1/2/3'],
    [405, 'a method that the path does not take', 'DELETE', sessions],
  ])('can read the status %i for %s', async (status, _for, method, path) => {
    expect(await ask(method, path)).toMatchObject({
      status,
      headers: withRequestId,
      body: { code: expect.any(String), message: expect.any(String) },
    })
    await expect
      .poll(() => exchanges().map((exchange) => exchange.method))
      .toEqual(['OPTIONS', method])
  })

  test('can read the status 413 for a body that is too large', async () => {
    expect(await ask('POST', sessions, {}, ' '.repeat(64 * 1024 + 1))).toMatchObject({
      status: 413,
      headers: withRequestId,
      body: { code: 'invalid_parameter' },
    })
  })
})
