import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import {
  AS_ANOTHER,
  atOnce,
  countStatuses,
  descriptions,
  makePayment,
  tokenFor,
  waitForRefund,
} from '../../../test/support/taken-payments.ts'

describe.each(ENGINES)('refunds, on %s', (engine) => {
  const golden = openGolden('refunds')
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

  const refund = (paymentId: string, body: unknown, headers = {}) =>
    server.call('POST', `/payments/${paymentId}/refunds`, body, headers)
  const payment = async (id: string) => (await server.call('GET', `/payments/${id}`)).body.payment
  const ledger = async () => (await server.tenant.store.ledger.check()).discrepancies

  test('a full refund is shown alone, by its payment and in the list, and nothing is left to refund', async () => {
    const paymentId = await makePayment(server, 250.5)
    const { exchange } = golden.conversation('a refund in full', server)
    const creation = await exchange('create', 'POST', `/payments/${paymentId}/refunds`, {
      amount: 250.5,
      reason: 'requested_by_customer',
      type: 'initiated_by_customer',
      description: 'The lamp came broken.\nIt goes back.',
      meta_data: [
        { key: 'return', value: 'R-77' },
        { key: 'order', value: 8841 },
      ],
    })
    const refundId = creation.body.refund.refund_id
    expect(await waitForRefund(server, refundId)).toBe('succeeded')
    await exchange('retrieve', 'GET', `/refunds/${refundId}`)
    await exchange('its payment', 'GET', `/payments/${paymentId}`)
    await exchange('the list', 'GET', `/payments/${paymentId}/refunds`)
    await exchange('once more', 'POST', `/payments/${paymentId}/refunds`, { amount: 0.01 })
  })

  test('partial refunds leave the remaining amount refundable, and missing fields get their defaults', async () => {
    const paymentId = await makePayment(server, 100)
    const path = `/payments/${paymentId}/refunds`
    const { exchange } = golden.conversation('refunds in part', server)
    const first = await exchange('the amount alone', 'POST', path, { amount: '30.00' })
    await exchange('more than the remaining amount', 'POST', path, { amount: 70.01 })
    const status = await waitForRefund(server, first.body.refund.refund_id)
    expect(status).toBe('succeeded')
    await exchange('its payment', 'GET', `/payments/${paymentId}`)
    const second = await exchange('as the examples of libraries send it', 'POST', path, {
      amount: 20,
      reason: 'duplicate',
      type: 'full',
      description: null,
      meta_data: null,
    })
    await waitForRefund(server, second.body.refund.refund_id)
    await exchange('the first page', 'GET', `${path}?per_page=1`)
    await exchange('the second page', 'GET', `${path}?per_page=1&page=2`)
    expect(await payment(paymentId)).toMatchObject({
      status: 'partially_refunded',
      amount_refunded: '50.00',
      amount_captured: '100.00',
    })
  })

  test('a failed refund shows its reason, and the amount can be refunded again', async () => {
    const paymentId = await makePayment(server, 400)
    const { exchange } = golden.conversation('a refund that fails', server)
    const path = `/payments/${paymentId}/refunds`
    const creation = await exchange('create', 'POST', path, { amount: 400 })
    await exchange('while it is on its way', 'POST', path, { amount: 1 })
    const refundId = creation.body.refund.refund_id
    expect(await waitForRefund(server, refundId)).toBe('failed')
    await exchange('retrieve', 'GET', `/refunds/${refundId}`)
    await exchange('its payment', 'GET', `/payments/${paymentId}`)
    await exchange('anew', 'POST', path, { amount: 300 })
  })

  test('late money is refunded automatically, and only once', async () => {
    const paymentId = await makePayment(server, 77, 'late')
    const { exchange } = golden.conversation('money that came too late', server)
    const list = await server.call('GET', `/payments/${paymentId}/refunds`)
    await waitForRefund(server, list.body.refunds[0].refund_id)
    await exchange('the list', 'GET', `/payments/${paymentId}/refunds`)
    await exchange('create', 'POST', `/payments/${paymentId}/refunds`, { amount: 77 })
  })

  test('an error names the wrong field', async () => {
    const paymentId = await makePayment(server, 100)
    const path = `/payments/${paymentId}/refunds`
    const { exchange } = golden.conversation('wrong requests', server)
    const ROWS: readonly [name: string, body: unknown][] = [
      ['no body', ''],
      ['no object', [1]],
      ['no JSON', '{"amount":'],
      ['nothing', {}],
      ['an amount of zero', { amount: 0 }],
      ['a negative amount', { amount: -1 }],
      ['an amount that is not a number', { amount: 'ten' }],
      ['an amount that is null', { amount: null }],
      ['an amount twice', '{"amount":1,"amount":2}'],
      ['an amount with too many digits', { amount: 10.005 }],
      ['a text with too many digits', { amount: '10.005' }],
      ['an amount above the largest number', { amount: '99999999999999' }],
      ['an amount above the payment', { amount: 100.01 }],
      ['an unknown reason', { amount: 1, reason: 'because' }],
      ['an internal reason', { amount: 1, reason: 'system_initiated' }],
      ['an unknown type', { amount: 1, type: 'partial' }],
      ['an internal type', { amount: 1, type: 'initiated_by_system' }],
      ['a description too long', { amount: 1, description: 'x'.repeat(501) }],
      ['a card number', { amount: 1, meta_data: [{ key: 'card', value: '4111 1111 1111 1111' }] }],
      [
        'too many entries of meta_data',
        { amount: 1, meta_data: Array.from({ length: 6 }, () => ({ key: 'k', value: 'v' })) },
      ],
      ['two wrong fields', { reason: 'because', amount: 'ten' }],
    ]
    for (const [name, body] of ROWS) {
      const answer = await exchange(name, 'POST', path, body)
      expect([name, answer.status]).toEqual([name, 400])
    }
    expect((await payment(paymentId)).status).toBe('succeeded')
    expect((await server.call('GET', path)).body.page_context.total).toBe(0)
  })

  test('an uncaptured payment, a missing payment and a payment of another account cannot be refunded', async () => {
    const paymentId = await makePayment(server, 100)
    const failedPaymentId = await makePayment(server, 100, 'failed')
    const open = await makePayment(server, 100, 'open')
    const refundId = (await refund(paymentId, { amount: 1 })).body.refund.refund_id
    const { exchange } = golden.conversation('payments that cannot be refunded', server)
    const body = { amount: 1 }
    await exchange('a failed one', 'POST', `/payments/${failedPaymentId}/refunds`, body)
    await exchange('an open one', 'POST', `/payments/${open}/refunds`, body)
    await exchange('an unknown one', 'POST', '/payments/1/refunds', body)
    await exchange('no id', 'POST', '/payments/abc/refunds', body)
    await exchange('another’s', 'POST', `/payments/${paymentId}/refunds?${AS_ANOTHER}`, body)
    await exchange('another’s list', 'GET', `/payments/${paymentId}/refunds?${AS_ANOTHER}`)
    await exchange('another’s refund', 'GET', `/refunds/${refundId}?${AS_ANOTHER}`)
    await exchange('an unknown refund', 'GET', '/refunds/1')
    await exchange('no refund id', 'GET', '/refunds/abc')
    await exchange('no page', 'GET', `/payments/${paymentId}/refunds?page=0`)
  })

  test('a refund amount with more digits than the payment’s currency is refused, unless the extra digits are zeros', async () => {
    const paymentId = await makePayment(server, 5000, 'succeeded', { currency: 'JPY' })
    const send = (amount: unknown) =>
      server.call('POST', `/payments/${paymentId}/refunds?${AS_ANOTHER}`, { amount })
    const refusal = await send(10.5)
    expect([refusal.status, refusal.body.field, refusal.body.message]).toEqual([
      400,
      'amount',
      expect.stringContaining('at most 0 digits after the decimal point in JPY'),
    ])
    expect((await send('10.0')).body.refund.amount).toBe('10')
  })

  test('each request needs the scope of its resource', async () => {
    const paymentId = await makePayment(server, 100)
    const { exchange } = golden.conversation('scopes', server)
    const read = await tokenFor(server, ['payments.READ', 'payments.CREATE', 'refunds.READ'])
    const path = `/payments/${paymentId}/refunds`
    await exchange('refunds.CREATE is missing', 'POST', path, { amount: 1 }, read)
    const create = await tokenFor(server, ['payments.READ', 'refunds.CREATE'])
    await exchange('refunds.READ is missing', 'GET', path, undefined, create)
    await exchange('refunds.READ is missing for one', 'GET', '/refunds/1', undefined, create)
  })

  test('a repeated request gets the first answer, and refunds once', async () => {
    const paymentId = await makePayment(server, 100)
    const path = `/payments/${paymentId}/refunds`
    const { exchange } = golden.conversation('sent again', server)
    const key = { 'idempotency-key': 'refund-1' }
    const first = await exchange('first', 'POST', path, { amount: 60 }, key)
    await exchange('again', 'POST', path, { amount: 60 }, key)
    await exchange('another body', 'POST', path, { amount: 61 }, key)
    await exchange('another key', 'POST', path, { amount: 60 }, { 'idempotency-key': 'refund-2' })
    await waitForRefund(server, first.body.refund.refund_id)
    // A refusal is stored under its key too, and the stored answers do not change when the refund ends.
    await exchange('later', 'POST', path, { amount: 60 }, key)
    await exchange('the refusal', 'POST', path, { amount: 60 }, { 'idempotency-key': 'refund-2' })
    expect((await payment(paymentId)).amount_refunded).toBe('60.00')
  })

  test('equal concurrent requests with one key make one refund', async () => {
    const paymentId = await makePayment(server, 100)
    const key = { 'idempotency-key': 'at once' }
    const answers = await atOnce(10, () => refund(paymentId, { amount: 10 }, key))
    expect(countStatuses(answers)).toEqual({ 201: 10 })
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const list = await server.call('GET', `/payments/${paymentId}/refunds`)
    expect(list.body.page_context.total).toBe(1)
  })

  test('20 concurrent refunds never return more than the captured amount', async () => {
    const paymentId = await makePayment(server, 100)
    const answers = await atOnce(20, () => refund(paymentId, { amount: 10 }))
    expect(countStatuses(answers)).toEqual({ 201: 10, 400: 10 })
    for (const { body, status } of answers) {
      if (status === 400) expect(body.code).toBe('refund_cannot_be_initiated')
      else expect(await waitForRefund(server, body.refund.refund_id)).toBe('succeeded')
    }
    expect(await payment(paymentId)).toMatchObject({
      status: 'refunded',
      amount_refunded: '100.00',
      amount_captured: '100.00',
    })
    expect(await ledger()).toEqual([])
  })

  test('the list of payments can be filtered by refunded payments', async () => {
    const ids = [await makePayment(server, 90), await makePayment(server, 90)]
    const [part = '', whole = ''] = ids
    for (const [id, amount] of [
      [part, 1],
      [whole, 90],
    ] as const) {
      await waitForRefund(server, (await refund(id, { amount })).body.refund.refund_id)
    }
    const findIds = async (status: string) =>
      (await server.call('GET', `/payments?per_page=200&status=${status}`)).body.payments
        .filter(({ payment_id: id }: { payment_id: string }) => ids.includes(id as never))
        .map(({ status }: { status: string }) => status)
        .sort()
    expect(await findIds('Status.Refunded')).toEqual(['partially_refunded', 'refunded'])
    expect(await findIds('Status.Succeeded')).toEqual([])
  })

  test('the log names the refund, and contains none of its texts', async () => {
    const paymentId = await makePayment(server, 100)
    const body = { amount: 12.5, description: 'a private reason' }
    const answer = await refund(paymentId, body, { 'idempotency-key': 'logged' })
    await refund(paymentId, body, { 'idempotency-key': 'logged' })
    const { refund_id: refundId } = answer.body.refund
    const logLines = lines.filter(
      (line) => line.includes('refund created') && line.includes(paymentId),
    )
    expect(logLines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        requestId: answer.headers.get('x-request-id'),
        paymentId,
        refundId,
        amount: '12.50',
        currency: 'INR',
      }),
    ])
    expect(lines.join('')).not.toContain('a private reason')
  })

  test('requests and answers match their description', async () => {
    const paymentId = await makePayment(server, 100)
    const isDescribed = await descriptions(server)
    const path = '/payments/{payment_id}/refunds'
    const creation = await refund(paymentId, { amount: 1, meta_data: [{ key: 'a', value: 1 }] })
    const one = `/refunds/${creation.body.refund.refund_id}`
    const rows = [
      isDescribed('post', path, creation),
      isDescribed('post', path, await refund(paymentId, { amount: 100 })),
      isDescribed('post', path, await refund('1', { amount: 1 })),
      isDescribed('get', path, await server.call('GET', `/payments/${paymentId}/refunds`)),
      isDescribed('get', '/refunds/{refund_id}', await server.call('GET', one)),
    ]
    expect(rows).toEqual(rows.map(() => true))
  })
})

test('an account can request 60 refunds a minute, and calls of other routes are counted separately', async () => {
  const server = await startCheckoutServer('memory', { rateLimits: true })
  try {
    const answers = await atOnce(61, () => server.call('POST', '/payments/1/refunds', {}))
    expect(countStatuses(answers)).toEqual({ 404: 60, 429: 1 })
    expect((await server.call('GET', '/refunds/1')).status).toBe(404)
  } finally {
    await server.close()
  }
})
