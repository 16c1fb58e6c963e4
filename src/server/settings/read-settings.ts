import type { Mode } from '../../domain/scope.ts'
import type { SANDBOX_VALUES } from '../../sandbox/well-known.ts'
import type { AccessSettings } from './access-settings.ts'
import { API_SETTINGS, WEBHOOK_KEY_SETTING } from './api-settings.ts'
import { type ImpersonationSettings, readImpersonation } from './impersonation-settings.ts'
import {
  type Defaults,
  environmentName,
  flagName,
  type ProcessorAddress,
  type Setting,
} from './setting.ts'
import { SETTINGS } from './settings-table.ts'

type SettingsTable = typeof SETTINGS
type ValueOf<Key extends keyof SettingsTable> =
  Extract<ReturnType<SettingsTable[Key]['read']>, { value: unknown }> extends { value: infer Value }
    ? Value
    : never

/** The settings with a given value. */
export type Given = { readonly [Key in keyof SettingsTable]?: ValueOf<Key> }

/** The settings of a process, with every default filled in. */
export type Settings = AccessSettings & {
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
  readonly processor: ProcessorAddress | undefined
  /** The keys that sign calls of a processor server. */
  readonly processorKeys: readonly string[]
  readonly processorTimeoutMs: number
  readonly attemptLifeMs: number
  /** Waits between the attempts of a webhook delivery. */
  readonly webhookRetryWaitsMs: readonly number[]
  /** The seed of a sandbox's randomness. Undefined: runs cannot be repeated. */
  readonly seed: string | undefined
  /** The memory budget of tenants and snapshots together, in bytes. */
  readonly tenantBytesMax: number
  /** A tenant without requests for this time releases memory. */
  readonly tenantIdleMs: number
  /** Undefined: the server does not answer under the real host names. */
  readonly impersonation: ImpersonationSettings | undefined
  /** The clock of webhook signatures. In live mode both are the machine's. */
  readonly webhookTime: 'sandbox' | 'real'
  /** Private networks that webhooks may be sent to. */
  readonly webhookNetworks: readonly string[]
  readonly publicUrl: string | undefined
  readonly trustsProxy: boolean
  readonly limitsRates: boolean
  /** True: calls of the API are refused under overload. */
  readonly refusesWhenBehind: boolean
  readonly accessLog: 'off' | 'errors' | 'all'
  readonly logLevel: string
  readonly sandbox: typeof SANDBOX_VALUES
}

/** Unusable settings: one sentence for each problem. */
export class SettingsUnusable extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/**
 * Reads the settings from the flags and the environment; flags win. `needs` has the settings that a command needs in
 * live mode. Throws SettingsUnusable with every problem at once.
 */
export function readSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  needs: { readonly processor: boolean } = { processor: true },
): Settings {
  const problems: string[] = []
  const given = readGiven(flags, environment, problems)
  const mode = given.live === true ? 'live' : 'sandbox'
  const impersonation = readImpersonation(given, mode, problems)
  problems.push(...contradictions(given))
  if (mode === 'live') problems.push(...liveProblems(given, needs))
  if (needs.processor) problems.push(...keyProblems(given, problems))
  if (problems.length > 0) throw new SettingsUnusable(problems)

  const orDefault = <Value>(
    value: Value | undefined,
    { defaults }: { defaults: Defaults<Value> },
  ) => value ?? defaults[mode]
  return {
    mode,
    impersonation,
    allowedOrigins: orDefault(given.allowOrigin, SETTINGS.allowOrigin),
    allowedHosts: orDefault(given.allowHost, SETTINGS.allowHost),
    port: orDefault(given.port, SETTINGS.port),
    host: orDefault(given.host, SETTINGS.host),
    database: databaseOf(given, mode),
    fixesPermissions: orDefault(given.fixPermissions, SETTINGS.fixPermissions),
    workerCount: orDefault(given.workers, SETTINGS.workers),
    operationsPort: given.operationsPort,
    secretKey: required(orDefault(given.secretKey, SETTINGS.secretKey)),
    processor: given.processor,
    processorKeys: given.processorKey ?? [],
    processorTimeoutMs: orDefault(given.processorTimeout, SETTINGS.processorTimeout) * 1000,
    attemptLifeMs: orDefault(given.attemptLife, SETTINGS.attemptLife) * 1000,
    seed: given.seed,
    tenantBytesMax: orDefault(given.tenantMemory, SETTINGS.tenantMemory) * 1_048_576,
    tenantIdleMs: orDefault(given.tenantIdle, SETTINGS.tenantIdle) * 1000,
    webhookRetryWaitsMs: orDefault(given.webhookRetries, SETTINGS.webhookRetries),
    webhookTime: orDefault(given.webhookTime, SETTINGS.webhookTime),
    webhookNetworks: orDefault(given.webhookNetworks, SETTINGS.webhookNetworks),
    publicUrl: given.publicUrl,
    trustsProxy: orDefault(given.trustProxy, SETTINGS.trustProxy),
    limitsRates: orDefault(given.rateLimits, SETTINGS.rateLimits),
    refusesWhenBehind: orDefault(given.overloadProtection, SETTINGS.overloadProtection),
    accessLog: orDefault(given.accessLog, SETTINGS.accessLog),
    logLevel: orDefault(given.logLevel, SETTINGS.logLevel),
    sandbox: {
      accountId: orDefault(given.sandboxAccountId, SETTINGS.sandboxAccountId),
      usAccountId: orDefault(given.sandboxUsAccountId, SETTINGS.sandboxUsAccountId),
      clientId: orDefault(given.sandboxClientId, SETTINGS.sandboxClientId),
      clientSecret: orDefault(given.sandboxClientSecret, SETTINGS.sandboxClientSecret),
      refreshToken: orDefault(given.sandboxRefreshToken, SETTINGS.sandboxRefreshToken),
      accessToken: orDefault(given.sandboxToken, SETTINGS.sandboxToken),
      signingKey: orDefault(given.sandboxSigningKey, SETTINGS.sandboxSigningKey),
      apiKey: orDefault(given.sandboxApiKey, SETTINGS.sandboxApiKey),
      redirectUris: orDefault(given.sandboxRedirectUris, SETTINGS.sandboxRedirectUris),
    },
  }
}

function databaseOf(given: Given, mode: Mode): Settings['database'] {
  const { databaseUrl: url } = given
  if (url === undefined) {
    const file = given.memory === true ? ':memory:' : given.data
    return { kind: 'sqlite', file: required(file ?? SETTINGS.data.defaults[mode]) }
  }
  const { defaults } = SETTINGS.databaseConnections
  return { kind: 'postgres', url, connectionCountMax: given.databaseConnections ?? defaults[mode] }
}

/** Live mode has no default for it, and is refused without it. */
function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a needed setting is missing')
  return value
}

/** The problems of settings that exclude each other, a sentence each. */
function contradictions(given: Given): readonly string[] {
  const problems: string[] = []
  const isFile = given.memory === true || given.data !== undefined
  if (given.memory === true && given.data !== undefined) {
    problems.push('--memory and --data exclude each other: use one of them.')
  }
  if (given.databaseUrl !== undefined && isFile) {
    problems.push('--database-url excludes --data and --memory: use one of them.')
  }
  if ((given.workers ?? 1) > 1 && given.databaseUrl === undefined) {
    problems.push(
      '--workers above 1 needs --database-url: the embedded database supports only one process.',
    )
  }
  const port = given.port ?? SETTINGS.port.defaults.live
  if (given.operationsPort === port && port !== 0) {
    problems.push('--operations-port must differ from --port.')
  }
  return problems
}

/** The problems of settings for live mode, a sentence each. */
function liveProblems(given: Given, needs: { readonly processor: boolean }): readonly string[] {
  const problems = SANDBOX_KEYS.filter((key) => given[key] !== undefined).map(
    (key) => `${flagName(SETTINGS[key])} works only in a sandbox: remove it.`,
  )
  if (given.data === undefined && given.memory !== true && given.databaseUrl === undefined) {
    problems.push('Live mode needs a database: set --database-url or --data.')
  }
  if (given.memory === true)
    problems.push('Live mode needs a persistent database: remove --memory.')
  if (given.secretKey === undefined) {
    problems.push(
      'Live mode needs a secret key: set PAYDESK_SECRET_KEY to the output of: openssl rand -hex 32',
    )
  }
  if (needs.processor && given.processor === undefined) {
    problems.push(
      'Live mode needs a processor: set --processor to the path of its module or the URL of its server.',
    )
  }
  return problems
}

/** The problem of a processor server without a key. An unreadable key has its own problem. */
function keyProblems(
  { processor, processorKey }: Given,
  problems: readonly string[],
): readonly string[] {
  const name = environmentName(SETTINGS.processorKey)
  if (processor?.kind !== 'server' || processorKey !== undefined) return []
  if (problems.some((problem) => problem.startsWith(name))) return []
  return [
    `A processor with a URL needs a key: set ${name} to the output of: echo "whsec_$(openssl rand -base64 32)"`,
  ]
}

/** The settings that live mode refuses. */
const SANDBOX_KEYS = ['allowHost', 'seed', 'webhookTime', 'tenantMemory', 'tenantIdle'] as const

/** The settings that name a database. */
const DATABASE_KEYS: readonly string[] = ['data', 'memory', 'databaseUrl']

/**
 * Answers whether container platforms set a variable for a neighbour called "paydesk", such as
 * `PAYDESK_PORT=tcp://10.0.0.1:4242`.
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
  const all: readonly (readonly [string, Setting])[] = Object.entries(SETTINGS)
  for (const [key, setting] of all) {
    const flag = flags[key]
    // A database from a flag replaces the one from the environment.
    const isReplaced = databaseFlagged && DATABASE_KEYS.includes(key)
    const variable = isReplaced ? undefined : givenVariable(setting, environment)
    const found = flag === undefined ? variable : { source: flagName(setting), value: String(flag) }
    if (found === undefined) continue
    const read = setting.read(found.value)
    if ('mustBe' in read) problems.push(`${found.source} must be ${read.mustBe}.`)
    else given[key] = read.value
  }
  problems.push(...unknownVariables(environment))
  return given as Given
}

/**
 * Finds the variable that sets a setting. An empty one counts as absent, because shells and compose files write it so.
 */
function givenVariable(
  setting: Setting,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly source: string; readonly value: string } | undefined {
  for (const source of [environmentName(setting), setting.platformVariable ?? '']) {
    const value = environment[source]
    if (value !== undefined && value !== '' && !isServiceLink(source, value)) {
      return { source, value }
    }
  }
  return undefined
}

/** The problems of variables that begin with `PAYDESK_` and are not settings, a sentence each. */
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
    .map((name) => `${name} is not a setting. For the list: paydesk serve --help`)
}
