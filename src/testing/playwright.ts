/** Fixtures for Playwright's test runner: `paydesk/testing/playwright`. */
import './require-node.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from './index.ts'

/** Passes a fixture's value to the test, and resolves when the test has ended. */
type Use<Value> = (value: Value) => Promise<void>

/**
 * A sandbox for each worker and a tenant for each test. Extend the `test` of `@playwright/test`,
 * which this module does not load:
 *
 *     export const test = base.extend<TestFixtures, WorkerFixtures>(fixtures)
 *
 *     test('a customer pays', async ({ page, tenant }) => {
 *       const session = await tenant.client.paymentSessions.create({ amount: 100, currency: 'INR' })
 *       await page.goto(tenant.client.checkoutUrl(session))
 *     })
 */
export const fixtures: PlaywrightFixtures = {
  sandboxOptions: [{}, { scope: 'worker', option: true }],
  sandbox: [
    async ({ sandboxOptions }, use) => {
      await using sandbox = await startSandbox(sandboxOptions)
      await use(sandbox)
    },
    { scope: 'worker' },
  ],
  tenant: async ({ sandbox, sandboxOptions: { seed } }, use) => {
    await using tenant = await sandbox.tenant(seed === undefined ? {} : { seed })
    await use(tenant)
  },
}

/** The fixtures of a test. */
export type TestFixtures = {
  /** The test's own sandbox, which ends with the test. */
  tenant: Sandbox
}

/** The fixtures that all tests of a worker share. */
export type WorkerFixtures = {
  /** The options of the sandbox: `use: { sandboxOptions: { … } }` in the configuration. */
  sandboxOptions: SandboxOptions
  /** The worker's sandbox, which makes the tenants. */
  sandbox: Sandbox
}

/** The fixtures in the form that `test.extend` accepts. */
export type PlaywrightFixtures = {
  sandboxOptions: [SandboxOptions, { scope: 'worker'; option: true }]
  sandbox: [(args: WorkerFixtures, use: Use<Sandbox>) => Promise<void>, { scope: 'worker' }]
  tenant: (args: TestFixtures & WorkerFixtures, use: Use<Sandbox>) => Promise<void>
}
