import type { Clock } from '../../domain/clock.ts'
import { ID_EPOCH_MS } from '../../domain/id.ts'
import type { Installation } from '../../operations/store.ts'
import {
  CLOCK_MS_MAX,
  CLOCK_RATE_MAX,
  createSandboxClock,
  type SandboxClock,
} from './sandbox-clock.ts'

/** A sandbox's clock in its database: the times of both clocks at the last change, and the rate since then. */
type KeptClock = {
  readonly timeMs: number
  readonly machineMs: number
  readonly rate: number
}

/** Writes the state of a sandbox's clock to its database. */
export type ClockKeeper = {
  /**
   * Writes the current state, or a later time that the clock is about to show: a start after a
   * crash must not show an earlier time.
   */
  readonly keep: (laterMs?: number) => Promise<void>
}

/**
 * Opens the clock of a database. It continues as if the program had not stopped: a faster clock at its rate, a frozen
 * clock at its time. If the database has no state of a clock, `otherwise` makes the clock.
 */
export async function openKeptClock(
  { findFact }: Pick<Installation, 'findFact'>,
  machine: Clock,
  otherwise: () => SandboxClock = () => createSandboxClock(machine),
): Promise<SandboxClock> {
  const storedClock = parseKeptClock(await findFact('sandbox_clock'))
  if (storedClock === undefined) return otherwise()
  const passedMs = Math.max(0, machine.nowMs() - storedClock.machineMs)
  return createSandboxClock(
    machine,
    storedClock.timeMs + passedMs * storedClock.rate,
    storedClock.rate,
  )
}

/** Makes the keeper of a clock. */
export function createClockKeeper(
  machine: Clock,
  /** A restore replaces its store, so each use reads it again. */
  tenant: {
    readonly clock: SandboxClock
    readonly store: { readonly installation: Pick<Installation, 'replaceFact'> }
  },
): ClockKeeper {
  let keeping: Promise<unknown> = Promise.resolve()
  async function write(laterMs: number): Promise<void> {
    const { nowMs, rate } = tenant.clock.state()
    const text = `${Math.max(nowMs, laterMs)} ${machine.nowMs()} ${rate}`
    await tenant.store.installation.replaceFact('sandbox_clock', text)
  }
  return {
    // One after the other, so that the last write has the last state.
    keep: (laterMs = 0) => {
      const writing = keeping.then(() => write(laterMs))
      keeping = writing.catch(() => {})
      return writing
    },
  }
}

const KEPT_CLOCK = /^(\d{13}) (\d{13}) (\d[\d.e-]*)$/

/**
 * Undefined: there is no stored clock, or it is damaged. A damaged clock must not run backwards, show 1970, or jump to
 * the last possible time.
 */
function parseKeptClock(text = ''): KeptClock | undefined {
  const [, timeMs, machineMs, rate] = (KEPT_CLOCK.exec(text) ?? []).map(Number)
  if (timeMs === undefined || machineMs === undefined || rate === undefined) return undefined
  const isPossible = [timeMs, machineMs].every(
    (atMs) => atMs >= ID_EPOCH_MS && atMs <= CLOCK_MS_MAX,
  )
  return isPossible && rate <= CLOCK_RATE_MAX ? { timeMs, machineMs, rate } : undefined
}
