import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CheckoutServer,
  startCheckoutServer,
  stillClock,
} from '../../test/support/checkout.ts'
import { visit } from '../../test/support/customer.ts'
import { ACCOUNT_ID, call } from '../../test/support/server.ts'
import { TEST_ACTOR } from '../../test/support/stored-rows.ts'
import type { AccountId } from '../domain/id.ts'
import { readLogo } from '../domain/logo.ts'
import { type AccountChange, updateAccount } from '../operations/update-account.ts'
import { TEST_MODE } from '../pages/test-mode.ts'
import { renderPage } from './components/render-page.tsx'
import { EN } from './messages/en.ts'
import type { CheckoutView } from './view.ts'

let server: CheckoutServer
beforeAll(async () => {
  server = await startCheckoutServer('memory', {}, { clock: stillClock() })
})
afterAll(() => server.close())

const RETURN_URLS = {
  success_url: 'https://shop.example/paid',
  failure_url: 'https://shop.example/not-paid',
}

/** Creates a session, and returns the path of its page. */
async function createPage(more: object = {}): Promise<string> {
  const answer = await call(server.baseUrl, 'POST', '/paymentsessions', {
    amount: 1499.9,
    currency: 'INR',
    configurations: { hosted_page_parameters: RETURN_URLS },
    ...more,
  })
  expect(answer.status).toBe(201)
  return `/hostedcheckout/${answer.body.payments_session.access_key}`
}

/** Returns the text of a page, without the data of its script. */
async function show(path: string, language = 'en'): Promise<string> {
  const { text } = await visit(server.baseUrl, `${path}?lang=${language}`)
  return text.replaceAll(/<script.*?<\/script>/gs, '')
}

const pay = (path: string, form: Record<string, string>) =>
  visit(server.baseUrl, `${path}/pay`, form)
const CARD = {
  method: 'card',
  card_number: '4111111111111111',
  card_expiry: '12/40',
  card_cvv: '123',
  card_name: 'Asha Rao',
}
const COLLECT = { method: 'upi', upi_channel: 'collect', upi_id: 'pending@paydesk' }

test('the card option shows the marks of the processor’s card schemes', async () => {
  const page = await show(await createPage())
  const marks = /<span class="marks">(.*?)<\/label>/s.exec(
    page.slice(page.indexOf('value="card"')),
  )?.[1]
  expect(marks?.match(/VISA|MC|RuPay|AMEX|JCB/g)).toEqual(['VISA', 'MC', 'RuPay'])
})

describe('the form of a session with a customer', () => {
  const customer = async (more: object = {}) => {
    const { body } = await call(server.baseUrl, 'POST', '/customers', {
      name: 'Asha Rao',
      email: 'asha@shop.example',
      phone: '+91 98765 43210',
      ...more,
    })
    return body.customer.customer_id as string
  }
  const inputsOf = async (path: string) => {
    const page = await show(path)
    const inputValue = (name: string) =>
      new RegExp(`<input[^>]*name="${name}"[^>]*>`).exec(page)?.[0].match(/ value="([^"]*)"/)?.[1]
    return ['card_name', 'email', 'phone'].map((name) => inputValue(name) ?? '')
  }

  test('has the customer’s name, e-mail address and phone number', async () => {
    const path = await createPage({ customer_id: await customer() })
    expect(await inputsOf(path)).toEqual(['Asha Rao', 'asha@shop.example', '+91 9876543210'])
    const withoutPhone = await createPage({ customer_id: await customer({ phone: null }) })
    expect(await inputsOf(withoutPhone)).toEqual(['Asha Rao', 'asha@shop.example', ''])
    const withoutCode = await createPage({ customer_id: await customer({ phone: '17' }) })
    expect(await inputsOf(withoutCode)).toEqual(['Asha Rao', 'asha@shop.example', '17'])
  })

  test('has the hosted page parameters of the session in place of the same data of the customer', async () => {
    const parameters = { ...RETURN_URLS, email: 'ben@shop.example', phone: '5550100' }
    const path = await createPage({
      customer_id: await customer(),
      configurations: { hosted_page_parameters: parameters },
    })
    expect(await inputsOf(path)).toEqual(['Asha Rao', 'ben@shop.example', '5550100'])
  })

  test('has the changed data of the customer, and no data of a deleted one', async () => {
    const id = await customer()
    const path = await createPage({ customer_id: id })
    await call(server.baseUrl, 'PUT', `/customers/${id}`, { email: 'rao@shop.example' })
    expect((await inputsOf(path))[1]).toBe('rao@shop.example')
    await call(server.baseUrl, 'DELETE', `/customers/${id}`)
    expect(await inputsOf(path)).toEqual(['', '', ''])
    expect(await show(path)).not.toContain('Asha')
  })

  test('gives the payment the phone number without its dialing code', async () => {
    const path = await createPage({ customer_id: await customer() })
    const [, email = '', phone = ''] = await inputsOf(path)
    await pay(path, { ...COLLECT, email, phone })
    const { body } = await call(server.baseUrl, 'GET', '/payments?per_page=1')
    const { payment } = (
      await call(server.baseUrl, 'GET', `/payments/${body.payments[0].payment_id}`)
    ).body
    expect([payment.phone, payment.dialing_code]).toEqual(['9876543210', '+91'])
  })

  test('has no data of the customer after the session has ended', async () => {
    const path = await createPage({ customer_id: await customer() })
    await pay(path, { ...COLLECT, upi_id: 'success@paydesk', email: 'x@shop.example' })
    server.advance(5_000)
    const { text } = await visit(server.baseUrl, path)
    expect(text).not.toContain('asha@shop.example')
  })
})

test('the page shows line items of meta_data with their amounts, and no other entry', async () => {
  const page = await show(
    await createPage({
      description: 'Order 8841',
      invoice_number: 'INV-8841',
      meta_data: [
        { key: 'item 1', value: 'Brass lamp | 1499.90' },
        { key: 'risk', value: 'SECRET-SCORE' },
      ],
    }),
  )
  for (const itemText of ['Order 8841', 'Invoice INV-8841', 'Brass lamp']) {
    expect(page).toContain(itemText)
  }
  expect(page).toContain('<bdi>₹1,499.90</bdi></li>')
  expect(page).not.toContain('SECRET-SCORE')
})

const WAITS: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  ['a QR code', { method: 'upi', upi_channel: 'qr' }, /This code is valid for 10 minutes/],
  ['a UPI app', { method: 'upi', upi_channel: 'intent' }, /10 minutes left to pay/],
  ['a UPI request', COLLECT, /10 minutes left to pay/],
  ['a bank transfer', { method: 'bank_transfer' }, /10 minutes left to pay/],
  ['the issuer’s page', CARD, /10 minutes left to pay/],
]

test.each(WAITS)('the page that waits for %s shows the time left', async (_, form, sentence) => {
  const path = await createPage()
  expect((await pay(path, form)).status).toBe(303)
  expect(await show(path)).toMatch(sentence)
})

test('the page that waits for the bank’s decision shows the time left', async () => {
  const path = await createPage()
  const { location = '' } = await pay(path, { ...CARD, card_name: 'Pending Success' })
  const returnPage = await visit(server.baseUrl, location, { otp: '123456', decision: 'approve' })
  await visit(server.baseUrl, returnPage.location ?? '')
  expect(await show(path)).toMatch(/Your bank has 10 minutes left to confirm/)
})

test.each([
  ['the 3-D Secure page', CARD],
  ['the bank’s page', { method: 'netbanking', bank: 'success_test_bank' }],
  ['the wallet’s page', { method: 'wallet', wallet: 'success_wallet' }],
])('%s shows the amount in the checkout’s format, and the test mode notice', async (_, form) => {
  const { location = '' } = await pay(await createPage(), form)
  const { text } = await visit(server.baseUrl, location)
  expect(text).toContain('<dd>₹1,499.90</dd>')
  expect(text).toContain(TEST_MODE)
})

test('the demo shop, the start page and the checkout show the same test mode notice', async () => {
  const pages = await Promise.all(['/', '/demo', await createPage()].map((path) => show(path)))
  for (const page of pages) expect(page).toContain(TEST_MODE)
})

describe('the page settings of an account', () => {
  const PNG = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  const change = (page: AccountChange) =>
    updateAccount({ ...server.tenant, actor: TEST_ACTOR }, ACCOUNT_ID as AccountId, page)

  test('add the logo, which is served below the session’s URL with a policy that allows no script', async () => {
    const logo = readLogo(PNG)
    if ('refused' in logo) throw new Error(logo.refused)
    await server.tenant.store.transaction((tx) => tx.accounts.putLogo(logo, 0))
    await change({ logoFile: logo.file })
    const path = await createPage()
    expect(await show(path)).toContain(`src="${path}/logo/${logo.file}"`)

    const answer = await fetch(`${server.baseUrl}${path}/logo/${logo.file}`)
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    })
    const other = `${'0'.repeat(32)}.png`
    expect((await fetch(`${server.baseUrl}${path}/logo/${other}`)).status).toBe(404)

    await change({ logoFile: undefined })
    expect((await fetch(`${server.baseUrl}${path}/logo/${logo.file}`)).status).toBe(404)
    expect(await show(path)).not.toContain('/logo/')
  })

  test('add links to terms and privacy policy, and can hide “Powered by Paydesk”', async () => {
    const path = await createPage()
    expect(await show(path)).toContain('Powered by Paydesk')
    await change({
      termsUrl: 'https://shop.example/terms',
      privacyUrl: 'https://shop.example/privacy?a=1&b=2',
      hidesPoweredBy: true,
    })
    const page = await show(path, 'hi')
    expect(page).toContain('href="https://shop.example/terms" target="_blank" rel="noopener')
    expect(page).toContain('href="https://shop.example/privacy?a=1&amp;b=2"')
    expect(page).toContain('शर्तें')
    expect(await show(path)).not.toContain('Powered by')
  })
})

test('the page of an invalid checkout link has language links', async () => {
  const page = await show('/hostedcheckout/nonsense', 'ur')
  expect(page).toContain('dir="rtl"')
  expect(page).toContain('href="?lang=hi"')
  expect(page).toContain('<svg class="icon"')
})

test('the page shows no payment details after the deadline of an attempt', async () => {
  const path = await createPage()
  await pay(path, { method: 'bank_transfer' })
  const { text } = await visit(server.baseUrl, `${path}/state`)
  const { view } = JSON.parse(text) as { readonly view: CheckoutView }
  const deadlineAtMs = view.attempt?.deadlineAtMs ?? 0
  const shownAt = (nowMs: number) =>
    renderPage({
      view: { ...view, nowMs },
      messages: EN,
      form: {},
      problems: {},
      isElsewhere: false,
      isLeaving: false,
    })
  expect(shownAt(deadlineAtMs - 1000)).toMatch(/PAYD\d.*1 second left to pay/)
  const late = shownAt(deadlineAtMs)
  expect(late).toContain('This payment was not confirmed in time')
  expect(late).not.toMatch(/PAYD\d/)
})
