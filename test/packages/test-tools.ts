/** Programs that only the tests of the packages need: Bun, Deno, old compilers, checkers of packages. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TOOLS = join(ROOT, 'test/packages/tools')
const CACHE = join(ROOT, 'node_modules/.cache/paydesk-test-tools')
const MARK = join(CACHE, 'installed-lock.json')

/**
 * Installs the programs of `tools/package-lock.json` if they are not there, and returns the folder of their packages.
 * Throws if npm cannot install them.
 */
export function installTestTools(): string {
  const lock = readFileSync(join(TOOLS, 'package-lock.json'), 'utf8')
  if (!existsSync(MARK) || readFileSync(MARK, 'utf8') !== lock) {
    rmSync(CACHE, { recursive: true, force: true })
    mkdirSync(CACHE, { recursive: true })
    for (const name of ['package.json', 'package-lock.json'])
      copyFileSync(join(TOOLS, name), join(CACHE, name))
    const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
    execFileSync('npm', ['ci', ...flags], { cwd: CACHE, stdio: 'inherit' })
    writeFileSync(MARK, lock)
  }
  return join(CACHE, 'node_modules')
}
