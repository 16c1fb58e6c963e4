import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import {
  checkoutWorld,
  choose,
  confirmByOtp,
  createSession,
  openPanel,
  payByCard,
  pressOnPanel,
  pressPay,
  stillClock,
  typeCard,
  waitForDecline,
} from '../support/checkout.ts'
import {
  COLOR_SCHEMES,
  clearContext,
  expectAccessible,
  openPage,
  openPageIn,
  photograph,
  SIZES,
  showOn,
} from '../support/pages.ts'
import { call, US_ACCOUNT_ID } from '../support/server.ts'

const world = checkoutWorld({}, stillClock())

/** Prevents the automatic return, so that the final page stays open during its examination. */
async function stay(page: Page): Promise<void> {
  await page.locator('.return .link').click()
}

type State = {
  readonly name: string
  readonly session?: Readonly<Record<string, unknown>>
  readonly accountId?: string
  /** Brings the open page into the state. The page is in English. */
  readonly reach: (page: Page, id: string) => Promise<void>
}

/** Every state of the page. */
const STATES: readonly State[] = [
  { name: '01 ready, UPI', reach: async () => {} },
  { name: '02 ready, card', reach: (page) => typeCard(page) },
  {
    name: '03 ready, mistakes',
    reach: async (page) => {
      await choose(page, 'card')
      await page.locator('#card_name').fill('')
      await pressPay(page)
      await page.locator('#card_number-problem').waitFor()
    },
  },
  { name: '04 ready, net banking', reach: (page) => choose(page, 'netbanking') },
  { name: '05 ready, wallet', reach: (page) => choose(page, 'wallet') },
  {
    name: '06 ready, one method',
    session: { configurations: { allowed_payment_methods: ['card'] } },
    reach: async () => {},
  },
  {
    name: '07 ready, US bank account',
    session: { currency: 'USD' },
    accountId: US_ACCOUNT_ID,
    reach: (page) => choose(page, 'ach_debit'),
  },
  {
    name: '08 submitting',
    reach: async (page) => {
      await page.route('**/pay?**', () => {})
      await typeCard(page)
      await pressPay(page)
      await page.locator('button.primary[aria-busy=true]').waitFor()
    },
  },
  {
    name: '09 3-D Secure',
    reach: async (page) => {
      await typeCard(page)
      await pressPay(page)
      await page.waitForURL('**/sandbox/3d-secure/**')
    },
  },
  {
    name: '10 back from 3-D Secure',
    reach: async (page) => {
      await typeCard(page)
      await pressPay(page)
      await page.waitForURL('**/sandbox/3d-secure/**')
      await page.goBack()
      await page.locator('a.primary').waitFor()
    },
  },
  {
    name: '11 waiting for UPI, by link',
    reach: async (page) => {
      await pressPay(page)
      await page.locator('.qr, .apps').waitFor()
    },
  },
  {
    name: '12 waiting for UPI, by request',
    reach: async (page) => {
      await page.locator('input[value=collect]').check()
      await page.locator('#upi_id').fill('pending@paydesk')
      await pressPay(page)
      await page.locator('.busy').waitFor()
    },
  },
  {
    name: '13 waiting for a transfer',
    reach: async (page) => {
      await choose(page, 'bank_transfer')
      await pressPay(page)
      await page.locator('.facts').waitFor()
    },
  },
  {
    name: '14 pending',
    reach: async (page) => {
      await payByCard(page, 'Pending Success')
      await page.locator('.state a.quiet').waitFor()
    },
  },
  {
    name: '15 declined',
    reach: async (page) => {
      await payByCard(page, 'Insufficient Funds')
      await page.locator('.notice.declined').waitFor()
    },
  },
  {
    name: '16 succeeded',
    reach: async (page) => {
      await payByCard(page)
      await page.locator('.state.good').waitFor()
      await stay(page)
    },
  },
  {
    name: '17 attempts used up',
    session: { max_retry_count: 1 },
    reach: async (page) => {
      await payByCard(page, 'Do Not Honour')
      await page.locator('.state.bad').waitFor()
      await stay(page)
    },
  },
  {
    name: '18 expired',
    reach: async (page) => {
      await openPanel(page)
      await pressOnPanel(page, 'Expire now')
      await page.locator('.state.bad').waitFor()
      await stay(page)
    },
  },
  {
    name: '19 canceled',
    reach: async (page, id) => {
      await call(world.server.baseUrl, 'POST', `/paymentsessions/${id}/cancel`)
      await page.locator('.state.bad').waitFor()
      await stay(page)
    },
  },
  {
    name: '20 in progress elsewhere',
    reach: async (page) => {
      const other = await page.context().newPage()
      await other.goto(page.url())
      await typeCard(other)
      await pressPay(other)
      await other.waitForURL('**/sandbox/3d-secure/**')
      await page.locator('.state').waitFor()
    },
  },
  {
    name: '21 paid in another tab',
    reach: async (page) => {
      const other = await page.context().newPage()
      await other.goto(page.url())
      await typeCard(other)
      await pressPay(other)
      await confirmByOtp(other)
      await page.locator('.state.good').waitFor()
      await stay(page)
      await other.close()
    },
  },
  {
    name: '22 connection lost',
    reach: async (page) => {
      await typeCard(page)
      await page.context().setOffline(true)
      await pressPay(page)
      await page.locator('.notice.offline').waitFor()
    },
  },
  {
    name: '23 two minutes left',
    reach: async (page) => {
      await page.locator('.time').waitFor()
      world.server.advance(13.5 * 60_000)
      await page.reload()
      await page.locator('.time.warning').waitFor()
    },
  },
  { name: '24 panel', reach: openPanel },
  {
    name: '25 bank page',
    reach: async (page) => {
      await choose(page, 'netbanking')
      await page.getByLabel('Success Test Bank').check()
      await pressPay(page)
      await page.waitForURL('**/sandbox/bank/**')
    },
  },
]

/** The browser contexts of this file, by their options. The states share them. */
const contexts = new Map<BrowserContextOptions, BrowserContext>()

async function contextWith(options: BrowserContextOptions): Promise<BrowserContext> {
  const context = contexts.get(options) ?? (await world.browser.newContext(options))
  contexts.set(options, context)
  return context
}

async function openState(
  { accountId, reach, session: more }: State,
  options: BrowserContextOptions,
  language: string,
) {
  const session = await createSession(world.server, world.shop, more, accountId)
  const { page } = await openPageIn(await contextWith(options), `${session.url}?lang=${language}`, [
    world.shop.origin,
  ])
  await page.locator('html.scripted').waitFor()
  await reach(page, session.id)
  // Wait for opening animations, but not for endless ones.
  await page.evaluate(() => {
    const ending = document
      .getAnimations()
      .filter((one) => one.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
    return Promise.allSettled(ending.map(({ finished }) => finished)).then(() => undefined)
  })
  return page
}

type Screen = {
  readonly size: string
  readonly options: BrowserContextOptions
  readonly colorScheme: 'light' | 'dark'
}

const ALL_SCREENS: readonly Screen[] = SIZES.flatMap(([size, options]) =>
  COLOR_SCHEMES.map((colorScheme) => ({ size, options, colorScheme })),
)

/** The page that the last test examined. */
let lastView: { key: string; screen: Screen; page: Page } | undefined

/**
 * Opens a page in a state. Reuses the page of the last test if it shows the same state and its content does not
 * depend on the device.
 */
async function pageInState(state: State, screen: Screen, language: string): Promise<Page> {
  const key = `${state.name} ${language}`
  if (lastView?.key === key && (await changeScreen(lastView.page, lastView.screen, screen))) {
    lastView.screen = screen
  } else {
    if (lastView !== undefined) await clearContext(lastView.page.context())
    lastView = undefined
    lastView = { key, screen, page: await openState(state, screen.options, language) }
  }
  await lastView.page.emulateMedia({ colorScheme: screen.colorScheme })
  return lastView.page
}

/**
 * Changes the device of an open page. False: the page shows UPI's QR code or apps, so it must be opened on the other
 * device. No other content depends on the device.
 */
async function changeScreen(page: Page, before: Screen, { options }: Screen): Promise<boolean> {
  if (options === before.options) return true
  if ((await page.locator('.channels, .qr, .apps').filter({ visible: true }).count()) > 0)
    return false
  await showOn(page, options)
  return true
}

/** With PAYDESK_TEST_SCREENSHOTS every state is examined on all screens. */
const isLookedAt = process.env.PAYDESK_TEST_SCREENSHOTS !== undefined
/** The colors do not depend on the size, so one size is enough for the dark ones. */
const EXAMINED_SCREENS = ALL_SCREENS.filter(
  ({ colorScheme, options }) =>
    isLookedAt || colorScheme === 'light' || options === ALL_SCREENS[0]?.options,
)

for (const state of STATES) {
  describe.each(EXAMINED_SCREENS)('$size, $colorScheme', (screen) => {
    test(`${state.name} is accessible, and no wider than the screen`, async () => {
      const page = await pageInState(state, screen, 'en')
      await expectAccessible(page)
      await photograph(page, `${state.name} ${screen.size}, ${screen.colorScheme} en`)
    })
  })
}

/** The states with the most text. */
const CHOSEN = STATES.filter(({ name }) => isLookedAt || /^(?:02|03|11|13|15|16|17)/.test(name))
const CHOSEN_SCREENS = ALL_SCREENS.filter(
  ({ colorScheme }) => isLookedAt || colorScheme === 'light',
)

describe.each(['hi', 'ur'])('in the language %s', (language) => {
  for (const state of CHOSEN) {
    describe.each(CHOSEN_SCREENS)('$size, $colorScheme', (screen) => {
      test(`${state.name} is accessible, and no wider than the screen`, async () => {
        const page = await pageInState(state, screen, language)
        if (!page.url().includes('/sandbox/')) {
          const direction = language === 'ur' ? 'rtl' : 'ltr'
          expect(await page.locator('html').getAttribute('dir')).toBe(direction)
        }
        await expectAccessible(page)
        await photograph(page, `${state.name} ${screen.size}, ${screen.colorScheme} ${language}`)
      })
    })
  }
})

test('the page is readable at 320 pixels and at double text size, and all methods have the same height', async () => {
  const narrow = { viewport: { width: 320, height: 600 } }
  for (const state of STATES.filter(({ name }) => /^(?:02|03|13|15|16)/.test(name))) {
    const page = await openState(state, narrow, 'en')
    await expectAccessible(page)
    const rows = page.locator('.methods .row:not(.small)')
    const heights = await rows.evaluateAll((all) => all.map((row) => row.clientHeight))
    expect(new Set(heights).size).toBeLessThanOrEqual(1)
    await photograph(page, `${state.name} 320`)
    await clearContext(page.context())
  }
})

test('with reduced motion nothing moves', async () => {
  const page = await openState(STATES[7] as State, { reducedMotion: 'reduce' }, 'en')
  const animation = await page
    .locator('.spinner')
    .evaluate((one) => getComputedStyle(one).animationName)
  const opening = await page
    .locator('.opening')
    .first()
    .evaluate((one) => getComputedStyle(one).transitionDuration)
  expect([animation, opening]).toEqual(['none', '0s'])
  await page.context().close()
})

test('with forced colors the chosen method, the icons and the progress are visible', async () => {
  const page = await openState(STATES[7] as State, { forcedColors: 'active' }, 'en')
  const styleOf = (selector: string, property: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((one, name) => getComputedStyle(one).getPropertyValue(name), property)
  expect(await styleOf('.method:has(> .row input:checked)', 'outline-style')).toBe('solid')
  expect(await styleOf('.mark', 'border-top-style')).toBe('solid')
  const ring = await styleOf('.spinner', 'border-top-color')
  expect(await styleOf('.spinner', 'border-inline-end-color')).not.toBe(ring)
  await photograph(page, 'forced colors')
  await page.context().close()
})

test('the focus moves to a decline, so that a screen reader reads it first', async () => {
  const session = await createSession(world.server, world.shop, { amount: 700 })
  const { page } = await openPage(world.browser, session.url, {}, [world.shop.origin])
  await pressPay(page)
  await page.locator('.qr').waitFor()
  world.server.advance(4_000)
  expect(await waitForDecline(page)).toBe('upi_declined')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(
    'The payment did not go through',
  )
  await page.context().close()
})
