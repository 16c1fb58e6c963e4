import { ok } from '../api/answer.ts'
import { renderOne } from '../api/render-envelope.ts'
import { showAccountTime, utcOffsetMinutes } from '../domain/account-day.ts'
import { type Currency, formatMoney } from '../domain/money.ts'
import { DECLINES } from '../domain/payment-attempt.ts'
import {
  type CountedFailure,
  type CountedOutcome,
  PAY_TIME_LIMITS_MS,
  type PaymentCounts,
} from '../domain/payment-counts.ts'
import { readPaymentOverview } from '../operations/payment-overview.ts'
import { type AccountOpenWork, OPEN_WORK_COUNT_MAX } from '../operations/store.ts'
import { METHOD_NAMES } from '../wire/payment.ts'
import { accountRoute, queryFieldsOf } from './console-route.ts'
import { OverviewAnswer, OverviewQuery } from './overview-schemas.ts'

const readQuery = queryFieldsOf(OverviewQuery)

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** The ages between which open work is counted. */
const AGE_LIMITS_MS = [10 * MINUTE_MS, HOUR_MS, DAY_MS, 7 * DAY_MS] as const

const readOverview = accountRoute({
  method: 'GET',
  url: '/overview',
  operationId: 'readOverview',
  tag: 'Overview',
  summary: 'Read the overview of an account',
  description:
    'Returns the payments and refunds that began today or in the last 7 or 30 days, in the account’s calendar, and the open work by age.',
  query: OverviewQuery,
  answers: { 200: OverviewAnswer },
  handle: async ({ account, query, tenant }) => {
    const { period = 'today' } = readQuery(query)
    const { countedToMs, nowMs, spans, total } = await readPaymentOverview(tenant, account, period)
    const openWork = await tenant.store.openWork.countOfAccount(account.id, nowMs, AGE_LIMITS_MS)
    const fromMs = spans[0]?.fromMs ?? nowMs
    const dayOf = (atMs: number) => showAccountTime(account.edition, atMs).slice(0, 10)
    return ok(
      renderOne('overview', {
        from_date: dayOf(fromMs),
        to_date: dayOf(nowMs),
        utc_offset_minutes: utcOffsetMinutes(account.edition),
        from_time: secondsOf(fromMs),
        to_time: secondsOf(nowMs),
        counted_to_time: secondsOf(countedToMs),
        payments: {
          ...outcomesOf(total.payments),
          span_ms: period === 'today' ? HOUR_MS : DAY_MS,
          spans: spans.map((span) => ({
            time_ms: span.fromMs,
            ...outcomesOf(span.counts.payments),
          })),
        },
        volume: volumeOf(
          total,
          spans.map(({ counts }) => counts),
        ),
        methods: methodsOf(total),
        failures: total.failures
          .toSorted((one, other) => other.count - one.count)
          .map(({ code, count }) => ({ code, reason: reasonOf(code), count })),
        pay_times: payTimesOf(total),
        refunds: total.refunds.map(({ amountMinor, count, currency, outcome }) => ({
          currency,
          outcome,
          count,
          amount: formatMoney({ amountMinor, currency }),
        })),
        open_work: [...openWork].map(([kind, counts]) => openWorkRow(kind, counts)),
      }),
    )
  },
})

const secondsOf = (timeMs: number): number => Math.floor(timeMs / 1000)

type CountedPayment = PaymentCounts['payments'][number]

function outcomesOf(payments: readonly Pick<CountedPayment, 'outcome' | 'count'>[]) {
  const outcomes: Record<CountedOutcome, number> = { succeeded: 0, failed: 0, waiting: 0 }
  for (const { count, outcome } of payments) outcomes[outcome] += count
  return outcomes
}

function volumeOf(total: PaymentCounts, spans: readonly PaymentCounts[]) {
  const successesIn = (counts: PaymentCounts, currency: Currency) =>
    counts.payments.filter((one) => one.currency === currency && one.outcome === 'succeeded')
  const amountOf = (counts: PaymentCounts, currency: Currency) => {
    const amounts = successesIn(counts, currency).map(({ amountMinor }) => amountMinor)
    const amountMinor = amounts.reduce((sum, amount) => sum + amount, 0n)
    return formatMoney({ amountMinor, currency })
  }
  const currencies = new Set(total.payments.map(({ currency }) => currency))
  return [...currencies]
    .map((currency) => ({
      currency,
      count: successesIn(total, currency).reduce((sum, { count }) => sum + count, 0),
      amount: amountOf(total, currency),
      amounts: spans.map((counts) => amountOf(counts, currency)),
    }))
    .toSorted((one, other) => other.count - one.count)
}

function methodsOf({ payments }: PaymentCounts) {
  const sumOf = (some: readonly CountedPayment[]) => some.reduce((sum, one) => sum + one.count, 0)
  return [...Map.groupBy(payments, ({ method }) => method)]
    .toSorted(([, one], [, other]) => sumOf(other) - sumOf(one))
    .map(([method, some]) => ({
      // The method's name in answers of the API.
      method: METHOD_NAMES[method],
      ...outcomesOf(some),
    }))
}

/** Returns the sentence for a failure: the API's for a decline, and the console's own for a late approval. */
function reasonOf(code: CountedFailure): string {
  if (code === 'approved_late') {
    return 'The approval came after the payment had ended. The money is refunded.'
  }
  return DECLINES[code].reason
}

function payTimesOf({ payTimes }: PaymentCounts) {
  const count = payTimes.reduce((sum, one) => sum + one, 0)
  /**
   * Returns the limit of the first class that, together with the classes before it, has at least this share of the
   * payments. Undefined: it is the last class, which has no limit.
   */
  const limitOf = (share: number) => {
    let sum = 0
    return PAY_TIME_LIMITS_MS.find((_, index) => {
      sum += payTimes[index] ?? 0
      return sum >= count * share
    })
  }
  return {
    count,
    median_up_to_ms: count === 0 ? undefined : limitOf(0.5),
    p95_up_to_ms: count === 0 ? undefined : limitOf(0.95),
    classes: payTimes.map((one, index) => ({ up_to_ms: PAY_TIME_LIMITS_MS[index], count: one })),
  }
}

function openWorkRow(kind: AccountOpenWork, counts: readonly number[]) {
  return {
    kind,
    ages: counts.map((count, index) => ({ up_to_ms: AGE_LIMITS_MS[index], count })),
    is_lower_bound: counts.reduce((sum, count) => sum + count, 0) >= OPEN_WORK_COUNT_MAX,
  }
}

/** The route of the overview. */
export const OVERVIEW_ROUTES = [readOverview]
