/** Builds the browser files into dist/browser/. With `--if-stale` only if a source is newer. */
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

/** The files for browsers by the name that pages use, with their sources. File names contain a digest. */
const ENTRIES = {
  'checkout.js': 'src/checkout/browser/main.tsx',
  'checkout.css': 'src/checkout/styles.css',
  'frame.js': 'src/checkout/widget/browser/frame.ts',
  'save-method.js': 'src/checkout/save-method/browser/save-method.ts',
  'zpayments.js': 'src/checkout/widget/browser/zpayments.ts',
  'consent.css': 'src/oauth/consent.css',
  'payer.css': 'src/sandbox/payer/payer.css',
  'terminal.js': 'src/sandbox/terminal/browser/terminal.ts',
  'terminal.css': 'src/sandbox/terminal/terminal.css',
  'start.js': 'src/sandbox/start/browser/start.ts',
  'start.css': 'src/sandbox/start/start.css',
  'demo.js': 'src/sandbox/demo/browser/demo.ts',
  'demo.css': 'src/sandbox/demo/demo.css',
  'console.js': 'src/sandbox/console/browser/main.tsx',
  'console-theme.js': 'src/console/browser/apply-theme.ts',
  'console.css': 'src/console/console.css',
  'operator.css': 'src/console/operator.css',
  'operator.js': 'src/console/browser/main.tsx',
  'passkey.js': 'src/console/browser/passkey.ts',
  'docs-theme.js': 'src/docs/browser/theme.ts',
  'docs.js': 'src/docs/browser/main.ts',
  'docs.css': 'src/docs/docs.css',
} as const

/**
 * Modules that the server loads, because Node cannot run JSX. They import their packages from
 * node_modules.
 */
const SERVER_ENTRIES = {
  'render-page.js': 'src/checkout/components/render-page.tsx',
} as const

/** Files that run as plain scripts, in merchants' pages, in static files and before the first paint, so they must not leak global names. */
const CLASSIC: readonly string[] = ['zpayments.js', 'console-theme.js', 'docs-theme.js', 'docs.js']

/** Scripts that load parts of themselves with `import()`. The name of each part has a digest of its content. */
const SPLIT: readonly string[] = ['operator.js']

/**
 * Compiles JSX to calls of Preact's `h`. The functions of `preact/jsx-runtime` would make the checkout's
 * and the console's script 1 % larger (gzip).
 */
const CLASSIC_JSX = {
  jsx: {
    runtime: 'classic',
    pragma: 'jsxH',
    pragmaFrag: 'JsxFragment',
    development: false,
  },
} as const
const IMPORT_H = {
  name: 'import-h',
  enforce: 'pre',
  transform: (code: string, id: string) =>
    id.endsWith('.tsx')
      ? `import { h as jsxH, Fragment as JsxFragment } from 'preact'\n${code}`
      : undefined,
} as const

/** Refuses a module of Node in a file for browsers: the file would load, and fail at its first use. */
const NO_NODE_MODULES = {
  name: 'no-node-modules',
  enforce: 'pre',
  resolveId: (source: string, importer: string | undefined): undefined => {
    if (source.startsWith('node:')) throw new Error(`${importer} imports ${source}`)
  },
} as const

function isFresh(): boolean {
  const manifest = join(OUT, 'manifest.json')
  if (!existsSync(manifest)) return false
  const builtAtMs = statSync(manifest).mtimeMs
  const sources = [
    ...globSync('src/{checkout,client,console,docs,domain,oauth,pages,sandbox}/**/*.{ts,tsx,css}', {
      cwd: ROOT,
    }),
    'package-lock.json',
    'scripts/build-browser.ts',
  ]
  return sources.every((path) => statSync(join(ROOT, path)).mtimeMs <= builtAtMs)
}

function digestOf(content: string | Uint8Array): Buffer {
  return createHash('sha384').update(content).digest()
}

export async function buildBrowser(): Promise<void> {
  process.stderr.write('Building the pages for browsers: once, for a few seconds…\n')
  // Vite is imported only for a build, because `npm start` runs this file each time.
  const { build } = await import('vite')
  const builtFiles: Record<string, { file: string; integrity: string }> = {}
  const files = new Map<string, string | Uint8Array>()

  const bundle = async (
    input: string,
    { format, ssr = false, stem }: { format: 'es' | 'iife'; ssr?: boolean; stem: string },
  ) => {
    const result = await build({
      root: ROOT,
      configFile: false,
      publicDir: false,
      logLevel: 'warn',
      oxc: CLASSIC_JSX,
      plugins: ssr ? [IMPORT_H] : [IMPORT_H, NO_NODE_MODULES],
      build: {
        write: false,
        ssr,
        target: 'es2022',
        modulePreload: false,
        rollupOptions: {
          input: join(ROOT, input),
          output: {
            format,
            entryFileNames: `${stem}-[hash].js`,
            chunkFileNames: `${stem}-[name]-[hash].js`,
          },
        },
      },
    })
    const { output } = (Array.isArray(result) ? result[0] : result) as {
      output: (
        | { type: 'chunk'; code: string; fileName: string; isEntry: boolean }
        | { type: 'asset'; source: string | Uint8Array }
      )[]
    }
    return output
  }
  const add = (name: string, file: string, content: string | Uint8Array) => {
    files.set(file, content)
    builtFiles[name] = { file, integrity: `sha384-${digestOf(content).toString('base64')}` }
  }

  for (const [name, input] of [...Object.entries(ENTRIES), ...Object.entries(SERVER_ENTRIES)]) {
    const [stem = '', extension] = name.split('.')
    const outputs = await bundle(input, {
      format: CLASSIC.includes(name) ? 'iife' : 'es',
      ssr: name in SERVER_ENTRIES,
      stem,
    })
    if (SPLIT.includes(name)) {
      for (const one of outputs) {
        if (one.type !== 'chunk') throw new Error(`${input} has an output without a script`)
        // The parts import each other by the names that the bundler gave them.
        add(one.isEntry ? name : one.fileName, one.fileName, one.code)
      }
      continue
    }
    // The build of a style sheet also has an empty script.
    const content = outputs
      .map((one) => (one.type === 'chunk' ? one.code : one.source))
      .find((one) => one.length > 1)
    if (content === undefined) throw new Error(`${input} has no output`)
    add(name, `${stem}-${digestOf(content).toString('hex').slice(0, 10)}.${extension}`, content)
  }

  mkdirSync(OUT, { recursive: true })
  for (const [file, content] of files) writeFileSync(join(OUT, file), content)
  // Renamed last: a server that starts now finds all files of its manifest.
  const manifest = join(OUT, `manifest.${process.pid}`)
  writeFileSync(manifest, `${JSON.stringify(builtFiles, undefined, 2)}\n`)
  renameSync(manifest, join(OUT, 'manifest.json'))
  for (const file of readdirSync(OUT)) {
    if (file !== 'manifest.json' && !files.has(file)) rmSync(join(OUT, file))
  }
}

export async function buildBrowserIfStale(): Promise<void> {
  if (!isFresh()) await buildBrowser()
}

if (import.meta.main) {
  await (process.argv.includes('--if-stale') ? buildBrowserIfStale() : buildBrowser())
}
