import { expect, test } from 'vitest'
import { similarWords } from './similar-words.ts'

const METHODS = ['card', 'upi', 'netbanking', 'wallet']

test('a misspelled word gets the most similar words, and another word gets none', () => {
  expect(similarWords('crad', METHODS)).toBe(' Did you mean card?')
  expect(similarWords('UIP', METHODS)).toBe(' Did you mean upi?')
  expect(similarWords('payment.succeded', ['payment.succeeded', 'payment.failed'])).toBe(
    ' Did you mean payment.succeeded?',
  )
  expect(similarWords('bit', ['bat', 'bot', 'card'])).toBe(' Did you mean bat or bot?')
  expect([similarWords('cheque', METHODS), similarWords('', METHODS)]).toEqual(['', ''])
})
