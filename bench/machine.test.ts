import { expect, test } from 'vitest'
import { describeCommit } from './machine.ts'

test.each([
  ['a clean clone', 'a1b2c3d4e5', '', 'a1b2c3d4e5'],
  [
    'a clone with changed files',
    'a1b2c3d4e5',
    ' M src/x.ts',
    'a1b2c3d4e5 with uncommitted changes',
  ],
  ['a folder without a repository', undefined, undefined, 'of no known commit'],
])('a report describes the commit of %s', (_, commit, status, text) => {
  expect(describeCommit(commit, status)).toBe(text)
})
