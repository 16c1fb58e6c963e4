import { clearTimeout, setTimeout } from 'node:timers'
import type { Clock } from '../../domain/clock.ts'
import type { Store } from '../../operations/store.ts'
import type { PausableWork } from './move-clock.ts'
import type { SandboxClock } from './sandbox-clock.ts'

/** The rest state of a tenant without requests: its database is compressed, and its background work pauses. */
export type Rest = {
  /** Ends the rest because of a request. Call the returned function at the end of the answer. */
  readonly wake: () => () => void
  /** Returns the time at which the last answer ended, by the machine's clock. Undefined: an answer is running. */
  readonly quietSinceMs: () => number | undefined
  readonly isResting: () => boolean
  /** Starts the rest. False: it rests already, never rests, or has a request or work that is due soon. */
  readonly begin: () => Promise<boolean>
  /** Cancels the timer that would end the rest, because the tenant closes. */
  readonly stop: () => void
}

/** The shortest rest, in milliseconds of real time: a shorter one costs more than it saves. */
const REST_MS_MIN = 10_000
/** The longest time until the next check for due work, because the sandbox's clock can move. */
const WAIT_MS_MAX = 60 * 60_000

/** Calls a function after some milliseconds of real time. The returned function cancels it. */
type CallAfter = (call: () => void, ms: number) => () => void

const callAfter: CallAfter = (call, ms) => {
  const timer = setTimeout(call, ms).unref()
  return () => clearTimeout(timer)
}

/** Makes the rest state of a tenant. `packDatabase` undefined: the database is not in memory; the tenant never rests. */
export function createRest({
  after = callAfter,
  machine,
  packDatabase,
  tenant,
  work,
}: {
  readonly machine: Clock
  readonly packDatabase: (() => Promise<void>) | undefined
  /** A restore replaces its store, so each use reads it again. */
  readonly tenant: {
    readonly clock: SandboxClock
    readonly store: { readonly openWork: Pick<Store['openWork'], 'findNextDueMs'> }
  }
  readonly work: Pick<PausableWork, 'pause' | 'resume'>
  /** A test's own timer. */
  readonly after?: CallAfter
}): Rest {
  let openCount = 0
  let quietSinceMs = machine.nowMs()
  /** `beginning`: the background work starts to pause, and a request can still keep the tenant awake. */
  let state: 'awake' | 'beginning' | 'resting' = 'awake'
  let cancel = () => {}

  function end(): void {
    cancel()
    if (state === 'awake') return
    state = 'awake'
    work.resume()
  }

  /** Returns the real time until the next work is due, in milliseconds. */
  async function quietMs(): Promise<number> {
    const { nowMs, rate } = tenant.clock.state()
    // Searched from time 0, because work that is due may not have started yet.
    const dueMs = await tenant.store.openWork.findNextDueMs(0)
    if (dueMs === undefined) return WAIT_MS_MAX
    if (dueMs <= nowMs) return 0
    return rate === 0 ? WAIT_MS_MAX : Math.min((dueMs - nowMs) / rate, WAIT_MS_MAX)
  }

  return {
    wake: () => {
      openCount += 1
      end()
      return () => {
        openCount -= 1
        quietSinceMs = machine.nowMs()
      }
    },
    quietSinceMs: () => (openCount > 0 ? undefined : quietSinceMs),
    isResting: () => state === 'resting',
    begin: async () => {
      if (packDatabase === undefined || openCount > 0 || state !== 'awake') return false
      state = 'beginning'
      // A function, because a request can change the state during each wait.
      const isOver = () => state !== 'beginning'
      try {
        await work.pause()
        const waitMs = isOver() ? 0 : await quietMs()
        if (isOver()) return false
        if (waitMs < REST_MS_MIN) {
          end()
          return false
        }
        state = 'resting'
        cancel = after(end, waitMs)
        await packDatabase()
        return true
      } catch (error) {
        end()
        throw error
      }
    },
    stop: () => {
      cancel()
      quietSinceMs = Number.POSITIVE_INFINITY
    },
  }
}
