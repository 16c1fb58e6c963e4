/**
 * Payers, merchants, processor, clock, crashes and workers in any order, on the real operations and the
 * real store in memory. An auditor with its own sums checks everything after each step.
 *
 * A failure prints the seed, the path and the replayPath: pass them to `fc.assert` and `fc.commands` to repeat the
 * same run.
 */
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { TALLY } from './merchant.ts'
import { createWorld, Run, type World } from './run.ts'
import { SESSION_STEPS, SESSION_TERMS } from './session-steps.ts'

/** Each run of the suite draws other sequences, so that many runs of the suite together try many more sequences. */
const RUN_COUNT = 700
/** The number of runs on one database. It is small, because each step checks the whole ledger. */
const RUN_COUNT_PER_WORLD = 8

let sharedWorld: World | undefined
afterAll(() => sharedWorld?.deps.store.close())

async function nextWorld(): Promise<World> {
  if (sharedWorld !== undefined && sharedWorld.runCount >= RUN_COUNT_PER_WORLD) {
    await sharedWorld.deps.store.close()
    sharedWorld = undefined
  }
  return sharedWorld ?? createWorld()
}

test('after any sequence of operations each session is paid at most once, all other money is refunded, each transaction is paid out at most once, each receipt is sent at most once, and every event is sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      SESSION_TERMS,
      SESSION_STEPS,
      fc.constantFrom('approved', 'declined'),
      async (agreement, steps, lastDecision) => {
        const world = await nextWorld()
        // Open work of a failed run must not affect the next one.
        sharedWorld = undefined
        const run = await Run.begin(world, agreement)
        await fc.asyncModelRun(() => ({ model: {}, real: run }), steps)
        await run.settle(lastDecision)
        sharedWorld = world
      },
    ),
    { numRuns: RUN_COUNT },
  )
  // Together, the runs must have played every kind of step.
  for (const what of ['refund', 'transfer', 'reversal', 'dispute', 'debit']) {
    expect(TALLY.get(`${what} granted`), what).toBeGreaterThan(RUN_COUNT / 10)
    expect(TALLY.get(`${what} refused`), what).toBeGreaterThan(RUN_COUNT / 20)
  }
  for (const what of ['dispute won', 'dispute lost']) {
    expect(TALLY.get(what), what).toBeGreaterThan(RUN_COUNT / 100)
  }
}, 300_000)
