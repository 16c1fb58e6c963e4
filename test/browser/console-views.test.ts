import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { type FilledSandbox, fillSandbox, LISTS, PLANTED, viewsOf } from '../support/console.ts'
import { DESKTOP, expectAccessible, openPage, PHONE, photograph } from '../support/pages.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let browser: Browser
let receiver: Receiver
let filledServer: TestServer
let emptyServer: TestServer
let filled: FilledSandbox

beforeAll(async () => {
  browser = await launchChromium()
  receiver = await startReceiver(() => ({ status: 200, body: PLANTED }))
  filledServer = await startTestServer('memory')
  emptyServer = await startTestServer('memory')
  filled = await fillSandbox(filledServer, receiver)
})
afterAll(async () => {
  await browser.close()
  await receiver.close()
  await filledServer.close()
  await emptyServer.close()
})

const TABLET: BrowserContextOptions = { viewport: { width: 768, height: 1024 } }
const NARROW: BrowserContextOptions = { viewport: { width: 320, height: 640 } }

/** Waits until a view has all that it asks for. */
async function shown(page: Page): Promise<void> {
  await page.locator('h1').waitFor()
  await expect.poll(() => page.locator('.loading').count()).toBe(0)
}

/** Goes through views on one page, and holds each to what holds for all. */
async function lookAt(
  server: TestServer,
  views: readonly (readonly [string, string])[],
  screen: string,
  options: BrowserContextOptions,
): Promise<void> {
  const { page, complaints } = await openPage(browser, `${server.baseUrl}/console`, options)
  for (const [name, path] of views) {
    await page.goto(`${server.baseUrl}/console${path}`)
    await shown(page)
    await expectAccessible(page)
    await photograph(page, `console ${name} ${screen}`)
    expect(await page.evaluate('window.planted')).toBeUndefined()
  }
  expect(complaints).toEqual([])
  await page.context().close()
}

describe('every view passes axe and fits its screen', () => {
  test.each([
    ['phone, light', { ...PHONE, colorScheme: 'light' }],
    ['desktop, dark', { ...DESKTOP, colorScheme: 'dark' }],
  ] as const)('with all that can be there, %s', (screen, options) =>
    lookAt(filledServer, viewsOf(filled), `filled ${screen}`, options),
  )

  test.each([
    ['phone, dark', { ...NARROW, colorScheme: 'dark' }],
    ['tablet, light', { ...TABLET, colorScheme: 'light' }],
  ] as const)('with nothing there yet, %s', (screen, options) =>
    lookAt(emptyServer, LISTS, `empty ${screen}`, options),
  )

  test.each([
    ['phone, dark', { ...PHONE, colorScheme: 'dark' }],
    ['desktop, light', { ...DESKTOP, colorScheme: 'light' }],
  ] as const)('where there is nothing of that name, %s', async (screen, options) => {
    const views = ['/sessions/1', '/payments/1', '/requests/9999', '/webhooks/1', '/x'] as const
    await lookAt(
      emptyServer,
      views.map((path) => [path, path] as const),
      `none ${screen}`,
      options,
    )
  })

  test.each([
    ['phone, dark', { ...PHONE, colorScheme: 'dark' }],
    ['desktop, light', { ...DESKTOP, colorScheme: 'light' }],
  ] as const)('with a dialog open, %s', async (screen, options) => {
    const { page, complaints } = await openPage(browser, `${filledServer.baseUrl}/console`, options)
    for (const [path, button] of [
      ['', 'New session'],
      ['/webhooks', 'New endpoint'],
      ['/webhooks', 'Send a test event'],
      ['/faults', 'Add a fault'],
      ['/sandboxes', 'New sandbox'],
    ] as const) {
      await page.goto(`${filledServer.baseUrl}/console${path}`)
      await page.getByRole('button', { name: button }).click()
      await page.getByRole('dialog').waitFor()
      await expectAccessible(page)
      await photograph(page, `console ${button} ${screen}`, false)
      await page.keyboard.press('Escape')
      expect(await page.getByRole('dialog').count()).toBe(0)
      await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe(button)
    }
    expect(complaints).toEqual([])
    await page.context().close()
  })
})

test('what somebody has sent is shown as text, whatever it is', async () => {
  const { page, complaints } = await openPage(browser, `${filledServer.baseUrl}/console`, DESKTOP)
  for (const [, path] of viewsOf(filled)) {
    await page.goto(`${filledServer.baseUrl}/console${path}`)
    await shown(page)
    expect(await page.locator('main script, main img').count()).toBe(0)
  }
  await page.goto(`${filledServer.baseUrl}/console/sessions/${filled.sessionId}`)
  await page.getByText(PLANTED, { exact: true }).first().waitFor()
  const listed = await fetch(`${filledServer.baseUrl}/_sandbox/requests?kind=api&status=4xx`)
  const { requests } = (await listed.json()) as { requests: { id: string }[] }
  await page.goto(`${filledServer.baseUrl}/console/requests/${requests[0]?.id}`)
  // As a body, and as the name of a browser.
  await expect.poll(() => page.getByText(PLANTED, { exact: true }).count()).toBeGreaterThan(1)
  expect(await page.evaluate('window.planted')).toBeUndefined()
  expect(complaints).toEqual([])
  await page.context().close()
})

test('an error of the sandbox is shown with its code, field and request id', async () => {
  const { page } = await openPage(browser, `${emptyServer.baseUrl}/console/sessions`, DESKTOP)
  await page.getByRole('button', { name: 'New session' }).click()
  await page.getByLabel('Amount').fill('-1')
  await page.getByRole('button', { name: 'Create session' }).click()
  const alert = page.getByRole('alert')
  await alert.getByText('session.amount must be').waitFor()
  expect(await alert.textContent()).toMatch(
    /HTTP 400 · code \w+ · field session\.amount · request [\w-]+/,
  )
  await expectAccessible(page)
  await page.context().close()
})
