import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { visibleCommands } from '../src/cli/command-table.ts'
import { makeProgram } from '../src/cli/program.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { environmentName, type Setting } from '../src/server/settings/setting.ts'
import { SETTINGS } from '../src/server/settings/settings-table.ts'
import { type ProgramResult, paydeskFromSources, paydesk as run } from './support/command-line.ts'
import { createDatabase } from './support/postgres-cluster.ts'
import { makeSandboxDatabase } from './support/sandbox-database.ts'
import { call, PAYDESK, spawnServer, TOKEN } from './support/server.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs `paydesk` to its end, in a new folder. */
const paydesk = (args: readonly string[], environment: Record<string, string> = {}) =>
  run(args, environment, folder)

/** Makes the database of a sandbox in the folder. Returns the path of its file. */
async function sandboxDatabase(name: string): Promise<string> {
  const file = join(folder, name)
  await makeSandboxDatabase(file)
  return file
}

/** Checks a failed start: one clear sentence for each problem, and an exit code. */
function expectSentence({ code, err }: ProgramResult, ...expected: readonly RegExp[]) {
  // 2: a setting is wrong.
  expect([1, 2]).toContain(code)
  const lines = err.trim().split('\n')
  expect(lines).toHaveLength(expected.length)
  for (const [index, sentence] of expected.entries()) expect(lines[index]).toMatch(sentence)
  expect(err).not.toMatch(/^\s+at /m)
}

test('a command that calls a server loads neither the server nor the database', async () => {
  const watch = `import { registerHooks } from 'node:module'
    registerHooks({
      load(url, context, next) {
        if (/[/](?:fastify|typebox|src[/]store[/]store)[/.]/.test(url)) console.log('loaded', url)
        return next(url, context)
      },
    })`
  const { code, err, out } = await paydeskFromSources(['event', 'list'], {
    PAYDESK_API_URL: 'http://127.0.0.1:9',
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(watch)}`,
  })
  expect([code, err]).toEqual([3, expect.stringContaining('http://127.0.0.1:9')])
  expect(out).not.toContain('loaded')
})

describe('a failed start prints one sentence with the remedy', () => {
  test('if the port is in use', async () => {
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as { port: number }
    expectSentence(
      await paydesk(['serve', '--memory', '--port', String(port)]),
      /^paydesk: Port \d+ on 127\.0\.0\.1 is in use\..* \(0 picks a free one\)\.$/,
    )
    const newFile = join(folder, 'not-created.db')
    expectSentence(
      await paydesk(['serve', '--data', newFile, '--port', String(port)]),
      /^paydesk: Port \d+ on 127\.0\.0\.1 is in use\..* --port 0 --data other\.db/,
    )
    expect(existsSync(newFile)).toBe(false)
    const databaseUrl = await createDatabase(inject('postgresUrl'))
    expectSentence(
      await paydesk([
        'serve',
        '--database-url',
        databaseUrl,
        '--workers',
        '2',
        '--port',
        `${port}`,
      ]),
      /^paydesk: Port \d+ on 127\.0\.0\.1 is in use\./,
    )
    listener.close()
  })

  test('if the address is not one of this machine', async () => {
    expectSentence(
      await paydesk(['serve', '--memory', '--port', '0', '--host', '192.0.2.1']),
      /not an address of this machine/,
    )
  })

  test('if the folder of the data file is missing', async () => {
    expectSentence(
      await paydesk(['serve', '--data', join(folder, 'no', 'x.db')]),
      /The folder of the data file .* does not exist/,
    )
  })

  test('if the data file is a folder', async () => {
    mkdirSync(join(folder, 'dir.db'))
    expectSentence(
      await paydesk(['serve', '--data', join(folder, 'dir.db')]),
      /dir\.db is a folder/,
    )
  })

  test('if the data file is not writable', async () => {
    const file = join(folder, 'readonly.db')
    expect((await paydesk(['migrate', '--data', file])).code).toBe(0)
    // Root may write every file, so the file's header marks it as read-only.
    chmodSync(file, 0o444)
    if (process.getuid?.() === 0) {
      const { openSync, writeSync, closeSync } = await import('node:fs')
      const handle = openSync(file, 'r+')
      // Byte 18 is the version needed to write: 3 is newer than any existing one.
      writeSync(handle, Buffer.from([3]), 0, 1, 18)
      closeSync(handle)
    }
    expectSentence(await paydesk(['serve', '--data', file]), /cannot be written/)
  })

  test('if the data file is corrupt or is not a database', async () => {
    const noise = join(folder, 'noise.db')
    writeFileSync(noise, Buffer.alloc(8_192, 'noise'))
    expectSentence(await paydesk(['serve', '--data', noise]), /is not a Paydesk database/)

    const damagedFile = join(folder, 'damaged.db')
    expect((await paydesk(['migrate', '--data', damagedFile])).code).toBe(0)
    const { readFileSync } = await import('node:fs')
    const bytes = readFileSync(damagedFile)
    bytes.fill(0xff, 100, bytes.length)
    writeFileSync(damagedFile, bytes)
    expectSentence(await paydesk(['serve', '--data', damagedFile]), /is damaged/)
  })

  test('if the database does not answer or does not exist', async () => {
    expectSentence(
      await paydesk(['serve', '--database-url', 'postgres://me:geheim@127.0.0.1:1/shop']),
      /^paydesk: The PostgreSQL database 127\.0\.0\.1:1\/shop cannot be reached: .*ECONNREFUSED/,
    )
    const missing = `${inject('postgresUrl').replace(/\/[^/]*$/, '')}/nowhere`
    const refusal = await paydesk(['serve', '--database-url', missing, '--workers', '2'])
    expectSentence(refusal, /does not exist/)
    expect(refusal.err).not.toContain('paydesk@')
  })

  test('if live mode lacks required settings, all in one message', async () => {
    expectSentence(
      await paydesk(['serve', '--live']),
      /needs a database/,
      /needs a secret key/,
      /needs a processor/,
    )
  })

  test('if settings from flags or the environment are wrong, all in one message', async () => {
    const result = await paydesk(
      ['serve', '--port', '70000', '--memory', '--data', 'x', '--workers', '2'],
      {
        PAYDESK_HOSTT: 'x',
        PAYDESK_SECRET_KEY: 'short',
        PAYDESK_ACCESS_LOG: 'some',
      },
    )
    expectSentence(
      result,
      /--port must be a whole number from 0 to 65535/,
      /PAYDESK_SECRET_KEY must be at least 32 random bytes/,
      /PAYDESK_ACCESS_LOG must be one of off, errors, all/,
      /PAYDESK_HOSTT is not a setting, did you mean PAYDESK_HOST\?/,
      /--memory and --data exclude each other/,
      /--workers above 1 needs --database-url/,
    )
    expect(result.err).not.toContain('short')
  })

  test('if the database belongs to another mode or to another secret key', async () => {
    const file = await sandboxDatabase('sandbox.db')
    const environment = { PAYDESK_SECRET_KEY: 'ab'.repeat(32) }
    expectSentence(
      await paydesk(['account', 'list', '--data', file, '--live'], environment),
      /was created in sandbox mode/,
    )
    expectSentence(
      await paydesk(['account', 'list', '--data', file], environment),
      /has another secret key/,
    )
  })

  test('if the processor module is not usable', async () => {
    const environment = { PAYDESK_SECRET_KEY: 'ab'.repeat(32) }
    const serve = (module: string) =>
      paydesk(
        ['serve', '--live', '--data', join(folder, 'live.db'), '--processor', module],
        environment,
      )
    expectSentence(await serve(join(folder, 'none.js')), /cannot be loaded/)
    writeFileSync(join(folder, 'empty.js'), 'export default {}')
    expectSentence(
      await serve(join(folder, 'empty.js')),
      /must have a default export with the members name, charge, findCharge and refund/,
    )
  })
})

describe('help', () => {
  test('marks required flags, and an unknown flag is reported before a missing one', async () => {
    const help = await paydesk(['session', 'create', '--help'])
    expect(help.out.replace(/\s+/g, ' ')).toContain('such as 1499.90 (required)')
    const misspelledCommand = await paydesk(['session', 'create', '--ammount', '5'])
    expect([misspelledCommand.code, misspelledCommand.err]).toEqual([
      2,
      expect.stringMatching(/^error: unknown option '--ammount'\n\(Did you mean --amount\?\)/),
    ])
    const absent = await paydesk(['session', 'create'])
    expect(absent.err).toMatch(/^error: required option '--amount <amount>' not specified/)
  })

  test('names every command and every setting with its variable', async () => {
    const main = await paydesk(['--help'])
    for (const command of visibleCommands(makeProgram({}))) {
      expect(main.out).toMatch(new RegExp(`^  ${command.name()}\\b`, 'm'))
    }
    const serve = await paydesk(['serve', '--help'])
    for (const setting of Object.values<Setting>(SETTINGS)) {
      expect(serve.out).toContain(environmentName(setting))
    }
    expect(serve.out).toContain('--json')
  })

  test('the error for an unknown command or flag names the help', async () => {
    const result = await paydesk(['serv'])
    expect(result.code).not.toBe(0)
    expect(result.err).toMatch(/unknown command 'serv'[\s\S]*--help/)
  })

  test('an old Node gets an error with the required version, also from paydesk/testing', async () => {
    // Like Node 20: without the module for databases and without zstd.
    const old = `
      import { registerHooks } from 'node:module'
      import zlib from 'node:zlib'
      const names = Object.keys(zlib).filter((name) => !/zstd/i.test(name)).map((name) => name + ' = 0')
      Object.defineProperty(process, 'versions', { value: { node: '20.1.0' } })
      Object.defineProperty(process, 'version', { value: 'v20.1.0' })
      process.getBuiltinModule = () => undefined
      const lacking = (name) => Error('No such built-in module: ' + name)
      registerHooks({
        resolve: (name, context, next) => {
          if (name === 'node:sqlite') throw lacking(name)
          const isOurs = !context.parentURL?.includes('/node_modules/')
          const url = 'data:text/javascript,export default {}; export const ' + names.join()
          if (name === 'node:zlib' && isOurs) return { url, shortCircuit: true, format: 'module' }
          return next(name, context)
        },
      })`
    const preload = ['--import', `data:text/javascript,${encodeURIComponent(old)}`]
    const useSources = fileURLToPath(new URL('../scripts/use-sources.ts', import.meta.url))
    const flags = [...preload, '--import', useSources, '--input-type=module']
    const runs = [
      [...preload, PAYDESK],
      ...['testing', 'testing/playwright', 'testing/vitest'].map((entry) => [
        ...flags,
        '-e',
        `import 'paydesk/${entry}'`,
      ]),
    ]
    for (const args of runs) {
      const child = spawn(process.execPath, args)
      let err = ''
      child.stderr.on('data', (chunk) => {
        err += chunk
      })
      const [code] = (await once(child, 'close')) as [number]
      expect(code).toBe(1)
      expect(err).toMatch(/needs Node 24 or newer, and this is v20\.1\.0[\s\S]*npm ci/)
    }
  })
})

describe('commands that change a database', () => {
  test('create accounts, clients and tokens that the API accepts', async () => {
    const file = await sandboxDatabase('commands.db')
    const dataFlags = ['--data', file]
    const account = await paydesk([
      'account',
      'create',
      '--name',
      'My shop',
      '--edition',
      'IN',
      ...dataFlags,
    ])
    const accountId = /Account id +(\d{11})/.exec(account.out)?.[1] ?? ''
    expect((await paydesk(['account', 'list', ...dataFlags])).out).toMatch(
      new RegExp(`^${accountId} +IN +open +My shop$`, 'm'),
    )

    const client = await paydesk([
      'client',
      'create',
      '--name',
      'My app',
      '--account',
      accountId,
      '--redirect-uri',
      'https://a.example/cb',
      '--machine',
      ...dataFlags,
    ])
    const clientId = /Client id +(\S+)/.exec(client.out)?.[1] ?? ''
    const secret = /Client secret +(\S+)/.exec(client.out)?.[1] ?? ''
    expect((await paydesk(['client', 'list', ...dataFlags])).out).toContain(clientId)

    const creation = await paydesk([
      'token',
      'create',
      '--client',
      clientId,
      '--scope',
      'ZohoPay.payments.CREATE',
      ...dataFlags,
    ])
    const token = /Access token +(\S+)/.exec(creation.out)?.[1] ?? ''

    const server = await spawnServer(dataFlags)
    const create = (authorization: string) =>
      call(
        server.baseUrl,
        'POST',
        `/paymentsessions?account_id=${accountId}`,
        { amount: 1, currency: 'INR' },
        { authorization },
      )
    expect((await create(`Zoho-oauthtoken ${token}`)).status).toBe(201)
    const grant = await fetch(`${server.baseUrl}/oauth/v2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: clientId,
        client_secret: secret,
        grant_type: 'client_credentials',
        scope: 'ZohoPay.payments.CREATE',
      }),
    })
    const { access_token: other } = (await grant.json()) as { access_token: string }
    expect((await create(`Zoho-oauthtoken ${other}`)).status).toBe(201)
    // A command may write while the server runs.
    expect(
      (
        await paydesk([
          'token',
          'create',
          '--client',
          clientId,
          '--scope',
          'ZohoPay.payments.READ',
          ...dataFlags,
        ])
      ).code,
    ).toBe(0)
    await stop(server.process)
  })

  test('print an error that says what to do next', async () => {
    const dataFlags = ['--data', await sandboxDatabase('refusals.db')]
    expectSentence(
      await paydesk(['client', 'create', '--name', 'x', '--account', '12345678', ...dataFlags]),
      /no account 12345678\. To list the accounts: npx paydesk account list --data /,
    )
    expectSentence(
      await paydesk(['token', 'create', '--scope', 'nonsense', ...dataFlags]),
      /nonsense is not a scope/,
    )
    expectSentence(
      await paydesk([
        'token',
        'create',
        '--client',
        'x',
        '--scope',
        'ZohoPay.payments.READ',
        ...dataFlags,
      ]),
      /no client x\. To list the clients: npx paydesk client list --data/,
    )
    expect(
      (await paydesk(['account', 'create', '--name', 'x', '--edition', 'EU', ...dataFlags])).err,
    ).toContain('The editions are IN and US')
  })

  test('update the checkout settings of an account, and remove one by the value "none"', async () => {
    const file = await sandboxDatabase('page.db')
    const dataFlags = ['--data', file]
    const readSettings = () => {
      const database = new DatabaseSync(file, { readOnly: true })
      const row = database
        .prepare('select brand_color, logo_file, terms_url, hides_powered_by from accounts')
        .get()
      database.close()
      return { ...row }
    }
    const looks = ['--brand-color', '#0B6E4F', '--terms-url', 'https://shop.example/terms']
    const creation = await paydesk(
      ['account', 'create', '--name', 'Page', '--edition', 'IN'].concat(looks, dataFlags),
    )
    const [, id = ''] = /Account id +(\d+)/.exec(creation.out) ?? []
    const logo = join(folder, 'logo.png')
    const pixel =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    writeFileSync(logo, Buffer.from(pixel, 'base64'))
    const update = (...flags: string[]) =>
      paydesk(['account', 'update', id, ...flags, ...dataFlags])
    expect((await update('--logo', logo, '--powered-by', 'off', '--terms-url', 'none')).out).toBe(
      `Changed account ${id}.\n`,
    )
    expect(readSettings()).toEqual({
      brand_color: '#0b6e4f',
      logo_file: expect.stringMatching(/^[0-9a-f]{32}\.png$/),
      terms_url: null,
      hides_powered_by: 1,
    })
    expectSentence(await update(), /Name a setting to change/)
    writeFileSync(logo, '<svg xmlns="http://www.w3.org/2000/svg"/>')
    expect((await update('--logo', logo)).err).toMatch(/must be a PNG, JPEG or WebP image/)
    expect((await update('--terms-url', 'javascript:alert(1)')).err).toMatch(/http or https URL/)
    expectSentence(
      await paydesk(['account', 'update', '12345678', '--logo', 'none', ...dataFlags]),
      /There is no account 12345678/,
    )
  })

  test('print each step of a migration', async () => {
    const dataFlags = ['--data', join(folder, 'migrate.db')]
    expect((await paydesk(['migrate', ...dataFlags])).out).toMatch(
      /^Migrated: foundation, payment_attempts, events_and_ledger\b.*\n$/,
    )
    expect((await paydesk(['migrate', ...dataFlags])).out).toBe('The schema is up to date.\n')
  })
})

/** The interim answer of a server that has read the head of a request. */
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

/** Sends the head of a create request without its body, and waits until the server has read the head. */
async function beginCreate(baseUrl: string) {
  const body = '{"amount":1,"currency":"INR"}'
  const socket = connect(Number(new URL(baseUrl).port), '127.0.0.1')
  let receivedText = ''
  socket.on('data', (chunk) => {
    receivedText += chunk
  })
  await once(socket, 'connect')
  socket.write(
    `POST /api/v1/paymentsessions?account_id=23137556 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\nexpect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`,
  )
  while (!receivedText.includes(CONTINUE)) await once(socket, 'data')
  return {
    finish: () => socket.write(body),
    received: () => receivedText.slice(CONTINUE.length),
  }
}

async function stop(child: ChildProcess): Promise<number | null> {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const [code] = (await exit) as [number | null]
  return code
}

describe('a running server', () => {
  test('prints the first steps, and its curl command works', async () => {
    const child = spawn(
      process.execPath,
      [PAYDESK, 'serve', '--port', '0', '--data', join(folder, 'newcomer.db')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    while (!out.includes('Ctrl-C')) await once(child.stdout, 'data')
    for (const value of Object.values(SANDBOX_VALUES)) {
      if (value !== SANDBOX_VALUES.redirectUris) expect(out).toContain(value)
    }
    const curl = /^ {2}curl [\s\S]*?\n\n/m.exec(out)?.[0] ?? ''
    const shell = spawn('sh', ['-c', curl.replace('curl ', 'curl -sS ')])
    let answer = ''
    shell.stdout.on('data', (chunk) => {
      answer += chunk
    })
    await once(shell, 'close')
    expect(JSON.parse(answer)).toMatchObject({
      code: 0,
      message: 'success',
      payments_session: { amount: '100.50' },
    })
    expect(await stop(child)).toBe(0)
  })

  test('accepts the credentials in its environment, and no longer the well-known token of an earlier start', async () => {
    const values = {
      PAYDESK_SANDBOX_TOKEN: '1000.my.own.token.for.ci',
      PAYDESK_SANDBOX_ACCOUNT_ID: '60012345678',
      PAYDESK_SANDBOX_CLIENT_SECRET: 'my-own-secret-for-ci',
    }
    const file = ['--data', join(folder, 'env.db')]
    await stop((await spawnServer(file)).process)
    const server = await spawnServer(file, values)
    const ask = (token: string, account: string) =>
      call(server.baseUrl, 'GET', `/paymentsessions?account_id=${account}`, undefined, {
        authorization: `Bearer ${token}`,
      })
    expect(
      (await ask(values.PAYDESK_SANDBOX_TOKEN, values.PAYDESK_SANDBOX_ACCOUNT_ID)).status,
    ).toBe(200)
    expect((await ask(TOKEN, '23137556')).status).toBe(401)
    await stop(server.process)
  })

  test.each(['SQLite', 'PostgreSQL with 2 workers'])(
    'answers every request that stores a session, also after SIGTERM, and then exits with 0 (%s)',
    async (engine) => {
      const where =
        engine === 'SQLite'
          ? ['--data', join(folder, 'drain.db')]
          : ['--database-url', await createDatabase(inject('postgresUrl')), '--workers', '2']
      const server = await spawnServer(where)
      const ids: string[] = []
      let isStopping = false
      const creators = Array.from({ length: 32 }, async () => {
        while (!isStopping) {
          const answer = await call(server.baseUrl, 'POST', '/paymentsessions', {
            amount: 1,
            currency: 'INR',
          }).catch(() => undefined)
          if (answer === undefined) {
            // After the signal the server may refuse the connection.
            expect(isStopping).toBe(true)
            continue
          }
          expect(answer.status).toBe(201)
          ids.push(answer.body.payments_session.payments_session_id)
        }
      })
      while (ids.length < 200) await new Promise(setImmediate)
      isStopping = true
      const startMs = performance.now()
      const code = await stop(server.process)
      await Promise.all(creators)
      expect(code).toBe(0)
      expect(performance.now() - startMs).toBeLessThan(10_000)

      const again = await spawnServer(where)
      const results = await Promise.all(
        ids.slice(-64).map((id) => call(again.baseUrl, 'GET', `/paymentsessions/${id}`)),
      )
      expect(new Set(results.map(({ status }) => status))).toEqual(new Set([200]))
      const { body: list } = await call(again.baseUrl, 'GET', '/paymentsessions?per_page=1')
      expect(list.page_context.total).toBe(ids.length)
      expect(await stop(again.process)).toBe(0)
    },
  )

  test('answers a request that began before SIGTERM and ends after it', async () => {
    const server = await spawnServer(['--memory'])
    const request = await beginCreate(server.baseUrl)
    const exit = once(server.process, 'exit')
    server.process.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 100))
    request.finish()
    expect(await exit).toEqual([0, null])
    expect(request.received()).toMatch(/^HTTP\/1\.1 201 Created/)
    expect(request.received().toLowerCase()).toContain('connection: close')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'answers requests in flight after a %s to its whole process group',
    async (signal) => {
      const dataFlags = [
        '--database-url',
        await createDatabase(inject('postgresUrl')),
        '--workers',
        '2',
      ]
      const server = await spawnServer(dataFlags, {}, PAYDESK, true)
      const request = await beginCreate(server.baseUrl)
      const exit = once(server.process, 'exit')
      process.kill(-(server.process.pid as number), signal)
      await new Promise((resolve) => setTimeout(resolve, 300))
      request.finish()
      expect(await exit).toEqual([0, null])
      expect(request.received()).toMatch(/^HTTP\/1\.1 201 Created/)
    },
  )

  test('continues when its log cannot be written, and ends at SIGTERM', async () => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [PAYDESK, 'serve', '--memory', '--json', '--port', '0'], {
      stdio: ['ignore', 'pipe', full],
    })
    closeSync(full)
    const [line] = (await once(child.stdout as Readable, 'data')) as [Buffer]
    const { base_url: baseUrl } = JSON.parse(line.toString()) as { base_url: string }
    for (let count = 0; count < 20; count += 1)
      expect((await fetch(`${baseUrl}/nope`)).status).toBe(404)
    expect(await stop(child)).toBe(0)
  })

  test('is not changed by a read-only command, which creates no file', async () => {
    const file = join(folder, 'looked-at.db')
    const server = await spawnServer(['--data', file], {
      PAYDESK_SANDBOX_TOKEN: '1000.my.own.token.for.ci',
    })
    expect((await paydesk(['account', 'list', '--data', file])).out).toContain('23137556')
    expect((await paydesk(['client', 'list', '--data', file])).code).toBe(0)
    // A new server has an empty cache, so it reads the token from the database.
    await stop(server.process)
    const second = await spawnServer(['--data', file], {
      PAYDESK_SANDBOX_TOKEN: '1000.my.own.token.for.ci',
    })
    const answer = await call(second.baseUrl, 'GET', '/paymentsessions', undefined, {
      authorization: 'Bearer 1000.my.own.token.for.ci',
    })
    expect(answer.status).toBe(200)
    expectSentence(
      await paydesk(['account', 'list', '--data', join(folder, 'typo.db')]),
      /There is no data file .*typo\.db/,
    )
    expect(existsSync(join(folder, 'typo.db'))).toBe(false)
    await stop(second.process)
  })

  test('answers /healthz while another program locks the data file, and answers a creation when the lock is released', async () => {
    const file = join(folder, 'busy.db')
    const server = await spawnServer(['--data', file])
    const { DatabaseSync } = await import('node:sqlite')
    const writer = new DatabaseSync(file, { timeout: 5_000 })
    writer.exec('begin immediate')
    const creating = call(server.baseUrl, 'POST', '/paymentsessions', {
      amount: 1,
      currency: 'INR',
    })
    await new Promise((resolve) => setTimeout(resolve, 200))
    let isCreated = false
    creating.then(() => {
      isCreated = true
    })
    for (let count = 0; count < 10; count += 1) await fetch(`${server.baseUrl}/healthz`)
    expect(isCreated).toBe(false)
    writer.exec('rollback')
    writer.close()
    expect((await creating).status).toBe(201)
    expect((await import('node:fs')).statSync(file).mode & 0o077).toBe(0)
    await stop(server.process)
  })

  test('replaces a worker that has ended', async () => {
    const server = await spawnServer([
      '--database-url',
      await createDatabase(inject('postgresUrl')),
      '--workers',
      '2',
    ])
    const { execFileSync } = await import('node:child_process')
    const children = () =>
      execFileSync('pgrep', ['-P', String(server.process.pid)], { encoding: 'utf8' })
        .trim()
        .split('\n')
    const [first] = children()
    process.kill(Number(first), 'SIGKILL')
    const deadline = Date.now() + 15_000
    while (
      (children().includes(first as string) || children().length < 2) &&
      Date.now() < deadline
    ) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(children()).toHaveLength(2)
    expect((await call(server.baseUrl, 'GET', '/paymentsessions')).status).toBe(200)
    expect(await stop(server.process)).toBe(0)
  })
})
