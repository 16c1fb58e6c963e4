import { expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { control } from '../support/sandbox.ts'
import { startTestServer, TOKEN } from '../support/server.ts'

test('the docs page of a sandbox can send a call at once, with the tenant’s token, and loads nothing from other origins', async () => {
  const server = await startTestServer('memory')
  const made = await control(server.baseUrl)('POST', '/tenants', { name: 'other' })
  const browser = await launchChromium()
  for (const baseUrl of [server.baseUrl, made.body.tenant.base_url]) {
    const page = await browser.newPage()
    const elsewhere: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith(baseUrl) && !request.url().startsWith('data:'))
        elsewhere.push(request.url())
    })
    await page.goto(`${baseUrl}/docs`)
    // The page has already filled in the account, the token and the order.
    await page.getByText('Create a payment session').click()
    await page.getByRole('button', { name: 'Execute' }).click()
    const answer = page.locator('.live-responses-table')
    await answer.getByText('"1499.90"').waitFor()
    expect(await answer.locator('tbody td.response-col_status').first().textContent()).toContain(
      '201',
    )
    expect(elsewhere).toEqual([])
    await page.close()
  }
  await browser.close()
  await server.close()
})

test('the docs page accepts a token without the word before it, and adds the word', async () => {
  const server = await startTestServer('memory')
  const browser = await launchChromium()
  const page = await browser.newPage()
  await page.goto(`${server.baseUrl}/docs`)
  await page.getByRole('button', { name: 'Authorize' }).click()
  await page.getByRole('button', { name: 'Remove authorization' }).first().click()
  await page.getByRole('textbox').first().fill(TOKEN)
  await page.getByRole('button', { name: 'Apply credentials' }).first().click()
  await page.getByRole('button', { name: 'Close' }).first().click()
  await page.getByText('Create a payment session').click()
  const [request] = await Promise.all([
    page.waitForRequest('**/paymentsessions?*'),
    page.getByRole('button', { name: 'Execute' }).click(),
  ])
  expect(request.headers().authorization).toBe(`Zoho-oauthtoken ${TOKEN}`)
  expect((await request.response())?.status()).toBe(201)
  await browser.close()
  await server.close()
})
