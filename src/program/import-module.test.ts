import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importModule } from './import-module.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-import-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the import of a module whose top-level await never ends fails after the time limit, and the error names the limit', async () => {
  const path = join(folder, 'endless.mjs')
  writeFileSync(path, 'await new Promise(() => {})')
  await expect(importModule(path, 20)).rejects.toThrow(
    'it was not loaded within 0.02 seconds, because of a top-level await or a loop that does not end',
  )
})

test('the import of a module whose loop never ends fails in the same way, and the program can report the error and end', () => {
  const path = join(folder, 'loop.mjs')
  writeFileSync(path, 'for (;;) {}')
  // In a separate process, because Node imports nothing more after such a loop.
  const program = join(folder, 'program.mjs')
  writeFileSync(
    program,
    `import { importModule } from ${JSON.stringify(import.meta.resolve('./import-module.ts'))}
     await importModule(${JSON.stringify(path)}, 20).catch((error) => console.log(error.message))`,
  )
  const options = { encoding: 'utf8', timeout: 20_000 } as const
  const { status, stdout } = spawnSync(process.execPath, [program], options)
  expect([status, stdout]).toEqual([0, expect.stringContaining('a loop that does not end')])
})

test('a module that is loaded in time gives its exports, and a module that throws gives its own error', async () => {
  const path = join(folder, 'loaded.mjs')
  writeFileSync(path, 'export default 7')
  expect(await importModule(path)).toMatchObject({ default: 7 })
  const failing = join(folder, 'failing.mjs')
  writeFileSync(failing, "throw new Error('no license')")
  await expect(importModule(failing)).rejects.toThrow('no license')
})
