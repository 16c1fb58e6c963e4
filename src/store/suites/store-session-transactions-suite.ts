import { describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  attemptOf,
  endpointOf,
  eventOf,
  NOW_MS,
  type OpenEngine,
  session,
  transferOf,
  useStore,
  withOutcome,
} from '../../../test/support/stored-rows.ts'
import { chargeOf, transferTransactionsOf } from '../../domain/balance-transaction.ts'
import type { PaymentSessionId } from '../../domain/id.ts'
import { postingsFor } from '../../domain/ledger.ts'
import { NO_MONEY } from '../../domain/payment-attempt.ts'
import type { PaymentSessionRecord, SessionTransaction, Store } from '../../operations/store.ts'

const COUNT = 20

/** Transactions of sessions, as tests that every engine passes. */
export function sessionTransactionTests(open: OpenEngine): void {
  describe('transactions of sessions', () => {
    const db = useStore(open)

    const newSessions = (count: number) =>
      Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const one = session({ expiresAtMs: NOW_MS + index }, index % 3)
          await db.store.paymentSessions.insert(one, undefined, NOW_MS)
          return one
        }),
      )

    test('of many concurrent sessions write all of their rows', async () => {
      const active = endpointOf(ACCOUNT)
      const disabledEndpoint = endpointOf(ACCOUNT, { status: 'disabled' })
      const other = endpointOf(ACCOUNT, { enabledEvents: ['payment.failed'] })
      await db.store.transaction(async (tx) => {
        for (const one of [active, disabledEndpoint, other]) await tx.webhookEndpoints.put(one)
      })
      const payments = (await newSessions(COUNT)).map((one, index) => paymentOf(one, index))
      const starts = await Promise.all(payments.map((one) => start(db.store, one)))
      expect(starts).toEqual(payments.map(() => true))
      const results = await Promise.all(payments.map((one) => succeed(db.store, one)))
      // The second insert of each event finds its id taken.
      expect(results).toEqual(
        payments.map(({ first }) => ({ found: first, stored: [true, false] })),
      )

      for (const { event, last, paidSession, transfers } of payments) {
        expect(await db.store.paymentSessions.find(paidSession.id)).toEqual(paidSession)
        expect(await db.store.paymentAttempts.find(last.id)).toEqual(last)
        expect(await db.store.transfers.listByPayment(last.id)).toEqual(transfers)
        expect(await db.store.webhookEvents.find(event.id)).toEqual(event)
        const deliveries = await db.store.webhookDeliveries.listByEvent(event.id)
        expect(
          deliveries.map(({ endpointId, nextAttemptAtMs, status }) => [
            endpointId,
            status,
            nextAttemptAtMs,
          ]),
        ).toEqual([
          [active.id, 'pending', event.createdAtMs],
          [disabledEndpoint.id, 'held', undefined],
        ])
      }
      const report = await db.store.ledger.check()
      expect(report.discrepancies).toEqual([])
      expect(report.postingCount).toBe(5 * COUNT)
    })

    test('are rolled back alone when their work fails', async () => {
      const sessions = await newSessions(6)
      const outcomes = await Promise.allSettled(
        sessions.map((one, index) =>
          db.store.sessionTransaction(one.id, async (tx) => {
            await tx.paymentSessions.update({ ...one, attemptCount: 1 })
            if (index === 2) throw new Error('this one fails')
            return index
          }),
        ),
      )
      expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason))).toEqual([
        0,
        1,
        new Error('this one fails'),
        3,
        4,
        5,
      ])
      expect(await attemptCounts(sessions)).toEqual([1, 1, 0, 1, 1, 1])
    })

    test('are rolled back alone when the database refuses one of their rows', async () => {
      const sessions = await newSessions(3)
      const outcomes = await Promise.allSettled(
        sessions.map((one, index) =>
          db.store.sessionTransaction(one.id, (tx) =>
            // The count has a constraint.
            tx.paymentSessions.update({ ...one, attemptCount: index === 1 ? -1 : 1 }),
          ),
        ),
      )
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await attemptCounts(sessions)).toEqual([1, 0, 1])
    })

    test('of one session run one after the other', async () => {
      const [one] = await newSessions(1)
      if (one === undefined) throw new Error('no session')
      const count = async (tx: SessionTransaction) => {
        const before = await tx.paymentSessions.lock(one.id)
        if (before === undefined) throw new Error('no session')
        await tx.paymentSessions.update({ ...before, attemptCount: before.attemptCount + 1 })
      }
      await Promise.all(Array.from({ length: 3 }, () => db.store.sessionTransaction(one.id, count)))
      expect(await attemptCounts([one])).toEqual([3])
    })

    test('return undefined for a missing session', async () => {
      const [one] = await newSessions(1)
      const ids = [one?.id, session().id] as PaymentSessionId[]
      const results = await Promise.all(
        ids.map((id) => db.store.sessionTransaction(id, (tx) => tx.paymentSessions.lock(id))),
      )
      expect(results).toEqual([one, undefined])
    })

    const attemptCounts = (sessions: readonly PaymentSessionRecord[]) =>
      Promise.all(
        sessions.map(async ({ id }) => (await db.store.paymentSessions.find(id))?.attemptCount),
      )
  })
}

/** The rows of a payment with two transfers, before and after its success. */
function paymentOf(one: PaymentSessionRecord, index: number) {
  const first = attemptOf(one, 1, { customer: { email: `${index}@example.in` } })
  const { amountMinor: capturedMinor } = one.amount
  const money = {
    ...NO_MONEY,
    capturedMinor,
    feeMinor: 201n,
    taxMinor: 36n,
    transferredMinor: 2_000n,
  }
  const last = withOutcome(
    { ...first, processorReference: `p${index}` },
    { status: 'succeeded', money },
  )
  return {
    first,
    last,
    startedSession: { ...one, status: 'in_progress', attemptCount: 1, currentAttemptId: first.id },
    paidSession: { ...one, status: 'succeeded', attemptCount: 1 },
    transfers: [transferOf(last, 1), transferOf(last, 2)],
    event: eventOf(ACCOUNT, {
      subject: { kind: 'payment_session', id: one.id },
      createdAtMs: NOW_MS + index,
    }),
  } as const
}
type Payment = ReturnType<typeof paymentOf>

const start = (store: Store, { first, startedSession }: Payment) =>
  store.sessionTransaction(startedSession.id, async (tx) => {
    await tx.paymentSessions.lock(startedSession.id)
    await tx.paymentSessions.update(startedSession)
    return tx.paymentAttempts.insert(first)
  })

const succeed = (store: Store, { event, first, last, paidSession, transfers }: Payment) =>
  store.sessionTransaction(paidSession.id, async (tx) => {
    await tx.paymentSessions.lock(paidSession.id)
    const result = await tx.paymentAttempts.find(first.id)
    await tx.paymentSessions.update(paidSession)
    await tx.paymentAttempts.update(last)
    for (const one of transfers) await tx.transfers.insert(one)
    await tx.ledger.insert([
      ...postingsFor({ type: 'attempt', attempt: last, currency: 'INR' }, NOW_MS),
      ...transfers.flatMap((transfer) => postingsFor({ type: 'transfer', transfer }, NOW_MS)),
    ])
    await tx.balanceTransactions.insert([
      ...[chargeOf(last, 'INR', 'IN')].filter((charge) => charge !== undefined),
      ...transfers.flatMap((transfer) => transferTransactionsOf(transfer, last, 'IN')),
    ])
    const inserts = [await tx.webhookEvents.insert(event), await tx.webhookEvents.insert(event)]
    return { found: result, stored: inserts }
  })
