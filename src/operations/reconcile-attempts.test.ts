import { afterAll, beforeAll, expect, test } from 'vitest'
import { openMemoryStore } from '../../test/support/memory-store.ts'
import { ACCOUNT_KEYS } from '../../test/support/stored-rows.ts'
import { FEE_RATES_DEFAULT } from '../domain/fee.ts'
import type { AccountId } from '../domain/id.ts'
import { queryDelayMs } from '../domain/payment-attempt.ts'
import { guardProcessor } from '../processors/guarded-processor.ts'
import type { ChargeOutcome, Processor } from '../processors/processor.ts'
import { payPaymentSession } from './pay-payment-session.ts'
import { reconcileNext } from './reconcile-attempts.ts'

const ACCOUNT = '60000000001' as AccountId
const PENDING: ChargeOutcome = { kind: 'pending', processorReference: 'p1' }
const REQUEST = {
  instrument: { type: 'netbanking', bankCode: 'b', bankName: 'Bank' },
  customer: {},
  description: 'Order 1',
  returnUrl: 'https://shop.example/back',
} as const
const never = () => new Promise<never>(() => {})

let world: Awaited<ReturnType<typeof openMemoryStore>>
beforeAll(async () => {
  world = await openMemoryStore()
  await world.store.transaction((tx) =>
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
      world.clock.nowMs(),
    ),
  )
})
afterAll(() => world.store.close())

function depsWith(processor: Partial<Processor>) {
  const module = {
    name: 'test',
    charge: async () => PENDING,
    findCharge: never,
    refund: never,
    ...processor,
  }
  const guard = { clock: world.clock, report: () => {}, callMsMax: 1 }
  return {
    ...world,
    mode: 'sandbox' as const,
    attemptLifeMs: 600_000,
    patienceMs: 60_000,
    onLost: () => {},
    processor: guardProcessor(module, guard),
  }
}

async function payNewSession() {
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
  await payPaymentSession(depsWith({}), id, REQUEST)
  return id
}

test('a query without an answer delays no other attempt, and is repeated', async () => {
  const [stuckSession, other] = [await payNewSession(), await payNewSession()]
  const [stuckAttempt] = await world.store.paymentAttempts.listBySession(stuckSession)
  const deps = depsWith({
    findCharge: (id) =>
      id === stuckAttempt?.id
        ? never()
        : Promise.resolve({ kind: 'approved', processorReference: 'p1' }),
  })
  world.clock.advance(queryDelayMs(0))
  while ((await reconcileNext(deps)) !== undefined);
  expect(await world.store.paymentSessions.find(other)).toMatchObject({ status: 'succeeded' })
  expect(await world.store.paymentAttempts.listBySession(stuckSession)).toMatchObject([
    { status: 'pending', queryCount: 2, nextQueryAtMs: world.clock.nowMs() + queryDelayMs(1) },
  ])
})
