import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import {
  type FilledSandbox,
  fillSandbox,
  LISTS,
  PLANTED_TEXT,
  viewsOf,
} from '../support/console.ts'
import { DESKTOP, expectAccessible, openPage, PHONE, photograph, showOn } from '../support/pages.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let browser: Browser
let receiver: Receiver
let filledServer: TestServer
let emptyServer: TestServer
let content: FilledSandbox

beforeAll(async () => {
  browser = await launchChromium()
  receiver = await startReceiver(() => ({ status: 200, body: PLANTED_TEXT }))
  filledServer = await startTestServer('memory')
  emptyServer = await startTestServer('memory')
  content = await fillSandbox(filledServer, receiver)
})
afterAll(async () => {
  await browser.close()
  await receiver.close()
  await filledServer.close()
  await emptyServer.close()
})

const TABLET: BrowserContextOptions = { viewport: { width: 768, height: 1024 } }
const NARROW: BrowserContextOptions = { viewport: { width: 320, height: 640 } }

/** Waits until a view has received all its data. */
async function waitForView(page: Page): Promise<void> {
  await page.locator('h1').waitFor()
  await expect.poll(() => page.locator('.loading').count()).toBe(0)
}

type Screen = readonly [name: string, options: BrowserContextOptions]
/** Examines a page in one state on all screens. */
type Examine = (page: Page, state: string) => Promise<void>

/**
 * Declares one test for each screen. The first test loads each view once and examines it on all screens. Each test
 * fails only for its own screen.
 */
function testOn(
  what: string,
  screens: readonly Screen[],
  walk: (examine: Examine, first: BrowserContextOptions) => Promise<void>,
): (screen: string) => Promise<void> {
  const failures = new Map<string, unknown[]>(screens.map(([screen]) => [screen, []]))
  let tabWalk: Promise<void> | undefined
  const examine: Examine = async (page, state) => {
    for (const [screen, options] of screens) {
      await showOn(page, options)
      try {
        await expectAccessible(page)
      } catch (error) {
        failures.get(screen)?.push([state, error])
      }
      await photograph(page, `console ${what} ${state} ${screen}`, what !== 'dialog')
    }
  }
  return async (screen) => {
    tabWalk ??= walk(examine, screens[0]?.[1] ?? {})
    await tabWalk
    expect(failures.get(screen)).toEqual([])
  }
}

/** Opens views on one page, one after the other, and checks the rules for all views. */
async function lookAt(
  server: TestServer,
  views: readonly (readonly [string, string])[],
  examine: Examine,
  first: BrowserContextOptions,
): Promise<void> {
  const { page, complaints } = await openPage(browser, `${server.baseUrl}/console`, first)
  for (const [name, path] of views) {
    await showOn(page, first)
    await page.goto(`${server.baseUrl}/console${path}`)
    await waitForView(page)
    await examine(page, name)
    expect(await page.evaluate('window.planted')).toBeUndefined()
    expect(await page.locator('main script, main img').count()).toBe(0)
  }
  expect(complaints).toEqual([])
  await page.context().close()
}

/** Opens the dialogs of the console one after the other. */
async function lookAtDialogs(examine: Examine, first: BrowserContextOptions): Promise<void> {
  const { page, complaints } = await openPage(browser, `${filledServer.baseUrl}/console`, first)
  for (const [path, button] of [
    ['', 'New session'],
    ['/links', 'New payment link'],
    ['/customers', 'New customer'],
    [`/payments/${content.paymentId}`, 'Dispute'],
    ['/virtual-accounts', 'New virtual account'],
    ['/webhooks', 'New endpoint'],
    ['/webhooks', 'Send a test event'],
    ['/faults', 'Add a fault'],
    ['/sandboxes', 'New sandbox'],
  ] as const) {
    await showOn(page, first)
    await page.goto(`${filledServer.baseUrl}/console${path}`)
    await page.getByRole('button', { name: button }).click()
    await page.getByRole('dialog').waitFor()
    await examine(page, button)
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe(button)
  }
  expect(complaints).toEqual([])
  await page.context().close()
}

const PHONE_LIGHT: Screen = ['phone, light', { ...PHONE, colorScheme: 'light' }]
const PHONE_DARK: Screen = ['phone, dark', { ...PHONE, colorScheme: 'dark' }]
const NARROW_DARK: Screen = ['phone, dark', { ...NARROW, colorScheme: 'dark' }]
const TABLET_LIGHT: Screen = ['tablet, light', { ...TABLET, colorScheme: 'light' }]
const DESKTOP_LIGHT: Screen = ['desktop, light', { ...DESKTOP, colorScheme: 'light' }]
const DESKTOP_DARK: Screen = ['desktop, dark', { ...DESKTOP, colorScheme: 'dark' }]
const NOTHING = [
  '/sessions/1',
  '/links/1',
  '/payments/1',
  '/customers/1',
  '/mandates/1',
  '/payouts/1',
  '/messages/1',
  '/virtual-accounts/1',
  '/requests/9999',
  '/webhooks/1',
  '/events/1',
  '/x',
] as const

describe('every view passes axe and fits its screen', () => {
  test.each(['phone, light', 'desktop, dark'])(
    'filled with data, %s',
    testOn('filled', [PHONE_LIGHT, DESKTOP_DARK], (examine, first) =>
      lookAt(filledServer, viewsOf(content), examine, first),
    ),
  )

  test.each(['phone, dark', 'tablet, light'])(
    'without data, %s',
    testOn('empty', [NARROW_DARK, TABLET_LIGHT], (examine, first) =>
      lookAt(emptyServer, LISTS, examine, first),
    ),
  )

  test.each(['phone, dark', 'desktop, light'])(
    'for an unknown id, %s',
    testOn('none', [PHONE_DARK, DESKTOP_LIGHT], (examine, first) => {
      const views = NOTHING.map((path) => [path, path] as const)
      return lookAt(emptyServer, views, examine, first)
    }),
  )

  test.each(['phone, dark', 'desktop, light'])(
    'with a dialog open, %s',
    testOn('dialog', [PHONE_DARK, DESKTOP_LIGHT], lookAtDialogs),
  )
})

// `lookAt` checks in every view that no planted text has become an element or has run.
test('every value that a merchant sent is shown as text, not as HTML', async () => {
  const { page, complaints } = await openPage(browser, `${filledServer.baseUrl}/console`, DESKTOP)
  await page.goto(`${filledServer.baseUrl}/console/sessions/${content.sessionId}`)
  await page.getByText(PLANTED_TEXT, { exact: true }).first().waitFor()
  const requestList = await fetch(`${filledServer.baseUrl}/_sandbox/requests?kind=api&status=4xx`)
  const { requests } = (await requestList.json()) as { requests: { id: string }[] }
  await page.goto(`${filledServer.baseUrl}/console/requests/${requests[0]?.id}`)
  // The planted text is in a request's body and in its User-Agent.
  await expect.poll(() => page.getByText(PLANTED_TEXT, { exact: true }).count()).toBeGreaterThan(1)
  expect(await page.evaluate('window.planted')).toBeUndefined()
  expect(complaints).toEqual([])
  await page.context().close()
})

test('an error from the sandbox is shown with its code, field and request id', async () => {
  const { page } = await openPage(browser, `${emptyServer.baseUrl}/console/sessions`, DESKTOP)
  await page.getByRole('button', { name: 'New session' }).click()
  await page.getByRole('dialog').getByLabel('Amount').fill('-1')
  await page.getByRole('button', { name: 'Create session' }).click()
  const alert = page.getByRole('alert')
  await alert.getByText('session.amount must be').waitFor()
  expect(await alert.textContent()).toMatch(
    /HTTP 400 · code \w+ · field session\.amount · request [\w-]+/,
  )
  await expectAccessible(page)
  await page.context().close()
})
