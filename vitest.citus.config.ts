import { globSync, readFileSync } from 'node:fs'
import { configDefaults, defineConfig } from 'vitest/config'
import plain from './vitest.config.ts'

/** The folders with tests of requests and operations. */
const SOURCES = 'src/{api,oauth,operations,sandbox}/**/*.test.ts'
/** The simulations that make a few runs on Citus. `test/citus/simulation.test.ts` has two more. */
const SIMULATIONS = 'test/simulation/{mandates,payment-links,saved-methods,virtual-account}.test.ts'
/** The imports of a test that runs on each engine. */
const RUNS_ON_EACH_ENGINE = /support\/(?:engines|both-engines|deliveries|sandbox|webhooks)\.ts'/
/** The parts of such tests that name the engines. */
const NAMES_ENGINES = /\b(?:BOTH_|DELIVERY_)?ENGINES\b|'postgres'/

function runsOnEachEngine(file: string): boolean {
  const text = readFileSync(file, 'utf8')
  return RUNS_ON_EACH_ENGINE.test(text) && NAMES_ENGINES.test(text)
}

/** The run of `npm run test:citus`: tests of the store and of the API, on a Citus cluster. */
export default defineConfig({
  ...plain,
  test: {
    ...plain.test,
    include: [
      'test/citus/**/*.test.ts',
      SIMULATIONS,
      ...globSync(SOURCES).filter(runsOnEachEngine),
    ],
    exclude: configDefaults.exclude,
    globalSetup: ['test/support/citus-setup.ts'],
    env: { PAYDESK_TEST_CITUS: '1' },
    // A statement costs several times as much as on one PostgreSQL.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
