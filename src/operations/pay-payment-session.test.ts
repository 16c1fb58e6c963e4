import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { BOTH_ENGINES, OPEN_ENGINE } from '../../test/support/both-engines.ts'
import { createTestClock, type TestClock } from '../../test/support/memory-store.ts'
import { ACCOUNT_KEYS } from '../../test/support/stored-rows.ts'
import { FEE_RATES_DEFAULT } from '../domain/fee.ts'
import type { AccountId } from '../domain/id.ts'
import { queryDelayMs } from '../domain/payment-attempt.ts'
import { guardProcessor } from '../processors/guarded-processor.ts'
import type { ChargeOutcome, Processor } from '../processors/processor.ts'
import { createIds } from '../server/ids.ts'
import { createRandom } from '../server/random.ts'
import { migrate } from '../store/engine/migrate.ts'
import { createStore } from '../store/store.ts'
import { type PayDeps, payPaymentSession } from './pay-payment-session.ts'
import { cancelAttempt } from './reconcile-attempts.ts'
import { recordOutcome } from './record-outcome.ts'
import type { Store } from './store.ts'

const ACCOUNT = '60000000001' as AccountId
const APPROVED: ChargeOutcome = { kind: 'approved', processorReference: 'p1' }
const REQUEST = {
  instrument: { type: 'netbanking', bankCode: 'b', bankName: 'Bank' },
  customer: {},
  description: 'Order 1',
  returnUrl: 'https://shop.example/back',
} as const

describe.each(BOTH_ENGINES)('paying a session, on %s', (engineName) => {
  const random = createRandom()
  const clock: TestClock = createTestClock()
  const ids = createIds(clock, random)
  let store: Store
  beforeAll(async () => {
    const engine = await OPEN_ENGINE[engineName]()
    await migrate(engine)
    store = createStore(engine, random)
    await store.transaction((tx) =>
      tx.accounts.insert(
        {
          id: ACCOUNT,
          name: 'Shop',
          edition: 'IN',
          paymentMethods: ['netbanking'],
          feeRates: FEE_RATES_DEFAULT,
          frameOrigins: [],
          keys: ACCOUNT_KEYS,
        },
        clock.nowMs(),
      ),
    )
  })
  afterAll(() => store.close())

  async function createSession() {
    const id = ids.paymentSession(store.paymentSessions.creationBucket())
    const nowMs = clock.nowMs()
    await store.paymentSessions.insert(
      {
        id,
        accountId: ACCOUNT,
        status: 'created',
        echoedJson: '{}',
        amount: { amountMinor: 10_050n, currency: 'INR' },
        createdAtMs: nowMs,
        expiresAtMs: nowMs + 900_000,
        attemptCount: 0,
        attemptCountMax: 5,
        currentAttemptId: undefined,
      },
      undefined,
      nowMs,
    )
    return id
  }

  const depsWith = (processor: Partial<Processor>, more: Partial<PayDeps> = {}) => ({
    store,
    clock,
    ids,
    attemptLifeMs: 600_000,
    patienceMs: 60_000,
    mode: 'sandbox' as const,
    onLost: () => {},
    processor: guardProcessor(
      {
        name: 'test',
        charge: async () => APPROVED,
        findCharge: async () => APPROVED,
        refund: async () => ({ kind: 'succeeded' as const }),
        ...processor,
      },
      { clock, report: () => {} },
    ),
    ...more,
  })
  const statusesOf = async (id: Awaited<ReturnType<typeof createSession>>) => [
    (await store.paymentSessions.find(id))?.status,
    ...(await store.paymentAttempts.listBySession(id)).map(({ status }) => status),
  ]

  const CUSTOMER = { email: 'asha@shop.example', language: 'ur' } as const
  const listMessages = async () =>
    (await store.messages.list(ACCOUNT, { page: 1, perPage: 100 })).items

  test('a success queues one receipt in the language of the page, even if it is reported twice', async () => {
    const id = await createSession()
    const deps = depsWith({}, { messageChannels: ['email'], mode: 'live' })
    await payPaymentSession(deps, id, { ...REQUEST, customer: CUSTOMER })
    const [attempt] = await store.paymentAttempts.listBySession(id)
    if (attempt === undefined) throw new Error('no attempt')
    await recordOutcome(deps, attempt, APPROVED)
    const receipts = (await listMessages()).filter(({ subjectId }) => subjectId === attempt.id)
    expect(receipts).toEqual([
      {
        id: expect.any(String),
        accountId: ACCOUNT,
        channel: 'email',
        subjectId: attempt.id,
        occasion: 0,
        recipient: 'asha@shop.example',
        language: 'ur',
        content: {
          kind: 'receipt',
          amount: '100.50',
          currency: 'INR',
          merchantName: 'Shop',
          edition: 'IN',
          paymentId: attempt.id,
          paidAtMs: clock.nowMs(),
          instrument: { type: 'netbanking', bankName: 'Bank' },
          statementDescriptor: 'Shop',
        },
        createdAtMs: clock.nowMs(),
        status: 'queued',
        attemptCount: 0,
        nextAttemptAtMs: clock.nowMs(),
      },
    ])
  })

  test('in a sandbox a receipt is kept, and waits for nothing', async () => {
    const id = await createSession()
    const deps = depsWith({}, { messageChannels: ['email'] })
    await payPaymentSession(deps, id, { ...REQUEST, customer: CUSTOMER })
    const [attempt] = await store.paymentAttempts.listBySession(id)
    const receipt = (await listMessages()).find(({ subjectId }) => subjectId === attempt?.id)
    expect(receipt).toMatchObject({ status: 'kept', endedAtMs: clock.nowMs() })
    expect(receipt).not.toHaveProperty('nextAttemptAtMs')
  })

  test.each<[reason: string, more: Partial<PayDeps>, request: object, outcome: ChargeOutcome]>([
    ['without an e-mail address', { messageChannels: ['email'] }, {}, APPROVED],
    ['if nothing sends e-mails', { messageChannels: ['sms'] }, { customer: CUSTOMER }, APPROVED],
    [
      'for a declined payment',
      { messageChannels: ['email'] },
      { customer: CUSTOMER },
      { kind: 'declined', declineCode: 'bank_declined' },
    ],
  ])('no receipt is stored %s', async (_reason, more, request, outcome) => {
    const before = (await listMessages()).length
    const deps = depsWith({ charge: async () => outcome }, more)
    await payPaymentSession(deps, await createSession(), { ...REQUEST, ...request })
    expect(await listMessages()).toHaveLength(before)
  })

  test('money that arrives too late gets no receipt, because it is refunded', async () => {
    const before = (await listMessages()).length
    const deps = depsWith(
      {
        charge: async () => {
          clock.advance(600_001)
          return APPROVED
        },
      },
      { messageChannels: ['email'] },
    )
    const id = await createSession()
    await payPaymentSession(deps, id, { ...REQUEST, customer: CUSTOMER })
    expect((await store.paymentAttempts.listBySession(id))[0]?.status).toBe('refunded')
    expect(await listMessages()).toHaveLength(before)
  })

  test('one of 20 concurrent payers is charged, and the others get a refusal with the reason', async () => {
    const id = await createSession()
    const charge = vi.fn(async () => APPROVED)
    const results = await Promise.all(
      Array.from({ length: 20 }, () => payPaymentSession(depsWith({ charge }), id, REQUEST)),
    )
    const refusals = results.flatMap((result) =>
      result !== undefined && 'refused' in result ? [result.refused] : [],
    )
    expect(charge).toHaveBeenCalledTimes(1)
    expect(refusals).toHaveLength(19)
    expect(['attempt_in_progress', 'session_succeeded']).toEqual(
      expect.arrayContaining([...new Set(refusals)]),
    )
    expect(await statusesOf(id)).toEqual(['succeeded', 'succeeded'])
  })

  test('the attempt is committed before the call to the processor', async () => {
    const id = await createSession()
    const statuses: unknown[] = []
    const charge = async () => {
      statuses.push(await statusesOf(id))
      // This would wait forever inside a transaction of the only writer.
      await store.transaction((tx) => tx.paymentSessions.lock(id))
      return APPROVED
    }
    await payPaymentSession(depsWith({ charge }), id, REQUEST)
    expect(statuses).toEqual([['in_progress', 'initiated']])
  })

  test('after an exception of the processor the attempt stays open, with a query soon', async () => {
    const id = await createSession()
    const charge = async () => {
      throw new Error('connection reset')
    }
    const result = await payPaymentSession(depsWith({ charge }), id, REQUEST)
    expect(result).toMatchObject({
      session: { status: 'in_progress' },
      attempt: {
        status: 'initiated',
        nextQueryAtMs: clock.nowMs() + queryDelayMs(0),
        queryCount: 1,
      },
    })
  })

  test('a customer does not wait for a slow processor, and its late answer is still recorded', async () => {
    const id = await createSession()
    const answer = Promise.withResolvers<ChargeOutcome>()
    const deps = depsWith({ charge: () => answer.promise }, { patienceMs: 0 })
    const result = await payPaymentSession(deps, id, REQUEST)
    expect(result).toMatchObject({ session: { status: 'in_progress' } })
    answer.resolve(APPROVED)
    await vi.waitFor(async () => expect(await statusesOf(id)).toEqual(['succeeded', 'succeeded']))
  })

  test('a late answer that cannot be recorded is reported with its attempt', async () => {
    const id = await createSession()
    const answer = Promise.withResolvers<ChargeOutcome>()
    const loss = Promise.withResolvers<unknown[]>()
    let isOut = false
    const sessionTransaction: Store['sessionTransaction'] = (...args) =>
      isOut ? Promise.reject(new Error('the database is out')) : store.sessionTransaction(...args)
    const deps = depsWith(
      { charge: () => answer.promise },
      {
        patienceMs: 0,
        store: { ...store, sessionTransaction },
        onLost: (...args) => loss.resolve(args),
      },
    )
    await payPaymentSession(deps, id, REQUEST)
    isOut = true
    answer.resolve(APPROVED)
    const [attempt] = await store.paymentAttempts.listBySession(id)
    expect(await loss.promise).toEqual([attempt?.id, new Error('the database is out')])
    expect(attempt).toMatchObject({ status: 'initiated', nextQueryAtMs: expect.any(Number) })
  })

  test('an attempt whose charge may still be on its way to the processor cannot be canceled', async () => {
    const id = await createSession()
    const cancelCharge = vi.fn(
      async (): Promise<ChargeOutcome> => ({
        kind: 'declined',
        declineCode: 'canceled_by_customer',
      }),
    )
    const arrival = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<ChargeOutcome>()
    const charge = () => {
      arrival.resolve()
      return answer.promise
    }
    const deps = depsWith({ charge, cancelCharge })
    const paying = payPaymentSession(deps, id, REQUEST)
    await arrival.promise
    const [attempt] = await store.paymentAttempts.listBySession(id)
    if (attempt === undefined) throw new Error('the attempt is not on record')
    expect(await cancelAttempt({ ...deps, store }, attempt.id)).toBeUndefined()
    expect(cancelCharge).not.toHaveBeenCalled()

    answer.resolve({ kind: 'pending', processorReference: 'p1' })
    await paying
    expect(await cancelAttempt({ ...deps, store }, attempt.id)).toMatchObject({
      session: { status: 'created' },
    })
    expect(await statusesOf(id)).toEqual(['created', 'failed'])
  })

  test('a missing session cannot be paid', async () => {
    const charge = vi.fn(async () => APPROVED)
    const unknownId = ids.paymentSession(1)
    expect(await payPaymentSession(depsWith({ charge }), unknownId, REQUEST)).toBeUndefined()
    expect(charge).not.toHaveBeenCalled()
  })
})
