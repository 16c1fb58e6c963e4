import type { Mode } from '../../domain/scope.ts'
import type { SandboxContents } from '../../sandbox/control/contents.ts'
import type { SANDBOX_VALUES } from '../../sandbox/well-known.ts'
import type { TelemetrySettings } from '../telemetry/tracing.ts'
import type { AccessSettings } from './access-settings.ts'
import { type ConsoleSettings, readConsole } from './console-settings.ts'
import {
  findSettings,
  type SettingSources,
  type SettingsFile,
  unknownVariables,
} from './find-settings.ts'
import { type ImpersonationSettings, readImpersonation } from './impersonation-settings.ts'
import { type MessengerAddress, readMessenger } from './message-settings.ts'
import { type OpenidSettings, readOpenid } from './openid-settings.ts'
import { secretFilesOf } from './secret-files.ts'
import {
  type Defaults,
  environmentName,
  flagName,
  type ProcessorAddress,
  type Setting,
  settingProblem,
} from './setting.ts'
import { SETTINGS } from './settings-table.ts'
import { SettingsUnusable } from './settings-unusable.ts'

type SettingsTable = typeof SETTINGS
type ValueOf<Key extends keyof SettingsTable> =
  Extract<ReturnType<SettingsTable[Key]['read']>, { value: unknown }> extends { value: infer Value }
    ? Value
    : never

type SettingValues = { readonly [Key in keyof SettingsTable]?: ValueOf<Key> }

/** The settings of a process, with every default filled in. */
export type Settings = AccessSettings &
  ConsoleSettings & {
    readonly mode: 'sandbox' | 'live'
    readonly port: number
    readonly host: string
    readonly database:
      | { readonly kind: 'sqlite'; readonly file: string }
      | {
          readonly kind: 'postgres'
          readonly url: string
          /** A replica for lists and reports. Undefined: there is none. */
          readonly readUrl?: string
          readonly connectionCountMax: number
        }
    /** True: files that other users may read are made private. False: there is a warning. */
    readonly fixesPermissions: boolean
    readonly workerCount: number
    /** The port of `/healthz`, `/readyz` and `/metrics`. Undefined: they are on `port`. */
    readonly operationsPort: number | undefined
    readonly secretKey: Uint8Array
    /** The previous secret key, while the secret key is replaced. */
    readonly previousSecretKey: Uint8Array | undefined
    readonly processor: ProcessorAddress | undefined
    /** The keys that sign calls to a processor server. */
    readonly processorKeys: readonly string[]
    /** The messenger of messages to customers. Undefined: there is none. */
    readonly messenger: MessengerAddress | undefined
    /** The identity provider of the live console. Undefined: there is none. */
    readonly openid: OpenidSettings | undefined
    readonly processorTimeoutMs: number
    readonly attemptLifeMs: number
    readonly webhookRetryWaitsMs: readonly number[]
    /** The text that makes ids, keys and signatures the same in every run. Undefined: they are random. */
    readonly seed: string | undefined
    /** The memory budget of tenants and snapshots together. */
    readonly tenantBytesMax: number
    /** After this time without a request a tenant releases memory. */
    readonly tenantIdleMs: number
    /** Undefined: the server does not answer under Zoho's host names. */
    readonly impersonation: ImpersonationSettings | undefined
    /** The clock of a sandbox's webhook signatures: the sandbox's or the machine's. */
    readonly webhookTime: 'sandbox' | 'real'
    /** Private networks that webhooks may be sent to. */
    readonly webhookNetworks: readonly string[]
    readonly publicUrl: string | undefined
    readonly trustsProxy: boolean
    readonly limitsRates: boolean
    /** True: calls of the API are refused while the server is behind. */
    readonly refusesWhenBehind: boolean
    readonly accessLog: 'off' | 'errors' | 'all'
    /** Undefined: there are no traces. */
    readonly telemetry: TelemetrySettings | undefined
    readonly logFormat: 'auto' | 'text' | 'json'
    readonly logLevel: string
    readonly sandbox: typeof SANDBOX_VALUES
    /** The paths of the files from which secrets were read. */
    readonly secretFiles: readonly string[]
    /** The contents of a sandbox at its start, and the file that has them. */
    readonly contents: { readonly path: string; readonly sandbox: SandboxContents } | undefined
  }

/** The settings that a command needs in live mode. */
export type NeededSettings = { readonly processor: boolean }

/**
 * Reads the settings. A flag wins over the environment, and the environment over the file. `needs` has the settings
 * that a command needs in live mode. Throws SettingsUnusable with every problem at once.
 */
export function readSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  needs: NeededSettings = { processor: true },
  file?: SettingsFile,
): Settings {
  const problems: string[] = []
  const { givenSettings, secretFiles, values } = readValues({ flags, environment, file }, problems)
  const mode = values.live === true ? 'live' : 'sandbox'
  const impersonation = readImpersonation(values, mode, problems)
  const messenger = readMessenger(values, mode, problems)
  const place = readConsole(values, mode, givenSettings, problems)
  const openid = readOpenid(values, mode, givenSettings, problems)
  problems.push(...contradictions(values, givenSettings))
  if (mode === 'live') problems.push(...liveProblems(values, givenSettings, needs))
  problems.push(...contentsProblems(values, mode, file))
  if (needs.processor) problems.push(...keyProblems(values, givenSettings))
  if (problems.length > 0) throw new SettingsUnusable(problems)

  const orDefault = <Value>(
    value: Value | undefined,
    { defaults }: { defaults: Defaults<Value> },
  ) => value ?? defaults[mode]
  return {
    mode,
    secretFiles,
    contents: file?.sandbox && { path: file.path, sandbox: file.sandbox },
    impersonation,
    messenger,
    openid,
    ...place,
    allowedOrigins: orDefault(values.allowOrigin, SETTINGS.allowOrigin),
    allowedHosts: orDefault(values.allowHost, SETTINGS.allowHost),
    port: orDefault(values.port, SETTINGS.port),
    host: orDefault(values.host, SETTINGS.host),
    database: databaseOf(values, mode),
    fixesPermissions: orDefault(values.fixPermissions, SETTINGS.fixPermissions),
    workerCount: orDefault(values.workers, SETTINGS.workers),
    operationsPort: values.operationsPort,
    secretKey: requireValue(orDefault(values.secretKey, SETTINGS.secretKey)),
    previousSecretKey: values.previousSecretKey,
    processor: values.processor,
    processorKeys: values.processorKey ?? [],
    processorTimeoutMs: orDefault(values.processorTimeout, SETTINGS.processorTimeout) * 1000,
    attemptLifeMs: orDefault(values.attemptLife, SETTINGS.attemptLife) * 1000,
    seed: values.seed,
    tenantBytesMax: orDefault(values.tenantMemory, SETTINGS.tenantMemory) * 1_048_576,
    tenantIdleMs: orDefault(values.tenantIdle, SETTINGS.tenantIdle) * 1000,
    webhookRetryWaitsMs: orDefault(values.webhookRetries, SETTINGS.webhookRetries),
    webhookTime: orDefault(values.webhookTime, SETTINGS.webhookTime),
    webhookNetworks: orDefault(values.webhookNetworks, SETTINGS.webhookNetworks),
    publicUrl: values.publicUrl,
    trustsProxy: orDefault(values.trustProxy, SETTINGS.trustProxy),
    limitsRates: orDefault(values.rateLimits, SETTINGS.rateLimits),
    refusesWhenBehind: orDefault(values.overloadProtection, SETTINGS.overloadProtection),
    accessLog: orDefault(values.accessLog, SETTINGS.accessLog),
    telemetry:
      values.telemetryUrl === undefined
        ? undefined
        : {
            url: values.telemetryUrl,
            percent: orDefault(values.telemetryPercent, SETTINGS.telemetryPercent),
          },
    logFormat: orDefault(values.logFormat, SETTINGS.logFormat),
    logLevel: orDefault(values.logLevel, SETTINGS.logLevel),
    sandbox: {
      accountId: orDefault(values.sandboxAccountId, SETTINGS.sandboxAccountId),
      usAccountId: orDefault(values.sandboxUsAccountId, SETTINGS.sandboxUsAccountId),
      clientId: orDefault(values.sandboxClientId, SETTINGS.sandboxClientId),
      clientSecret: orDefault(values.sandboxClientSecret, SETTINGS.sandboxClientSecret),
      refreshToken: orDefault(values.sandboxRefreshToken, SETTINGS.sandboxRefreshToken),
      accessToken: orDefault(values.sandboxToken, SETTINGS.sandboxToken),
      signingKey: orDefault(values.sandboxSigningKey, SETTINGS.sandboxSigningKey),
      apiKey: orDefault(values.sandboxApiKey, SETTINGS.sandboxApiKey),
      redirectUris: orDefault(values.sandboxRedirectUris, SETTINGS.sandboxRedirectUris),
    },
  }
}

/** The settings of commands on a database's file or copies, which work without a secret key. */
export type FileCommandSettings = {
  /** Undefined: live mode, and no source names a database. */
  readonly database: Settings['database'] | undefined
  /** Undefined: no source has a secret key. */
  readonly secretKey: Uint8Array | undefined
}

/** Throws SettingsUnusable with every problem at once. */
export function readFileCommandSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  file: SettingsFile | undefined,
): FileCommandSettings {
  const problems: string[] = []
  const { givenSettings, values } = readValues({ flags, environment, file }, problems)
  problems.push(...contradictions(values, givenSettings))
  if (problems.length > 0) throw new SettingsUnusable(problems)
  const mode = values.live === true ? 'live' : 'sandbox'
  const isNamed =
    mode === 'sandbox' || givenSettings.has('data') || givenSettings.has('databaseUrl')
  return {
    database: isNamed ? databaseOf(values, mode) : undefined,
    secretKey: values.secretKey ?? SETTINGS.secretKey.defaults[mode],
  }
}

function databaseOf(values: SettingValues, mode: Mode): Settings['database'] {
  const { databaseReadUrl: readUrl, databaseUrl: url } = values
  if (url === undefined) {
    const file = values.memory === true ? ':memory:' : values.data
    return { kind: 'sqlite', file: requireValue(file ?? SETTINGS.data.defaults[mode]) }
  }
  const { defaults } = SETTINGS.databaseConnections
  const connectionCountMax = values.databaseConnections ?? defaults[mode]
  return { kind: 'postgres', url, ...(readUrl !== undefined && { readUrl }), connectionCountMax }
}

/** Live mode has no default for the value, and its absence was already refused. */
function requireValue<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a required setting is missing')
  return value
}

function contradictions(values: SettingValues, givenSettings: GivenSettings): readonly string[] {
  const problems: string[] = []
  const isFile = values.memory === true || values.data !== undefined
  if (values.memory === true && values.data !== undefined) {
    problems.push('--memory and --data exclude each other: use one of them.')
  }
  if (values.databaseUrl !== undefined && isFile) {
    problems.push('--database-url excludes --data and --memory: use one of them.')
  }
  if (values.databaseReadUrl !== undefined && !givenSettings.has('databaseUrl')) {
    problems.push(
      '--database-read-url needs --database-url, which names the primary of the replica.',
    )
  }
  if ((values.workers ?? 1) > 1 && !givenSettings.has('databaseUrl')) {
    problems.push(
      '--workers above 1 needs --database-url: the embedded database supports only one process.',
    )
  }
  const { previousSecretKey: previous, secretKey } = values
  if (previous !== undefined && secretKey !== undefined && isSameKey(previous, secretKey)) {
    problems.push(
      'PAYDESK_PREVIOUS_SECRET_KEY must differ from PAYDESK_SECRET_KEY: remove the previous key.',
    )
  }
  const port = values.port ?? SETTINGS.port.defaults.live
  if (values.operationsPort === port && port !== 0) {
    problems.push('--operations-port must differ from --port.')
  }
  return problems
}

function isSameKey(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.from(one).equals(other)
}

function liveProblems(
  values: SettingValues,
  givenSettings: GivenSettings,
  needs: NeededSettings,
): readonly string[] {
  const problems = Object.entries(SETTINGS)
    .filter(([key, setting]: [string, Setting]) => setting.isSandboxOnly && givenSettings.has(key))
    .filter(([key]) => Reflect.get(values, key) !== false)
    .map(([, setting]) => `${flagName(setting)} works only in a sandbox: remove it.`)
  if (!givenSettings.has('data') && values.memory !== true && !givenSettings.has('databaseUrl')) {
    problems.push('Live mode needs a database: set --database-url or --data.')
  }
  if (values.memory === true)
    problems.push('Live mode needs a persistent database: remove --memory.')
  if (!givenSettings.has('secretKey')) {
    problems.push(
      'Live mode needs a secret key: set PAYDESK_SECRET_KEY to the output of openssl rand -hex 32, or PAYDESK_SECRET_KEY_FILE to the path of a file with it.',
    )
  }
  if (needs.processor && !givenSettings.has('processor')) {
    problems.push(
      'Live mode needs a processor: set --processor to the path of its module or the URL of its server.',
    )
  }
  return problems
}

/** Returns the problems of a sandbox's contents if no control API can create them, a sentence each. */
function contentsProblems(
  values: SettingValues,
  mode: Mode,
  file: SettingsFile | undefined,
): readonly string[] {
  if (file?.sandbox === undefined) return []
  if (mode === 'live') return [`${file.path}: live mode refuses the field sandbox: remove it.`]
  return (values.workers ?? 1) > 1 ? [`${file.path}: the field sandbox needs --workers 1.`] : []
}

/** A wrong key is a separate problem. */
function keyProblems(
  { processor }: SettingValues,
  givenSettings: GivenSettings,
): readonly string[] {
  if (processor?.kind !== 'server' || givenSettings.has('processorKey')) return []
  return [missingProcessorKey()]
}

/** Writes the problem of a processor server without a key. */
export function missingProcessorKey(): string {
  return `A processor with a URL needs a key: set ${environmentName(SETTINGS.processorKey)} to the output of: echo "whsec_$(openssl rand -base64 32)"`
}

/**
 * The keys of the settings that have a source, even with a wrong value: such a setting is not
 * missing.
 */
type GivenSettings = ReadonlySet<string>

function readValues(
  sources: SettingSources,
  problems: string[],
): {
  readonly values: SettingValues
  readonly givenSettings: GivenSettings
  readonly secretFiles: readonly string[]
} {
  const { environment } = sources
  const values: Record<string, unknown> = {}
  const all: Readonly<Record<string, Setting>> = SETTINGS
  const foundSettings = findSettings(sources)
  for (const [key, setting] of foundSettings) {
    if ('problem' in setting) {
      problems.push(setting.problem)
      continue
    }
    const reading = all[key]?.read(setting.value)
    if (reading === undefined) continue
    if ('mustBe' in reading) problems.push(settingProblem(setting.source, setting.value, reading))
    else values[key] = reading.value
  }
  problems.push(...unknownVariables(environment))
  return {
    values: values as SettingValues,
    givenSettings: new Set(foundSettings.keys()),
    secretFiles: secretFilesOf(foundSettings),
  }
}
