/** Both packages in a user's project: every kind of module, test runner, compiler and runtime. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { signRedirect } from '../../src/domain/signature.ts'
import { signWebhook } from '../../src/domain/webhook-signature.ts'
import { startAcme } from '../support/acme-server.ts'
import { call, spawnServer } from '../support/server.ts'
import {
  CLIENT_TYPES,
  COMMON_JS,
  ES_MODULE,
  JEST_TEST,
  NODE_TEST,
  PAYMENT_OUTPUT,
  SERVER_TYPES,
} from './programs.ts'
import { makeProject, type Project, ROOT, runIn } from './project.ts'
import { installTestTools } from './test-tools.ts'

let project: Project
let tools: string
beforeAll(async () => {
  tools = installTestTools()
  project = await makeProject()
}, 300_000)
afterAll(() => project.remove())

const node = (cwd: string, ...args: string[]) => runIn(cwd, process.execPath, args)
const folderOf = (name: string) => join(project.folder, 'node_modules', name)
const ofRepository = (path: string) => join(ROOT, 'node_modules', path)

/** The blocks of a guide in a language. */
function shownIn(guide: string, language = 'ts'): readonly string[] {
  const text = readFileSync(join(ROOT, 'docs/guides', guide), 'utf8')
  const blocks = text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))
  return [...blocks].map(([, code = '']) => code)
}

describe('the packages', () => {
  test('contain the files that their users need, and no others', () => {
    expect(readdirSync(folderOf('paydesk')).sort()).toEqual([
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'bin',
      'deploy',
      'dist',
      'docs',
      'examples',
      'llms-full.txt',
      'llms.txt',
      'package.json',
      'sql',
    ])
    const folders = readdirSync(join(ROOT, 'src'))
    expect(readdirSync(join(folderOf('paydesk'), 'dist')).sort()).toEqual(
      [...folders, 'browser', 'cjs', 'types'].sort(),
    )
    const files = readdirSync(folderOf('paydesk'), { recursive: true, encoding: 'utf8' })
    const ofTests =
      /(?<!^examples\/.*)\.test\.|suites?\/|\.db$|\.tgz$|(?<!types\/[\w-]*|bin\/[\w-]*)\.d\.c?ts$/
    expect(files.filter((path) => ofTests.test(path))).toEqual([])
    expect(readdirSync(folderOf('paydesk-client')).sort()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', ...filesOfClient()].sort(),
    )
  })

  test('run no script at their installation, and the client installs nothing else', () => {
    const scripts = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare']
    for (const name of ['paydesk', 'paydesk-client']) {
      const manifest = manifestOf(name)
      expect(Object.keys(manifest.scripts ?? {}).filter((one) => scripts.includes(one))).toEqual([])
      expect(manifest).toMatchObject({
        license: 'Apache-2.0',
        version: manifestOf('paydesk').version,
      })
      for (const field of ['repository', 'bugs', 'homepage', 'keywords', 'engines'])
        expect(manifest).toHaveProperty(field)
    }
    expect(manifestOf('paydesk-client')).not.toHaveProperty('dependencies')
    const lock = JSON.parse(readFileSync(join(project.folder, 'package-lock.json'), 'utf8'))
    expect(Object.keys(lock.packages)).toEqual(['', 'node_modules/paydesk-client'])
  })

  test('have README files whose links lead to files of the package or to whole addresses', () => {
    for (const name of ['paydesk', 'paydesk-client']) {
      const text = readFileSync(join(folderOf(name), 'README.md'), 'utf8')
      const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
      expect(targets.length).toBeGreaterThan(3)
      const missing = targets.filter(
        (target) =>
          !/^https:\/\//.test(target) &&
          !existsSync(join(folderOf(name), target.replace(/#.*$/, ''))),
      )
      expect(missing).toEqual([])
    }
  })

  test('pass the checks of the programs publint and “Are the types wrong”', async () => {
    for (const tarball of Object.values(project.tarballs)) {
      const report = await node(
        project.folder,
        join(tools, 'publint/src/cli.js'),
        tarball,
        '--strict',
      )
      expect(report.stdout).toContain('All good!')
      const cli = join(tools, '@arethetypeswrong/cli/dist/index.js')
      // Vitest itself cannot be loaded with `require`.
      await node(project.folder, cli, tarball, '--exclude-entrypoints', 'testing/vitest')
    }
  })
})

describe('a payment with the packages', () => {
  test.each([
    ['ES module', 'payment.mjs', ES_MODULE],
    ['CommonJS', 'payment.cjs', COMMON_JS],
  ])(
    'is taken in Node, Bun and Deno by %s',
    async (_kind, file, program) => {
      const folder = project.addFolder(file.replace('.', '-'), { [file]: program })
      expect((await node(folder, file)).stdout).toBe(`${PAYMENT_OUTPUT}\n`)
      const bun = await runIn(folder, join(tools, '.bin/bun'), [file])
      expect(bun.stdout).toBe(`${PAYMENT_OUTPUT}\n`)
      const deno = await runIn(folder, join(tools, '.bin/deno'), ['run', '--allow-all', file], {
        DENO_NO_UPDATE_CHECK: '1',
      })
      expect(deno.stdout).toBe(`${PAYMENT_OUTPUT}\n`)
    },
    120_000,
  )

  test('is tested by Jest without configuration, as the guide shows', async () => {
    const [guide = ''] = shownIn('testing.md', 'js')
    const folder = project.addFolder('jest', {
      'payment.test.js': JEST_TEST,
      'guide.test.js': guide,
    })
    const { stderr } = await node(
      folder,
      ofRepository('jest/bin/jest.js'),
      '--watchman=false',
      '--testTimeout=60000',
    )
    expect(stderr).toMatch(/Tests: +2 passed, 2 total/)
    expect(stderr).not.toContain('did not exit')
  }, 120_000)

  test('fails under an old Node with a sentence about its version, by `require` too', async () => {
    // Node 20 has no node:sqlite, which the program loads first.
    const oldNode = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' })
      const { getBuiltinModule } = process
      process.getBuiltinModule = (name) => name === 'node:sqlite' ? undefined : getBuiltinModule(name)`
    for (const entry of ['paydesk/testing', 'paydesk/testing/playwright']) {
      const program = `${oldNode}
        try { require('${entry}') } catch (error) { console.log(error.message) }`
      const { stdout } = await node(project.folder, '-e', program)
      expect(stdout).toMatch(/^paydesk needs Node 24 or newer, and this is v/)
    }
  })

  test('is tested by node:test', async () => {
    const folder = project.addFolder('node-test', { 'payment.test.mjs': NODE_TEST })
    const { stdout } = await node(folder, '--test', '--test-reporter=tap')
    expect(stdout).toContain('# pass 1\n# fail 0')
  }, 120_000)

  test('is tested by Vitest, as the guide shows', async () => {
    const [code = ''] = shownIn('testing.md')
    const folder = project.addFolder('vitest', { 'payment.test.ts': code })
    const { stdout } = await node(
      folder,
      ofRepository('vitest/vitest.mjs'),
      'run',
      '--root',
      folder,
      '--testTimeout=60000',
    )
    expect(stdout).toMatch(/Tests +1 passed/)
  }, 120_000)

  test('is tested by Playwright’s own runner, as the guide shows', async () => {
    const [, code = ''] = shownIn('testing.md')
    expect(code).toContain('@playwright/test')
    const launchOptions = { executablePath: inject('chromium'), args: ['--no-sandbox'] }
    const config = { workers: 1, reporter: 'line', use: { launchOptions } }
    const folder = project.addFolder('playwright', {
      'payment.spec.ts': code,
      'playwright.config.js': `module.exports = ${JSON.stringify(config)}`,
    })
    const { stdout } = await node(folder, ofRepository('@playwright/test/cli.js'), 'test')
    expect(stdout).toContain('1 passed')
  }, 120_000)
})

describe('types', () => {
  const web = ['es2022', 'dom']
  const disposable = [...web, 'esnext.disposable']
  const current = () => ofRepository('typescript/bin/tsc')
  const toolPath = (name: string) => () => join(tools, name, 'bin/tsc')
  const both = CLIENT_TYPES + SERVER_TYPES

  test.each([
    ['TypeScript 4.7', 'node10', toolPath('typescript-4.7'), 'commonjs', web, CLIENT_TYPES],
    ['TypeScript 5.2', 'node16', toolPath('typescript-5.2'), 'node16', disposable, both],
    ['the current TypeScript', 'nodenext', current, 'nodenext', disposable, both],
    ['the current TypeScript', 'bundler', current, 'esnext', disposable, both],
  ] as const)(
    '%s reads the types with the resolution %s',
    async (...row) => {
      const [name, resolution, compiler, module, lib, code] = row
      const hasBothKinds = resolution === 'node16' || resolution === 'nodenext'
      const files = hasBothKinds ? ['use.mts', 'use.cts'] : ['use.ts']
      const compilerOptions = {
        noEmit: true,
        strict: true,
        // The packages’ own types are checked too. They need no types of Node.
        skipLibCheck: false,
        types: [],
        target: 'es2022',
        module,
        moduleResolution: resolution === 'node10' ? 'node' : resolution,
        lib,
      }
      const folder = project.addFolder(`types-${name}-${resolution}`.replaceAll(' ', '-'), {
        'tsconfig.json': JSON.stringify({ compilerOptions, files }),
        ...Object.fromEntries(files.map((file) => [file, code])),
      })
      await node(folder, compiler(), '--project', '.')
    },
    120_000,
  )

  test('the current TypeScript checks the examples of the guides, Vitest and Playwright included', async () => {
    const guides = ['client.md', 'testing.md', 'security.md'].flatMap((guide) => shownIn(guide))
    const readme = [
      ...readFileSync(join(ROOT, 'src/client/README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g),
    ]
    const examples = [...guides, ...readme.map(([, code = '']) => code)]
    const files = Object.fromEntries(examples.map((code, index) => [`use-${index}.mts`, code]))
    const folder = project.addFolder('guides', files)
    const flags = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext']
    await node(
      folder,
      current(),
      ...flags,
      '--types',
      'node',
      '--ignoreConfig',
      ...Object.keys(files),
    )
  }, 120_000)

  test('the guide to processors works in a project with the package', async () => {
    const [adapter = '', setup = '', suite = ''] = shownIn('processor.md')
    const folder = project.addFolder('processor', {
      'package.json': '{ "type": "module" }',
      'acme.ts': adapter + setup,
      'acme.test.ts': suite,
    })
    const flags = ['--noEmit', '--strict', '--allowImportingTsExtensions', '--target', 'es2024']
    const language = ['--module', 'nodenext', '--types', 'node', '--ignoreConfig']
    await node(folder, current(), ...flags, ...language, 'acme.test.ts')
    const acme = await startAcme()
    try {
      const environment = { ACME_URL: acme.url }
      const program = join(folderOf('paydesk'), 'bin/paydesk.js')
      const check = [program, 'processor', 'check', './acme.ts', '--json']
      const { stdout } = await runIn(folder, process.execPath, check, environment)
      const {
        checks,
        failed: failCount,
        passed: passCount,
        processor,
        skipped: skipCount,
      } = JSON.parse(stdout)
      // The guide's first adapter has no optional capability. Each skipped check says so.
      const skippedChecks = checks.filter(({ result }: { result: string }) => result === 'skipped')
      expect(skippedChecks.map(({ reason }: { reason: string }) => reason)).toEqual(
        skippedChecks.map(() => expect.stringMatching(/^the processor has no /)),
      )
      expect([processor, passCount, failCount]).toEqual(['acme', checks.length - skipCount, 0])
      expect(skippedChecks).toHaveLength(skipCount)
      expect(passCount).toBeGreaterThanOrEqual(15)
      const suiteFlags = ['--test', '--test-reporter=tap', 'acme.test.ts']
      const suiteRun = await runIn(folder, process.execPath, suiteFlags, environment)
      const counts = `# pass ${passCount}\n# fail 0\n# cancelled 0\n# skipped ${skipCount}`
      expect(suiteRun.stdout).toContain(counts)
      expect(suiteRun.stdout).toContain('# SKIP')
    } finally {
      acme.close()
    }
  }, 120_000)
})

test('a bundle of the client for the edge runs with Web APIs alone', async () => {
  const code = await bundleForEdge()
  const globals = { crypto, TextEncoder, TextDecoder, URL, URLSearchParams, atob, AbortSignal }
  const answers: string[] = []
  const fetchStub = async (input: unknown, init: RequestInit) => {
    answers.push(`${init.method} ${String(input)}`)
    return new Response('{"code":0,"message":"success","payments_session":{"status":"created"}}')
  }
  const key = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
  const body = '{"event_id":7,"event_type":"payment.succeeded","event_object":{}}'
  const headers = signWebhook({ body, eventId: '7', atMs: Date.now(), keys: [key] })
  const values = {
    payments_session_id: '251234567890123',
    payment_session_status: 'succeeded',
    amount: '100.50',
  }
  const query = `?${new URLSearchParams({ ...values, signature: signRedirect(values, key) })}`
  const context = createContext({
    ...globals,
    setTimeout,
    clearTimeout,
    fetch: fetchStub,
    input: { body, headers, key, query },
  })
  const results = await runInContext(
    `${code}; (async ({ body, headers, key, query }) => {
      const client = edge.createPaydeskClient({ baseUrl: 'https://pay.example', accountId: '1', accessToken: 'x' })
      const { status } = await client.paymentSessions.create({ amount: 1, currency: 'INR' })
      const event = await edge.verifyWebhookAsync(body, headers, key)
      const { amount } = await edge.readSignedRedirectAsync(query, key)
      return JSON.stringify([status, event.event_id, amount])
    })(input)`,
    context,
  )
  expect(JSON.parse(String(results))).toEqual(['created', 7, '100.50'])
  expect(answers).toEqual(['POST https://pay.example/api/v1/paymentsessions?account_id=1'])
})

test('the server of the package serves the API and the checkout page', async () => {
  const program = join(folderOf('paydesk'), 'bin/paydesk.js')
  const server = await spawnServer(['--memory'], {}, program)
  const body = { amount: 1, currency: 'INR' }
  const answer = await call(server.baseUrl, 'POST', '/paymentsessions', body)
  expect(answer.status).toBe(201)
  const { access_key: accessKey } = answer.body.payments_session
  expect((await fetch(`${server.baseUrl}/hostedcheckout/${accessKey}`)).status).toBe(200)
  server.process.kill('SIGTERM')
})

/** Bundles the client and both verifiers for a runtime without Node, as one script with the global name `edge`. */
async function bundleForEdge(): Promise<string> {
  const folder = project.addFolder('edge', {
    'entry.js': ['', '/webhooks', '/signatures']
      .map((entry) => `export * from 'paydesk-client${entry}'\n`)
      .join(''),
  })
  const bundle = await rolldown({
    input: join(folder, 'entry.js'),
    platform: 'browser',
    resolve: { conditionNames: ['workerd', 'edge-light', 'browser', 'import'] },
  })
  const { output } = await bundle.generate({ format: 'iife', name: 'edge' })
  await bundle.close()
  const [{ code, imports, moduleIds }] = output
  expect(imports).toEqual([])
  const packages = moduleIds.map((id) => posix.basename(dirname(id)))
  expect(new Set(packages)).toEqual(new Set(['edge', 'paydesk-client']))
  return code
}

type Manifest = {
  readonly version: string
  readonly scripts?: Readonly<Record<string, string>>
}

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8'))
}

/** Each entry of the client has two modules, each with its types. */
function filesOfClient(): readonly string[] {
  return ['index', 'signatures', 'webhooks'].flatMap((name) =>
    ['js', 'mjs', 'd.ts', 'd.mts'].map((ending) => `${name}.${ending}`),
  )
}
