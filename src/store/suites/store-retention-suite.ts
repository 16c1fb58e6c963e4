import { describe, expect, test } from 'vitest'
import { inr, withBooks, writeCapturedAttempt } from '../../../test/support/stored-books.ts'
import {
  ACCOUNT,
  attemptOf,
  endpointOf,
  eventOf,
  linkOf,
  NOW_MS,
  type OpenEngine,
  planDeliveries,
  recordOf,
  session,
  useStore,
  withOutcome,
} from '../../../test/support/stored-rows.ts'
import { NO_MONEY } from '../../domain/payment-attempt.ts'
import type { PrunedKind } from '../../domain/retention.ts'
import type { PaymentSessionRecord, Store } from '../../operations/store.ts'

const DAY_MS = 24 * 60 * 60_000
const BUCKET = 7
/** A day after the creation of the sessions of these tests, and so after their expiry. */
const BEFORE_MS = NOW_MS + DAY_MS

/** Deletes all old rows of the tests' bucket. Returns the number of deleted rows of each step. */
async function prune(
  { oldRows }: Pick<Store, 'oldRows'>,
  kind: PrunedKind,
  beforeMs = BEFORE_MS,
): Promise<readonly number[]> {
  const rows = { kind, bucket: BUCKET, beforeMs }
  const expected = await oldRows.count(rows)
  const counts: number[] = []
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { deletedCount, nextAfter }: { deletedCount: number; nextAfter: number | undefined } =
      await oldRows.delete({ ...rows, after })
    counts.push(deletedCount)
    after = nextAfter
  }
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(expected)
  expect(await oldRows.count(rows)).toBe(0)
  return counts
}

/** Retention, as tests that every engine passes. */
export function retentionTests(open: OpenEngine): void {
  describe('old rows', () => {
    const db = useStore(open)
    const endpoint = endpointOf(ACCOUNT)
    const insert = async (more: Partial<PaymentSessionRecord>): Promise<PaymentSessionRecord> => {
      const one = session(more)
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      return one
    }
    const withAttempt = async (
      one: PaymentSessionRecord,
      outcome: Parameters<typeof withOutcome>[1] | undefined,
    ) => {
      const attempt = attemptOf(one, 1)
      const endedAttempt = outcome === undefined ? attempt : withOutcome(attempt, outcome)
      await db.store.transaction((tx) => tx.paymentAttempts.insert(endedAttempt))
      return one
    }
    const remaining = async () =>
      new Set(
        (await db.engine.read.all('select id from payment_sessions', [])).map(({ id }) =>
          String(id),
        ),
      )

    test('an unpaid session is deleted with its failed payments after its time, and every other session stays', async () => {
      const decline = { status: 'failed', declineCode: 'card_declined' } as const
      const deletedSessions = [
        await insert({}),
        await insert({ status: 'canceled' }),
        await withAttempt(await insert({ status: 'failed' }), decline),
        await withAttempt(await insert({}), decline),
      ]
      const link = linkOf(ACCOUNT)
      await db.store.transaction((tx) => tx.paymentLinks.insert(link))
      const late = { ...NO_MONEY, capturedMinor: 10_050n, refundedMinor: 10_050n }
      const stays = [
        await insert({ expiresAtMs: BEFORE_MS + 1 }),
        await insert({ paymentLinkId: link.id }),
        await withAttempt(await insert({}), undefined),
        await withAttempt(await insert({}), { status: 'refunded', money: late }),
        await writeCapturedAttempt(db.store, inr(500n)).then(({ paymentSessionId }) => ({
          id: paymentSessionId,
        })),
      ]
      expect(await prune(db.store, 'unpaid_sessions')).toEqual([deletedSessions.length])
      const ids = await remaining()
      expect(deletedSessions.filter(({ id }) => ids.has(id))).toEqual([])
      expect(stays.filter(({ id }) => !ids.has(id))).toEqual([])
      const attempts = await db.engine.read.all('select status from payment_attempts', [])
      expect(attempts.map(({ status }) => status).sort()).toEqual([
        'initiated',
        'refunded',
        'succeeded',
      ])
      expect(await prune(db.store, 'unpaid_sessions')).toEqual([0])
    })

    test('a step deletes at most a hundred rows, and the next one continues after them', async () => {
      await Promise.all(Array.from({ length: 230 }, () => insert({})))
      expect(await prune(db.store, 'unpaid_sessions')).toEqual([100, 100, 30])
    })

    test('an event is deleted with its deliveries and their attempts, unless a delivery is still open', async () => {
      const events = Array.from({ length: 2 }, () => eventOf(ACCOUNT))
      const [finalDelivery, open] = await planDeliveries(db.store, [endpoint], events)
      if (finalDelivery === undefined || open === undefined) throw new Error('both are planned')
      await db.store.webhookDeliveries.recordAttempt(recordOf(finalDelivery, 200))
      // No endpoint has subscribed to it.
      const silent = eventOf(ACCOUNT, { type: 'payment.failed' })
      await db.store.transaction((tx) => tx.webhookEvents.insert(silent))
      expect(await prune(db.store, 'events')).toEqual([2])
      const remainingRows = await db.engine.read.all('select id from webhook_events', [])
      expect(remainingRows.map(({ id }) => String(id))).toEqual([open.eventId])
      const deliveries = await db.engine.read.all('select event_id from webhook_deliveries', [])
      expect(deliveries.map(({ event_id }) => String(event_id))).toEqual([open.eventId])
    })

    test('no prune deletes money: the ledger agrees afterwards, and has the same postings and balances', async () => {
      await withBooks(open, async ({ books, engine, store }) => {
        const before = await store.ledger.check()
        const counts = () =>
          Promise.all(
            ['refunds', 'transfers', 'transfer_reversals', 'balance_transactions'].map(
              async (table) => (await engine.read.all(`select 1 as one from ${table}`, [])).length,
            ),
          )
        const rows = await counts()
        for (const kind of ['unpaid_sessions', 'events', 'delivery_attempts'] as const) {
          await prune(store, kind, NOW_MS + 10_000 * DAY_MS)
        }
        expect(before.discrepancies).toEqual([])
        expect(await store.ledger.check()).toEqual(before)
        expect(await counts()).toEqual(rows)
        expect(await store.paymentAttempts.find(books.paid.id)).toBeDefined()
        expect(await store.paymentAttempts.find(books.declined.id)).toBeUndefined()
      })
    })
  })
}
