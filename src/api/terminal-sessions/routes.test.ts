import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import { controlServer } from '../../../test/support/sandbox.ts'
import { ACCOUNT_ID, US_ACCOUNT_ID } from '../../../test/support/server.ts'
import {
  atOnce,
  countStatuses,
  descriptions,
  tokenFor,
} from '../../../test/support/taken-payments.ts'
import type { AccountId } from '../../domain/id.ts'
import { closeAccount, reopenAccount } from '../../operations/close-account.ts'

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
  const readSessions = async (terminal = 'PDTERM01') =>
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
    expect(await readSessions()).toContain(id)
    expect(await readSessions('PDTERM02')).not.toContain(id)
    const open = await exchange('before', 'GET', `/paymentsessions/${id}`)
    expect(conforms('get', '/paymentsessions/{payments_session_id}', open)).toBe(true)
    const decline = await pay({ payments_session_id: id, method: 'card', outcome: 'failed' })
    expect(decline.body.payment).toMatchObject({
      status: 'failed',
      failure_code: 'card_declined',
      payment_type: 'pos',
    })
    expect(await retrieve(id)).toMatchObject({ session_status: 'in_progress' })
    const answer = await pay({ payments_session_id: id, method: 'card' })
    expect(answer.status).toBe(201)
    const after = await exchange('after', 'GET', `/paymentsessions/${id}`)
    const [{ payment_id: paymentId }] = after.body.payments_session.payments
    await exchange('its payment', 'GET', `/payments/${paymentId}`)
    expect(await readSessions()).not.toContain(id)
    expect(await ledger()).toEqual([])
  })

  test('`/terminal/paymentsessions` creates the same kind of session, and its body needs no type', async () => {
    const { type: _, ...fieldsWithoutType } = FULL
    const { exchange } = golden.conversation('the second path', server)
    const creation = await exchange(
      'create',
      'POST',
      '/terminal/paymentsessions',
      fieldsWithoutType,
    )
    expect((await descriptions(server))('post', '/terminal/paymentsessions', creation)).toBe(true)
    const { payments_session_id: id } = creation.body.payments_session
    expect(await readSessions()).toContain(id)
    const refusal = await server.call('POST', '/terminal/paymentsessions', {
      ...POS,
      type: 'mandate_enrollment',
    })
    expect([refusal.status, refusal.body.field]).toEqual([400, 'type'])
  })

  test('a terminal session by UPI shows the channel qr, and only the allowed method pays', async () => {
    const id = await create({ ...POS, payment_method_details: { type: 'upi' } })
    const refusal = await pay({ payments_session_id: id, method: 'card' })
    expect([refusal.status, refusal.body.field]).toEqual([400, 'method'])
    const answer = await control('POST', `/sessions/${id}/attempts`, {
      attempts: [{ method: 'netbanking', outcome: 'succeeded' }],
    })
    expect([answer.status, answer.body.field]).toEqual([400, 'attempts[0].method'])
    const { body } = await pay({ payments_session_id: id })
    expect(body.payment).toMatchObject({
      status: 'succeeded',
      payment_type: 'pos',
      payment_method: { type: 'upi', upi: { channel: 'qr' } },
    })
    expect(body.payment).not.toHaveProperty('receipt_email')
  })

  test('a customer who leaves uses up an attempt, and the last attempt ends the session', async () => {
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

  test('a session ends after 180 seconds, regardless of its request', async () => {
    const id = await create({ ...POS, expires_in: 900, configurations: { x: 1 } })
    const { created_time: createdTime, expiry_time: expiry } = await retrieve(id)
    expect(expiry - createdTime).toBe(180)
    server.advance(expiry * 1000 - 1 - server.tenant.clock.nowMs())
    expect(await retrieve(id)).toMatchObject({ session_status: 'in_progress' })
    expect(await readSessions()).toContain(id)
    server.advance(1)
    expect(await retrieve(id)).toMatchObject({ session_status: 'failed', status: 'failed' })
    expect(await readSessions()).not.toContain(id)
    expect((await pay({ payments_session_id: id })).status).toBe(404)
  })

  test('a canceled session fails and leaves the terminal', async () => {
    const id = await create()
    const { body, status } = await server.call('POST', `/paymentsessions/${id}/cancel`)
    expect([status, body.payments_session.session_status]).toEqual([200, 'failed'])
    expect(await readSessions()).not.toContain(id)
  })

  test('only one of ten concurrent customers pays', async () => {
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

  test('an error names the wrong field, in the order of the documentation', async () => {
    const { exchange } = golden.conversation('wrong requests', server)
    const rows: readonly (readonly [name: string, body: object])[] = [
      ['no amount', { ...POS, amount: undefined }],
      ['an amount of 0', { ...POS, amount: 0 }],
      ['dollars', { ...POS, currency: 'USD' }],
      ['no terminal', { ...POS, terminal_id: undefined }],
      ['a terminal id too long', { ...POS, terminal_id: 'x'.repeat(51) }],
      ['a terminal id that is a number', { ...POS, terminal_id: 7 }],
      ['an unknown terminal', { ...POS, terminal_id: 'PDTERM03' }],
      ['a wrong amount before an unknown terminal', { ...POS, terminal_id: 'PDTERM03', amount: 0 }],
      ['a description too long', { ...POS, description: 'x'.repeat(501) }],
      ['an invoice number too long', { ...POS, invoice_number: 'x'.repeat(51) }],
      ['a reference number too long', { ...POS, reference_number: 'x'.repeat(51) }],
      ['meta_data that is not a list', { ...POS, meta_data: 'till' }],
      ['an invalid method', { ...POS, payment_method_details: { type: 'cash' } }],
      ['six attempts', { ...POS, max_retry_count: 6 }],
    ]
    for (const [name, body] of rows) {
      const { status } = await exchange(name, 'POST', '/paymentsessions', body)
      expect([name, status]).toEqual([name, status === 404 ? 404 : 400])
    }
    await exchange('US', 'POST', `/paymentsessions?account_id=${US_ACCOUNT_ID}`, POS)
    await exchange('another type at the second path', 'POST', '/terminal/paymentsessions', {
      ...POS,
      type: 'mandate_enrollment',
    })
    const reader = await tokenFor(server, ['payments.READ'])
    await exchange('payments.CREATE is missing', 'POST', '/paymentsessions', POS, reader)
    await exchange('and at the second path', 'POST', '/terminal/paymentsessions', POS, reader)
    const key = { 'idempotency-key': 'another body' }
    expect((await server.call('POST', '/paymentsessions', POS, key)).status).toBe(201)
    await exchange('another body', 'POST', '/paymentsessions', { ...POS, amount: 1 }, key)
    const deps = { ...server.tenant, actor: { kind: 'os_user', name: 'test' } as const }
    await closeAccount(deps, ACCOUNT_ID as AccountId)
    await exchange('a closed account', 'POST', '/paymentsessions', POS)
    await reopenAccount(deps, ACCOUNT_ID as AccountId)
  })

  test('the control API refuses unknown terminals and contradictions', async () => {
    const { exchange } = golden.conversation('wrong payments', controlServer(server))
    await exchange('an unknown terminal', 'GET', '/terminals/PDTERM09')
    await exchange('a payment at an unknown terminal', 'POST', '/terminals/PDTERM09/pay', {})
    await exchange('no session', 'POST', '/terminals/PDTERM02/pay', {})
    await exchange('a reason without a failure', 'POST', '/terminals/PDTERM01/pay', {
      decline_code: 'expired_card',
    })
    const id = await create({ ...POS, payment_method_details: { type: 'upi' } })
    await exchange('another method', 'POST', '/terminals/PDTERM01/pay', {
      payments_session_id: id,
      method: 'card',
    })
    await server.call('POST', `/paymentsessions/${id}/cancel`)
    await exchange('a canceled session', 'POST', '/terminals/PDTERM01/pay', {
      payments_session_id: id,
    })
  })

  test('at the terminal of a processor a session waits, and the merchant cancels it', async () => {
    const processor = new URL('../../../test/support/terminal-processor.ts', import.meta.url)
    const other = await startCheckoutServer('memory', { processor: processor.pathname })
    try {
      const body = { ...POS, terminal_id: 'T1', max_retry_count: 2 }
      const { body: creation } = await other.call('POST', '/paymentsessions', body)
      const path = `/paymentsessions/${creation.payments_session.payments_session_id}`
      const read = async () => (await other.call('GET', path)).body.payments_session
      await vi.waitFor(async () => expect((await read()).payments).toHaveLength(1))
      await vi.waitFor(async () => expect((await read()).payments[0].status).toBe('pending'))
      expect(await read()).toMatchObject({ session_status: 'in_progress' })
      const key = { 'idempotency-key': 'off the terminal' }
      const cancel = () => other.call('POST', `${path}/cancel`, undefined, key)
      const first = await cancel()
      expect([first.status, first.body.payments_session]).toMatchObject([
        200,
        { session_status: 'failed', payments: [{ status: 'failed' }] },
      ])
      expect((await cancel()).text).toBe(first.text)
      const again = await other.call('POST', `${path}/cancel`)
      expect([again.status, again.body.code]).toEqual([400, 'invalid_payment_session'])
    } finally {
      await other.close()
    }
  })

  test('without a processor that has terminals, no in-person session is created', async () => {
    const processor = new URL('../../../test/support/approving-processor.ts', import.meta.url)
    const other = await startCheckoutServer('memory', { processor: processor.pathname })
    try {
      const { exchange } = golden.conversation('a processor without terminals', other)
      await exchange('create', 'POST', '/paymentsessions', POS)
    } finally {
      await other.close()
    }
  })
})
