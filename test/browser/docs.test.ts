import { expect, test } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { ACCOUNT_ID, startTestServer, TOKEN } from '../support/server.ts'

test('the docs page creates a session when it is tried, and asks no other origin for anything', async () => {
  const server = await startTestServer('memory')
  const browser = await launchChromium()
  const page = await browser.newPage()
  const elsewhere: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(server.baseUrl) && !request.url().startsWith('data:'))
      elsewhere.push(request.url())
  })
  await page.goto(`${server.baseUrl}/docs`)

  await page.getByRole('button', { name: 'Authorize' }).click()
  await page.getByRole('textbox').first().fill(`Zoho-oauthtoken ${TOKEN}`)
  await page.getByRole('button', { name: 'Apply credentials' }).first().click()
  await page.getByRole('button', { name: 'Close' }).first().click()
  await page.getByText('Create a payment session').click()
  await page.getByPlaceholder('account_id').fill(ACCOUNT_ID)
  await page.locator('textarea.body-param__text').fill('{"amount": 100.5, "currency": "INR"}')
  await page.getByRole('button', { name: 'Execute' }).click()

  const answer = page.locator('.live-responses-table')
  await answer.getByText('"100.50"').waitFor()
  expect(await answer.locator('tbody td.response-col_status').first().textContent()).toContain(
    '201',
  )
  expect(elsewhere).toEqual([])
  await browser.close()
  await server.close()
})
