/** Builds what browsers load, into dist/browser/. `--if-stale`: only when a source is newer. */
import { createHash } from 'node:crypto'
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OUT = join(ROOT, 'dist/browser')

/** The built files: the names that pages use, and their sources. File names contain a digest. */
const ENTRIES = {
  'checkout.js': 'src/checkout/browser/main.ts',
  'checkout.css': 'src/checkout/styles.css',
  'frame.js': 'src/checkout/widget/browser/frame.ts',
  'zpayments.js': 'src/checkout/widget/browser/zpayments.ts',
  'payer.css': 'src/sandbox/payer/payer.css',
  'demo.js': 'src/sandbox/demo/browser/demo.ts',
  'demo.css': 'src/sandbox/demo/demo.css',
  'console.js': 'src/sandbox/console/browser/main.ts',
  'console.css': 'src/sandbox/console/styles.css',
} as const

/** Files that run as plain scripts in merchants' pages, so they must not leak global names. */
const CLASSIC: readonly string[] = ['zpayments.js']

function isFresh(): boolean {
  const manifest = join(OUT, 'manifest.json')
  if (!existsSync(manifest)) return false
  const builtAtMs = statSync(manifest).mtimeMs
  const sources = [
    ...globSync('src/{checkout,domain,sandbox}/**/*.{ts,css}', { cwd: ROOT }),
    'package-lock.json',
    'scripts/build-browser.ts',
  ]
  return sources.every((path) => statSync(join(ROOT, path)).mtimeMs <= builtAtMs)
}

/** Builds all files. */
export async function buildBrowser(): Promise<void> {
  // Loaded only where something is to be built: `npm start` asks each time.
  const { build } = await import('vite')
  const built: Record<string, { file: string; integrity: string }> = {}
  const files = new Map<string, string | Uint8Array>()

  const bundle = async (input: string, format: 'es' | 'iife') => {
    const result = await build({
      root: ROOT,
      configFile: false,
      publicDir: false,
      logLevel: 'warn',
      build: {
        write: false,
        target: 'es2022',
        modulePreload: false,
        rollupOptions: { input: join(ROOT, input), output: { format } },
      },
    })
    const { output } = (Array.isArray(result) ? result[0] : result) as {
      output: ({ type: 'chunk'; code: string } | { type: 'asset'; source: string | Uint8Array })[]
    }
    return output.map((one) => (one.type === 'chunk' ? one.code : one.source))
  }

  for (const [name, input] of Object.entries(ENTRIES)) {
    const outputs = await bundle(input, CLASSIC.includes(name) ? 'iife' : 'es')
    // A style sheet comes with an empty script.
    const content = outputs.find((one) => one.length > 1)
    if (content === undefined) throw new Error(`${input} came to nothing`)
    const digest = createHash('sha384').update(content).digest()
    const [stem, extension] = name.split('.')
    const file = `${stem}-${digest.toString('hex').slice(0, 10)}.${extension}`
    files.set(file, content)
    built[name] = { file, integrity: `sha384-${digest.toString('base64')}` }
  }

  mkdirSync(OUT, { recursive: true })
  for (const [file, content] of files) writeFileSync(join(OUT, file), content)
  // Last, and at once: what has it is whole, also for a server that starts at this moment.
  const manifest = join(OUT, `manifest.${process.pid}`)
  writeFileSync(manifest, `${JSON.stringify(built, undefined, 2)}\n`)
  renameSync(manifest, join(OUT, 'manifest.json'))
  for (const file of readdirSync(OUT)) {
    if (file !== 'manifest.json' && !files.has(file)) rmSync(join(OUT, file))
  }
}

/** Builds what is older than its sources. */
export async function buildBrowserIfStale(): Promise<void> {
  if (!isFresh()) await buildBrowser()
}

if (import.meta.main) {
  await (process.argv.includes('--if-stale') ? buildBrowserIfStale() : buildBrowser())
}
