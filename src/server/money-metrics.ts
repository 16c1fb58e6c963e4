/** The metrics of payments, refunds, open work and the ledger. */
import { Counter, Gauge, type Registry } from 'prom-client'
import { DECLINE_CODES } from '../domain/payment-attempt.ts'
import { PAYMENT_METHODS } from '../domain/payment-method.ts'
import type { DueWork } from '../domain/records.ts'
import type { MoneyCounter } from '../operations/money-counter.ts'
import type { LedgerCheck, OpenWork } from '../operations/store.ts'

/** The age groups of open work: the label, and the exclusive upper limit in milliseconds. */
const AGES = [
  ['0s-1m', 60_000],
  ['1m-10m', 10 * 60_000],
  ['10m-1h', 60 * 60_000],
  ['1h-1d', 24 * 60 * 60_000],
] as const
/** The label of open work that is older than all limits. */
const OLDEST_AGE = '1d+'

/** The limits of the ages, ascending. */
export const AGE_LIMITS_MS: readonly number[] = AGES.map(([, limitMs]) => limitMs)

const METHODS: readonly string[] = Object.values(PAYMENT_METHODS).flat()

/** The label for a word that is not in the list. It limits the number of series that a processor module can cause. */
const OTHER = 'other'

/** The metrics that are read from the database. They are the same on every server. */
export type StoredMetrics = {
  /** The open work of each kind by age: one number for each limit, and one for older work. */
  readonly openCounts: ReadonlyMap<OpenWork, readonly number[]>
  /** The age of the oldest open work of each kind. */
  readonly oldestSeconds: ReadonlyMap<OpenWork, number>
  /** The time since the oldest due work of each kind became due. 0: nothing is due. */
  readonly overdueSeconds: ReadonlyMap<DueWork, number>
  /** Undefined: the ledger was never checked. */
  readonly ledgerCheck: LedgerCheck | undefined
}

/** The counters and gauges of money. */
export type MoneyMetrics = MoneyCounter & {
  /** Sets the metrics that were read. Undefined: the database did not answer, so they have no value. */
  readonly setStored: (metrics: StoredMetrics | undefined) => void
}

/** Makes the metrics of money in a registry. */
export function createMoneyMetrics(registry: Registry): MoneyMetrics {
  const registers = [registry]
  const payments = new Counter({
    name: 'paydesk_payments_total',
    help: 'Payments that reached a status in this process, by status, method and decline code.',
    labelNames: ['status', 'method', 'decline_code'],
    registers,
  })
  const refunds = new Counter({
    name: 'paydesk_refunds_total',
    help: 'Refunds that ended in this process, by status.',
    labelNames: ['status'],
    registers,
  })
  // Prometheus sees the first refund as an increase only if the counter exists before it.
  for (const status of ['succeeded', 'failed']) refunds.inc({ status }, 0)
  const gauges = createStoredGauges(registry)
  const setStored = (metrics: StoredMetrics | undefined) => {
    for (const gauge of [gauges.open, gauges.oldest, gauges.overdue]) gauge.reset()
    // After a reset a gauge without labels would be 0.
    for (const gauge of [gauges.checkedAt, gauges.duration, gauges.success, gauges.discrepancies]) {
      gauge.remove()
    }
    if (metrics !== undefined) setGauges(gauges, metrics)
  }
  setStored(undefined)
  return {
    countPayment: ({ declineCode, instrument, status }) =>
      payments.inc({
        status,
        method: oneOf(METHODS, instrument.type),
        decline_code: declineCode === undefined ? '' : oneOf(DECLINE_CODES, declineCode),
      }),
    countRefund: ({ status }) => refunds.inc({ status }),
    setStored,
  }
}

function oneOf(words: readonly string[], word: string): string {
  return words.includes(word) ? word : OTHER
}

/** All processes see the same database, so their values are not added. */
function createStoredGauges(registry: Registry) {
  const options = { registers: [registry], aggregator: 'max' as const }
  return {
    open: new Gauge({
      name: 'paydesk_open_work',
      help: 'Open payment attempts, refunds, webhook deliveries and messages by age, up to 10000 of each kind. The same on every server: use max.',
      labelNames: ['kind', 'age'],
      ...options,
    }),
    oldest: new Gauge({
      name: 'paydesk_oldest_open_seconds',
      help: 'Age of the oldest open payment attempt, refund, webhook delivery or message; 0 if none is open. The same on every server: use max.',
      labelNames: ['kind'],
      ...options,
    }),
    overdue: new Gauge({
      name: 'paydesk_work_overdue_seconds',
      help: 'Time since the oldest due work of a kind became due, such as a delivery, a reconciliation or a debit; 0 if nothing is due. The same on every server: use max.',
      labelNames: ['kind'],
      ...options,
    }),
    checkedAt: new Gauge({
      name: 'paydesk_ledger_check_timestamp_seconds',
      help: 'Unix time at which the last check of the ledger began; absent before the first. The same on every server.',
      ...options,
    }),
    duration: new Gauge({
      name: 'paydesk_ledger_check_duration_seconds',
      help: 'Duration of the last check of the ledger.',
      ...options,
    }),
    success: new Gauge({
      name: 'paydesk_ledger_check_success',
      help: '1 if the last check found that the ledger agrees with the payments, otherwise 0.',
      ...options,
      aggregator: 'min',
    }),
    discrepancies: new Gauge({
      name: 'paydesk_ledger_check_discrepancies',
      help: 'Discrepancies that the last check of the ledger found, up to 100 of each kind.',
      ...options,
    }),
  }
}

function setGauges(
  {
    checkedAt,
    discrepancies,
    duration,
    oldest,
    open,
    overdue,
    success,
  }: ReturnType<typeof createStoredGauges>,
  { ledgerCheck, oldestSeconds, openCounts, overdueSeconds }: StoredMetrics,
): void {
  const labels = [...AGES.map(([label]) => label), OLDEST_AGE]
  for (const [kind, counts] of openCounts) {
    for (const [index, age] of labels.entries()) open.set({ kind, age }, counts[index] ?? 0)
  }
  for (const [kind, seconds] of oldestSeconds) oldest.set({ kind }, seconds)
  for (const [kind, seconds] of overdueSeconds) overdue.set({ kind }, seconds)
  if (ledgerCheck === undefined) return
  checkedAt.set(ledgerCheck.checkedAtMs / 1000)
  duration.set(ledgerCheck.durationMs / 1000)
  success.set(ledgerCheck.discrepancyCount === 0 ? 1 : 0)
  discrepancies.set(ledgerCheck.discrepancyCount)
}
