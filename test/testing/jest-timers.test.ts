/** A sandbox in a Jest test continues while Jest fakes time. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const JEST = fileURLToPath(new URL('../../node_modules/jest/bin/jest.js', import.meta.url))
const TESTING = new URL('../../src/testing/index.ts', import.meta.url).pathname

/** Jest loads the sources with Node's removal of types. */
const TRANSFORM = `
const { stripTypeScriptTypes } = require('node:module')
module.exports = { process: (text) => ({ code: stripTypeScriptTypes(text) }) }
`
const CONFIG = JSON.stringify({
  testMatch: ['<rootDir>/*.test.mjs'],
  transform: { '\\.ts$': '<rootDir>/transform.cjs' },
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json'],
  // An outer limit for a busy machine.
  testTimeout: 60_000,
})
const JEST_TEST = `
import { startSandbox } from '${TESTING}'

test('a payment succeeds under the fake timers of Jest', async () => {
  import.meta.jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] })
  const sandbox = await startSandbox()
  const tenant = await sandbox.tenant()
  const receiver = await tenant.receiver()
  const session = await tenant.client.paymentSessions.create({ amount: 1, currency: 'INR' })
  const { status } = await tenant.pay(session, { method: 'upi', outcome: 'succeeded' })
  expect(status).toBe('succeeded')
  await tenant.settle()
  await receiver.next('payment.succeeded')
  await tenant.close()
  await sandbox.close()
})
`

test('with the option in the guide Jest’s fake timers stop neither the start nor the sandbox', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-jest-'))
  try {
    writeFileSync(join(folder, 'transform.cjs'), TRANSFORM)
    writeFileSync(join(folder, 'payment.test.mjs'), JEST_TEST)
    const { stderr } = await run(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--no-warnings',
        JEST,
        '--rootDir',
        folder,
        '--config',
        CONFIG,
        '--no-cache',
        '--runInBand',
      ],
      { cwd: folder, timeout: 120_000 },
    )
    expect(stderr).toMatch(/Tests: +1 passed, 1 total/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 150_000)
