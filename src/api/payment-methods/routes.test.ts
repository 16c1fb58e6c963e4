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

const MINUTE_MS = 60_000

describe.each(ENGINES)('saved payment methods, on %s', (engine) => {
  const golden = openGolden('payment-methods')
  const lines: string[] = []
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(
      engine,
      { logLevel: 'info' },
      { logTo: { write: (line: string) => void lines.push(line) } },
    )
  })
  afterAll(async () => {
    await server.close()
    golden.finish()
  })

  const us = (path: string) => `${path}${path.includes('?') ? '&' : '?'}${AS_ANOTHER}`
  const call = (method: string, path: string, body?: unknown, headers = {}) =>
    server.call(method, us(path), body, headers)
  const customer = async (): Promise<string> => {
    const { body } = await call('POST', '/customers', { name: 'Ben Ode', email: 'ben@shop.test' })
    return body.customer.customer_id
  }
  const save = async (customerId: string, body: object = { type: 'card' }) =>
    (await control(server.baseUrl)('POST', `/customers/${customerId}/payment_methods`, body)).body
      .payment_method
  const session = async (customerId: string) =>
    (await call('POST', '/paymentmethodsessions', { customer_id: customerId })).body
      .payment_method_session
  const advance = (by: string) => control(server.baseUrl)('POST', '/clock/advance', { by })
  const get = async (id: string) => (await call('GET', `/paymentmethods/${id}`)).body.payment_method

  test('a session for a customer is created and retrieved, and expires by the clock', async () => {
    const { exchange } = golden.conversation('a payment method session', server)
    const customerId = (
      await exchange('its customer', 'POST', us('/customers'), {
        name: 'Ben Ode',
        email: 'ben@shop.test',
      })
    ).body.customer.customer_id
    const body = { customer_id: customerId, description: 'Card on file' }
    const answer = await exchange('create', 'POST', us('/paymentmethodsessions'), body)
    const { payment_method_session: methodSession } = answer.body
    expect(methodSession.expiry_time - methodSession.created_time).toBe(900)
    expect(methodSession.access_key).toMatch(/^B/)
    const path = us(`/paymentmethodsessions/${methodSession.payment_method_session_id}`)
    await exchange('retrieve', 'GET', path)
    server.advance(15 * MINUTE_MS)
    await exchange('retrieve after its end', 'GET', path)
  })

  test('a saved card is retrieved, changed and deleted, and its customer shows it', async () => {
    const { exchange } = golden.conversation('the life of a saved card', server)
    const customerId = await customer()
    const { payment_method_id: id } = await save(customerId, { type: 'card', card_name: 'Ben Ode' })
    const path = us(`/paymentmethods/${id}`)
    await exchange('retrieve', 'GET', path)
    await exchange('retrieve its customer', 'GET', us(`/customers/${customerId}`))
    await exchange('delete its customer', 'DELETE', us(`/customers/${customerId}`))
    server.advance(1_000)
    await exchange('change the expiry', 'PUT', path, {
      type: 'card',
      card: { expiry_month: '09', expiry_year: '2039' },
    })
    await exchange('change the address', 'PUT', path, {
      type: 'card',
      billing_address: {
        name: 'Ben Ode',
        address_line1: '1 Main Street',
        address_line2: 'Floor 2',
        city: 'New York',
        state: 'NY',
        postal_code: '10001',
        country: 'US',
      },
    })
    await exchange('delete', 'DELETE', path)
    await exchange('delete it again', 'DELETE', path)
    await exchange('retrieve the deleted one', 'GET', path)
    await exchange('change the deleted one', 'PUT', path, {
      type: 'card',
      card: { expiry_month: 9, expiry_year: 39 },
    })
    await exchange('retrieve its customer without it', 'GET', us(`/customers/${customerId}`))
    await exchange('delete its customer then', 'DELETE', us(`/customers/${customerId}`))
  })

  test('the verification of a bank account takes ten seconds, and the account is then active or blocked', async () => {
    const { exchange } = golden.conversation('saved bank accounts', server)
    const customerId = await customer()
    const good = await save(customerId, { type: 'ach_debit', last_four_digits: '6789' })
    const bad = await save(customerId, { type: 'ach_debit', last_four_digits: '2227' })
    const path = us(`/paymentmethods/${good.payment_method_id}`)
    await exchange('retrieve at first', 'GET', path)
    await advance('9s')
    expect((await get(good.payment_method_id)).status).toBe('processing')
    await advance('7s')
    await exchange('retrieve the verified one', 'GET', path)
    await exchange('change its holder', 'PUT', path, {
      type: 'ach_debit',
      ach_debit: { account_holder_type: 'company' },
    })
    const badPath = us(`/paymentmethods/${bad.payment_method_id}`)
    await exchange('retrieve the blocked one', 'GET', badPath)
    await exchange('change the blocked one', 'PUT', badPath, {
      type: 'ach_debit',
      ach_debit: { account_holder_type: 'individual' },
    })
    await exchange('retrieve their customer', 'GET', us(`/customers/${customerId}`))
  })

  test('an error names the wrong field, in the order of the documentation, and nothing changes', async () => {
    const { exchange } = golden.conversation('wrong requests', server)
    const customerId = await customer()
    const other = (await server.call('POST', '/customers', { name: 'A', email: 'a@shop.test' }))
      .body.customer.customer_id
    const sessions: readonly [name: string, body: unknown][] = [
      ['no body', ''],
      ['no customer', {}],
      ['no customer before a wrong description', { description: 7 }],
      ['an unknown customer', { customer_id: 17 }],
      ['another account’s customer', { customer_id: other }],
      ['an invalid customer', { customer_id: 'ben' }],
      ['a description too long', { customer_id: customerId, description: 'x'.repeat(501) }],
    ]
    for (const [name, body] of sessions) {
      await exchange(name, 'POST', us('/paymentmethodsessions'), body)
    }
    const { payment_method_id: id } = await save(customerId)
    const before = await get(id)
    const changes: readonly [name: string, body: unknown][] = [
      ['a change without a type', { card: { expiry_month: 9, expiry_year: 39 } }],
      ['a change of another type', { type: 'ach_debit' }],
      ['a change without fields', { type: 'card' }],
      ['a month alone', { type: 'card', card: { expiry_month: '09' } }],
      ['an invalid month', { type: 'card', card: { expiry_month: 13, expiry_year: 39 } }],
      ['a year of three digits', { type: 'card', card: { expiry_month: 9, expiry_year: '039' } }],
      ['a year of another century', { type: 'card', card: { expiry_month: 9, expiry_year: 1939 } }],
      ['an expiry in the past', { type: 'card', card: { expiry_month: 10, expiry_year: 26 } }],
      [
        'an object of the other type',
        { type: 'card', ach_debit: { account_holder_type: 'company' } },
      ],
      ['an address without a country', { type: 'card', billing_address: { city: 'New York' } }],
      ['an invalid country', { type: 'card', billing_address: { country: 'XX' } }],
      [
        'a card number in an address',
        { type: 'card', billing_address: { name: '4111111111111111', country: 'US' } },
      ],
      [
        'a city too long',
        { type: 'card', billing_address: { city: 'x'.repeat(101), country: 'US' } },
      ],
    ]
    for (const [name, body] of changes) {
      const answer = await exchange(name, 'PUT', us(`/paymentmethods/${id}`), body)
      expect([name, answer.status]).toEqual([name, 400])
      expect(answer.text).not.toContain('4111')
    }
    expect(await get(id)).toEqual(before)
  })

  test('an account of the IN edition has no operations on saved payment methods, and unknown objects get 404', async () => {
    const { exchange } = golden.conversation('missing objects', server)
    const customerId = await customer()
    const { payment_method_id: id } = await save(customerId)
    const { payment_method_session_id: sessionId } = await session(customerId)
    await exchange('IN: create a session', 'POST', '/paymentmethodsessions', { customer_id: 1 })
    await exchange('IN: retrieve a session', 'GET', `/paymentmethodsessions/${sessionId}`)
    for (const method of ['GET', 'PUT', 'DELETE']) {
      await exchange(
        `IN: ${method}`,
        method,
        `/paymentmethods/${id}`,
        method === 'PUT' ? {} : undefined,
      )
    }
    for (const path of ['/paymentmethodsessions/600000000000000', '/paymentmethodsessions/abc']) {
      await exchange(`retrieve ${path}`, 'GET', us(path))
    }
    await exchange('retrieve an unknown method', 'GET', us('/paymentmethods/600000000000000'))
    await exchange('change an unknown method', 'PUT', us('/paymentmethods/abc'), { type: 7 })
    await exchange('delete an unknown method', 'DELETE', us('/paymentmethods/abc'))
  })

  test('each request needs the scope of its resource', async () => {
    const { exchange } = golden.conversation('scopes', server)
    const customerId = await customer()
    const { payment_method_id: id } = await save(customerId)
    const { payment_method_session_id: sessionId } = await session(customerId)
    const none = await tokenFor(server, ['payments.CREATE', 'customers.READ'])
    const path = us(`/paymentmethods/${id}`)
    const body = { customer_id: customerId }
    await exchange('create', 'POST', us('/paymentmethodsessions'), body, none)
    await exchange('retrieve', 'GET', us(`/paymentmethodsessions/${sessionId}`), undefined, none)
    await exchange('retrieve a method', 'GET', path, undefined, none)
    await exchange('change a method', 'PUT', path, {}, none)
    await exchange('delete a method', 'DELETE', path, undefined, none)
  })

  test('a repeated request gets the first session, even if the requests are concurrent', async () => {
    const customerId = await customer()
    const key = { 'idempotency-key': `method session ${customerId}` }
    const answers = await atOnce(10, () =>
      call('POST', '/paymentmethodsessions', { customer_id: customerId }, key),
    )
    expect(countStatuses(answers)).toEqual({ 201: 10 })
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  })

  test('a customer has at most 100 saved methods, and a deleted one makes room', async () => {
    const { exchange } = golden.conversation('100 saved methods', server)
    const customerId = await customer()
    const { payment_method_id: first } = await save(customerId)
    const body = { customer_id: customerId }
    for (let count = 1; count < 98; count += 1) await save(customerId)
    const answers = await atOnce(5, () =>
      control(server.baseUrl)('POST', `/customers/${customerId}/payment_methods`, { type: 'card' }),
    )
    expect(countStatuses(answers)).toEqual({ 201: 2, 400: 3 })
    await exchange('the next session', 'POST', us('/paymentmethodsessions'), body)
    await call('DELETE', `/paymentmethods/${first}`)
    expect((await call('POST', '/paymentmethodsessions', body)).status).toBe(201)
    const { body: answer } = await call('GET', `/customers/${customerId}`)
    expect(answer.customer.payment_methods).toHaveLength(99)
  })

  test('the processor deletes the token of a deleted method', async () => {
    const { payment_method_id: id } = await save(await customer())
    const { sandboxSaves } = server.tenant.store
    expect((await sandboxSaves.find(id))?.forgottenAtMs).toBeUndefined()
    await call('DELETE', `/paymentmethods/${id}`)
    while ((await callPaymentMethodNext(server.tenant)) !== undefined);
    expect((await sandboxSaves.find(id))?.forgottenAtMs).toBe(server.tenant.clock.nowMs())
    const record = await server.tenant.store.paymentMethods.find(id)
    expect([record?.status, record?.tokenSealed, record?.callAtMs]).toEqual([
      'deleted',
      undefined,
      undefined,
    ])
  })

  test('the control API saves test instruments, and its errors name the fields that prevent a save', async () => {
    const { exchange } = golden.conversation('saved by the control API', {
      ...server,
      call: async (method, path, body) => {
        const response = await fetch(`${server.baseUrl}${path}`, {
          method,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
        const text = await response.text()
        return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
      },
    })
    const customerId = await customer()
    const path = `/_sandbox/customers/${customerId}/payment_methods`
    await exchange('a card', 'POST', path, { type: 'card', last_four_digits: '0277' })
    await exchange('an account', 'POST', path, { type: 'ach_debit' })
    const wrong: readonly [name: string, body: object][] = [
      ['no type', {}],
      ['another type', { type: 'upi' }],
      ['unknown digits', { type: 'card', last_four_digits: '9999' }],
      ['a refused card', { type: 'card', card_name: 'Insufficient Funds' }],
      ['a card that is decided later', { type: 'card', card_name: 'Pending Success' }],
      ['a card number', { type: 'card', card_name: '4111111111111111' }],
      ['an unknown field', { type: 'card', number: '1' }],
    ]
    for (const [name, body] of wrong) {
      expect((await exchange(name, 'POST', path, body)).status).toBe(400)
    }
    const india = (await server.call('POST', '/customers', { name: 'A', email: 'a@shop.test' }))
      .body
    for (const [name, id] of [
      ['an IN customer', india.customer.customer_id],
      ['an unknown customer', '600000000000000'],
    ]) {
      const of = `/_sandbox/customers/${id}/payment_methods`
      expect((await exchange(`${name}`, 'POST', of, { type: 'card' })).status).toBe(404)
    }
  })

  test('answers match their description', async () => {
    const isDescribed = await descriptions(server)
    const customerId = await customer()
    const methods = [await save(customerId), await save(customerId, { type: 'ach_debit' })]
    const creation = await call('POST', '/paymentmethodsessions', { customer_id: customerId })
    const { payment_method_session_id: sessionId } = creation.body.payment_method_session
    const path = '/paymentmethodsessions/{payment_method_session_id}'
    const rows = [
      isDescribed('post', '/paymentmethodsessions', creation),
      isDescribed('get', path, await call('GET', `/paymentmethodsessions/${sessionId}`)),
      isDescribed('get', '/customers/{customer_id}', await call('GET', `/customers/${customerId}`)),
    ]
    for (const { payment_method_id: id } of methods) {
      const answer = await call('GET', `/paymentmethods/${id}`)
      rows.push(isDescribed('get', '/paymentmethods/{payment_method_id}', answer))
    }
    expect(rows).toEqual(rows.map(() => true))
  })

  test('a closed account cannot create a session', async () => {
    const customerId = await customer()
    const { accountId } = (await server.tenant.store.customers.find(customerId as never)) ?? {}
    if (accountId === undefined) throw new Error('the customer vanished')
    const auditDeps = { ...server.tenant, actor: { kind: 'os_user', name: 'test' } as const }
    await closeAccount(auditDeps, accountId)
    const { exchange } = golden.conversation('a closed account', server)
    await exchange('create', 'POST', us('/paymentmethodsessions'), { customer_id: customerId })
    await reopenAccount(auditDeps, accountId)
  })

  test('no log line contains a name, an address or digits of a saved method', async () => {
    const customerId = await customer()
    const { payment_method_id: id } = await save(customerId, {
      type: 'card',
      card_name: 'Unlogged Name',
    })
    await call('PUT', `/paymentmethods/${id}`, {
      type: 'card',
      billing_address: { city: 'Unlogged City', country: 'US' },
    })
    const text = lines.join('\n')
    expect(text).toContain(id)
    expect(text).not.toMatch(/unlogged/i)
    // Times and ids can contain any four digits, so the search is for the whole number.
    expect(text).not.toMatch(/4111111111111111|last_?four|sandbox_/i)
  })
})
