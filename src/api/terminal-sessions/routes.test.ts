import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import { US_ACCOUNT_ID } from '../../../test/support/server.ts'
import { atOnce, countStatuses, descriptions } from '../../../test/support/taken-payments.ts'

const POS = { type: 'pos_payment', amount: 250, currency: 'INR', terminal_id: 'PDTERM01' }
const FULL = {
  ...POS,
  invoice_number: 'INV-77',
  description: 'Till 2',
  meta_data: [{ key: 'till', value: '2' }],
}

describe.each(ENGINES)('in-person sessions, on %s', (engine) => {
  const golden = openGolden('terminal-sessions')
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
  })
  afterAll(async () => {
    await server.close()
    golden.finish()
  })

  async function control(method: 'GET' | 'POST', path: string, body?: unknown) {
    const response = await fetch(`${server.baseUrl}/_sandbox${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    const text = await response.text()
    return { status: response.status, text, body: JSON.parse(text), headers: response.headers }
  }
  const pay = (body: unknown, terminal = 'PDTERM01') =>
    control('POST', `/terminals/${terminal}/pay`, body)
  async function create(body: unknown = POS, path = '/paymentsessions') {
    // Lists are sorted by time: each session has its own millisecond.
    server.advance(1)
    const answer = await server.call('POST', path, body)
    expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
    return answer.body.payments_session.payments_session_id as string
  }
  const retrieve = async (id: string) =>
    (await server.call('GET', `/paymentsessions/${id}`)).body.payments_session
  const shown = async (terminal = 'PDTERM01') =>
    (await control('GET', `/terminals/${terminal}`)).body.terminal.payments_sessions.map(
      ({ payments_session_id: id }: { payments_session_id: string }) => id,
    )
  const ledger = async () => (await server.tenant.store.ledger.check()).discrepancies

  test('a session is shown by its terminal, and a card pays it', async () => {
    const { exchange } = golden.conversation('paid by card', server)
    const creation = await exchange('create', 'POST', '/paymentsessions', FULL)
    const conforms = await descriptions(server)
    expect(conforms('post', '/paymentsessions', creation)).toBe(true)
    const { payments_session_id: id } = creation.body.payments_session
    expect(await shown()).toContain(id)
    expect(await shown('PDTERM02')).not.toContain(id)
    const open = await exchange('before', 'GET', `/paymentsessions/${id}`)
    expect(conforms('get', '/paymentsessions/{payments_session_id}', open)).toBe(true)
    const decline = await pay({ payments_session_id: id, method: 'card', outcome: 'failed' })
    expect(decline.body.payment).toMatchObject({
      status: 'failed',
      failure_code: 'card_declined',
      payment_type: 'pos',
    })
    expect(await retrieve(id)).toMatchObject({ session_status: 'in_progress' })
    const paid = await pay({ payments_session_id: id, method: 'card' })
    expect(paid.status).toBe(201)
    const after = await exchange('after', 'GET', `/paymentsessions/${id}`)
    const [{ payment_id: paymentId }] = after.body.payments_session.payments
    await exchange('its payment', 'GET', `/payments/${paymentId}`)
    expect(await shown()).not.toContain(id)
    expect(await ledger()).toEqual([])
  })

  test('the second path creates the same session, without a type too', async () => {
    const { type: _, ...untyped } = FULL
    const { exchange } = golden.conversation('the second path', server)
    const creation = await exchange('create', 'POST', '/terminal/paymentsessions', untyped)
    expect((await descriptions(server))('post', '/terminal/paymentsessions', creation)).toBe(true)
    const { payments_session_id: id } = creation.body.payments_session
    expect(await shown()).toContain(id)
    const refused = await server.call('POST', '/terminal/paymentsessions', {
      ...POS,
      type: 'mandate_enrollment',
    })
    expect([refused.status, refused.body.field]).toEqual([400, 'type'])
  })

  test('a terminal session by UPI shows the channel qr, and only the allowed method pays', async () => {
    const id = await create({ ...POS, payment_method_details: { type: 'upi' } })
    const refused = await pay({ payments_session_id: id, method: 'card' })
    expect([refused.status, refused.body.field]).toEqual([400, 'method'])
    const played = await control('POST', `/sessions/${id}/attempts`, {
      attempts: [{ method: 'netbanking', outcome: 'succeeded' }],
    })
    expect([played.status, played.body.field]).toEqual([400, 'attempts[0].method'])
    const { body } = await pay({ payments_session_id: id })
    expect(body.payment).toMatchObject({
      status: 'succeeded',
      payment_type: 'pos',
      payment_method: { type: 'upi', upi: { channel: 'qr' } },
    })
    expect(body.payment).not.toHaveProperty('receipt_email')
  })

  test('a customer who leaves uses up an attempt, and the last one ends the session', async () => {
    const id = await create({ ...POS, max_retry_count: 2 })
    const abandonment = await pay({ payments_session_id: id, outcome: 'abandoned' })
    expect(abandonment.body.payment).toMatchObject({
      status: 'failed',
      failure_code: 'canceled_by_customer',
    })
    expect(await retrieve(id)).toMatchObject({ session_status: 'in_progress' })
    await pay({ payments_session_id: id, outcome: 'abandoned' })
    expect(await retrieve(id)).toMatchObject({ session_status: 'failed', status: 'failed' })
    expect((await pay({ payments_session_id: id })).status).toBe(404)
  })

  test('a session ends after 180 seconds, whatever its request says', async () => {
    const id = await create({ ...POS, expires_in: 900, configurations: { x: 1 } })
    const { created_time: createdTime, expiry_time: expiry } = await retrieve(id)
    expect(expiry - createdTime).toBe(180)
    server.advance(expiry * 1000 - 1 - server.tenant.clock.nowMs())
    expect(await retrieve(id)).toMatchObject({ session_status: 'in_progress' })
    expect(await shown()).toContain(id)
    server.advance(1)
    expect(await retrieve(id)).toMatchObject({ session_status: 'failed', status: 'failed' })
    expect(await shown()).not.toContain(id)
    expect((await pay({ payments_session_id: id })).status).toBe(404)
  })

  test('a canceled session fails and leaves the terminal', async () => {
    const id = await create()
    const { body, status } = await server.call('POST', `/paymentsessions/${id}/cancel`)
    expect([status, body.payments_session.session_status]).toEqual([200, 'failed'])
    expect(await shown()).not.toContain(id)
  })

  test('of ten customers at once one pays', async () => {
    const id = await create()
    const answers = await atOnce(10, () => pay({ payments_session_id: id }))
    expect(countStatuses(answers)[201]).toBe(1)
    expect(await retrieve(id)).toMatchObject({ session_status: 'succeeded' })
    expect(await ledger()).toEqual([])
  })

  test('a repeated request with one key makes one session', async () => {
    const key = { 'idempotency-key': `pos ${engine}` }
    const send = () => server.call('POST', '/paymentsessions', POS, key)
    const answers = [await send(), await send()]
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const other = await server.call('POST', '/paymentsessions', { ...POS, amount: 1 }, key)
    expect(other.status).toBe(409)
  })

  test('refuses a wrong field in the order of the documentation', async () => {
    const ROWS: [body: unknown, status: number, field: string, code: string][] = [
      [{ ...POS, amount: undefined }, 400, 'amount', 'missing_parameter'],
      [{ ...POS, amount: 0 }, 400, 'amount', 'invalid_parameter'],
      [{ ...POS, currency: 'USD' }, 400, 'currency', 'currency_not_supported_for_payment'],
      [{ ...POS, terminal_id: undefined }, 400, 'terminal_id', 'missing_parameter'],
      [{ ...POS, terminal_id: 'x'.repeat(51) }, 400, 'terminal_id', 'invalid_parameter'],
      [{ ...POS, terminal_id: 7 }, 400, 'terminal_id', 'invalid_parameter'],
      [{ ...POS, terminal_id: 'PDTERM03' }, 404, 'terminal_id', 'resource_does_not_exist'],
      [{ ...POS, terminal_id: 'PDTERM03', amount: 0 }, 400, 'amount', 'invalid_parameter'],
      [{ ...POS, description: 'x'.repeat(501) }, 400, 'description', 'invalid_parameter'],
      [{ ...POS, invoice_number: 'x'.repeat(51) }, 400, 'invoice_number', 'invalid_parameter'],
      [{ ...POS, max_retry_count: 6 }, 400, 'max_retry_count', 'invalid_parameter'],
      [
        { ...POS, payment_method_details: { type: 'cash' } },
        400,
        'payment_method_details.type',
        'invalid_parameter',
      ],
    ]
    for (const [body, status, field, code] of ROWS) {
      const answer = await server.call('POST', '/paymentsessions', body)
      expect([body, answer.status, answer.body.field, answer.body.code]).toEqual([
        body,
        status,
        field,
        code,
      ])
    }
    const us = await server.call('POST', `/paymentsessions?account_id=${US_ACCOUNT_ID}`, POS)
    expect([us.status, us.body.code]).toEqual([404, 'error'])
  })

  test('the control API refuses unknown terminals and contradictions', async () => {
    expect((await control('GET', '/terminals/PDTERM09')).status).toBe(404)
    expect((await pay({}, 'PDTERM09')).status).toBe(404)
    expect((await pay({}, 'PDTERM02')).body.message).toContain('create one first')
    const wrong = await pay({ decline_code: 'expired_card' })
    expect([wrong.status, wrong.body.field]).toEqual([400, 'decline_code'])
  })
})

test('without a processor that has terminals, no in-person session is created', async () => {
  const server = await startCheckoutServer('memory', {
    processor: new URL('../../../test/support/approving-processor.ts', import.meta.url).pathname,
  })
  try {
    const refused = await server.call('POST', '/paymentsessions', POS)
    expect([refused.status, refused.body.code]).toEqual([400, 'payment_method_type_not_supported'])
  } finally {
    await server.close()
  }
})
