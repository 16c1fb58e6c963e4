import { expect, test } from 'vitest'
import { readLogoFile } from './read-logo-file.ts'

test('a file without end is refused for its size', () => {
  expect(readLogoFile('/dev/zero')).toEqual({ refused: 'It must have at most 64 KiB.' })
})

test('a file that does not exist is the system’s error', () => {
  expect(() => readLogoFile('/dev/null/logo.png')).toThrow('ENOTDIR')
})
