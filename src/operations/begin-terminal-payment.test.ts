import { expect, test } from 'vitest'
import { openMemoryStore } from '../../test/support/memory-store.ts'
import { ACCOUNT, account } from '../../test/support/stored-rows.ts'
import { terminalStatusAt } from '../domain/terminal-status.ts'
import { guardProcessor } from '../processors/guarded-processor.ts'
import type { ChargeOutcome, ChargeRequest } from '../processors/processor.ts'
import { createRandom } from '../server/random.ts'
import { beginTerminalPayment } from './begin-terminal-payment.ts'
import { reconcileNext } from './reconcile-attempts.ts'
import type { PaymentSessionRecord } from './store.ts'

const CARD = {
  type: 'card',
  brand: 'visa',
  lastFourDigits: '1111',
  expiryMonth: 9,
  expiryYear: 2028,
  holderName: 'Asha Rao',
} as const

/** Shows a session on a terminal whose customer leads to an outcome. Returns the session and its attempt afterwards. */
async function showAndPay(outcome: ChargeOutcome) {
  const world = await openMemoryStore()
  const { clock, ids, store } = world
  await store.transaction((tx) => tx.accounts.insert(account(ACCOUNT), clock.nowMs()))
  const id = ids.paymentSession(store.paymentSessions.creationBucket())
  const nowMs = clock.nowMs()
  const session: PaymentSessionRecord = {
    id,
    accountId: ACCOUNT,
    status: 'created',
    echoedJson: JSON.stringify({ description: 'Till 2' }),
    amount: { amountMinor: 25_000n, currency: 'INR' },
    createdAtMs: nowMs,
    expiresAtMs: nowMs + 180_000,
    attemptCount: 0,
    attemptCountMax: 1,
    currentAttemptId: undefined,
    typeFacts: { type: 'pos_payment', terminalId: 'T1', tryCountMax: 3 },
  }
  await store.paymentSessions.insert(session, undefined, nowMs)
  const requests: ChargeRequest[] = []
  const processor = guardProcessor(
    {
      name: 'terminals',
      charge: async (request) => {
        requests.push(request)
        return { kind: 'pending', processorReference: 'p1', askAfterMs: 1_000 }
      },
      findCharge: async () => outcome,
      refund: async () => ({ kind: 'succeeded' }),
    },
    { clock, report: () => {} },
  )
  const deps = {
    ...world,
    random: createRandom(),
    mode: 'live' as const,
    processor,
    attemptLifeMs: 600_000,
    patienceMs: 60_000,
    onLost: () => {},
  }
  await beginTerminalPayment(deps, session)
  const [waiting] = await store.paymentAttempts.listBySession(id)
  clock.advance(2_000)
  await reconcileNext(deps)
  const ended = await store.paymentSessions.find(id)
  const [attempt] = await store.paymentAttempts.listBySession(id)
  const byMethod = async (method: 'card' | 'upi') =>
    (await store.paymentAttempts.list(ACCOUNT, { method }, { page: 1, perPage: 5 })).total
  const result = {
    requests,
    waiting,
    attempt,
    status: ended && terminalStatusAt(ended, clock.nowMs()),
    cardCount: await byMethod('card'),
    discrepancies: (await store.ledger.check()).discrepancies,
  }
  await store.close()
  return result
}

test('a terminal gets the amount once, and the facts of the presented card are stored with the approval', async () => {
  const result = await showAndPay({
    kind: 'approved',
    processorReference: 'p1',
    instrument: CARD,
  })
  expect(result.requests).toMatchObject([
    {
      amount: { amountMinor: 25_000n, currency: 'INR' },
      instrument: { type: 'terminal', terminalId: 'T1', tryCountMax: 3 },
      description: 'Till 2',
    },
  ])
  expect(result.waiting).toMatchObject({ status: 'pending', instrument: { type: 'terminal' } })
  expect(result.attempt).toMatchObject({ status: 'succeeded', instrument: CARD })
  expect([result.status, result.cardCount]).toEqual(['succeeded', 1])
  expect(result.discrepancies).toEqual([])
})

test('a customer who presents nothing ends the session', async () => {
  const result = await showAndPay({ kind: 'declined', declineCode: 'canceled_by_customer' })
  expect([result.status, result.attempt?.status]).toEqual(['failed', 'failed'])
  expect(result.cardCount).toBe(0)
})
