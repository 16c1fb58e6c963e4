import { describe, expect, test } from 'vitest'
import { BOTH_ENGINES, OPEN_ENGINE } from '../../test/support/both-engines.ts'
import { createTestClock } from '../../test/support/memory-store.ts'
import { ACCOUNT, mandateOf, useStore } from '../../test/support/stored-rows.ts'
import { NOTICE_MS } from '../domain/mandate-terms.ts'
import { guardProcessor } from '../processors/guarded-processor.ts'
import type { ChargeOutcome, Processor } from '../processors/processor.ts'
import { createIds } from '../server/ids.ts'
import { createRandom } from '../server/random.ts'
import { chargeDebitNext } from './charge-waiting-debits.ts'
import { executeMandate } from './execute-mandate.ts'
import { moveMandateIn } from './move-mandate.ts'
import { sendNoticeNext } from './notify-of-debit.ts'
import { reconcileNext } from './reconcile-attempts.ts'
import type { Store } from './store.ts'

const LEASE_MS = 60_000
const HOUR_MS = 60 * 60_000
const APPROVED: ChargeOutcome = { kind: 'approved', processorReference: 'd1' }
const DECLINED: ChargeOutcome = { kind: 'declined', declineCode: 'card_declined' }

/** Makes a bank that debits each attempt once, and never one that it has declined. */
function openBank() {
  const outcomes = new Map<string, ChargeOutcome>()
  const calls: string[] = []
  const outcomeOf = (id: string, first: ChargeOutcome) => {
    const outcome = outcomes.get(id) ?? first
    outcomes.set(id, outcome)
    return outcome
  }
  const processor: Processor = {
    name: 'bank',
    charge: async ({ attemptId }) => {
      calls.push(attemptId)
      return outcomeOf(attemptId, APPROVED)
    },
    findCharge: async (id) => outcomeOf(id, DECLINED),
    refund: async () => ({ kind: 'unknown' }),
    mandates: {
      notify: async () => ({ kind: 'succeeded' }),
      findMandate: async () => ({ kind: 'active' }),
      cancelMandate: async () => ({ kind: 'revoked' }),
    },
  }
  return { calls, processor }
}

function serverWith(store: Store, clock: ReturnType<typeof createTestClock>, processor: Processor) {
  const random = createRandom()
  return {
    store,
    clock,
    random,
    ids: createIds(clock, random),
    mode: 'live' as const,
    processor,
    attemptLifeMs: 600_000,
    patienceMs: 60_000,
    onLost: () => {},
  }
}

/** Executes a mandate whose customer is notified, and waits: by default until the debit is due. */
async function waitForDebit(store: Store, waitMs = NOTICE_MS) {
  const clock = createTestClock()
  const { calls, processor } = openBank()
  const restart = () => serverWith(store, clock, guardProcessor(processor, { clock, report() {} }))
  const server = restart()
  const mandate = mandateOf()
  const id = server.ids.paymentSession(store.paymentSessions.creationBucket())
  const nowMs = clock.nowMs()
  await store.transaction((tx) => tx.mandates.insert(mandate))
  await store.paymentSessions.insert(
    {
      id,
      accountId: ACCOUNT,
      status: 'created',
      echoedJson: '{"description":"December"}',
      amount: { amountMinor: 49_900n, currency: 'INR' },
      createdAtMs: nowMs,
      expiresAtMs: nowMs + 900_000,
      attemptCount: 0,
      attemptCountMax: 1,
      currentAttemptId: undefined,
      customerId: mandate.customerId,
      typeFacts: { type: 'mandate_execution' },
    },
    undefined,
    nowMs,
  )
  const debitStart = await store.transaction(async (tx) => {
    const session = await tx.paymentSessions.lock(id)
    const lockedMandate = await tx.mandates.lock(mandate.id)
    if (session === undefined || lockedMandate === undefined) throw new Error('nothing is stored')
    const request = { session, mandate: lockedMandate, customer: {}, invoiceNumber: 'INV-9001' }
    return executeMandate(tx, server, request)
  })
  if ('refused' in debitStart) throw new Error(debitStart.refused)
  await sendNoticeNext(server)
  clock.advance(waitMs)
  return { ...debitStart, calls, clock, processor, restart }
}

/** Runs a restarted server's work until nothing is due, for an hour. */
async function runToTheEnd({ clock, restart }: Awaited<ReturnType<typeof waitForDebit>>) {
  const server = restart()
  for (let minute = 0; minute < 60; minute += 1) {
    while ((await chargeDebitNext(server)) !== undefined);
    while ((await reconcileNext(server)) !== undefined);
    clock.advance(60_000)
  }
}

describe.each(BOTH_ENGINES)('debits that wait for their notice, on %s', (name) => {
  const db = useStore(OPEN_ENGINE[name])

  /** Returns the statuses of the payment and of the debit, and the number of charges that the bank received. */
  async function resultOf({ attempt, calls, mandate }: Awaited<ReturnType<typeof waitForDebit>>) {
    const { store } = db
    const payment = await store.paymentAttempts.find(attempt.id)
    const debit = await store.transaction((tx) => tx.mandateDebits.find(mandate.id, attempt.id))
    const { discrepancies } = await store.ledger.check()
    expect(discrepancies).toEqual([])
    return [payment?.status, debit?.status, calls.length]
  }

  test('if a server ends after its claim, another one makes the one debit when the lease is over', async () => {
    const waiting = await waitForDebit(db.store)
    const { attempt, clock, restart } = waiting
    const claimedDebit = await db.store.mandateDebits.claim(clock.nowMs(), LEASE_MS)
    expect(claimedDebit?.attemptId).toBe(attempt.id)
    expect(await chargeDebitNext(restart())).toBeUndefined()
    expect(await resultOf(waiting)).toEqual(['initiated', 'waiting', 0])
    await runToTheEnd(waiting)
    expect(await resultOf(waiting)).toEqual(['succeeded', 'succeeded', 1])
  })

  test('a server that ends before it sends its charge makes no debit, and the cycle is free', async () => {
    const waiting = await waitForDebit(db.store)
    const { clock, processor } = waiting
    const ending = serverWith(db.store, clock, {
      ...processor,
      charge: () => Promise.reject(new Error('the server ended')),
    })
    await expect(chargeDebitNext(ending)).rejects.toThrow('the server ended')
    expect(await resultOf(waiting)).toEqual(['initiated', 'sent', 0])
    await runToTheEnd(waiting)
    expect(await resultOf(waiting)).toEqual(['failed', undefined, 0])
  })

  test('a server that ends before it records the outcome leaves exactly one debit', async () => {
    const waiting = await waitForDebit(db.store)
    const { clock, processor } = waiting
    const ending = serverWith(db.store, clock, {
      ...processor,
      charge: async (request) => {
        await processor.charge(request)
        throw new Error('the server ended')
      },
    })
    await expect(chargeDebitNext(ending)).rejects.toThrow('the server ended')
    expect(await resultOf(waiting)).toEqual(['initiated', 'sent', 1])
    await runToTheEnd(waiting)
    expect(await resultOf(waiting)).toEqual(['succeeded', 'succeeded', 1])
  })

  test('a clock that goes back before the time of the notice makes no debit before 24 hours have passed', async () => {
    const waiting = await waitForDebit(db.store, HOUR_MS)
    const { clock, restart } = waiting
    const work = async () => {
      while ((await chargeDebitNext(restart())) !== undefined);
    }
    clock.advance(-5 * HOUR_MS)
    await work()
    clock.advance(NOTICE_MS - 1)
    await work()
    expect(await resultOf(waiting)).toEqual(['initiated', 'waiting', 0])
    clock.advance(1)
    await work()
    expect(await resultOf(waiting)).toEqual(['succeeded', 'succeeded', 1])
  })

  test('a clock that goes back, and a server that ends after its claim, make no early debit', async () => {
    const waiting = await waitForDebit(db.store, HOUR_MS)
    const { attempt, clock, restart } = waiting
    clock.advance(-5 * HOUR_MS)
    const claimedDebit = await db.store.mandateDebits.claim(clock.nowMs(), LEASE_MS)
    expect(claimedDebit?.attemptId).toBe(attempt.id)
    await runToTheEnd(waiting)
    expect(await resultOf(waiting)).toEqual(['initiated', 'waiting', 0])
    clock.advance(NOTICE_MS)
    await chargeDebitNext(restart())
    expect(await resultOf(waiting)).toEqual(['succeeded', 'succeeded', 1])
  })

  test('a debit fails if no server made it within a week after its day', async () => {
    const waiting = await waitForDebit(db.store, NOTICE_MS + 8 * NOTICE_MS)
    await runToTheEnd(waiting)
    expect(await resultOf(waiting)).toEqual(['failed', undefined, 0])
    const payment = await db.store.paymentAttempts.find(waiting.attempt.id)
    expect(payment?.declineCode).toBe('notification_failed')
  })

  test.each([
    ['approved', APPROVED, ['succeeded', 'succeeded', 1]],
    ['declined', { kind: 'declined', declineCode: 'mandate_inactive' }, ['failed', undefined, 1]],
  ] as const)(
    'a mandate that is revoked during its debit stays ended, and the debit is %s as the bank decided',
    async (_, outcome, expected) => {
      const waiting = await waitForDebit(db.store)
      const { clock, mandate, processor } = waiting
      const server = serverWith(db.store, clock, {
        ...processor,
        charge: async (request) => {
          waiting.calls.push(request.attemptId)
          await db.store.transaction(async (tx) => {
            const lockedMandate = await tx.mandates.lock(mandate.id)
            if (lockedMandate === undefined) throw new Error('no mandate')
            return moveMandateIn(tx, server, lockedMandate, { type: 'revoke' })
          })
          return outcome
        },
      })
      await chargeDebitNext(server)
      expect(await resultOf(waiting)).toEqual(expected)
      expect(await db.store.mandates.find(mandate.id)).toMatchObject({
        status: 'inactive',
        inactiveReason: 'revoked',
      })
    },
  )

  test('three servers make one debit', async () => {
    const waiting = await waitForDebit(db.store)
    await Promise.all([1, 2, 3].map(() => chargeDebitNext(waiting.restart())))
    await runToTheEnd(waiting)
    expect(await resultOf(waiting)).toEqual(['succeeded', 'succeeded', 1])
  })
})
