/**
 * Finds the programs that tests need and npm cannot bring: uses what the system has, else installs
 * it with Debian's `apt-get`, else says in one line what to install. Nothing is skipped silently.
 */
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Finds a program by any of its names. Undefined: it is not on the path. */
export function findProgram(...names: readonly string[]): string | undefined {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(folder, name)
      try {
        accessSync(path, constants.X_OK)
        return path
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined
}

/** Skips a test that needs a program which few machines have; the report says which. */
export function skipWithout(
  { skip }: { readonly skip: (note: string) => unknown },
  program: string,
): void {
  if (findProgram(program) === undefined) skip(`${program} is not installed`)
}

/** Returns the result of `find`, after installing the Debian package if it finds nothing at first. */
export function needProgram(
  what: string,
  debianPackage: string,
  find: () => string | undefined,
): string {
  const found = find()
  if (found !== undefined) return found
  installFromDebian(what, debianPackage)
  const installed = find()
  if (installed === undefined) {
    throw new Error(
      `The tests need ${what}: the package ${debianPackage} was installed, but it is not found.`,
    )
  }
  return installed
}

function installFromDebian(what: string, debianPackage: string): void {
  const isRoot = process.getuid?.() === 0
  if (!isRoot || findProgram('apt-get') === undefined) {
    throw new Error(
      `The tests need ${what}. Install it, on Debian or Ubuntu with: sudo apt-get install ${debianPackage}`,
    )
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...args: string[]) =>
    execFileSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
  process.stderr.write(`Installing ${debianPackage}, which the tests need.\n`)
  run('update', '-q')
  run('install', '-q', '-y', '--no-install-recommends', debianPackage)
}

/** Finds a Chromium to drive. */
export function findChromium(): string | undefined {
  return findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
}

const HEADLESS_SHELL = 'chromium-headless-shell'

/**
 * Returns the Chromium without windows, which costs a third of the CPU time of the one with them, after
 * installing it where Debian's `apt-get` can. Undefined: this system has no such package.
 */
export function wantHeadlessShell(): string | undefined {
  const find = () => findProgram(HEADLESS_SHELL)
  try {
    return needProgram('Chromium without windows', HEADLESS_SHELL, find)
  } catch {
    // Not root, or another system: the Chromium with windows does the same, at a higher cost.
    return undefined
  }
}

/** Finds the folder of PostgreSQL's server programs, the newest version's. */
export function findPostgresBin(): string | undefined {
  const folders: string[] = []
  const pgConfig = findProgram('pg_config')
  if (pgConfig !== undefined) {
    folders.push(execFileSync(pgConfig, ['--bindir'], { encoding: 'utf8' }).trim())
  }
  const debian = '/usr/lib/postgresql'
  if (existsSync(debian)) {
    const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a))
    folders.push(...versions.map((version) => join(debian, version, 'bin')))
  }
  const initdb = findProgram('initdb')
  if (initdb !== undefined) folders.push(join(initdb, '..'))
  return folders.find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  )
}

/** Finds nginx. Debian's lies in a folder that the path of an ordinary user lacks. */
export function findNginx(): string | undefined {
  const debian = '/usr/sbin/nginx'
  return findProgram('nginx') ?? (existsSync(debian) ? debian : undefined)
}
