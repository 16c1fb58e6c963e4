import type { Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import { DUE_WORK } from '../domain/records.ts'
import type { Store } from '../operations/store.ts'
import { AGE_LIMITS_MS, type MoneyMetrics } from './money-metrics.ts'
import { waitAtMost } from './wait-at-most.ts'
import { readOldestSeconds } from './watch-open-work.ts'

/** The time for which scrapes share one read, in milliseconds of real time. Several scrapers cost as much as one. */
const LIFE_MS = 5_000
/** The longest time for which a scrape waits for the database. */
const READ_MS_MAX = 2_000

type RefreshDeps = {
  /** A sandbox replaces its store, so each use reads it again. */
  readonly tenant: {
    readonly clock: Clock
    readonly store: Pick<Store, 'openWork'> & {
      readonly ledgerChecks: Pick<Store['ledgerChecks'], 'findLast'>
    }
  }
  readonly metrics: Pick<MoneyMetrics, 'setStored'>
  readonly logger: Pick<Logger, 'warn'>
  /** Measures the life: the machine's monotonic clock. */
  readonly steadyClock: Clock
}

/**
 * Makes a function that reads the metrics from the database, for a call before each scrape. Calls within five seconds
 * share one read. If the database does not answer, these metrics have no value, so that no alert relies on old ones.
 */
export function createMetricsRefresh(deps: RefreshDeps): () => Promise<void> {
  const { logger, metrics, steadyClock } = deps
  let reading: Promise<void> | undefined
  let readAtMs = Number.NEGATIVE_INFINITY

  async function read(): Promise<void> {
    try {
      const late = () => new Error(`no answer within ${READ_MS_MAX} ms`)
      metrics.setStored(await waitAtMost(readStoredMetrics(deps), READ_MS_MAX, late))
    } catch (error) {
      metrics.setStored(undefined)
      logger.warn({ err: error }, 'the metrics of the database cannot be read')
    }
    readAtMs = steadyClock.nowMs()
  }

  return () => {
    if (reading !== undefined) return reading
    if (steadyClock.nowMs() - readAtMs < LIFE_MS) return Promise.resolve()
    reading = read().finally(() => {
      reading = undefined
    })
    return reading
  }
}

async function readStoredMetrics({ tenant }: Pick<RefreshDeps, 'tenant'>) {
  const { clock, store } = tenant
  const nowMs = clock.nowMs()
  const [openCounts, oldestSeconds, ledgerCheck, firstDueMs] = await Promise.all([
    store.openWork.countByAge(nowMs, AGE_LIMITS_MS),
    readOldestSeconds(tenant),
    store.ledgerChecks.findLast(),
    store.openWork.findFirstDue(nowMs),
  ])
  const overdueSeconds = new Map(
    DUE_WORK.map((kind) => [kind, (nowMs - (firstDueMs.get(kind) ?? nowMs)) / 1000] as const),
  )
  return { openCounts, oldestSeconds, ledgerCheck, overdueSeconds }
}
