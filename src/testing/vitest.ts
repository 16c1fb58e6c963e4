/** Vitest's `test` with a sandbox for each test: `paydesk/testing/vitest`. */
import { test as base } from 'vitest'
import { type Sandbox, type SandboxOptions, startSandbox } from './index.ts'

export { describe, expect } from 'vitest'

/** What a test may ask for. */
export type Fixtures = {
  /** How the worker's sandbox is started. Replace it with `test.extend({ sandboxOptions: [{ … }, { scope: 'worker' }] })`. */
  readonly sandboxOptions: SandboxOptions
  /** One for all tests of a worker: where tenants come from. */
  readonly sandbox: Sandbox
  /** The test's own, thrown away when it ends. With a seed, it has the same in every run. */
  readonly tenant: Sandbox
}

/**
 * Vitest's `test`, by which a test has a sandbox of its own:
 *
 *     test('an order is paid', async ({ tenant }) => {
 *       const session = await tenant.client.paymentSessions.create({ amount: 100, currency: 'INR' })
 *     })
 */
export const test = base.extend<Fixtures>({
  sandboxOptions: [{}, { scope: 'worker' }],
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
})
