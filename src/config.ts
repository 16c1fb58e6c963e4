import { Buffer } from 'node:buffer'
import { API_SETTINGS, WEBHOOK_KEY_SETTING } from './commands/api-settings.ts'
import { ATTEMPT_LIFE_SECONDS_DEFAULT } from './domain/payment-attempt.ts'
import { RETRY_WAITS_MS_DEFAULT } from './domain/webhook-delivery.ts'
import {
  IMPERSONATION_SETTINGS,
  type ImpersonationConfig,
  readImpersonation,
} from './impersonation-settings.ts'
import { SANDBOX_VALUES } from './sandbox/well-known.ts'
import {
  accountId,
  databaseUrl,
  environmentName,
  flagName,
  networks,
  oneOf,
  publicUrl,
  type Read,
  redirectUris,
  retryWaits,
  type Setting,
  secretKey,
  text,
  token,
  wholeNumber,
  yesOrNo,
} from './setting.ts'

const sandboxSetting = <Name extends keyof typeof SANDBOX_VALUES>(
  name: string,
  read: (value: string) => Read<string>,
  value: Name,
  description: string,
): Setting<string> => ({
  name,
  placeholder: '<text>',
  read,
  defaultText: `\`${SANDBOX_VALUES[value]}\``,
  description,
  isSandboxValue: true,
})

/** Every setting, in the order of the help and of the reference page. */
export const SETTINGS = {
  port: {
    name: 'port',
    placeholder: '<number>',
    read: wholeNumber(0, 65_535),
    defaultText: '`4242`',
    description: 'The TCP port to listen on; 0 picks a free one.',
  } satisfies Setting<number>,
  host: {
    name: 'host',
    placeholder: '<address>',
    read: text,
    defaultText: '`127.0.0.1`',
    description: 'The address to listen on. Anything but loopback lets other machines in.',
  } satisfies Setting<string>,
  data: {
    name: 'data',
    placeholder: '<file>',
    read: text,
    defaultText: '`./paydesk.db` in a sandbox, none in live mode',
    description: 'The file of the embedded database.',
  } satisfies Setting<string>,
  memory: {
    name: 'memory',
    read: yesOrNo,
    defaultText: 'off',
    description: 'Keeps the embedded database in memory: everything is gone when the program ends.',
  } satisfies Setting<boolean>,
  databaseUrl: {
    name: 'database-url',
    placeholder: '<url>',
    read: databaseUrl,
    defaultText: 'none',
    description: 'A PostgreSQL database (15 or later) instead of the embedded one.',
  } satisfies Setting<string>,
  databaseConnections: {
    name: 'database-connections',
    placeholder: '<number>',
    read: wholeNumber(2, 1_000),
    defaultText: '`10`',
    description: 'How many connections each process may open to PostgreSQL.',
  } satisfies Setting<number>,
  workers: {
    name: 'workers',
    placeholder: '<number>',
    read: wholeNumber(1, 256),
    defaultText: '`1`',
    description: 'How many processes serve. More than one needs PostgreSQL.',
  } satisfies Setting<number>,
  live: {
    name: 'live',
    read: yesOrNo,
    defaultText: 'off: a sandbox',
    description:
      'Takes real payments: nothing is well known, and everything needed must be configured.',
  } satisfies Setting<boolean>,
  secretKey: {
    name: 'secret-key',
    placeholder: '<hex>',
    read: secretKey,
    defaultText: 'a well-known one in a sandbox, none in live mode',
    description:
      'At least 32 random bytes in hex or base64. All keys are derived from it; without it a database cannot be used any more.',
    isSecret: true,
  } satisfies Setting<Uint8Array>,
  processor: {
    name: 'processor',
    placeholder: '<module>',
    read: text,
    defaultText: 'none',
    description:
      'The path of the module whose default export is the processor. Needed in live mode.',
  } satisfies Setting<string>,
  processorTimeout: {
    name: 'processor-timeout',
    placeholder: '<seconds>',
    read: wholeNumber(1, 50),
    defaultText: '`5` in a sandbox, `20` in live mode',
    description:
      'How long a customer waits for the processor’s answer before being told that it is open. It is still taken when it comes.',
  } satisfies Setting<number>,
  attemptLife: {
    name: 'attempt-life',
    placeholder: '<seconds>',
    read: wholeNumber(60, 86_400),
    defaultText: `\`${ATTEMPT_LIFE_SECONDS_DEFAULT}\``,
    description:
      'How long a payment attempt is honoured from its start. Money that is taken later is given back.',
  } satisfies Setting<number>,
  seed: {
    name: 'seed',
    placeholder: '<text>',
    read: text,
    defaultText: 'none',
    description:
      'Sandbox only. Makes ids, keys and signatures the same in every run that is asked the same: the clock begins at 2026-01-01T00:00:00Z and stands still until it is moved.',
  } satisfies Setting<string>,
  ...IMPERSONATION_SETTINGS,
  webhookRetries: {
    name: 'webhook-retries',
    placeholder: '<waits>',
    read: retryWaits,
    defaultText: '`24x1h,12x2h`: hourly for a day, then every two hours for a day',
    description:
      'Waits between the attempts of a webhook delivery. After the last one an endpoint that has taken nothing meanwhile is disabled.',
  } satisfies Setting<readonly number[]>,
  webhookNetworks: {
    name: 'webhook-networks',
    placeholder: '<cidrs>',
    read: networks,
    defaultText: 'none',
    description:
      'Private networks that webhooks may be sent to, by http too, such as 10.0.0.0/8. Whoever may register a webhook endpoint can then reach them from this server.',
  } satisfies Setting<readonly string[]>,
  publicUrl: {
    name: 'public-url',
    placeholder: '<url>',
    read: publicUrl,
    defaultText: 'the address listened on',
    description:
      'Where customers and applications reach this server, when a proxy stands in front.',
  } satisfies Setting<string>,
  trustProxy: {
    name: 'trust-proxy',
    read: yesOrNo,
    defaultText: 'off',
    description:
      'Takes a client’s address from X-Forwarded-For. Only behind a proxy that sets it, or clients can pretend.',
  } satisfies Setting<boolean>,
  rateLimits: {
    name: 'rate-limits',
    placeholder: '<on|off>',
    read: yesOrNo,
    defaultText: 'off in a sandbox, on in live mode',
    description:
      'Answers 429 above 600 calls a minute for an account, above 60 tries a minute for an address at each OAuth route that takes a secret, above 60 payment attempts a minute for an address and 600 for an account, and above 120 openings of the widget for an address. Counted in each process.',
  } satisfies Setting<boolean>,
  accessLog: {
    name: 'access-log',
    placeholder: '<which>',
    read: oneOf('off', 'errors', 'all'),
    defaultText: '`errors`',
    description:
      'Which requests get a log line. A line for all costs up to a quarter of the throughput.',
  } satisfies Setting<'off' | 'errors' | 'all'>,
  logLevel: {
    name: 'log-level',
    placeholder: '<level>',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
    defaultText: '`info`',
    description: 'The least severe log lines to write. They go to the standard error output.',
  } satisfies Setting<'debug' | 'info' | 'warn' | 'error' | 'silent'>,

  sandboxAccountId: sandboxSetting(
    'sandbox-account-id',
    accountId,
    'accountId',
    'The ready account of the IN edition.',
  ),
  sandboxUsAccountId: sandboxSetting(
    'sandbox-us-account-id',
    accountId,
    'usAccountId',
    'The ready account of the US edition.',
  ),
  sandboxClientId: sandboxSetting('sandbox-client-id', text, 'clientId', 'The ready OAuth client.'),
  sandboxClientSecret: sandboxSetting(
    'sandbox-client-secret',
    token,
    'clientSecret',
    'Its secret.',
  ),
  sandboxRefreshToken: sandboxSetting(
    'sandbox-refresh-token',
    token,
    'refreshToken',
    'Its refresh token, for both accounts.',
  ),
  sandboxToken: sandboxSetting(
    'sandbox-token',
    token,
    'accessToken',
    'An access token for both accounts with every scope. It never expires.',
  ),
  sandboxSigningKey: sandboxSetting(
    'sandbox-signing-key',
    token,
    'signingKey',
    'Signs the redirects of both accounts.',
  ),
  sandboxApiKey: sandboxSetting(
    'sandbox-api-key',
    token,
    'apiKey',
    'Opens the widget of both accounts.',
  ),
  sandboxRedirectUris: sandboxSetting(
    'sandbox-redirect-uris',
    redirectUris,
    'redirectUris',
    'Where the ready client may have authorization codes sent, separated by commas.',
  ),
} as const

type Settings = typeof SETTINGS
type ValueOf<Key extends keyof Settings> =
  Extract<ReturnType<Settings[Key]['read']>, { value: unknown }> extends { value: infer Value }
    ? Value
    : never

/** The settings that were given, each with its value. */
export type Given = { readonly [Key in keyof Settings]?: ValueOf<Key> }

/** The settings of a process, with every default filled in. */
export type Config = {
  readonly mode: 'sandbox' | 'live'
  readonly port: number
  readonly host: string
  readonly database:
    | { readonly kind: 'sqlite'; readonly file: string }
    | { readonly kind: 'postgres'; readonly url: string; readonly connectionCountMax: number }
  readonly workerCount: number
  readonly secretKey: Uint8Array
  readonly processorModule: string | undefined
  readonly processorTimeoutMs: number
  readonly attemptLifeMs: number
  /** Waits between the attempts of a webhook delivery. */
  readonly webhookRetryWaitsMs: readonly number[]
  /** What a sandbox's chance goes by, so that a run can be repeated. */
  readonly seed: string | undefined
  /** Undefined: the real host names are not answered for. */
  readonly impersonation: ImpersonationConfig | undefined
  /** Private networks that webhooks may be sent to. */
  readonly webhookNetworks: readonly string[]
  readonly publicUrl: string | undefined
  readonly trustsProxy: boolean
  readonly limitsRates: boolean
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
  if (mode === 'live') {
    if (given.seed !== undefined) problems.push('--seed is for a sandbox: drop it.')
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
    workerCount: given.workers ?? 1,
    secretKey: given.secretKey ?? SANDBOX_SECRET_KEY,
    processorModule: given.processor,
    processorTimeoutMs: (given.processorTimeout ?? (mode === 'live' ? 20 : 5)) * 1000,
    attemptLifeMs: (given.attemptLife ?? ATTEMPT_LIFE_SECONDS_DEFAULT) * 1000,
    seed: given.seed,
    impersonation,
    webhookRetryWaitsMs: given.webhookRetries ?? RETRY_WAITS_MS_DEFAULT,
    webhookNetworks: given.webhookNetworks ?? [],
    publicUrl: given.publicUrl,
    trustsProxy: given.trustProxy ?? false,
    limitsRates: given.rateLimits ?? mode === 'live',
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
