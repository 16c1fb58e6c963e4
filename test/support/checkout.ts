/** Actions of merchants and customers for tests of the checkout page. */

import { createHmac } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Clock } from '../../src/domain/clock.ts'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { launchChromium } from './chromium.ts'
import type { EngineName } from './engines.ts'
import { createTestClock, SERVER_TIME_MS } from './memory-store.ts'
import { type Shop, startShop } from './pages.ts'
import { ACCOUNT_ID, call, startTestServer, type TestServer, TOKEN } from './server.ts'

/** A sandbox with a movable clock. */
export type CheckoutServer = TestServer & {
  /** Advances the server's clock. */
  readonly advance: (milliseconds: number) => void
}

/** Starts a sandbox with a movable clock. The clock stands still, unless `options` has another one. */
export async function startCheckoutServer(
  engine: EngineName = 'memory',
  flags: Readonly<Record<string, string | boolean>> = {},
  options: Parameters<typeof startTestServer>[2] = {},
): Promise<CheckoutServer> {
  let aheadMs = 0
  const clock = options?.clock ?? createTestClock(SERVER_TIME_MS)
  const server = await startTestServer(engine, flags, {
    ...options,
    clock: { nowMs: () => clock.nowMs() + aheadMs },
  })
  return {
    ...server,
    advance: (milliseconds) => {
      aheadMs += milliseconds
    },
  }
}

/** A browser, a shop, and a sandbox. */
export type CheckoutWorld = {
  readonly browser: Browser
  readonly shop: Shop
  readonly server: CheckoutServer
}

/** Makes a frozen clock, so that a page keeps its state. */
export function stillClock(): Clock {
  const startedAtMs = Date.now()
  return { nowMs: () => startedAtMs }
}

/**
 * Starts browser, shop and sandbox before the tests of a file, and ends them after the tests. `clock`: by default
 * one that stands still.
 */
export function checkoutWorld(
  flags: Readonly<Record<string, string | boolean>> = {},
  clock?: Clock,
): CheckoutWorld {
  const world: { -readonly [Key in keyof CheckoutWorld]?: CheckoutWorld[Key] } = {}
  beforeAll(async () => {
    world.browser = await launchChromium()
    world.shop = await startShop()
    world.server = await startCheckoutServer('memory', flags, clock && { clock })
  })
  afterAll(async () => {
    await world.browser?.close()
    world.shop?.close()
    await world.server?.close()
  })
  return world as CheckoutWorld
}

/** A session from the answer to its creation, and the address of its page. */
export type CreatedSession = {
  readonly id: string
  readonly accessKey: string
  readonly url: string
}

/** Creates a session whose customer returns to the shop. */
export async function createSession(
  server: TestServer,
  shop: Shop,
  more: Readonly<Record<string, unknown>> = {},
  accountId: string = ACCOUNT_ID,
): Promise<CreatedSession> {
  const answer = await call(
    server.baseUrl,
    'POST',
    `/paymentsessions?account_id=${accountId}`,
    {
      amount: 1499.9,
      currency: 'INR',
      description: 'Order 8841: two books and a lamp',
      invoice_number: 'INV-8841',
      configurations: {
        hosted_page_parameters: {
          success_url: `${shop.origin}/thanks?order=8841`,
          failure_url: `${shop.origin}/sorry`,
          name: 'Asha Rao',
          email: 'asha@example.com',
          phone: '9000000001',
          udf1: 'ein Bücher & mehr',
        },
      },
      ...more,
    },
    { authorization: `Zoho-oauthtoken ${TOKEN}` },
  )
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
  const { access_key: accessKey, payments_session_id: id } = answer.body.payments_session
  return { id, accessKey, url: `${server.baseUrl}/hostedcheckout/${accessKey}` }
}

/** Returns a session from the API. */
export async function retrieve(
  server: TestServer,
  { id }: CreatedSession,
  accountId: string = ACCOUNT_ID,
) {
  const answer = await call(server.baseUrl, 'GET', `/paymentsessions/${id}?account_id=${accountId}`)
  return answer.body.payments_session as {
    readonly status: string
    readonly payments: readonly { readonly payment_id: string; readonly status: string }[]
  }
}

/** Chooses a method. */
export async function choose(page: Page, method: string): Promise<void> {
  await page.locator(`input[name=method][value=${method}]`).check()
}

/** Presses Pay. */
export async function pressPay(page: Page): Promise<void> {
  await page.locator('form.pay button.primary').click()
}

/** Types a card. The name decides the outcome. */
export async function typeCard(
  page: Page,
  name = 'Asha Rao',
  number = '4111111111111111',
): Promise<void> {
  await choose(page, 'card')
  await page.locator('#card_number').fill(number)
  await page.locator('#card_expiry').fill('12/40')
  await page.locator('#card_cvv').fill('123')
  await page.locator('#card_name').fill(name)
}

/** Enters the code on the 3-D Secure page. */
export async function confirmByOtp(page: Page, otp = '123456'): Promise<void> {
  await page.locator('#otp').fill(otp)
  await page.locator('button[value=approve]').click()
}

/** Pays by card with 3-D Secure. */
export async function payByCard(page: Page, name?: string, otp?: string): Promise<void> {
  await typeCard(page, name)
  await pressPay(page)
  await page.waitForURL('**/sandbox/3d-secure/**')
  await confirmByOtp(page, otp)
}

/** Waits until the page shows the successful payment. */
export const waitForSuccess = (page: Page) => page.locator('.state.good').waitFor()
/** Waits until the page shows the failure, and returns its support code. */
export async function waitForDecline(page: Page): Promise<string> {
  const code = page.locator('.notice.declined .code, .state.bad .code')
  await code.waitFor()
  return ((await code.textContent()) ?? '').replace('Support code: ', '')
}

/** Opens the sandbox's panel. It is open already while an attempt waits. */
export async function openPanel(page: Page): Promise<void> {
  await page.locator('.panel summary').click()
}

/** Waits until the sandbox's panel is open, and presses one of its buttons. */
export async function pressOnPanel(page: Page, label: string): Promise<void> {
  await page.locator('.panel').getByRole('button', { name: label, exact: true }).click()
}

/** Computes a redirect's signature by the documented formula, without code of the program. */
export function expectedSignature(url: string): string {
  const { searchParams } = new URL(url)
  const names = [
    'payments_session_id',
    'payment_session_status',
    'payment_id',
    'payment_status',
    'amount',
    'mandate_id',
    'udf1',
    'udf2',
    'udf3',
    'udf4',
    'udf5',
  ]
  return createHmac('sha256', SANDBOX_VALUES.signingKey)
    .update(names.map((name) => searchParams.get(name) ?? '').join('.'))
    .digest('hex')
}
