import type { AccountId } from '../../domain/id.ts'
import { type CountedOutcome, PAYMENT_OUTCOMES } from '../../domain/payment-counts.ts'
import type { LoggedRequest } from '../log/logged-request.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'

/** The maximum number of counted payments, which are the newest. */
const PAYMENT_COUNT_MAX = 500
/** The number of spans of equal length in which payments are counted. */
const SPAN_COUNT = 24
const SPAN_MS_MIN = 1_000

/** The upper limits of the classes of webhook latencies. The last class has none. */
const LATENCY_LIMITS_MS = [10, 30, 100, 300, 1_000, 3_000, 10_000] as const

/** Counts the newest payments of an account by outcome and time, and the latencies of the logged webhooks. */
export async function statisticsOf(
  { clock, log, store }: Pick<SandboxTenant, 'clock' | 'log' | 'store'>,
  accountId: AccountId,
) {
  const page = { page: 1, perPage: PAYMENT_COUNT_MAX }
  const { items } = await store.paymentAttempts.list(accountId, {}, page)
  const payments = items.map(({ createdAtMs, status }) => ({
    atMs: createdAtMs,
    outcome: PAYMENT_OUTCOMES[status],
  }))
  return {
    payments: countPayments(payments, clock.nowMs()),
    webhooks: latenciesOf(log.entries()),
  }
}

/** Counts payments in spans of equal length from the first payment until now. */
export function countPayments(
  payments: readonly { readonly atMs: number; readonly outcome: CountedOutcome }[],
  nowMs: number,
) {
  const fromMs = Math.min(nowMs, ...payments.map(({ atMs }) => atMs))
  const spanMs = Math.max(SPAN_MS_MIN, Math.ceil((nowMs + 1 - fromMs) / SPAN_COUNT))
  const spans = Array.from({ length: SPAN_COUNT }, (_, index) => ({
    time_ms: fromMs + index * spanMs,
    succeeded: 0,
    failed: 0,
    waiting: 0,
  }))
  const total = { succeeded: 0, failed: 0, waiting: 0 }
  for (const { atMs, outcome } of payments) {
    total[outcome] += 1
    const span = spans[Math.min(SPAN_COUNT - 1, Math.floor((atMs - fromMs) / spanMs))]
    if (span !== undefined) span[outcome] += 1
  }
  return { ...total, span_ms: spanMs, spans: payments.length === 0 ? [] : spans }
}

/** Counts webhooks by the time until their answer. Those without an answer have no latency. */
export function latenciesOf(entries: readonly LoggedRequest[]) {
  const webhooks = entries.filter(({ kind }) => kind === 'webhook')
  const answeredWebhooks = webhooks.filter(({ response }) => response !== undefined)
  const lengths = answeredWebhooks
    .map(({ durationMs }) => durationMs)
    .toSorted((one, other) => one - other)
  const percentile = (share: number) => {
    const length = lengths[Math.ceil(lengths.length * share) - 1]
    return length === undefined ? undefined : Math.round(length)
  }
  const classes = [...LATENCY_LIMITS_MS, undefined].map((limitMs, index) => {
    const above = LATENCY_LIMITS_MS[index - 1] ?? -1
    const isIn = (length: number) => length > above && (limitMs === undefined || length <= limitMs)
    return { up_to_ms: limitMs, count: lengths.filter(isIn).length }
  })
  return {
    answered: answeredWebhooks.length,
    unanswered: webhooks.length - answeredWebhooks.length,
    median_ms: percentile(0.5),
    p95_ms: percentile(0.95),
    classes,
  }
}
