import { Buffer } from 'node:buffer'
import { ATTEMPT_LIFE_SECONDS_DEFAULT } from '../../domain/payment-attempt.ts'
import { formatRetryWaits, RETRY_WAITS_MS_DEFAULT } from '../../domain/webhook-delivery.ts'
import { SANDBOX_VALUES } from '../../sandbox/well-known.ts'
import { ACCESS_SETTINGS } from './access-settings.ts'
import { CONSOLE_SETTINGS } from './console-settings.ts'
import { IMPERSONATION_SETTINGS } from './impersonation-settings.ts'
import { MESSAGE_SETTINGS } from './message-settings.ts'
import { OPENID_SETTINGS } from './openid-settings.ts'
import {
  accountId,
  always,
  type Defaults,
  databaseUrl,
  inSandbox,
  listenAddress,
  networks,
  oneOf,
  type ProcessorAddress,
  processorAddress,
  processorKeys,
  publicUrl,
  redirectUris,
  retryWaits,
  type Setting,
  type SettingGroup,
  type SettingReading,
  secretKey,
  serverUrl,
  text,
  token,
  wholeNumber,
  yesOrNo,
} from './setting.ts'

/** A sandbox protects nothing, so its key is the same everywhere. */
const SANDBOX_SECRET_KEY = new Uint8Array(Buffer.from('paydesk sandbox: no secret at all'))

const NOTHING: readonly string[] = []

const sandboxSetting = <Name extends keyof typeof SANDBOX_VALUES>(
  name: string,
  read: (value: string) => SettingReading<string>,
  value: Name,
  description: string,
): Setting<string> & { readonly defaults: Defaults<string> } => ({
  name,
  placeholder: '<text>',
  read,
  defaults: always(SANDBOX_VALUES[value]),
  description,
  isSandboxValue: true,
})

const SERVER_SETTINGS = {
  config: {
    name: 'config',
    placeholder: '<file>',
    read: text,
    defaultName:
      '`paydesk.config.ts`, `.mts`, `.js`, `.mjs`, `.yaml`, `.yml` or `.json` in the current folder, if there is one',
    description: 'The settings file. `paydesk init` writes one. Flags and variables win over it.',
  } satisfies Setting<string>,
  port: {
    name: 'port',
    placeholder: '<number>',
    read: wholeNumber(0, 65_535),
    defaults: always(4242),
    platformVariable: 'PORT',
    description:
      'The TCP port to listen on; 0 picks a free one. If this setting is absent, the variable PORT sets the port.',
  } satisfies Setting<number>,
  host: {
    name: 'host',
    placeholder: '<address>',
    read: listenAddress,
    defaults: always('127.0.0.1'),
    description:
      'The address to listen on. Any address except loopback lets other machines connect.',
  } satisfies Setting<string>,
  operationsPort: {
    name: 'operations-port',
    placeholder: '<number>',
    read: wholeNumber(0, 65_535),
    defaultName: 'none, so `--port` serves the paths',
    description:
      'A TCP port for `/healthz`, `/readyz` and `/metrics` alone, on the address of --host. The main port then answers 404 for them. `--console-on operations` adds the console. 0 picks a free one.',
  } satisfies Setting<number>,
  publicUrl: {
    name: 'public-url',
    placeholder: '<url>',
    read: publicUrl,
    defaultName: 'the address of the server',
    description:
      'The URL at which customers and applications reach this server through a proxy, such as https://pay.example.com or https://example.com/pay. The proxy may strip the path or pass it on.',
  } satisfies Setting<string>,
  trustProxy: {
    name: 'trust-proxy',
    read: yesOrNo,
    defaults: always(false),
    description:
      'Reads a client’s address from X-Forwarded-For. Use this setting only behind a proxy that sets the header: without such a proxy, clients can forge the header.',
  } satisfies Setting<boolean>,
  workers: {
    name: 'workers',
    placeholder: '<number>',
    read: wholeNumber(1, 256),
    defaults: always(1),
    description: 'The number of server processes. More than one needs PostgreSQL.',
  } satisfies Setting<number>,
} as const

const DATABASE_SETTINGS = {
  data: {
    name: 'data',
    placeholder: '<file>',
    read: text,
    defaults: inSandbox('./paydesk.db'),
    description: 'The file of the embedded database.',
  } satisfies Setting<string>,
  memory: {
    name: 'memory',
    read: yesOrNo,
    defaults: always(false),
    description: 'Keeps the embedded database in memory: all data is lost when the program ends.',
  } satisfies Setting<boolean>,
  databaseUrl: {
    name: 'database-url',
    placeholder: '<url>',
    read: databaseUrl,
    description:
      'A PostgreSQL database (15 or later) instead of the embedded one. With several servers, such as postgres://user@h1:5432,h2:5432/database, Paydesk uses the one that accepts writes, even after a failover.',
  } satisfies Setting<string>,
  databaseReadUrl: {
    name: 'database-read-url',
    placeholder: '<url>',
    read: databaseUrl,
    description:
      'One server that is a streaming replica of the database of --database-url. Paydesk reads lists, exports and reports from the replica, and they show every acknowledged change. While the replica is behind or does not answer, Paydesk reads from the primary.',
  } satisfies Setting<string>,
  databaseConnections: {
    name: 'database-connections',
    placeholder: '<number>',
    read: wholeNumber(2, 1_000),
    defaults: always(10),
    description:
      'The largest number of connections from each process to PostgreSQL. The same limit applies separately to the replica of --database-read-url.',
  } satisfies Setting<number>,
  fixPermissions: {
    name: 'fix-permissions',
    read: yesOrNo,
    defaults: always(false),
    defaultNote: 'Paydesk only warns',
    description:
      'Removes the permissions of other users on the data file, on its -wal, -shm, -journal and lock files, and on the folder and the key of the certificate authority.',
  } satisfies Setting<boolean>,
} as const

const PAYMENT_SETTINGS = {
  live: {
    name: 'live',
    read: yesOrNo,
    defaults: always(false),
    defaultNote: 'a sandbox',
    databaseDescription:
      'Works on the database of a live server. Name this database with --data or --database-url, because there is no default. Most commands also need PAYDESK_SECRET_KEY.',
    description:
      'Takes real payments. There are no preset accounts; the database, the secret key and the processor must be configured.',
  } satisfies Setting<boolean>,
  secretKey: {
    name: 'secret-key',
    placeholder: '<hex>',
    read: secretKey,
    defaults: inSandbox(SANDBOX_SECRET_KEY),
    defaultName: 'a well-known one',
    description:
      'At least 32 random bytes in hex or base64. All keys are derived from it. Without it the database is unusable.',
    isSecret: true,
  } satisfies Setting<Uint8Array>,
  previousSecretKey: {
    name: 'previous-secret-key',
    placeholder: '<hex>',
    read: secretKey,
    description:
      'The previous secret key, during its replacement. With this key a server still decrypts older values and verifies older signatures. See `paydesk database rekey`.',
    isSecret: true,
  } satisfies Setting<Uint8Array>,
  processor: {
    name: 'processor',
    placeholder: '<module|url>',
    read: processorAddress,
    description:
      'The path of the module whose default export is the processor, or the https:// URL of a processor server (http:// only for this machine). Needed in live mode.',
    databaseDescription:
      'The path of the module whose default export is the processor, or the https:// URL of a processor server (http:// only for this machine).',
  } satisfies Setting<ProcessorAddress>,
  processorKey: {
    name: 'processor-key',
    placeholder: '<keys>',
    read: processorKeys,
    description:
      'Needed if --processor is a URL. Signs the calls to the processor server: `whsec_` and 24 to 64 random bytes in base64. To replace a key, set two or three keys, separated by commas: each call is signed with all of them.',
    isSecret: true,
  } satisfies Setting<readonly string[]>,
  processorTimeout: {
    name: 'processor-timeout',
    placeholder: '<seconds>',
    read: wholeNumber(1, 50),
    defaults: { sandbox: 5, live: 20 },
    description:
      'How many seconds a customer waits for the processor’s answer before the page shows that the payment is pending. A later answer is still recorded.',
  } satisfies Setting<number>,
  attemptLife: {
    name: 'attempt-life',
    placeholder: '<seconds>',
    read: wholeNumber(60, 86_400),
    defaults: always(ATTEMPT_LIFE_SECONDS_DEFAULT),
    description:
      'How long a payment attempt can succeed after its start, in seconds. A later success is refunded.',
  } satisfies Setting<number>,
} as const

const WEBHOOK_SETTINGS = {
  webhookRetries: {
    name: 'webhook-retries',
    placeholder: '<waits>',
    read: retryWaits,
    defaults: always(RETRY_WAITS_MS_DEFAULT),
    defaultNote: 'hourly for a day, then every two hours for a day',
    show: formatRetryWaits,
    description:
      'The waits between the attempts of a webhook delivery. After the last attempt, the endpoint is disabled if it has accepted nothing since the first.',
  } satisfies Setting<readonly number[]>,
  webhookTime: {
    name: 'webhook-time',
    isSandboxOnly: true,
    placeholder: '<clock>',
    read: oneOf('sandbox', 'real'),
    defaults: always('sandbox'),
    description:
      'Sandbox only. The clock for the time `t` in webhook signatures: `sandbox`, or `real` for the machine’s clock. Use `real` for receivers that compare `t` with their own clock.',
  } satisfies Setting<'sandbox' | 'real'>,
  webhookNetworks: {
    name: 'webhook-networks',
    placeholder: '<cidrs>',
    read: networks,
    defaults: always(NOTHING),
    description:
      'Private networks, such as 10.0.0.0/8, to which webhooks may be sent, even by http. Anyone who can register a webhook endpoint can then reach them through this server.',
  } satisfies Setting<readonly string[]>,
} as const

const LIMIT_SETTINGS = {
  rateLimits: {
    name: 'rate-limits',
    placeholder: '<on|off>',
    read: yesOrNo,
    defaults: { sandbox: false, live: true },
    description:
      'Answers requests above these limits with 429. The limits are for one minute. An account: 600 calls, 60 refunds, 30 new or changed webhook endpoints, and 3,000 charges. An IP address: 60 requests at each OAuth route that takes a secret, 60 payment forms, 60 forms that save a payment method, 60 checkouts of payment links, 120 returns from banks’ pages, 120 openings of the widget, and ten openings of the widget with an unknown session id. A session: 30 payment forms. A payment link: 30 checkouts. While an account has at least 300 charges a minute, an address with at least three charges of this account in the last ten minutes must wait. While an account has at least 100 openings with an unknown session id a minute, an address with at least one such opening must wait. Each process counts for itself, and an IPv6 network of 64 bits counts as one address.',
  } satisfies Setting<boolean>,
  overloadProtection: {
    name: 'overload-protection',
    placeholder: '<on|off>',
    read: yesOrNo,
    defaults: { sandbox: false, live: true },
    description:
      'Answers API calls with 503 and Retry-After while the oldest work in the queue of this process has waited for more than two seconds. If the queue stays long for more than half a second, requests that create sessions get 503 earlier. Customers’ pages and payments are always served.',
  } satisfies Setting<boolean>,
} as const

const TENANT_SETTINGS = {
  seed: {
    name: 'seed',
    isSandboxOnly: true,
    placeholder: '<text>',
    read: text,
    description:
      'Sandbox only. Makes ids, keys and signatures the same in every run with the same requests. The clock begins at 2026-01-01T00:00:00Z and is frozen: only calls such as `paydesk clock advance` move it.',
  } satisfies Setting<string>,
  tenantMemory: {
    name: 'tenant-memory',
    isSandboxOnly: true,
    placeholder: '<MiB>',
    read: wholeNumber(16, 65_536),
    defaults: always(512),
    description:
      'Sandbox only. The memory of all snapshots and all tenants except `main` together, in MiB. Requests that need more are refused.',
  } satisfies Setting<number>,
  tenantIdle: {
    name: 'tenant-idle',
    isSandboxOnly: true,
    placeholder: '<seconds>',
    read: wholeNumber(1, 86_400),
    defaults: always(120),
    description:
      'Sandbox only. After this number of seconds without a request, a tenant releases most of its memory, until the next request or due work.',
  } satisfies Setting<number>,
} as const

const TELEMETRY_SETTINGS = {
  telemetryUrl: {
    name: 'telemetry-url',
    placeholder: '<url>',
    read: serverUrl,
    defaultName: 'off',
    platformVariable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    description:
      'Sends traces of requests to an OpenTelemetry collector by OTLP over HTTP, such as http://127.0.0.1:4318. If this setting is absent, the variable OTEL_EXPORTER_OTLP_ENDPOINT sets the address.',
  } satisfies Setting<string>,
  telemetryPercent: {
    name: 'telemetry-percent',
    placeholder: '<number>',
    read: wholeNumber(1, 100),
    defaults: always(100),
    description:
      'The share of traces that are sent, in percent. A request that is a part of another program’s trace follows the decision of that program.',
  } satisfies Setting<number>,
} as const

const LOG_SETTINGS = {
  accessLog: {
    name: 'access-log',
    placeholder: '<which>',
    read: oneOf('off', 'errors', 'all'),
    defaults: always('errors'),
    description:
      'The requests to log: `off`, `errors` or `all`. Logging all of them costs up to a quarter of the throughput.',
  } satisfies Setting<'off' | 'errors' | 'all'>,
  logFormat: {
    name: 'log',
    placeholder: '<format>',
    read: oneOf('auto', 'text', 'json'),
    defaults: always('auto'),
    description:
      'The form of the log: `json` writes a line of JSON for each entry, `text` a short readable line, and `auto` text on a terminal and JSON elsewhere.',
  } satisfies Setting<'auto' | 'text' | 'json'>,
  logLevel: {
    name: 'log-level',
    placeholder: '<level>',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
    defaults: always('info'),
    description:
      'The lowest level to log: `debug`, `info`, `warn`, `error` or `silent`. Logs go to the standard error output.',
  } satisfies Setting<'debug' | 'info' | 'warn' | 'error' | 'silent'>,
} as const

const READY_SETTINGS = {
  sandboxAccountId: sandboxSetting(
    'sandbox-account-id',
    accountId,
    'accountId',
    'The preset account of the IN edition.',
  ),
  sandboxUsAccountId: sandboxSetting(
    'sandbox-us-account-id',
    accountId,
    'usAccountId',
    'The preset account of the US edition.',
  ),
  sandboxClientId: sandboxSetting(
    'sandbox-client-id',
    text,
    'clientId',
    'The preset OAuth client.',
  ),
  sandboxClientSecret: sandboxSetting(
    'sandbox-client-secret',
    token,
    'clientSecret',
    'The secret of the preset client.',
  ),
  sandboxRefreshToken: sandboxSetting(
    'sandbox-refresh-token',
    token,
    'refreshToken',
    'A refresh token of the preset client, for both accounts.',
  ),
  sandboxToken: sandboxSetting(
    'sandbox-token',
    token,
    'accessToken',
    'An access token with every scope, for both accounts. It never expires.',
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
    'The redirect URIs of the preset client, separated by commas.',
  ),
} as const

/** Every setting, by the key under which it is read. */
export const SETTINGS = {
  ...SERVER_SETTINGS,
  ...DATABASE_SETTINGS,
  ...PAYMENT_SETTINGS,
  ...WEBHOOK_SETTINGS,
  ...MESSAGE_SETTINGS,
  ...ACCESS_SETTINGS,
  ...CONSOLE_SETTINGS,
  ...OPENID_SETTINGS,
  ...LIMIT_SETTINGS,
  ...TENANT_SETTINGS,
  ...IMPERSONATION_SETTINGS,
  ...LOG_SETTINGS,
  ...TELEMETRY_SETTINGS,
  ...READY_SETTINGS,
} as const

/** The settings by subject, in the order of the help and of the reference page. */
export const SETTING_GROUPS: readonly SettingGroup[] = [
  { heading: 'Address and processes', settings: SERVER_SETTINGS },
  { heading: 'Database', settings: DATABASE_SETTINGS },
  { heading: 'Mode and payments', settings: PAYMENT_SETTINGS },
  { heading: 'Webhooks', settings: WEBHOOK_SETTINGS },
  { heading: 'Messages to customers', settings: MESSAGE_SETTINGS },
  { heading: 'Access from browsers', settings: ACCESS_SETTINGS },
  { heading: 'Console of a live server', settings: CONSOLE_SETTINGS },
  { heading: 'Sign-in through a provider', settings: OPENID_SETTINGS },
  { heading: 'Limits', settings: LIMIT_SETTINGS },
  { heading: 'Sandbox', settings: TENANT_SETTINGS },
  { heading: 'Drop-in mode', settings: IMPERSONATION_SETTINGS },
  { heading: 'Logs', settings: LOG_SETTINGS },
  { heading: 'Traces', settings: TELEMETRY_SETTINGS },
  { heading: 'Preset accounts of a sandbox', settings: READY_SETTINGS },
]
