import { Compile } from 'typebox/compile'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { call, US_ACCOUNT_ID } from '../../../test/support/server.ts'
import type { PaymentSessionId } from '../../domain/id.ts'
import type { InstrumentFacts } from '../../domain/instrument.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import type { PaymentSessionMove } from '../../domain/payment-session.ts'
import { applyMove } from '../../operations/apply-move.ts'
import { reconcileNext } from '../../operations/reconcile-attempts.ts'
import { refundNext } from '../../operations/refund-payment.ts'
import { guardProcessor } from '../../processors/guarded-processor.ts'

const CARD: InstrumentFacts = {
  type: 'card',
  brand: 'visa',
  lastFourDigits: '1111',
  expiryMonth: 9,
  expiryYear: 2028,
  holderName: 'Asha Rao',
  funding: 'credit',
}
const UPI: InstrumentFacts = {
  type: 'upi',
  channel: 'collect',
  upiId: 'asha@okbank',
  accountType: 'bank_account',
}
const SESSION = {
  amount: 1499.9,
  currency: 'INR',
  description: 'Order 8841',
  invoice_number: 'INV-8841',
  reference_number: 'ord_8841',
  meta_data: [{ key: 'order_id', value: '8841' }],
}

const DAY_MS = 24 * 60 * 60_000

/** Makes a session and tries to pay it. Returns the payment's id. */
async function attempt(
  server: CheckoutServer,
  instrument: InstrumentFacts,
  outcome: 'succeeded' | 'failed' | 'open',
  session: Readonly<Record<string, unknown>> = SESSION,
): Promise<{ readonly sessionId: PaymentSessionId; readonly paymentId: PaymentAttempt['id'] }> {
  const answer = await server.call('POST', '/paymentsessions', session)
  const sessionId = answer.body.payments_session.payments_session_id as PaymentSessionId
  const attemptId = server.tenant.ids.paymentAttempt(sessionId)
  const moves: PaymentSessionMove[] = [
    {
      type: 'start_attempt',
      attemptId,
      instrument,
      attemptLifeMs: 600_000,
      customer: { email: 'asha@shop.example', phone: '9000000001', dialingCode: '+91' },
    },
  ]
  if (outcome === 'succeeded')
    moves.push({ type: 'record_approval', attemptId, processorReference: '532600112233' })
  if (outcome === 'failed')
    moves.push({ type: 'record_decline', attemptId, declineCode: 'insufficient_funds' })
  for (const move of moves) {
    expect(await applyMove(server.tenant, sessionId, move)).toHaveProperty('session')
  }
  return { sessionId, paymentId: attemptId }
}

describe.each(ENGINES)('payments, on %s', (engine) => {
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
  })
  afterAll(() => server.close())
  const get = (path: string) => server.call('GET', path)

  test('a successful payment has the fields and the sums of the reference', async () => {
    const { paymentId, sessionId } = await attempt(server, CARD, 'succeeded')
    const answer = await get(`/payments/${paymentId}`)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      code: 0,
      message: 'success',
      payment: {
        payment_id: paymentId,
        phone: '9000000001',
        dialing_code: '+91',
        payments_session_id: sessionId,
        amount: '1499.90',
        currency: 'INR',
        receipt_email: 'asha@shop.example',
        reference_number: 'ord_8841',
        transaction_reference_number: '532600112233',
        invoice_number: 'INV-8841',
        amount_captured: '1499.90',
        amount_refunded: '0.00',
        fee_amount: '30.00',
        net_tax_amount: '5.40',
        total_fee_amount: '35.40',
        net_amount: '1464.50',
        status: 'succeeded',
        payment_type: 'ecommerce',
        transaction_type: 'one_time',
        statement_descriptor: expect.stringMatching(/^.{1,22}$/),
        description: 'Order 8841',
        date: expect.any(Number),
        payment_method: {
          type: 'card',
          card: {
            card_holder_name: 'Asha Rao',
            last_four_digits: '1111',
            expiry_month: '09',
            expiry_year: '28',
            brand: 'visa',
            funding: 'credit',
          },
        },
        meta_data: [{ key: 'order_id', value: '8841' }],
      },
    })
  })

  test('a failed payment shows the reason and zero amounts', async () => {
    const { paymentId } = await attempt(server, UPI, 'failed')
    const { payment } = (await get(`/payments/${paymentId}`)).body
    expect(payment).toMatchObject({
      status: 'failed',
      failure_code: 'insufficient_funds',
      failure_reason: 'There is not enough money in the account.',
      failure_category: 'issuer_decline',
      next_action: 'use_another_method',
      tip: 'Ask the customer to pay with another card or method.',
      amount_captured: '0.00',
      fee_amount: '0.00',
      net_amount: '0.00',
      payment_method: {
        type: 'upi',
        upi: { upi_id: 'asha@okbank', channel: 'collect', account_type: 'bank_account' },
      },
    })
  })

  test.each<[InstrumentFacts, unknown]>([
    [
      { type: 'netbanking', bankName: 'Bank' },
      { type: 'net_banking', net_banking: { bank_name: 'Bank' } },
    ],
    [
      { type: 'wallet', walletName: 'Wallet' },
      { type: 'wallet', wallet: { wallet_name: 'Wallet' } },
    ],
    [{ type: 'bank_transfer' }, { type: 'bank_transfer', bank_transfer: {} }],
    [
      {
        type: 'ach_debit',
        accountHolderName: 'Asha',
        lastFourDigits: '6789',
        accountType: 'checking',
        routingNumber: '110000000',
      },
      {
        type: 'ach_debit',
        ach_debit: {
          account_holder_name: 'Asha',
          last_four_digits: '6789',
          account_type: 'checking',
          routing_number: '110000000',
        },
      },
    ],
    [
      {
        type: 'ach_debit',
        accountHolderName: 'Lamps',
        lastFourDigits: '6789',
        accountType: 'checking',
        routingNumber: '110000000',
        accountHolderType: 'business',
      },
      {
        type: 'ach_debit',
        ach_debit: {
          account_holder_name: 'Lamps',
          last_four_digits: '6789',
          account_holder_type: 'company',
          account_type: 'checking',
          routing_number: '110000000',
        },
      },
    ],
  ])('a payment by $type shows its instrument', async (instrument, expected) => {
    const { paymentId } = await attempt(server, instrument, 'open')
    const { payment } = (await get(`/payments/${paymentId}`)).body
    expect([payment.status, payment.payment_method]).toEqual(['initiated', expected])
  })

  test('a bank transfer shows the account to pay while it waits, and the payer afterwards', async () => {
    const { paymentId, sessionId } = await attempt(server, { type: 'bank_transfer' }, 'open')
    const chargeReference = { attemptId: paymentId, processorReference: 'bt_1' }
    await applyMove(server.tenant, sessionId, {
      ...chargeReference,
      type: 'record_pending',
      action: {
        kind: 'bank_transfer',
        beneficiary: 'Shop',
        accountNumber: 'PAYD000000000042',
        ifsc: 'PAYD0SANDBX',
      },
    })
    const waiting = (await get(`/payments/${paymentId}`)).body.payment
    expect([waiting.status, waiting.payment_method]).toEqual([
      'pending',
      {
        type: 'bank_transfer',
        bank_transfer: { virtual_account_number: 'PAYD000000000042' },
      },
    ])
    await applyMove(server.tenant, sessionId, {
      ...chargeReference,
      type: 'record_approval',
      instrument: {
        type: 'bank_transfer',
        virtualAccountNumber: 'PAYD000000000042',
        mode: 'NEFT',
        payerName: 'Asha Rao',
        payerIfscCode: 'HDFC0000001',
      },
    })
    const payment = (await get(`/payments/${paymentId}`)).body.payment
    expect([payment.status, payment.payment_method]).toEqual([
      'succeeded',
      {
        type: 'bank_transfer',
        bank_transfer: {
          virtual_account_number: 'PAYD000000000042',
          mode: 'NEFT',
          payer_name: 'Asha Rao',
          payer_ifsc_code: 'HDFC0000001',
        },
      },
    ])
  })

  test('late money is captured, and counts as refunded when its refund has ended', async () => {
    const { paymentId, sessionId } = await attempt(server, CARD, 'open')
    server.advance(601_000)
    const processorReference = 'p1'
    const late = { type: 'record_approval', attemptId: paymentId, processorReference } as const
    await applyMove(server.tenant, sessionId, late)
    const before = (await get(`/payments/${paymentId}`)).body.payment
    expect(before).toMatchObject({
      status: 'refunded',
      amount_captured: '1499.90',
      amount_refunded: '0.00',
      fee_amount: '0.00',
      net_amount: '1499.90',
    })
    const processor = guardProcessor(
      {
        name: 'refunds at once',
        charge: async () => ({ kind: 'unknown', reason: '' }),
        findCharge: async () => ({ kind: 'unknown', reason: '' }),
        refund: async () => ({ kind: 'succeeded' }),
      },
      { clock: server.tenant.clock, report: () => {} },
    )
    // The server's workers may send the refund first; the refund ends in both cases.
    await refundNext({ ...server.tenant, processor })
    await reconcileNext({ ...server.tenant, processor })
    const getPayment = async () => (await get(`/payments/${paymentId}`)).body.payment
    await expect
      .poll(async () => {
        server.advance(1_000)
        return (await getPayment()).amount_refunded
      })
      .toBe('1499.90')
    expect((await getPayment()).net_amount).toBe('0.00')
  })

  test('an unknown payment and a payment of another account get the same 404', async () => {
    const { paymentId } = await attempt(server, CARD, 'succeeded')
    const texts = await Promise.all(
      [
        `/payments/${paymentId}?account_id=${US_ACCOUNT_ID}`,
        '/payments/1?account_id=23137556',
        '/payments/abc?account_id=23137556',
      ].map(async (path) => {
        const answer = await call(server.baseUrl, 'GET', path)
        return [answer.status, answer.body]
      }),
    )
    const expected = [
      404,
      {
        code: 'resource_does_not_exist',
        message: 'There is no payment with this payment_id on this account.',
        field: 'payment_id',
      },
    ]
    expect(texts).toEqual([expected, expected, expected])
  })

  test('requests and answers match their description', async () => {
    const { paymentId } = await attempt(server, CARD, 'failed')
    const { paths } = await (await fetch(`${server.baseUrl}/openapi.json`)).json()
    const schemaOf = (path: string) =>
      Compile(paths[path].get.responses[200].content['application/json'].schema)
    expect(
      schemaOf('/api/v1/payments/{payment_id}').Check((await get(`/payments/${paymentId}`)).body),
    ).toBe(true)
    expect(schemaOf('/api/v1/payments').Check((await get('/payments')).body)).toBe(true)
  })
})

describe.each(ENGINES)('the list of payments, on %s', (engine) => {
  let server: CheckoutServer
  const ids: string[] = []
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
    // Moves the clock to noon (UTC) of the next day, so that all new rows have the same day.
    const nowMs = server.tenant.clock.nowMs()
    server.advance(DAY_MS + DAY_MS / 2 - (nowMs % DAY_MS))
    const rows = [
      [CARD, 'succeeded', { ...SESSION, reference_number: 'ord_1' }],
      [UPI, 'failed', { ...SESSION, reference_number: 'ord_2' }],
      [
        { type: 'netbanking', bankName: 'Bank' },
        'succeeded',
        { ...SESSION, reference_number: 'ord_3' },
      ],
      [CARD, 'open', { ...SESSION, reference_number: 'ord_4' }],
    ] as const
    for (const [instrument, outcome, session] of rows) {
      ids.push((await attempt(server, instrument, outcome, session)).paymentId)
      server.advance(1_000)
    }
  })
  afterAll(() => server.close())

  const idsOf = async (query: string): Promise<number[]> => {
    const answer = await server.call('GET', `/payments?${query}`)
    expect([query, answer.status, answer.text]).toEqual([query, 200, expect.any(String)])
    return answer.body.payments.map(({ payment_id: id }: { payment_id: string }) => ids.indexOf(id))
  }

  test('shows the fields of the reference, newest first', async () => {
    const answer = await server.call('GET', '/payments')
    expect(answer.body.payments[3]).toEqual({
      payment_id: ids[0],
      amount: '1499.90',
      currency: 'INR',
      receipt_email: 'asha@shop.example',
      reference_number: 'ord_1',
      amount_captured: '1499.90',
      amount_refunded: '0.00',
      fee_amount: '30.00',
      net_amount: '1464.50',
      status: 'succeeded',
      date: expect.any(Number),
      payment_method: { type: 'card' },
    })
    expect(answer.body.page_context).toEqual({
      page: 1,
      per_page: 25,
      total: 4,
      total_pages: 1,
      has_more_page: false,
    })
  })

  test('is filtered by status, method, text and time, and by all of them together', async () => {
    const ROWS: [query: string, expected: number[]][] = [
      ['', [3, 2, 1, 0]],
      ['status=Status.All', [3, 2, 1, 0]],
      ['status=Status.Succeeded', [2, 0]],
      ['status=Status.Failed', [1]],
      ['status=Status.Canceled', []],
      ['status=Status.Cancelled', []],
      ['status=Status.Refunded', []],
      ['status=Status.Disputed', []],
      ['status=all', [3, 2, 1, 0]],
      ['status=failed', [1]],
      ['status=disputed', []],
      ['status=cancelled', []],
      ['status=success&payment_method_type=card&search_text=ord_1', [0]],
      ['status=succeeded&payment_method_type=card&search_text=ord_1', [0]],
      ['payment_method_type=card', [3, 0]],
      ['payment_method_type=net_banking', [2]],
      ['payment_method_type=netbanking', [2]],
      ['search_text=ord_2', [1]],
      ['search_text=asha@shop.example', [3, 2, 1, 0]],
      ['search_text=9000000001', [3, 2, 1, 0]],
      ['search_text=nothing', []],
      ['search_text=1', []],
      ['search_text=9999999999999999', []],
      ['search_text=asha@shop.example&per_page=1&page=4', [0]],
      ['search_text=9000000001&status=Status.Failed&filter_by=ChargeDate.Today', [1]],
      [`search_text=${ids[1]}`, [1]],
      ['filter_by=ChargeDate.Today', [3, 2, 1, 0]],
      ['filter_by=ChargeDate.ThisMonth', [3, 2, 1, 0]],
      ['filter_by=ChargeDate.ThisYear', [3, 2, 1, 0]],
      ['filter_by=ChargeDate.Last_30_Days', [3, 2, 1, 0]],
      ['filter_by=ChargeDate.PreviousMonth', []],
      ['filter_by=ChargeDate.PreviousYear', []],
      ['filter_by=ChargeDate.CustomDate&from_date=2020-01-01&to_date=2020-12-31', []],
      ['from_date=2020-01-01', [3, 2, 1, 0]],
      ['status=Status.Succeeded&payment_method_type=card&search_text=ord_1', [0]],
      ['per_page=2', [3, 2]],
      ['per_page=2&page=2', [1, 0]],
      ['per_page=2&page=9', []],
    ]
    for (const [query, expected] of ROWS) {
      expect([query, await idsOf(query)]).toEqual([query, expected])
    }
  })

  test('refuses a wrong parameter with its name', async () => {
    const ROWS: [query: string, field: string, code: string][] = [
      ['status=paid', 'status', 'invalid_parameter'],
      ['filter_by=Yesterday', 'filter_by', 'invalid_parameter'],
      ['filter_by=ChargeDate.CustomDate', 'from_date', 'missing_parameter'],
      ['filter_by=ChargeDate.CustomDate&from_date=2026-01-01', 'to_date', 'missing_parameter'],
      ['from_date=soon', 'from_date', 'invalid_parameter'],
      ['from_date=2026-02-01&to_date=2026-01-01', 'to_date', 'invalid_parameter'],
      ['payment_method_type=cash', 'payment_method_type', 'invalid_parameter'],
      ['per_page=201', 'per_page', 'invalid_parameter'],
      ['page=0', 'page', 'invalid_parameter'],
      [`search_text=${'x'.repeat(255)}`, 'search_text', 'invalid_parameter'],
      ['search_text=%00', 'search_text', 'invalid_parameter'],
    ]
    for (const [query, field, code] of ROWS) {
      const answer = await server.call('GET', `/payments?${query}`)
      expect([query, answer.status, answer.body.field, answer.body.code]).toEqual([
        query,
        400,
        field,
        code,
      ])
    }
  })

  test('shows only payments of the account, and requires a valid token', async () => {
    for (const searchText of [undefined, ids[0], 'asha@shop.example', '9000000001', 'ord_1']) {
      const query = searchText === undefined ? '' : `&search_text=${searchText}`
      const path = `/payments?account_id=${US_ACCOUNT_ID}${query}`
      expect((await call(server.baseUrl, 'GET', path)).body.payments).toEqual([])
    }
    const refusal = await server.call('GET', '/payments', undefined, { authorization: 'Bearer no' })
    expect(refusal.status).toBe(401)
  })
})
