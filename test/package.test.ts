import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startAcme } from './support/acme-server.ts'
import { call, spawnServer } from './support/server.ts'

/** The test suite of a user of the package, without a test runner. */
const OWN_TEST = `
import { startSandbox } from 'paydesk/testing'
await using sandbox = await startSandbox()
const tenant = await sandbox.tenant()
const receiver = await tenant.receiver()
const session = await tenant.client.paymentSessions.create({ amount: 1, currency: 'INR' })
const { status } = await tenant.pay(session, { method: 'upi', outcome: 'succeeded' })
console.log(status, (await receiver.next()).event_type)
`

const TYPED_USE = `
import { createPaydeskClient, type Payment } from 'paydesk/client'
import type { Sandbox } from 'paydesk/testing'
import { fixtures } from 'paydesk/testing/playwright'
import { test } from 'paydesk/testing/vitest'

const client = createPaydeskClient({ edition: 'IN', accountId: '1', accessToken: 'x' })
export const payment: Promise<Payment> = client.payments.retrieve('1')
// @ts-expect-error: a session has no such status.
export const wrong = async (): Promise<'paid'> => (await client.paymentSessions.retrieve('1')).status
test('a test', async ({ tenant }) => {
  const mine: Sandbox = tenant
  // @ts-expect-error: there is no such effect.
  await mine.faults.add({ target: 'webhook', effect: { doubled: true } })
})
export const worker: { scope: 'worker' } = fixtures.sandbox[1]
`

/** The part of Playwright's runner that the guide's example needs; the runner is not installed here. */
const PLAYWRIGHT = `
declare module '@playwright/test' {
  type Fixtures = { page: { goto: (url: string) => Promise<unknown> } }
  export const test: {
    extend: <T, W>(fixtures: object) => (name: string, body: (given: T & W & Fixtures) => Promise<void>) => void
  }
}
`

/** The TypeScript blocks of a guide. */
function shownIn(guide: string): readonly string[] {
  const text = readFileSync(join(ROOT, 'docs/guides', guide), 'utf8')
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Follows the guide to processors in a separate folder that has only the package. */
async function checkProcessorGuide(
  folder: string,
  unpacked: string,
  tscFlags: readonly string[],
): Promise<void> {
  const app = join(folder, 'app')
  mkdirSync(join(app, 'node_modules'), { recursive: true })
  symlinkSync(unpacked, join(app, 'node_modules', 'paydesk'))
  symlinkSync(join(ROOT, 'node_modules/@types'), join(app, 'node_modules', '@types'))
  writeFileSync(join(app, 'package.json'), '{"type":"module"}')
  const [adapter = '', setup = '', suite = ''] = shownIn('processor.md')
  writeFileSync(join(app, 'acme.ts'), adapter + setup)
  writeFileSync(join(app, 'acme.test.ts'), suite)
  const flags = [...tscFlags, '--allowImportingTsExtensions', '--module', 'nodenext']
  const types = ['--types', 'node', '--ignoreConfig']
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), [...flags, ...types, 'acme.test.ts'], {
    cwd: app,
    stdio: 'inherit',
  })

  const acme = await startAcme()
  try {
    const run = (args: readonly string[]) =>
      promisify(execFile)(process.execPath, args, {
        cwd: app,
        env: { ...process.env, ACME_URL: acme.url },
      })
    const program = join(app, 'node_modules/paydesk/bin/paydesk.js')
    const checked = await run([program, 'processor', 'check', './acme.ts', '--json'])
    const { checks, ...counts } = JSON.parse(checked.stdout)
    expect(counts).toEqual({ processor: 'acme', passed: checks.length, failed: 0, skipped: 0 })
    const tested = await run(['--test', '--test-reporter=tap', 'acme.test.ts'])
    expect(tested.stdout).toContain(`# pass ${checks.length}\n# fail 0`)
  } finally {
    acme.close()
  }
}

test('the published package contains the files that a server needs, and no others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-package-'))
  try {
    execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: ROOT, stdio: 'ignore' })
    const [archive = ''] = readdirSync(folder)
    execFileSync('tar', ['-xzf', archive], { cwd: folder })
    const unpacked = join(folder, 'package')
    expect(readdirSync(unpacked).sort()).toEqual([
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'bin',
      'dist',
      'docs',
      'examples',
      'llms-full.txt',
      'llms.txt',
      'package.json',
      'sql',
    ])
    const files = execFileSync('tar', ['-tzf', archive], { cwd: folder, encoding: 'utf8' })
    expect(files).not.toMatch(/\.test\.|(?<!processor)-suite\.|\.db$|dist\/b(?:in|undle)\//m)

    // The dependencies of an installation, without a download.
    symlinkSync(join(ROOT, 'node_modules'), join(unpacked, 'node_modules'))
    const verify =
      "import { verifyRedirect } from 'paydesk/signatures'; console.log(verifyRedirect('?a=1', 'k'))"
    const verified = execFileSync(process.execPath, ['--input-type=module', '-e', verify], {
      cwd: unpacked,
      encoding: 'utf8',
    })
    expect(verified).toBe('false\n')
    const receive =
      "import { verifyWebhook } from 'paydesk/webhooks'; try { verifyWebhook('{}', {}, 'k') } catch (error) { console.log(error.code) }"
    const received = execFileSync(process.execPath, ['--input-type=module', '-e', receive], {
      cwd: unpacked,
      encoding: 'utf8',
    })
    expect(received).toBe('header_missing\n')
    const own = execFileSync(process.execPath, ['--input-type=module', '-e', OWN_TEST], {
      cwd: unpacked,
      encoding: 'utf8',
    })
    expect(own).toBe('succeeded payment.succeeded\n')
    const guides = ['client.md', 'testing.md', 'security.md']
    const uses = [TYPED_USE, ...guides.flatMap(shownIn)]
    const useFiles = uses.map((code, index) => {
      writeFileSync(join(unpacked, `use-${index}.ts`), code)
      return `use-${index}.ts`
    })
    writeFileSync(join(unpacked, 'playwright.d.ts'), PLAYWRIGHT)
    // All types are checked, also those from other packages.
    const checked = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2024']
    const language = [...checked, '--module', 'nodenext', '--types', 'node', '--ignoreConfig']
    execFileSync(
      join(ROOT, 'node_modules/.bin/tsc'),
      [...language, 'playwright.d.ts', ...useFiles],
      {
        cwd: unpacked,
        stdio: 'inherit',
      },
    )
    await checkProcessorGuide(folder, unpacked, checked)
    const server = await spawnServer(['--memory'], {}, join(unpacked, 'bin', 'paydesk.js'))
    const answer = await call(server.baseUrl, 'POST', '/paymentsessions', {
      amount: 1,
      currency: 'INR',
    })
    expect(answer.status).toBe(201)
    const { access_key: accessKey } = answer.body.payments_session
    const page = await fetch(`${server.baseUrl}/hostedcheckout/${accessKey}`)
    expect(page.status).toBe(200)
    const ended = once(server.process, 'exit')
    server.process.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  } finally {
    rmSync(folder, { recursive: true, force: true })
    // The browser files, the bundle and the executable stay, because other tests use them.
    const inUse = ['bin', 'browser', 'bundle']
    for (const name of readdirSync(join(ROOT, 'dist')).filter((one) => !inUse.includes(one)))
      rmSync(join(ROOT, 'dist', name), { recursive: true, force: true })
  }
}, 180_000)
