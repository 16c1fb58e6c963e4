import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import {
  AS_ANOTHER,
  atOnce,
  countStatuses,
  descriptions,
  tokenFor,
  waitForRefund,
} from '../../../test/support/taken-payments.ts'
import { closeAccount, reopenAccount } from '../../operations/close-account.ts'

const DAY_MS = 24 * 60 * 60_000

describe.each(ENGINES)('virtual accounts, on %s', (engine) => {
  const golden = openGolden('virtual-accounts')
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

  const create = async (more: object = {}) =>
    (await server.call('POST', '/virtualaccounts', { description: 'Deposits', ...more })).body
      .virtual_account
  const get = async (id: string) =>
    (await server.call('GET', `/virtualaccounts/${id}`)).body.virtual_account
  /** Transfers money from another bank, and returns the answer. */
  const transfer = async (body: object) => {
    const response = await fetch(`${server.baseUrl}/_sandbox/bank_transfers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
  }
  /** Returns the types of an account's events, oldest first. */
  const eventTypes = async (id: string): Promise<string[]> => {
    const list = await server.call('GET', `/events?per_page=200&virtual_account_id=${id}`)
    return list.body.events.map((one: { event_type: string }) => one.event_type).reverse()
  }
  /** Advances the clock with all work that becomes due. */
  const advance = async (by: string) => {
    const response = await fetch(`${server.baseUrl}/_sandbox/clock/advance`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by }),
    })
    expect(response.status).toBe(200)
  }
  const ledger = async () => (await server.tenant.store.ledger.check()).discrepancies

  test('a virtual account can be created, read, listed, changed and closed', async () => {
    const { exchange } = golden.conversation('the life of a virtual account', server)
    const customer = await exchange('its customer', 'POST', '/customers', {
      name: 'Asha Rao',
      email: 'asha@shop.test',
      phone: '9000000001',
      phone_country_code: 'IN',
    })
    const { customer_id } = customer.body.customer
    const answer = await exchange('create', 'POST', '/virtualaccounts', {
      description: 'Dealer deposits',
      customer_id,
      minimum_amount: 100,
      maximum_amount: '10000.00',
      expires_at: '2099-10-25',
      reference_number: 'dealer-9',
      meta_data: [{ key: 'dealer', value: 'd-9' }],
    })
    const path = `/virtualaccounts/${answer.body.virtual_account.virtual_account_id}`
    await exchange('retrieve', 'GET', path)
    await exchange(
      'list',
      'GET',
      `/virtualaccounts?customer_id=${customer_id}&status=Status.Active`,
    )
    server.advance(1_000)
    await exchange('change', 'PUT', path, {
      description: 'Deposits',
      minimum_amount: 250.5,
      customer_id,
      reference_number: '',
    })
    await exchange('delete its customer', 'DELETE', `/customers/${customer_id}`)
    await exchange('close', 'PUT', `${path}/close`)
    await exchange('close it again', 'PUT', `${path}/close`)
    await exchange('change the closed one', 'PUT', path, { description: 'x' })
    await exchange('retrieve the closed one', 'GET', path)
    await exchange('delete its customer then', 'DELETE', `/customers/${customer_id}`)
    expect(await eventTypes(answer.body.virtual_account.virtual_account_id)).toEqual([
      'virtual_account.closed',
    ])
  })

  test('a transfer becomes a payment with its events, its fees and its postings', async () => {
    const talk = golden.conversation('a transfer', server)
    const customer = await talk.exchange('the customer', 'POST', '/customers', {
      name: 'Asha Rao',
      email: 'asha@shop.test',
      phone: '+91 9000000001',
    })
    const answer = await talk.exchange('create', 'POST', '/virtualaccounts', {
      description: 'Dealer deposits',
      customer_id: customer.body.customer.customer_id,
      reference_number: 'dealer-9',
      meta_data: [{ key: 'dealer', value: 'd-9' }],
    })
    const { account_number, virtual_account_id: id } = answer.body.virtual_account
    const body = {
      account_number,
      ifsc_code: 'PAYD0SANDBX',
      amount: 250.5,
      mode: 'NEFT',
      payer_name: 'Asha Rao',
      payer_ifsc_code: 'HDFC0000001',
      utr: 'axisn25326112233',
    }
    const first = await transfer(body)
    expect(first.status).toBe(201)
    talk.recordReceived('the answer to the transfer', first.text)
    const again = await transfer({ ...body, amount: 999 })
    expect([again.status, again.text]).toEqual([200, first.text])
    const { payment_id } = first.body.payment
    await talk.exchange('its payment', 'GET', `/payments/${payment_id}`)
    await talk.exchange('the account', 'GET', `/virtualaccounts/${id}`)
    await talk.exchange('the payments of the account', 'GET', `/virtualaccounts/${id}/payments`)
    const events = await talk.exchange('its events', 'GET', `/events?virtual_account_id=${id}`)
    const [paidEvent, successEvent] = events.body.events
    expect([successEvent.event_type, paidEvent.event_type]).toEqual([
      'payment.succeeded',
      'virtual_account.paid',
    ])
    await talk.exchange('the event of the account', 'GET', `/events/${paidEvent.event_id}`)
    await talk.exchange('the event of the payment', 'GET', `/events/${successEvent.event_id}`)
    expect(await ledger()).toEqual([])
  })

  test('a transfer outside the limits and a transfer to a closed account fail', async () => {
    const talk = golden.conversation('transfers that fail', server)
    const answer = await talk.exchange('create', 'POST', '/virtualaccounts', {
      description: 'Deposits',
      minimum_amount: 100,
      maximum_amount: 10_000,
    })
    const { account_number, virtual_account_id: id } = answer.body.virtual_account
    const rows = [
      [99.99, 'UTR0000001', 'transfer_out_of_range'],
      [10_000.01, 'UTR0000002', 'transfer_out_of_range'],
      [100, 'UTR0000003', undefined],
      [10_000, 'UTR0000004', undefined],
    ] as const
    for (const [amount, utr, code] of rows) {
      const { payment } = (await transfer({ account_number, amount, utr })).body
      expect([payment.failure_code, payment.status]).toEqual([
        code,
        code === undefined ? 'succeeded' : 'failed',
      ])
    }
    expect((await get(id)).amount_paid).toBe(10_100)
    await talk.exchange('close', 'PUT', `/virtualaccounts/${id}/close`)
    const late = await transfer({ account_number, amount: 500, utr: 'UTR0000005' })
    talk.recordReceived('a late transfer', late.text)
    const path = `/virtualaccounts/${id}/payments`
    await talk.exchange('the payments that failed', 'GET', `${path}?status=Status.Failed`)
    const amounts = async (query: string) =>
      (await server.call('GET', `${path}?${query}`)).body.payments.map(
        (one: { amount: string }) => one.amount,
      )
    expect(await amounts('sort_column=amount&sort_order=A')).toEqual([
      '99.99',
      '100.00',
      '500.00',
      '10000.00',
      '10000.01',
    ])
    expect(await amounts('sort_order=A')).toEqual([
      '99.99',
      '10000.01',
      '100.00',
      '10000.00',
      '500.00',
    ])
    expect(await amounts('status=succeeded&sort_column=amount')).toEqual(['10000.00', '100.00'])
    expect(await amounts('status=Status.Disputed')).toEqual([])
    expect(await eventTypes(id)).toEqual([
      'payment.failed',
      'payment.failed',
      'payment.succeeded',
      'virtual_account.paid',
      'payment.succeeded',
      'virtual_account.paid',
      'virtual_account.closed',
      'payment.failed',
    ])
    expect((await get(id)).amount_paid).toBe(10_100)
    expect(await ledger()).toEqual([])
  })

  test('concurrent transfers with the same UTR make one payment, and the same UTR on another account makes another payment', async () => {
    const [one, other] = [await create(), await create()]
    const body = { account_number: one.account_number, amount: 100.1, utr: 'SAMEUTR001' }
    const answers = await Promise.all(Array.from({ length: 10 }, () => transfer(body)))
    expect(countStatuses(answers)).toEqual({ 200: 9, 201: 1 })
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect((await get(one.virtual_account_id)).amount_paid).toBe(100.1)
    const third = await transfer({ ...body, account_number: other.account_number })
    expect(third.status).toBe(201)
    expect(third.body.payment.payment_id).not.toBe(answers[0]?.body.payment.payment_id)
    expect(await eventTypes(one.virtual_account_id)).toEqual([
      'payment.succeeded',
      'virtual_account.paid',
    ])
  })

  test('many transfers at the same time all arrive, and the sum is exact', async () => {
    const account = await create()
    const { account_number, virtual_account_id: id } = account
    const amounts = Array.from({ length: 20 }, (_, index) => (index + 1) / 100)
    const answers = await Promise.all(amounts.map((amount) => transfer({ account_number, amount })))
    expect(countStatuses(answers)).toEqual({ 201: 20 })
    expect((await get(id)).amount_paid).toBe(2.1)
    const list = await server.call('GET', `/virtualaccounts/${id}/payments?per_page=5&page=2`)
    expect(list.body.page_context).toMatchObject({ total: 20, total_pages: 4 })
  })

  test('a transfer to an unknown account or with a wrong field is refused, and changes nothing', async () => {
    const account = await create()
    const { account_number } = account
    const answer = await transfer({ account_number: 'PAYDAAAAAAAAAAAAAAA', amount: 1 })
    expect([answer.status, answer.body.field]).toEqual([404, 'account_number'])
    const otherBank = await transfer({ account_number, ifsc_code: 'HDFC0000001', amount: 1 })
    expect([otherBank.status, otherBank.body.field]).toEqual([404, 'ifsc_code'])
    for (const [field, more] of [
      ['amount', { amount: 0 }],
      ['amount', { amount: 1.001 }],
      ['mode', { mode: 'UPI' }],
      ['payer_name', { payer_name: '4111 1111 1111 1111' }],
      ['payer_ifsc_code', { payer_ifsc_code: 'hdfc' }],
      ['utr', { utr: 'short' }],
      ['utr', { utr: '4111111111111111' }],
      ['umount', { umount: 1 }],
    ] as const) {
      const refusal = await transfer({ account_number, amount: 1, ...more })
      expect([field, refusal.status, refusal.body.field]).toEqual([field, 400, field])
    }
    expect((await get(account.virtual_account_id)).amount_paid).toBe(0)
  })

  test('a payment of a virtual account shows no session, and the session is hidden', async () => {
    const { account_number, virtual_account_id: id } = await create({ reference_number: 'hidden' })
    const { payment } = (await transfer({ account_number, amount: 12 })).body
    expect(payment).toMatchObject({ virtual_account_id: id, reference_number: 'hidden' })
    expect(payment).not.toHaveProperty('payments_session_id')
    const attempt = await server.tenant.store.paymentAttempts.find(payment.payment_id)
    const path = `/paymentsessions/${attempt?.paymentSessionId}`
    expect((await server.call('GET', path)).status).toBe(404)
    expect((await server.call('POST', `${path}/cancel`)).status).toBe(404)
    const sessions = await server.call('GET', '/paymentsessions?reference_number=hidden')
    expect(sessions.body.payments_sessions).toEqual([])
    const payments = await server.call('GET', '/payments?search_text=hidden')
    expect(payments.body.payments).toHaveLength(1)
  })

  test('a refund of a transfer goes back to the payer, and amount_paid does not change', async () => {
    const { account_number, virtual_account_id: id } = await create()
    const { payment } = (await transfer({ account_number, amount: 100 })).body
    const path = `/payments/${payment.payment_id}`
    const refund = await server.call('POST', `${path}/refunds`, { amount: 40 })
    expect(await waitForRefund(server, refund.body.refund.refund_id)).toBe('succeeded')
    const after = (await server.call('GET', path)).body.payment
    expect(after).toMatchObject({
      status: 'partially_refunded',
      balance: '60.00',
      amount_refunded: '40.00',
    })
    expect((await get(id)).amount_paid).toBe(100)
    const listPayments = async (status: string) =>
      (await server.call('GET', `/virtualaccounts/${id}/payments?status=${status}`)).body.payments
    expect(await listPayments('refunded')).toEqual([
      expect.objectContaining({ balance: '60.00', status: 'partially_refunded' }),
    ])
    expect(await listPayments('succeeded')).toEqual([])
    expect(await eventTypes(id)).toEqual([
      'payment.succeeded',
      'virtual_account.paid',
      'refund.succeeded',
    ])
    expect(await ledger()).toEqual([])
  })

  test('the payer name Reverse makes the bank take the money back once, after ten seconds', async () => {
    const { account_number, virtual_account_id: id } = await create()
    const { payment } = (await transfer({ account_number, amount: 90, payer_name: 'REVERSE' })).body
    const path = `/payments/${payment.payment_id}`
    const refunds = async () => (await server.call('GET', `${path}/refunds`)).body.refunds
    await advance('9s')
    expect([payment.status, await refunds()]).toEqual(['succeeded', []])
    await advance('10s')
    expect(await refunds()).toEqual([
      expect.objectContaining({
        amount: '90.00',
        type: 'initiated_by_system',
        status: 'succeeded',
      }),
    ])
    await advance('1h')
    expect(await refunds()).toHaveLength(1)
    expect((await server.call('GET', path)).body.payment).toMatchObject({
      status: 'refunded',
      balance: '0.00',
    })
    expect((await get(id)).amount_paid).toBe(90)
    expect(await ledger()).toEqual([])
  })

  test('an account closes at the end of its last day, and its event is written once', async () => {
    const tomorrow = new Date(server.tenant.clock.nowMs() + DAY_MS + 330 * 60_000)
    const expires_at = tomorrow.toISOString().slice(0, 10)
    const { account_number, virtual_account_id: id } = await create({ expires_at })
    await advance('3d')
    const closing = await get(id)
    // The end of that day in India.
    const endsAtMs = Date.parse(`${expires_at}T00:00:00+05:30`) + DAY_MS
    expect(closing).toMatchObject({ status: 'closed', last_modified_time: endsAtMs / 1000 })
    expect(await eventTypes(id)).toEqual(['virtual_account.closed'])
    const late = (await transfer({ account_number, amount: 1 })).body.payment
    expect([late.status, late.failure_code]).toEqual(['failed', 'transfer_late'])
    const refusal = await server.call('PUT', `/virtualaccounts/${id}/close`)
    expect([refusal.status, refusal.body.code]).toEqual([400, 'invalid_virtual_account'])
    await advance('1d')
    expect(await eventTypes(id)).toEqual(['virtual_account.closed', 'payment.failed'])
  })

  test('an account without expires_at closes after one year without a transfer', async () => {
    const [usedAccount, unusedAccount] = [await create(), await create()]
    await advance('100d')
    await transfer({ account_number: usedAccount.account_number, amount: 1 })
    await advance('266d')
    expect(await get(unusedAccount.virtual_account_id)).toMatchObject({ status: 'closed' })
    expect(await get(unusedAccount.virtual_account_id)).not.toHaveProperty('expires_at')
    expect(await eventTypes(unusedAccount.virtual_account_id)).toEqual(['virtual_account.closed'])
    expect((await get(usedAccount.virtual_account_id)).status).toBe('active')
    const list = async (status: string) =>
      (
        await server.call('GET', `/virtualaccounts?per_page=200&status=${status}`)
      ).body.virtual_accounts.map((one: { virtual_account_id: string }) => one.virtual_account_id)
    expect(await list('active')).toContain(usedAccount.virtual_account_id)
    expect(await list('closed')).toContain(unusedAccount.virtual_account_id)
  })

  test('an error names the wrong field', async () => {
    const { exchange } = golden.conversation('wrong requests', server)
    const creation = await exchange('one with limits', 'POST', '/virtualaccounts', {
      description: 'Deposits',
      minimum_amount: 100,
      maximum_amount: 200,
    })
    const path = `/virtualaccounts/${creation.body.virtual_account.virtual_account_id}`
    const ROWS: readonly [name: string, body: unknown][] = [
      ['nothing', {}],
      ['an empty description', { description: '' }],
      ['a description too long', { description: 'x'.repeat(501) }],
      ['an unknown customer', { description: 'x', customer_id: '5000000020001' }],
      ['no customer id', { description: 'x', customer_id: 'abc' }],
      ['a minimum of zero', { description: 'x', minimum_amount: 0 }],
      ['a minimum with too many digits', { description: 'x', minimum_amount: 1.005 }],
      ['a maximum below the minimum', { description: 'x', minimum_amount: 2, maximum_amount: 1 }],
      ['a day that does not exist', { description: 'x', expires_at: '2027-02-30' }],
      ['a day in another form', { description: 'x', expires_at: '25-10-2027' }],
      ['a day that has passed', { description: 'x', expires_at: '2026-01-01' }],
      ['a reference too long', { description: 'x', reference_number: 'x'.repeat(51) }],
      ['meta data too long', { description: 'x', meta_data: Array(6).fill({ key: 'k' }) }],
    ]
    for (const [name, body] of ROWS) {
      const answer = await exchange(name, 'POST', '/virtualaccounts', body)
      expect([name, answer.status]).toEqual([name, name === 'an unknown customer' ? 404 : 400])
    }
    const CHANGES: readonly [name: string, body: unknown][] = [
      ['a change without fields', {}],
      ['a change to empty fields', { description: null, reference_number: '' }],
      ['a change of the customer', { customer_id: '5000000020001' }],
      ['a minimum above the stored maximum', { minimum_amount: 200.01 }],
      ['a maximum below the stored minimum', { maximum_amount: 99.99 }],
    ]
    for (const [name, body] of CHANGES) {
      const answer = await exchange(name, 'PUT', path, body)
      expect([name, answer.status]).toEqual([name, 400])
    }
    await exchange('an unknown account', 'GET', '/virtualaccounts/1')
    await exchange('no id', 'GET', '/virtualaccounts/abc/payments')
    await exchange('an unknown status', 'GET', '/virtualaccounts?status=open')
    await exchange('an unknown column', 'GET', `${path}/payments?sort_column=status`)
    const both = await server.call('PUT', path, { minimum_amount: 300, maximum_amount: 400 })
    expect([both.body.virtual_account.minimum_amount, both.status]).toEqual([300, 200])
  })

  test('accounts of the US edition have no virtual accounts', async () => {
    const { exchange } = golden.conversation('the US edition', server)
    const id = (await create()).virtual_account_id
    const path = `/virtualaccounts/${id}`
    const body = { description: 'x' }
    await exchange('create', 'POST', `/virtualaccounts?${AS_ANOTHER}`, body)
    await exchange('list', 'GET', `/virtualaccounts?${AS_ANOTHER}`)
    for (const [method, url] of [
      ['GET', path],
      ['PUT', path],
      ['PUT', `${path}/close`],
      ['GET', `${path}/payments`],
    ] as const) {
      const answer = await server.call(
        method,
        `${url}?${AS_ANOTHER}`,
        method === 'PUT' ? body : undefined,
      )
      expect([answer.status, answer.body.code]).toEqual([404, 'error'])
    }
  })

  test('each request needs its scope', async () => {
    const { virtual_account_id: id } = await create()
    const read = await tokenFor(server, ['payments.READ', 'payments.UPDATE'])
    const write = await tokenFor(server, ['payments.CREATE', 'payments.READ'])
    const path = `/virtualaccounts/${id}`
    const status = async (method: string, url: string, headers: Record<string, string>) =>
      (await server.call(method, url, method === 'GET' ? undefined : { description: 'x' }, headers))
        .status
    expect([
      await status('POST', '/virtualaccounts', read),
      await status('PUT', path, write),
      await status('PUT', `${path}/close`, write),
      await status('GET', path, read),
      await status('GET', `${path}/payments`, await tokenFor(server, ['payments.UPDATE'])),
    ]).toEqual([401, 401, 401, 200, 401])
  })

  test('a repeated create request opens one account, and a repeated close gets its first answer', async () => {
    const key = { 'idempotency-key': 'virtual-1' }
    const body = { description: 'Once' }
    const answers = await atOnce(5, () => server.call('POST', '/virtualaccounts', body, key))
    expect(countStatuses(answers)).toEqual({ 201: 5 })
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const path = `/virtualaccounts/${answers[0]?.body.virtual_account.virtual_account_id}/close`
    const close = () => server.call('PUT', path, undefined, { 'idempotency-key': 'close-1' })
    const [first, again] = [await close(), await close()]
    expect([first.status, again.text]).toEqual([200, first.text])
  })

  test('a closed merchant account opens no virtual account, and still receives transfers', async () => {
    const { account_number } = await create()
    const { tenant } = server
    const auditDeps = { ...tenant, actor: { kind: 'os_user', name: 'test' } as const }
    const accountId = (await tenant.store.accounts.list())[0]?.id
    if (accountId === undefined) throw new Error('no account')
    await closeAccount(auditDeps, accountId)
    try {
      const refusal = await server.call('POST', '/virtualaccounts', { description: 'x' })
      expect([refusal.status, refusal.body.code]).toEqual([403, 'account_closed'])
      expect((await transfer({ account_number, amount: 5 })).body.payment.status).toBe('succeeded')
    } finally {
      await reopenAccount(auditDeps, accountId)
    }
  })

  test('answers match their description, and the log has none of the texts', async () => {
    const isDescribed = await descriptions(server)
    const creation = await server.call('POST', '/virtualaccounts', {
      description: 'a private purpose',
      minimum_amount: 1,
    })
    const { account_number, virtual_account_id: id } = creation.body.virtual_account
    const { payment } = (await transfer({ account_number, amount: 0.5, payer_name: 'A payer' }))
      .body
    const path = '/virtualaccounts/{virtual_account_id}'
    const rows = [
      isDescribed('post', '/virtualaccounts', creation),
      isDescribed('get', path, await server.call('GET', `/virtualaccounts/${id}`)),
      isDescribed('get', '/virtualaccounts', await server.call('GET', '/virtualaccounts')),
      isDescribed(
        'get',
        `${path}/payments`,
        await server.call('GET', `/virtualaccounts/${id}/payments`),
      ),
      isDescribed(
        'get',
        '/payments/{payment_id}',
        await server.call('GET', `/payments/${payment.payment_id}`),
      ),
    ]
    expect(rows).toEqual(rows.map(() => true))
    expect(lines.join('')).toContain(id)
    expect(lines.join('')).not.toMatch(/a private purpose|A payer/)
  })
})

test('with a processor without virtual accounts none can be opened, and the list is empty', async () => {
  const server = await startCheckoutServer('memory', {
    processor: new URL('../../../test/support/approving-processor.ts', import.meta.url).pathname,
  })
  try {
    const refusal = await server.call('POST', '/virtualaccounts', { description: 'x' })
    expect([refusal.status, refusal.body.code]).toEqual([400, 'payment_method_type_not_supported'])
    const list = await server.call('GET', '/virtualaccounts')
    expect(list.body.virtual_accounts).toEqual([])
  } finally {
    await server.close()
  }
})
