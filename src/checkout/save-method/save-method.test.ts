import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { visit } from '../../../test/support/customer.ts'
import { AS_ANOTHER } from '../../../test/support/taken-payments.ts'
import { callPaymentMethodNext } from '../../operations/call-payment-methods.ts'

let server: CheckoutServer
beforeAll(async () => {
  server = await startCheckoutServer('memory')
})
afterAll(() => server.close())

const call = (method: string, path: string, body?: unknown) =>
  server.call(method, `${path}?${AS_ANOTHER}`, body)
async function openSession(): Promise<{ readonly id: string; readonly path: string }> {
  const customer = { name: 'Ben Ode', email: 'ben@shop.test' }
  const { customer_id } = (await call('POST', '/customers', customer)).body.customer
  const answer = await call('POST', '/paymentmethodsessions', {
    customer_id,
    description: 'Card on file',
  })
  const { access_key, payment_method_session_id: id } = answer.body.payment_method_session
  return { id, path: `/hostedcheckout/${access_key}` }
}
const CARD = {
  number: '1',
  method: 'card',
  card_number: '4111 1111 1111 1111',
  card_expiry: '09/40',
  card_cvv: '123',
  card_name: 'Ben Ode',
  postal_code: '10001',
  country: 'US',
}
const ACCOUNT = {
  number: '1',
  method: 'ach_debit',
  ach_name: 'Ben Ode',
  ach_routing: '110000000',
  ach_account: '000123456789',
  country: 'US',
}
const send = (path: string, form: Readonly<Record<string, string>>) =>
  visit(server.baseUrl, `${path}/save?lang=en`, form)
const textOf = async (path: string, language = 'en') =>
  (await visit(server.baseUrl, `${path}?lang=${language}`)).text
const status = async (id: string) =>
  (await call('GET', `/paymentmethodsessions/${id}`)).body.payment_method_session
/** Confirms on the issuer's page, and follows the way back. */
async function confirm(path: string, otp = '123456'): Promise<void> {
  const issuer = /href="(\/sandbox\/save-card\/\d+)"/.exec(await textOf(path))?.[1] ?? ''
  const page = await visit(server.baseUrl, issuer)
  expect(page.text).toContain('Save your card')
  const { location = '' } = await visit(server.baseUrl, issuer, { otp, decision: 'approve' })
  await visit(server.baseUrl, location.replace(server.baseUrl, ''))
}

describe('the page that saves a payment method', () => {
  test('ends the session of a customer who was deleted', async () => {
    const { id, path } = await openSession()
    const { customer_id: customerId } = await status(id)
    expect((await call('DELETE', `/customers/${customerId}`)).status).toBe(200)
    await send(path, CARD)
    expect((await status(id)).status).toBe('expired')
    expect(await textOf(path)).not.toContain('card_number')
  })

  test('saves a card after the issuer’s page, and ends with a notice', async () => {
    const { id, path } = await openSession()
    const page = await textOf(path)
    for (const part of [
      'Save a payment method',
      'Card on file',
      'No money is taken now',
      '<option value="US" selected>',
    ]) {
      expect(page).toContain(part)
    }
    expect((await send(path, CARD)).status).toBe(303)
    expect((await status(id)).status).toBe('in_progress')
    await confirm(path)
    const savedStatus = await status(id)
    expect(savedStatus).toMatchObject({
      status: 'succeeded',
      payment_method: { type: 'card', status: 'active' },
    })
    const end = await textOf(path)
    expect(end).toContain('Visa ending 1111')
    expect(end).toContain('You may close this page.')
    const method = await call(
      'GET',
      `/paymentmethods/${savedStatus.payment_method.payment_method_id}`,
    )
    expect(method.body.payment_method).toMatchObject({
      source: 'hosted_page',
      card: { card_holder_name: 'Ben Ode', expiry_month: '09', expiry_year: '40' },
      billing_address: { postal_code: '10001', country: 'US' },
    })
  })

  test('saves a bank account, which the bank verifies afterwards', async () => {
    const { id, path } = await openSession()
    await send(path, ACCOUNT)
    expect((await status(id)).payment_method).toMatchObject({ status: 'processing' })
    expect(await textOf(path)).toContain('Your bank is verifying the account.')
    server.advance(11_000)
    while ((await callPaymentMethodNext(server.tenant)) !== undefined);
    expect((await status(id)).payment_method).toMatchObject({ status: 'active' })
  })

  test('can be used again after a refusal, and fails after five', async () => {
    const { id, path } = await openSession()
    for (let number = 1; number <= 5; number += 1) {
      expect((await status(id)).status).toBe('created')
      await send(path, { ...CARD, number: String(number), card_name: 'Insufficient Funds' })
      await confirm(path)
      if (number < 5) expect(await textOf(path)).toContain('This payment method was not saved')
    }
    expect((await status(id)).status).toBe('failed')
    expect(await textOf(path)).toContain('Nothing was saved')
  })

  test('saves once if its form is sent twice', async () => {
    const { id, path } = await openSession()
    await Promise.all([send(path, CARD), send(path, CARD), send(path, CARD)])
    await confirm(path)
    await send(path, CARD)
    const { payment_method } = await status(id)
    const storedMethod = await server.tenant.store.paymentMethods.find(
      payment_method.payment_method_id,
    )
    const { customerId } = storedMethod ?? {}
    if (customerId === undefined) throw new Error('no customer')
    expect(await server.tenant.store.paymentMethods.listByCustomer(customerId)).toHaveLength(1)
  })

  test('shows the problems of a form, and never a secret again', async () => {
    const { id, path } = await openSession()
    const wrong = {
      ...CARD,
      card_number: '4111 1111 1111 1112',
      card_name: '4111111111111111',
      country: 'XX',
      city: 'New York',
    }
    const { status: code, text } = await send(path, wrong)
    expect(code).toBe(422)
    for (const part of [
      'Check the card number',
      'This looks like a card number',
      'Choose a country',
      'value="New York"',
    ]) {
      expect(text).toContain(part)
    }
    // The sandbox's panel has the test numbers.
    expect(text.replace(/<aside[\s\S]*?<\/aside>/, '')).not.toMatch(/4111[ +-]?1111/)
    expect(await status(id)).toMatchObject({ status: 'created' })
    const answer = await send(path, { ...CARD, card_number: '4242424242424242' })
    expect(answer.text).toContain('use one of its test cards')
  })

  test('expires by the clock, and shows nothing to a wrong key', async () => {
    const { id, path } = await openSession()
    server.advance(15 * 60_000)
    expect(await textOf(path)).toContain('This page has expired')
    await send(path, CARD)
    expect((await status(id)).status).toBe('expired')
    const wrongKey = `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`
    const notFound = await visit(server.baseUrl, wrongKey)
    expect(notFound.status).toBe(404)
    // The page takes no payment, so it says nothing about one.
    expect(notFound.text).toContain('Page not found')
    server.advance(24 * 60 * 60_000 + 1)
    expect((await visit(server.baseUrl, path)).status).toBe(404)
  })

  test.each([
    ['en', 'Save a payment method'],
    ['hi', 'पेमेंट का तरीका सेव करें'],
    ['ur', 'ادائیگی کا طریقہ محفوظ کریں'],
  ])('speaks %s', async (language, title) => {
    const { path } = await openSession()
    expect(await textOf(path, language)).toContain(title)
  })

  test('loads only its own files and cannot be framed, and takes no forms of other sites', async () => {
    const { path } = await openSession()
    const { headers } = await fetch(`${server.baseUrl}${path}`)
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self';.*form-action 'self'; frame-ancestors 'none'/,
    )
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    const response = await fetch(`${server.baseUrl}${path}/save`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'sec-fetch-site': 'cross-site' },
      body: new URLSearchParams(CARD),
    })
    expect(response.status).toBe(404)
  })
})
