import { configDefaults, defineConfig } from 'vitest/config'
import plain from './vitest.config.ts'

/** The tests of the API that run on every engine. */
const WIRE_TESTS = ['src/api/*/*routes.test.ts', 'src/api/idempotency.test.ts']

/** The run of `npm run test:citus`: tests of the store and of the API, on a Citus cluster. */
export default defineConfig({
  ...plain,
  test: {
    ...plain.test,
    include: ['test/citus/**/*.test.ts', ...WIRE_TESTS],
    exclude: configDefaults.exclude,
    globalSetup: ['test/support/citus-setup.ts'],
    env: { PAYDESK_TEST_CITUS: '1' },
  },
})
