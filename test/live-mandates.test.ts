/** A live server whose processor has mandates: the customer approves one, and gets one notice before each debit. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccountId } from '../src/domain/id.ts'
import { createAccount } from '../src/operations/create-account.ts'
import { createClient } from '../src/operations/create-client.ts'
import { openCore } from '../src/server/core.ts'
import { type Server, startServer } from '../src/server/start-server.ts'
import { makePlace, type Place, settingsAt } from './support/engines.ts'
import { openExampleBank } from './support/example-bank.ts'
import { exampleMandates } from './support/example-mandates.ts'
import { type MailServer, startMailServer } from './support/mail-server.ts'
import { approve, createCustomer, enrollmentOf, executionOf } from './support/mandates.ts'
import { createTestClock } from './support/memory-store.ts'
import { startProcessorServer } from './support/processor-server.ts'
import { call } from './support/server.ts'
import { TEST_ACTOR } from './support/stored-rows.ts'

const HOUR_MS = 60 * 60_000
const KEY = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const SCOPE = ['payments.CREATE', 'payments.READ', 'customers.CREATE']
  .map((name) => `ZohoPay.${name}`)
  .join(',')
/** The longest wait for the background work of the server, in milliseconds. */
const WORK_MS_MAX = 60_000

/** Makes the mandates of a bank whose answer to the first debit is lost. */
function openBank() {
  const example = exampleMandates()
  const outcomes = new Map<string, object>()
  /** The debits that the bank has received: the payments and their notifications. */
  const debits: (readonly [paymentId: string, notificationId: string])[] = []
  const approval = (id: string) => ({ kind: 'approved', processorReference: `acme_${id}` })
  return {
    debits,
    example,
    answers: {
      charge: ({ attemptId, instrument }: { attemptId: string; instrument: never }) => {
        const { notificationId, type } = instrument as { notificationId: string; type: string }
        if (type === 'mandate_enrollment') {
          example.approve(instrument)
          return approval(attemptId)
        }
        debits.push([attemptId, notificationId])
        const isAccepted = example.accepts(instrument)
        outcomes.set(
          attemptId,
          isAccepted ? approval(attemptId) : { kind: 'declined', declineCode: 'mandate_inactive' },
        )
        return debits.length === 1 ? undefined : outcomes.get(attemptId)
      },
      findCharge: ({ attemptId }: { attemptId: string }) =>
        outcomes.get(attemptId) ?? { kind: 'declined', declineCode: 'canceled_by_customer' },
    },
  }
}

describe.each(['file', 'postgres'] as const)('mandates of a live server, on %s', (engine) => {
  const bank = openBank()
  const clock = createTestClock(Date.now())
  let place: Place
  let acme: Awaited<ReturnType<typeof startProcessorServer>>
  let mails: MailServer
  let server: Server
  let accountId: AccountId
  let client: Awaited<ReturnType<typeof createClient>>
  let settings: ReturnType<typeof settingsAt>
  beforeAll(async () => {
    acme = await startProcessorServer(openExampleBank(), bank.example, bank.answers as never)
    mails = await startMailServer({ tls: 'off' })
    place = await makePlace(engine)
    settings = settingsAt(place, {
      live: true,
      secretKey: '01'.repeat(32),
      rateLimits: false,
      processor: acme.url,
      processorKey: KEY,
      messenger: 'smtp',
      smtpHost: '127.0.0.1',
      smtpPort: String(mails.port),
      smtpTls: 'off',
      mailFrom: 'notices@shop.example',
    })
    const core = await openCore(settings)
    const operator = { ...core, actor: TEST_ACTOR }
    accountId = (await createAccount(operator, 'Shop Test', 'IN')).account.id
    client = await createClient(operator, {
      name: 'App',
      accountIds: [accountId],
      redirectUris: [],
      isMachine: true,
    })
    await core.store.close()
    server = await startServer(settings, { clock })
  })
  afterAll(async () => {
    await server?.close()
    acme?.close()
    await mails?.close()
    place?.remove()
  })

  /**
   * Returns functions that call the API with a new token: a token lives for an hour, and the test moves the clock by
   * days.
   */
  async function api() {
    const response = await fetch(`${server.baseUrl}/oauth/v2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client.client.id,
        client_secret: client.secret,
        scope: SCOPE,
      }),
    })
    const { access_token: token } = (await response.json()) as { access_token?: string }
    const send = (method: string, path: string, body?: unknown) =>
      call(server.baseUrl, method, `${path}?account_id=${accountId}`, body, {
        authorization: `Zoho-oauthtoken ${token}`,
      })
    return { baseUrl: server.baseUrl, call: send }
  }
  type Api = Awaited<ReturnType<typeof api>>
  const newExecution = async ({ call: send }: Api, customerId: string): Promise<string> => {
    const { body } = await send('POST', '/paymentsessions', {
      type: 'mandate_execution',
      amount: 499,
      currency: 'INR',
      customer_id: customerId,
      description: 'December',
      invoice_number: 'INV-9001',
    })
    return body.payments_session.payments_session_id
  }
  const paymentOf = async ({ call: send }: Api, id: string) =>
    (await send('GET', `/payments/${id}`)).body.payment

  test('are enrolled, debited once 24 hours after an automatic notice although the bank’s answer is lost, debited with the merchant’s notification, and ended', async () => {
    const first = await api()
    const customerId = await createCustomer(first as never)
    const enrollment = await first.call(
      'POST',
      '/paymentsessions',
      enrollmentOf(customerId, { frequency: 'as_presented' }),
    )
    const { access_key: key, payments_session_id: id } = enrollment.body.payments_session
    await approve(first as never, key, 'asha@okbank')
    const session = (await first.call('GET', `/paymentsessions/${id}`)).body.payments_session
    const { mandate_id: mandateId } = session
    const mandate = (await first.call('GET', `/mandates/${mandateId}`)).body.mandate
    expect([session.status, mandate.status]).toEqual(['succeeded', 'active'])

    const automatic = await first.call(
      'POST',
      '/mandates/execute',
      executionOf({ customerId, mandateId }, await newExecution(first, customerId)),
    )
    const { mandate_notification_id: noticeId, payment_id: paymentId } = automatic.body.payment
    expect(automatic.body.payment.status).toBe('initiated')
    const noticeStatus = async () =>
      (await first.call('GET', `/mandates/notifications/${noticeId}`)).body.mandate_notification
        .notification_status
    await expect.poll(noticeStatus, { timeout: WORK_MS_MAX }).toBe('succeeded')
    const notices = () => mails.accepted.filter(({ content }) => content.includes('will debit'))
    await expect.poll(() => notices().length, { timeout: WORK_MS_MAX }).toBe(1)
    expect(notices()[0]?.to).toEqual(['asha@shop.test'])
    expect(bank.debits).toEqual([])

    clock.advance(24 * HOUR_MS)
    await expect.poll(() => bank.debits, { timeout: WORK_MS_MAX }).toEqual([[paymentId, noticeId]])
    const second = await api()
    expect((await paymentOf(second, paymentId)).status).toBe('initiated')
    // The answer was lost. The server asks for the outcome, and never charges again.
    clock.advance(2 * 60_000)
    const statusOf = async () => (await paymentOf(second, paymentId)).status
    await expect.poll(statusOf, { timeout: WORK_MS_MAX }).toBe('succeeded')
    expect(bank.debits).toHaveLength(1)

    const day = new Date(clock.nowMs() + 5.5 * HOUR_MS + 48 * HOUR_MS).toISOString().slice(0, 10)
    const notification = await second.call('POST', '/mandates/notify', {
      mandate_id: mandateId,
      amount: 499,
      execution_date: day,
      description: 'December',
      invoice_number: 'INV-9001',
    })
    const { mandate_notification_id: manualId } = notification.body.mandate_notification
    const manualNoticeStatus = async () =>
      (await second.call('GET', `/mandates/notifications/${manualId}`)).body.mandate_notification
        .notification_status
    await expect.poll(manualNoticeStatus, { timeout: WORK_MS_MAX }).toBe('succeeded')
    clock.advance(48 * HOUR_MS)
    const third = await api()
    const executeNow = async () =>
      third.call(
        'POST',
        '/mandates/execute',
        executionOf({ customerId, mandateId }, await newExecution(third, customerId), {
          mandate_notification_id: manualId,
        }),
      )
    const manual = await executeNow()
    expect([manual.status, manual.body.payment?.status]).toEqual([201, 'succeeded'])
    expect(bank.debits[1]).toEqual([manual.body.payment.payment_id, manualId])

    const cancellation = await third.call('POST', `/mandates/${mandateId}/cancel`)
    expect([cancellation.status, cancellation.body.mandate?.inactive_reason]).toEqual([
      200,
      'canceled',
    ])
    expect(acme.calls.filter((name) => name === 'cancelMandate')).toHaveLength(1)
    const refusal = await executeNow()
    expect([refusal.status, refusal.body.code]).toEqual([400, 'invalid_mandate'])
    await expect.poll(() => notices().length, { timeout: WORK_MS_MAX }).toBe(2)

    await server.close()
    const core = await openCore(settings)
    expect((await core.store.ledger.check()).discrepancies).toEqual([])
    await core.store.close()
  }, 150_000)
})
