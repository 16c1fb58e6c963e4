/** Payment links in a browser: the page in all its states, and the way to the checkout and back. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readSignedPaymentLinkReturn } from '../../src/client/signatures.ts'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import {
  checkoutWorld,
  choose,
  openPanel,
  payByCard,
  pressOnPanel,
  pressPay,
  waitForDecline,
  waitForSuccess,
} from '../support/checkout.ts'
import {
  clearContext,
  DESKTOP,
  examineOnScreens,
  expectAccessible,
  openPage,
  openPageIn,
  PHONE,
  photograph,
  showOn,
} from '../support/pages.ts'
import {
  type CreatedLink,
  cancelLink,
  createLink,
  expectedLinkSignature,
  expireLink,
  retrieveLink,
  updateLink,
} from '../support/payment-links.ts'

const world = checkoutWorld()
let context: BrowserContext
beforeAll(async () => {
  context = await world.browser.newContext({ locale: 'en-IN', viewport: null })
})
afterEach(() => clearContext(context))

/** Opens a page of this context. Returns it with its errors and its requests to other servers. */
const open = (url: string) => openPageIn(context, url, [world.shop.origin])
/** Presses the button of a link's page, and waits for the checkout. */
async function press(page: Page): Promise<void> {
  await page.locator('.link-page button.primary').click()
  await page.waitForURL('**/hostedcheckout/**')
}
/** Starts a payment that waits for the bank. */
async function payPending(page: Page): Promise<void> {
  await payByCard(page, 'Pending Success')
  await page.locator('.state .busy, .state .soft').first().waitFor()
}
const returning = (more: object = {}) => ({
  returnUrl: `${world.shop.origin}/back?o=8841`,
  ...more,
})

/** The states of a link's page: the name, the title, and the function that brings a link into the state. */
const STATES: readonly (readonly [
  name: string,
  title: string,
  reach: (link: CreatedLink) => Promise<unknown>,
])[] = [
  ['active', 'Payment request', async () => {}],
  [
    'processing',
    'This payment is being processed',
    async (link) => {
      const { page } = await open(link.url)
      await press(page)
      await choose(page, 'bank_transfer')
      await pressPay(page)
      await page.locator('.facts').waitFor()
    },
  ],
  [
    'paid',
    'This has been paid',
    async (link) => {
      const { page } = await open(link.url)
      await press(page)
      await payByCard(page)
      await waitForSuccess(page)
    },
  ],
  ['canceled', 'This payment link was canceled', (link) => cancelLink(world.server, link)],
  ['expired', 'This payment link has expired', (link) => expireLink(world.server, link)],
  ['unknown', 'Payment not found', async () => {}],
]

describe.each(STATES)('the page of a link that is %s', (name, title, reach) => {
  test('shows its state, and is accessible on phones and desktops, light and dark', async () => {
    const link = await createLink(world.server)
    await reach(link)
    const url = name === 'unknown' ? link.url.replace(/.{4}$/, 'zzzz') : link.url
    const { complaints, page } = await open(url)
    await page.getByRole('heading', { name: title }).waitFor()
    expect(await page.locator('form').count()).toBe(name === 'active' ? 1 : 0)
    await examineOnScreens(page, `link ${name}`)
    // The other states have the same elements.
    for (const language of name === 'active' || name === 'paid' ? ['hi', 'ur'] : []) {
      await page.goto(`${url}?lang=${language}`)
      await showOn(page, { ...PHONE, colorScheme: 'light' })
      await expectAccessible(page)
      await photograph(page, `link ${name} ${language}`)
    }
    expect(complaints).toEqual([])
  })
})

test('on a phone a customer pays a link and returns to the shop with a valid signature', async () => {
  const link = await createLink(world.server, returning())
  const { complaints, page } = await openPage(world.browser, link.url, PHONE, [world.shop.origin])
  await press(page)
  expect(await page.getByText('Order 8841: two books and a lamp').isVisible()).toBe(true)
  await payByCard(page)
  await waitForSuccess(page)
  await page.waitForURL(`${world.shop.origin}/**`)
  const { payments, status } = await retrieveLink(world.server, link)
  expect(status).toBe('paid')
  const url = page.url()
  expect(url.startsWith(`${world.shop.origin}/back?o=8841&payment_link_id=`)).toBe(true)
  expect(new URL(url).searchParams.get('signature')).toBe(expectedLinkSignature(url))
  expect(readSignedPaymentLinkReturn(url, SANDBOX_VALUES.signingKey)).toEqual({
    payment_link_id: link.id,
    payment_id: payments[0]?.payment_id,
    amount: '1499.90',
    status: 'succeeded',
    payment_link_reference: 'INV-8841',
  })
  // The customer opens the link again.
  await page.goto(link.url)
  await page.getByRole('heading', { name: 'This has been paid' }).waitFor()
  expect(await page.locator('.facts').innerText()).toContain(payments[0]?.payment_id)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('without script a customer can pay a link, cancel, and start again', async () => {
  const link = await createLink(world.server, returning())
  const { page } = await openPage(
    world.browser,
    link.url,
    { ...DESKTOP, javaScriptEnabled: false },
    [world.shop.origin],
  )
  await press(page)
  await page.getByRole('button', { name: 'Cancel and go back' }).click()
  await page.waitForURL(`${link.url}?lang=en`)
  await press(page)
  await payByCard(page)
  await page.waitForURL(`${world.shop.origin}/**`)
  const url = page.url()
  expect(new URL(url).searchParams.get('signature')).toBe(expectedLinkSignature(url))
  await page.context().close()
})

test('after an end without success the checkout of a link leads back to the link, which can be opened again', async () => {
  const link = await createLink(world.server, returning())
  const { complaints, page } = await open(link.url)
  // The customer cancels.
  await press(page)
  await page.getByRole('button', { name: 'Cancel and go back' }).click()
  await page.waitForURL(`${link.url}?lang=en`)
  // All attempts are used up.
  await press(page)
  for (let count = 0; count < 5; count += 1) {
    await pressPay(page)
    await page.locator('.qr').waitFor()
    await pressOnPanel(page, 'Decline')
    expect(await waitForDecline(page)).toBe('upi_declined')
  }
  await page.getByText('No attempts are left on this page.').waitFor()
  await page.locator('.return .link').click()
  await examineOnScreens(page, 'link checkout failed')
  await page.getByRole('link', { name: 'Back to the payment link' }).click()
  await page.waitForURL(`${link.url}?lang=en`)
  // The session expires: its page leads back automatically.
  await press(page)
  await openPanel(page)
  await pressOnPanel(page, 'Expire now')
  await page.waitForURL(`${link.url}?lang=en`, { timeout: 30_000 })
  await press(page)
  await payByCard(page)
  await page.waitForURL(`${world.shop.origin}/**`)
  expect((await retrieveLink(world.server, link)).status).toBe('paid')
  expect(complaints).toEqual([])
})

test('while a payment waits for the bank no other customer can pay the link, and all its pages show the result automatically', async () => {
  const link = await createLink(world.server)
  const { complaints, page } = await open(link.url)
  await press(page)
  // After a change the link opens another session. The page of the first session stays open.
  await updateLink(world.server, link, { description: 'Order 8842' })
  const { page: second } = await open(link.url)
  await press(second)
  await second.getByText('Order 8842').waitFor()
  await payPending(page)
  expect(page.url()).toContain('/hostedcheckout/')
  await pressPay(second)
  await second.waitForURL(`${link.url}?lang=en`)
  await second.getByRole('heading', { name: 'This payment is being processed' }).waitFor()
  expect(await second.locator('button').count()).toBe(0)
  await pressOnPanel(page, 'Approve')
  await waitForSuccess(page)
  await second.getByRole('heading', { name: 'This has been paid' }).waitFor()
  expect(await page.getByText('You may close this page.').isVisible()).toBe(true)
  expect((await retrieveLink(world.server, link)).payments).toHaveLength(1)
  expect(complaints).toEqual([])
})

test('the back button shows the current state of the link', async () => {
  const link = await createLink(world.server)
  const { page } = await open(link.url)
  await press(page)
  await payByCard(page)
  await waitForSuccess(page)
  const { page: other } = await open(link.url)
  await other.getByRole('heading', { name: 'This has been paid' }).waitFor()
  await page.goto(link.url)
  await page.goBack()
  await waitForSuccess(page)
  await page.goForward()
  await page.getByRole('heading', { name: 'This has been paid' }).waitFor()
})
