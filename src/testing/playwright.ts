/** Fixtures for Playwright's test runner: `paydesk/testing/playwright`. */
import { type Sandbox, type SandboxOptions, startSandbox } from './index.ts'

/** What is called with a fixture's value, and resolves when whoever uses it has ended. */
type Use<Value> = (value: Value) => Promise<void>

/**
 * A sandbox for each worker and a tenant of it for each test, for the `test` of `@playwright/test`, which
 * is not loaded here:
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

/** What a test may ask for. */
export type TestFixtures = {
  /** The test's own sandbox, thrown away when it ends. */
  tenant: Sandbox
}

/** What all tests of a worker share. */
export type WorkerFixtures = {
  /** How the sandbox is started; `use: { sandboxOptions: { … } }` in the configuration. */
  sandboxOptions: SandboxOptions
  /** Where tenants come from. */
  sandbox: Sandbox
}

/** The fixtures, in the form in which `extend` takes them. */
export type PlaywrightFixtures = {
  sandboxOptions: [SandboxOptions, { scope: 'worker'; option: true }]
  sandbox: [(given: WorkerFixtures, use: Use<Sandbox>) => Promise<void>, { scope: 'worker' }]
  tenant: (given: TestFixtures & WorkerFixtures, use: Use<Sandbox>) => Promise<void>
}
