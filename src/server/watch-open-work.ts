import { clearInterval, setInterval } from 'node:timers'
import type { Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import type { OpenWork, Store } from '../operations/store.ts'

const CHECK_INTERVAL_MS = 60_000
/** The age above which open work gets a log line. Most work ends much earlier. */
const OLD_SECONDS = 600
/** The number of checks for one log line, so that a long outage of a processor does not fill the log. */
const CHECKS_PER_LINE = 10

const OPEN_WORK: readonly OpenWork[] = ['attempt', 'refund', 'delivery', 'message']

/** A sandbox replaces its store, so each use reads it again. */
type OpenWorkPlace = {
  readonly clock: Clock
  readonly store: { readonly openWork: Pick<Store['openWork'], 'findOldest'> }
}

type Deps = {
  readonly tenant: OpenWorkPlace
  readonly logger: Pick<Logger, 'warn'>
}

/** Returns the ages of the oldest open attempt, refund, delivery and message, in whole seconds. 0: none is open. */
export async function readOldestSeconds({
  clock,
  store,
}: OpenWorkPlace): Promise<ReadonlyMap<OpenWork, number>> {
  const oldest = await store.openWork.findOldest()
  const nowMs = clock.nowMs()
  const ageOf = (kind: OpenWork) =>
    Math.max(0, Math.round((nowMs - (oldest.get(kind) ?? nowMs)) / 1000))
  return new Map(OPEN_WORK.map((kind) => [kind, ageOf(kind)]))
}

/**
 * Makes a function that reads the ages of the oldest open attempt, refund, delivery and message, for a call every
 * minute. While work is old, every tenth call writes a log line, beginning with the first.
 */
export function createOpenWorkWatch({ logger, tenant }: Deps): () => Promise<void> {
  let oldCheckCount = 0

  return async () => {
    const oldest = await readOldestSeconds(tenant)
    const seconds = (kind: OpenWork) => oldest.get(kind) ?? 0
    if (OPEN_WORK.every((kind) => seconds(kind) <= OLD_SECONDS)) {
      oldCheckCount = 0
      return
    }
    if (oldCheckCount % CHECKS_PER_LINE === 0) {
      const ages = Object.fromEntries(OPEN_WORK.map((kind) => [`${kind}Seconds`, seconds(kind)]))
      logger.warn(ages, 'open attempts, refunds, deliveries or messages are older than 10 minutes')
    }
    oldCheckCount += 1
  }
}

/** Checks every minute until `stop` is called. */
export function startWatchingOpenWork(deps: Deps): { readonly stop: () => void } {
  const check = createOpenWorkWatch(deps)
  // An error is ignored: requests report an outage of the database.
  const timer = setInterval(() => void check().catch(() => {}), CHECK_INTERVAL_MS).unref()
  return { stop: () => clearInterval(timer) }
}
