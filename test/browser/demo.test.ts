import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSignedRedirect, readSignedWidgetPayment } from '../../src/client/signatures.ts'
import { createAccount } from '../../src/operations/create-account.ts'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { startServer } from '../../src/server/start-server.ts'
import { launchChromium } from '../support/chromium.ts'
import { makePlace, settingsAt } from '../support/engines.ts'
import {
  DESKTOP,
  examineInSchemes,
  examineOnScreens,
  expectAccessible,
  openPage,
  PHONE,
  photograph,
  SIZES,
} from '../support/pages.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { TEST_ACTOR } from '../support/stored-rows.ts'

let browser: Browser
let sandbox: TestServer

beforeAll(async () => {
  browser = await launchChromium()
  sandbox = await startTestServer('memory')
})
afterAll(async () => {
  await browser.close()
  await sandbox.close()
})

/** Opens a page. The test fails if the page logs errors or sends requests to other origins. */
const open = (path: string, options: BrowserContextOptions) =>
  openPage(browser, `${sandbox.baseUrl}${path}`, options, [], false)

/** Pays like a customer without script. Ends on the shop's page. */
async function payByNetbanking(page: Page, product: string): Promise<void> {
  await page.getByRole('radio', { name: product }).check()
  await page.getByRole('button', { name: 'Pay on the checkout page' }).click()
  await page.waitForURL('**/hostedcheckout/**')
  await page.locator('input[name=method][value=netbanking]').check()
  await page.getByLabel('Success Test Bank').check()
  await page.getByRole('button', { name: /^Pay/ }).click()
  await page.waitForURL('**/sandbox/bank/**')
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.waitForURL('**/demo/done?**')
}

/** Runs the page's code as a merchant's server would. Returns its result. */
async function runShownCode(page: Page): Promise<string> {
  const code = (await page.locator('#code + pre').textContent()) ?? ''
  const names = ['readSignedRedirect', 'readSignedWidgetPayment', 'env', 'request', 'payment']
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor
  const run = new AsyncFunction(...names, 'refuse', 'ship', code.replaceAll(/^import .*$/gm, ''))
  const { accessToken, signingKey } = SANDBOX_VALUES
  const { pathname, search, searchParams } = new URL(page.url())
  let result = 'nothing'
  await run(
    readSignedRedirect,
    readSignedWidgetPayment,
    { ACCESS_TOKEN: accessToken, SIGNING_KEY: signingKey },
    { url: `${pathname}${search}` },
    Object.fromEntries(searchParams),
    () => {
      result = 'refused'
    },
    () => {
      result = 'shipped'
    },
  )
  return result
}

describe('the first page, on all screens', () => {
  test('links to the shop and to the console, without script', async () => {
    const { page, complaints } = await open('/', { ...PHONE, javaScriptEnabled: false })
    await page.getByRole('link', { name: 'Open the demo shop' }).click()
    await page.waitForURL('**/demo')
    await page.goBack()
    const link = page.getByRole('link', { name: 'Open the console' })
    expect(await link.getAttribute('href')).toBe(`${sandbox.baseUrl}/console`)
    expect(complaints).toEqual([])
    await page.context().close()

    const withScript = await open('/', PHONE)
    await examineOnScreens(withScript.page, 'first page')
    await withScript.page.context().close()
  })
})

test('the command on the first page works unchanged, and prints an address that opens', async () => {
  const { page } = await open('/', DESKTOP)
  const command = (await page.locator('pre').textContent()) ?? ''
  const { stdout } = await promisify(execFile)('sh', ['-c', command])
  expect(stdout).toMatch(/^http:\S+\/hostedcheckout\/\S+\n$/)
  expect((await page.goto(stdout.trim()))?.status()).toBe(200)
  await page.getByText('₹100.50').first().waitFor()
  await page.context().close()
})

// Server and pages behave the same on each device: each test runs once, and examines its states on all screens.
describe('the demo shop, on all screens', () => {
  test('opens the checkout with two clicks', async () => {
    const { page, complaints } = await open('/demo', PHONE)
    await examineOnScreens(page, 'demo shop')
    await page.getByText('Brass lamp', { exact: true }).click()
    await page.getByRole('button', { name: 'Pay on the checkout page' }).click()
    await page.waitForURL('**/hostedcheckout/**')
    await page.getByText('₹1,499.90').first().waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('without script shows a valid signature after the bank’s page, and detects a changed one', async () => {
    const { page, complaints } = await open('/demo', { ...PHONE, javaScriptEnabled: false })
    expect(await page.getByRole('button', { name: 'Pay in the widget' }).isVisible()).toBe(false)
    await payByNetbanking(page, 'Paper kite')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Paid ₹222.00')
    expect(await page.getByText('The signature is valid.').isVisible()).toBe(true)
    expect(complaints).toEqual([])

    const { pathname, searchParams, search } = new URL(page.url())
    const { body } = await sandbox.call(
      'GET',
      `/paymentsessions/${searchParams.get('payments_session_id')}`,
    )
    expect([body.payments_session.status, body.payments_session.amount]).toEqual([
      'succeeded',
      '222.00',
    ])
    await page.context().close()

    const right = await open(`${pathname}${search}`, PHONE)
    await examineOnScreens(right.page, 'demo paid')
    expect(await runShownCode(right.page)).toBe('shipped')
    await right.page.getByText('Full answer').click()
    await examineOnScreens(right.page, 'demo paid with the full answer')
    await right.page.context().close()

    searchParams.set('amount', '1.00')
    const changedKeys = await open(`${pathname}?${searchParams}`, PHONE)
    expect(await changedKeys.page.getByRole('heading', { level: 1 }).textContent()).toBe(
      'The result is not authentic',
    )
    expect(await changedKeys.page.getByText('The signature is invalid.').isVisible()).toBe(true)
    expect(await runShownCode(changedKeys.page)).toBe('refused')
    await examineOnScreens(changedKeys.page, 'demo changed')
    await changedKeys.page.getByRole('link', { name: 'Try again' }).click()
    await changedKeys.page.waitForURL('**/demo')
    await changedKeys.page.context().close()
  })
})

test.each(SIZES)('the widget pays in the shop’s page, %s', async (size, options) => {
  const { page, complaints } = await open('/demo', options)
  const outcome = page.getByRole('status').filter({ hasText: /./ })
  const checkout = page.frameLocator('#zpay-wrapper iframe')

  await page.getByRole('button', { name: 'Pay in the widget' }).click()
  await photograph(page, `demo widget ${size}`, false)
  await checkout.getByRole('button', { name: 'Close' }).click()
  await page.getByText('before it reported a payment. (widget_closed)').waitFor()
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('widget')

  await page.getByRole('button', { name: 'Pay in the widget' }).click()
  await checkout.locator('input[name=method][value=netbanking]').check()
  await photograph(page, `demo widget open ${size}`, false)
  await checkout.getByLabel('Success Test Bank').check()
  await checkout.getByRole('button', { name: /^Pay/ }).click()
  await checkout.getByRole('button', { name: 'Approve' }).click()
  await page.getByText(/^Paid\. The payment is \d+\./).waitFor()
  expect(await outcome.count()).toBe(1)
  await examineInSchemes(page, `demo widget paid ${size}`)
  await page.getByRole('link', { name: 'Check it on the shop’s server' }).click()
  await page.waitForURL('**/demo/done?**')
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Paid ₹149.00')
  expect(await page.getByText('The signature is valid.').isVisible()).toBe(true)
  await examineInSchemes(page, `demo widget done ${size}`)
  expect(await runShownCode(page)).toBe('shipped')
  expect(complaints).toEqual([])

  const changedUrl = new URL(page.url())
  changedUrl.searchParams.set('payment_id', '1')
  await page.goto(changedUrl.href)
  expect(await page.getByText('The signature is invalid.').isVisible()).toBe(true)
  await page.context().close()
})

test('after a cancel the demo shop says that nothing was paid', async () => {
  const { page } = await open('/demo', { ...PHONE, javaScriptEnabled: false })
  await page.getByRole('button', { name: 'Pay on the checkout page' }).click()
  await page.getByRole('button', { name: 'Cancel and return' }).click()
  await page.waitForURL('**/demo/done?**')
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Not paid')
  expect(await page.getByText('The signature is valid.').isVisible()).toBe(true)
  await page.context().close()
})

test('the demo shop has a page for no payment, and refuses an unknown product and a form of another site', async () => {
  const { page } = await open('/demo/done', DESKTOP)
  await expectAccessible(page)
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('No payment')
  await page.context().close()

  const post = (path: string, product: string, headers: Record<string, string> = {}) =>
    fetch(`${sandbox.baseUrl}${path}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ product }),
      redirect: 'manual',
    })
  expect((await post('/demo/pay', 'nothing')).status).toBe(422)
  expect((await post('/demo/session', 'nothing')).status).toBe(422)
  expect((await post('/demo/pay', 'coffee', { 'sec-fetch-site': 'cross-site' })).status).toBe(422)
})

test('the shop’s server gives its script the values that the widget needs', async () => {
  const answer = await fetch(`${sandbox.baseUrl}/demo/session`, {
    method: 'POST',
    body: new URLSearchParams({ product: 'lamp' }),
  })
  expect(await answer.json()).toEqual({
    payments_session_id: expect.stringMatching(/^\d+$/),
    account_id: SANDBOX_VALUES.accountId,
    api_key: SANDBOX_VALUES.apiKey,
    amount: '1499.90',
    currency_code: 'INR',
    description: 'Brass lamp',
  })
})

test('the curl command on the shop’s page creates the same session as the shop', async () => {
  const { page } = await open('/demo', { ...DESKTOP, javaScriptEnabled: false })
  await page.getByRole('radio', { name: 'Brass lamp' }).check()
  const commands = await page.locator('.curl pre:visible').allTextContents()
  expect(commands).toHaveLength(1)
  const { stdout } = await promisify(execFile)('sh', ['-c', `${commands[0]} -s`])
  const answer = JSON.parse(stdout)
  expect([answer.message, answer.payments_session.amount]).toEqual(['success', '1499.90'])
  expect(answer.payments_session.access_key).toBeDefined()
  await page.context().close()
})

test('the icon is served; live mode has no demo shop, and its first page says that there is nothing to pay', async () => {
  const place = await makePlace('file')
  const live = await startServer(
    settingsAt(place, {
      live: true,
      secretKey: 'cd'.repeat(32),
      processor: new URL('../support/processor-module.ts', import.meta.url).pathname,
    }),
  )
  await createAccount({ ...live.tenant, actor: TEST_ACTOR }, 'Asha’s Books', 'IN')
  const statuses = await Promise.all(
    ['/demo', '/demo/done', '/favicon.svg'].map(
      async (path) => (await fetch(`${live.baseUrl}${path}`)).status,
    ),
  )
  expect(statuses).toEqual([404, 404, 200])
  const post = await fetch(`${live.baseUrl}/demo/session`, { method: 'POST' })
  expect(post.status).toBe(404)
  const front = await fetch(live.baseUrl)
  expect([front.status, await front.text()]).toEqual([
    200,
    expect.stringContaining('Nothing to pay here'),
  ])
  const icon = await fetch(`${sandbox.baseUrl}/favicon.svg`)
  expect(icon.headers.get('content-type')).toBe('image/svg+xml')
  await live.close()
  place.remove()
})
