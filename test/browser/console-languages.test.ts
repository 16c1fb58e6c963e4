/**
 * The live console in Hindi and Urdu: each view has the chosen language and fits both sizes, and axe examines some of
 * the views.
 */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OPERATOR_VIEWS } from '../../src/console/browser/operator-views.ts'
import { HINDI } from '../../src/console/browser/texts/hindi.ts'
import { URDU } from '../../src/console/browser/texts/urdu.ts'
import { createAccount } from '../../src/operations/create-account.ts'
import { type Server, startServer } from '../../src/server/start-server.ts'
import { launchChromium } from '../support/chromium.ts'
import { makePlace, type Place, settingsAt } from '../support/engines.ts'
import { fillLiveAccount } from '../support/live-account.ts'
import {
  clearContext,
  DESKTOP,
  expectAccessible,
  openPageIn,
  PHONE,
  photograph,
  showOn,
} from '../support/pages.ts'
import { signInOperatorOf } from '../support/signed-in.ts'
import { mandateOf, session, TEST_ACTOR } from '../support/stored-rows.ts'

let place: Place
let server: Server
let browser: Awaited<ReturnType<typeof launchChromium>>
let context: BrowserContext

beforeAll(async () => {
  browser = await launchChromium()
  context = await browser.newContext({ locale: 'ur-PK', viewport: null })
  place = await makePlace('file')
  server = await startServer(
    settingsAt(place, {
      live: true,
      secretKey: 'cd'.repeat(32),
      processor: new URL('../support/approving-processor.ts', import.meta.url).pathname,
    }),
  )
  const nowMs = Date.now()
  const deps = { ...server.tenant, actor: TEST_ACTOR }
  const { account } = await createAccount(deps, 'Tea shop', 'IN')
  const open = session({
    accountId: account.id,
    amount: { amountMinor: 40_000n, currency: 'INR' },
    createdAtMs: nowMs,
    expiresAtMs: nowMs + 900_000,
  })
  await server.tenant.store.paymentSessions.insert(open, undefined, nowMs)
  await fillLiveAccount(server.tenant, account.id, open.id)
  await server.tenant.store.transaction((tx) =>
    tx.mandates.insert(mandateOf({ accountId: account.id, customerName: 'Asha Rao' })),
  )
  const { cookie } = await signInOperatorOf(server)
  // Chromium stores a secure cookie only for an https: address, but sends it to this machine without TLS too.
  const url = server.baseUrl.replace('http:', 'https:')
  await context.addCookies([{ ...cookie, url, secure: true, httpOnly: true, sameSite: 'Strict' }])
})
afterAll(async () => {
  if (context !== undefined) await clearContext(context)
  await browser?.close()
  await server?.close()
  place?.remove()
})

/** The views whose first row is opened as well. */
const OPENED_VIEWS: ReadonlySet<string> = new Set([
  'payments',
  'sessions',
  'mandates',
  'disputes',
  'payouts',
  'virtual-accounts',
  'connected-accounts',
  'transfers',
  'webhooks',
])
/** The views that axe examines. Others have the same parts. */
const EXAMINED_VIEWS: ReadonlySet<string> = new Set(['payments', 'payments, first', 'account'])

/** The texts that come from the data of the test, or are the same in every language. */
const DATA =
  /Tea shop|Monthly fee|Asha|Lamps|Shop server|@|UTR|ACME|Paydesk|Dealer|Seller|Order|HDFC|PAYD|TEA SHOP|^Operator \d|^[\w.]+\.\w+(?:, [\w.]+)*$|^https?:|^[A-Z]{2,5}$|^(?:none|all|test)$/

/** Returns the visible texts of the page in Latin letters only, outside of code, ids and texts that are marked as English. */
const readLatinTexts = (page: Page) =>
  page.evaluate(() => {
    const isSkipped = (element: Element | null) =>
      element?.closest(
        'code, pre, .mono, time, .kind-event, [lang="en"], option[lang], [hidden]',
      ) != null
    const texts: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const { parentElement, textContent } = walker.currentNode
      const isScript = parentElement?.closest('script, noscript') != null
      if (!isScript && !isSkipped(parentElement)) texts.push(textContent ?? '')
    }
    for (const element of document.querySelectorAll('[aria-label], [placeholder]')) {
      if (isSkipped(element)) continue
      texts.push(
        element.getAttribute('aria-label') ?? '',
        element.getAttribute('placeholder') ?? '',
      )
    }
    return texts
      .map((one) => one.trim())
      .filter(
        (one) => /[A-Za-z]{3}/.test(one) && !/\p{Script=Devanagari}|\p{Script=Arabic}/u.test(one),
      )
  })

async function examineView(page: Page, name: string): Promise<void> {
  await expect.poll(() => page.locator('.loading').count()).toBe(0)
  const latinTexts = await readLatinTexts(page)
  expect.soft([name, latinTexts.filter((one) => !DATA.test(one))]).toEqual([name, []])
  for (const [size, options] of [
    ['phone', PHONE],
    ['desktop', DESKTOP],
  ] as const) {
    await showOn(page, options)
    const [width, space] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      window.innerWidth,
    ])
    expect([name, size, (width ?? 0) <= (space ?? 0)]).toEqual([name, size, true])
    if (EXAMINED_VIEWS.has(name)) await expectAccessible(page)
    await photograph(
      page,
      `${await page.evaluate(() => document.documentElement.lang)} ${name} ${size}`,
    )
  }
}

async function examineViews(page: Page, texts: typeof URDU, opensRows: boolean): Promise<void> {
  for (const { isUnlisted, path, title } of OPERATOR_VIEWS) {
    if (isUnlisted === true) continue
    const link = page.locator(`nav.views a[href$="/${path}"]`)
    expect(await link.textContent()).toBe(texts[title])
    await link.click()
    await page.getByRole('heading', { level: 1, name: texts[title], exact: true }).waitFor()
    await examineView(page, path)
    if (!opensRows || !OPENED_VIEWS.has(path)) continue
    await page.locator('main :is(td, .lines) a').first().click()
    await page.locator('main p.up').waitFor()
    await examineView(page, `${path}, first`)
  }
}

test('each view of the navigation is in Urdu from right to left, and in Hindi after a change of the language, and fits a phone and a desktop', async () => {
  const { complaints, page } = await openPageIn(context, `${server.baseUrl}/console/payments`)
  const root = () =>
    page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`)
  expect(await root()).toBe('ur rtl')
  await examineViews(page, URDU, true)

  await page.getByRole('combobox', { name: URDU.Language }).selectOption('hi')
  await page.waitForURL((url) => url.search === '')
  await page.locator('html[lang="hi"]').waitFor()
  // In Hindi the views of one object are not opened: they have the same elements as in Urdu, and the compiler checks
  // that no Hindi text is missing.
  await examineViews(page, HINDI, false)
  await page.reload()
  expect(await root()).toBe('hi ltr')
  // The English page loads no catalog.
  await page.getByRole('combobox', { name: HINDI.Language }).selectOption('en')
  const catalogs: string[] = []
  page.on('request', (request) => {
    if (/-(?:hindi|urdu)-/.test(request.url())) catalogs.push(request.url())
  })
  await page.locator('html[lang="en"]').waitFor()
  await page.reload()
  await page.getByRole('combobox', { name: 'Language' }).waitFor()
  expect([await root(), catalogs]).toEqual(['en ltr', []])
  expect(complaints).toEqual([])
})
