/** Vitest's `test` with a sandbox for each test: `paydesk/testing/vitest`. */
import './require-node.ts'
import { test as base } from 'vitest'
import { type Sandbox, type SandboxOptions, startSandbox } from './index.ts'

export { describe, expect } from 'vitest'

/** The fixtures of a test. */
export type Fixtures = {
  /** The options of the worker's sandbox. Change them with `test.extend({ sandboxOptions: [{ … }, { scope: 'worker' }] })`. */
  readonly sandboxOptions: SandboxOptions
  /** The worker's sandbox, which makes the tenants. */
  readonly sandbox: Sandbox
  /**
   * The test's own sandbox, which ends with the test. If `sandboxOptions` has a seed, the sandbox is the same in every
   * run.
   */
  readonly tenant: Sandbox
}

/**
 * Vitest's `test` with a sandbox for each test:
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
