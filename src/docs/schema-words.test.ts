import { expect, test } from 'vitest'
import { rulesInWords } from './schema-words.ts'

test.each([
  [{ minimum: 0, maximum: 1, 'x-expected': 'a number from 0 to 1' }, 'A number from 0 to 1.'],
  [{ minimum: 1, maximum: 12, 'x-expected': 'a month' }, 'A month. 1 to 12.'],
  [{ minimum: 1, maximum: 5 }, '1 to 5.'],
  [{ maxItems: 13, 'x-expected': 'a list of 1 to 13 types' }, 'A list of 1 to 13 types.'],
  [{ maxItems: 3, 'x-expected': 'a list of 1 to 13 types' }, 'A list of 1 to 13 types. At most 3.'],
  [{ const: true, 'x-expected': 'true' }, 'The only value is `true`.'],
])('each limit of %o is stated once, in a sentence', (schema, words) => {
  expect(rulesInWords(schema)).toBe(words)
})
