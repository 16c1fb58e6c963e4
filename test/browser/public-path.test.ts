/** Paydesk behind a TLS proxy that serves it below a path of a shared host. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { launchChromium, trustKeysOf } from '../support/chromium.ts'
import { type Nginx, startNginx } from '../support/nginx.ts'
import { DESKTOP, openPage } from '../support/pages.ts'
import { freePort } from '../support/postgres-cluster.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const { accountId, clientId } = SANDBOX_VALUES

describe.each([
  ['strips the path', '/'],
  ['keeps the path', ''],
])('behind nginx that serves /pay/ by TLS and %s', (_name, slash) => {
  let server: TestServer
  let nginx: Nginx
  let browser: Browser
  let publicUrl: string

  beforeAll(async () => {
    const port = await freePort()
    publicUrl = `https://localhost:${port}/pay`
    server = await startTestServer('memory', { publicUrl, trustProxy: true, port: '0' })
    nginx = await startNginx(
      port,
      `location /pay/ { proxy_pass ${server.localUrl}${slash}; }
       location / { return 404 "outside"; }`,
    )
    browser = await launchChromium([trustKeysOf(nginx.certificate)])
  })
  afterAll(async () => {
    await browser?.close()
    await nginx?.stop()
    await server?.close()
  })

  /** Opens a page below the path. The page must log no errors and request nothing outside the path. */
  async function open(path: string): Promise<{ page: Page; complaints: string[] }> {
    const view = await openPage(browser, `${publicUrl}${path}`, DESKTOP, [], false)
    view.page.on('request', (request) => {
      if (!request.url().startsWith(`${publicUrl}/`)) view.complaints.push(request.url())
    })
    return view
  }

  test('a customer pays by card through the hosted checkout and the 3-D Secure page', async () => {
    const { page, complaints } = await open('/demo')
    await page.getByRole('radio', { name: 'Paper kite' }).check()
    await page.getByRole('button', { name: 'Pay on the checkout page' }).click()
    await page.waitForURL(`${publicUrl}/hostedcheckout/**`)
    await page.locator('input[name=method][value=card]').check()
    await page.getByLabel('Card number').fill('4111 1111 1111 1111')
    await page.getByLabel('Expiry').fill('12 / 39')
    await page.getByLabel('Security code').fill('123')
    await page.getByLabel('Name on card').fill('Asha Rao')
    await page.getByRole('button', { name: /^Pay/ }).click()
    await page.waitForURL(`${publicUrl}/sandbox/**`)
    await page.getByLabel('One-time code').fill('123456')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.waitForURL(`${publicUrl}/demo/done?**`)
    await page.getByText('The signature is valid.').waitFor()
    await page.getByRole('link', { name: 'Continue shopping' }).click()
    await page.waitForURL(`${publicUrl}/demo`)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('a customer pays in the widget', async () => {
    const { page, complaints } = await open('/demo')
    await page.getByRole('radio', { name: 'Paper kite' }).check()
    await page.getByRole('button', { name: 'Pay in the widget' }).click()
    const frame = page.frameLocator('iframe[title=Checkout]')
    await frame.locator('input[name=method][value=netbanking]').check()
    await frame.getByLabel('Success Test Bank').check()
    await frame.getByRole('button', { name: /^Pay/ }).click()
    await frame.getByRole('button', { name: 'Approve' }).click()
    await page.getByText(/^Paid\. The payment is/).waitFor()
    await page.getByRole('link', { name: 'Check it on the shop’s server' }).click()
    await page.getByText('The signature is valid.').waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('the console, its links and the API page work', async () => {
    const { page, complaints } = await open('/console')
    await page.getByRole('link', { name: 'Sessions' }).first().click()
    await page.waitForURL(`${publicUrl}/console/sessions`)
    await page.goto(`${publicUrl}/console/credentials`)
    await page.getByText(`${publicUrl}/api/v1`).first().waitFor()
    await page.goto(`${publicUrl}/console`)
    await page.getByRole('link', { name: 'Documentation' }).click()
    await page.waitForURL(`${publicUrl}/docs**`)
    await page
      .getByRole('navigation', { name: 'Pages', exact: true })
      .getByText('Payment sessions')
      .click()
    await page.waitForURL(`${publicUrl}/docs/api/payment-sessions`)
    await page.locator('#createPaymentSession ~ .try > summary').click()
    await page.getByRole('button', { name: 'Send' }).first().click()
    await page.locator('.result').getByText('"1499.90"').waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('a merchant can accept an application on the consent page', async () => {
    const redirectUri = SANDBOX_VALUES.redirectUris.split(',')[0] ?? ''
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'ZohoPaySandbox.payments.READ',
      soid: `zohopaysandbox.${accountId}`,
    })
    const { page } = await open(`/oauth/v2/auth?${query}`)
    const answer = page.waitForResponse((response) => response.url().endsWith('/oauth/v2/consent'))
    await page.getByRole('button', { name: 'Allow' }).click()
    expect((await answer).headers().location).toMatch(new RegExp(`^${redirectUri}\\?code=`))
    await page.context().close()
  })

  test('the API and the descriptions name addresses below the path', async () => {
    const { servers } = await (await fetch(`${server.localUrl}/openapi.json`)).json()
    expect(servers).toEqual([{ url: '/pay/' }])
    const control = await (await fetch(`${server.localUrl}/_sandbox/openapi.json`)).json()
    expect(control.servers).toEqual([{ url: '/pay/' }])
    const token = await fetch(`${server.localUrl}/oauth/v2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: clientId,
        client_secret: SANDBOX_VALUES.clientSecret,
        refresh_token: SANDBOX_VALUES.refreshToken,
      }),
    })
    expect((await token.json()).api_domain).toBe(publicUrl)
  })
})
