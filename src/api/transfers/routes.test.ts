import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayInIndia } from '../../../test/support/account-days.ts'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import type { WireAnswer } from '../../../test/support/server.ts'
import {
  AS_ANOTHER,
  atOnce,
  countStatuses,
  descriptions,
  makePayment,
  tokenFor,
  waitForRefund,
} from '../../../test/support/taken-payments.ts'

const ONE = '23137557'
const TWO = '23137558'
const DAY_MS = 24 * 60 * 60_000

describe.each(ENGINES)('transfers, on %s', (engine) => {
  const golden = openGolden('transfers', { timesWithinDays: 3 })
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
  })
  afterAll(async () => {
    await server.close()
    golden.finish()
  })

  const split = (amount: unknown, more = {}) => ({ connected_account_id: ONE, amount, ...more })
  const transfer = (paymentId: string, splits: unknown, headers = {}) =>
    server.call('POST', '/transfers', { payment_id: paymentId, transfer_split: splits }, headers)
  const reverse = (transferId: string, amount: unknown, headers = {}) => {
    const body = { transfer_id: transferId, reversal_amount: amount }
    return server.call('POST', '/transferreversals', body, headers)
  }
  const transferOf = async (amount: number) => {
    const paymentId = await makePayment(server, amount)
    const answer = await transfer(paymentId, [split(amount)])
    return answer.body.data.splits[0].transfer_id as string
  }
  const ledger = async () => (await server.tenant.store.ledger.check()).discrepancies

  test('parts of a payment can be transferred, each up to the remaining amount', async () => {
    const paymentId = await makePayment(server, 100)
    const { exchange } = golden.conversation('parts of a payment', server)
    const post = (name: string, body: unknown) => exchange(name, 'POST', '/transfers', body)
    const all = await post('all of them', {
      payment_id: paymentId,
      transfer_split: [
        { connected_account_id: Number(ONE), amount: 60.5, description: 'The books' },
        { connected_account_id: TWO, amount: '9.50' },
      ],
    })
    await post('some of them', {
      payment_id: Number(paymentId),
      transfer_split: [split(31), split(10), split(20.01), split(20), split(0.01)],
    })
    await post('none of them', { payment_id: paymentId, transfer_split: [split(0.01)] })
    const { transfer_id: id } = all.body.data.splits[0]
    await exchange('retrieve', 'GET', `/transfers/${id}`)
    expect(await ledger()).toEqual([])
  })

  test('a transfer can be reversed in parts, and never by more than its amount', async () => {
    const paymentId = await makePayment(server, 100, 'succeeded', {
      transfer_details: [{ connected_account_id: TWO, amount: 40 }],
    })
    const list = await server.call('GET', `/transfers?payment_id=${paymentId}`)
    const [{ transfer_id: id }] = list.body.transfers
    const { exchange } = golden.conversation('a reversed transfer', server)
    const post = (name: string, body: unknown) => exchange(name, 'POST', '/transferreversals', body)
    const first = await post('a part', {
      transfer_id: id,
      reversal_amount: 15.25,
      description: 'One book less',
    })
    await post('more than the remaining amount', {
      transfer_id: Number(id),
      reversal_amount: 24.76,
    })
    server.advance(1_000)
    await post('the rest', { transfer_id: id, reversal_amount: '24.75' })
    await post('once more', { transfer_id: id, reversal_amount: 0.01 })
    const { transfer_reversal_id: reversalId } = first.body.transfer_reversal
    await exchange('retrieve', 'GET', `/transferreversals/${reversalId}`)
    await exchange('the transfer', 'GET', `/transfers/${id}`)
    await exchange('the list', 'GET', `/transferreversals?transfer_id=${id}`)
    const again = await transfer(paymentId, [split(100)])
    expect(again.body.data.status).toBe('success')
    expect(await ledger()).toEqual([])
  })

  test('lists are filtered and sorted', async () => {
    const paymentId = await makePayment(server, 100)
    const { exchange } = golden.conversation('lists', server)
    // Moves the clock to a noon more than a day later, so that all new rows and no earlier ones have that day in India.
    server.advance(2 * DAY_MS + DAY_MS / 2 - (server.tenant.clock.nowMs() % DAY_MS))
    const day = dayInIndia
    const today = day(server.tenant.clock.nowMs())
    const tomorrow = day(server.tenant.clock.nowMs() + DAY_MS)
    const ids: string[] = []
    for (const [account, amount] of [
      [ONE, 1],
      [TWO, 2],
      [ONE, 3],
    ] as const) {
      const creation = await transfer(paymentId, [{ connected_account_id: account, amount }])
      ids.push(creation.body.data.splits[0].transfer_id)
      server.advance(1_000)
    }
    const reversals: string[] = []
    for (const [id, amount] of [
      [ids[0], 1],
      [ids[1], 0.5],
      [ids[1], 0.25],
    ] as const) {
      const creation = await reverse(id as string, amount)
      reversals.push(creation.body.transfer_reversal.transfer_reversal_id)
      server.advance(1_000)
    }
    await exchange('the payment', 'GET', `/payments/${paymentId}`)
    await exchange('transfers', 'GET', `/transfers?payment_id=${paymentId}&per_page=2`)
    await exchange('reversals', 'GET', `/transferreversals?transfer_id=${ids[1]}&per_page=1`)

    const TRANSFERS: [query: string, expected: number[]][] = [
      ['', [2, 1, 0]],
      ['&sort_order=A', [0, 1, 2]],
      ['&sort_column=created_time&sort_order=ascending', [0, 1, 2]],
      ['&sort_order=D', [2, 1, 0]],
      ['&sort_order=descending&per_page=2&page=2', [0]],
      [`&connected_account_id=${ONE}`, [2, 0]],
      ['&connected_account_id=23137556', []],
      ['&connected_account_id=9999999999999999', []],
      ...['success', 'succeeded', 'Status.Success', 'Status.Succeeded'].map(
        (word): [string, number[]] => [`&status=${word}`, [2, 1, 0]],
      ),
      ['&status=Status.Failed', []],
      ['&status=failed', []],
      ['&status=initiated', []],
      [`&from_date=${today}&to_date=${today}`, [2, 1, 0]],
      [`&from_date=${tomorrow}`, []],
      ['&to_date=2020-01-01', []],
      ['&search_text=nothing', []],
      ['&search_text=9999999999999999', []],
      [`&search_text=${paymentId}`, [2, 1, 0]],
      [`&search_text=${ids[1]}`, [1]],
      [`&search_text=${ids[1]?.slice(0, -1)}`, []],
      [`&search_text=${ONE}`, [2, 0]],
      [`&search_text=${ONE}&sort_order=A&per_page=1`, [0]],
      [`&search_text=${TWO}&connected_account_id=${ONE}`, []],
      ...['Today', 'ThisMonth', 'ThisYear', 'Last_30_Days'].map((span): [string, number[]] => [
        `&filter_by=TransferDate.${span}`,
        [2, 1, 0],
      ]),
      ['&filter_by=TransferDate.PreviousMonth', []],
      ['&filter_by=TransferDate.PreviousYear', []],
      [`&filter_by=TransferDate.CustomDate&from_date=${today}&to_date=${today}`, [2, 1, 0]],
    ]
    for (const [query, expected] of TRANSFERS) {
      const { body } = await server.call('GET', `/transfers?payment_id=${paymentId}${query}`)
      const result = body.transfers.map((one: { transfer_id: string }) =>
        ids.indexOf(one.transfer_id),
      )
      expect([query, result]).toEqual([query, expected])
    }
    const REVERSALS: [query: string, expected: number[]][] = [
      ['', [2, 1, 0]],
      ['&sort_order=A', [0, 1, 2]],
      [`&transfer_id=${ids[1]}`, [2, 1]],
      ['&transfer_id=1', []],
      ['&transfer_id=9999999999999999', []],
      ['&status=failed', []],
      ['&status=success&per_page=1&page=3', [0]],
      ['&status=Status.Succeeded', [2, 1, 0]],
      [`&payment_id=${paymentId}`, [2, 1, 0]],
      [`&payment_id=${ids[0]}`, []],
      ['&payment_id=9999999999999999', []],
      [`&connected_account_id=${ONE}`, [0]],
      [`&connected_account_id=${TWO}&sort_order=A`, [1, 2]],
      [`&connected_account_id=${TWO}&payment_id=${paymentId}`, [2, 1]],
      [`&connected_account_id=${ONE}&transfer_id=${ids[1]}`, []],
      [`&connected_account_id=${TWO}&search_text=${reversals[1]}`, [1]],
      [`&connected_account_id=${ONE}&search_text=${reversals[1]}`, []],
      [`&payment_id=${paymentId}&search_text=${ids[1]}&transfer_id=${ids[1]}`, [2, 1]],
      ['&connected_account_id=23137556', []],
      ['&refund_id=1', []],
      ['&search_text=nothing', []],
      [`&search_text=${reversals[0]}`, [0]],
      [`&search_text=${ids[1]}`, [2, 1]],
      [`&search_text=${paymentId}`, [2, 1, 0]],
      [`&search_text=${TWO}`, [2, 1]],
      ['&filter_by=TransferDate.Today', [2, 1, 0]],
    ]
    for (const [query, expected] of REVERSALS) {
      const path = `/transferreversals?from_date=${today}&to_date=${today}${query}`
      const result = (await server.call('GET', path)).body.transfer_reversals.map(
        (one: { transfer_reversal_id: string }) => reversals.indexOf(one.transfer_reversal_id),
      )
      expect([query, result]).toEqual([query, expected])
    }
  })

  test('answers contain transfers and reversals in every field that an official SDK reads', async () => {
    const paymentId = await makePayment(server, 100)
    const data = (await transfer(paymentId, [split(10), split(1_000)])).body.data
    const { transfers: again, ...plain } = data
    expect(plain.splits).toHaveLength(2)
    expect(again).toEqual(plain)
    const { body } = await reverse(plain.splits[0].transfer_id, 4)
    expect(body.transfer_reversal.transfer_reversal_amount).toBe('4.00')
    expect(body.data).toEqual({ transfer_reversal: body.transfer_reversal })
    const id = body.transfer_reversal.transfer_reversal_id
    const retrieval = (await server.call('GET', `/transferreversals/${id}`)).body
    const reversals = (await server.call('GET', `/transferreversals?payment_id=${paymentId}`)).body
    expect(retrieval.transfer_reversal_details).toMatchObject({
      payment_id: paymentId,
      refund_id: '',
      total_amount: '4.00',
      connected_account_id: ONE,
    })
    expect(reversals.transfer_reversals).toEqual([retrieval.transfer_reversal_details])
  })

  test('an error names the wrong field', async () => {
    const paymentId = await makePayment(server, 100)
    const id = await transferOf(10)
    const { exchange } = golden.conversation('wrong requests', server)
    // Recorded first, so that the ids have the same placeholders below.
    await exchange('the payment', 'GET', `/payments/${paymentId}`)
    await exchange('the transfer', 'GET', `/transfers/${id}`)
    const transferBody = (splits: unknown) => ({ payment_id: paymentId, transfer_split: splits })
    const ROWS: readonly [name: string, status: number, body: unknown][] = [
      ['no body', 400, ''],
      ['no object', 400, '[]'],
      ['nothing', 400, {}],
      ['no payment', 400, { transfer_split: [split(1)] }],
      ['an invalid payment', 400, { payment_id: 'abc', transfer_split: [split(1)] }],
      ['an unknown payment', 404, { payment_id: 1, transfer_split: 'wrong too' }],
      ['a payment twice', 400, '{"payment_id":"1","payment_id":"2","transfer_split":[]}'],
      ['no parts', 400, { payment_id: paymentId }],
      ['no part', 400, transferBody([])],
      ['too many parts', 400, transferBody(Array.from({ length: 21 }, () => split(1)))],
      ['no account', 400, transferBody([{ amount: 1 }])],
      ['an invalid account', 400, transferBody([split(1, { connected_account_id: 'x' })])],
      [
        'an unknown account',
        404,
        transferBody([split(1), split(1, { connected_account_id: 23137600 })]),
      ],
      ['no amount', 400, transferBody([split(1), { connected_account_id: ONE }])],
      ['an amount of zero', 400, transferBody([split(0)])],
      ['an amount with too many digits', 400, transferBody([split('1.001')])],
      ['a description too long', 400, transferBody([split(1, { description: 'x'.repeat(501) })])],
    ]
    for (const [name, status, body] of ROWS) {
      const answer = await exchange(`transfer: ${name}`, 'POST', '/transfers', body)
      expect([name, answer.status]).toEqual([name, status])
    }
    const REVERSALS: readonly [name: string, status: number, body: unknown][] = [
      ['nothing', 400, {}],
      ['an invalid transfer', 400, { transfer_id: 'abc', reversal_amount: 1 }],
      ['an unknown transfer', 404, { transfer_id: '1', reversal_amount: 'wrong too' }],
      ['no amount', 400, { transfer_id: id }],
      ['an amount of zero', 400, { transfer_id: id, reversal_amount: 0 }],
      ['an amount with too many digits', 400, { transfer_id: id, reversal_amount: 0.001 }],
      ['an invalid description', 400, { transfer_id: id, reversal_amount: 1, description: ['x'] }],
    ]
    for (const [name, status, body] of REVERSALS) {
      const answer = await exchange(`reversal: ${name}`, 'POST', '/transferreversals', body)
      expect([name, answer.status]).toEqual([name, status])
    }
    for (const query of ['status=done', 'payment_id=x', 'connected_account_id=-1', 'page=0']) {
      expect((await exchange(query, 'GET', `/transfers?${query}`)).status).toBe(400)
    }
    for (const path of ['/transfers', '/transferreversals']) {
      for (const [query, field] of [
        ['filter_by=whatever', 'filter_by'],
        ['filter_by=ChargeDate.Today', 'filter_by'],
        ['filter_by=TransferDate.CustomDate', 'from_date'],
        ['filter_by=TransferDate.CustomDate&from_date=2026-01-01', 'to_date'],
        ['status=Status.Paid', 'status'],
        ['payment_id=x', 'payment_id'],
        ['connected_account_id=x', 'connected_account_id'],
        [`search_text=${'1'.repeat(255)}`, 'search_text'],
      ]) {
        const { body, status } = await server.call('GET', `${path}?${query}`)
        expect([query, status, body.field]).toEqual([query, 400, field])
      }
    }
    for (const query of [
      'transfer_id=x',
      'sort_column=amount',
      'sort_order=up',
      'from_date=soon',
    ]) {
      expect((await exchange(query, 'GET', `/transferreversals?${query}`)).status).toBe(400)
    }
    const list = await server.call('GET', `/transfers?payment_id=${paymentId}`)
    expect(list.body.page_context.total).toBe(0)
  })

  test('an uncaptured payment cannot be transferred, and a payment of another account gets 404', async () => {
    const failedPaymentId = await makePayment(server, 100, 'failed')
    const late = await makePayment(server, 100, 'late')
    const paymentId = await makePayment(server, 100)
    const id = await transferOf(10)
    const reversalId = (await reverse(id, 1)).body.transfer_reversal.transfer_reversal_id
    // Ids have 15 or 16 digits.
    const knownNames = Object.fromEntries(
      [paymentId, id].map((one) => [`${one.length} characters`, 'an id’s length']),
    )
    const { exchange } = golden.conversation(
      'payments that cannot be transferred',
      server,
      knownNames,
    )
    const transferBody = (paymentId: string) => ({
      payment_id: paymentId,
      transfer_split: [split(1)],
    })
    await exchange('a failed one', 'POST', '/transfers', transferBody(failedPaymentId))
    await exchange('one that came too late', 'POST', '/transfers', transferBody(late))
    await exchange('another’s', 'POST', `/transfers?${AS_ANOTHER}`, transferBody(paymentId))
    await exchange('another’s transfer', 'GET', `/transfers/${id}?${AS_ANOTHER}`)
    await exchange('an unknown transfer', 'GET', '/transfers/1')
    await exchange('no transfer id', 'GET', '/transfers/abc')
    await exchange('another’s reversal', 'GET', `/transferreversals/${reversalId}?${AS_ANOTHER}`)
    await exchange('an unknown reversal', 'GET', '/transferreversals/1')
    await exchange('another’s to reverse', 'POST', `/transferreversals?${AS_ANOTHER}`, {
      transfer_id: id,
      reversal_amount: 1,
    })
    await exchange('another’s list', 'GET', `/transfers?${AS_ANOTHER}`)
    await exchange('another’s list of reversals', 'GET', `/transferreversals?${AS_ANOTHER}`)
    for (const searchText of [id, paymentId, reversalId, ONE]) {
      const answer = await server.call('GET', `/transfers?${AS_ANOTHER}&search_text=${searchText}`)
      expect(answer.body.transfers).toEqual([])
      const path = `/transferreversals?${AS_ANOTHER}&search_text=${searchText}`
      expect((await server.call('GET', path)).body.transfer_reversals).toEqual([])
    }
  })

  test('each request needs the scope of its resource', async () => {
    const { exchange } = golden.conversation('scopes', server)
    const read = await tokenFor(server, ['payments.CREATE', 'transfers.READ'])
    await exchange('transfers.CREATE is missing', 'POST', '/transfers', {}, read)
    await exchange('transfers.CREATE for a reversal', 'POST', '/transferreversals', {}, read)
    const create = await tokenFor(server, ['payments.READ', 'transfers.CREATE'])
    for (const path of ['/transfers', '/transfers/1', '/transferreversals', '/transferreversals/1'])
      await exchange(`transfers.READ is missing for ${path}`, 'GET', path, undefined, create)
  })

  test('a repeated request gets the first answer, and moves money once', async () => {
    const [paymentId, other] = [await makePayment(server, 100), await makePayment(server, 100)]
    const { exchange } = golden.conversation('sent again', server)
    const key = { 'idempotency-key': 'transfer-1' }
    const send = (name: string, idOfPayment: string, amount: number) => {
      const body = { payment_id: idOfPayment, transfer_split: [split(amount)] }
      return exchange(name, 'POST', '/transfers', body, key)
    }
    const first = await send('first', paymentId, 60)
    await send('again', paymentId, 60)
    await send('another amount', paymentId, 61)
    await send('another payment', other, 60)
    const { transfer_id: id } = first.body.data.splits[0]
    const reverseBy = (name: string, amount: number) => {
      const body = { transfer_id: id, reversal_amount: amount }
      return exchange(name, 'POST', '/transferreversals', body, key)
    }
    await reverseBy('a reversal, first', 50)
    await reverseBy('a reversal, again', 50)
    await reverseBy('a reversal, another amount', 51)
    const list = await server.call('GET', `/transferreversals?transfer_id=${id}`)
    expect(list.body.page_context.total).toBe(1)
  })

  test('equal concurrent requests with one key move money once', async () => {
    const paymentId = await makePayment(server, 100)
    const key = { 'idempotency-key': 'at once' }
    const creations = await atOnce(10, () => transfer(paymentId, [split(10)], key))
    expect(countStatuses(creations)).toEqual({ 201: 10 })
    expect(new Set(creations.map(({ text }) => text)).size).toBe(1)
    const [{ transfer_id: id }] = (creations[0] as WireAnswer).body.data.splits
    const reversals = await atOnce(10, () => reverse(id, 1, key))
    expect(countStatuses(reversals)).toEqual({ 201: 10 })
    const details = (await server.call('GET', `/transfers/${id}`)).body.transfer_details
    expect([details.reversed_amount, details.reversals.length]).toEqual(['1.00', 1])
  })

  test('concurrent requests with one key for two payments transfer money of only one payment, once', async () => {
    const payments = [await makePayment(server, 10), await makePayment(server, 10)]
    const key = { 'idempotency-key': 'for several' }
    const answers = await atOnce(10, (index) =>
      transfer(payments[index % 2] as string, [split(1)], key),
    )
    expect(countStatuses(answers)).toEqual({ 201: 5, 409: 5 })
    const totals = await Promise.all(
      payments.map(
        async (id) =>
          (await server.call('GET', `/transfers?payment_id=${id}`)).body.page_context.total,
      ),
    )
    expect(totals.sort()).toEqual([0, 1])
  })

  test('20 concurrent transfers never move more than the captured amount', async () => {
    const paymentId = await makePayment(server, 100)
    const answers = await atOnce(20, () => transfer(paymentId, [split(10)]))
    const statuses = answers.map(({ body }) => body.data.status).sort()
    expect(statuses).toEqual([...Array(10).fill('failed'), ...Array(10).fill('success')])
    expect(await ledger()).toEqual([])
  })

  test('20 concurrent reversals never reverse more than the transferred amount', async () => {
    const id = await transferOf(100)
    const answers = await atOnce(20, () => reverse(id, 10))
    expect(countStatuses(answers)).toEqual({ 201: 10, 400: 10 })
    const { transfer_details: after } = (await server.call('GET', `/transfers/${id}`)).body
    expect([after.reversed_amount, after.available_amount_for_reversal]).toEqual(['100.00', '0.00'])
    expect(await ledger()).toEqual([])
  })

  test('refunded money cannot be transferred, and transferred money can be refunded', async () => {
    const paymentId = await makePayment(server, 100)
    const refund = (amount: number) =>
      server.call('POST', `/payments/${paymentId}/refunds`, { amount })
    const first = await refund(30)
    // An open refund reduces the transferable amount like a finished one.
    const creation = await transfer(paymentId, [split(70.01), split(70)])
    const data = creation.body.data.splits as { status: string }[]
    expect(data.map(({ status }) => status)).toEqual(['failed', 'success'])
    const second = await refund(70)
    for (const { body } of [first, second]) {
      expect(await waitForRefund(server, body.refund.refund_id)).toBe('succeeded')
    }
    expect((await transfer(paymentId, [split(0.01)])).body.data.status).toBe('failed')
    expect(await ledger()).toEqual([])
  })

  test('requests and answers match their description', async () => {
    const isDescribed = await descriptions(server)
    const paymentId = await makePayment(server, 100)
    const creation = await transfer(paymentId, [
      split(60, { description: 'a' }),
      split(60),
      split(40),
    ])
    const { transfer_id: id } = creation.body.data.splits[0]
    const reversal = await reverse(id, 10)
    const { transfer_reversal_id: reversalId } = reversal.body.transfer_reversal
    const get = (path: string) => server.call('GET', path)
    const rows = [
      isDescribed('post', '/transfers', creation),
      isDescribed('post', '/transfers', await transfer(paymentId, [])),
      isDescribed('post', '/transfers', await transfer('1', [split(1)])),
      isDescribed('get', '/transfers/{transfer_id}', await get(`/transfers/${id}`)),
      isDescribed('get', '/transfers', await get('/transfers')),
      isDescribed('post', '/transferreversals', reversal),
      isDescribed('post', '/transferreversals', await reverse(id, 60)),
      isDescribed(
        'get',
        '/transferreversals/{transfer_reversal_id}',
        await get(`/transferreversals/${reversalId}`),
      ),
      isDescribed('get', '/transferreversals', await get('/transferreversals')),
    ]
    expect(rows).toEqual(rows.map(() => true))
  })
})
