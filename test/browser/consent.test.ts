import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccount } from '../../src/operations/create-account.ts'
import { createClient } from '../../src/operations/create-client.ts'
import { type Service, startService } from '../../src/service.ts'
import { launchChromium } from '../support/chromium.ts'
import { configAt, makePlace, type Place } from '../support/engines.ts'
import { ACCOUNT_ID, startTestServer, type TestServer } from '../support/server.ts'

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
const DESKTOP = { viewport: { width: 1280, height: 800 } }
const SCREENS: [name: string, options: BrowserContextOptions][] = [
  ['phone, light', { ...PHONE, colorScheme: 'light' }],
  ['phone, dark', { ...PHONE, colorScheme: 'dark' }],
  ['desktop, light', { ...DESKTOP, colorScheme: 'light' }],
  ['desktop, dark', { ...DESKTOP, colorScheme: 'dark' }],
]

let browser: Browser
let shop: Server
let callback: string
let sandbox: TestServer
let live: {
  readonly service: Service
  readonly place: Place
  readonly url: string
  readonly ownerKey: string
}

beforeAll(async () => {
  browser = await launchChromium()
  shop = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<h1>Back in the shop</h1>'),
  )
  await new Promise<void>((done) => shop.listen(0, '127.0.0.1', done))
  callback = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/oauth/callback`
  sandbox = await startTestServer('memory', { sandboxRedirectUris: callback })

  const place = await makePlace('file')
  const service = await startService(
    configAt(place, {
      live: true,
      secretKey: 'cd'.repeat(32),
      processor: new URL('../support/processor-module.ts', import.meta.url).pathname,
    }),
  )
  const { account, secrets } = await createAccount(service.core, 'Asha’s Books', 'IN')
  const { client } = await createClient(service.core, {
    name: 'Book keeper',
    accountIds: [account.id],
    redirectUris: [callback],
    isMachine: false,
  })
  live = {
    service,
    place,
    url: authorizeUrl(service.baseUrl, { client_id: client.id }),
    ownerKey: secrets.ownerKey,
  }
})
afterAll(async () => {
  await browser.close()
  shop.close()
  await sandbox.close()
  await live.service.close()
  live.place.remove()
})

function authorizeUrl(baseUrl: string, parameters: Record<string, string>): string {
  return `${baseUrl}/oauth/v2/org/auth?${new URLSearchParams({
    response_type: 'code',
    scope: 'ZohoPay.payments.CREATE,ZohoPay.payments.READ,ZohoPay.refunds.CREATE',
    redirect_uri: callback,
    state: 's',
    ...parameters,
  })}`
}
const sandboxUrl = (more: Record<string, string> = {}) =>
  authorizeUrl(sandbox.baseUrl, { client_id: '1000.SANDBOX', ...more })

/** Opens a page of its own, which must not complain nor ask another origin for anything. */
async function open(
  url: string,
  options: BrowserContextOptions,
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    // The page that refuses a key says so with a status that Chromium mentions too.
    if (message.type() === 'error' && !message.text().includes('403'))
      complaints.push(message.text())
  })
  page.on('request', (request) => {
    const { origin } = new URL(request.url())
    if (![new URL(url).origin, new URL(callback).origin, 'null'].includes(origin))
      complaints.push(request.url())
  })
  await page.goto(url)
  return { page, complaints }
}

async function expectAccessible(page: Page): Promise<void> {
  // By the debugger, for the page's own policy lets no script in.
  const session = await page.context().newCDPSession(page)
  const run = async (expression: string) =>
    (
      await session.send('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
      })
    ).result.value
  await run(axe.source)
  const violations = JSON.parse(
    await run(
      'axe.run().then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])))',
    ),
  )
  expect(violations).toEqual([])
  expect(await run('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
}

/** Where screenshots go, when somebody wants to look at them. */
const SCREENSHOTS = process.env.PAYDESK_TEST_SCREENSHOTS
async function photograph(page: Page, name: string): Promise<void> {
  if (SCREENSHOTS !== undefined)
    await page.screenshot({
      path: `${SCREENSHOTS}/${name.replaceAll(/\W+/g, '-')}.png`,
      fullPage: true,
    })
}

describe.each(SCREENS)('the consent page, %s', (screen, options) => {
  test('lets a sandbox’s client in, without script, to the address it came from', async () => {
    const { page, complaints } = await open(sandboxUrl({ soid: `zohopay.${ACCOUNT_ID}` }), {
      ...options,
      javaScriptEnabled: false,
    })
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(
      'Let Demo application in?',
    )
    await photograph(page, `consent sandbox ${screen}`)
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL(`${callback}**`)
    const { searchParams } = new URL(page.url())
    expect([searchParams.get('state'), searchParams.get('code')?.length]).toEqual(['s', 70])
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('lets the owner of several accounts choose, and is accessible', async () => {
    const { page } = await open(sandboxUrl(), options)
    await expectAccessible(page)
    await page.getByLabel('Paydesk Test Shop (US)').check()
    await photograph(page, `consent accounts ${screen}`)
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL(`${callback}**`)
    await page.context().close()
  })

  test('in live mode asks for the owner key, says when it is wrong, and is accessible', async () => {
    const { page, complaints } = await open(live.url, options)
    await expectAccessible(page)
    await photograph(page, `consent live ${screen}`)
    await page.getByLabel('Owner key of the account').fill('wrong')
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.getByRole('alert').waitFor()
    await expectAccessible(page)
    await photograph(page, `consent wrong key ${screen}`)
    await page.getByLabel('Owner key of the account').fill(live.ownerKey)
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL(`${callback}?code=**`)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('refuses an unknown address without sending anybody there', async () => {
    const { page } = await open(sandboxUrl({ redirect_uri: 'https://evil.example/' }), options)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(
      'This link does not work',
    )
    await expectAccessible(page)
    await photograph(page, `consent refusal ${screen}`)
    await page.context().close()
  })
})

test('the consent page can be answered by keyboard alone, and denied without a key', async () => {
  const { page } = await open(live.url, DESKTOP)
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('owner-key')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Deny')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${callback}?error=access_denied&state=s`)
  await page.context().close()
})
