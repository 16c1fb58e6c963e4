import { expect, test } from 'vitest'
import { readLogoFile } from './read-logo-file.ts'

test('an endless file is refused for its size', () => {
  expect(readLogoFile('/dev/zero')).toEqual({ refused: 'It must have at most 64 KiB.' })
})

test('a missing file causes the system’s error', () => {
  expect(() => readLogoFile('/dev/null/logo.png')).toThrow('ENOTDIR')
})
