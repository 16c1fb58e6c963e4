import { createHash, X509Certificate } from 'node:crypto'
import { type Browser, chromium } from 'playwright-core'
import { inject } from 'vitest'
import { closedWithFile, SHARED_BY_FILES } from './left-open.ts'
import { keepingCount } from './worker-cost.ts'

/** The worker's Chromium. Undefined: no file has needed it yet. */
let sharedBrowser: Promise<Browser> | undefined

/**
 * Returns the Chromium that all files of this worker share, because a start costs as much as ten pages. Its `close`
 * closes the contexts and keeps the browser for the next file. With `switches` or `environment`, the function starts a
 * separate Chromium with windows.
 */
export async function launchChromium(
  switches: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Browser> {
  if (switches.length > 0 || Object.keys(environment).length > 0) {
    const browser = await launchOwn(inject('chromium'), switches, environment)
    const close = browser.close.bind(browser)
    return Object.assign(browser, { close: closedWithFile(() => keepingCount(close)) })
  }
  sharedBrowser ??= launchOwn(inject('chromiumForPages'), [SHARED_BY_FILES], {})
  const browser = await sharedBrowser
  return Object.assign(browser, { close: closedWithFile(() => closeContexts(browser)) })
}

async function closeContexts(browser: Browser): Promise<void> {
  await Promise.all(browser.contexts().map((context) => context.close()))
}

/**
 * The disabled features of Chromium. Chromium uses only the last list, so this list repeats Playwright's features, and adds
 * three: two for the suggestions of the address bar, which cost each window more CPU time than everything else, and one
 * for the spare process of the next page.
 */
const FEATURES_OFF = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'SpareRendererForSitePerProcess',
]

/** Starts the system's Chromium without connections to Google's services. */
function launchOwn(
  executablePath: string,
  switches: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Browser> {
  return chromium.launch({
    executablePath,
    env: { ...process.env, ...environment },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-sync',
      '--disable-background-networking',
      '--disable-component-update',
      // Most pages live for less than a second, which is too short for optimized code to pay off.
      '--js-flags=--no-opt --no-maglev',
      // Pages of one site in one context share a process.
      '--renderer-process-limit=1',
      `--disable-features=${FEATURES_OFF.join(',')}`,
      ...switches,
    ],
  })
}

/** Returns Chromium's flag that makes it trust exactly these certificates, in PEM. */
export function trustKeysOf(...certificates: readonly string[]): string {
  const digests = certificates.map((certificate) => {
    const { publicKey } = new X509Certificate(certificate)
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    return createHash('sha256').update(spki).digest('base64')
  })
  return `--ignore-certificate-errors-spki-list=${digests.join(',')}`
}
