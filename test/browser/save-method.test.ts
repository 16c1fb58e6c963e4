/** The page and the widget that save a payment method, in Chromium. */
import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { systemClock } from '../../src/server/clock.ts'
import { type CheckoutServer, startCheckoutServer } from '../support/checkout.ts'
import { launchChromium } from '../support/chromium.ts'
import {
  DESKTOP,
  examineOnScreens,
  expectAccessible,
  openPage,
  photograph,
} from '../support/pages.ts'
import { US_ACCOUNT_ID } from '../support/server.ts'
import { AS_ANOTHER } from '../support/taken-payments.ts'

let browser: Browser
let server: CheckoutServer
let merchant: Server
let shop: string
beforeAll(async () => {
  browser = await launchChromium()
  server = await startCheckoutServer('memory', {}, { clock: systemClock })
  merchant = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(
      `<!doctype html><html lang="en"><title>Shop</title><script src="${server.baseUrl}/zpay/zpay-js/v1/zpayments.js"></script>
        <main><h1>Your account</h1></main></html>`,
    )
  })
  await new Promise<void>((resolve) => merchant.listen(0, 'localhost', resolve))
  shop = `http://localhost:${(merchant.address() as AddressInfo).port}`
})
afterAll(async () => {
  await browser.close()
  merchant.close()
  await server.close()
})

const call = (method: string, path: string, body?: unknown) =>
  server.call(method, `${path}?${AS_ANOTHER}`, body)
async function createSession() {
  const { body } = await call('POST', '/customers', { name: 'Ben Ode', email: 'ben@shop.test' })
  const { customer_id } = body.customer
  const answer = await call('POST', '/paymentmethodsessions', { customer_id })
  return answer.body.payment_method_session as {
    readonly payment_method_session_id: string
    readonly customer_id: string
    readonly access_key: string
  }
}
async function fillCard(page: Page | FrameLocator): Promise<void> {
  await page.getByLabel('Card number').fill('4111111111111111')
  await page.getByLabel('Expiry').fill('09/40')
  await page.getByLabel('Security code').fill('123')
  await page.getByLabel('Name on card').fill('Ben Ode')
  await page.getByLabel('ZIP or postal code').fill('10001')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
}
async function confirm(page: Page | FrameLocator): Promise<void> {
  await page.getByLabel('One-time code').fill('123456')
  await page.getByRole('button', { name: 'Confirm' }).click()
}

test.each(['en', 'hi', 'ur'])(
  'the page is accessible in %s in both color schemes, on a phone and on a desktop',
  async (language) => {
    const { access_key: key } = await createSession()
    const url = `${server.baseUrl}/hostedcheckout/${key}?lang=${language}`
    const { page, complaints } = await openPage(browser, url, { viewport: null })
    await examineOnScreens(page, `save method ${language}`)
    expect(complaints).toEqual([])
    await page.context().close()
  },
)

test('a customer enters a card, confirms it on the issuer’s page, and the card is saved', async () => {
  const { access_key: key, payment_method_session_id: id } = await createSession()
  const { page } = await openPage(
    browser,
    `${server.baseUrl}/hostedcheckout/${key}?lang=en`,
    DESKTOP,
  )
  await fillCard(page)
  await confirm(page)
  await page.getByRole('heading', { name: 'Saved' }).waitFor()
  await photograph(page, 'save-method-saved')
  await expectAccessible(page)
  const { body } = await call('GET', `/paymentmethodsessions/${id}`)
  expect(body.payment_method_session.status).toBe('succeeded')
  await page.context().close()
})

test('a test instrument of the sandbox’s panel fills the form, and is saved', async () => {
  const { access_key: key, payment_method_session_id: id } = await createSession()
  const url = `${server.baseUrl}/hostedcheckout/${key}?lang=en`
  const { page, complaints } = await openPage(browser, url, { viewport: null })
  await page.getByText('Sandbox: test instruments').click()
  await examineOnScreens(page, 'save method panel')
  await page.getByRole('button', { name: 'Account …6789' }).click()
  expect(await page.getByLabel('US bank account').isChecked()).toBe(true)
  expect(await page.getByLabel('Account number').inputValue()).toBe('000123456789')
  await page.getByRole('button', { name: 'Name “Expired Card Later”' }).click()
  expect(await page.getByLabel('Name on card').inputValue()).toBe('Expired Card Later')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await confirm(page)
  await page.getByRole('heading', { name: 'Saved' }).waitFor()
  expect(complaints).toEqual([])
  expect(await page.getByText('Sandbox: test instruments').count()).toBe(0)
  const { body } = await call('GET', `/paymentmethodsessions/${id}`)
  expect(body.payment_method_session.status).toBe('succeeded')
  await page.context().close()
})

type Ended = { readonly resolved?: unknown; readonly rejected?: { readonly code: string } }

/** Requests a saved method in a shop's page. The result arrives when the widget ends. */
async function request(page: Page, options: object): Promise<() => Promise<Ended>> {
  await page.evaluate(
    ([accountId, apiKey, more]) => {
      const widget = new window.ZPayments({
        account_id: accountId,
        domain: 'US',
        otherOptions: { api_key: apiKey },
      })
      window.result = widget
        .requestPaymentMethod({ transaction_type: 'add', payment_method: 'card', ...more })
        .then(
          (value) => ({ resolved: value }),
          (error) => ({ rejected: error }),
        )
    },
    [US_ACCOUNT_ID, SANDBOX_VALUES.apiKey, options] as const,
  )
  return () => page.evaluate(() => window.result) as Promise<Ended>
}

test('the widget saves a card, and its signature can be verified', async () => {
  const session = await createSession()
  const { page } = await openPage(browser, `${shop}/`, DESKTOP, [server.baseUrl])
  const readOutcome = await request(page, {
    payment_method_session_id: session.payment_method_session_id,
    customer_id: session.customer_id,
  })
  const frame = page.frameLocator('iframe')
  await frame.getByLabel('Card number').waitFor()
  expect(await frame.getByText('US bank account').count()).toBe(0)
  await photograph(page, 'save-method-widget')
  await fillCard(frame)
  await confirm(frame)
  const { resolved: result } = (await readOutcome()) as { resolved: Record<string, string> }
  const { body } = await call('GET', `/paymentmethodsessions/${session.payment_method_session_id}`)
  const { payment_method: method } = body.payment_method_session
  const text = `${method.payment_method_id}|${session.payment_method_session_id}`
  expect(result).toEqual({
    payment_method_id: method.payment_method_id,
    payment_method_session_id: session.payment_method_session_id,
    message: 'success',
    signature: createHmac('sha256', SANDBOX_VALUES.signingKey).update(text).digest('hex'),
  })
  const savedMethod = await call('GET', `/paymentmethods/${method.payment_method_id}`)
  expect(savedMethod.body.payment_method.source).toBe('widget')
  await page.context().close()
})

test('the widget refuses another customer, an unknown session and an expired one', async () => {
  const session = await createSession()
  const { payment_method_session_id: id } = session
  const { page } = await openPage(browser, `${shop}/`, DESKTOP, [server.baseUrl])
  const codeOf = async (options: object) => (await (await request(page, options))()).rejected?.code
  expect(await codeOf({ payment_method_session_id: id, customer_id: '17' })).toBe(
    'widget_validation_error',
  )
  expect(await codeOf({ payment_method_session_id: '251234567890123' })).toBe(
    'paymentmethods_validation',
  )
  server.advance(15 * 60_000)
  expect(await codeOf({ payment_method_session_id: id })).toBe('session_expired')
  await page.context().close()
})
