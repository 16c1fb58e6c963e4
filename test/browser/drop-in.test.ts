/** Merchants' pages that contain the real addresses work unchanged, with the widget and with the checkout. */
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeAuthority, makeServerIdentity } from '../../src/sandbox/drop-in/certificates.ts'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { createRandom } from '../../src/server/random.ts'
import { launchChromium, trustKeysOf } from '../support/chromium.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const { accountId, apiKey, signingKey, usAccountId } = SANDBOX_VALUES
const random = createRandom()
const SHOP = 'https://shop.example'
const SCRIPT = 'https://static.zohocdn.com/zpay/zpay-js/v1/zpayments.js'

let folder: string
let server: TestServer
let browser: Browser
let shop: Server
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-ca-'))
  server = await startTestServer('memory', {
    impersonate: true,
    impersonatePort: '0',
    caDir: folder,
  })
  if (server.impersonation === undefined) throw new Error('nobody is impersonated')
  const { authority, port } = server.impersonation
  // The shop is on this machine, like a developer's page: browsers ask the user before a page of another machine may
  // call this one.
  const identity = makeServerIdentity(makeAuthority(random, Date.now()), random, Date.now(), {
    dns: ['shop.example'],
    addresses: [],
  })
  shop = createServer(
    { key: identity.key.export({ type: 'pkcs8', format: 'pem' }), cert: identity.certificate },
    (_request, response) =>
      response
        .setHeader('content-type', 'text/html')
        .end(
          `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><script src="${SCRIPT}"></script><h1>Your basket</h1></html>`,
        ),
  )
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
  const { port: shopPort } = shop.address() as AddressInfo
  const certificates = [identity.certificate, readFileSync(authority.certificateFile, 'utf8')]
  browser = await launchChromium([
    // These flags replace the hosts file and the import of the certificate.
    `--host-resolver-rules=MAP shop.example 127.0.0.1:${shopPort}, MAP * 127.0.0.1:${port}`,
    trustKeysOf(...certificates),
  ])
})
afterAll(async () => {
  await browser.close()
  shop.close()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Opens the merchant's page. Its content is the same as for the real service. */
async function openShop(): Promise<{ readonly page: Page; readonly log: string[] }> {
  const page = await (await browser.newContext()).newPage()
  const messages: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') messages.push(message.text())
  })
  page.on('pageerror', ({ message }) => messages.push(message))
  await page.goto(`${SHOP}/`)
  return { page, log: messages }
}

async function createSession(configurations?: object) {
  const answer = await server.call('POST', '/paymentsessions', {
    amount: 1499.9,
    currency: 'INR',
    configurations,
  })
  expect(answer.status).toBe(201)
  return answer.body.payments_session
}

async function payByCard(place: FrameLocator | Page): Promise<void> {
  await place.locator('input[name=method][value=card]').check()
  await place.locator('#card_number').fill('4111111111111111')
  await place.locator('#card_expiry').fill('12/40')
  await place.locator('#card_cvv').fill('123')
  await place.locator('#card_name').fill('Asha Rao')
  await place.locator('form.pay button.primary').click()
  await place.locator('#otp').fill('123456')
  await place.locator('button[value=approve]').click()
}

test('a page that loads the script from the real address can take a payment in the widget', async () => {
  const { page, log } = await openShop()
  const { payments_session_id: id } = await createSession()
  const payment = page.evaluate(
    ([accountId, apiKey, id]) =>
      new window.ZPayments({
        account_id: accountId,
        domain: 'IN',
        otherOptions: { api_key: apiKey },
      }).requestPaymentMethod({
        amount: '1499.90',
        currency_code: 'INR',
        payments_session_id: id,
      }),
    [accountId, apiKey, id] as const,
  )
  const address = await page.locator('#zpay-wrapper iframe').getAttribute('src')
  expect(address).toContain(`https://payments.zoho.in/charge/${accountId}?`)
  await payByCard(page.frameLocator('#zpay-wrapper iframe'))
  const { payment_id: paymentId, signature } = (await payment) as Record<string, string>
  expect(signature).toBe(
    createHmac('sha256', signingKey).update(`${paymentId}|${id}`).digest('hex'),
  )
  const { body } = await server.call('GET', `/paymentsessions/${id}`)
  expect(body.payments_session).toMatchObject({
    status: 'succeeded',
    payments: [{ payment_id: paymentId }],
  })
  expect(log).toEqual([])
  await page.context().close()
})

test('a customer pays at the address of the real checkout and returns', async () => {
  const { page, log } = await openShop()
  const { access_key: key } = await createSession({
    hosted_checkout_parameters: { success_url: `${SHOP}/paid`, failure_url: `${SHOP}/failed` },
  })
  await page.goto(`https://payments.zoho.in/hostedcheckout/${key}`)
  await payByCard(page)
  await page.waitForURL(`${SHOP}/paid?**`)
  expect(new URL(page.url()).searchParams.get('payment_status')).toBe('succeeded')
  expect(log).toEqual([])
  await page.context().close()
})

test.each([
  [{ account_id: accountId, domain: 'IN' }, `https://payments.zoho.in/charge/${accountId}`],
  [
    { account_id: accountId, domain: 'IN', otherOptions: { is_test_mode: true } },
    `https://paymentssandbox.zoho.in/charge/${accountId}`,
  ],
  [
    { account_id: accountId, domain: 'IN', otherOptions: { is_test_mode: false } },
    `https://payments.zoho.in/charge/${accountId}`,
  ],
  [{ account_id: usAccountId, domain: 'US' }, `https://payments.zoho.com/charge/${usAccountId}`],
  [
    { account_id: usAccountId, domain: 'US', otherOptions: { is_test_mode: true } },
    `https://payments.zoho.com/charge/${usAccountId}`,
  ],
  [
    { accountId: usAccountId, domain: 'IN', edition: 'US' },
    `https://payments.zoho.com/charge/${usAccountId}`,
  ],
])('with the options %j the real script opens the frame at %s', async (options, address) => {
  const { page, log } = await openShop()
  await page.evaluate((widgetOptions) => {
    new window.ZPayments(widgetOptions)
  }, options)
  const frame = page.locator('#zpay-wrapper iframe')
  expect(await frame.getAttribute('src')).toContain(`${address}?`)
  // The frame shows the waiting page.
  await page.frameLocator('#zpay-wrapper iframe').locator('#busy').waitFor({ state: 'attached' })
  expect(log).toEqual([])
  await page.context().close()
})

test('an unknown edition is reported on the browser’s console, and is treated as US', async () => {
  const { page, log } = await openShop()
  await page.evaluate((id) => {
    new window.ZPayments({ account_id: id, domain: 'EU' })
  }, usAccountId)
  expect(await page.locator('#zpay-wrapper iframe').getAttribute('src')).toContain(
    'https://payments.zoho.com/charge/',
  )
  expect(log).toEqual([expect.stringContaining('"EU"')])
  await page.context().close()
})
