/**
 * Finds the programs that tests need and npm does not have. If a program is missing, it is installed with Debian's
 * `apt-get`; where that is not possible, an error names the package. No test is skipped silently.
 */
import { execFileSync, spawnSync } from 'node:child_process'
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
        // The program is not in this folder.
      }
    }
  }
  return undefined
}

/** The Debian packages of rare programs. Other programs have the name of their package. */
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  php: 'php-cli',
  promtool: 'prometheus',
  go: 'golang-go',
  java: 'default-jdk-headless',
  javac: 'default-jdk-headless junit5',
}

/** The notes that this worker has written. */
const printedNotes = new Set<string>()

/** Skips a test if a rare program is missing. A line names the Debian package, once in a worker. */
export function skipWithout(
  { skip }: { readonly skip: (note: string) => unknown },
  program: string,
): void {
  if (findProgram(program) !== undefined) return
  const debianPackage = DEBIAN_PACKAGES[program] ?? program
  skipWithNote(
    skip,
    `${program} is not installed. On Debian or Ubuntu: sudo apt-get install ${debianPackage}`,
  )
}

/** Skips a test. The reporter shows no notes of a file that passes, so the note is also written as a line. */
export function skipWithNote(skip: (note: string) => unknown, note: string): void {
  if (!printedNotes.has(note)) process.stderr.write(`Skipping tests: ${note}\n`)
  printedNotes.add(note)
  skip(note)
}

/** Returns the result of `find`, after installing the Debian package if it finds nothing at first. */
export function needProgram(
  what: string,
  debianPackage: string,
  find: () => string | undefined,
): string {
  const result = find()
  if (result !== undefined) return result
  installFromDebian(what, debianPackage)
  const installedPath = find()
  if (installedPath === undefined) {
    throw new Error(
      `The tests need ${what}: the package ${debianPackage} was installed, but it is not found.`,
    )
  }
  return installedPath
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

/** Finds a Python that has a module. Undefined: there is none. Debian's packages belong to Debian's own Python. */
export function findPythonWith(module: string): string | undefined {
  return [findProgram('python3'), '/usr/bin/python3'].find((python) => {
    if (python === undefined || !existsSync(python)) return false
    return (
      spawnSync(
        python,
        [
          '-c',
          `import importlib.util, sys; sys.exit(importlib.util.find_spec('${module}') is None)`,
        ],
        { stdio: 'ignore' },
      ).status === 0
    )
  })
}

/** The library of JUnit with its program, in Debian's package junit5. */
export const JUNIT = '/usr/share/java/junit-platform-console-standalone.jar'

/** Finds a Chromium. Undefined: there is none. */
export function findChromium(): string | undefined {
  return findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
}

const HEADLESS_SHELL = 'chromium-headless-shell'

/**
 * Returns the Chromium without windows, which needs a third of the CPU time, and installs it if Debian's `apt-get`
 * can. Undefined: this system has no such package.
 */
export function wantHeadlessShell(): string | undefined {
  const find = () => findProgram(HEADLESS_SHELL)
  try {
    return needProgram('Chromium without windows', HEADLESS_SHELL, find)
  } catch {
    // Without root, or on another system, the tests use the Chromium with windows, which needs more CPU time.
    return undefined
  }
}

/** Finds the folder of the server programs of the newest PostgreSQL. */
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

/** Finds nginx. Debian installs it in a folder that is not on the path of ordinary users. */
export function findNginx(): string | undefined {
  const debian = '/usr/sbin/nginx'
  return findProgram('nginx') ?? (existsSync(debian) ? debian : undefined)
}
