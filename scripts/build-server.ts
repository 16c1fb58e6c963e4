/** Bundles the server into dist/bundle/. With `--if-stale` only if a source has changed. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreshBundle, stampOf } from '../bin/fresh-bundle.js'
import { type BundleFile, type BundlePlugin, bundleForNode } from './bundle-for-node.ts'
import { groupStartModules } from './start-chunks.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = join(ROOT, 'src') + sep
const OUT = join(ROOT, 'dist/bundle')
const MANIFEST = join(OUT, 'manifest.json')

/** Packages that read their own files, or that a sandbox on SQLite does not load. */
const EXTERNAL = ['@modelcontextprotocol/sdk', 'open', 'pg']

/** The other files that determine the content of a bundle. The last one changes with each installation. */
const OTHER_INPUTS = [
  // This module runs from its source, in threads.
  'src/store/engine/sqlite-reader.ts',
  'package-lock.json',
  'scripts/build-server.ts',
  'scripts/bundle-for-node.ts',
  'scripts/start-chunks.ts',
  'node_modules/.package-lock.json',
]

/** A module keeps the address of its source, because modules use it to find the package's files. */
const KEEP_ADDRESSES: BundlePlugin = {
  name: 'keep-addresses',
  enforce: 'pre',
  transform: (code, id) => {
    if (!id.startsWith(SOURCES) || !code.includes('import.meta.url')) return undefined
    const address = `new URL(${JSON.stringify(relative(OUT, id))}, import.meta.url).href`
    // All lines keep their numbers, so the source map stays correct.
    return { code: code.replaceAll('import.meta.url', address), map: null }
  },
}

/** The content of `manifest.json`, which `bin/fresh-bundle.js` reads. */
type Manifest = {
  readonly entry: string
  readonly files: readonly string[]
  /** The stamp of each source of the bundle, by its path in the repository. */
  readonly stamps: Readonly<Record<string, string>>
}

/** Bundles the server. If a source changes during the build, the bundle is stale. */
export async function buildServer(): Promise<void> {
  const startedAtMs = Date.now()
  const { groups, plugin } = groupStartModules()
  const output = await bundleForNode({
    inputs: { main: join(ROOT, 'src/cli/main.ts') },
    output: {
      format: 'es',
      entryFileNames: '[name]-[hash].js',
      chunkFileNames: '[name]-[hash].js',
      codeSplitting: { groups },
    },
    outDir: OUT,
    external: EXTERNAL,
    plugins: [KEEP_ADDRESSES, plugin],
    sourcemap: true,
  })
  const chunks = output.filter((one) => one.type === 'chunk')
  const entry = chunks.find((one) => one.isEntry)?.fileName
  if (entry === undefined) throw new Error('The bundle of the server has no entry')
  const modules = chunks
    .flatMap(({ moduleIds }) => moduleIds)
    .filter((id) => id.startsWith(SOURCES))
  const inputs = [...modules.map((id) => relative(ROOT, id)), ...OTHER_INPUTS].filter((path) =>
    existsSync(join(ROOT, path)),
  )
  const stamps = Object.fromEntries(
    inputs.map((path) => [
      path,
      statSync(join(ROOT, path)).mtimeMs < startedAtMs ? stampOf(path) : 'changed during the build',
    ]),
  )
  write({ entry, files: output.map(({ fileName }) => fileName), stamps }, output)
}

export async function buildServerIfStale(): Promise<void> {
  if (findFreshBundle() === undefined) await buildServer()
}

/** The files of the previous bundle stay: a running server may still load one of them. */
function write(manifest: Manifest, output: readonly BundleFile[]): void {
  const previous = readPrevious()
  mkdirSync(OUT, { recursive: true })
  for (const one of output) {
    writeFileSync(join(OUT, one.fileName), one.type === 'chunk' ? one.code : one.source)
  }
  // Renamed last: a program that starts now finds all files of its manifest.
  const draft = join(OUT, `manifest.${process.pid}`)
  writeFileSync(draft, `${JSON.stringify(manifest, undefined, 2)}\n`)
  renameSync(draft, MANIFEST)
  const currentFiles = new Set([...manifest.files, ...previous, 'manifest.json'])
  for (const file of readdirSync(OUT))
    if (!currentFiles.has(file)) rmSync(join(OUT, file), { force: true })
}

function readPrevious(): readonly string[] {
  if (!existsSync(MANIFEST)) return []
  return (JSON.parse(readFileSync(MANIFEST, 'utf8')) as Manifest).files
}

if (import.meta.main) {
  await (process.argv.includes('--if-stale') ? buildServerIfStale() : buildServer())
}
