import { clearInterval, setInterval } from 'node:timers'
import type { Clock } from '../domain/clock.ts'
import type { LedgerReport } from '../domain/records.ts'
import type { LedgerCheck, LedgerCheckPart, LedgerCheckRun, Store } from './store.ts'

type CheckDeps = {
  readonly clock: Clock
  readonly store: Pick<Store, 'ledger' | 'ledgerChecks'>
}

/**
 * Compares the ledger with the payments. Returns the report, and the result to store. It reads one snapshot of
 * the database, so payments do not wait for it, and it writes nothing.
 */
export async function checkLedger(
  { clock, store }: CheckDeps,
  onPart: (part: LedgerCheckPart) => void,
): Promise<{ readonly report: LedgerReport; readonly check: LedgerCheck }> {
  const checkedAtMs = clock.nowMs()
  const report = await store.ledger.check(onPart)
  const check = {
    checkedAtMs,
    durationMs: Math.max(0, clock.nowMs() - checkedAtMs),
    postingCount: report.postingCount,
    discrepancyCount: report.discrepancies.length,
  }
  return { report, check }
}

/** The time for which a silent run counts as alive, in milliseconds. */
const ALIVE_MS = 60_000
/** The time between two signs of life of a run, in milliseconds. */
const SIGN_MS = 10_000

type StartDeps = CheckDeps & {
  /** Called if the check, or the storage of its progress, fails. */
  readonly onTrouble: (error: unknown) => void
}

/**
 * Starts a check that goes on after the call, and stores its progress and its result. All servers of a database together
 * run one check at a time. False: one runs already.
 */
export async function startLedgerCheck(deps: StartDeps): Promise<boolean> {
  const startedAtMs = deps.clock.nowMs()
  const run: LedgerCheckRun = {
    startedAtMs,
    aliveUntilMs: startedAtMs + ALIVE_MS,
    part: 'postings',
    hasFailed: false,
  }
  if (!(await deps.store.ledgerChecks.beginRun(run, 2 * ALIVE_MS))) return false
  void finishRun(deps, run).catch(deps.onTrouble)
  return true
}

async function finishRun(deps: StartDeps, firstRun: LedgerCheckRun): Promise<void> {
  const { clock, onTrouble, store } = deps
  let run = firstRun
  let writing = Promise.resolve()
  // The writes follow each other, so that no sign of life comes after the end.
  const write = (more: Partial<LedgerCheckRun>) => {
    run = { ...run, aliveUntilMs: clock.nowMs() + ALIVE_MS, ...more }
    const next = run
    writing = writing.then(() => store.ledgerChecks.updateRun(next)).catch(onTrouble)
  }
  const signing = setInterval(() => write({}), SIGN_MS)
  signing.unref()
  let hasFailed = true
  try {
    const { check, report } = await checkLedger(deps, (part) => write({ part }))
    await store.ledgerChecks.record(check, report)
    hasFailed = false
  } finally {
    clearInterval(signing)
    write({ aliveUntilMs: 0, hasFailed })
    await writing
  }
}
