/** The page of a sandbox's terminal: a customer pays there, is declined, or leaves. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../support/checkout.ts'
import { launchChromium } from '../support/chromium.ts'
import {
  clearContext,
  examineOnScreens,
  expectAccessible,
  openPage,
  openPageIn,
  PHONE,
} from '../support/pages.ts'

let server: CheckoutServer
let browser: Awaited<ReturnType<typeof launchChromium>>
let context: BrowserContext
beforeAll(async () => {
  browser = await launchChromium()
  server = await startCheckoutServer('memory')
  context = await browser.newContext({ locale: 'en-IN', viewport: null })
})
afterEach(() => clearContext(context))
afterAll(async () => {
  await browser.close()
  await server.close()
})

const path = (id = 'PDTERM01') => `${server.baseUrl}/_sandbox/terminal/${id}`
const open = (id?: string) => openPageIn(context, path(id))
async function create(more: object = {}): Promise<string> {
  const { body, status } = await server.call('POST', '/paymentsessions', {
    type: 'pos_payment',
    amount: 250,
    currency: 'INR',
    terminal_id: 'PDTERM01',
    description: 'Two lamps',
    invoice_number: 'INV-77',
    ...more,
  })
  expect(status).toBe(201)
  return body.payments_session.payments_session_id
}
const statusOf = async (id: string) =>
  (await server.call('GET', `/paymentsessions/${id}`)).body.payments_session.session_status
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name })

test('an idle terminal shows a new amount automatically, and a card pays it', async () => {
  const { complaints, page } = await open()
  await heading(page, 'Ready').waitFor()
  await examineOnScreens(page, 'terminal ready')
  const id = await create()
  await heading(page, '₹250.00').waitFor()
  expect(await page.title()).toBe('Pay ₹250.00 · PDTERM01')
  await examineOnScreens(page, 'terminal card')
  await page.getByRole('button', { name: 'Approve' }).click()
  await heading(page, 'Approved').waitFor()
  await examineOnScreens(page, 'terminal approved')
  expect(await statusOf(id)).toBe('succeeded')
  // The next amount replaces the result.
  await create({ amount: 99.5 })
  await heading(page, '₹99.50').waitFor()
  await page.getByRole('button', { name: 'Approve' }).click()
  await heading(page, 'Approved').waitFor()
  expect(complaints).toEqual([])
})

test('a declined customer sees the reason and pays by the QR code, with the keyboard only', async () => {
  const id = await create()
  const { complaints, page } = await open()
  await page.getByLabel('Reason for a decline').selectOption('insufficient_funds')
  await page.getByRole('button', { name: 'Decline' }).press('Enter')
  await page.getByRole('status').filter({ hasText: 'not enough money' }).waitFor()
  expect(await page.getByRole('status').textContent()).toContain('4 attempts are left')
  await page.getByRole('radio', { name: 'Card' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('img', { name: 'QR code to pay ₹250.00 by a UPI app' }).waitFor()
  await examineOnScreens(page, 'terminal declined, QR code')
  await page.getByRole('button', { name: 'Approve' }).press('Enter')
  await heading(page, 'Approved').waitFor()
  expect(await statusOf(id)).toBe('succeeded')
  expect(complaints).toEqual([])
})

test('a customer who leaves at the last attempt ends the session, and another page of the terminal no longer shows the amount', async () => {
  const id = await create({ max_retry_count: 1 })
  const { page } = await open()
  const other = (await open()).page
  await page.getByRole('button', { name: 'Leave without paying' }).click()
  await heading(page, 'Not paid').waitFor()
  await examineOnScreens(page, 'terminal not paid')
  expect(await statusOf(id)).toBe('failed')
  // The other page has noticed that the amount is gone.
  await heading(other, 'Ready').waitFor()
})

test('a slow answer to a button is shown, although the amount has left the terminal in the meantime', async () => {
  const id = await create({ max_retry_count: 1 })
  const { page } = await open()
  const release = Promise.withResolvers<void>()
  await page.route('**/terminal/**', async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    const response = await route.fetch({ maxRedirects: 0 })
    await release.promise
    return route.fulfill({ response })
  })
  let pollCount = 0
  page.on('requestfinished', (request) => {
    if (request.url().includes('/terminals/')) pollCount += 1
  })
  await page.getByRole('button', { name: 'Leave without paying' }).click({ noWaitAfter: true })
  await expect.poll(() => statusOf(id)).toBe('failed')
  const countAtEnd = pollCount
  await expect.poll(() => pollCount).toBeGreaterThan(countAtEnd + 1)
  release.resolve()
  await heading(page, 'Not paid').waitFor()
  await page.unrouteAll()
})

test('several amounts wait in turn, and an amount leaves when its time is over', async () => {
  const first = await create({ amount: 10 })
  server.advance(1_000)
  await create({ amount: 20 })
  const { page } = await open()
  await heading(page, '₹20.00').waitFor()
  await examineOnScreens(page, 'terminal two amounts')
  await page.getByRole('link', { name: '₹10.00' }).click()
  await heading(page, '₹10.00').waitFor()
  expect(await page.locator('#left').textContent()).toBe('2:59')
  server.advance(100_000)
  await expect.poll(() => page.locator('#left').textContent()).toBe('1:19')
  server.advance(180_000)
  await heading(page, 'Ready').waitFor()
  expect(await statusOf(first)).toBe('failed')
})

test('the page works without script, and an unknown terminal has a page', async () => {
  const id = await create()
  const { page } = await openPage(browser, path(), { ...PHONE, javaScriptEnabled: false })
  await page.getByRole('button', { name: 'Approve' }).click()
  await heading(page, 'Approved').waitFor()
  expect(await statusOf(id)).toBe('succeeded')
  await page.context().close()
  const unknownTerminal = await open('PDTERM09')
  await heading(unknownTerminal.page, 'No such terminal').waitFor()
  await expectAccessible(unknownTerminal.page)
})

test('a form of another site changes nothing', async () => {
  const id = await create()
  const answer = await fetch(path(), {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'cross-site',
    },
    body: `payments_session_id=${id}&method=card&outcome=succeeded`,
    redirect: 'manual',
  })
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(await statusOf(id)).toBe('in_progress')
})
