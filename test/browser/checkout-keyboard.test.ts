import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { checkoutWorld, createSession, waitForSuccess } from '../support/checkout.ts'
import { DESKTOP, openPage } from '../support/pages.ts'
import { US_ACCOUNT_ID } from '../support/server.ts'

const world = checkoutWorld()

/** The maximum number of presses. If more are needed, the element cannot be reached. */
const TAB_COUNT_MAX = 40

/** Presses Tab until the element has the focus, and checks that the focus is visible. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let count = 0; count < TAB_COUNT_MAX; count += 1) {
    const focus = page.locator(':focus')
    if (await page.evaluate((one) => document.activeElement?.matches(one) === true, selector)) {
      const lookAt = (one: Element) => [
        one.getBoundingClientRect().height > 0,
        getComputedStyle(one).outlineStyle,
      ]
      // A field of a new page can have the focus before the page has its style.
      await expect
        .poll(() => focus.evaluate(lookAt), { message: selector })
        .toEqual([true, 'solid'])
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`the keyboard does not reach ${selector}`)
}

/** Moves down the list of methods with the arrow keys. */
async function chooseByArrows(page: Page, method: string): Promise<void> {
  await tabTo(page, 'input[name=method]')
  for (let count = 0; count < 6; count += 1) {
    if (await page.locator(`input[name=method][value=${method}]`).isChecked()) return
    await page.keyboard.press('ArrowDown')
  }
  throw new Error(`arrow keys do not reach ${method}`)
}

async function typeInto(page: Page, selector: string, text: string): Promise<void> {
  await tabTo(page, selector)
  await page.keyboard.type(text)
}

async function confirm(page: Page): Promise<void> {
  await page.locator('#otp').waitFor()
  await typeInto(page, '#otp', '123456')
  await page.keyboard.press('Enter')
}

const METHODS: [method: string, pay: (page: Page) => Promise<void>][] = [
  [
    'card',
    async (page) => {
      await typeInto(page, '#card_number', '4111111111111111')
      await typeInto(page, '#card_expiry', '1240')
      await typeInto(page, '#card_cvv', '123')
      await typeInto(page, '#card_name', ' Rao')
      await page.keyboard.press('Enter')
      await confirm(page)
    },
  ],
  [
    'upi',
    async (page) => {
      await tabTo(page, 'input[name=upi_channel]')
      await page.keyboard.press('ArrowDown')
      await typeInto(page, '#upi_id', 'success@paydesk')
      await tabTo(page, 'button.primary')
      await page.keyboard.press('Space')
      await page.getByText('Waiting for your approval').waitFor()
      world.server.advance(4_000)
    },
  ],
  [
    'netbanking',
    async (page) => {
      await tabTo(page, 'input[name=bank]')
      await page.keyboard.press('Space')
      await page.keyboard.press('Enter')
      await page.waitForURL('**/sandbox/bank/**')
      await tabTo(page, 'button[value=approve]')
      await page.keyboard.press('Enter')
    },
  ],
  [
    'wallet',
    async (page) => {
      await tabTo(page, 'input[name=wallet]')
      await page.keyboard.press('Space')
      await tabTo(page, 'button.primary')
      await page.keyboard.press('Enter')
      await confirm(page)
    },
  ],
  [
    'bank_transfer',
    async (page) => {
      await tabTo(page, 'button.primary')
      await page.keyboard.press('Enter')
      await page.getByText('Exact amount').waitFor()
      await tabTo(page, 'button.copy')
      await tabTo(page, '.acts button')
      await page.keyboard.press('Enter')
    },
  ],
]

test.each(METHODS)('a customer can pay by %s with the keyboard alone', async (method, pay) => {
  const session = await createSession(world.server, world.shop)
  const { page } = await openPage(world.browser, session.url, DESKTOP, [world.shop.origin])
  await page.locator('html.scripted').waitFor()
  await chooseByArrows(page, method)
  await pay(page)
  await waitForSuccess(page)
  await page.context().close()
})

test('a customer can pay by ACH with the keyboard alone', async () => {
  const session = await createSession(world.server, world.shop, { currency: 'USD' }, US_ACCOUNT_ID)
  const { page } = await openPage(world.browser, session.url, DESKTOP, [world.shop.origin])
  await page.locator('html.scripted').waitFor()
  await chooseByArrows(page, 'ach_debit')
  await typeInto(page, '#ach_name', ' Rao')
  await typeInto(page, '#ach_routing', '110000000')
  await typeInto(page, '#ach_account', '000123456789')
  await page.keyboard.press('Enter')
  await page.getByText('Waiting for your bank').waitFor()
  world.server.advance(11_000)
  await waitForSuccess(page)
  await page.context().close()
})

test('the Tab key moves the focus in the reading order of the page', async () => {
  const session = await createSession(world.server, world.shop)
  const { page } = await openPage(world.browser, session.url, DESKTOP)
  await page.locator('html.scripted').waitFor()
  const tops: number[] = []
  for (let count = 0; count < 6; count += 1) {
    await page.keyboard.press('Tab')
    // The position on the page, not in the window, because a change of the focus can scroll the page.
    const top = (one: Element) => one.getBoundingClientRect().top + scrollY
    tops.push(await page.locator(':focus').evaluate(top))
  }
  expect(tops).toEqual(tops.toSorted((a, b) => a - b))
  await page.context().close()
})
