import { configDefaults, defineConfig } from 'vitest/config'
import plain from './vitest.config.ts'

/** The run of `npm run test:citus`: tests of the store and of the API, on a Citus cluster. */
export default defineConfig({
  ...plain,
  test: {
    ...plain.test,
    include: ['test/citus/**/*.test.ts'],
    exclude: configDefaults.exclude,
    globalSetup: ['test/support/citus-setup.ts'],
    env: { PAYDESK_TEST_CITUS: '1' },
  },
})
