/** A project of a user, which has installed both packages from their tarballs. */
import { execFile, execFileSync } from 'node:child_process'
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
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The root of this repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Packages that a user's project has beside Paydesk. */
const PACKAGES_OF_USERS = ['@playwright/test', '@types/node', 'jest', 'playwright', 'vitest']

/** A user's project. */
export type Project = {
  readonly folder: string
  /** The tarballs of both packages. */
  readonly tarballs: Readonly<Record<'paydesk' | 'paydesk-client', string>>
  /** Makes a folder with a `package.json` and files, and returns its path. It uses the packages of the project. */
  readonly addFolder: (name: string, files: Readonly<Record<string, string>>) => string
  readonly remove: () => void
}

/** The output of a program. */
export type Output = { readonly stdout: string; readonly stderr: string }

/** Packs both packages and installs them in an empty project. Needs no registry. */
export async function makeProject(): Promise<Project> {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-project-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const tarballs = await pack(folder)
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund']
    execFileSync('npm', ['install', ...flags, tarballs['paydesk-client']], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    installServer(folder, tarballs.paydesk)
    const addFolder = (name: string, files: Readonly<Record<string, string>>) => {
      const path = join(folder, name)
      mkdirSync(path)
      const all = { 'package.json': '{ "private": true }', ...files }
      for (const [file, text] of Object.entries(all)) writeFileSync(join(path, file), text)
      return path
    }
    return { folder, tarballs, addFolder, remove }
  } catch (error) {
    remove()
    throw error
  }
}

/** Runs a program in a folder. Throws an error with its output if it fails, or if it takes two minutes. */
export async function runIn(
  cwd: string,
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Output> {
  try {
    const env = { ...process.env, NO_COLOR: '1', ...environment }
    return await run(program, args, { cwd, env, timeout: 120_000 })
  } catch (error) {
    const { stderr, stdout } = error as Error & Output
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`)
  }
}

async function pack(folder: string): Promise<Project['tarballs']> {
  const target = join(folder, 'tarballs')
  mkdirSync(target)
  const flags = ['pack', '--silent', '--pack-destination', target]
  await run('npm', flags, { cwd: ROOT })
  await run('npm', [...flags, './dist/paydesk-client'], { cwd: ROOT })
  const find = (start: RegExp) => {
    const name = readdirSync(target).find((one) => start.test(one))
    if (name === undefined) throw new Error(`npm has packed no tarball ${start}`)
    return join(target, name)
  }
  return { paydesk: find(/^paydesk-\d/), 'paydesk-client': find(/^paydesk-client-\d/) }
}

/** Installs the server's package like npm, with links to the dependencies that it names, and to no others. */
function installServer(folder: string, tarball: string): void {
  const modules = join(folder, 'node_modules')
  const packageFolder = join(modules, 'paydesk')
  mkdirSync(packageFolder)
  execFileSync('tar', ['-xzf', tarball, '-C', packageFolder, '--strip-components=1'])
  const { dependencies } = JSON.parse(
    readFileSync(join(packageFolder, 'package.json'), 'utf8'),
  ) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  for (const name of [...Object.keys(dependencies), ...PACKAGES_OF_USERS]) {
    const link = join(modules, name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), link)
  }
}
