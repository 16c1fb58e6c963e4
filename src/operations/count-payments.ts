import type { Clock } from '../domain/clock.ts'
import type { AccountId } from '../domain/id.ts'
import { OVERVIEW_DAY_COUNT_MAX } from '../domain/overview-period.ts'
import { areCountsOpen, QUARTER_MS, quarterOf, sumOfCounts } from '../domain/payment-counts.ts'
import type { CountedQuarter, PaymentCountRun, Store } from './store.ts'

type CountDeps = {
  readonly clock: Clock
  readonly store: Pick<Store, 'paymentCounts'>
}

/**
 * The time from the end of a quarter of an hour until all transactions that began in it have ended, in milliseconds.
 */
const SETTLE_MS = 2 * 60_000
/** The time between two counts of a quarter in which something is open, in milliseconds. */
const RECOUNT_MS = 60 * 60_000
const LEASE_MS = 60_000
const DAY_MS = 24 * 60 * 60_000
/** The age up to which quarters are counted and kept, in milliseconds: a day more than the longest period. */
const KEPT_MS = (OVERVIEW_DAY_COUNT_MAX + 1) * DAY_MS

/** Begins to count the payments of an account, from the oldest quarter that is kept. Returns the progress. */
export async function beginCounting(
  { clock, store }: CountDeps,
  accountId: AccountId,
): Promise<PaymentCountRun> {
  const nowMs = clock.nowMs()
  const run = { accountId, countedToMs: quarterOf(nowMs - KEPT_MS), nextRunAtMs: nowMs }
  await store.paymentCounts.beginRun(run)
  return run
}

/**
 * Counts the next quarter of an hour of an account, or repeats a quarter in which something was open. A quarter is counted
 * when no transaction can add to it any more; it is stored whole, so a crash or a second server only repeats a step.
 * Undefined: no step is due.
 */
export async function countPaymentsNext({
  clock,
  store,
}: CountDeps): Promise<AccountId | undefined> {
  const { paymentCounts } = store
  const nowMs = clock.nowMs()
  const waitMsMax = QUARTER_MS + SETTLE_MS
  const claim = await paymentCounts.claimRun({ nowMs, leaseMs: LEASE_MS, waitMsMax })
  if (claim === undefined) return undefined
  const { accountId } = claim
  // After a jump of the clock back, `countedToMs` is later than the present.
  const endMs = quarterOf(nowMs - SETTLE_MS)
  const fromMs = Math.max(Math.min(claim.countedToMs, endMs), quarterOf(nowMs - KEPT_MS))
  const firstMs =
    fromMs < endMs ? await paymentCounts.findFirstMs(accountId, { fromMs, toMs: endMs }) : undefined
  const newMs = firstMs === undefined ? undefined : quarterOf(firstMs)
  const startMs = newMs ?? (await paymentCounts.findRecountMs(accountId, nowMs))
  const quarter =
    startMs === undefined ? undefined : await countQuarter(store, accountId, { startMs, nowMs })
  await paymentCounts.endRun(claim, {
    countedToMs: newMs === undefined ? endMs : newMs + QUARTER_MS,
    nextRunAtMs: quarter === undefined ? endMs + waitMsMax : nowMs,
    keptFromMs: nowMs - KEPT_MS,
    quarter,
  })
  return accountId
}

/** Counts a whole quarter, in parts of limited size. */
async function countQuarter(
  { paymentCounts }: CountDeps['store'],
  accountId: AccountId,
  { nowMs, startMs }: { readonly startMs: number; readonly nowMs: number },
): Promise<CountedQuarter> {
  const toMs = startMs + QUARTER_MS
  const parts: CountedQuarter['counts'][] = []
  for (let fromMs = startMs; fromMs < toMs; ) {
    const { countedToMs, quarters } = await paymentCounts.count(accountId, { fromMs, toMs })
    parts.push(...quarters.map(({ counts }) => counts))
    fromMs = countedToMs
  }
  const counts = sumOfCounts(parts)
  return {
    fromMs: startMs,
    counts,
    recountAtMs: areCountsOpen(counts) ? nowMs + RECOUNT_MS : undefined,
  }
}
