import { ATTEMPT_LIFE_SECONDS_DEFAULT } from '../../domain/payment-attempt.ts'
import { SANDBOX_VALUES } from '../../sandbox/well-known.ts'
import { ACCESS_SETTINGS } from './access-settings.ts'
import { IMPERSONATION_SETTINGS } from './impersonation-settings.ts'
import {
  accountId,
  databaseUrl,
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
  operationsPort: {
    name: 'operations-port',
    placeholder: '<number>',
    read: wholeNumber(0, 65_535),
    defaultText: 'none: they are on `--port`',
    description:
      'A TCP port for `/healthz`, `/readyz` and `/metrics` alone, on the same address. The other port then answers 404 for them. 0 picks a free one.',
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
  fixPermissions: {
    name: 'fix-permissions',
    read: yesOrNo,
    defaultText: 'off: a warning',
    description:
      'Takes the permissions of other users away from the data file, the files beside it, and the folder and the key of the certificate authority.',
  } satisfies Setting<boolean>,
  databaseUrl: {
    name: 'database-url',
    placeholder: '<url>',
    read: databaseUrl,
    defaultText: 'none',
    description:
      'A PostgreSQL database (15 or later) instead of the embedded one. Of several servers, as in postgres://user@h1:5432,h2:5432/database, the one that takes writes is used, also after it has changed.',
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
  tenantMemory: {
    name: 'tenant-memory',
    placeholder: '<MiB>',
    read: wholeNumber(16, 65_536),
    defaultText: '`512`',
    description:
      'Sandbox only. How much memory tenants and snapshots may take together, in MiB. What would be more is refused.',
  } satisfies Setting<number>,
  tenantIdle: {
    name: 'tenant-idle',
    placeholder: '<seconds>',
    read: wholeNumber(1, 86_400),
    defaultText: '`120`',
    description:
      'Sandbox only. After this long without a request a tenant gives most of its memory back, until the next request or until something is due.',
  } satisfies Setting<number>,
  ...IMPERSONATION_SETTINGS,
  webhookRetries: {
    name: 'webhook-retries',
    placeholder: '<waits>',
    read: retryWaits,
    defaultText: '`24x1h,12x2h`: hourly for a day, then every two hours for a day',
    description:
      'Waits between the attempts of a webhook delivery. After the last one an endpoint that has taken nothing meanwhile is disabled.',
  } satisfies Setting<readonly number[]>,
  webhookTime: {
    name: 'webhook-time',
    placeholder: '<clock>',
    read: oneOf('sandbox', 'real'),
    defaultText: '`sandbox`',
    description:
      'Sandbox only. The clock of the time `t` in webhook signatures: the sandbox’s, or with `real` the machine’s, for receivers that compare `t` with their own clock while the sandbox’s clock is moved.',
  } satisfies Setting<'sandbox' | 'real'>,
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
      'The address by which customers and applications reach this server through a proxy, such as https://pay.example.com or https://example.com/pay. The proxy may strip the path or pass it on.',
  } satisfies Setting<string>,
  ...ACCESS_SETTINGS,
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
      'Answers 429 above 600 calls a minute for an account, above 60 tries a minute for an address at each OAuth route that takes a secret, above 60 payment forms a minute for an address and 30 for a session, and above 120 openings of the widget for an address or ten with unknown ids. From 300 charges a minute of an account on, addresses with three charges wait. Counted in each process; IPv6 by /64.',
  } satisfies Setting<boolean>,
  overloadProtection: {
    name: 'overload-protection',
    placeholder: '<on|off>',
    read: yesOrNo,
    defaultText: 'off in a sandbox, on in live mode',
    description:
      'Answers 503 with Retry-After to API calls while this process is more than two seconds behind, and to new sessions while its queue does not drain. Customers’ pages and payments are always served.',
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
