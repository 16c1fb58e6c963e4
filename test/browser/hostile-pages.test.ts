/**
 * Attacks of a web page on a sandbox on the visitor's machine, in Chromium. `evil.test` represents a site on the
 * internet. Its name resolves to this machine, which has its site on one port and the sandbox on another.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { control } from '../support/sandbox.ts'
import { ACCOUNT_ID, startTestServer, type TestServer, TOKEN } from '../support/server.ts'

let browser: Browser
let sandbox: TestServer
let site: Site
beforeAll(async () => {
  // The names resolve to this machine, like after the second answer of a rebinding DNS server.
  const rules = 'MAP evil.test 127.0.0.1, MAP shop.test 127.0.0.1'
  browser = await launchChromium([`--host-resolver-rules=${rules}`])
  sandbox = await startTestServer('memory')
  site = await startSite()
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
  await sandbox?.close()
})

type Site = { readonly port: number; readonly close: () => Promise<void> }

/** Starts a site with an empty page at each path. */
async function startSite(): Promise<Site> {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Site</title>'),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    const closing = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closing
  }
  return { port: (server.address() as AddressInfo).port, close }
}

/** The outcome of a request, as a script of a page sees it. */
type FetchOutcome =
  | { readonly status: number; readonly text: string }
  | { readonly blocked: string }
type Attempt = {
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Sends the body without a type. */
  readonly isUntyped?: boolean
  readonly mode?: 'cors' | 'no-cors'
  readonly credentials?: 'include'
}

async function openAt(origin: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(origin)
  return page
}

/** Sends a request as a script of the page does. */
function fetchIn(page: Page, attempt: Attempt): Promise<FetchOutcome> {
  return page.evaluate(async ({ body, isUntyped, url, ...how }): Promise<FetchOutcome> => {
    try {
      const answer = await fetch(url, {
        ...how,
        ...(body !== undefined && { body: isUntyped === true ? new Blob([body]) : body }),
      })
      return { status: answer.status, text: await answer.text() }
    } catch (error) {
      return { blocked: String(error) }
    }
  }, attempt)
}

const AUTHORIZATION = `Zoho-oauthtoken ${TOKEN}`
const ACCOUNT = `account_id=${ACCOUNT_ID}`
const json = { 'content-type': 'application/json' }
/** The attacks by path. Calls below `/api/v1` have the sandbox's public token. */
const attacks = (baseUrl: string): readonly Attempt[] => [
  {
    url: `${baseUrl}/api/v1/webhooks?${ACCOUNT}`,
    method: 'POST',
    headers: { authorization: AUTHORIZATION },
    body: '{"url":"http://127.0.0.1:1/admin","events":["payment.succeeded"]}',
  },
  {
    url: `${baseUrl}/api/v1/paymentsessions?${ACCOUNT}`,
    method: 'POST',
    headers: { authorization: AUTHORIZATION, ...json },
    body: '{"amount":1,"currency":"INR"}',
    credentials: 'include',
  },
  { url: `${baseUrl}/_sandbox/facts` },
  { url: `${baseUrl}/_sandbox/requests` },
  { url: `${baseUrl}/_sandbox/api/paymentsessions?${ACCOUNT}` },
  { url: `${baseUrl}/_sandbox/reset`, method: 'POST' },
  { url: `${baseUrl}/_sandbox/clock/advance`, method: 'POST', headers: json, body: '{"by":"2d"}' },
  {
    url: `${baseUrl}/_sandbox/clock/advance`,
    method: 'POST',
    body: '{"by":"2d"}',
    isUntyped: true,
  },
  {
    url: `${baseUrl}/oauth/v2/token`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=refresh_token',
  },
]

/** The state that the attacks try to change. */
async function stateOf({ baseUrl }: TestServer): Promise<unknown> {
  const send = control(baseUrl)
  await send('POST', '/clock/freeze')
  const read = async (path: string) => (await send('GET', path)).body
  return [
    (await read('/clock')).clock.time_ms,
    (await read(`/api/paymentsessions?${ACCOUNT}`)).page_context.total,
    (await read(`/api/webhooks?${ACCOUNT}`)).webhooks.length,
    (await read('/requests')).requests.length,
  ]
}

describe('a page of another site', () => {
  test('gets a refusal with the name of the setting for each attack without credentials, and changes nothing by any attack', async () => {
    await sandbox.call('POST', '/paymentsessions', { amount: 1, currency: 'INR' })
    const before = await stateOf(sandbox)
    const page = await openAt(`http://evil.test:${site.port}`)
    for (const attack of attacks(sandbox.baseUrl)) {
      // The browser hides the answer to a request with credentials, because the server does not allow them.
      const expected =
        attack.credentials === 'include'
          ? { blocked: expect.any(String) }
          : {
              status: 403,
              text: expect.stringContaining(`--allow-origin http://evil.test:${site.port}`),
            }
      expect([attack.url, await fetchIn(page, attack)]).toEqual([attack.url, expected])
      await fetchIn(page, { ...attack, mode: 'no-cors' })
    }
    expect(await stateOf(sandbox)).toEqual(before)
    await page.context().close()
  })

  test('changes nothing by a form, by an event stream, or by a frame without an origin', async () => {
    const before = await stateOf(sandbox)
    const page = await openAt(`http://evil.test:${site.port}`)
    const { baseUrl } = sandbox
    const outcome = await page.evaluate(async (url) => {
      const frame = document.createElement('iframe')
      frame.setAttribute('sandbox', 'allow-scripts')
      const messages = new Promise((resolve) =>
        addEventListener('message', ({ data }) => resolve(data)),
      )
      frame.srcdoc = `<script>fetch('${url}/_sandbox/clock/freeze', { method: 'POST' })
        .then((answer) => answer.status).catch(String).then((status) => parent.postMessage(status, '*'))</script>`
      document.body.append(frame)
      const stream = new EventSource(`${url}/_sandbox/requests/stream`)
      const streamState = new Promise((resolve) => {
        stream.onopen = () => resolve('open')
        stream.onerror = () => resolve('refused')
      })
      return [await messages, await streamState]
    }, baseUrl)
    expect(outcome).toEqual([403, 'refused'])
    const landing = page.waitForURL(`${baseUrl}/_sandbox/reset`)
    await page.evaluate((url) => {
      const form = document.createElement('form')
      form.method = 'post'
      form.enctype = 'text/plain'
      form.action = `${url}/_sandbox/reset`
      document.body.append(form)
      form.submit()
    }, baseUrl)
    await landing
    expect(await page.textContent('body')).toContain('--allow-origin')
    expect(await stateOf(sandbox)).toEqual(before)
    await page.context().close()
  })
})

describe('a page whose name resolves to the sandbox (DNS rebinding)', () => {
  test('can read only the name of the setting that would allow it, and changes nothing', async () => {
    const first = await startSite()
    const page = await openAt(`http://evil.test:${first.port}`)
    // The page stays open, and its name and port now lead to the sandbox.
    await first.close()
    const rebound = await startTestServer('memory', { port: String(first.port) })
    const before = await stateOf(rebound)
    for (const attack of attacks(`http://evil.test:${first.port}`)) {
      expect([attack.url, await fetchIn(page, attack)]).toEqual([
        attack.url,
        { status: 421, text: expect.stringContaining('--allow-host evil.test') },
      ])
    }
    for (const path of ['/console', '/demo', '/docs', '/hostedcheckout/x']) {
      const answer = await page.goto(`http://evil.test:${first.port}${path}`)
      expect([path, answer?.status()]).toEqual([path, 421])
    }
    expect(await stateOf(rebound)).toEqual(before)
    await page.context().close()
    await rebound.close()
  })
})

describe('an allowed page', () => {
  test.each(['localhost', '127.0.0.1', 'shop.localhost'])(
    'at %s on another port calls the API and the control API',
    async (name) => {
      const page = await openAt(`http://${name}:${site.port}`)
      const creation = await fetchIn(page, {
        url: `${sandbox.baseUrl}/api/v1/paymentsessions?${ACCOUNT}`,
        method: 'POST',
        headers: { authorization: AUTHORIZATION, ...json },
        body: '{"amount":1,"currency":"INR"}',
        credentials: 'include',
      })
      expect(creation).toMatchObject({ status: 201 })
      const advance = await fetchIn(page, {
        url: `${sandbox.baseUrl}/_sandbox/clock/advance`,
        method: 'POST',
        headers: json,
        body: '{"by":0}',
      })
      expect(advance).toMatchObject({ status: 200 })
      const outcomeWithoutType = await fetchIn(page, {
        url: `${sandbox.baseUrl}/_sandbox/clock/advance`,
        method: 'POST',
        body: '{"by":"2d"}',
        isUntyped: true,
      })
      expect(outcomeWithoutType).toMatchObject({
        status: 400,
        text: expect.stringContaining('Content-Type'),
      })
      await page.context().close()
    },
  )

  test('at an origin in --allow-origin calls the API and the control API', async () => {
    const origin = `http://shop.test:${site.port}`
    const own = await startTestServer('memory', { allowOrigin: origin })
    const page = await openAt(origin)
    const outcome = await fetchIn(page, {
      url: `${own.baseUrl}/_sandbox/clock/advance`,
      method: 'POST',
      headers: json,
      body: '{"by":0}',
    })
    expect(outcome).toMatchObject({ status: 200 })
    await page.context().close()
    await own.close()
  })

  test('the sandbox’s own forms work without script, even under a host name without dots', async () => {
    const { port } = new URL(sandbox.baseUrl)
    const namedServer = await startTestServer('memory', { allowHost: 'shop.test' })
    const addresses = [
      sandbox.baseUrl,
      `http://localhost:${port}`,
      // This is not a secure context, so the browser sends no Sec-Fetch-Site.
      `http://shop.test:${new URL(namedServer.baseUrl).port}`,
    ]
    for (const address of addresses) {
      const context = await browser.newContext({ javaScriptEnabled: false })
      const page = await context.newPage()
      await page.goto(`${address}/demo`)
      const [answer] = await Promise.all([
        page.waitForResponse(`${address}/demo/pay`),
        page.locator('form[action="/demo/pay"] button').first().click(),
      ])
      expect([address, await answer.request().headerValue('origin')]).toEqual([address, address])
      expect(answer.status()).not.toBe(403)
      await context.close()
    }
    await namedServer.close()
  })
})
