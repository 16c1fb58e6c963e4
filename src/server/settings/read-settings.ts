import { Buffer } from 'node:buffer'
import { ATTEMPT_LIFE_SECONDS_DEFAULT } from '../../domain/payment-attempt.ts'
import { RETRY_WAITS_MS_DEFAULT } from '../../domain/webhook-delivery.ts'
import { SANDBOX_VALUES } from '../../sandbox/well-known.ts'
import type { AccessConfig } from './access-settings.ts'
import { API_SETTINGS, WEBHOOK_KEY_SETTING } from './api-settings.ts'
import { type ImpersonationConfig, readImpersonation } from './impersonation-settings.ts'
import { environmentName, flagName, type Setting } from './setting.ts'
import { SETTINGS } from './settings-table.ts'

type Settings = typeof SETTINGS
type ValueOf<Key extends keyof Settings> =
  Extract<ReturnType<Settings[Key]['read']>, { value: unknown }> extends { value: infer Value }
    ? Value
    : never

/** The settings that were given, each with its value. */
export type Given = { readonly [Key in keyof Settings]?: ValueOf<Key> }

/** The settings of a process, with every default filled in. */
export type Config = AccessConfig & {
  readonly mode: 'sandbox' | 'live'
  readonly port: number
  readonly host: string
  readonly database:
    | { readonly kind: 'sqlite'; readonly file: string }
    | { readonly kind: 'postgres'; readonly url: string; readonly connectionCountMax: number }
  /** True: files that other users may read are made private. False: there is a warning. */
  readonly fixesPermissions: boolean
  readonly workerCount: number
  /** The port of `/healthz`, `/readyz` and `/metrics`. Undefined: they are on `port`. */
  readonly operationsPort: number | undefined
  readonly secretKey: Uint8Array
  readonly processorModule: string | undefined
  readonly processorTimeoutMs: number
  readonly attemptLifeMs: number
  /** Waits between the attempts of a webhook delivery. */
  readonly webhookRetryWaitsMs: readonly number[]
  /** What a sandbox's chance goes by, so that a run can be repeated. */
  readonly seed: string | undefined
  /** The memory budget of tenants and snapshots together, in bytes. */
  readonly tenantBytesMax: number
  /** After so long without a request a tenant gives memory back. */
  readonly tenantIdleMs: number
  /** Undefined: the real host names are not answered for. */
  readonly impersonation: ImpersonationConfig | undefined
  /** The clock of the signatures of webhooks. In live mode both are the machine's. */
  readonly webhookTime: 'sandbox' | 'real'
  /** Private networks that webhooks may be sent to. */
  readonly webhookNetworks: readonly string[]
  readonly publicUrl: string | undefined
  readonly trustsProxy: boolean
  readonly limitsRates: boolean
  /** True: calls of the API are refused while the server is behind. */
  readonly refusesWhenBehind: boolean
  readonly accessLog: 'off' | 'errors' | 'all'
  readonly logLevel: string
  readonly sandbox: typeof SANDBOX_VALUES
}

/** All that is wrong with the settings, a sentence each. */
export class ConfigUnusable extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** A sandbox has nothing to hide: its key is the same everywhere. */
const SANDBOX_SECRET_KEY = new Uint8Array(Buffer.from('paydesk sandbox: no secret at all'))

/**
 * Reads the settings from the flags given and from the environment, where flags win. `needs` says
 * what a command cannot do without in live mode. Throws ConfigUnusable with every problem at once.
 */
export function readConfig(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  needs: { readonly processor: boolean } = { processor: true },
): Config {
  const problems: string[] = []
  const given = readGiven(flags, environment, problems)

  const mode = given.live === true ? 'live' : 'sandbox'
  const impersonation = readImpersonation(given, mode, problems)
  const file = given.memory === true ? ':memory:' : given.data
  if (given.memory === true && given.data !== undefined) {
    problems.push('--memory and --data exclude each other: name one of them.')
  }
  if (given.databaseUrl !== undefined && file !== undefined) {
    problems.push('--database-url excludes --data and --memory: name one database.')
  }
  if ((given.workers ?? 1) > 1 && given.databaseUrl === undefined) {
    problems.push(
      '--workers above 1 needs --database-url: the embedded database is for one process.',
    )
  }
  if (
    given.operationsPort !== undefined &&
    given.operationsPort === (given.port ?? 4242) &&
    given.port !== 0
  ) {
    problems.push('--operations-port must differ from --port.')
  }
  if (mode === 'live') {
    for (const key of SANDBOX_KEYS) {
      if (given[key] !== undefined) {
        problems.push(`${flagName(SETTINGS[key])} is for a sandbox: drop it.`)
      }
    }
    if (file === undefined && given.databaseUrl === undefined) {
      problems.push('Live mode needs a database: set --database-url or --data.')
    }
    if (given.memory === true)
      problems.push('Live mode needs a database that lasts: drop --memory.')
    if (given.secretKey === undefined) {
      problems.push(
        'Live mode needs a secret key: set PAYDESK_SECRET_KEY to the output of: openssl rand -hex 32',
      )
    }
    if (needs.processor && given.processor === undefined) {
      problems.push('Live mode needs a processor: set --processor to the path of its module.')
    }
  }
  if (problems.length > 0) throw new ConfigUnusable(problems)

  return {
    allowedOrigins: given.allowOrigin ?? [],
    allowedHosts: given.allowHost ?? [],
    mode,
    port: given.port ?? 4242,
    host: given.host ?? '127.0.0.1',
    database:
      given.databaseUrl === undefined
        ? { kind: 'sqlite', file: file ?? './paydesk.db' }
        : {
            kind: 'postgres',
            url: given.databaseUrl,
            connectionCountMax: given.databaseConnections ?? 10,
          },
    fixesPermissions: given.fixPermissions ?? false,
    workerCount: given.workers ?? 1,
    operationsPort: given.operationsPort,
    secretKey: given.secretKey ?? SANDBOX_SECRET_KEY,
    processorModule: given.processor,
    processorTimeoutMs: (given.processorTimeout ?? (mode === 'live' ? 20 : 5)) * 1000,
    attemptLifeMs: (given.attemptLife ?? ATTEMPT_LIFE_SECONDS_DEFAULT) * 1000,
    seed: given.seed,
    tenantBytesMax: (given.tenantMemory ?? 512) * 1_048_576,
    tenantIdleMs: (given.tenantIdle ?? 120) * 1000,
    impersonation,
    webhookRetryWaitsMs: given.webhookRetries ?? RETRY_WAITS_MS_DEFAULT,
    webhookTime: given.webhookTime ?? 'sandbox',
    webhookNetworks: given.webhookNetworks ?? [],
    publicUrl: given.publicUrl,
    trustsProxy: given.trustProxy ?? false,
    limitsRates: given.rateLimits ?? mode === 'live',
    refusesWhenBehind: given.overloadProtection ?? mode === 'live',
    accessLog: given.accessLog ?? 'errors',
    logLevel: given.logLevel ?? 'info',
    sandbox: {
      accountId: given.sandboxAccountId ?? SANDBOX_VALUES.accountId,
      usAccountId: given.sandboxUsAccountId ?? SANDBOX_VALUES.usAccountId,
      clientId: given.sandboxClientId ?? SANDBOX_VALUES.clientId,
      clientSecret: given.sandboxClientSecret ?? SANDBOX_VALUES.clientSecret,
      refreshToken: given.sandboxRefreshToken ?? SANDBOX_VALUES.refreshToken,
      accessToken: given.sandboxToken ?? SANDBOX_VALUES.accessToken,
      signingKey: given.sandboxSigningKey ?? SANDBOX_VALUES.signingKey,
      apiKey: given.sandboxApiKey ?? SANDBOX_VALUES.apiKey,
      redirectUris: given.sandboxRedirectUris ?? SANDBOX_VALUES.redirectUris,
    },
  }
}

/** The settings that mean nothing in live mode. */
const SANDBOX_KEYS = ['allowHost', 'seed', 'webhookTime', 'tenantMemory', 'tenantIdle'] as const

/** The settings that each name a whole database. */
const DATABASE_KEYS: readonly string[] = ['data', 'memory', 'databaseUrl']

/**
 * Answers whether a variable is one that container platforms set for a neighbour called "paydesk",
 * such as `PAYDESK_PORT=tcp://10.0.0.1:4242`.
 */
function isServiceLink(name: string, value: string | undefined): boolean {
  return (
    /^PAYDESK_(?:NAME$|ENV_|SERVICE_(?:HOST|PORT)|PORT_\d+_)/.test(name) ||
    (name === 'PAYDESK_PORT' && /^(?:tcp|udp):\/\//.test(value ?? ''))
  )
}

function readGiven(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Given {
  const given: Record<string, unknown> = {}
  const databaseFlagged = DATABASE_KEYS.some((key) => flags[key] !== undefined)
  for (const [key, setting] of Object.entries(SETTINGS) as [string, Setting][]) {
    const flag = flags[key]
    // A database that is named by a flag replaces whichever the environment names.
    const isReplaced = databaseFlagged && DATABASE_KEYS.includes(key)
    const variable = isReplaced ? undefined : environment[environmentName(setting)]
    const source = flag === undefined ? environmentName(setting) : flagName(setting)
    const value = flag === undefined ? variable : String(flag)
    if (flag === undefined && isServiceLink(environmentName(setting), variable)) continue
    // An empty variable is how a shell or a compose file leaves one out.
    if (value === undefined || (flag === undefined && value === '')) continue
    const read = setting.read(value)
    if ('mustBe' in read) problems.push(`${source} must be ${read.mustBe}.`)
    else given[key] = read.value
  }
  problems.push(...unknownVariables(environment))
  return given as Given
}

/** Says of each variable that begins like a setting of ours, and is none, that it is none. */
export function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const settings: readonly Setting[] = [
    ...Object.values(SETTINGS),
    ...Object.values(API_SETTINGS),
    WEBHOOK_KEY_SETTING,
  ]
  const known = new Set(settings.map(environmentName))
  return Object.keys(environment)
    .filter((name) => name.startsWith('PAYDESK_') && !name.startsWith('PAYDESK_TEST_'))
    .filter((name) => !known.has(name) && !isServiceLink(name, environment[name]))
    .map((name) => `${name} is not a setting. See paydesk serve --help for those there are.`)
}
