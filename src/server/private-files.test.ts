import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataFiles, keepPrivate } from './private-files.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-private-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function makeFiles(name: string, mode: number): string {
  const file = join(folder, name)
  for (const ending of ['', '-wal', '-shm', '.lock', '.lock.json']) {
    writeFileSync(`${file}${ending}`, '')
    chmodSync(`${file}${ending}`, mode)
  }
  return file
}

function keep(paths: readonly string[], fixes: boolean) {
  const warnings: object[] = []
  keepPrivate(paths, fixes, {
    warn: (facts: object) => void warnings.push(facts),
    info: () => {},
  } as never)
  return warnings
}

const modes = (paths: readonly string[]) =>
  paths.flatMap((path) => {
    const result = statSync(path, { throwIfNoEntry: false })
    return result === undefined ? [] : [result.mode & 0o777]
  })

test.each([0o644, 0o640, 0o602, 0o777])(
  'a file mode of %o causes a warning for each file, and no change',
  (mode) => {
    const paths = dataFiles(makeFiles(`loose-${mode}.db`, mode))
    const warnings = keep(paths, false)
    expect(warnings).toHaveLength(5)
    expect(warnings[0]).toEqual({ path: paths[0], mode: `0${mode.toString(8)}` })
    expect(new Set(modes(paths))).toEqual(new Set([mode]))
  },
)

test('a fix removes the permissions of other users, and causes no warning', () => {
  const paths = dataFiles(makeFiles('fixed.db', 0o666))
  expect(keep(paths, true)).toEqual([])
  expect(modes(paths)).toEqual([0o600, 0o600, 0o600, 0o600, 0o600])
  expect(keep(paths, false)).toEqual([])
})

test('the check follows a symbolic link to the real files', () => {
  const file = makeFiles('meant.db', 0o644)
  symlinkSync(file, join(folder, 'link.db'))
  expect(keep(dataFiles(join(folder, 'link.db')), true)).toEqual([])
  expect(modes(dataFiles(file))).toEqual([0o600, 0o600, 0o600, 0o600, 0o600])
})

test('a shared folder causes a warning, and is not changed', () => {
  const sharedFolder = join(folder, 'shared')
  mkdirSync(sharedFolder)
  chmodSync(sharedFolder, 0o1777)
  expect(keep([sharedFolder], true)).toEqual([{ path: sharedFolder, mode: '1777' }])
  expect(statSync(sharedFolder).mode & 0o7777).toBe(0o1777)
})

test('a missing file causes no error', () => {
  expect(keep(dataFiles(join(folder, 'none.db')), true)).toEqual([])
})
