import { expect, test } from 'vitest'
import { readSettings } from './read-settings.ts'
import type { Setting } from './setting.ts'
import { SETTINGS } from './settings-table.ts'
import { SettingsUnusable } from './settings-unusable.ts'

const problemsOf = (flags: Record<string, unknown>, environment: Record<string, string> = {}) => {
  try {
    readSettings(flags, environment)
    return []
  } catch (error) {
    return error instanceof SettingsUnusable ? error.problems : [String(error)]
  }
}

test('without settings the server is a sandbox on port 4242 of the loopback address, in ./paydesk.db', () => {
  expect(readSettings({}, {})).toMatchObject({
    mode: 'sandbox',
    port: 4242,
    host: '127.0.0.1',
    database: { kind: 'sqlite', file: './paydesk.db' },
    workerCount: 1,
    limitsRates: false,
    accessLog: 'errors',
  })
})

test('a refusal names the given value, but no part of a secret or a password', () => {
  const live = { live: 'true', databaseUrl: 'postgres//u:geheim@h/db', processor: 'https://a?b' }
  expect(
    problemsOf(
      { ...live, port: '70000', webhookNetworks: '10.0.0.0/8,foo', host: 'http://x', workers: '2' },
      {
        PAYDESK_SECRET_KEY: 'abcd',
        PAYDESK_PROCESSOR_KEY: 'whsec_abc',
        PAYDESK_RATE_LIMITS: 'some\ntimes',
        PAYDESK_SANDBOX_TOKEN: 'geheim',
      },
    ),
  ).toEqual([
    '--port must be a whole number from 0 to 65535, but it is "70000".',
    expect.stringMatching(/^--host must be an IP address .*, but it is "http:\/\/x"\.$/),
    expect.stringMatching(
      /^--database-url must be .*, but it is "postgres\/\/u:\(hidden\)@h\/db"\.$/,
    ),
    expect.stringMatching(/^--processor must be .*, but it is "https:\/\/a\?b"\.$/),
    expect.stringMatching(/^--webhook-networks must be .*, but one is "foo"\.$/),
    'PAYDESK_SECRET_KEY must be at least 32 random bytes in hex or base64, but it has only 2 bytes. To make one: openssl rand -hex 32',
    expect.stringMatching(
      /^PAYDESK_PROCESSOR_KEY must be .*, but it has another form\. To make one: /,
    ),
    'PAYDESK_RATE_LIMITS must be true or false, but it is "some?times".',
    'PAYDESK_SANDBOX_TOKEN must be 16 to 512 printable characters without blanks, but it has 6 characters.',
  ])
})

test('a setting with a wrong value is not reported as missing too', () => {
  const live = { live: true, processor: './p.js', data: 'x.db' }
  expect(problemsOf(live, { PAYDESK_SECRET_KEY: 'short' })).toHaveLength(1)
  expect(problemsOf(live, { PAYDESK_SECRET_KEY_FILE: '/missing' })).toHaveLength(1)
  const environment = { PAYDESK_SECRET_KEY: '0f'.repeat(32) }
  expect(problemsOf({ ...live, data: undefined, databaseUrl: 'x' }, environment)).toHaveLength(1)
  expect(problemsOf({ ...live, processor: '' }, environment)).toHaveLength(1)
  expect(problemsOf({ workers: '2', databaseUrl: 'x' })).toHaveLength(1)
  expect(
    problemsOf({ processor: 'https://a.example' }, { PAYDESK_PROCESSOR_KEY: 'x' }),
  ).toHaveLength(1)
})

test('live mode refuses every setting that works only in a sandbox', () => {
  const live = { live: true, processor: './p.js', data: 'x.db' }
  const only = { allowHost: 'a.test', seed: 'x', webhookTime: 'real', tenantMemory: '16' }
  const more = { tenantIdle: '5', impersonate: true, impersonatePort: '0', caDir: 'x' }
  const problems = problemsOf(
    { ...live, ...only, ...more },
    { PAYDESK_SECRET_KEY: '0f'.repeat(32) },
  )
  const sandboxOnly = Object.values<Setting>(SETTINGS).filter((one) => one.isSandboxOnly)
  expect(problems).toHaveLength(sandboxOnly.length)
  for (const problem of problems) expect(problem).toMatch(/^--[a-z-]+ works only in a sandbox/)
  const off = { ...live, impersonate: false }
  expect(problemsOf(off, { PAYDESK_SECRET_KEY: '0f'.repeat(32) })).toEqual([])
})

test('PORT sets the port as on hosting platforms, and PAYDESK_PORT and the flag override it', () => {
  const portOf = (flags: object, environment: Record<string, string>) =>
    readSettings({ ...flags }, environment).port
  expect(portOf({}, { PORT: '3000' })).toBe(3000)
  expect(portOf({}, { PORT: '3000', PAYDESK_PORT: '2' })).toBe(2)
  expect(portOf({}, { PORT: '3000', PAYDESK_PORT: 'tcp://10.0.0.1:4242' })).toBe(3000)
  expect(portOf({ port: '1' }, { PORT: '3000' })).toBe(1)
  expect(() => portOf({}, { PORT: 'http' })).toThrow(/^PORT must be a whole number/)
})

test('flags override environment variables, and an empty variable counts as absent', () => {
  const settings = readSettings(
    { port: '1' },
    { PAYDESK_PORT: '2', PAYDESK_HOST: '::1', PAYDESK_DATA: '' },
  )
  expect(settings).toMatchObject({ port: 1, host: '::1', database: { file: './paydesk.db' } })
})

test.each([
  [{}, { PAYDESK_MEMORY: 'true' }, { database: { kind: 'sqlite', file: ':memory:' } }],
  [
    { databaseUrl: 'postgres://a@b/c' },
    {},
    { database: { kind: 'postgres', url: 'postgres://a@b/c', connectionCountMax: 10 } },
  ],
  [{}, { PAYDESK_RATE_LIMITS: 'on' }, { limitsRates: true }],
  [{ publicUrl: 'https://pay.example/' }, {}, { publicUrl: 'https://pay.example' }],
])(
  'the flags %j with the environment %j give the expected settings',
  (flags, environment, expected) => {
    expect(readSettings(flags, environment as Record<string, string>)).toMatchObject(expected)
  },
)

test('live mode accepts a key in hex or base64, and limits rates', () => {
  const live = { live: true, data: 'x.db', processor: 'p.js' }
  const hex = readSettings(live, { PAYDESK_SECRET_KEY: '0f'.repeat(32) })
  const base64 = readSettings(live, { PAYDESK_SECRET_KEY: Buffer.alloc(32, 15).toString('base64') })
  expect(hex.secretKey).toEqual(base64.secretKey)
  expect(hex).toMatchObject({ mode: 'live', limitsRates: true })
})

test.each([
  [{ port: '-1' }, {}, ['--port']],
  [{ port: '1e3' }, {}, ['--port']],
  [{ databaseUrl: 'mysql://x' }, {}, ['--database-url']],
  [{ databaseUrl: 'postgres://x/y', data: 'x.db' }, {}, ['--database-url']],
  [{ databaseReadUrl: 'postgres://x/y' }, {}, ['--database-read-url']],
  [{ workers: '2' }, {}, ['--workers']],
  [{ publicUrl: 'ftp://x' }, {}, ['--public-url']],
  [{ publicUrl: 'https://user@pay.example/?a#b' }, {}, ['--public-url']],
  [{ operationsPort: '4242' }, {}, ['--operations-port']],
  [{ port: '80', operationsPort: '80' }, {}, ['--operations-port']],
  [{ tenantMemory: '8' }, {}, ['--tenant-memory']],
  [{ tenantIdle: '0' }, {}, ['--tenant-idle']],
  [{}, { PAYDESK_SECRET_KEY: 'ab'.repeat(31) }, ['PAYDESK_SECRET_KEY']],
  [
    {},
    { PAYDESK_SECRET_KEY: 'not a key at all, but long enough to be one' },
    ['PAYDESK_SECRET_KEY'],
  ],
  [{}, { PAYDESK_SANDBOX_TOKEN: 'short' }, ['PAYDESK_SANDBOX_TOKEN']],
  [{}, { PAYDESK_SANDBOX_ACCOUNT_ID: 'abc' }, ['PAYDESK_SANDBOX_ACCOUNT_ID']],
  [{}, { PAYDESK_LIVE: 'maybe' }, ['PAYDESK_LIVE']],
  [{}, { PAYDESK_PROT: '1' }, ['PAYDESK_PROT']],
  [{ processor: 'http://processor.example' }, {}, ['--processor must be an https:// URL']],
  [{ processor: 'https://user@processor.example/?a' }, {}, ['--processor']],
  [{ processor: 'ftp://processor.example' }, {}, ['--processor']],
  [{ processor: 'https://processor.example' }, {}, ['PAYDESK_PROCESSOR_KEY']],
  [
    { processor: 'https://processor.example' },
    { PAYDESK_PROCESSOR_KEY: 'whsec_c2hvcnQ=' },
    ['PAYDESK_PROCESSOR_KEY must be 1 to 3 keys'],
  ],
  [{}, { PAYDESK_PROCESSOR_KEY: 'not a key' }, ['PAYDESK_PROCESSOR_KEY']],
  [{ live: true, memory: true }, {}, ['persistent', 'secret key', 'processor']],
] as const)('%j with %j is refused by name', (flags, environment, names) => {
  const problems = problemsOf(flags, environment as Record<string, string>)
  expect(problems).toHaveLength(names.length)
  for (const [index, name] of names.entries()) expect(problems[index]).toContain(name)
})

const PROCESSOR_KEY = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
test.each([
  ['./acme.ts', { kind: 'module', path: './acme.ts' }],
  [
    'https://processor.example/paydesk/',
    { kind: 'server', url: 'https://processor.example/paydesk' },
  ],
  ['http://127.0.0.1:9000', { kind: 'server', url: 'http://127.0.0.1:9000' }],
  ['http://[::1]:9000', { kind: 'server', url: 'http://[::1]:9000' }],
])('the processor %s is a module or a server', (processor, expected) => {
  const environment = { PAYDESK_PROCESSOR_KEY: `${PROCESSOR_KEY}, ${PROCESSOR_KEY}` }
  expect(readSettings({ processor }, environment)).toMatchObject({
    processor: expected,
    processorKeys: [PROCESSOR_KEY, PROCESSOR_KEY],
  })
})

test('variables that a container platform sets for a service called paydesk are ignored', () => {
  const links = {
    PAYDESK_PORT: 'tcp://10.0.0.1:4242',
    PAYDESK_SERVICE_HOST: '10.0.0.1',
    PAYDESK_SERVICE_PORT: '4242',
    PAYDESK_SERVICE_PORT_HTTP: '4242',
    PAYDESK_PORT_4242_TCP: 'tcp://10.0.0.1:4242',
    PAYDESK_PORT_4242_TCP_ADDR: '10.0.0.1',
  }
  expect(readSettings({}, links).port).toBe(4242)
})

test('a database flag overrides the database of the environment', () => {
  expect(readSettings({ memory: true }, { PAYDESK_DATA: 'x.db' }).database).toEqual({
    kind: 'sqlite',
    file: ':memory:',
  })
  expect(
    readSettings({ data: 'y.db' }, { PAYDESK_DATABASE_URL: 'postgres://a/b' }).database,
  ).toEqual({ kind: 'sqlite', file: 'y.db' })
})

const LIVE = {
  live: true,
  data: 'live.db',
  processor: './acme.js',
  secretKey: '01'.repeat(32),
}
const SMTP = { messenger: 'smtp', smtpHost: 'smtp.shop.example', mailFrom: 'a@shop.example' }

test.each<[flags: Record<string, unknown>, password: string | undefined, expected: object]>([
  [{ ...LIVE }, undefined, { messenger: undefined }],
  [
    { ...LIVE, messenger: './sms.mjs' },
    undefined,
    { messenger: { kind: 'module', path: './sms.mjs' } },
  ],
  [
    { ...LIVE, ...SMTP },
    undefined,
    {
      messenger: {
        kind: 'smtp',
        server: { host: 'smtp.shop.example', port: 587, tls: 'starttls', from: 'a@shop.example' },
      },
    },
  ],
  [
    { ...LIVE, ...SMTP, smtpTls: 'tls', smtpPort: '465', smtpUser: 'u' },
    'p',
    {
      messenger: {
        kind: 'smtp',
        server: { port: 465, tls: 'tls', login: { user: 'u', password: 'p' } },
      },
    },
  ],
  [
    { ...LIVE, ...SMTP, smtpHost: 'localhost', smtpTls: 'off' },
    undefined,
    { messenger: { kind: 'smtp', server: { tls: 'off' } } },
  ],
])('the messenger of the flags %j is read', (flags, password, expected) => {
  const environment = { ...(password !== undefined && { PAYDESK_SMTP_PASSWORD: password }) }
  expect(readSettings(flags, environment)).toMatchObject(expected)
})

test.each<[flags: Record<string, unknown>, password: string | undefined, problem: string]>([
  [{ messenger: 'smtp' }, undefined, '--messenger works only in live mode'],
  [{ ...LIVE, messenger: 'smtp' }, undefined, 'set --smtp-host'],
  [{ ...LIVE, messenger: 'smtp', smtpHost: 'h' }, undefined, 'set --mail-from'],
  [{ ...LIVE, ...SMTP, smtpUser: 'u' }, undefined, 'belong together'],
  [{ ...LIVE, ...SMTP }, 'p', 'belong together'],
  [
    { ...LIVE, ...SMTP, smtpHost: '127.0.0.1', smtpTls: 'off', smtpUser: 'u' },
    'p',
    'would send the password unencrypted',
  ],
  [{ ...LIVE, ...SMTP, smtpTls: 'off' }, undefined, 'only for a mail server on this machine'],
  [{ ...LIVE, smtpHost: 'smtp.shop.example' }, undefined, '--smtp-host needs --messenger smtp'],
  [
    { ...LIVE, messenger: './sms.mjs', mailFrom: 'a@shop.example' },
    undefined,
    '--mail-from needs --messenger smtp',
  ],
  [
    { ...LIVE, ...SMTP, mailFrom: 'Shop <a@shop.example>' },
    undefined,
    '--mail-from must be one e-mail address',
  ],
  [
    { ...LIVE, ...SMTP, mailFrom: 'a@shop.example\r\nBcc: b@c.d' },
    undefined,
    '--mail-from must be',
  ],
  [{ ...LIVE, ...SMTP, smtpHost: 'https://smtp.shop.example' }, undefined, '--smtp-host must be'],
])('the messenger of the flags %j is refused with a sentence', (flags, password, problem) => {
  const environment = { ...(password !== undefined && { PAYDESK_SMTP_PASSWORD: password }) }
  expect(problemsOf(flags, environment as Record<string, string>).join('\n')).toContain(problem)
})
