import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BOTH_ENGINES, OPEN_ENGINE } from '../../test/support/both-engines.ts'
import { createTestClock, type TestClock } from '../../test/support/memory-store.ts'
import { ACCOUNT, account, linkOf, OTHER_ACCOUNT } from '../../test/support/stored-rows.ts'
import type { PaymentLinkId, PaymentSessionId } from '../domain/id.ts'
import { type PaymentLink, paymentLinkStatusAt } from '../domain/payment-link.ts'
import { PLAIN_IDS } from '../domain/public-id.ts'
import { deriveKeys } from '../domain/secret.ts'
import { guardProcessor } from '../processors/guarded-processor.ts'
import type { ChargeOutcome } from '../processors/processor.ts'
import { createIds } from '../server/ids.ts'
import { createRandom } from '../server/random.ts'
import { migrate } from '../store/engine/migrate.ts'
import { createStore } from '../store/store.ts'
import { applyMove } from './apply-move.ts'
import { cancelPaymentLink } from './cancel-payment-link.ts'
import { expirePaymentLinkNow, expirePaymentLinks } from './expire-payment-links.ts'
import { moveLink } from './move-payment-link.ts'
import { openPaymentLink } from './open-payment-link.ts'
import { payPaymentSession } from './pay-payment-session.ts'
import { reconcileAttempt } from './reconcile-attempts.ts'
import type { Store } from './store.ts'

const DAY_MS = 24 * 60 * 60_000
const APPROVED: ChargeOutcome = { kind: 'approved', processorReference: 'p1' }
const PENDING: ChargeOutcome = { kind: 'pending', processorReference: 'p1' }
const DECLINED: ChargeOutcome = { kind: 'declined', declineCode: 'bank_declined' }
const REQUEST = {
  instrument: { type: 'netbanking', bankCode: 'b', bankName: 'Bank' },
  customer: {},
  description: 'Order 1',
  returnUrl: 'https://shop.example/back',
} as const

describe.each(BOTH_ENGINES)('a payment link, on %s', (name) => {
  const random = createRandom()
  const clock: TestClock = createTestClock()
  const ids = createIds(clock, random)
  const keys = deriveKeys(new Uint8Array(32).fill(1))
  let store: Store
  beforeAll(async () => {
    const engine = await OPEN_ENGINE[name]()
    await migrate(engine)
    store = createStore(engine, random)
    await store.transaction(async (tx) => {
      await tx.accounts.insert(account(ACCOUNT), clock.nowMs())
      const closedAccount = account(OTHER_ACCOUNT, { closedAtMs: clock.nowMs() })
      await tx.accounts.insert(closedAccount, clock.nowMs())
      await tx.accounts.update(closedAccount)
    })
  })
  afterAll(() => store.close())

  const deps = (outcome: ChargeOutcome | Promise<ChargeOutcome> = APPROVED, later = outcome) => ({
    store,
    clock,
    ids,
    keys,
    random,
    attemptLifeMs: 600_000,
    patienceMs: 60_000,
    mode: 'sandbox' as const,
    onLost: () => {},
    processor: guardProcessor(
      {
        name: 'test',
        charge: async () => outcome,
        findCharge: async () => later,
        cancelCharge: async () => DECLINED,
        refund: async () => ({ kind: 'succeeded' as const }),
      },
      { clock, report: () => {} },
    ),
  })
  async function makeLink(more: Partial<PaymentLink> = {}): Promise<PaymentLink> {
    const nowMs = clock.nowMs()
    const link = linkOf(ACCOUNT, { createdAtMs: nowMs, expiresAtMs: nowMs + DAY_MS, ...more })
    await store.transaction((tx) => tx.paymentLinks.insert(link))
    return link
  }
  async function open(id: PaymentLinkId): Promise<PaymentSessionId> {
    const result = await openPaymentLink(deps(), id)
    if (result === undefined || 'refused' in result) throw new Error('the link does not open')
    return result.session.id
  }
  /** Opens two sessions of one link, with an update of the link between them. Both sessions can be paid. */
  async function openTwice(id: PaymentLinkId) {
    const first = await open(id)
    await change(id, (link, tx) => moveLink(tx, deps(), link, { type: 'update', change: {} }))
    return [first, await open(id)] as const
  }
  const change = (
    id: PaymentLinkId,
    work: (
      link: PaymentLink,
      tx: Parameters<Parameters<Store['transaction']>[0]>[0],
    ) => Promise<unknown>,
  ) =>
    store.transaction(async (tx) => {
      const link = await tx.paymentLinks.lock(id)
      return link && work(link, tx)
    })
  const cancel = (id: PaymentLinkId) =>
    change(id, (link, tx) => cancelPaymentLink(tx, deps(), link))
  const pay = (id: PaymentSessionId, outcome?: ChargeOutcome | Promise<ChargeOutcome>) =>
    payPaymentSession(deps(outcome), id, REQUEST)
  const statusOf = async (id: PaymentLinkId) => {
    const link = await store.paymentLinks.find(id)
    return link && paymentLinkStatusAt(link, clock.nowMs())
  }
  const eventsOf = async (id: PaymentLinkId) => {
    const filter = { subject: { kind: 'payment_link', id } } as const
    const { items } = await store.webhookEvents.list(ACCOUNT, filter, { page: 1, perPage: 9 })
    return items.map(({ bodyJson, type }) => {
      const object = JSON.parse(bodyJson).event_object.payment_links
      return [type, object.status, object.payments.map((one: { status: string }) => one.status)]
    })
  }

  test('a session of a link has the amount, texts, methods and customer of the link, and gets an access key', async () => {
    const link = await makeLink({
      referenceId: `INV-${'8'.repeat(96)}`,
      email: 'asha@shop.test',
      phone: '9000000001',
      phoneCountryCode: 'IN',
      configurationsJson: '{"allowed_payment_methods":["upi"]}',
    })
    const result = await openPaymentLink(deps(), link.id)
    const referenceNumber = `INV-${'8'.repeat(46)}`
    expect(result).toEqual({
      accessKey: expect.stringMatching(/^[\w-]{60}$/),
      session: {
        id: expect.any(String),
        accountId: ACCOUNT,
        amount: link.amount,
        status: 'created',
        createdAtMs: clock.nowMs(),
        expiresAtMs: Math.floor(clock.nowMs() / 1000) * 1000 + 900_000,
        attemptCount: 0,
        attemptCountMax: 5,
        currentAttemptId: undefined,
        paymentLinkId: link.id,
        referenceNumber,
        echoedJson: JSON.stringify({
          description: 'Order 8841',
          reference_number: referenceNumber,
        }),
        configurationsJson: JSON.stringify({
          allowed_payment_methods: ['upi'],
          hosted_page_parameters: {
            phone_country_code: 'IN',
            phone: '9000000001',
            email: 'asha@shop.test',
          },
        }),
      },
    })
    expect(PLAIN_IDS.bucketOf((await open(link.id)) as string)).toBe(PLAIN_IDS.bucketOf(link.id))
  })

  test('customers who click at the same time get the same session', async () => {
    const link = await makeLink()
    const openedIds = await Promise.all(Array.from({ length: 8 }, () => open(link.id)))
    expect(new Set(openedIds).size).toBe(1)
  })

  test('a session that has ended is replaced, and no session lives longer than its link', async () => {
    const link = await makeLink({ expiresAtMs: clock.nowMs() + 20 * 60_000 })
    const first = await open(link.id)
    clock.advance(15 * 60_000)
    const second = await open(link.id)
    expect(second).not.toBe(first)
    const { expiresAtMs } = (await store.paymentSessions.find(second)) ?? { expiresAtMs: 0 }
    expect(expiresAtMs).toBeLessThanOrEqual(link.expiresAtMs)
    expect(expiresAtMs).toBeGreaterThan(link.expiresAtMs - 1_000)
    await applyMove(deps(), second, { type: 'cancel' })
    expect(await open(link.id)).not.toBe(second)
  })

  test.each<[string, Partial<PaymentLink>, string]>([
    ['paid', { status: 'paid', paidAttemptId: '7' as never }, 'link_paid'],
    ['canceled', { status: 'canceled' }, 'link_canceled'],
    ['expired', { expiresAtMs: 0 }, 'link_expired'],
    ['of a closed account', { accountId: OTHER_ACCOUNT }, 'account_closed'],
  ])('a link that is %s opens no session', async (_, more, refusal) => {
    expect(await openPaymentLink(deps(), (await makeLink(more)).id)).toEqual({ refused: refusal })
  })

  test('one of two concurrent payments in two sessions of a link succeeds, and the other is refused', async () => {
    const link = await makeLink()
    const [first, second] = await openTwice(link.id)
    expect(first).not.toBe(second)
    const results = await Promise.all([pay(first), pay(second)])
    const refusals = results.flatMap((one) => (one && 'refused' in one ? [one.refused] : []))
    expect(refusals).toHaveLength(1)
    expect(['link_in_progress', 'link_paid']).toContain(refusals[0])
    expect(await statusOf(link.id)).toBe('paid')
    const payments = await store.paymentAttempts.listByLink(link.id)
    expect(payments.map(({ status }) => status)).toEqual(['succeeded'])
    expect(await eventsOf(link.id)).toEqual([['payment_link.paid', 'paid', ['succeeded']]])
    // No other session of the link can be paid.
    const sessions = await Promise.all([first, second].map(store.paymentSessions.find))
    expect(sessions.map((one) => one?.status).sort()).toEqual(['canceled', 'succeeded'])
  })

  test('a payment that fails frees the link for another session', async () => {
    const link = await makeLink()
    const [first, second] = await openTwice(link.id)
    await pay(first, DECLINED)
    expect(await pay(second)).toMatchObject({ session: { status: 'succeeded' } })
    expect(await eventsOf(link.id)).toEqual([
      ['payment_link.paid', 'paid', ['succeeded', 'failed']],
    ])
  })

  test('money of an abandoned payment that arrives after the success is refunded at once', async () => {
    const link = await makeLink()
    const [first, second] = await openTwice(link.id)
    await pay(first, PENDING)
    const [attempt] = await store.paymentAttempts.listBySession(first)
    if (attempt === undefined) throw new Error('no attempt')
    await applyMove(deps(), first, {
      type: 'record_decline',
      attemptId: attempt.id,
      declineCode: 'canceled_by_customer',
    })
    await pay(second)
    await applyMove(deps(), first, {
      type: 'record_approval',
      attemptId: attempt.id,
      processorReference: 'late',
    })
    const [refund] = await store.refunds.listByPayment(attempt.id)
    expect(refund).toMatchObject({ type: 'initiated_by_system', amount: link.amount })
    expect(await statusOf(link.id)).toBe('paid')
    expect(await store.ledger.check()).toMatchObject({ discrepancies: [] })
  })

  test('a link that is canceled and paid at the same time ends in one of the two statuses', async () => {
    for (let round = 0; round < 8; round += 1) {
      const link = await makeLink()
      const session = await open(link.id)
      const [cancellation, payment] = await Promise.all([cancel(link.id), pay(session)])
      const isCanceled = !('refused' in (cancellation as object))
      const isPaid = payment !== undefined && !('refused' in payment)
      expect(isCanceled).toBe(!isPaid)
      expect(await statusOf(link.id)).toBe(isPaid ? 'paid' : 'canceled')
      const status = (await store.paymentSessions.find(session))?.status
      expect(status).toBe(isPaid ? 'succeeded' : 'canceled')
      expect(await eventsOf(link.id)).toHaveLength(1)
    }
  })

  test('a link with a payment at the processor cannot be canceled', async () => {
    const link = await makeLink()
    await pay(await open(link.id), PENDING)
    expect(await cancel(link.id)).toEqual({ refused: 'link_in_progress' })
    expect(await openPaymentLink(deps(), link.id)).toEqual({ refused: 'link_in_progress' })
  })

  test('an open form of a link cannot be paid after the end of the link’s time', async () => {
    const link = await makeLink()
    const session = await open(link.id)
    // The merchant has moved the end of the link to this moment.
    await change(link.id, (one, tx) =>
      moveLink(tx, deps(), one, { type: 'update', change: { expiresAtMs: clock.nowMs() } }),
    )
    expect((await store.paymentSessions.find(session))?.status).toBe('created')
    expect(await pay(session)).toEqual({ refused: 'link_expired' })
    await expirePaymentLinks(deps())
    expect(await eventsOf(link.id)).toEqual([['payment_link.expired', 'expired', []]])
  })

  test('a link waits for a payment that began in time, and then is paid or expires', async () => {
    const links = [await makeLink(), await makeLink()]
    const sessions = [await open(links[0]?.id as never), await open(links[1]?.id as never)]
    for (const id of sessions) await pay(id, PENDING)
    for (const link of links) await expirePaymentLinkNow(deps(), link.id)
    clock.advance(1_000)
    await expirePaymentLinks(deps())
    const statuses = () => Promise.all(links.map(({ id }) => statusOf(id)))
    expect(await statuses()).toEqual(['active', 'active'])
    const outcomes = [APPROVED, DECLINED]
    for (const [index, id] of sessions.entries()) {
      const [attempt] = await store.paymentAttempts.listBySession(id)
      await reconcileAttempt(deps(PENDING, outcomes[index]), attempt?.id as never)
    }
    expect(await statuses()).toEqual(['paid', 'expired'])
    while ((await expirePaymentLinks(deps())) !== undefined);
    expect(await Promise.all(links.map(({ id }) => eventsOf(id)))).toEqual([
      [['payment_link.paid', 'paid', ['succeeded']]],
      [['payment_link.expired', 'expired', ['failed']]],
    ])
  })

  test('the expiry of each link is reported once, by one of several servers', async () => {
    const links = await Promise.all(Array.from({ length: 40 }, () => makeLink()))
    clock.advance(DAY_MS - 1)
    while ((await expirePaymentLinks(deps())) !== undefined);
    expect(await statusOf(links[0]?.id as never)).toBe('active')
    clock.advance(1)
    // Expired before any server has written it.
    expect(await statusOf(links[0]?.id as never)).toBe('expired')
    const work = async () => {
      while ((await expirePaymentLinks(deps())) !== undefined);
    }
    await Promise.all([work(), work(), work()])
    await work()
    for (const { id } of links) {
      expect(await eventsOf(id)).toEqual([['payment_link.expired', 'expired', []]])
    }
  })
})
