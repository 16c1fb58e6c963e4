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

test('a module whose top-level await never ends is an error after the limit, which the error names', async () => {
  const path = join(folder, 'endless.mjs')
  writeFileSync(path, 'await new Promise(() => {})')
  await expect(importModule(path, 20)).rejects.toThrow(
    'it was not loaded within 0.02 seconds, because of a top-level await that does not end',
  )
})

test('a module that is loaded in time gives its exports, and its own error otherwise', async () => {
  const path = join(folder, 'loaded.mjs')
  writeFileSync(path, 'export default 7')
  expect(await importModule(path)).toMatchObject({ default: 7 })
  const failing = join(folder, 'failing.mjs')
  writeFileSync(failing, "throw new Error('no license')")
  await expect(importModule(failing)).rejects.toThrow('no license')
})
