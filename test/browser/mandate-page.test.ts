import { expect, test } from 'vitest'
import { checkoutWorld, createSession } from '../support/checkout.ts'
import { createCustomer, enrollmentOf } from '../support/mandates.ts'
import { examineOnScreens, openPage } from '../support/pages.ts'

const world = checkoutWorld()

/** Creates an enrollment whose customer returns to the shop. */
async function enrollment(details: object, more: object = {}) {
  const customerId = await createCustomer(world.server)
  return createSession(world.server, world.shop, enrollmentOf(customerId, details, more) as never)
}

test.each([
  [
    'en',
    [
      'Allow Paydesk Test Shop to debit your account',
      'Monthly fee',
      '₹1.00 now',
      'Then up to ₹5,000.00 every month',
      'On day 5 of the month',
      'From 11 Mar 2027, until you cancel the mandate in your UPI app',
    ],
  ],
  [
    'hi',
    [
      'Paydesk Test Shop को अपने खाते से पैसे लेने की अनुमति दें',
      'Monthly fee',
      'अभी ₹1.00',
      'फिर हर महीने ₹5,000.00 तक',
      'महीने की 5 तारीख़ को',
      '11 मार्च 2027 से, जब तक आप UPI ऐप में इसे रद्द न करें',
    ],
  ],
  [
    'ur',
    [
      'Paydesk Test Shop کو اپنے اکاؤنٹ سے رقم لینے کی اجازت دیں',
      'Monthly fee',
      'ابھی ₹1.00',
      'پھر ہر مہینے ₹5,000.00 تک',
      'مہینے کی 5 تاریخ کو',
      '11 مارچ، 2027 سے، جب تک آپ UPI ایپ میں اسے منسوخ نہ کریں',
    ],
  ],
])(
  'a customer reads the terms of a mandate before the approval, in the language %s',
  async (language, lines) => {
    const { url } = await enrollment({ debit_day: 5 })
    const options = { locale: 'en-IN', viewport: null }
    const { complaints, page } = await openPage(world.browser, `${url}?lang=${language}`, options)
    const shownLines = (await page.locator('.mandate').innerText()).split('\n').filter(Boolean)
    // Values in a text from right to left are isolated by invisible characters.
    expect(shownLines.map((line) => line.replaceAll(/[\u2066-\u2069]/g, '').trim())).toEqual(lines)
    // UPI is the only method.
    expect(await page.locator('input[name=method]').count()).toBeLessThanOrEqual(1)
    await examineOnScreens(page, `mandate ${language}`)
    expect(complaints).toEqual([])
    await page.context().close()
  },
)

test('an approved mandate is in the signed redirect', async () => {
  const { url } = await enrollment({})
  const page = await world.browser.newPage()
  await page.goto(url)
  await page.getByText('Enter your UPI ID').click()
  await page.locator('#upi_id').fill('success@paydesk')
  await page.locator('button.pay, form.pay button[type=submit]').first().click()
  await page.getByText('Waiting for your approval').waitFor()
  world.server.advance(3_000)
  await page.waitForURL((one) => one.searchParams.has('signature'), { timeout: 60_000 })
  const parameters = new URL(page.url()).searchParams
  const mandate = await world.server.call('GET', `/mandates/${parameters.get('mandate_id')}`)
  expect(mandate.body.mandate.status).toBe('active')
  await page.close()
})
