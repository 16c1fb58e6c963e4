import type { BrowserContext, BrowserContextOptions } from 'playwright-core'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { POLL_MS } from '../../src/checkout/events.ts'
import {
  checkoutWorld,
  choose,
  confirmByOtp,
  createSession,
  expectedSignature,
  openPanel,
  payByCard,
  pressOnPanel,
  pressPay,
  retrieve,
  typeCard,
  waitForDecline,
  waitForSuccess,
} from '../support/checkout.ts'
import {
  clearContext,
  onEachSize,
  openPage,
  openPageIn,
  PHONE,
  SIZES,
  showOn,
} from '../support/pages.ts'
import { call } from '../support/server.ts'

const world = checkoutWorld()

function parametersOf(url: string): Record<string, string> {
  return Object.fromEntries(new URL(url).searchParams)
}

/** Checks a redirect: the shop's URL with its own query unchanged, and a signature by the documented formula. */
function expectReturn(url: string, path: string): Record<string, string> {
  expect(url.startsWith(`${world.shop.origin}${path}`)).toBe(true)
  const parameters = parametersOf(url)
  expect(parameters.signature).toBe(expectedSignature(url))
  expect(parameters.amount).toBe('1499.90')
  expect(parameters.udf1).toBe('ein Bücher & mehr')
  return parameters
}

/** Makes a function that opens the page of a new session in the tests' shared context of a device. */
function pagesOn(options: BrowserContextOptions) {
  let context: BrowserContext
  beforeAll(async () => {
    context = await world.browser.newContext(options)
  })
  afterEach(() => clearContext(context))
  return async (more: Readonly<Record<string, unknown>> = {}) => {
    const session = await createSession(world.server, world.shop, more)
    const view = await openPageIn(context, session.url, [world.shop.origin])
    return { ...view, session }
  }
}

describe.each(SIZES)('on a %s', (_size, options) => {
  const open = pagesOn(options)

  test('the page shows a success, and redirects to the success URL after three seconds', async () => {
    const { page, session } = await open()
    await payByCard(page)
    await waitForSuccess(page)
    expect(await page.locator('.facts').innerText()).toMatch(/Visa ending 1111/)
    await page.waitForURL(`${world.shop.origin}/**`)
    const parameters = expectReturn(page.url(), '/thanks?order=8841&')
    const { payments } = await retrieve(world.server, session)
    expect(parameters).toMatchObject({
      order: '8841',
      payments_session_id: session.id,
      payment_session_status: 'succeeded',
      payment_id: payments[0]?.payment_id,
      payment_status: 'succeeded',
    })
  })

  test('a reload and the back button show the current state of the session', async () => {
    const { page, session } = await open()
    // A reload before the payment.
    await page.reload()
    await page.getByText('How would you like to pay?').waitFor()
    // The customer returns from the issuer's page without a decision: the link is still shown, also after a reload.
    await typeCard(page)
    await pressPay(page)
    await page.waitForURL('**/sandbox/3d-secure/**')
    await page.goBack()
    await page.getByText('Your bank needs to verify you').waitFor()
    await page.reload()
    await page.getByRole('link', { name: 'Continue to your bank' }).click()
    await page.reload()
    await confirmByOtp(page, '1')
    // The payment is declined, and a reload still shows the decline.
    expect(await waitForDecline(page)).toBe('authentication_failed')
    await page.reload()
    expect(await waitForDecline(page)).toBe('authentication_failed')
    // The customer goes back to the issuer's page, which has nothing left to confirm.
    await page.goBack()
    expect(await waitForDecline(page)).toBe('authentication_failed')
    // The session waits for a bank transfer, and a reload still shows its amount.
    await choose(page, 'bank_transfer')
    await pressPay(page)
    await page.getByText('Exact amount').waitFor()
    await page.reload()
    await page.getByText('Exact amount').waitFor()
    await pressOnPanel(page, 'Pay exactly')
    // The page shows the success, also after the redirect.
    await waitForSuccess(page)
    await page.reload()
    await waitForSuccess(page)
    await page.waitForURL(`${world.shop.origin}/**`)
    await page.goto(session.url)
    await waitForSuccess(page)
    expect((await retrieve(world.server, session)).payments).toHaveLength(2)
  })

  test('without script a customer can pay by card, bank and wallet, and sees errors', async () => {
    const session = await createSession(world.server, world.shop)
    const plain = { ...options, javaScriptEnabled: false }
    const { complaints, page } = await openPage(world.browser, session.url, plain, [
      world.shop.origin,
    ])
    await typeCard(page, 'Insufficient Funds')
    await page.locator('#card_expiry').fill('13/99')
    await pressPay(page)
    await page.getByText('Enter the expiry as month and year').waitFor()
    expect(await page.locator('#card_name').inputValue()).toBe('Insufficient Funds')
    expect(await page.locator('#card_number').inputValue()).toBe('')
    await typeCard(page, 'Insufficient Funds')
    await pressPay(page)
    await confirmByOtp(page)
    expect(await waitForDecline(page)).toBe('insufficient_funds')

    await choose(page, 'wallet')
    await page.getByLabel('Success Wallet').check()
    await pressPay(page)
    await confirmByOtp(page, '9')
    expect(await waitForDecline(page)).toBe('wallet_declined')

    await choose(page, 'netbanking')
    await page.getByLabel('Success Test Bank').check()
    await pressPay(page)
    await page.getByRole('button', { name: 'Approve' }).click()
    await waitForSuccess(page)
    await page.waitForURL(`${world.shop.origin}/thanks**`)
    expectReturn(page.url(), '/thanks?order=8841&')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('the sandbox panel fills in test instruments, and can expire the session', async () => {
    const { page } = await open()
    await openPanel(page)
    await page.locator('.panel').getByRole('button', { name: 'RuPay …3212' }).click()
    expect(await page.locator('#card_number').inputValue()).toBe('6071 4898 7654 3212')
    await pressOnPanel(page, 'Expire now')
    await page.getByText('This payment has expired').waitFor()
  })
})

// Server and page behave the same on each device: these tests run on a phone, and examine each
// state on both screen sizes.
describe('on a phone, and each state on both sizes', () => {
  const open = pagesOn(PHONE)

  test('the page shows each of three declines and then a success, and keeps the name, but not the card data', async () => {
    const { page, session } = await open()
    for (const [name, code, leftCount] of [
      ['Insufficient Funds', 'insufficient_funds', 4],
      ['Expired Card', 'expired_card', 3],
      ['Do Not Honour', 'do_not_honour', 2],
    ] as const) {
      await payByCard(page, name)
      await onEachSize(page, async () => {
        expect(await waitForDecline(page)).toBe(code)
        const notice = await page.locator('.notice.declined').innerText()
        expect(notice).toContain(`You have ${leftCount} attempts left.`)
        expect(notice).toContain('You were not charged.')
        expect(await page.locator('#card_name').inputValue()).toBe(name)
        expect(await page.locator('#card_number').inputValue()).toBe('')
        expect(await page.locator('#card_cvv').inputValue()).toBe('')
      })
      await showOn(page, PHONE)
    }
    await payByCard(page)
    await waitForSuccess(page)
    const { payments, status } = await retrieve(world.server, session)
    expect([status, payments.map((payment) => payment.status)]).toEqual([
      'succeeded',
      ['succeeded', 'failed', 'failed', 'failed'],
    ])
  })

  test('after the last attempt the page shows that no attempt is left, and redirects to the failure URL', async () => {
    const { page, session } = await open({ max_retry_count: 2 })
    await payByCard(page, 'Insufficient Funds')
    expect(await waitForDecline(page)).toBe('insufficient_funds')
    await payByCard(page, 'Do Not Honour')
    await page.getByText('The payment failed').waitFor()
    await page.waitForURL(`${world.shop.origin}/sorry?**`)
    const { payments } = await retrieve(world.server, session)
    expect(expectReturn(page.url(), '/sorry?')).toMatchObject({
      payment_session_status: 'failed',
      payment_id: payments[0]?.payment_id,
      payment_status: 'failed',
    })
  })

  test('Cancel cancels the session, and redirects to the failure URL at once', async () => {
    const { page, session } = await open()
    await page.getByRole('button', { name: 'Cancel and return' }).click()
    await page.waitForURL(`${world.shop.origin}/sorry?**`)
    expect(expectReturn(page.url(), '/sorry?')).toMatchObject({
      payments_session_id: session.id,
      payment_session_status: 'failed',
    })
    expect((await retrieve(world.server, session)).status).toBe('canceled')
  })

  test('an open page shows an expiry without a reload, then redirects to the shop', async () => {
    const { page, session } = await open()
    await page.getByText('15 minutes left').waitFor()
    world.server.advance(901_000)
    await page.getByText('This payment has expired').waitFor()
    expect((await retrieve(world.server, session)).status).toBe('expired')
    await page.waitForURL(`${world.shop.origin}/sorry?**`)
    expect(expectReturn(page.url(), '/sorry?').payment_session_status).toBe('failed')
  })

  test('an open page shows a cancel by the merchant without a reload', async () => {
    const { page, session } = await open()
    await page.getByRole('button', { name: /^Pay/ }).waitFor()
    // The page has received its first message, so the stream reports all later changes.
    await page.waitForTimeout(300)
    await call(world.server.baseUrl, 'POST', `/paymentsessions/${session.id}/cancel`)
    await page.getByText('This payment was canceled').waitFor()
  })

  test('two tabs that pay at the same time make one payment, and both show it', async () => {
    const { page, session } = await open()
    const other = await page.context().newPage()
    await other.goto(session.url)
    await typeCard(page)
    await typeCard(other)
    // A script presses both buttons, because one page could learn of the other's payment before Playwright presses.
    await Promise.all(
      [page, other].map((tab) =>
        tab.locator('form.pay').evaluate((form: HTMLFormElement) => form.requestSubmit()),
      ),
    )
    const bank = '**/sandbox/3d-secure/**'
    const [winner, loser] = await Promise.race([
      page.waitForURL(bank).then(() => [page, other] as const),
      other.waitForURL(bank).then(() => [other, page] as const),
    ])
    await onEachSize(loser, () => loser.getByText('A payment is already in progress').waitFor())
    await confirmByOtp(winner)
    await waitForSuccess(winner)
    await loser.getByText('This has already been paid').waitFor()
    expect((await retrieve(world.server, session)).payments).toHaveLength(1)
  })

  test('a double click on Pay starts one attempt', async () => {
    const { page, session } = await open()
    await typeCard(page)
    await page.locator('form.pay button.primary').dblclick()
    await page.waitForURL('**/sandbox/3d-secure/**')
    await confirmByOtp(page)
    await waitForSuccess(page)
    expect((await retrieve(world.server, session)).payments).toHaveLength(1)
  })

  test('a form that is sent twice starts one attempt, even after a decline', async () => {
    const { page, session } = await open()
    await payByCard(page, 'Do Not Honour')
    await waitForDecline(page)
    const form = new URLSearchParams({
      number: '1',
      method: 'card',
      card_number: '4111111111111111',
      card_expiry: '12/40',
      card_cvv: '123',
      card_name: 'Asha Rao',
    })
    const again = await fetch(`${session.url}/pay`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
    })
    expect(again.status).toBe(303)
    expect((await retrieve(world.server, session)).payments).toHaveLength(1)
  })

  test('a customer can leave a waiting attempt for another method, and the attempt counts', async () => {
    const { page, session } = await open()
    await choose(page, 'upi')
    await page.locator('input[value=collect]').check()
    await page.locator('#upi_id').fill('pending@paydesk')
    await pressPay(page)
    await onEachSize(page, () => page.getByText('Waiting for your approval').waitFor())
    await page.getByRole('button', { name: 'Use another payment method' }).click()
    await onEachSize(page, async () => {
      expect(await waitForDecline(page)).toBe('canceled_by_customer')
      expect(await page.locator('#upi_id').inputValue()).toBe('pending@paydesk')
    })
    await payByCard(page)
    await waitForSuccess(page)
    expect((await retrieve(world.server, session)).payments).toHaveLength(2)
  })

  test('a page that loses its connection shows an error, keeps the entries, and can still pay', async () => {
    const { page, session } = await open()
    await typeCard(page)
    await page.context().setOffline(true)
    await pressPay(page)
    await onEachSize(page, async () => {
      await page.getByText('No connection. Your entries are kept').waitFor()
      expect(await page.locator('#card_number').inputValue()).toBe('4111 1111 1111 1111')
    })
    await page.context().setOffline(false)
    await page.getByText('No connection').waitFor({ state: 'hidden' })
    await pressPay(page)
    await confirmByOtp(page)
    await waitForSuccess(page)
    expect((await retrieve(world.server, session)).payments).toHaveLength(1)
  })

  test('the page shows a payment as successful although the answer to its form was lost', async () => {
    const { page } = await open()
    await choose(page, 'upi')
    await page.locator('input[value=collect]').check()
    await page.locator('#upi_id').fill('success@paydesk')
    await page.route('**/pay?**', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await pressPay(page)
    await onEachSize(page, () => page.getByText('Waiting for your approval').waitFor())
    world.server.advance(4_000)
    await waitForSuccess(page)
    expect(await page.locator('.state.good').innerText()).toContain('Payment complete')
  })

  test('during a slow charge the page shows only that the payment is in progress', async () => {
    const { page } = await open()
    await typeCard(page, 'Timeout')
    await pressPay(page)
    // The stream reports the attempt long before the answer.
    await page.waitForTimeout(1_500)
    await onEachSize(page, async () => {
      expect(await page.locator('button.primary').innerText()).toContain('Paying…')
      expect(await page.locator('.state').count()).toBe(0)
    })
  })

  test('the page shows the message of a refusal, and keeps the card number', async () => {
    const { page, session } = await open()
    await typeCard(page)
    await page.route('**/pay?**', (route) =>
      route.fulfill({ status: 429, contentType: 'application/json', body: '{"notice":"busy"}' }),
    )
    await pressPay(page)
    await onEachSize(page, async () => {
      await page
        .getByText('There were too many attempts in a short time. This one was not sent.')
        .waitFor()
      expect(await page.locator('#card_number').inputValue()).toBe('4111 1111 1111 1111')
    })
    expect((await retrieve(world.server, session)).payments).toHaveLength(0)
  })

  test('the page says that a transfer of too much money is refunded, and not that nothing was charged', async () => {
    const { page, session } = await open({ max_retry_count: 1 })
    await choose(page, 'bank_transfer')
    await pressPay(page)
    await page.getByText('Exact amount').waitFor()
    await pressOnPanel(page, 'Pay over')
    const end = page.locator('.state.bad')
    await end.waitFor()
    expect(await end.innerText()).toContain('is being refunded')
    expect(await end.innerText()).not.toContain('not charged')
    expect((await retrieve(world.server, session)).status).toBe('failed')
  })

  test('without an event stream the page polls', async () => {
    const session = await createSession(world.server, world.shop)
    const context = await world.browser.newContext(PHONE)
    const page = await context.newPage()
    await page.route('**/events**', (route) => route.abort())
    await page.goto(session.url)
    await choose(page, 'upi')
    await page.locator('input[value=collect]').check()
    await page.locator('#upi_id').fill('success@paydesk')
    await pressPay(page)
    await onEachSize(page, () => page.getByText('Waiting for your approval').waitFor())
    world.server.advance(4_000)
    await waitForSuccess(page)
    await context.close()
  })

  test('a card number that is not a test card is refused before anything is stored', async () => {
    const { page, session } = await open()
    await typeCard(page, 'Asha Rao', '4242424242424242')
    await pressPay(page)
    await page.getByText('This is a sandbox: use one of its test cards.').waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('card_number')
    expect((await retrieve(world.server, session)).payments).toHaveLength(0)
  })
})

test('the server looks at least twice for a change in the two seconds in which an open page must show it', () => {
  expect(POLL_MS * 2).toBeLessThan(2_000)
})

test('the search finds a bank by a part of its name, and Enter in it does not send the form', async () => {
  const session = await createSession(world.server, world.shop)
  const { page } = await openPage(world.browser, session.url, {})
  await choose(page, 'netbanking')
  const banks = page.locator('.choices input[name=bank]')
  expect(await banks.count()).toBeGreaterThan(6)
  const search = page.getByLabel('Search for your bank')
  await search.fill('decc')
  await search.press('Enter')
  expect(await banks.count()).toBe(1)
  await search.fill('no such bank')
  await page.getByText('No matching banks.').waitFor()
  await search.fill('DECCAN')
  await page.getByLabel('Deccan Test Bank').check()
  await search.fill('')
  expect(await page.getByLabel('Deccan Test Bank').isChecked()).toBe(true)
  await pressPay(page)
  await page.waitForURL('**/sandbox/bank/**')
  expect(await page.locator('.brand').innerText()).toBe('Deccan Test Bank')
  await page.context().close()
})

test('the card field groups the digits and keeps the caret at its digit', async () => {
  const session = await createSession(world.server, world.shop)
  const { page } = await openPage(world.browser, session.url, {})
  await choose(page, 'card')
  const number = page.locator('#card_number')
  await number.pressSequentially('378282246310005')
  expect(await number.inputValue()).toBe('3782 822463 10005')
  expect(await page.locator('.brand').textContent()).toBe('American Express')
  expect(await page.locator('#card_cvv-hint').textContent()).toBe('4 digits on the front')

  await number.fill('')
  await number.pressSequentially('41111111')
  await number.evaluate((input: HTMLInputElement) => input.setSelectionRange(2, 2))
  await number.press('9')
  expect(await number.inputValue()).toBe('4191 1111 1')
  expect(await number.evaluate((input: HTMLInputElement) => input.selectionStart)).toBe(3)
  await page.locator('#card_expiry').pressSequentially('928')
  expect(await page.locator('#card_expiry').inputValue()).toBe('09 / 28')
  await page.context().close()
})

test('a bank can return the customer by submitting a form, and a GET of a form’s address shows the page', async () => {
  const session = await createSession(world.server, world.shop)
  const { page } = await openPage(world.browser, session.url, {}, [world.shop.origin])
  await typeCard(page)
  await pressPay(page)
  await page.waitForURL('**/sandbox/3d-secure/**')
  const answer = await fetch(`${session.url}/return`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'cross-site' },
    body: new URLSearchParams({ PaRes: 'x'.repeat(5_000) }),
    redirect: 'manual',
  })
  expect([answer.status, answer.headers.get('location')?.includes('/hostedcheckout/')]).toEqual([
    303,
    true,
  ])
  for (const name of ['pay', 'change', 'cancel']) {
    await page.goto(`${session.url}/${name}`)
    await page.getByText('Your bank needs to verify you').waitFor()
  }
  await page.context().close()
})

test('a form of another site is refused and pays nothing, and a too large form is refused', async () => {
  const session = await createSession(world.server, world.shop)
  const send = (body: string, site: string) =>
    fetch(`${session.url}/pay`, {
      method: 'POST',
      headers: {
        'sec-fetch-site': site,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body,
    })
  const foreign = await send('number=1&method=bank_transfer', 'cross-site')
  expect([foreign.status, await foreign.json()]).toEqual([404, { notice: 'unknown' }])
  const huge = await send(`card_name=${'x'.repeat(70_000)}`, 'same-origin')
  expect([huge.status, await huge.json()]).toEqual([413, { notice: 'bad' }])
  expect((await retrieve(world.server, session)).payments).toHaveLength(0)
})

test('the page of an expired session has no customer data, and is gone after another day', async () => {
  const session = await createSession(world.server, world.shop)
  world.server.advance(901_000)
  expect((await fetch(session.url)).status).toBe(200)
  expect(await (await fetch(session.url)).text()).not.toContain('9000000001')
  world.server.advance(24 * 60 * 60_000)
  expect((await fetch(session.url)).status).toBe(404)
})

test('an invalid link shows an error in the customer’s language', async () => {
  const { page } = await openPage(
    world.browser,
    `${world.server.baseUrl}/hostedcheckout/nonsense?lang=hi`,
    {},
  )
  expect(await page.locator('html').getAttribute('lang')).toBe('hi')
  expect((await page.request.get(page.url())).status()).toBe(404)
  await page.context().close()
})

test('scripts in a merchant’s texts do not run', async () => {
  const evil = '</script><script>window.evil = 1</script><img src=x onerror="window.evil = 2">'
  const session = await createSession(world.server, world.shop, { description: evil })
  const { page } = await openPage(world.browser, session.url, {})
  expect(await page.locator('.description').textContent()).toBe(evil)
  // A script is planted into the page, as if by an attacker who can change its HTML.
  await page.route(session.url, async (route) => {
    const response = await route.fetch()
    const body = (await response.text()).replace(
      '</head>',
      '<script>window.evil = 3</script></head>',
    )
    await route.fulfill({ response, body })
  })
  await page.reload()
  await page.getByText('How would you like to pay?').waitFor()
  expect(await page.evaluate('window.evil')).toBeUndefined()
  await page.context().close()
})
