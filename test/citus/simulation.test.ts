/** A few runs of the simulations on a distributed database. `npm test` makes many more of them, in memory. */
import fc from 'fast-check'
import { test } from 'vitest'
import { BALANCE_STEPS } from '../simulation/balance-steps.ts'
import { MerchantBalance } from '../simulation/merchant-balance.ts'
import { createWorld, Run } from '../simulation/run.ts'
import { SESSION_STEPS, SESSION_TERMS } from '../simulation/session-steps.ts'
import { openStoreOnCitus } from '../support/simulated-store.ts'

const SESSION_COUNT = 8
const MERCHANT_COUNT = 4

test('after any sequence of operations each session is paid at most once, all other money is refunded, and every event is sent', async () => {
  const world = await createWorld(openStoreOnCitus)
  try {
    await fc.assert(
      fc.asyncProperty(
        SESSION_TERMS,
        SESSION_STEPS,
        fc.constantFrom('approved', 'declined'),
        async (terms, steps, lastDecision) => {
          const run = await Run.begin(world, terms)
          await fc.asyncModelRun(() => ({ model: {}, real: run }), steps)
          await run.settle(lastDecision)
        },
      ),
      // A smaller example would run on the database that has the open work of the failed run.
      { numRuns: SESSION_COUNT, endOnFailure: true },
    )
  } finally {
    await world.deps.store.close()
  }
}, 300_000)

test('after any sequence of operations a link is paid once, each transaction is in one payout, and disputes and the balance are exact', async () => {
  await fc.assert(
    fc.asyncProperty(BALANCE_STEPS, async (steps) => {
      const merchant = await MerchantBalance.begin(openStoreOnCitus)
      try {
        for (const step of steps) {
          await step.run(merchant)
          await merchant.audit()
        }
      } finally {
        await merchant.close()
      }
    }),
    { numRuns: MERCHANT_COUNT, endOnFailure: true },
  )
}, 300_000)
