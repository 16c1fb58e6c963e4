import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { systemClock } from '../../src/server/clock.ts'
import { startServer } from '../../src/server/start-server.ts'
import { connectSandbox } from '../../src/testing/index.ts'
import { launchChromium } from '../support/chromium.ts'
import { runCopiedTest } from '../support/copied-test.ts'
import { visit } from '../support/customer.ts'
import { makePlace, settingsAt } from '../support/engines.ts'
import { enroll } from '../support/mandates.ts'
import { DESKTOP, expectAccessible, openPage, photograph } from '../support/pages.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { payByUpi as beginByUpi, control } from '../support/sandbox.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { deleteEndpoints, registerEndpoint } from '../support/webhooks.ts'

let browser: Browser
let receiver: Receiver
let server: TestServer

beforeAll(async () => {
  browser = await launchChromium()
  receiver = await startReceiver()
  server = await startTestServer('memory', {}, { clock: systemClock })
})
afterAll(async () => {
  await browser.close()
  await receiver.close()
  await server.close()
})

const open = (path: string) => openPage(browser, `${server.baseUrl}/console${path}`, DESKTOP)
const heading = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { level: 1, name }).waitFor()
const focusedText = (page: Page) =>
  page.evaluate('document.activeElement.textContent') as Promise<string>

/** Pays a session by UPI, and advances the clock past the bank's decision. Returns the session's id. */
async function payByUpi(): Promise<string> {
  const id = await beginByUpi(server)
  await control(server.baseUrl)('POST', '/clock/advance', { by: '1m' })
  return id
}

/** Presses Tab until the focused element has this name. */
async function tabTo(page: Page, name: string): Promise<void> {
  const NAME = `(() => {
    const one = document.activeElement
    const names = [one.labels?.[0]?.textContent, one.querySelector('strong')?.textContent, one.textContent]
    return { names: names.map((text) => text?.trim()), isShown: one.matches(':focus-visible') }
  })()`
  const passedNames: unknown[] = []
  for (let count = 0; count < 150; count += 1) {
    await page.keyboard.press('Tab')
    const { isShown, names } = (await page.evaluate(NAME)) as {
      readonly names: readonly (string | undefined)[]
      readonly isShown: boolean
    }
    if (names.includes(name)) {
      // The focus on the element is visible.
      expect([name, isShown]).toEqual([name, true])
      return
    }
    passedNames.push(names.at(-1)?.slice(0, 30))
  }
  throw new Error(`Tab never reached ${name}, only: ${passedNames.join(' | ')}`)
}

/** Moves the focus to an element with Tab and presses it. */
async function press(page: Page, name: string): Promise<void> {
  await tabTo(page, name)
  await page.keyboard.press('Enter')
}

test('with the keyboard alone a developer creates and pays a session, inspects it, resends an event, adds a fault and advances the clock', async () => {
  await registerEndpoint(server, receiver)
  // Even if this test fails: the next tests expect no endpoint and no fault.
  onTestFinished(async () => {
    await deleteEndpoints(server)
    await control(server.baseUrl)('DELETE', '/faults')
  })
  const { page, complaints } = await open('')
  await heading(page, 'Overview')
  await page.keyboard.press('Tab')
  expect(await focusedText(page)).toBe('Skip to the content')
  await page.keyboard.press('Enter')

  await press(page, 'New session')
  await press(page, 'Play an attempt to pay')
  await tabTo(page, 'Outcome')
  await page.keyboard.press('ArrowDown')
  await press(page, 'Create session')
  await heading(page, /^Session \d+$/)
  expect(await focusedText(page)).toMatch(/^Session \d+$/)
  await page.getByText('Attempt 1 failed').waitFor()

  await press(page, 'Play an attempt')
  await press(page, 'Play attempt')
  await page.getByText('Attempt 2 succeeded').waitFor()
  await page.getByRole('link', { name: 'Webhook payment.succeeded, attempt 1' }).waitFor()
  await photograph(page, 'console paid')

  await press(page, 'Webhook payment.succeeded, attempt 1')
  await heading(page, 'payment.succeeded')
  expect(await focusedText(page)).toBe('payment.succeeded')
  await expect.poll(() => page.getByText('The signatures match').count()).toBe(2)

  await tabTo(page, 'Corrupt')
  await page.keyboard.press('Space')
  await page.getByRole('switch', { name: 'Corrupt', checked: true }).waitFor()
  await press(page, 'Resend')
  await page.getByText('The body was changed after signing.').waitFor()
  expect(await page.getByText('The signatures differ').count()).toBe(2)
  await page.getByRole('link', { name: 'caused by fault-1' }).waitFor()

  await press(page, 'Faults')
  await heading(page, 'Faults')
  await press(page, 'Add a fault')
  await press(page, 'Add fault')
  await page.getByText('status 500').first().waitFor()
  await press(page, 'Clear all')
  await page.getByText('No faults.', { exact: true }).waitFor()

  await press(page, 'Clock')
  await heading(page, 'Clock')
  await tabTo(page, 'Length of the move')
  await page.keyboard.press('ArrowRight')
  const before = (await control(server.baseUrl)('GET', '/clock')).body.clock.time_ms
  await press(page, 'Move 6 h ahead')
  await page.getByText(/During the move it stopped .* for due work/).waitFor()
  const after = (await control(server.baseUrl)('GET', '/clock')).body.clock.time_ms
  expect(after - before).toBeGreaterThanOrEqual(6 * 3_600_000)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('changes from other programs appear without a reload', async () => {
  const { page } = await open('/sessions')
  const first = await payByUpi()
  await page.getByRole('link', { name: first }).waitFor()
  await page.evaluate('window.isSamePage = true')

  // No row moves under the pointer: new rows wait until the button is pressed.
  await page.getByRole('link', { name: first }).hover()
  const second = await payByUpi()
  await page.getByRole('button', { name: 'Show 1 new row' }).click()
  await page.getByRole('link', { name: second }).waitFor()

  await page.getByRole('link', { name: second }).click()
  await heading(page, `Session ${second}`)
  await page.getByText('Attempt 1 succeeded').waitFor()
  expect(await page.evaluate('window.isSamePage')).toBe(true)
  await page.context().close()
})

test('back and forward restore the views with their filters', async () => {
  const id = await payByUpi()
  const { page } = await open('')
  await page.getByRole('link', { name: 'Sessions', exact: true }).last().click()
  await heading(page, 'Sessions')
  await page.getByLabel('Status').selectOption('succeeded')
  await page.getByRole('link', { name: id }).click()
  await heading(page, `Session ${id}`)
  await page.goBack()
  await heading(page, 'Sessions')
  expect(await focusedText(page)).toBe('Sessions')
  expect(await page.getByLabel('Status').inputValue()).toBe('succeeded')
  await page.goBack()
  await heading(page, 'Overview')
  await page.goForward()
  await page.goForward()
  await heading(page, `Session ${id}`)
  await page.reload()
  await heading(page, `Session ${id}`)
  await expect.poll(() => page.title()).toBe(`Session ${id} · Paydesk console`)
  await page.context().close()
})

test('credentials, snippets and requests can be copied', async () => {
  await server.call('POST', '/paymentsessions', { amount: 'x' })
  const { page } = await open('/credentials')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const clipboardText = () => page.evaluate('navigator.clipboard.readText()')
  await page.getByRole('button', { name: 'Copy Access token' }).click()
  await page.getByText('Copied: Access token').waitFor()
  expect(await clipboardText()).toBe(SANDBOX_VALUES.accessToken)
  await page.getByRole('button', { name: 'Python' }).click()
  await page.getByRole('button', { name: 'Copy Python: create a session' }).click()
  await expect.poll(clipboardText).toContain('urllib.request.urlopen')

  await page.getByRole('link', { name: 'Requests' }).click()
  await page.getByRole('link', { name: 'POST /api/v1/paymentsessions' }).first().click()
  await page.getByRole('button', { name: 'Copy as curl' }).click()
  await expect.poll(clipboardText).toContain(`curl '${server.baseUrl}/api/v1/paymentsessions`)
  await page.context().close()
})

test('the console creates, pauses and deletes endpoints, replaces their keys, and sends test events', async () => {
  const { page } = await open('/webhooks')
  await page.getByRole('button', { name: 'New endpoint' }).click()
  await page.getByLabel('URL').fill(`${receiver.url}/from-console`)
  await page.getByRole('button', { name: 'Create endpoint' }).click()
  await heading(page, 'Shop')
  const key = () => page.locator('dt:text-is("Signing key") + dd code').textContent()
  await expect.poll(key).toMatch(/^whsec_/)
  const before = await key()

  await page.getByRole('link', { name: 'Webhooks', exact: true }).first().click()
  await page.getByRole('button', { name: 'Send a test event' }).click()
  const json = page.getByLabel('Event data, as JSON')
  await expect.poll(() => json.inputValue()).toContain('"payment_id"')
  await json.fill('{"payment_id": "42", "amount": "7.00"}')
  await page.getByRole('button', { name: 'Send event' }).click()
  await page.getByText('payment.succeeded was sent').waitFor()
  await expect
    .poll(() => receiver.received.filter(({ path }) => path === '/from-console').at(-1)?.body)
    .toContain('"event_object":{"payment":{"payment_id":"42","amount":"7.00"}}')

  await page.getByRole('link', { name: 'Shop' }).first().click()
  await heading(page, 'Shop')
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Activate' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await page.getByRole('button', { name: 'New key' }).click()
  await expect.poll(key).not.toBe(before)
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete endpoint' }).click()
  await heading(page, 'Webhooks')
  await page.getByText('No endpoints.').waitFor()
  await page.context().close()
})

test('the console opens a virtual account, transfers money to it and closes it', async () => {
  const { page } = await open('/virtual-accounts')
  await page.getByRole('button', { name: 'New virtual account' }).click()
  await page.getByLabel('Description').fill('Dealer deposits')
  await page.getByLabel('Smallest transfer in INR').fill('100')
  await page.getByRole('button', { name: 'Open virtual account' }).click()
  await page.getByText('No transfers yet.').waitFor()
  const id = page.url().split('/').at(-1) ?? ''
  const transfer = async (amount: string) => {
    await page.getByRole('button', { name: 'Transfer money' }).click()
    await page.getByLabel('Amount in INR').fill(amount)
    await page.getByRole('button', { name: 'Transfer', exact: true }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  await transfer('250.50')
  await transfer('1')
  const rows = page.getByRole('table', { name: 'Transfers' }).getByRole('row')
  await expect.poll(() => rows.count()).toBe(3)
  await page.getByRole('link', { name: 'virtual_account.paid' }).waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('link', { name: 'virtual_account.closed' }).waitFor()
  const answer = await server.call('GET', `/virtualaccounts/${id}`)
  expect(answer.body.virtual_account).toMatchObject({ amount_paid: 250.5, status: 'closed' })
  await page.getByRole('link', { name: 'virtual_account.closed' }).click()
  await page.getByRole('link', { name: id }).waitFor()
  await page.context().close()
})

test('the console creates, changes, finds and deletes customers, and shows their payments', async () => {
  const { page } = await open('/customers')
  await page.getByRole('button', { name: 'New customer' }).click()
  await page.getByLabel('Name').fill('Asha Rao')
  await page.getByLabel('E-mail address').fill('asha')
  await page.getByRole('button', { name: 'Create customer' }).click()
  await page.getByText('email must be an e-mail address').waitFor()
  await page.getByLabel('E-mail address').fill('asha@console.example')
  await page.getByLabel('Phone number', { exact: true }).fill('98765 43210')
  await page.getByLabel('Country of the phone number').fill('IN')
  await page.getByRole('button', { name: 'Create customer' }).click()
  await heading(page, 'Asha Rao')
  await page.getByText('+91 9876543210').waitFor()
  await page.getByText('No payments.').waitFor()
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''

  const sessionAnswer = await control(server.baseUrl)('POST', '/sessions', {
    session: { amount: 17, customer_id: id },
    attempts: [{ method: 'upi', outcome: 'succeeded' }],
  })
  const { payments, payments_session_id: sessionId } = sessionAnswer.body.payments_session
  await page.getByRole('link', { name: payments[0].payment_id }).click()
  await page.getByRole('link', { name: id }).waitFor()
  await page.goto(`${server.baseUrl}/console/sessions/${sessionId}`)
  await page.getByRole('link', { name: id }).click()
  await heading(page, 'Asha Rao')

  await page.getByRole('button', { name: 'Change' }).click()
  await page.getByLabel('Name').fill('Asha')
  await page.getByRole('button', { name: 'Save changes' }).click()
  await heading(page, 'Asha')
  await page.getByText('+91 9876543210').waitFor()
  // The search does not open above another dialog.
  await page.getByRole('dialog').waitFor({ state: 'hidden' })

  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search for' }).fill('asha@console.example')
  await page.getByRole('option', { name: /Asha/ }).waitFor()
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete customer' }).click()
  await page.getByText('No customers yet.').waitFor()
  expect((await server.call('GET', `/customers/${id}`)).status).toBe(404)
  await page.context().close()
})

test('the console creates, shows, finds and cancels payment links, with their sessions, payments and events', async () => {
  const { page } = await open('/links')
  await page.getByRole('button', { name: 'New payment link' }).click()
  await page.getByLabel('Amount').fill('18.50')
  await page.getByLabel('Description').fill('Order 8843')
  await page.getByLabel('Reference').fill('INV-8843')
  await page.getByLabel('Return URL').fill('shop')
  await page.getByRole('button', { name: 'Create payment link' }).click()
  await page.getByText('return_url must be').waitFor()
  await page.getByLabel('Return URL').fill('')
  await page.getByRole('button', { name: 'Create payment link' }).click()
  await page.getByText('No payment attempts.').waitFor()
  await page.getByText('No sessions.').waitFor()
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''

  // A customer opens the link and pays.
  const { body } = await server.call('GET', `/paymentlinks/${id}`)
  const { location = '' } = await visit(server.baseUrl, body.payment_links.url, {})
  const [checkout = ''] = location.split('?')
  const form = { method: 'upi', upi_channel: 'collect', upi_id: 'success@paydesk', number: '1' }
  await visit(server.baseUrl, `${checkout}/pay`, form)
  await page.getByText('a payment is being processed').waitFor()
  await visit(server.baseUrl, `${checkout}/sandbox`, { act: 'approve' })
  await page.getByText('Payment link paid').waitFor()
  await page.getByRole('link', { name: 'Event payment_link.paid' }).click()
  await page.getByRole('link', { name: id }).click()
  const { payments } = (await server.call('GET', `/paymentlinks/${id}`)).body.payment_links
  await page.getByRole('link', { name: payments[0].payment_id }).click()
  await page.getByRole('link', { name: id }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search for' }).fill('INV-8843')
  await page.getByRole('option', { name: /payment link/ }).click()
  await page.getByText('Payment link paid').waitFor()

  const other = await server.call('POST', '/paymentlinks', {
    amount: 17,
    currency: 'INR',
    description: 'Order 8844',
  })
  await page.goto(`${server.baseUrl}/console/links?status=active`)
  await page.getByRole('link', { name: other.body.payment_links.payment_link_id }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('Payment link canceled').waitFor()
  await page.context().close()
})

test('the console opens a dispute of a payment and decides it', async () => {
  const id = await payByUpi()
  const { body } = await server.call('GET', `/paymentsessions/${id}`)
  const { page } = await open(`/payments/${body.payments_session.payments[0].payment_id}`)
  await page.getByRole('button', { name: 'Dispute', exact: true }).click()
  await expectAccessible(page)
  await page.getByLabel('Amount').fill('40.00')
  await page.getByLabel('Reason').selectOption('fraudulent')
  await page.getByRole('button', { name: 'Open dispute' }).click()
  await page.getByText('₹40.00, fraudulent').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Win dispute' }).click()
  await page.getByText('won', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Dispute', exact: true }).waitFor()
  await page.context().close()
})

test('the console pauses, resumes and cancels a mandate', async () => {
  const { mandateId, sessionId } = await enroll(server)
  const { page } = await open(`/sessions/${sessionId}`)
  await page.getByRole('link', { name: mandateId }).click()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('canceled', { exact: true }).waitFor()
  expect(await page.getByRole('button', { name: 'Revoke' }).count()).toBe(0)
  await page.context().close()
})

test('an in-person session leads to the page of its terminal', async () => {
  const session = await server.call('POST', '/paymentsessions', {
    type: 'pos_payment',
    amount: 250.5,
    currency: 'INR',
    terminal_id: 'PDTERM01',
    description: 'Counter 3',
  })
  expect([session.status, session.text]).toEqual([201, expect.any(String)])
  const { page } = await open(`/sessions/${session.body.payments_session.payments_session_id}`)
  const link = page.getByRole('link', { name: 'Open terminal' })
  await link.waitFor()
  await expectAccessible(page)
  const answer = await fetch(new URL((await link.getAttribute('href')) ?? '', server.baseUrl))
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('250.50')])
  await page.context().close()
})

test('the console creates refunds, snapshots and sandboxes', async () => {
  const id = await payByUpi()
  const { page } = await open(`/sessions/${id}`)
  await page.getByRole('button', { name: /^Refund/ }).click()
  await page.getByLabel('Amount in INR').fill('40.00')
  await page.getByRole('button', { name: 'Create refund' }).click()
  await page.getByText('Refund created.', { exact: true }).waitFor()

  await page.getByRole('link', { name: 'Sandboxes' }).click()
  await page.getByRole('button', { name: 'Take a snapshot' }).click()
  await page.getByRole('button', { name: 'Save snapshot' }).click()
  await page.getByRole('button', { name: 'Restore before' }).waitFor()
  await page.getByRole('button', { name: 'Reset this sandbox' }).click()
  await page.getByRole('button', { name: 'Reset sandbox' }).click()
  await page.getByText('The sandbox was reset.').waitFor()
  expect((await server.call('GET', `/paymentsessions/${id}`)).status).toBe(404)
  await page.getByRole('button', { name: 'Restore before' }).click()
  await page.getByText('The sandbox was restored from before.').waitFor()
  expect((await server.call('GET', `/paymentsessions/${id}`)).status).toBe(200)

  await page.getByRole('button', { name: 'New sandbox' }).click()
  await page.getByLabel('Name').fill('mine')
  await page.getByRole('button', { name: 'Create sandbox' }).click()
  const link = page.getByRole('link', { name: 'Open its console' })
  await link.waitFor()
  const { page: other } = await openPage(browser, (await link.getAttribute('href')) ?? '', DESKTOP)
  await other.getByText('mine', { exact: true }).first().waitFor()
  await other.context().close()
  await page.getByRole('button', { name: 'Delete mine' }).click()
  await expect.poll(() => link.count()).toBe(0)
  await page.context().close()
})

test('Ctrl+K finds a waiting attempt, which can be approved and copied as a working test', async () => {
  const sessionAnswer = await control(server.baseUrl)('POST', '/sessions', {
    session: { amount: 123456.7, description: 'Found and approved' },
    attempts: [{ method: 'upi', outcome: 'pending' }],
  })
  const id = sessionAnswer.body.payments_session.payments_session_id
  const { page, complaints } = await open('')
  await heading(page, 'Overview')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('found and app')
  const result = page.getByRole('option', { name: 'Found and approved' })
  await result.waitFor()
  expect(await result.getAttribute('aria-selected')).toBe('true')
  await expectAccessible(page)
  await page.keyboard.press('Enter')
  await heading(page, `Session ${id}`)

  await page.getByRole('button', { name: 'Approve' }).first().click()
  await page.getByText('Attempt 1 succeeded').waitFor()
  await page.getByText('₹1,23,456.70').first().waitFor()
  await page.getByRole('button', { name: 'Copy as test' }).click()
  await page.getByRole('button', { name: 'Playwright' }).click()
  const code = await page.getByRole('region', { name: 'Playwright test' }).textContent()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  const sandbox = await connectSandbox(server.baseUrl)
  const customer = await page.context().newPage()
  await runCopiedTest(code ?? '', await sandbox.tenant(), customer)
  await customer.close()
  await sandbox.close()

  await page.getByRole('link', { name: 'Event payment.succeeded' }).click()
  await heading(page, 'payment.succeeded')
  await expectAccessible(page)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('the log can be grouped, filtered and saved, and a reload keeps the chosen theme', async () => {
  const id = await payByUpi()
  const { page, complaints } = await open('/requests')
  await page.getByLabel('Group by').selectOption('session')
  await page.getByRole('table', { name: `Session ${id}` }).waitFor()
  await expectAccessible(page)
  await page.getByLabel('Path').fill('findcharge')
  await page.getByRole('table', { name: 'Without a session' }).waitFor({ state: 'hidden' })
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export CSV' }).click()
  const [titles, ...rows] = readFileSync(await (await download).path(), 'utf8')
    .trim()
    .split('\r\n')
  expect(titles).toMatch(/^id,time,kind,method,path,status,/)
  expect(rows.some((row) => row.includes(`,processor,findCharge,sandbox,approved,`))).toBe(true)

  const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
  const light = await ground()
  await page.getByLabel('Theme').selectOption('dark')
  const dark = await ground()
  expect(dark).not.toBe(light)
  await page.reload()
  await heading(page, 'Requests')
  expect([await ground(), await page.getByLabel('Theme').inputValue()]).toEqual([dark, 'dark'])
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.getByLabel('Theme').selectOption('light')
  expect(await ground()).toBe(light)
  await page.getByLabel('Theme').selectOption('system')
  expect(await ground()).toBe(dark)

  // With forced colors a switch has an outline, and shows whether it is on.
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' })
  await page.getByRole('link', { name: 'Faults' }).click()
  await heading(page, 'Faults')
  const knob = (isOn: boolean) =>
    page.evaluate(`(() => {
      const { backgroundColor, borderTopColor, borderTopWidth } = getComputedStyle(document.querySelector('[aria-checked="${isOn}"] .knob'))
      return [backgroundColor === borderTopColor, borderTopWidth]
    })()`)
  await page.getByRole('switch', { name: 'Corrupt' }).click()
  await page.getByRole('switch', { name: 'Corrupt', checked: true }).waitFor()
  expect(await knob(false)).toEqual([false, '1px'])
  await expect.poll(() => knob(true)).toEqual([true, '1px'])
  await page.getByRole('switch', { name: 'Corrupt' }).click()
  await page.getByRole('switch', { name: 'Corrupt', checked: false }).waitFor()
  expect(complaints).toEqual([])
  await page.context().close()
})

test('the console shows a notice when its sandbox no longer answers', async () => {
  const other = await startTestServer('memory')
  const { page } = await openPage(browser, `${other.baseUrl}/console`, DESKTOP)
  await heading(page, 'Overview')
  await other.close()
  await page.locator('.cut-off').waitFor()
  await page.context().close()
})

test('no page may frame the sandbox’s console, and live mode does not serve this console', async () => {
  const page = await fetch(`${server.baseUrl}/console/sessions/1`)
  const policy = page.headers.get('content-security-policy') ?? ''
  for (const rule of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]) {
    expect(policy).toContain(rule)
  }
  const place = await makePlace('file')
  const live = await startServer(
    settingsAt(place, {
      live: true,
      secretKey: 'cd'.repeat(32),
      processor: new URL('../support/processor-module.ts', import.meta.url).pathname,
    }),
  )
  const statuses = await Promise.all(
    ['/console', '/console/sessions', '/_sandbox/facts', '/_sandbox/api/paymentsessions'].map(
      async (path) => (await fetch(`${live.baseUrl}${path}`)).status,
    ),
  )
  expect(statuses).toEqual([404, 404, 404, 404])
  await live.close()
  place.remove()
})
