/** A sandbox for test suites: `paydesk/testing`. */
import { createControl } from '../client/control.ts'
import { sandboxFacts } from '../sandbox/announce.ts'
import { readConfig } from '../server/settings/read-settings.ts'
import { startServer } from '../server/start-server.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

export { WebhookSignatureError } from '../client/webhooks.ts'
/** A webhook endpoint in a test’s hands. */
export type { ReceivedRequest, Receiver, ReceiverOptions } from './receiver.ts'
/** A sandbox in a test’s hands. */
export type { Sandbox, TenantOptions } from './sandbox.ts'
/** What is played, made to go wrong, and looked at. */
export type * from './types.ts'

/** What a sandbox is started with. */
export type SandboxOptions = {
  /** Whether it holds its data in memory; it does unless `data` or `memory: false` is given. */
  readonly memory?: boolean
  /** The file of its database, when it is not in memory. */
  readonly data?: string
  /**
   * Makes ids, keys, signatures and times the same in every run that is asked the same. The clock begins
   * at 2026-01-01T00:00:00Z and stands still until it is moved.
   */
  readonly seed?: string
  /** The port; 0, which picks a free one, unless given. */
  readonly port?: number
  /** The least severe log lines to write to the standard error output; `silent` unless given. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Any other setting of `paydesk serve`, by its name in camel case: `{ webhookRetries: '3x1m' }`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
  /** What the clients call the API by, to record or to count. */
  readonly fetch?: typeof fetch
}

/**
 * Starts a sandbox in this process. Begin with one for a whole test run, and give each test a tenant of
 * it, which takes milliseconds:
 *
 *     const sandbox = await startSandbox()
 *     const tenant = await sandbox.tenant()
 *     const session = await tenant.client.paymentSessions.create({ amount: '1499.90', currency: 'INR' })
 *     await tenant.pay(session, { method: 'upi', outcome: 'succeeded' })
 *
 * Nothing is read from the environment. `close` ends it, its tenants and its receivers; `await using` does too.
 */
export async function startSandbox({
  data,
  fetch,
  logLevel = 'silent',
  memory = data === undefined,
  port = 0,
  seed,
  settings = {},
}: SandboxOptions = {}): Promise<Sandbox> {
  const flags = { ...settings, logLevel, memory, port, data, seed }
  const config = readConfig(flags, {})
  const service = await startServer(config)
  const facts = sandboxFacts(service.baseUrl, config.sandbox)
  return openSandbox(facts, { fetch, seed, end: service.close })
}

/**
 * Takes a sandbox in hand that was started by `paydesk serve`, on this machine. Closing it closes its
 * tenants and receivers; the sandbox itself goes on.
 */
export async function connectSandbox(
  baseUrl: string,
  { fetch }: Pick<SandboxOptions, 'fetch'> = {},
): Promise<Sandbox> {
  const control = createControl({ baseUrl: baseUrl.replace(/\/+$/, '') })
  const facts = (await control.tenants.list()).find(({ name }) => name === 'main')
  if (facts === undefined) throw new Error(`There is no sandbox at ${baseUrl}.`)
  return openSandbox(facts, { fetch, seed: undefined, end: () => Promise.resolve() })
}
