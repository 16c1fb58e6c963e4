import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  account,
  attemptOf,
  CLOCK_JUMPS,
  NOW_MS,
  type OpenEngine,
  random,
  refundOf,
  session,
  withOutcome,
} from '../../../test/support/stored-rows.ts'
import type { PaymentAttemptId } from '../../domain/id.ts'
import { QUERY_WAIT_MS_MAX } from '../../domain/payment-attempt.ts'
import type { Refund } from '../../domain/refund.ts'
import type { Store } from '../../operations/store.ts'
import type { Engine } from '../engine/engine.ts'
import { migrate } from '../engine/migrate.ts'
import { createStore } from '../store.ts'

/** Claims of attempts and refunds, as tests that every engine passes. */
export function claimTests(open: OpenEngine): void {
  describe('claims', () => {
    test('in each interval only one of two Paydesk servers on a distributed database gets the turn to search for a kind of work', async () => {
      const engine = await open()
      await migrate(engine)
      const [first, second] = [createStore(engine, random), createStore(engine, random)]
      const kind = 'send refunds'
      const { isDistributed } = engine
      const turns = await Promise.all(
        [first, second, first, second].map((store) => store.openWork.takeTurn(kind, 3_600_000)),
      )
      expect(turns.filter(Boolean)).toHaveLength(isDistributed ? 1 : 4)
      expect(await first.openWork.takeTurn('query attempts', 3_600_000)).toBe(true)
      expect(await second.openWork.takeTurn(kind, 0)).toBe(true)
      expect(await first.openWork.takeTurn(kind, 3_600_000)).toBe(!isDistributed)
      // A clock that was ahead has written a time of the future.
      await engine.read.run('update search_turns set taken_at_ms = taken_at_ms + 86400000', [])
      expect(await first.openWork.takeTurn(kind, 3_600_000)).toBe(true)
      await first.close()
    })

    describe.each(['attempt', 'refund'] as const)('the claim of a due %s', (kind) => {
      const LEASE_MS = 60_000
      // Empty, so that only the rows of each test are due.
      let claimingEngine: Engine
      let claiming: Store
      beforeEach(async () => {
        claimingEngine = await open()
        await migrate(claimingEngine)
        claiming = createStore(claimingEngine, random)
        await claiming.transaction((tx) => tx.accounts.insert(account(ACCOUNT), NOW_MS))
      })
      afterEach(() => claiming.close())

      const claim = (nowMs: number) =>
        kind === 'attempt'
          ? claiming.paymentAttempts.claim(nowMs, LEASE_MS)
          : claiming.refunds.claim(nowMs, LEASE_MS)

      /** Makes a row that is due at a time, or has ended. Returns its id. */
      async function make(nextQueryAtMs: number | undefined, bucket = 7): Promise<string> {
        const one = session({}, bucket)
        await claiming.paymentSessions.insert(one, undefined, NOW_MS)
        const open = attemptOf(one, 1)
        const endedAttempt = withOutcome(open, { status: 'refunded' })
        const { nextQueryAtMs: _, ...refund } = refundOf(open)
        const isEnded = nextQueryAtMs === undefined
        await claiming.transaction(async (tx) => {
          const isOpen = kind === 'attempt' && !isEnded
          await tx.paymentAttempts.insert(isOpen ? { ...open, nextQueryAtMs } : endedAttempt)
          if (kind === 'attempt') return
          await tx.refunds.insert(
            isEnded ? { ...refund, status: 'succeeded' } : { ...refund, nextQueryAtMs },
          )
        })
        return kind === 'attempt' ? open.id : refund.id
      }

      /** Claims until none is due, as one lane of a worker does. */
      async function drain(nowMs: number): Promise<string[]> {
        const ids: string[] = []
        for (;;) {
          const claimedRow = await claim(nowMs)
          if (claimedRow === undefined) return ids
          ids.push(claimedRow.id)
        }
      }

      test('returns only due rows, in each bucket the longest overdue row first', async () => {
        const [later, sooner] = [await make(NOW_MS), await make(NOW_MS - 1)]
        await make(NOW_MS + 1)
        await make(undefined)
        expect(await drain(NOW_MS)).toEqual([sooner, later])
      })

      test('returns the complete row, and stores the end of the lease as its next query time', async () => {
        const id = await make(NOW_MS)
        const claimedRow = await claim(NOW_MS)
        const storedRow =
          kind === 'attempt'
            ? await claiming.paymentAttempts.find(id as PaymentAttemptId)
            : (await claiming.refunds.listByPayment((claimedRow as Refund).paymentAttemptId))[0]
        expect(storedRow).toEqual({ ...claimedRow, nextQueryAtMs: NOW_MS + LEASE_MS })
        expect(claimedRow?.id).toBe(id)
      })

      test('20 concurrent claims and the claims after them get all due rows, each row once', async () => {
        const rowIds = await Promise.all(
          Array.from({ length: 20 }, (_, index) => make(NOW_MS - index, index % 12)),
        )
        const atOnce = await Promise.all(Array.from({ length: 20 }, () => claim(NOW_MS)))
        const ids = atOnce.flatMap((claims) => (claims === undefined ? [] : [claims.id]))
        expect(new Set(ids).size).toBe(ids.length)
        expect([...ids, ...(await drain(NOW_MS))].sort()).toEqual(rowIds.sort())
      })

      test('reads only open rows', async () => {
        if (claimingEngine.name !== 'sqlite') return
        const table = kind === 'attempt' ? 'payment_attempts' : 'refunds'
        for (const condition of ['ask_at_ms <= $1', 'ask_at_ms > $1']) {
          const plan = await claimingEngine.read.all(
            `explain query plan select bucket, id from ${table} where ${condition} order by ask_at_ms`,
            [NOW_MS],
          )
          expect(plan.map(({ detail }) => detail)).toEqual([expect.stringContaining('_to_ask')])
        }
      })

      test.each(CLOCK_JUMPS)(
        'returns every open row after a clock that is $name for a moment',
        async ({ jumpMs }) => {
          const id = await make(NOW_MS)
          // Claimed and delayed under the wrong clock.
          expect(await drain(NOW_MS + jumpMs)).toEqual([id])
          expect(await drain(NOW_MS)).toEqual([id])
          expect(await drain(NOW_MS)).toEqual([])
        },
      )

      test('returns a row whose next query is later than the longest wait', async () => {
        await make(NOW_MS + QUERY_WAIT_MS_MAX)
        const beyond = await make(NOW_MS + QUERY_WAIT_MS_MAX + 1)
        expect(await drain(NOW_MS)).toEqual([beyond])
      })

      test('findOldest returns the oldest open row, and undefined without an open row', async () => {
        await make(undefined)
        expect(await claiming.openWork.findOldest()).toEqual(new Map())
        await make(NOW_MS + 1)
        await make(NOW_MS + 500 * 24 * 60 * 60_000)
        const madeAtMs = kind === 'attempt' ? NOW_MS + 1 : NOW_MS
        expect(await claiming.openWork.findOldest()).toEqual(new Map([[kind, madeAtMs]]))
      })

      test('countByAge counts open rows between the limits of age, and a row exactly at a limit counts as older', async () => {
        const madeAtMs = kind === 'attempt' ? NOW_MS + 1 : NOW_MS
        const countAt = async (nowMs: number) =>
          (await claiming.openWork.countByAge(nowMs, [1_000, 60_000])).get(kind)
        await make(undefined)
        expect(await countAt(NOW_MS)).toEqual([0, 0, 0])
        await make(NOW_MS + 1)
        await make(NOW_MS + 500 * 24 * 60 * 60_000)
        expect(await countAt(madeAtMs + 999)).toEqual([2, 0, 0])
        expect(await countAt(madeAtMs + 1_000)).toEqual([0, 2, 0])
        expect(await countAt(madeAtMs + 59_999)).toEqual([0, 2, 0])
        expect(await countAt(madeAtMs + 60_000)).toEqual([0, 0, 2])
        // A clock that is behind makes no row disappear.
        expect(await countAt(madeAtMs - 5_000)).toEqual([2, 0, 0])
      })

      test('returns a leased row again only after the end of its lease', async () => {
        const id = await make(NOW_MS)
        expect(await drain(NOW_MS)).toEqual([id])
        expect(await drain(NOW_MS + LEASE_MS - 1)).toEqual([])
        expect(await drain(NOW_MS + LEASE_MS)).toEqual([id])
      })
    })
  })
}
