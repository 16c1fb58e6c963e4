import { describe, expect, test } from 'vitest'
import { EN, type MessageKey, type Messages } from './en.ts'
import { HI } from './hi.ts'
import { UR } from './ur.ts'

const LANGUAGES: readonly (readonly [string, Messages])[] = [
  ['Hindi', HI],
  ['Urdu', UR],
]
const KEYS = Object.keys(EN) as MessageKey[]
/** Terms that Indian banks print in Latin letters in every language. */
const SAME_EVERYWHERE: readonly MessageKey[] = ['methodUpi', 'upiIdLabel', 'transferIfsc']
const MAY_EQUAL_ENGLISH: readonly MessageKey[] = ['cardExpiryHint', ...SAME_EVERYWHERE]

function placeholdersOf(text: string): string[] {
  return [...new Set(text.match(/\{\w+\}/g))].sort()
}

describe.each(LANGUAGES)('%s', (_, messages) => {
  test('has the same keys as English, in the same order', () => {
    expect(Object.keys(messages)).toEqual(KEYS)
  })

  test.each(KEYS)('%s', (key) => {
    const text = messages[key]
    expect(text.trim()).not.toBe('')
    expect(placeholdersOf(text)).toEqual(placeholdersOf(EN[key]))
    // No brace is left over: a mistyped placeholder would be shown to the customer unchanged.
    expect(text.replaceAll(/\{\w+\}/g, '')).not.toMatch(/[{}]/)
    if (!MAY_EQUAL_ENGLISH.includes(key)) expect(text).not.toBe(EN[key])
  })
})
