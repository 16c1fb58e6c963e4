import { expect, test } from 'vitest'
import { readSignedValue, signValue } from './signed-value.ts'

const KEY = new Uint8Array(32).fill(1)
const OTHER_KEY = new Uint8Array(32).fill(2)
const VALUE = signValue('Ashā 17', 'console browser', KEY)

test.each([
  ['as it was signed', VALUE, 'console browser', [KEY], 'Ashā 17'],
  ['by a previous key', VALUE, 'console browser', [OTHER_KEY, KEY], 'Ashā 17'],
  ['for another purpose', VALUE, 'consent request', [KEY], undefined],
  ['by a foreign key', VALUE, 'console browser', [OTHER_KEY], undefined],
  ['with another text', VALUE.replace(/^./, 'X'), 'console browser', [KEY], undefined],
  ['with a shorter signature', VALUE.slice(0, -2), 'console browser', [KEY], undefined],
  ['without a signature', VALUE.split('.')[0] ?? '', 'console browser', [KEY], undefined],
  ['empty', '', 'console browser', [KEY], undefined],
])('a value %s is read only if it is genuine', (_, value, purpose, keys, text) => {
  expect(readSignedValue(value, purpose, keys)).toBe(text)
})
