import { clearInterval, setInterval } from 'node:timers'
import type { Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import type { OpenWork, Store } from '../operations/store.ts'

/** The time between two looks at the age of open work, in milliseconds. */
const EVERY_MS = 60_000
/** Open work that is older than this gets a log line, in seconds: most of it has ended long before. */
const OLD_SECONDS = 600
/** One look in so many writes its line, so that a long outage of a processor does not fill the log. */
const LOOKS_PER_LINE = 10

const OPEN_WORK: readonly OpenWork[] = ['attempt', 'refund', 'delivery']

type Deps = {
  /** Its store is read at each use: a sandbox replaces it. */
  readonly tenant: {
    readonly clock: Clock
    readonly store: { readonly openWork: Pick<Store['openWork'], 'findOldest'> }
  }
  readonly logger: Pick<Logger, 'warn'>
  readonly report: (kind: OpenWork, seconds: number) => void
}

/**
 * Makes a function that looks how old the oldest open attempt, refund and delivery are: to be called every minute. Each
 * look reports all three; every tenth look at old work writes a log line, the first one too.
 */
export function createOpenWorkWatch({ logger, report, tenant }: Deps): () => Promise<void> {
  let oldLookCount = 0

  return async () => {
    const oldest = await tenant.store.openWork.findOldest()
    const nowMs = tenant.clock.nowMs()
    const seconds = (kind: OpenWork) =>
      Math.max(0, Math.round((nowMs - (oldest.get(kind) ?? nowMs)) / 1000))
    for (const kind of OPEN_WORK) report(kind, seconds(kind))
    if (OPEN_WORK.every((kind) => seconds(kind) <= OLD_SECONDS)) {
      oldLookCount = 0
      return
    }
    if (oldLookCount % LOOKS_PER_LINE === 0) {
      const ages = Object.fromEntries(OPEN_WORK.map((kind) => [`${kind}Seconds`, seconds(kind)]))
      logger.warn(ages, 'the ages of the oldest open attempt, refund and delivery')
    }
    oldLookCount += 1
  }
}

/** Looks every minute until it is stopped. */
export function startWatchingOpenWork(deps: Deps): { readonly stop: () => void } {
  const look = createOpenWorkWatch(deps)
  // An outage of the database is reported by those who need it.
  const timer = setInterval(() => void look().catch(() => {}), EVERY_MS).unref()
  return { stop: () => clearInterval(timer) }
}
