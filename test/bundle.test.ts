import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { findFreshBundle } from '../bin/fresh-bundle.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCE = 'src/cli/main.ts'

function run(args: readonly string[]): string {
  return execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }).trim()
}

/** Makes a clone whose two programs, bundle and source, print their names. The bundle has one source. */
async function makeClone(): Promise<{ folder: string; runProgram: () => string }> {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true })
  const write = (path: string, content: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const printing = (name: string) =>
    `export const runCli = () => console.log('${name}'); export const showSourceLines = () => {}`
  write('package.json', '{"type":"module"}')
  write(SOURCE, printing('sources'))
  write('dist/cli/main.js', printing('package'))
  write('dist/bundle/main-1.js', printing('bundle'))
  const { stampOf }: typeof import('../bin/fresh-bundle.js') = await import(
    pathToFileURL(join(folder, 'bin/fresh-bundle.js')).href
  )
  const stamps = { [SOURCE]: stampOf(SOURCE) }
  write('dist/bundle/manifest.json', JSON.stringify({ entry: 'main-1.js', files: [], stamps }))
  return { folder, runProgram: () => run([join(folder, 'bin/paydesk.js')]) }
}

test('a clone runs its bundle until a source file changes, and then runs its source files', async () => {
  const { folder, runProgram } = await makeClone()
  expect(runProgram()).toBe('bundle')
  writeFileSync(join(folder, SOURCE), `export const runCli = () => console.log('changed sources')`)
  expect(runProgram()).toBe('changed sources')
})

test('a bundle is not used after one of its source files is deleted', async () => {
  const { folder, runProgram } = await makeClone()
  rmSync(join(folder, 'src'), { recursive: true })
  expect(runProgram()).toBe('package')
})

test('a stack trace of the bundled program names the source file and its line', () => {
  const bundle = findFreshBundle()
  if (bundle === undefined) throw new Error('the set-up of the tests makes a fresh bundle')
  const script = `
    const { runCli, showSourceLines } = await import('${bundle}')
    showSourceLines(new URL('.', '${bundle}'))
    await runCli(undefined).catch((error) => console.log(error.stack))`
  const trace = run(['--input-type=module', '-e', script])
  expect(trace).toMatch(
    /^TypeError: .*\n( {4}at .*\n)* {4}at (async )?runCli \(src\/cli\/main\.ts:\d+:\d+\)\n/,
  )
  const [, line = ''] = /main\.ts:(\d+)/.exec(trace) ?? []
  const source = run(['-p', `fs.readFileSync('${SOURCE}', 'utf8').split('\\n')[${line} - 1]`])
  expect(source).toContain('(argv)')
})
