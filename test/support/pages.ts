/** Shared code for tests of pages: screens, a shop for the redirect, and the rules for every page. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  CDPSession,
  Page,
} from 'playwright-core'
import { expect } from 'vitest'
import { closedWithFile } from './left-open.ts'

/** A small current phone. */
export const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  hasTouch: true,
  isMobile: true,
  userAgent: 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36',
}
/** A small laptop. */
export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 720 } }

/** The two sizes of screens. */
export const SIZES: readonly [name: string, options: BrowserContextOptions][] = [
  ['phone', PHONE],
  ['desktop', DESKTOP],
]
/** The two color schemes of a screen. */
export const COLOR_SCHEMES = ['light', 'dark'] as const
/** Each size in each color scheme. */
export const SCREENS: readonly [name: string, options: BrowserContextOptions][] = SIZES.flatMap(
  ([name, options]) =>
    COLOR_SCHEMES.map(
      (colorScheme) =>
        [`${name}, ${colorScheme}`, { ...options, colorScheme }] as [string, BrowserContextOptions],
    ),
)

/** A merchant's site. It answers every address, and records the URLs of returning customers. */
export type Shop = {
  readonly origin: string
  readonly close: () => void
}

/** Starts a shop on a free port. */
export async function startShop(body = '<h1>Back in the shop</h1>'): Promise<Shop> {
  const server = createServer((_request, response) =>
    response
      .setHeader('content-type', 'text/html')
      .end(`<!doctype html><html lang="en"><title>Shop</title><main>${body}</main></html>`),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: closedWithFile(() => server.close()),
  }
}

/**
 * Opens a new page. `complaints`: errors on its console, and requests to other origins. `showsRefusals`: the server
 * may refuse the input with a status, and the page shows the refusal.
 */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  allowedOrigins: readonly string[] = [],
  showsRefusals = true,
): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const context = await browser.newContext(options)
  return openPageIn(context, url, allowedOrigins, showsRefusals)
}

/** The longest wait for an element or an address, in milliseconds: a limit for a busy machine, not an expectation. */
const WAIT_MS_MAX = 120_000

/** Opens a new page in an existing context, for tests that need no new one. Otherwise like `openPage`. */
export async function openPageIn(
  context: BrowserContext,
  url: string,
  allowedOrigins: readonly string[] = [],
  showsRefusals = true,
): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  context.setDefaultTimeout(WAIT_MS_MAX)
  const page = await context.newPage()
  const complaints: string[] = []
  const origins = [new URL(url).origin, 'null', ...allowedOrigins]
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // Chromium also logs the status of a refusal.
    const isRefusal = showsRefusals && /status of 4\d\d/.test(message.text())
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (!origins.includes(new URL(request.url()).origin)) complaints.push(request.url())
  })
  await page.goto(url)
  return { page, complaints }
}

/**
 * The page of each context that stays open between tests. It keeps the process alive that the pages of its site share: a
 * new process costs a tenth of a second of CPU time.
 */
const keptPages = new WeakMap<BrowserContext, Page>()

/** Closes the pages that tests have opened in a context, ends its offline mode, and deletes its cookies. */
export async function clearContext(context: BrowserContext): Promise<void> {
  const pages = context.pages()
  await context.setOffline(false)
  const keptPage = keptPages.get(context) ?? (await openKeptPage(context))
  await Promise.all(pages.map((page) => page !== keptPage && page.close()))
  await context.clearCookies()
}

/** Opens a small page of the same site as the first page of a context. */
async function openKeptPage(context: BrowserContext): Promise<Page | undefined> {
  const [origin] = context.pages().flatMap((page) => {
    const url = page.url()
    return url.startsWith('http') ? new URL(url).origin : []
  })
  if (origin === undefined) return undefined
  const page = await context.newPage()
  await page.goto(`${origin}/healthz`)
  keptPages.set(context, page)
  return page
}

/** The debugger sessions that change screens. A change ends with its session. */
const screenSessions = new WeakMap<Page, CDPSession>()

/**
 * Shows an open page on another screen: size, touch and color scheme. The user agent stays the same, so use this
 * only for pages that do not depend on it.
 */
export async function showOn(page: Page, options: BrowserContextOptions): Promise<void> {
  const session = screenSessions.get(page) ?? (await page.context().newCDPSession(page))
  screenSessions.set(page, session)
  const { colorScheme = null, hasTouch = false, isMobile = false, viewport } = options
  // Playwright restores its own size after a screenshot, so a context with a size must know the new one.
  if (viewport && page.viewportSize() !== null) await page.setViewportSize(viewport)
  await session.send('Emulation.setTouchEmulationEnabled', { enabled: hasTouch })
  await session.send('Emulation.setDeviceMetricsOverride', {
    width: viewport?.width ?? 0,
    height: viewport?.height ?? 0,
    deviceScaleFactor: 1,
    mobile: isMobile,
  })
  await page.emulateMedia({ colorScheme })
  expect(await page.evaluate('innerWidth')).toBe(viewport?.width)
}

/** The minified source of axe. Each page parses it, and the normal source is more than twice as long. */
let axeSource: string | undefined

function readAxe(): string {
  const file = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  return readFileSync(file, 'utf8')
}

/** The rules of WCAG that a program can check, and good practice, by axe's names. */
const ACCESSIBILITY_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/**
 * The rules that read colors. Our color schemes change nothing but colors, so the same elements in a second scheme
 * can break only these.
 */
const COLOR_RULES = ['color-contrast', 'link-in-text-block']

/** Runs in the page. Returns the violations as JSON. */
const EXAMINE = `(async () => {
  const look = [innerWidth, innerHeight, document.documentElement.outerHTML].join()
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches
  const isSecondScheme = window.examined?.look === look && window.examined.isDark !== isDark
  const runOnly = isSecondScheme
    ? { type: 'rule', values: ${JSON.stringify(COLOR_RULES)} }
    : { type: 'tag', values: ${JSON.stringify(ACCESSIBILITY_TAGS)} }
  const { violations } = await axe.run({ resultTypes: ['violations'], runOnly })
  if (!isSecondScheme && violations.length === 0) window.examined = { look, isDark }
  return JSON.stringify(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))
})()`

/**
 * Checks the rules of WCAG that a program can check, and the width of the page. After all rules have passed in one
 * color scheme, only the rules that read colors are checked for an unchanged page in the other one.
 */
export async function expectAccessible(page: Page): Promise<void> {
  // The debugger runs axe, because the page's policy allows no other scripts.
  const session = await page.context().newCDPSession(page)
  const run = async (expression: string) =>
    (
      await session.send('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
      })
    ).result.value
  // If the page was already examined in another color scheme, axe is already loaded.
  if ((await run('typeof axe')) === 'undefined') {
    axeSource ??= readAxe()
    await run(axeSource)
  }
  const violations = JSON.parse(await run(EXAMINE))
  expect(violations).toEqual([])
  expect(await run('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
  await session.detach()
}

/** Runs checks on an open page on a phone and then on a desktop. The page stays on the desktop. */
export async function onEachSize(page: Page, check: () => Promise<void>): Promise<void> {
  for (const [, options] of SIZES) {
    await showOn(page, options)
    await check()
  }
}

/** Checks an open page with `expectAccessible` on all screens, and takes pictures. The page stays on the last one. */
export async function examineOnScreens(page: Page, name: string): Promise<void> {
  for (const [screen, options] of SCREENS) {
    await showOn(page, options)
    await expectAccessible(page)
    await photograph(page, `${name} ${screen}`)
  }
}

/** Checks an open page with `expectAccessible` in both color schemes on its own screen, and takes pictures. */
export async function examineInSchemes(page: Page, name: string): Promise<void> {
  for (const colorScheme of COLOR_SCHEMES) {
    await page.emulateMedia({ colorScheme })
    await expectAccessible(page)
    await photograph(page, `${name}, ${colorScheme}`)
  }
}

/** The position of the width in a PNG file. */
const PNG_WIDTH_AT = 16

const SCREENSHOTS = process.env.PAYDESK_TEST_SCREENSHOTS

/** Takes a picture if PAYDESK_TEST_SCREENSHOTS names a folder. */
export async function photograph(page: Page, name: string, fullPage = true): Promise<void> {
  if (SCREENSHOTS === undefined) return
  // A page that was just moved to another screen draws its new layout in the next frames.
  const width = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = () => resolve(innerWidth * devicePixelRatio)
        requestAnimationFrame(() => requestAnimationFrame(look))
      }),
  )
  const path = `${SCREENSHOTS}/${name.replaceAll(/\W+/g, '-')}.png`
  const picture = await page.screenshot({ path, fullPage })
  expect([name, picture.readUInt32BE(PNG_WIDTH_AT)]).toEqual([name, width])
}
