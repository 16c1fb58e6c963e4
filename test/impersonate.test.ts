/** The drop-in mode: an application that contains the real addresses runs unchanged. */
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { impersonationFacts } from '../src/sandbox/drop-in/announce-impersonation.ts'
import { openAuthority } from '../src/sandbox/drop-in/certificate-authority.ts'
import { makeAuthority, makeServerIdentity } from '../src/sandbox/drop-in/certificates.ts'
import { REAL_HOSTS } from '../src/sandbox/drop-in/real-hosts.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { createRandom } from '../src/server/random.ts'
import { readSettings } from '../src/server/settings/read-settings.ts'
import { call, PAYDESK, spawnServer, startTestServer, type TestServer } from './support/server.ts'

const run = promisify(execFile)
const HARD_CODED = fileURLToPath(new URL('support/hard-coded/', import.meta.url))
const HOSTS_FILE = '/etc/hosts'
const random = createRandom()
const hostsBefore = readFileSync(HOSTS_FILE, 'utf8')

const folders: string[] = []
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-ca-'))
  folders.push(folder)
  return folder
}
const startIn = (
  caDir: string,
  flags: Readonly<Record<string, string | boolean>> = {},
  options: Parameters<typeof startTestServer>[2] = {},
) =>
  startTestServer('memory', { impersonate: true, impersonatePort: '0', caDir, ...flags }, options)

let server: TestServer
let facts: ReturnType<typeof impersonationFacts>
beforeAll(async () => {
  server = await startIn(newFolder())
  if (server.impersonation === undefined) throw new Error('the server has no impersonation')
  facts = impersonationFacts(server.impersonation)
})
afterAll(async () => {
  await server.close()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  expect(readFileSync(HOSTS_FILE, 'utf8')).toBe(hostsBefore)
})

/** Returns the environment of a program without this machine's proxy, which would resolve the names itself. */
function environmentWith(more: Record<string, string>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/_proxy$|^SSL_CERT|_CA_BUNDLE$|_CA_CERTS$|^NODE_OPTIONS$/i.test(name),
  )
  return { ...Object.fromEntries(own), PAYDESK_TEST_TLS_PORT: String(facts.port), ...more }
}

const EXPECTED_ANSWERS = [
  ['https://payments.zoho.in', 201, '100.50', 'INR'],
  ['https://payments.zoho.in', 201, '100.50', 'INR'],
  ['https://payments.zoho.com', 201, '100.50', 'USD'],
]
const input = JSON.stringify({ values: SANDBOX_VALUES })

describe('an application with the real addresses', () => {
  const runInNode = (environment: Record<string, string>) =>
    run(
      process.execPath,
      ['--import', `${HARD_CODED}resolver.ts`, `${HARD_CODED}application.ts`, input],
      { env: environmentWith(environment) },
    )
  const runInPython = (environment: Record<string, string>) =>
    run('python3', [`${HARD_CODED}application.py`, input], {
      env: environmentWith({
        PYTHONPATH: HARD_CODED,
        PYTHONDONTWRITEBYTECODE: '1',
        ...environment,
      }),
    })

  test('refreshes tokens and creates sessions in Node with NODE_EXTRA_CA_CERTS', async () => {
    const { NODE_EXTRA_CA_CERTS } = facts.environment
    const { stdout } = await runInNode({ NODE_EXTRA_CA_CERTS })
    expect(JSON.parse(stdout)).toEqual(EXPECTED_ANSWERS)
  })

  test('refreshes tokens and creates sessions in Python with SSL_CERT_FILE', async () => {
    const { SSL_CERT_FILE } = facts.environment
    const { stdout } = await runInPython({ SSL_CERT_FILE })
    expect(JSON.parse(stdout)).toEqual(EXPECTED_ANSWERS)
  })

  test('does not trust the certificate without NODE_EXTRA_CA_CERTS or SSL_CERT_FILE', async () => {
    await expect(runInNode({})).rejects.toThrow(/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO/)
    await expect(runInPython({})).rejects.toThrow('CERTIFICATE_VERIFY_FAILED')
  })
})

describe('the server', () => {
  test.each(REAL_HOSTS)(
    'answers curl at https://%s if curl trusts the certificate authority',
    async (host) => {
      const { stdout } = await run(
        'curl',
        [
          '--silent',
          '--show-error',
          '--noproxy',
          '*',
          '--http1.1',
          '--cacert',
          facts.environment.NODE_EXTRA_CA_CERTS,
          '--connect-to',
          `::127.0.0.1:${facts.port}`,
          '--write-out',
          '%{http_code}',
          '--output',
          '/dev/null',
          `https://${host}/zpay/zpay-js/v1/zpayments.js`,
        ],
        { env: environmentWith({}) },
      )
      expect(stdout).toBe('200')
    },
  )

  test('refuses any other host name, and still answers at the sandbox’s own address', async () => {
    const { status } = await call(server.baseUrl, 'GET', '/paymentsessions/1')
    expect(status).toBe(404)
    for (const [host, expected] of [
      ['shop.example', / 421$/],
      ['payments.zoho.in', / 200$/],
      ['localhost', / 200$/],
    ] as const) {
      const { stdout } = await run('curl', [
        '--silent',
        '--noproxy',
        '*',
        '--cacert',
        facts.environment.SSL_CERT_FILE,
        '--header',
        `Host: ${host}`,
        '--write-out',
        ' %{http_code}',
        `https://localhost:${facts.port}/healthz`,
      ])
      expect(stdout).toMatch(expected)
    }
  })
})

/** Makes a TLS handshake as a client that trusts one authority, and returns the reason of a refusal. */
function handshake(port: number, ca: string, servername: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername }, () => {
      socket.destroy()
      resolve('trusted')
    })
    socket.on('error', ({ message }) => resolve(message))
  })
}

describe('the certificate authority', () => {
  const ca = () => readFileSync(facts.environment.NODE_EXTRA_CA_CERTS, 'utf8')

  test('signs certificates for the real hosts and this machine', async () => {
    for (const name of [...REAL_HOSTS, 'localhost']) {
      expect([name, await handshake(facts.port, ca(), name)]).toEqual([name, 'trusted'])
    }
    expect(await handshake(facts.port, ca(), 'bank.example')).toMatch('not in the cert')
  })

  test.each([
    [{ dns: ['bank.example'], addresses: [] }, 'bank.example'],
    [{ dns: ['zoho.in'], addresses: [] }, 'zoho.in'],
    [{ dns: ['payments.zoho.in', 'mail.zoho.in'], addresses: [] }, 'payments.zoho.in'],
    [{ dns: ['payments.zoho.in'], addresses: ['10.0.0.1'] }, 'payments.zoho.in'],
    [{ dns: ['payments.zoho.in'], addresses: ['2001:db8::1'] }, 'payments.zoho.in'],
  ])('a stolen key cannot sign a trusted certificate for %j', async (names, servername) => {
    const authority = openAuthority(dirname(facts.environment.SSL_CERT_FILE), random, Date.now())
    const { certificate, key } = makeServerIdentity(authority, random, Date.now(), names)
    const thief = createSecureServer({
      key: key.export({ type: 'pkcs8', format: 'pem' }),
      cert: certificate,
    }).listen(0, '127.0.0.1')
    await once(thief, 'listening')
    const { port } = thief.address() as AddressInfo
    expect(await handshake(port, ca(), servername)).toMatch('permitted subtree violation')
    thief.close()
  })

  test('is valid for at most two years, only its owner can read its key, and no other file has a key', () => {
    const { validFromDate, validToDate } = new X509Certificate(ca())
    expect(validToDate.getTime() - validFromDate.getTime()).toBeLessThan(740 * 86_400_000)
    const folder = dirname(facts.environment.SSL_CERT_FILE)
    expect(readdirSync(folder).sort()).toEqual(['bundle.pem', 'ca-key.pem', 'ca.pem'])
    expect(statSync(join(folder, 'ca-key.pem')).mode & 0o777).toBe(0o600)
    expect(`${ca()}${readFileSync(facts.environment.SSL_CERT_FILE)}`).not.toContain('PRIVATE KEY')
  })

  test('writes a bundle that also contains the certificates that the machine trusts', () => {
    const bundle = readFileSync(facts.environment.SSL_CERT_FILE, 'utf8')
    expect(bundle).toContain(ca().trim())
    expect(bundle.match(/BEGIN (?:TRUSTED )?CERTIFICATE/g)?.length).toBeGreaterThan(50)
  })

  test('stays the same at the next start, and is replaced shortly before it expires', async () => {
    const folder = newFolder()
    const first = openAuthority(folder, random, Date.now())
    const again = await startIn(folder)
    expect(again.impersonation?.authority.name).toBe(first.name)
    expect(readFileSync(first.certificateFile, 'utf8')).toBe(first.certificate)
    await again.close()
    const later = openAuthority(folder, random, first.untilMs - 86_400_000)
    expect(later.name).not.toBe(first.name)
    expect(later.untilMs).toBeGreaterThan(first.untilMs)
  })

  test.each([0o000, 0o022, 0o777])(
    'is stored in a folder that only its owner can open, under the umask %o',
    (umask) => {
      const above = join(newFolder(), 'home')
      const folder = join(above, 'ca')
      const before = process.umask(umask)
      try {
        openAuthority(folder, random, Date.now())
      } finally {
        process.umask(before)
      }
      expect([above, folder].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700])
      expect(statSync(join(folder, 'ca-key.pem')).mode & 0o777).toBe(0o600)
    },
  )

  test('with open permissions causes a warning, and --fix-permissions makes it private', async () => {
    const folder = newFolder()
    const key = join(folder, 'ca-key.pem')
    openAuthority(folder, random, Date.now())
    chmodSync(folder, 0o755)
    const warnings: string[] = []
    const logTo = { write: (line: string) => void warnings.push(line) }
    await (await startIn(folder, { logLevel: 'warn' }, { logTo })).close()
    expect(warnings.join()).toMatch(
      new RegExp(`"path":"${folder}","mode":"0755".*--fix-permissions`),
    )
    chmodSync(key, 0o644)
    await (await startIn(folder, { fixPermissions: true })).close()
    expect([folder, key].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600])
  })

  test('is created only once by two programs that start at the same time', async () => {
    const folder = newFolder()
    const flags = ['--memory', '--impersonate', '--impersonate-port', '0', '--ca-dir', folder]
    const servers = await Promise.all([spawnServer(flags), spawnServer(flags)])
    const [one, other] = servers.map(({ facts }) => facts.impersonation)
    expect(one.hosts_line).toBe(`127.0.0.1 ${REAL_HOSTS.join(' ')}`)
    expect(one.ca_name).toBe(other.ca_name)
    for (const { facts } of servers) {
      const file = facts.impersonation.environment.NODE_EXTRA_CA_CERTS
      const handshakeResult = await handshake(
        facts.impersonation.port,
        readFileSync(file, 'utf8'),
        'payments.zoho.in',
      )
      expect(handshakeResult).toBe('trusted')
    }
    const exits = servers.map(({ process }) => once(process, 'exit'))
    for (const { process } of servers) process.kill('SIGTERM')
    expect(await Promise.all(exits)).toEqual([
      [0, null],
      [0, null],
    ])
  })
})

describe('the start is refused with an instruction', () => {
  const refusal = async (caDir: string, more: readonly string[] = []): Promise<string> => {
    const flags = ['--memory', '--port', '0', '--impersonate', '--impersonate-port', '0']
    const program = run(process.execPath, [PAYDESK, 'serve', ...flags, '--ca-dir', caDir, ...more])
    return program.then(
      () => 'started',
      ({ code, stderr }) => `${code} ${stderr}`,
    )
  }
  /** Makes a folder with an authority whose key file `change` has changed. */
  const folderWithChangedKey = (change: (pem: string) => string): string => {
    const folder = newFolder()
    const file = join(folder, 'ca-key.pem')
    openAuthority(folder, random, Date.now())
    writeFileSync(file, change(readFileSync(file, 'utf8')))
    return folder
  }

  test('for a key that others can read', async () => {
    const folder = folderWithChangedKey((pem) => pem)
    chmodSync(join(folder, 'ca-key.pem'), 0o640)
    expect(await refusal(folder)).toMatch(/^1 paydesk: Other users .*chmod 600 '.*ca-key\.pem'/)
  })

  const otherKey = () => makeAuthority(random, Date.now()).key
  test.each<[string, (pem: string) => string]>([
    ['for an empty file', () => ''],
    ['for half a file', (pem) => pem.slice(0, pem.length / 2)],
    ['for a certificate without its key', (pem) => pem.replace(/-----BEGIN PRIVATE[\s\S]*/, '')],
    [
      'for a certificate with another key',
      (pem) =>
        pem.replace(
          /-----BEGIN PRIVATE[\s\S]*/,
          String(otherKey().export({ type: 'pkcs8', format: 'pem' })),
        ),
    ],
  ])('%s', async (_, change) => {
    const folder = folderWithChangedKey(change)
    const message = await refusal(folder)
    expect(message).toMatch(/^1 paydesk: .*ca-key\.pem contains no certificate authority .*Delete /)
    expect(message.trim().split('\n')).toHaveLength(1)
  })

  test('for an authority without name constraints', async () => {
    const folder = newFolder()
    const files = ['-keyout', join(folder, 'k.pem'), '-out', join(folder, 'c.pem')]
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    await run('openssl', ['req', '-x509', ...curve, '-subj', '/CN=Any', '-days', '500', ...files])
    const pem = ['c.pem', 'k.pem'].map((name) => readFileSync(join(folder, name), 'utf8')).join('')
    writeFileSync(join(folder, 'ca-key.pem'), pem, { mode: 0o600 })
    expect(await refusal(folder)).toMatch(/contains no certificate authority/)
  })

  test('for a file in place of the folder', async () => {
    const file = join(newFolder(), 'file')
    writeFileSync(file, '')
    expect(await refusal(join(file, 'ca'))).toMatch(/^1 paydesk: .*--ca-dir/)
  })

  test('for a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(await refusal(newFolder(), ['--impersonate-port', String(port)])).toBe(
      `1 paydesk: Port ${port} on 127.0.0.1 is in use. End the program that uses it, or choose another port with --impersonate-port.\n`,
    )
    other.close()
  })

  test('for live mode, and for several processes', () => {
    const database = { databaseUrl: 'postgres://x/y' }
    expect(() => readSettings({ impersonate: true, live: true, ...database }, {})).toThrow(
      '--impersonate works only in a sandbox',
    )
    expect(() => readSettings({ impersonate: true, workers: '2', ...database }, {})).toThrow(
      '--impersonate works only with one process',
    )
  })
})
