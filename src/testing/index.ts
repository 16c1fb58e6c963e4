/** A sandbox for test suites: `paydesk/testing`. */
import './require-node.ts'
import { createControl } from '../client/control.ts'
import { refuseUnknownOptions } from '../client/options.ts'
import { sandboxFacts } from '../sandbox/announce.ts'
import { readSettings } from '../server/settings/read-settings.ts'
import { startServer } from '../server/start-server.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

export { WebhookSignatureError } from '../client/webhooks.ts'
/** A registered webhook endpoint in the test's process. */
export type { ReceivedRequest, Receiver, ReceiverOptions } from './receiver.ts'
/** A sandbox for tests. */
export type { Sandbox, TenantOptions } from './sandbox.ts'
/** The sandbox's objects: attempts, faults, the clock, the request log. */
export type * from './types.ts'

/** The options of a sandbox. */
export type SandboxOptions = {
  /** True: its data is in memory. Default: true, unless `data` is given. */
  readonly memory?: boolean
  /** The file of its database, if it is not in memory. */
  readonly data?: string
  /**
   * Makes ids, keys, signatures and times the same in every run with the same calls. The clock starts at
   * 2026-01-01T00:00:00Z and is frozen: only the functions of `clock` move it.
   */
  readonly seed?: string
  /** The port. Default: 0, which picks a free port. */
  readonly port?: number
  /** The lowest level of log lines on the error output. Default: `silent`. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Other settings of `paydesk serve`, with their names in camel case: `{ webhookRetries: '3x1m' }`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
  /** The `fetch` of the API's clients, for example to record calls. */
  readonly fetch?: typeof fetch
}

const OPTION_NAMES: Record<keyof SandboxOptions, true> = {
  memory: true,
  data: true,
  seed: true,
  port: true,
  logLevel: true,
  settings: true,
  fetch: true,
}

/**
 * Starts a sandbox in this process. Start one for the whole test run, and make a tenant for each test, which takes
 * milliseconds:
 *
 *     const sandbox = await startSandbox()
 *     const tenant = await sandbox.tenant()
 *     const session = await tenant.client.paymentSessions.create({ amount: '1499.90', currency: 'INR' })
 *     await tenant.pay(session, { method: 'upi', outcome: 'succeeded' })
 *
 * The environment is not read. `close` ends the sandbox, its tenants and its receivers; so does `await using`.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  refuseUnknownOptions('A sandbox', options, OPTION_NAMES)
  const { data, fetch, logLevel = 'silent', port = 0, seed, settings: flags = {} } = options
  // A program without types can pass a number, which would seed other ids than its text does.
  if (seed !== undefined && typeof seed !== 'string') {
    throw new TypeError(`seed must be a text such as '5', not ${JSON.stringify(seed)}.`)
  }
  const { memory = data === undefined } = options
  const allFlags = { ...flags, logLevel, memory, port, data, seed }
  const settings = readSettings(allFlags, {})
  const service = await startServer(settings, { closesConnections: true })
  const facts = sandboxFacts(service.baseUrl, settings.sandbox)
  return openSandbox(facts, { fetch, seed, end: service.close })
}

/**
 * Connects to a sandbox that `paydesk serve` started on this machine. `close` ends the tenants and
 * receivers that were made with it; the sandbox itself keeps running.
 */
export async function connectSandbox(
  baseUrl: string,
  { fetch }: Pick<SandboxOptions, 'fetch'> = {},
): Promise<Sandbox> {
  if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw new TypeError(
      `A sandbox's address begins with http:// or https://, but it is ${JSON.stringify(baseUrl)}.`,
    )
  }
  const control = createControl({ baseUrl: baseUrl.replace(/\/+$/, '') })
  const facts = (await control.tenants.list()).find(({ name }) => name === 'main')
  if (facts === undefined) throw new Error(`There is no sandbox at ${baseUrl}.`)
  return openSandbox(facts, { fetch, seed: undefined, end: () => Promise.resolve() })
}
