import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import { control } from '../../../test/support/sandbox.ts'
import {
  AS_ANOTHER,
  atOnce,
  countStatuses,
  descriptions,
  tokenFor,
} from '../../../test/support/taken-payments.ts'
import { callPaymentMethodNext } from '../../operations/call-payment-methods.ts'
import { closeAccount, reopenAccount } from '../../operations/close-account.ts'
import { reconcileNext } from '../../operations/reconcile-attempts.ts'
import type { SavedInstruments } from '../../processors/saved-instruments.ts'

describe.each(ENGINES)('direct charges, on %s', (engine) => {
  const golden = openGolden('direct-charges')
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
  })
  afterAll(async () => {
    await server.close()
    golden.finish()
  })

  const us = (path: string) => `${path}${path.includes('?') ? '&' : '?'}${AS_ANOTHER}`
  const call = (method: string, path: string, body?: unknown, headers = {}) =>
    server.call(method, us(path), body, headers)
  const act = (path: string, body: object) => control(server.baseUrl)('POST', path, body)
  const customer = async (): Promise<string> => {
    const { body } = await call('POST', '/customers', { name: 'Ben Ode', email: 'ben@shop.test' })
    return body.customer.customer_id
  }
  const save = async (customerId: string, body: object = { type: 'card' }): Promise<string> =>
    (await act(`/customers/${customerId}/payment_methods`, body)).body.payment_method
      .payment_method_id
  /** Returns the body of a charge of a new method. */
  const charge = async (instrument: object = { type: 'card' }, more: object = {}) => {
    const customerId = await customer()
    return {
      customer_id: customerId,
      payment_method_id: await save(customerId, instrument),
      amount: '49.00',
      currency: 'USD',
      ...more,
    }
  }
  const retrieve = async (id: string) => (await call('GET', `/payments/${id}`)).body.payment
  const ledger = async () => (await server.tenant.store.ledger.check()).discrepancies
  const eventsOf = async (methodId: string): Promise<string[]> => {
    const { body } = await call('GET', `/events?per_page=200&payment_method_id=${methodId}`)
    return body.events.map((one: { event_type: string }) => one.event_type).reverse()
  }

  test('a saved card is charged without the customer (off session) and with the customer (on session), with the answer of the documentation', async () => {
    const { exchange } = golden.conversation('charges of a saved card', server)
    const body = await charge({ type: 'card' }, { description: 'Plan, December' })
    const answer = await exchange('off session', 'POST', us('/payments'), body)
    const { payment_id: id } = answer.body.payment
    await exchange('retrieve', 'GET', us(`/payments/${id}`))
    await exchange('list', 'GET', us(`/payments?search_text=${id}`))
    await exchange('on session', 'POST', us('/payments'), {
      ...body,
      amount: 12.5,
      customer_on_session: true,
      browser_info: {
        user_agent: 'Firefox',
        language: 'en-US',
        screen_height: 900,
        color_depth: 24,
      },
      statement_descriptor: 'SHOP EXTRA',
      shipping_address: { name: 'Ben Ode', city: 'New York', country: 'US' },
      meta_data: [{ key: 'plan', value: 'p-1' }],
    })
    expect(await eventsOf(body.payment_method_id)).toEqual([
      'payment_method.saved',
      'payment.succeeded',
      'payment.succeeded',
    ])
    const attempt = await server.tenant.store.paymentAttempts.find(id)
    const hiddenAnswer = await call('GET', `/paymentsessions/${attempt?.paymentSessionId}`)
    const sessions = await call('GET', '/paymentsessions?per_page=200')
    expect([hiddenAnswer.status, sessions.body.payments_sessions]).toEqual([404, []])
    expect(await ledger()).toEqual([])
  })

  test('a charge of a saved card that fails answers 201 with the reason', async () => {
    const { exchange } = golden.conversation('failed charges', server)
    for (const name of ['Insufficient Funds Later', 'Expired Card Later', 'Do Not Honour Later']) {
      const body = await charge({ type: 'card', card_name: name })
      const answer = await exchange(name, 'POST', us('/payments'), body)
      expect([answer.status, answer.body.payment.status]).toEqual([201, 'failed'])
    }
  })

  test('a charge of a bank account is pending, and decided later with its events', async () => {
    const { exchange } = golden.conversation('charges of bank accounts', server)
    for (const [lastFour, end] of [
      ['6789', 'succeeded'],
      ['1116', 'failed'],
    ]) {
      const body = await charge({ type: 'ach_debit', last_four_digits: lastFour })
      await act('/clock/advance', { by: '20s' })
      const answer = await exchange(`${end}: charge`, 'POST', us('/payments'), body)
      expect(answer.body.payment.status).toBe('pending')
      await act('/clock/advance', { by: '20s' })
      const { payment_id: id } = answer.body.payment
      expect(
        (await exchange(`${end}: later`, 'GET', us(`/payments/${id}`))).body.payment.status,
      ).toBe(end)
      const events = await eventsOf(body.payment_method_id)
      expect(events).toEqual(['payment_method.saved', 'payment.pending', `payment.${end}`])
    }
  })

  test('an error names the wrong field, in the order of the documentation, and nothing is charged', async () => {
    const { exchange } = golden.conversation('wrong requests', server)
    const right = await charge()
    const otherCustomer = await customer()
    const deletedId = await save(right.customer_id)
    await call('DELETE', `/paymentmethods/${deletedId}`)
    const expiredId = await save(right.customer_id)
    await call('PUT', `/paymentmethods/${expiredId}`, {
      type: 'card',
      card: { expiry_month: 11, expiry_year: 26 },
    })
    const processing = await save(right.customer_id, { type: 'ach_debit' })
    const ROWS: readonly [name: string, body: unknown][] = [
      ['no body', ''],
      ['nothing', {}],
      ['an unknown customer', { ...right, customer_id: 17 }],
      ['no method', { ...right, payment_method_id: undefined }],
      ['an unknown method', { ...right, payment_method_id: '600000000000000' }],
      ['another customer’s method', { ...right, customer_id: otherCustomer }],
      ['a deleted method', { ...right, payment_method_id: deletedId }],
      ['a method that is being verified', { ...right, payment_method_id: processing }],
      [
        'a wrong method before a wrong amount',
        { ...right, payment_method_id: deletedId, amount: 0 },
      ],
      ['no amount', { ...right, amount: undefined }],
      ['an amount with more digits than the currency', { ...right, amount: '1.001' }],
      ['no currency', { ...right, currency: undefined }],
      ['an invalid currency', { ...right, currency: 'usd' }],
      ['a text for customer_on_session', { ...right, customer_on_session: 'yes' }],
      ['no browser on session', { ...right, customer_on_session: true, description: 1 }],
      ['an invalid browser', { ...right, browser_info: { screen_height: 'tall' } }],
      ['a statement text too long', { ...right, statement_descriptor: 'x'.repeat(23) }],
      ['a description too long', { ...right, description: 'x'.repeat(501) }],
      ['an address without a country', { ...right, shipping_address: { city: 'Pune' } }],
      ['a card number', { ...right, meta_data: [{ key: 'a', value: '4111111111111111' }] }],
    ]
    for (const [name, body] of ROWS) {
      const answer = await exchange(name, 'POST', us('/payments'), body)
      expect([name, answer.status]).toEqual([name, answer.status === 404 ? 404 : 400])
    }
    const account = await charge({ type: 'ach_debit' })
    await act('/clock/advance', { by: '20s' })
    await exchange('euros of a bank account', 'POST', us('/payments'), {
      ...account,
      currency: 'EUR',
    })
    await exchange('IN', 'POST', '/payments', right)
    const none = await tokenFor(server, ['payments.READ'])
    await exchange('no scope', 'POST', us('/payments'), right, none)
    const { accountId } =
      (await server.tenant.store.customers.find(right.customer_id as never)) ?? {}
    if (accountId === undefined) throw new Error('the customer vanished')
    const deps = { ...server.tenant, actor: { kind: 'os_user', name: 'test' } as const }
    await closeAccount(deps, accountId)
    await exchange('a closed account', 'POST', us('/payments'), right)
    await reopenAccount(deps, accountId)
    const { body } = await call('GET', `/payments?customer_id=${right.customer_id}`)
    expect(body.payments).toEqual([])
  })

  test('a repeated request with one key charges once, even if the requests are concurrent, and gets the first outcome, even after a refund', async () => {
    const { exchange } = golden.conversation('repeated requests', server)
    const body = await charge()
    const key = { 'idempotency-key': 'charge once' }
    const answers = await atOnce(10, () => call('POST', '/payments', body, key))
    expect(countStatuses(answers)).toEqual({ 201: 10 })
    const ids = new Set(answers.map((one) => one.body.payment.payment_id))
    expect(ids.size).toBe(1)
    const [id = ''] = [...ids] as string[]
    const again = await call('POST', '/payments', body, key)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.body.payment).toEqual(await retrieve(id))
    expect(again.body.payment.status).toBe('succeeded')
    await call('POST', `/payments/${id}/refunds`, {
      amount: 1,
      type: 'initiated_by_customer',
      reason: 'requested_by_customer',
    })
    await act('/clock/advance', { by: '10s' })
    expect((await retrieve(id)).status).toBe('partially_refunded')
    expect((await call('POST', '/payments', body, key)).text).toBe(again.text)
    await exchange('another body', 'POST', us('/payments'), { ...body, amount: 1 }, key)
    const { body: list } = await call('GET', `/payments?customer_id=${body.customer_id}`)
    expect(list.payments).toHaveLength(1)
  })

  test('two concurrent charges are two payments, each with its postings', async () => {
    const body = await charge()
    const answers = await atOnce(2, () => call('POST', '/payments', body))
    expect(answers.map((one) => one.body.payment.status)).toEqual(['succeeded', 'succeeded'])
    expect(new Set(answers.map((one) => one.body.payment.payment_id)).size).toBe(2)
    expect(await ledger()).toEqual([])
  })

  test('a charge during a deletion is made or refused, and the token is deleted afterwards', async () => {
    for (let round = 0; round < 5; round += 1) {
      const body = await charge()
      const path = `/paymentmethods/${body.payment_method_id}`
      const [chargeAnswer, deletion] = await Promise.all([
        call('POST', '/payments', body),
        call('DELETE', path),
      ])
      expect(deletion.status).toBe(200)
      const outcome = chargeAnswer.body.payment?.status ?? chargeAnswer.body.code
      expect(['succeeded', 'payment_method_unactivated']).toContain(outcome)
      while ((await callPaymentMethodNext(server.tenant)) !== undefined);
      const late = await call('POST', '/payments', body)
      expect([late.status, late.body.code]).toEqual([400, 'payment_method_unactivated'])
    }
    expect(await ledger()).toEqual([])
  })

  test('the token of a deleted method is kept until its open payment is decided', async () => {
    const body = await charge({ type: 'ach_debit' })
    await act('/clock/advance', { by: '20s' })
    const answer = await call('POST', '/payments', body)
    expect(answer.body.payment.status).toBe('pending')
    await call('DELETE', `/paymentmethods/${body.payment_method_id}`)
    await callPaymentMethodNext(server.tenant)
    const { sandboxSaves } = server.tenant.store
    const isForgotten = async () =>
      (await sandboxSaves.find(body.payment_method_id as never))?.forgottenAtMs !== undefined
    expect(await isForgotten()).toBe(false)
    await act('/clock/advance', { by: '1m' })
    expect((await retrieve(answer.body.payment.payment_id)).status).toBe('succeeded')
    expect(await isForgotten()).toBe(true)
  })

  test('a payment whose charge lost its answer stays initiated until a query decides it, and is never charged again', async () => {
    const fault = {
      target: 'processor',
      match: { call: 'charge' },
      count: 1,
      effect: { lost_answer: true },
    }
    const body = await charge()
    const key = { 'idempotency-key': 'a lost answer' }
    await act('/faults', fault)
    const answer = await call('POST', '/payments', body, key)
    expect([answer.status, answer.body.payment.status]).toEqual([201, 'initiated'])
    expect((await call('POST', '/payments', body, key)).body).toEqual(answer.body)
    server.advance(2 * 60_000)
    while ((await reconcileNext(server.tenant)) !== undefined);
    const decidedPayment = await retrieve(answer.body.payment.payment_id)
    expect(decidedPayment.status).toBe('succeeded')
    expect((await call('POST', '/payments', body, key)).body.payment).toEqual(decidedPayment)
    const { body: list } = await call('GET', `/payments?customer_id=${body.customer_id}`)
    expect(list.payments).toHaveLength(1)
    expect(await ledger()).toEqual([])
  })

  test('a processor that needs more details about the customer refuses the charge before a payment exists', async () => {
    const { processor } = server.tenant
    const { savedInstruments } = processor
    if (savedInstruments === undefined) throw new Error('the sandbox saves instruments')
    const needsDetails: SavedInstruments['needsDetails'] = ({ customer: { name, phone } }) =>
      name === 'Ben Ode' && phone === undefined
    Object.assign(server.tenant, {
      processor: { ...processor, savedInstruments: { ...savedInstruments, needsDetails } },
    })
    try {
      const { exchange } = golden.conversation('a customer with too few details', server)
      const body = await charge()
      const refusal = await exchange('without a phone number', 'POST', us('/payments'), body)
      expect([refusal.status, refusal.body]).toMatchObject([
        400,
        { code: 'insufficient_customer_details', field: 'customer_id' },
      ])
      const { body: list } = await call('GET', `/payments?customer_id=${body.customer_id}`)
      expect(list.payments).toEqual([])
      const phone = { phone: '2125550100', phone_country_code: 'US' }
      await call('PUT', `/customers/${body.customer_id}`, phone)
      expect((await call('POST', '/payments', body)).body.payment.status).toBe('succeeded')
    } finally {
      Object.assign(server.tenant, { processor })
    }
  })

  test('a direct charge is refunded like every payment, and answers match their description', async () => {
    const isDescribed = await descriptions(server)
    const body = await charge()
    const answer = await call('POST', '/payments', body)
    const { payment_id: id } = answer.body.payment
    const refund = await call('POST', `/payments/${id}/refunds`, {
      amount: '9.00',
      type: 'initiated_by_customer',
      reason: 'requested_by_customer',
    })
    expect(refund.status).toBe(201)
    await act('/clock/advance', { by: '10s' })
    expect(await retrieve(id)).toMatchObject({
      status: 'partially_refunded',
      amount_refunded: '9.00',
    })
    expect(await eventsOf(body.payment_method_id)).toEqual([
      'payment_method.saved',
      'payment.succeeded',
      'refund.succeeded',
    ])
    const account = await charge({ type: 'ach_debit' })
    await act('/clock/advance', { by: '20s' })
    const rows = [
      isDescribed('post', '/payments', answer),
      isDescribed('post', '/payments', await call('POST', '/payments', account)),
      isDescribed('get', '/payments/{payment_id}', await call('GET', `/payments/${id}`)),
      isDescribed('get', '/payments', await call('GET', '/payments')),
    ]
    expect(rows).toEqual(rows.map(() => true))
    expect(await ledger()).toEqual([])
  })
})
