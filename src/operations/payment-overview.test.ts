import { describe, expect, test } from 'vitest'
import { BOTH_ENGINES, OPEN_ENGINE } from '../../test/support/both-engines.ts'
import { createTestClock } from '../../test/support/memory-store.ts'
import {
  ACCOUNT,
  account,
  attemptOf,
  draw,
  endpointOf,
  OTHER_ACCOUNT,
  refundOf,
  session,
  useStore,
  withOutcome,
} from '../../test/support/stored-rows.ts'
import type { AccountId, PaymentAttemptId } from '../domain/id.ts'
import type { Money } from '../domain/money.ts'
import type { OverviewPeriod } from '../domain/overview-period.ts'
import { NO_MONEY, type PaymentAttempt } from '../domain/payment-attempt.ts'
import { QUARTER_MS } from '../domain/payment-counts.ts'
import { countPaymentsNext } from './count-payments.ts'
import { readPaymentOverview } from './payment-overview.ts'
import type { Store } from './store.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** 09:40 in UTC, 15:10 in the days of the IN edition. */
const NOW_MS = Date.UTC(2026, 10, 22, 9, 40)

type Outcome = Pick<PaymentAttempt, 'status'> & Partial<PaymentAttempt>

/** Stores a payment that began at a time, with its session. Waiting ones have no outcome. */
async function storePayment(
  store: Store,
  atMs: number,
  {
    accountId = ACCOUNT,
    amount = { amountMinor: 10_000n, currency: 'INR' },
    outcome,
    sessionAgeMs = 0,
  }: {
    readonly accountId?: AccountId
    readonly amount?: Money
    readonly outcome?: Outcome | undefined
    readonly sessionAgeMs?: number
  } = {},
): Promise<PaymentAttempt> {
  const paymentSession = session({ accountId, amount, createdAtMs: atMs - sessionAgeMs })
  const open = attemptOf(paymentSession, 1, { accountId, createdAtMs: atMs })
  const attempt =
    outcome === undefined ? open : withOutcome(open, { decidedAtMs: atMs + 5_000, ...outcome })
  await store.paymentSessions.insert(paymentSession, undefined, atMs)
  await store.transaction((tx) => tx.paymentAttempts.insert(attempt))
  return attempt
}

const success = (amountMinor = 10_000n, more: Partial<PaymentAttempt> = {}): Outcome => ({
  status: 'succeeded',
  money: { ...NO_MONEY, capturedMinor: amountMinor },
  ...more,
})
const decline = { status: 'failed', declineCode: 'card_declined' } as const

describe.each(BOTH_ENGINES)('the overview of payments, on %s', (name) => {
  const db = useStore(OPEN_ENGINE[name])

  const read = (
    nowMs: number,
    period: OverviewPeriod = '30_days',
    id: AccountId = ACCOUNT,
    edition: 'IN' | 'US' = 'IN',
  ) =>
    readPaymentOverview({ store: db.store, clock: createTestClock(nowMs) }, { id, edition }, period)
  /** Counts until no step is due. Returns the number of steps. */
  const countAll = async (nowMs: number) => {
    const deps = { store: db.store, clock: createTestClock(nowMs) }
    let stepCount = 0
    while ((await countPaymentsNext(deps)) !== undefined) stepCount += 1
    return stepCount
  }

  test('the figures are the same before and after servers have counted, and each period has its own figures', async () => {
    const { store } = db
    await storePayment(store, NOW_MS - 2 * DAY_MS, { outcome: success() })
    await storePayment(store, NOW_MS - 2 * DAY_MS + MINUTE_MS, { outcome: decline })
    await storePayment(store, NOW_MS - HOUR_MS, {
      outcome: success(700n, {
        instrument: { type: 'upi', channel: 'collect', upiId: 'a@paydesk' },
      }),
      sessionAgeMs: 40_000,
      amount: { amountMinor: 700n, currency: 'INR' },
    })
    await storePayment(store, NOW_MS - HOUR_MS, {
      outcome: success(3n),
      amount: { amountMinor: 3n, currency: 'JPY' },
    })
    // Money that came too late is no volume.
    await storePayment(store, NOW_MS - HOUR_MS, {
      outcome: { ...success(10_000n), status: 'refunded' },
    })
    const waiting = await storePayment(store, NOW_MS - MINUTE_MS)
    const oldPayment = await storePayment(store, NOW_MS - 20 * DAY_MS, { outcome: success() })
    await store.transaction((tx) =>
      tx.refunds.insert(refundOf(oldPayment, { createdAtMs: NOW_MS - HOUR_MS })),
    )
    // Before the longest period, and of another account.
    await storePayment(store, NOW_MS - 31 * DAY_MS, { outcome: success() })
    await storePayment(store, NOW_MS, { accountId: OTHER_ACCOUNT, outcome: success() })

    const before = await read(NOW_MS)
    const sums = Object.fromEntries(
      before.total.payments.map((one) => [
        `${one.method} ${one.currency} ${one.outcome}`,
        [one.count, one.amountMinor],
      ]),
    )
    expect(sums).toEqual({
      'netbanking INR succeeded': [2, 20_000n],
      'upi INR succeeded': [1, 700n],
      'netbanking JPY succeeded': [1, 3n],
      'netbanking INR failed': [2, 0n],
      'netbanking INR waiting': [1, 0n],
    })
    expect(Object.fromEntries(before.total.failures.map((one) => [one.code, one.count]))).toEqual({
      card_declined: 1,
      approved_late: 1,
    })
    expect(before.total.payTimes).toEqual([3, 0, 1, 0, 0, 0, 0])
    expect(before.total.refunds).toEqual([
      { currency: 'INR', outcome: 'waiting', count: 1, amountMinor: 10_050n },
    ])
    expect(before.spans).toHaveLength(30)
    expect(before.spans.at(-1)?.fromMs).toBe(Date.UTC(2026, 10, 21, 18, 30))
    expect(before.countedToMs).toBe(NOW_MS)

    // Four quarters have payments, and one step finds nothing more.
    expect(await countAll(NOW_MS)).toBe(5)
    expect(await store.paymentCounts.findRun(ACCOUNT)).toMatchObject({
      countedToMs: Date.UTC(2026, 10, 22, 9, 30),
    })
    const after = await read(NOW_MS)
    expect(inOrder(after.total)).toEqual(inOrder(before.total))
    expect(after.spans.map(({ counts }) => inOrder(counts))).toEqual(
      before.spans.map(({ counts }) => inOrder(counts)),
    )
    const today = await read(NOW_MS, 'today')
    expect(today.spans).toHaveLength(16)
    expect(countIn(today.total.payments)).toBe(4)
    expect(countIn((await read(NOW_MS, '7_days')).total.payments)).toBe(6)
    // The day of a US account is that of UTC.
    const inUtc = await read(NOW_MS, 'today', ACCOUNT, 'US')
    expect(inUtc.spans[0]?.fromMs).toBe(Date.UTC(2026, 10, 22))

    // The waiting payment ends, and is counted again within the hour.
    const laterMs = NOW_MS + 30 * MINUTE_MS
    await countAll(laterMs)
    await store.transaction((tx) => tx.paymentAttempts.update(withOutcome(waiting, success(9n))))
    expect(waitingIn(await read(laterMs))).toBe(1)
    await countAll(laterMs + HOUR_MS)
    expect(waitingIn(await read(laterMs + HOUR_MS))).toBe(0)
    expect(countIn((await read(laterMs + HOUR_MS)).total.payments)).toBe(8 - 1)
  })

  test('a server that ends after its claim, and two servers at once, lose and repeat nothing', async () => {
    const { store } = db
    const id = '60000000003' as AccountId
    await store.transaction((tx) => tx.accounts.insert(account(id), NOW_MS))
    const startMs = Date.UTC(2026, 11, 2, 9, 30)
    for (const minute of [1, 16, 17, 31]) {
      await storePayment(store, startMs + minute * MINUTE_MS, { accountId: id, outcome: success() })
    }
    const nowMs = startMs + HOUR_MS
    await read(nowMs, 'today', id)
    const claim = { nowMs, leaseMs: MINUTE_MS, waitMsMax: HOUR_MS }
    while ((await store.paymentCounts.claimRun(claim))?.accountId !== id);
    // The ended server holds the account until its claim is over.
    await countAll(nowMs)
    expect(await store.paymentCounts.list(id, { fromMs: startMs, toMs: nowMs })).toEqual([])
    const deps = { store, clock: createTestClock(nowMs + 2 * MINUTE_MS) }
    const steps = Array.from({ length: 8 }, async () => {
      await countPaymentsNext(deps)
      await countPaymentsNext(deps)
    })
    await Promise.all(steps)
    await countAll(nowMs + 2 * MINUTE_MS)
    const quarters = await store.paymentCounts.list(id, { fromMs: startMs, toMs: nowMs })
    expect(quarters.map(({ counts }) => countIn(counts.payments))).toEqual([1, 2, 1])
    // The clock jumps back: newer payments are counted, and none twice.
    await countAll(startMs + 20 * MINUTE_MS)
    expect(countIn((await read(nowMs, 'today', id)).total.payments)).toBe(4)
    // Quarters before the longest period are deleted.
    await countAll(nowMs + 40 * DAY_MS)
    expect(await store.paymentCounts.list(id, { fromMs: startMs, toMs: nowMs })).toEqual([])
  })

  test('if one read cannot count all payments, the overview has the time up to which they are counted', async () => {
    const { engine, store } = db
    const id = '60000000004' as AccountId
    await store.transaction((tx) => tx.accounts.insert(account(id), NOW_MS))
    const startMs = NOW_MS + 100 * DAY_MS
    const nowMs = startMs + QUARTER_MS
    const first = session({ accountId: id })
    await store.paymentSessions.insert(first, undefined, startMs)
    await engine.transaction((sql) =>
      sql.run(
        `with recursive numbers (i) as (
           select 1 union all select i + 1 from numbers where i < 10500)
         insert into payment_attempts (bucket, id, payment_session_id, account_id, number, status,
           payment_method, instrument_json, created_at_ms, deadline_at_ms, decided_at_ms, decline_code,
           asked_count)
         select 7, ${first.id} + i, ${first.id}, ${id}, i, 'failed', 'card', '{"type":"card"}',
           ${startMs} + i, ${startMs}, ${startMs}, 'card_declined', 1 from numbers`,
        [],
      ),
    )
    const before = await read(nowMs, 'today', id)
    expect(before.countedToMs).toBe(startMs + 10_001)
    expect(countIn(before.total.payments)).toBe(10_000)
    await countAll(nowMs + 2 * MINUTE_MS)
    const after = await read(nowMs + 2 * MINUTE_MS, 'today', id)
    expect(after.countedToMs).toBe(nowMs + 2 * MINUTE_MS)
    expect(after.total.payments).toEqual([
      { method: 'card', currency: 'INR', outcome: 'failed', count: 10_500, amountMinor: 0n },
    ])
  })

  test('open work is counted by age, and only that of the account', async () => {
    const { store } = db
    const id = '60000000005' as AccountId
    const endpoint = endpointOf(id)
    await store.transaction(async (tx) => {
      await tx.accounts.insert(account(id), NOW_MS)
      await tx.webhookEndpoints.insert(endpoint)
    })
    for (const ageMs of [MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS]) {
      await store.paymentSessions.insert(
        session({
          accountId: id,
          status: 'in_progress',
          createdAtMs: NOW_MS - ageMs,
          attemptCount: 1,
          currentAttemptId: draw<PaymentAttemptId>(7),
        }),
        undefined,
        NOW_MS,
      )
    }
    const attempt = await storePayment(store, NOW_MS, { accountId: id, outcome: success() })
    await store.transaction((tx) =>
      tx.refunds.insert(refundOf(attempt, { accountId: id, createdAtMs: NOW_MS - 9 * DAY_MS })),
    )
    const work = await store.openWork.countOfAccount(id, NOW_MS, [10 * MINUTE_MS, HOUR_MS])
    expect(Object.fromEntries(work)).toEqual({
      payment: [1, 1, 1],
      refund: [0, 0, 1],
      delivery: [0, 0, 0],
      dispute: [0, 0, 0],
    })
  })
})

/** Returns counts in an order that does not depend on the database. */
function inOrder<Counts extends Awaited<ReturnType<typeof readPaymentOverview>>['total']>(
  counts: Counts,
) {
  const order = <One extends object>(some: readonly One[]) =>
    some.map((one) => Object.values(one).map(String).join(' ')).sort()
  const { failures, payments, payTimes, refunds } = counts
  return [order(payments), order(failures), payTimes, order(refunds)]
}

function countIn(parts: readonly { readonly count: number }[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0)
}

function waitingIn({ total }: Awaited<ReturnType<typeof readPaymentOverview>>): number {
  return countIn(total.payments.filter(({ outcome }) => outcome === 'waiting'))
}
