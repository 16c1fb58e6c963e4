import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayInIndia } from '../../../test/support/account-days.ts'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import {
  AS_ANOTHER,
  atOnce,
  countStatuses,
  makePayment,
  tokenFor,
} from '../../../test/support/taken-payments.ts'

const WHOLE = {
  name: 'Asha Rao',
  email: 'asha@shop.test',
  phone: '9000000001',
  phone_country_code: 'IN',
  meta_data: [{ key: 'crm', value: 'c-17' }],
}

describe.each(ENGINES)('customers, on %s', (engine) => {
  const golden = openGolden('customers')
  const lines: string[] = []
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(
      engine,
      { logLevel: 'info', accessLog: 'all' },
      { logTo: { write: (line: string) => void lines.push(line) } },
    )
  })
  afterAll(async () => {
    await server.close()
    golden.finish()
  })
  const create = (body: unknown, headers = {}) => server.call('POST', '/customers', body, headers)
  const createCustomer = async (more: object = {}) =>
    (await create({ name: 'Ben', email: 'ben@shop.test', ...more })).body.customer

  test('a customer can be created, read, listed, changed and deleted', async () => {
    const { exchange } = golden.conversation('the life of a customer', server)
    const answer = await exchange('create', 'POST', '/customers', WHOLE)
    const path = `/customers/${answer.body.customer.customer_id}`
    await exchange('retrieve', 'GET', path)
    await exchange('list', 'GET', '/customers')
    server.advance(1_000)
    await exchange('change', 'PUT', path, { email: 'asha.rao@shop.test' })
    await exchange('retrieve the changed one', 'GET', path)
    await exchange('delete', 'DELETE', path)
    await exchange('retrieve the deleted one', 'GET', path)
    await exchange('change the deleted one', 'PUT', path, { name: 'Asha' })
    await exchange('delete it again', 'DELETE', path)
    await exchange('list none', 'GET', '/customers')
  })

  test('a customer of an account of the US edition is shown with the list of the customer’s saved payment methods', async () => {
    const { exchange } = golden.conversation('the US edition', server)
    const body = { name: 'Ben Ode', email: 'ben@shop.test' }
    const answer = await exchange('create', 'POST', `/customers?${AS_ANOTHER}`, body)
    const path = `/customers/${answer.body.customer.customer_id}?${AS_ANOTHER}`
    await exchange('retrieve', 'GET', path)
    await exchange('list', 'GET', `/customers?${AS_ANOTHER}`)
    await exchange('delete', 'DELETE', path)
  })

  test.each([
    [{ phone: '+91 98765-43210' }, '9876543210', '+91'],
    [{ phone: '+1 (555) 0100' }, '5550100', '+1'],
    [{ phone: '98765 43210' }, '9876543210', undefined],
    [{ phone: '98765 43210', phone_country_code: 'IN' }, '9876543210', '+91'],
    [{ phone: '+91 9', phone_country_code: 'IN' }, '9', '+91'],
    [{ phone: '', phone_country_code: 'IN' }, undefined, undefined],
    [{ phone: null, phone_country_code: null }, undefined, undefined],
  ])('%j is the phone number %s with the dialing code %s', async (fields, phone, code) => {
    const customer = await createCustomer(fields)
    expect([customer.phone, customer.dialing_code]).toEqual([phone, code])
  })

  test('a change keeps the other fields, and a new phone number without a country removes the dialing code', async () => {
    const customer = await createCustomer({ phone: '+91 1', meta_data: [{ key: 'a', value: 1 }] })
    const change = async (fields: object) => {
      const { body } = await server.call('PUT', `/customers/${customer.customer_id}`, fields)
      return body.customer
    }
    server.advance(1_000)
    expect(await change({ name: 'Benno', meta_data: [] })).toEqual({
      ...customer,
      name: 'Benno',
      last_modified_time: customer.last_modified_time + 1,
      meta_data: [],
    })
    expect(await change({ phone_country_code: 'US' })).toMatchObject({
      phone: '1',
      dialing_code: '+1',
    })
    const withoutCode = await change({ phone: '17' })
    expect([withoutCode.phone, withoutCode.dialing_code]).toEqual(['17', undefined])
    expect(await change({ phone: '17', phone_country_code: 'IN', email: '' })).toMatchObject({
      email: 'ben@shop.test',
      dialing_code: '+91',
    })
    const [none, ...others] = await Promise.all([
      createCustomer().then(({ customer_id: id }) =>
        server.call('PUT', `/customers/${id}`, { phone_country_code: 'IN' }),
      ),
    ])
    expect([none.status, none.body.customer.dialing_code, others]).toEqual([200, undefined, []])
  })

  test('each parameter filters the list', async () => {
    const email = 'listed@shop.test'
    const one = await createCustomer({ email, phone: '+91 9123456780' })
    const two = await createCustomer({ email })
    const today = dayInIndia(one.created_time * 1000)
    const idsOf = async (query: string): Promise<readonly string[]> => {
      const { body } = await server.call('GET', `/customers?per_page=200&${query}`)
      return body.customers.map((row: { customer_id: string }) => row.customer_id)
    }
    const both = [one.customer_id, two.customer_id].sort()
    expect((await idsOf(`search_text=${email}`)).toSorted()).toEqual(both)
    expect(await idsOf('search_text=9123456780')).toEqual([one.customer_id])
    expect(await idsOf(`search_text=${encodeURIComponent('+91 91234-56780')}`)).toEqual([
      one.customer_id,
    ])
    expect(await idsOf(`search_text=${two.customer_id}`)).toEqual([two.customer_id])
    expect(await idsOf('search_text=listed')).toEqual([])
    expect(await idsOf(`search_text=${email}&filter_by=Date.PreviousMonth`)).toEqual([])
    expect(await idsOf(`search_text=${email}&filter_by=Date.Today`)).toHaveLength(2)
    expect(
      await idsOf(
        `search_text=${email}&filter_by=Date.CustomDate&from_date=${today}&to_date=${today}`,
      ),
    ).toHaveLength(2)
    expect(await idsOf('to_date=2020-01-01')).toEqual([])
    const { body } = await server.call('GET', `/customers?search_text=${email}&per_page=1&page=2`)
    expect([body.customers.length, body.page_context]).toEqual([
      1,
      { page: 2, per_page: 1, total: 2, total_pages: 2, has_more_page: false },
    ])
    for (const [query, field] of [
      ['filter_by=Today', 'filter_by'],
      ['filter_by=Date.CustomDate', 'from_date'],
      ['from_date=soon', 'from_date'],
      ['from_date=2026-02-01&to_date=2026-01-01', 'to_date'],
      [`search_text=${'x'.repeat(255)}`, 'search_text'],
      ['per_page=201', 'per_page'],
    ]) {
      const { body: refusal, status } = await server.call('GET', `/customers?${query}`)
      expect([query, status, refusal.field]).toEqual([query, 400, field])
    }
  })

  test('an error names the wrong field, and nothing is stored', async () => {
    const { exchange } = golden.conversation('wrong requests', server)
    const before = (await server.call('GET', '/customers')).body.page_context.total
    const ROWS: readonly [name: string, body: unknown][] = [
      ['no body', ''],
      ['no object', 'null'],
      ['nothing', {}],
      ['an empty name', { ...WHOLE, name: '' }],
      ['a name of two lines', { ...WHOLE, name: 'Asha\nRao' }],
      ['a name too long', { ...WHOLE, name: 'x'.repeat(101) }],
      ['a name that is a number', { ...WHOLE, name: 7 }],
      ['no e-mail address', { ...WHOLE, email: undefined }],
      ['an empty e-mail address', { ...WHOLE, email: '' }],
      ['an invalid e-mail address', { ...WHOLE, email: 'asha' }],
      ['an e-mail address too long', { ...WHOLE, email: `${'a'.repeat(250)}@b.co` }],
      ['a phone number of letters', { ...WHOLE, phone: 'ninety' }],
      ['a phone number too long', { ...WHOLE, phone: '1'.repeat(16) }],
      ['an unknown dialing code', { ...WHOLE, phone: '+999 1' }],
      ['a phone number that is a number', { ...WHOLE, phone: 9000000001 }],
      ['an invalid country', { ...WHOLE, phone_country_code: 'XX' }],
      ['a dialing code as the country', { ...WHOLE, phone_country_code: '+91' }],
      ['another country than the dialing code', { ...WHOLE, phone: '+1 5550100' }],
      ['meta_data that is not a list', { ...WHOLE, meta_data: {} }],
      ['six entries', { ...WHOLE, meta_data: Array(6).fill({ key: 'a', value: 'b' }) }],
      ['a card number', { ...WHOLE, meta_data: [{ key: 'a', value: '4111111111111111' }] }],
    ]
    for (const [name, body] of ROWS) {
      const answer = await exchange(name, 'POST', '/customers', body)
      expect([name, answer.status]).toEqual([name, 400])
      expect(answer.text).not.toContain('4111')
    }
    expect((await server.call('GET', '/customers')).body.page_context.total).toBe(before)
    const { customer_id: id } = await createCustomer()
    const changes: readonly [name: string, body: unknown][] = [
      ['a change without fields', {}],
      ['a change to empty fields', { name: null, email: '' }],
      ['a change of another field', { customer_name: 'Asha' }],
      ['a change with a wrong e-mail address', { email: 'asha' }],
      ['a change with another country', { phone: '+1 5550100', phone_country_code: 'IN' }],
    ]
    for (const [name, body] of changes) {
      const answer = await exchange(name, 'PUT', `/customers/${id}`, body)
      expect([name, answer.status]).toEqual([name, 400])
    }
  })

  test('a request for another account’s customer or for an unknown customer gets the same 404, even with a wrong field', async () => {
    const { exchange } = golden.conversation('missing objects', server)
    const { customer_id: id } = await createCustomer()
    for (const [name, path] of [
      ['another’s', `/customers/${id}?${AS_ANOTHER}`],
      ['an unknown one', '/customers/600000000000000'],
      ['no id', '/customers/abc'],
    ] as const) {
      await exchange(`${name}: retrieve`, 'GET', path)
      await exchange(`${name}: change`, 'PUT', path, { name: 7 })
      await exchange(`${name}: delete`, 'DELETE', path)
    }
    expect((await server.call('GET', `/customers/${id}`)).status).toBe(200)
  })

  test('each request needs the scope of its resource', async () => {
    const { exchange } = golden.conversation('scopes', server)
    const { customer_id: id } = await createCustomer()
    const reader = await tokenFor(server, ['payments.CREATE', 'customers.READ'])
    await exchange('CREATE is missing', 'POST', '/customers', WHOLE, reader)
    await exchange('CREATE is missing for a change', 'PUT', `/customers/${id}`, WHOLE, reader)
    await exchange('DELETE is missing', 'DELETE', `/customers/${id}`, undefined, reader)
    const creator = await tokenFor(server, ['customers.CREATE', 'customers.DELETE'])
    await exchange('READ is missing', 'GET', '/customers', undefined, creator)
    await exchange('READ is missing for one', 'GET', `/customers/${id}`, undefined, creator)
  })

  test('a repeated request gets the first answer', async () => {
    const { exchange } = golden.conversation('sent again', server)
    const key = { 'idempotency-key': 'customer-1' }
    await exchange('first', 'POST', '/customers', WHOLE, key)
    await exchange('again', 'POST', '/customers', WHOLE, key)
    await exchange('another body', 'POST', '/customers', { ...WHOLE, name: 'Ben' }, key)
    // A refused request does not use its key.
    const other = { 'idempotency-key': 'customer-2' }
    await exchange('a mistake', 'POST', '/customers', { name: 'Ben' }, other)
    await exchange('mended', 'POST', '/customers', WHOLE, other)
  })

  test('equal concurrent requests with one key create one customer', async () => {
    const key = { 'idempotency-key': 'at once' }
    const answers = await atOnce(10, () => create(WHOLE, key))
    expect(countStatuses(answers)).toEqual({ 201: 10 })
    expect(new Set(answers.map(({ body }) => body.customer.customer_id)).size).toBe(1)
  })

  test('concurrent changes and one deletion: each gets 200 or 404, and the data of the customer is gone', async () => {
    const { customer_id: id } = await createCustomer()
    const path = `/customers/${id}`
    const answers = await atOnce(10, (index) =>
      index === 5
        ? server.call('DELETE', path)
        : server.call('PUT', path, { name: `Name ${index}`, phone: `+91 ${index}1` }),
    )
    const counts = countStatuses(answers)
    expect((counts[200] ?? 0) + (counts[404] ?? 0)).toBe(10)
    const record = await server.tenant.store.customers.find(id)
    expect(record).toEqual({
      id,
      accountId: record?.accountId,
      name: record?.name,
      createdAtMs: record?.createdAtMs,
      changedAtMs: record?.deletedAtMs,
      deletedAtMs: expect.any(Number),
    })
  })

  test('the payments of a session with a customer_id show the customer_id, and the answer with the session does not', async () => {
    const { exchange } = golden.conversation('sessions with a customer', server)
    const { customer_id: id } = await createCustomer()
    const session = { amount: 100, currency: 'INR', customer_id: id }
    await exchange('create a session', 'POST', '/paymentsessions', session)
    const paymentId = await makePayment(server, 100, 'succeeded', { customer_id: id })
    await exchange('retrieve its payment', 'GET', `/payments/${paymentId}`)
    const failedId = await makePayment(server, 100, 'failed', { customer_id: Number(id) })
    const otherId = await makePayment(server, 100)
    const list = async (query: string) => {
      const { body } = await server.call('GET', `/payments?${query}`)
      return body.payments.map((row: { payment_id: string }) => row.payment_id)
    }
    expect((await list(`customer_id=${id}`)).toSorted()).toEqual([paymentId, failedId].toSorted())
    expect(await list(`customer_id=${id}&status=failed`)).toEqual([failedId])
    expect(await list(`customer_id=${id}&search_text=${otherId}`)).toEqual([])
    expect(await list('customer_id=9999999999999999')).toEqual([])
    const answer = await server.call('GET', '/payments?customer_id=me')
    expect([answer.status, answer.body.field]).toEqual([400, 'customer_id'])
    const { payments_session_id: sessionId } = (await server.call('GET', `/payments/${paymentId}`))
      .body.payment
    const { body: eventList } = await server.call('GET', `/events?payments_session_id=${sessionId}`)
    const { body: event } = await server.call('GET', `/events/${eventList.events[0].event_id}`)
    expect(event.event.payload.event_object.payment.customer_id).toBe(id)
    await server.call('DELETE', `/customers/${id}`)
    await exchange('retrieve it after the deletion', 'GET', `/payments/${paymentId}`)
    const foreign = (
      await server.call('POST', `/customers?${AS_ANOTHER}`, { name: 'Ben', email: 'b@shop.test' })
    ).body.customer.customer_id
    const wrong: readonly [name: string, body: object][] = [
      ['a deleted customer', session],
      ['another account’s customer', { ...session, customer_id: foreign }],
      ['an unknown customer', { ...session, customer_id: 17 }],
      ['a text', { ...session, customer_id: 'asha' }],
      ['an object', { ...session, customer_id: {} }],
      ['a wrong reference number comes first', { ...session, reference_number: 7 }],
      ['a wrong transfer comes later', { ...session, transfer_details: [] }],
    ]
    for (const [name, body] of wrong) await exchange(name, 'POST', '/paymentsessions', body)
    const empty = await server.call('POST', '/paymentsessions', { ...session, customer_id: '' })
    expect([empty.status, empty.body.field]).toEqual([201, undefined])
  })

  test('no log line contains a customer’s name, e-mail address or phone number', async () => {
    const { customer_id: id } = await createCustomer({
      name: 'Unlogged Name',
      email: 'unlogged@shop.test',
      phone: '+91 7777712345',
    })
    await server.call('GET', '/customers?search_text=unlogged@shop.test')
    await server.call('DELETE', `/customers/${id}`)
    const text = lines.join('\n')
    expect(text).toContain(id)
    expect(text).not.toMatch(/unlogged/i)
    expect(text).not.toContain('7777712345')
  })
})
