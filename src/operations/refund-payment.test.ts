import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openMemoryStore } from '../../test/support/memory-store.ts'
import { account, endpointOf } from '../../test/support/stored-rows.ts'
import { answerOnce } from '../api/answer-once.ts'
import { ApiError } from '../api/errors.ts'
import { type IdempotentRequest, identifyRequest } from '../api/idempotency.ts'
import type { AccountId, PaymentAttemptId, PaymentSessionId } from '../domain/id.ts'
import { paymentStatusOf, queryDelayMs } from '../domain/payment-attempt.ts'
import type { Refund } from '../domain/refund.ts'
import { deriveKeys } from '../domain/secret.ts'
import { guardProcessor } from '../processors/guarded-processor.ts'
import type {
  ChargeOutcome,
  Processor,
  RefundOutcome,
  RefundRequest,
} from '../processors/processor.ts'
import { createRandom } from '../server/random.ts'
import { lockPayment } from './lock-payment.ts'
import { payPaymentSession } from './pay-payment-session.ts'
import { recordRefundOutcome, refundNext, refundPayment } from './refund-payment.ts'

const ACCOUNT = '60000000001' as AccountId
const OTHER_ACCOUNT = '60000000002' as AccountId
const APPROVED: ChargeOutcome = { kind: 'approved', processorReference: 'p1' }
const REQUEST = {
  instrument: { type: 'netbanking', bankCode: 'b', bankName: 'Bank' },
  customer: {},
  description: 'Order 1',
  returnUrl: 'https://shop.example/back',
} as const
const MERCHANTS = { type: 'initiated_by_merchant', reason: 'others' } as const
const random = createRandom()

let world: Awaited<ReturnType<typeof openMemoryStore>>
beforeEach(async () => {
  world = await openMemoryStore()
  await world.store.transaction(async (tx) => {
    const nowMs = world.clock.nowMs()
    const enabledEvents = ['refund.succeeded', 'refund.failed'] as const
    await tx.accounts.insert(account(ACCOUNT), nowMs)
    await tx.accounts.insert(account(OTHER_ACCOUNT), nowMs)
    await tx.webhookEndpoints.put(endpointOf(ACCOUNT, { enabledEvents }))
  })
})
afterEach(() => world.store.close())

function depsWith(processor: Partial<Processor> = {}) {
  const module: Processor = {
    name: 'test',
    charge: async () => APPROVED,
    findCharge: async () => APPROVED,
    refund: async () => ({ kind: 'succeeded', processorReference: 're_1' }),
    ...processor,
  }
  return {
    ...world,
    random,
    keys: deriveKeys(new Uint8Array(32).fill(1)),
    mode: 'sandbox' as const,
    attemptLifeMs: 600_000,
    patienceMs: 60_000,
    onLost: () => {},
    processor: guardProcessor(module, { clock: world.clock, report: () => {}, callMsMax: 1_000 }),
  }
}

/** Makes a processor that gives these answers in turn, and repeats the last one. */
function answering(...answers: readonly RefundOutcome[]) {
  const refundRequests: RefundRequest[] = []
  const refund = async (request: RefundRequest): Promise<RefundOutcome> => {
    refundRequests.push(request)
    return answers[Math.min(refundRequests.length, answers.length) - 1] ?? { kind: 'unknown' }
  }
  return { refundRequests, deps: depsWith({ refund }) }
}

/** Pays a session of ₹100.50. Returns its attempt's id. */
async function payNewSession(): Promise<PaymentAttemptId> {
  const { store, clock, ids } = world
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
  await payPaymentSession(depsWith(), id, REQUEST)
  const [attempt] = await store.paymentAttempts.listBySession(id)
  return attempt?.id as PaymentAttemptId
}

/** Requests a refund. Returns `201 {refund}`, or the reason for the refusal with the refundable amount. */
async function ask(
  id: PaymentAttemptId,
  amountMinor: bigint,
  more: { accountId?: AccountId; idempotent?: IdempotentRequest } = {},
): Promise<string | undefined> {
  const deps = depsWith()
  const payment = await deps.store.paymentAttempts.find(id)
  if (payment?.accountId !== (more.accountId ?? ACCOUNT)) return undefined
  const answer = await answerOnce(deps, more.idempotent, {
    bucket: deps.store.publicIds.bucketOf(id),
    lock: (tx) => lockPayment(tx, payment),
    change: (tx, lockedObject) =>
      refundPayment(tx, deps, lockedObject, {
        ...MERCHANTS,
        amount: { amountMinor, currency: 'INR' },
      }),
    render: (result) =>
      'refused' in result
        ? { status: 400, body: `${result.refused} ${result.remaining.amountMinor}`, resourceId: id }
        : { status: 201, body: result.id, resourceId: result.id },
  }).catch((error: unknown) => {
    if (error instanceof ApiError) return error
    throw error
  })
  if (answer instanceof ApiError) return answer.code
  return answer && ('answer' in answer ? answer.answer : answer.replay).body
}

async function stateOf(id: PaymentAttemptId) {
  const attempt = await world.store.paymentAttempts.find(id)
  if (attempt === undefined) throw new Error('there is no such attempt')
  const { refundedMinor, refundingMinor } = attempt.money
  return `${paymentStatusOf(attempt)} ${refundedMinor}+${refundingMinor}`
}

async function refundOf(id: PaymentAttemptId): Promise<Refund> {
  const [refund] = await world.store.refunds.listByPayment(id)
  if (refund === undefined) throw new Error('there is no refund')
  return refund
}

async function eventTypes(): Promise<readonly string[]> {
  const page = { page: 1, perPage: 200 }
  const types = ['refund.succeeded', 'refund.failed'] as const
  const { items: events } = await world.store.webhookEvents.list(ACCOUNT, { types }, page)
  return events.map(({ type }) => type)
}

async function expectBooksInOrder(): Promise<void> {
  expect((await world.store.ledger.check()).discrepancies).toEqual([])
}

describe('a refund request', () => {
  test('reserves the amount before the call to the processor', async () => {
    const id = await payNewSession()
    const refundId = await ask(id, 3_000n)
    expect(await refundOf(id)).toEqual({
      id: refundId,
      accountId: ACCOUNT,
      paymentAttemptId: id,
      ...MERCHANTS,
      amount: { amountMinor: 3_000n, currency: 'INR' },
      status: 'initiated',
      createdAtMs: world.clock.nowMs(),
      nextQueryAtMs: world.clock.nowMs(),
      queryCount: 0,
    })
    expect(await stateOf(id)).toBe('succeeded 0+3000')
    expect(await eventTypes()).toEqual([])
    await expectBooksInOrder()
  })

  test('above the refundable amount is refused with that amount, and changes nothing', async () => {
    const id = await payNewSession()
    await ask(id, 10_000n)
    expect(await ask(id, 51n)).toBe('exceeds_payment_amount 50')
    expect(await stateOf(id)).toBe('succeeded 0+10000')
    expect(await world.store.refunds.listByPayment(id)).toHaveLength(1)
  })

  test('for a payment of another account finds no payment', async () => {
    const id = await payNewSession()
    expect(await ask(id, 1n, { accountId: OTHER_ACCOUNT })).toBeUndefined()
    expect(await ask('1' as PaymentAttemptId, 1n)).toBeUndefined()
    expect(await stateOf(id)).toBe('succeeded 0+0')
  })

  test('reserves at most the captured amount, even with 20 concurrent requests', async () => {
    const id = await payNewSession()
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(id, 1_000n)))
    expect(answers.filter((answer) => answer?.startsWith('exceeds'))).toHaveLength(10)
    expect(await world.store.refunds.listByPayment(id)).toHaveLength(10)
    expect(await stateOf(id)).toBe('succeeded 0+10000')
  })

  test('creates one refund for 10 concurrent requests with one key, and all get its answer', async () => {
    const id = await payNewSession()
    const request = { callerId: ACCOUNT, path: `/${id}/refunds`, key: 'k', body: 'b' }
    const idempotent = identifyRequest(request)
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ask(id, 1_000n, { idempotent })),
    )
    expect(new Set(answers)).toEqual(new Set([(await refundOf(id)).id]))
    expect(await stateOf(id)).toBe('succeeded 0+1000')
    const other = identifyRequest({ ...request, body: 'another' })
    expect(await ask(id, 1_000n, { idempotent: other })).toBe('idempotency_key_reused')
  })
})

describe('a refund', () => {
  test('that succeeds is counted once, posted to the ledger and sent as an event', async () => {
    const id = await payNewSession()
    const { refundRequests, deps } = answering({ kind: 'succeeded', processorReference: 're_9' })
    const refundId = await ask(id, 10_050n)
    world.clock.advance(5)
    expect(await refundNext(deps)).toBe(refundId)
    expect(await refundNext(deps)).toBeUndefined()
    expect(refundRequests).toEqual([
      { refundId, attemptId: id, amount: { amountMinor: 10_050n, currency: 'INR' } },
    ])
    const refund = await refundOf(id)
    expect(refund).toMatchObject({ status: 'succeeded', processorReference: 're_9' })
    expect(refund.decidedAtMs).toBe(world.clock.nowMs())
    expect(refund).not.toHaveProperty('nextQueryAtMs')
    expect(await stateOf(id)).toBe('refunded 10050+0')
    expect(await eventTypes()).toEqual(['refund.succeeded'])
    await expectBooksInOrder()
  })

  test.each([
    ['insufficient_funds', 'insufficient_funds'],
    ['some words of the processor', 'unknown'],
  ])(
    'that fails with "%s" shows the reason %s, and its amount can be refunded again',
    async (reason, failureReason) => {
      const id = await payNewSession()
      await ask(id, 10_050n)
      await refundNext(answering({ kind: 'failed', reason }).deps)
      expect(await refundOf(id)).toMatchObject({ status: 'failed', failureReason })
      expect(await stateOf(id)).toBe('succeeded 0+0')
      expect(await eventTypes()).toEqual(['refund.failed'])
      await ask(id, 10_050n)
      await refundNext(depsWith())
      expect(await stateOf(id)).toBe('refunded 10050+0')
      await expectBooksInOrder()
    },
  )

  test('that is pending keeps its reference, gets another query, and sends no event', async () => {
    const id = await payNewSession()
    await ask(id, 50n)
    const pending = { kind: 'pending', processorReference: 're_2', askAfterMs: 7_000 } as const
    const { refundRequests, deps } = answering(pending, { kind: 'unknown' }, { kind: 'succeeded' })
    await refundNext(deps)
    const waiting = { status: 'pending', processorReference: 're_2', queryCount: 1 }
    const nowMs = world.clock.nowMs()
    expect(await refundOf(id)).toMatchObject({ ...waiting, nextQueryAtMs: nowMs + 7_000 })
    world.clock.advance(6_999)
    expect(await refundNext(deps)).toBeUndefined()
    world.clock.advance(1)
    await refundNext(deps)
    expect(await stateOf(id)).toBe('succeeded 0+50')
    expect(await eventTypes()).toEqual([])
    expect(await refundOf(id)).toMatchObject({ ...waiting, queryCount: 2 })
    world.clock.advance(queryDelayMs(1))
    await refundNext(deps)
    // Each call has the same id, so that the processor makes one refund.
    expect(new Set(refundRequests.map(({ refundId }) => refundId)).size).toBe(1)
    expect(await refundOf(id)).toMatchObject({ status: 'succeeded', processorReference: 're_2' })
    expect(await stateOf(id)).toBe('partially_refunded 50+0')
    await expectBooksInOrder()
  })

  test.each([
    [0, 1],
    [999, 1_000],
    [1_000, 1_000],
  ])(
    'with %i queries and no answer is due again, with the count %i',
    async (queryCount, expected) => {
      const id = await payNewSession()
      await ask(id, 50n)
      const refund = await refundOf(id)
      await world.store.transaction((tx) => tx.refunds.update({ ...refund, queryCount }))
      const never = () => new Promise<never>(() => {})
      const { processor, ...deps } = depsWith()
      const module = { name: 'test', charge: never, findCharge: never, refund: never }
      const silent = guardProcessor(module, { clock: deps.clock, report: () => {}, callMsMax: 1 })
      expect(await refundNext({ ...deps, processor: silent })).toBe(refund.id)
      expect(await refundOf(id)).toMatchObject({
        status: 'pending',
        queryCount: expected,
        nextQueryAtMs: world.clock.nowMs() + queryDelayMs(queryCount),
      })
    },
  )

  test('counts only the first final answer of the processor', async () => {
    const id = await payNewSession()
    await ask(id, 50n)
    const refund = await refundOf(id)
    const outcomes: RefundOutcome[] = [
      { kind: 'succeeded', processorReference: 're_1' },
      { kind: 'failed', reason: 'insufficient_funds' },
      ...new Array<RefundOutcome>(5).fill({ kind: 'succeeded', processorReference: 're_2' }),
      { kind: 'pending' } as const,
      { kind: 'unknown' } as const,
    ]
    const deps = depsWith()
    await Promise.all(outcomes.map((outcome) => recordRefundOutcome(deps, refund, outcome)))
    expect(await refundOf(id)).toMatchObject({ status: 'succeeded', processorReference: 're_1' })
    expect(await stateOf(id)).toBe('partially_refunded 50+0')
    expect(await eventTypes()).toEqual(['refund.succeeded'])
    await expectBooksInOrder()
  })

  test('of late money returns the whole amount, without a request from the merchant', async () => {
    const { store, clock, ids } = world
    const id = ids.paymentSession(store.paymentSessions.creationBucket()) as PaymentSessionId
    await store.paymentSessions.insert(
      {
        id,
        accountId: ACCOUNT,
        status: 'created',
        echoedJson: '{}',
        amount: { amountMinor: 10_050n, currency: 'INR' },
        createdAtMs: clock.nowMs(),
        expiresAtMs: clock.nowMs() + 900_000,
        attemptCount: 0,
        attemptCountMax: 5,
        currentAttemptId: undefined,
      },
      undefined,
      clock.nowMs(),
    )
    const charge = async () => {
      clock.advance(600_001)
      return APPROVED
    }
    await payPaymentSession(depsWith({ charge }), id, REQUEST)
    const [attempt] = await store.paymentAttempts.listBySession(id)
    const attemptId = attempt?.id as PaymentAttemptId
    expect(await stateOf(attemptId)).toBe('refunded 0+10050')
    await refundNext(answering({ kind: 'failed', reason: 'x' }).deps)
    expect(await stateOf(attemptId)).toBe('refunded 0+0')
    await expectBooksInOrder()
    await ask(attemptId, 10_050n)
    await refundNext(depsWith())
    expect(await stateOf(attemptId)).toBe('refunded 10050+0')
    expect((await eventTypes()).toSorted()).toEqual(['refund.failed', 'refund.succeeded'])
    await expectBooksInOrder()
  })
})
