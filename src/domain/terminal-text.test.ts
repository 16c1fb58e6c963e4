import { expect, test } from 'vitest'
import { terminalJson, terminalLines, withoutControls } from './terminal-text.ts'

/** Every character that a terminal obeys or that turns the direction of a text. */
const OBEYED = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index),
  0x2028,
  0x2029,
  0x202a,
  0x202e,
  0x2066,
  0x2069,
].map((code) => String.fromCharCode(code))
/** Letters and marks of the three languages of the checkout, with the joiners that Hindi and Urdu need. */
const LETTERS = 'Zürich 10 € क\u200d्ष اردو\u200f می\u200cخواهم 😀'

test('a text in one line has no character that a terminal obeys', () => {
  for (const character of OBEYED) expect(withoutControls(`a${character}b`)).toBe('a?b')
  expect(withoutControls(LETTERS)).toBe(LETTERS)
})

test('lines keep their ends, tabs, styles and letters, and nothing else that a terminal obeys', () => {
  for (const character of OBEYED) {
    const isKept = character === '\n' || character === '\t'
    expect(terminalLines(`a${character}b`)).toBe(isKept ? `a${character}b` : 'a?b')
  }
  const styledText = `\u001b[32mok\u001b[39m\t${LETTERS}\n`
  expect(terminalLines(styledText)).toBe(styledText)
  expect(terminalLines('\u001b[8mhidden\u001b[2J')).toBe('?[8mhidden?[2J')
})

test('JSON has escapes for these characters, and keeps its value', () => {
  const value = { [`a${OBEYED.join('')}`]: `${OBEYED.join('')}${LETTERS}` }
  const json = terminalJson(JSON.stringify(value))
  expect(JSON.parse(json)).toEqual(value)
  expect(withoutControls(json)).toBe(json)
})
