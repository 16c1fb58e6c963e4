import { defineConfig } from 'vitest/config'

/** With this condition imports of the package's own names load its sources, so that no build is needed. */
const conditions = ['paydesk-source']

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['{src,test,examples,bench}/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', 'test/support/cost-reporter.ts'],
    setupFiles: ['test/support/around-each-file.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // An outer limit for a busy machine. The default, one second, measures the machine.
    expect: { poll: { timeout: 30_000 } },
    // One worker runs many files, which share its modules and its Chromium.
    isolate: false,
    // Two cores: more files at once only wait for one another.
    maxWorkers: 2,
  },
})
