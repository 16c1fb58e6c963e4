import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { paydesk, startPaydesk } from '../../test/support/command-line.ts'
import { call, TOKEN, US_ACCOUNT_ID as US } from '../../test/support/server.ts'
import { loadSettings } from '../server/settings/settings-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-config-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (args: readonly string[], environment: Record<string, string> = {}) =>
  paydesk(args, environment, folder)
const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

async function serve(...more: readonly string[]) {
  const running = startPaydesk(['serve', '--json', '--port', '0', ...more], {}, folder)
  const { base_url: baseUrl } = JSON.parse(await running.until(/\}\n/))
  return {
    baseUrl: baseUrl as string,
    stop: async () => {
      running.process.kill('SIGTERM')
      await running.exit
    },
  }
}

test.each(['ts', 'yaml'])(
  'init writes a %s file once, and serve starts a sandbox with its contents',
  async (format) => {
    expect(await run(['init', '--format', format])).toMatchObject({ code: 0, err: '' })
    expect((await run(['init'])).err).toBe(
      `paydesk: The file paydesk.config.${format} already exists. Delete it, or run init in another folder.\n`,
    )
    expect((await run(['config', 'check'])).out).toMatch(/\nThe settings are valid\.\n$/)
    // A second start on the same database creates nothing again.
    for (const start of ['first', 'second']) {
      const { baseUrl, stop } = await serve()
      const list = async (path: string) => (await call(baseUrl, 'GET', path)).body
      const { webhooks } = await list('/webhooks')
      expect([start, webhooks.length, webhooks[0].url]).toEqual([
        start,
        1,
        'http://127.0.0.1:3000/webhooks',
      ])
      const { payments_sessions: sessions } = await list('/paymentsessions')
      expect(sessions).toMatchObject([{ status: 'succeeded', description: 'Brass lamp' }])
      const faults = await (await fetch(`${baseUrl}/_sandbox/faults`)).json()
      expect(faults.faults).toMatchObject([{ target: 'route', probability: 0 }])
      await stop()
    }
  },
)

test.each(['ts', 'yaml'])(
  'init --live writes a %s file with which a live installation is checked and served',
  async (format) => {
    const { code, out } = await run(['init', '--live', '--format', format])
    expect([code, out]).toEqual([0, expect.stringContaining('PAYDESK_SECRET_KEY_FILE')])
    writeFileSync(join(folder, 'secret.key'), 'ab'.repeat(32), { mode: 0o600 })
    write('processor.js', 'throw new Error("not yet written")')
    const own = { PAYDESK_SECRET_KEY_FILE: 'secret.key' }
    expect((await run(['config', 'check'], {})).err).toMatch(
      /^paydesk: Live mode needs a secret key/,
    )
    const processor = ['--processor', APPROVING]
    expect(await run(['config', 'check', ...processor], own)).toMatchObject({ code: 0, err: '' })
    const server = startPaydesk(
      ['serve', '--port', '0', '--operations-port', '0', ...processor],
      own,
      folder,
    )
    const lines = await server.until(/Health and metrics: .*\n/)
    expect(lines).toMatch(
      /^Paydesk is live at https:\/\/pay\.example\.com\nThis server listens at http:\/\/127\.0\.0\.1:\d+\n/,
    )
    server.process.kill('SIGTERM')
    expect(await server.exit).toMatchObject({ code: 0, err: '' })
  },
)

test('the sandbox token works for the accounts of the file, with their page settings and fixed signing keys', async () => {
  const pixel =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  writeFileSync(join(folder, 'logo.png'), Buffer.from(pixel, 'base64'))
  write(
    'paydesk.config.json',
    JSON.stringify({
      settings: { memory: true, 'log-level': 'warn' },
      sandbox: {
        accounts: [
          {
            account_id: '23137999',
            name: 'Asha’s Books',
            edition: 'IN',
            logo: 'logo.png',
            terms_url: 'https://books.example/terms',
            powered_by: false,
          },
        ],
        customers: [
          {
            account_id: '23137999',
            name: 'Asha Rao',
            email: 'asha@books.example',
            phone: '+91 98765 43210',
            meta_data: [{ key: 'crm', value: 'c-17' }],
          },
          { name: 'Ben Ode', email: 'ben@shop.example' },
        ],
        endpoints: [
          {
            account_id: '23137999',
            name: 'Books',
            url: 'http://127.0.0.1:1/hooks',
            enabled_events: ['payment.succeeded'],
            signing_key: 'whsec_Zml4ZWQ=',
          },
        ],
      },
    }),
  )
  const { baseUrl, stop } = await serve()
  const creation = await fetch(`${baseUrl}/api/v1/paymentsessions?account_id=23137999`, {
    method: 'POST',
    headers: { authorization: `Zoho-oauthtoken ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ amount: 5, currency: 'INR' }),
  })
  expect(creation.status).toBe(201)
  const { access_key: accessKey } = (await creation.json()).payments_session
  const page = await (await fetch(`${baseUrl}/hostedcheckout/${accessKey}`)).text()
  expect(page).toContain('href="https://books.example/terms"')
  expect(page).not.toContain('Powered by')
  const [, logo = ''] = /<img class="logo" src="([^"]+)"/.exec(page) ?? []
  expect((await fetch(`${baseUrl}${logo}`)).headers.get('content-type')).toBe('image/png')
  const customersOf = async (query: string) =>
    (await call(baseUrl, 'GET', `/customers${query}`)).body.customers
  expect(await customersOf('?account_id=23137999')).toMatchObject([
    { customer_name: 'Asha Rao', customer_phone: '9876543210' },
  ])
  expect(await customersOf('')).toMatchObject([{ customer_email: 'ben@shop.example' }])
  const keys = await fetch(`${baseUrl}/_sandbox/webhooks/keys?account_id=23137999`)
  expect((await keys.json()).webhook_keys).toMatchObject([{ signing_keys: ['whsec_Zml4ZWQ='] }])
  await stop()
})

test('a second start does not create the sessions of the US account again', async () => {
  write('paydesk.config.json', JSON.stringify({ sandbox: { sessions: [{ account_id: US }] } }))
  for (const _start of ['first', 'second']) {
    const { baseUrl, stop } = await serve()
    const { body } = await call(baseUrl, 'GET', `/paymentsessions?account_id=${US}`)
    expect(body.payments_sessions).toHaveLength(1)
    await stop()
  }
})

describe('an invalid settings file is refused', () => {
  const file = (content: unknown) => JSON.stringify(content)
  test.each([
    ['{ port: ', /^paydesk\.config\.yaml cannot be read: .+line 1/s],
    ['[1]', /^paydesk\.config\.yaml must have an object with the fields settings and sandbox/],
    [file({ settings: { prot: 1 } }), /: settings\.prot is not a setting, did you mean port\?/],
    [file({ settings: { port: { a: 1 } } }), /: settings\.port must be a text, a number/],
    [
      file({ settings: { port: 'x' } }),
      /^settings\.port in paydesk\.config\.yaml must be a whole number/,
    ],
    [file({ settings: { config: 'x' } }), /: settings\.config is not a setting\./],
    [file({ sandboxes: {} }), /: sandboxes is not a field\./],
    [file({ sandbox: { fault: [] } }), /: sandbox\.fault is not a field\. The fields are accounts/],
    [file({ sandbox: { faults: {} } }), /: sandbox\.faults must be a list of objects\./],
    [
      file({ settings: { workers: 2, databaseUrl: 'postgres://a@b/c' }, sandbox: { faults: [] } }),
      /: the field sandbox needs --workers 1\./,
    ],
    [
      file({ settings: { live: true }, sandbox: {} }),
      /: live mode refuses the field sandbox: remove it\./,
    ],
  ])('the error for a wrong file names the place: %s', async (text, sentence) => {
    write('paydesk.config.yaml', text)
    const path = join(folder, 'paydesk.config.yaml')
    const error = await loadSettings({ config: path }, {}).catch((one: Error) => one)
    expect((error as Error).message.replaceAll(path, 'paydesk.config.yaml')).toMatch(sentence)
  })

  test.each([
    [
      { endpoints: [{ name: 'a', url: 'ftp://x', enabled_events: ['payment.succeeded'] }] },
      'endpoints[0].url must',
    ],
    [{ faults: [{ target: 'moon', effect: {} }] }, 'faults[0].target must'],
    [{ customers: [{ name: 'Asha', email: 'asha' }] }, 'customers[0].email must'],
    [{ customers: [{ nam: 'Asha', email: 'a@b.example' }] }, 'customers[0].nam is unknown'],
    [
      { customers: [{ account_id: 'x', name: 'A', email: 'a@b.co' }] },
      'customers[0].account_id must',
    ],
    [{ sessions: [{ session: { amount: -1 } }] }, 'sessions[0].session.amount must'],
    [{ accounts: [{ account_id: 5, name: 'x', edition: 'IN' }] }, 'accounts[0].account_id must'],
    [
      { accounts: [{ account_id: '5', name: 'x'.repeat(201), edition: 'IN' }] },
      'accounts[0].name must have 1 to 200 characters',
    ],
    [{ accounts: [{ account_id: '5', name: ' ', edition: 'IN' }] }, 'accounts[0].name must'],
    [{ accounts: [{ account_id: '5', name: 'a\nb', edition: 'IN' }] }, 'accounts[0].name must'],
    [{ accounts: [{ account_id: '5', name: '\ud800', edition: 'IN' }] }, 'accounts[0].name must'],
    [
      { accounts: [{ account_id: '5', name: 'x', edition: 'IN', logo: 'no-such-file.png' }] },
      'accounts[0].logo cannot be read',
    ],
    [{ accounts: [{ account_id: '5', nam: 'x', edition: 'IN' }] }, 'accounts[0].nam is unknown'],
    [
      { endpoints: [{ name: 'a', url: 'http://127.0.0.1:1/', enabled_event: [] }] },
      'endpoints[0].enabled_event is unknown',
    ],
    [
      { endpoints: [{ name: 'a', url: 'http://127.0.0.1:1/', enabled_events: ['payment.fail'] }] },
      'endpoints[0].enabled_events[0] must',
    ],
    [{ endpoints: [{ signing_key: 'abc' }] }, 'endpoints[0].signing_key must'],
    [
      { faults: [{ target: 'route', match: { rout: '/x' }, effect: { status: 503 } }] },
      'faults[0].match.rout is unknown, did you mean route? The known fields are: route, call, event_type.',
    ],
    [
      { faults: [{ target: 'route', probability: 3, effect: { status: 503 } }] },
      'faults[0].probability must',
    ],
    [{ sessions: [{ session: { curency: 'INR' } }] }, 'sessions[0].session.curency is unknown'],
    [
      { sessions: [{ attempts: [{ method: 'card', outcome: 'success' }] }] },
      'sessions[0].attempts[0].outcome must',
    ],
  ])('the error for wrong sandbox contents names the field: %j', async (sandbox, sentence) => {
    write('paydesk.config.json', file({ settings: { memory: true }, sandbox }))
    const { code, err } = await run(['config', 'check'])
    expect(code).toBe(1)
    expect(err).toContain(`paydesk: paydesk.config.json: sandbox.${sentence}`)
  })

  test('serve refuses wrong sandbox contents with the one line of config check, and leaves no data file', async () => {
    const sandbox = { sessions: [{ session: { amount: -1 } }] }
    write('paydesk.config.json', file({ settings: { data: 'new.db' }, sandbox }))
    const result = await run(['serve', '--port', '0'])
    expect(result).toMatchObject({ code: 1, out: '' })
    expect(result.err).toMatch(/^paydesk: [^\n]+\n$/)
    expect(result.err).toBe((await run(['config', 'check'])).err)
    expect(existsSync(join(folder, 'new.db'))).toBe(false)
  })

  test('several settings files and a missing file are refused', async () => {
    expect((await run(['config', 'check', '--config', 'no.yaml'])).err).toBe(
      'paydesk: There is no settings file no.yaml.\n',
    )
    write('paydesk.config.json', '{}')
    write('paydesk.config.yaml', '{}')
    expect((await run(['config', 'check'])).err).toMatch(/There are several settings files: /)
  })
})

test('config check names the source of each value: a flag overrides a variable, and a variable overrides the file', async () => {
  write(
    'paydesk.config.yaml',
    file({ port: 1, host: '::1', accessLog: 'all', dataBase: undefined }),
  )
  write('secret', `${'ab'.repeat(32)}\n`)
  const { out } = await run(['config', 'check', '--json', '--port', '3'], {
    PAYDESK_PORT: '2',
    PAYDESK_HOST: '127.0.0.1',
    PAYDESK_SECRET_KEY_FILE: join(folder, 'secret'),
    PAYDESK_DATABASE_URL: 'postgres://paydesk:geheim@9@db.example/paydesk?sslpassword=geheim',
  })
  expect(out).not.toContain('geheim')
  expect(out).toContain('postgres://paydesk:(hidden)@db.example/paydesk?sslpassword=(hidden)')
  const rows: { name: string; value: string; from: string }[] = JSON.parse(out)
  const rowOf = (name: string) => rows.find((row) => row.name === name)
  expect(rowOf('port')).toMatchObject({ value: '3', from: '--port' })
  expect(rowOf('host')).toMatchObject({ value: '127.0.0.1', from: 'PAYDESK_HOST' })
  expect(rowOf('access-log')).toMatchObject({
    value: 'all',
    from: 'settings.accessLog in paydesk.config.yaml',
  })
  expect(rowOf('secret-key')).toMatchObject({
    value: '(hidden)',
    from: 'PAYDESK_SECRET_KEY_FILE',
    file: join(folder, 'secret'),
  })
  expect(rowOf('config')).toMatchObject({
    value: 'paydesk.config.yaml',
    from: 'the current folder',
  })
  expect(rowOf('workers')).toMatchObject({ value: '1', from: 'default' })
  expect((await run(['config', 'check'], { PAYDESK_SECRET_KEY_FILE: 'no-file' })).err).toBe(
    'paydesk: PAYDESK_SECRET_KEY_FILE names the file no-file, which cannot be read: it does not exist.\n',
  )

  function file(settings: object) {
    return JSON.stringify({ settings })
  }
})

test('config check refuses what serve would refuse: a missing module, and a data file without a folder', async () => {
  const live = { PAYDESK_SECRET_KEY: 'ab'.repeat(32) }
  const check = (...args: readonly string[]) => run(['config', 'check', ...args], live)
  for (const [args, sentence] of [
    [['--processor', './none.js'], /^paydesk: The processor module \.\/none\.js cannot be loaded/],
    [
      ['--data', 'none/live.db'],
      /^paydesk: The folder of the data file none\/live\.db does not exist/,
    ],
    [['--data', '.'], /^paydesk: \. is a folder: name a file with --data/],
  ] as const) {
    const { code, err, out } = await check(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(sentence)
    expect(await run(['serve', '--port', '0', ...args], live)).toEqual({ code, err, out })
  }
  write('thrown.mjs', 'throw new Error("no license")')
  for (const flag of ['--processor', '--messenger']) {
    expect(
      await check(flag, 'thrown.mjs', '--live', '--data', 'live.db', ...otherModule(flag)),
    ).toMatchObject({ code: 1, err: expect.stringContaining('cannot be loaded: no license') })
  }

  expect(await run(['messenger', 'check', './none.js', '--to', 'a@b.example'])).toMatchObject({
    code: 2,
    err: 'paydesk: The messenger module ./none.js cannot be loaded: there is no such file. Check <module>.\n',
  })
  for (const [path, reason] of [
    ['.', /^paydesk: The processor module \. cannot be loaded: it is a folder/],
    ['', /must be the path of a module or the URL of a server, but it is empty\.\n$/],
  ] as const) {
    expect(await run(['processor', 'check', path])).toMatchObject({
      code: 2,
      err: expect.stringMatching(reason),
    })
  }
  expect(await run(['processor', 'check', 'http://127.0.0.1:1'])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^paydesk: A processor with a URL needs a key: set PAYDESK_/),
  })

  function otherModule(flag: string): readonly string[] {
    return flag === '--processor' ? [] : ['--processor', APPROVING]
  }
})

test('a command ends although a module keeps its process busy, even after an error', async () => {
  const busy =
    "import { createServer } from 'node:net'\nsetInterval(() => {}, 1000)\ncreateServer().listen(0)\n"
  write('busy.ts', `${busy}export { default } from '${APPROVING}'`)
  write('not-a-processor.ts', `${busy}export default {}`)
  const live = ['--live', '--data', 'live.db']
  const key = { PAYDESK_SECRET_KEY: 'ab'.repeat(32) }
  expect(await run(['config', 'check', ...live, '--processor', 'busy.ts'], key)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/\nThe settings are valid\.\n$/),
  })
  for (const command of [
    ['config', 'check'],
    ['serve', '--port', '0'],
  ]) {
    expect(
      await run([...command, ...live, '--processor', 'not-a-processor.ts'], key),
    ).toMatchObject({ code: 1, err: expect.stringContaining('must have a default export') })
  }
})

test('config check and a start warn of secrets in files that others can read or change, and the exit code stays', async () => {
  writeFileSync(join(folder, 'open'), 'ab'.repeat(32), { mode: 0o644 })
  const own = { PAYDESK_SECRET_KEY_FILE: 'open' }
  const settings = { memory: true, port: 0 }
  write('paydesk.config.json', JSON.stringify({ settings }))
  const sentence = (verbs: string, file: string) =>
    `other users of this machine can ${verbs} ${file}, which contains a secret: chmod g-w,o= ${file}`
  expect(await run(['config', 'check'], own)).toMatchObject({
    code: 0,
    err: `Warning: ${sentence('read', 'open')}\n`,
  })
  const publicUrl = 'https://pay.example.com'
  const server = startPaydesk(['serve', '--json', '--public-url', publicUrl], own, folder)
  // The proxy's configuration needs the address behind the public one.
  expect(JSON.parse(await server.until(/\}\n/))).toMatchObject({
    base_url: publicUrl,
    local_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
  })
  server.process.kill('SIGTERM')
  const { code, err } = await server.exit
  expect([code, JSON.parse(err.split('\n')[0] ?? '')]).toEqual([
    0,
    expect.objectContaining({ level: 40, msg: sentence('read', 'open') }),
  ])

  chmodSync(join(folder, 'open'), 0o660)
  const check = (environment: Record<string, string>) => run(['config', 'check'], environment)
  expect((await check(own)).err).toBe(`Warning: ${sentence('change', 'open')}\n`)
  chmodSync(join(folder, 'open'), 0o640)
  expect((await check(own)).err).toBe('')
  // A settings file without a secret may be readable; with one it may not.
  write(
    'paydesk.config.json',
    JSON.stringify({ settings: { ...settings, secretKey: 'ab'.repeat(32) } }),
  )
  chmodSync(join(folder, 'paydesk.config.json'), 0o646)
  expect((await check({})).err).toBe(
    `Warning: ${sentence('read and change', 'paydesk.config.json')}\n`,
  )
})

const APPROVING = fileURLToPath(
  new URL('../../test/support/approving-processor.ts', import.meta.url),
)

test('config check prints the defaults of the current mode only, and in live mode no setting of a sandbox', async () => {
  const live = ['--live', '--data', 'live.db', '--processor', APPROVING]
  const { code, out } = await run(['config', 'check', ...live], {
    PAYDESK_SECRET_KEY: 'ab'.repeat(32),
  })
  expect(code).toBe(0)
  expect(out).toMatch(/^live +on \(from --live\)\n(?:.*\n)*processor-timeout +20 seconds$/m)
  expect(out).not.toMatch(/sandbox|in live mode|^(?:seed|ca-dir|tenant-\w+|allow-host) /m)
  const sandbox = (await run(['config', 'check', '--memory'])).out
  expect(sandbox).toMatch(/^processor-timeout +5 seconds$/m)
  expect(sandbox).toMatch(/^data +none$/m)
  expect(sandbox).toMatch(/^sandbox-token\b/m)
  const url = ['--database-url', 'postgres://a@127.0.0.1:1/b']
  expect((await run(['config', 'check', ...url])).out).toMatch(
    /\nThe settings are valid\.\nNot checked: whether PostgreSQL answers\.\n$/,
  )
})

test('config check has lines of at most 80 columns, and a mistake in a file has its line and column', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-check-'))
  const check = (...args: readonly string[]) => paydesk(['config', 'check', ...args], {}, folder)
  const { out } = await check('--port', '5000')
  expect(out).toMatch(/^port {20}5000 \(from --port\)$/m)
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  for (const [name, text, place] of [
    ['a.ts', 'export default {\n  settings: { port: 1,, },\n}\n', /^paydesk: a\.ts:2:23 cannot/],
    ['b.js', 'export default {\n  settings: { port: 1,, },\n}\n', /^paydesk: b\.js:2:23 cannot/],
    ['c.yaml', 'settings:\n  port: [1\n', /^paydesk: c\.yaml .*at line 3, column 1/],
    ['d.json', '{ "settings": { "port": 1,, } }', /^paydesk: d\.json .*at line 1, column 27/],
  ] as const) {
    writeFileSync(join(folder, name), text)
    const result = await check('--config', name)
    expect([result.code, result.err]).toEqual([2, expect.stringMatching(place)])
  }
  rmSync(folder, { recursive: true })
})
