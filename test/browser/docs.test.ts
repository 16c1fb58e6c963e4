import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { readDocuments, writeDocs } from '../../scripts/docs.ts'
import { ALL_EXCHANGES } from '../../src/cli/conformance/exchanges/all.ts'
import { makeReport } from '../../src/cli/conformance/report.ts'
import { renderReportPage } from '../../src/cli/conformance/report-page.ts'
import { runChecks } from '../../src/cli/conformance/run-checks.ts'
import { systemClock } from '../../src/server/clock.ts'
import { launchChromium } from '../support/chromium.ts'
import { expectAccessible } from '../support/pages.ts'
import { control } from '../support/sandbox.ts'
import { ACCOUNT_ID, startTestServer, type TestServer, TOKEN } from '../support/server.ts'

let server: TestServer
let browser: Browser
let page: Page
beforeAll(async () => {
  server = await startTestServer('memory')
  browser = await launchChromium()
})
beforeEach(async () => {
  page = await (await browser.newContext()).newPage()
})
afterEach(() => page.context().close())
afterAll(async () => {
  await browser.close()
  await server.close()
})

/** Opens the form of the first call on the page, which creates a session. */
const openForm = () => page.locator('#createPaymentSession ~ .try > summary').click()

test('the docs page of a sandbox can send a call with the tenant’s token, and loads nothing from other origins', async () => {
  const tenantAnswer = await control(server.baseUrl)('POST', '/tenants', { name: 'other' })
  for (const baseUrl of [server.baseUrl, tenantAnswer.body.tenant.base_url]) {
    const elsewhere: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith(baseUrl)) elsewhere.push(request.url())
    })
    await page.goto(`${baseUrl}/docs/api/payment-sessions`)
    // The page has already filled in the account, the token and the order.
    await openForm()
    await page.getByRole('button', { name: 'Send' }).first().click()
    await page.locator('.result').getByText('"1499.90"').waitFor()
    expect(await page.locator('.result .status').textContent()).toContain('201')
    expect(elsewhere).toEqual([])
    page.removeAllListeners('request')
  }
})

test('each kind of payment session has its own call on the docs page, with its own fields and example', async () => {
  await page.goto(`${server.baseUrl}/docs/api/payment-sessions`)
  for (const [call, field, example] of [
    ['createPaymentSession', 'configurations', '1499.9'],
    ['createMandateEnrollment', 'mandate_details', 'mandate_enrollment'],
    ['createMandateExecution', 'invoice_number', 'mandate_execution'],
    ['createTypedTerminalSession', 'terminal_id', 'pos_payment'],
  ] as const) {
    const section = page.locator(`section[aria-labelledby="${call}"]`)
    expect(await section.locator('dt > code').allTextContents()).toContain(field)
    expect(await section.locator('textarea').inputValue()).toContain(example)
  }
})

test('the docs page adds the scheme to a token, and shows the place where a body is not JSON', async () => {
  await page.goto(`${server.baseUrl}/docs/api/payment-sessions`)
  const token = page.getByLabel('Access token')
  await token.fill('')
  await token.fill(TOKEN)
  await openForm()
  const [request] = await Promise.all([
    page.waitForRequest('**/paymentsessions?*'),
    page.getByRole('button', { name: 'Send' }).first().click(),
  ])
  expect(request.headers().authorization).toBe(`Zoho-oauthtoken ${TOKEN}`)
  expect((await request.response())?.status()).toBe(201)

  // A body that is not JSON: the answer names the line and the column, and the cursor is there.
  const body = page.getByLabel('Body').first()
  await body.fill('{\n  "amount": 1499.9\n  "currency": "INR"\n}')
  await page.getByRole('button', { name: 'Send' }).first().click()
  await page.locator('.result').getByText('at line 3, column 3: a comma is expected').waitFor()
  expect(await body.evaluate((area: HTMLTextAreaElement) => area.selectionStart)).toBe(23)
})

test('the search works with the keyboard alone and opens a section of a page, and the arrow keys switch tabs', async () => {
  await page.goto(`${server.baseUrl}/docs`)
  await page.keyboard.press('/')
  await page.keyboard.type('replayWebhookEvents')
  await page.getByRole('option').first().waitFor()
  await expectAccessible(page)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/docs/api/webhook-deliveries#replayWebhookEvents')

  const tabs = page.getByRole('tablist').first()
  await tabs.getByRole('tab', { name: 'curl' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  expect(await tabs.getByRole('tab', { selected: true }).textContent()).toBe('Python')
  // The chosen language applies to every sample, also on the next page.
  await page.goto(`${server.baseUrl}/docs/api/refunds`)
  expect(await page.getByRole('tab', { selected: true }).allTextContents()).toEqual([
    'Python',
    'Python',
    'Python',
  ])
})

test('a chosen theme applies before the first paint, and both themes pass axe', async () => {
  await page.goto(`${server.baseUrl}/docs/guides/checkout`)
  await expectAccessible(page)
  const button = page.getByRole('button', { name: 'Dark theme' })
  await button.click()
  expect(await button.getAttribute('aria-pressed')).toBe('true')
  for (const path of [
    '/guides/checkout',
    '/api/payment-sessions',
    '/control/trigger',
    '/reference/payment-session',
    '',
  ]) {
    // The other script is blocked, because the theme must not wait for it.
    await page.route('**/assets/docs-*.js', (route) => {
      return route.request().url().includes('docs-theme') ? route.continue() : route.abort()
    })
    await page.goto(`${server.baseUrl}/docs${path}`)
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe(
      'dark',
    )
    await page.unroute('**/assets/docs-*.js')
    await page.goto(`${server.baseUrl}/docs${path}`)
    await expectAccessible(page)
  }
})

test('on a phone a button opens the menu, and a page with wide tables fits the screen', async () => {
  await page.setViewportSize({ width: 360, height: 740 })
  await page.goto(`${server.baseUrl}/docs/reference/coverage`)
  await expectAccessible(page)
  const menu = page.getByRole('navigation', { name: 'Pages', exact: true })
  expect(await menu.isVisible()).toBe(false)
  await page.getByRole('button', { name: 'Menu' }).click()
  await menu.getByRole('link', { name: 'Receive webhooks' }).click()
  await page.waitForURL('**/docs/guides/webhooks')
})

test('the static site works when opened from files, including search and tabs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-site-'))
  try {
    await writeDocs(folder, await readDocuments(server.baseUrl))
    await page.goto(pathToFileURL(join(folder, 'guides/webhooks.html')).href)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('refund a payment')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/api/refunds.html#createRefund')
    expect(await page.getByRole('tab', { selected: true }).first().textContent()).toBe('curl')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the page of a conformance report is accessible, in a light and a dark scheme, and shows differences first', async () => {
  const checks = ALL_EXCHANGES.filter(({ id }) => /^(?:no-token|session-create)$/.test(id))
  const target = {
    kind: 'paydesk',
    url: server.baseUrl,
    token: TOKEN,
    accountId: ACCOUNT_ID,
  } as const
  const result = await runChecks({
    target,
    edition: 'IN',
    // Another edition's currency is refused.
    givenValues: { currency: 'USD' },
    exchanges: checks,
    clock: systemClock,
    signal: new AbortController().signal,
    timeLimitMs: 60_000,
    pauseMs: 0,
    onResult: () => {},
  })
  const report = makeReport(result, { target, edition: 'IN', paydeskVersion: '1' })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setContent(renderReportPage(report))
    await expectAccessible(page)
  }
  const open = page.locator('details[open]')
  expect(await open.count()).toBe(1)
  await open.getByText('✗ differs').first().waitFor()
  await page.locator('#no-token > summary').click()
  await page.locator('#no-token').getByText('✓ conforms').first().waitFor()
})
