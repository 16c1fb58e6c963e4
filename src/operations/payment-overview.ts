import type { Account } from '../domain/account.ts'
import type { Clock } from '../domain/clock.ts'
import { type OverviewPeriod, spansOfPeriod } from '../domain/overview-period.ts'
import { type PaymentCounts, sumOfCounts } from '../domain/payment-counts.ts'
import { beginCounting } from './count-payments.ts'
import type { Store } from './store.ts'

type PaymentOverview = {
  readonly total: PaymentCounts
  /** The hours of today, or the days of a longer period, oldest first. */
  readonly spans: readonly { readonly fromMs: number; readonly counts: PaymentCounts }[]
  readonly nowMs: number
  /** The end of the counted part. Before `nowMs`: one read cannot count all payments of the account. */
  readonly countedToMs: number
}

/**
 * Adds up the payments and refunds that began in a period. It reads the stored counts, and counts the payments after them
 * up to a limited number. The first read of an account makes the servers count it from then on.
 */
export async function readPaymentOverview(
  deps: { readonly clock: Clock; readonly store: Pick<Store, 'paymentCounts'> },
  { edition, id }: Pick<Account, 'edition' | 'id'>,
  period: OverviewPeriod,
): Promise<PaymentOverview> {
  const { paymentCounts } = deps.store
  const nowMs = deps.clock.nowMs()
  const toMs = nowMs + 1
  const spans = spansOfPeriod(period, edition, nowMs)
  const fromMs = spans[0]?.fromMs ?? nowMs
  const run = (await paymentCounts.findRun(id)) ?? (await beginCounting(deps, id))
  const storedToMs = Math.min(Math.max(run.countedToMs, fromMs), toMs)
  const [storedQuarters, rest] = await Promise.all([
    paymentCounts.list(id, { fromMs, toMs: storedToMs }),
    paymentCounts.count(id, { fromMs: storedToMs, toMs }),
  ])
  const quartersOf = Map.groupBy([...storedQuarters, ...rest.quarters], (quarter) =>
    spans.findLast((span) => span.fromMs <= quarter.fromMs),
  )
  const countedSpans = spans.map((span) => ({
    fromMs: span.fromMs,
    counts: sumOfCounts((quartersOf.get(span) ?? []).map(({ counts }) => counts)),
  }))
  return {
    total: sumOfCounts(countedSpans.map(({ counts }) => counts)),
    spans: countedSpans,
    nowMs,
    countedToMs: Math.min(rest.countedToMs, nowMs),
  }
}
