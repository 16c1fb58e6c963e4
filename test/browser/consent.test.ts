import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccount } from '../../src/operations/create-account.ts'
import { createClient } from '../../src/operations/create-client.ts'
import { type Server, startServer } from '../../src/server/start-server.ts'
import { launchChromium } from '../support/chromium.ts'
import { makePlace, type Place, settingsAt } from '../support/engines.ts'
import {
  DESKTOP,
  examineOnScreens,
  openPage,
  PHONE,
  photograph,
  type Shop,
  startShop,
} from '../support/pages.ts'
import { ACCOUNT_ID, startTestServer, type TestServer } from '../support/server.ts'
import { TEST_ACTOR } from '../support/stored-rows.ts'

let browser: Browser
let shop: Shop
let callback: string
let sandbox: TestServer
let live: {
  readonly service: Server
  readonly place: Place
  readonly url: string
  readonly ownerKey: string
}

beforeAll(async () => {
  browser = await launchChromium()
  shop = await startShop()
  callback = `${shop.origin}/oauth/callback`
  sandbox = await startTestServer('memory', { sandboxRedirectUris: callback })

  const place = await makePlace('file')
  const service = await startServer(
    settingsAt(place, {
      live: true,
      secretKey: 'cd'.repeat(32),
      processor: new URL('../support/processor-module.ts', import.meta.url).pathname,
    }),
  )
  const { account, secrets } = await createAccount(
    { ...service.tenant, actor: TEST_ACTOR },
    'Asha’s Books',
    'IN',
  )
  const { client } = await createClient(
    { ...service.tenant, actor: TEST_ACTOR },
    {
      name: 'Book keeper',
      accountIds: [account.id],
      redirectUris: [callback],
      isMachine: false,
    },
  )
  live = {
    service,
    place,
    url: authorizeUrl(service.baseUrl, { client_id: client.id }),
    ownerKey: secrets.ownerKey,
  }
})
afterAll(async () => {
  await browser.close()
  shop.close()
  await sandbox.close()
  await live.service.close()
  live.place.remove()
})

function authorizeUrl(baseUrl: string, parameters: Record<string, string>): string {
  return `${baseUrl}/oauth/v2/org/auth?${new URLSearchParams({
    response_type: 'code',
    scope: 'ZohoPay.payments.CREATE,ZohoPay.payments.READ,ZohoPay.refunds.CREATE',
    redirect_uri: callback,
    state: 's',
    ...parameters,
  })}`
}
const sandboxUrl = (more: Record<string, string> = {}) =>
  authorizeUrl(sandbox.baseUrl, { client_id: '1000.SANDBOX', ...more })

const open = (url: string, options: BrowserContextOptions) =>
  openPage(browser, url, options, [shop.origin])

// Server and page behave the same on each device: each test runs once, and examines its states on all screens.
describe('the consent page, on all screens', () => {
  test('without script connects a client of a sandbox, and redirects to the client’s address', async () => {
    const { page, complaints } = await open(sandboxUrl({ soid: `zohopay.${ACCOUNT_ID}` }), {
      ...PHONE,
      javaScriptEnabled: false,
    })
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(
      'Allow Demo application to access your account?',
    )
    await photograph(page, 'consent sandbox')
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL(`${callback}**`)
    const { searchParams } = new URL(page.url())
    expect([searchParams.get('state'), searchParams.get('code')?.length]).toEqual(['s', 70])
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('lets the owner of several accounts choose, and passes axe', async () => {
    const { page } = await open(sandboxUrl(), PHONE)
    await examineOnScreens(page, 'consent accounts')
    await page.getByLabel('Paydesk Test Shop (US)').check()
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL(`${callback}**`)
    await page.context().close()
  })

  test('in live mode requires the owner key, shows an error for a wrong one, and passes axe', async () => {
    const { page, complaints } = await open(live.url, PHONE)
    await examineOnScreens(page, 'consent live')
    await page.getByLabel('Owner key of the account').fill('wrong')
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.getByRole('alert').waitFor()
    await examineOnScreens(page, 'consent wrong key')
    await page.getByLabel('Owner key of the account').fill(live.ownerKey)
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL(`${callback}?code=**`)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('refuses an unknown redirect_uri, and does not redirect to it', async () => {
    const { page } = await open(sandboxUrl({ redirect_uri: 'https://evil.example/' }), PHONE)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(
      'This link does not work',
    )
    await examineOnScreens(page, 'consent refusal')
    await page.context().close()
  })
})

test('the owner can deny access with the keyboard alone, without a key', async () => {
  const { page } = await open(live.url, DESKTOP)
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('owner-key')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Deny')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${callback}?error=access_denied&state=s`)
  await page.context().close()
})
