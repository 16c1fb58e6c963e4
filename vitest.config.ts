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
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // An outer limit for a busy machine. The default, one second, measures the machine.
    expect: { poll: { timeout: 30_000 } },
    // One worker runs many files, which share its modules and its Chromium.
    isolate: false,
    // One more than the two cores: files that wait for a timer, a disk or a process leave a core idle.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
})
