import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { PACKAGE_ENTRIES } from './scripts/package-entries.ts'
import { LongestFirst } from './test/support/longest-first.ts'

/** Imports of the package's own names load its sources, so that no build is needed. */
const alias = Object.entries(PACKAGE_ENTRIES).map(([name, source]) => ({
  find: new RegExp(`^paydesk/${name}$`),
  replacement: fileURLToPath(new URL(source, import.meta.url)),
}))

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['{src,test,examples,bench}/**/*.test.ts'],
    // `npm run test:citus` runs them: they need Citus, which no Debian package has.
    exclude: [...configDefaults.exclude, 'test/citus/**'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', 'test/support/cost-reporter.ts'],
    setupFiles: ['test/support/around-each-file.ts'],
    // Outer limits for a busy machine, on which a test can take twenty times as long.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // One worker runs many files, which share its modules and its Chromium.
    isolate: false,
    // One more than the two cores: files that wait for a timer, a disk or a process leave a core idle.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
})
