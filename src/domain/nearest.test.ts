import { expect, test } from 'vitest'
import { nearestName, questionFor } from './nearest.ts'

const FIELDS = [
  'amount',
  'currency',
  'description',
  'payments_session_id',
  'max_retry_count',
] as const
const EVENTS = ['payment.succeeded', 'payment.failed', 'refund.succeeded', 'refund.failed'] as const

test.each([
  ['amout', 'amount'],
  ['amuont', 'amount'],
  ['Amount', 'amount'],
  ['desc', 'description'],
  ['paymentSessionId', 'payments_session_id'],
  ['maxRetryCount', 'max_retry_count'],
  ['quantity', undefined],
  ['am', undefined],
  ['', undefined],
  ['a'.repeat(1000), undefined],
])('a mistyped field %s gets the nearest known one: %s', (typedName, nearest) => {
  expect(nearestName(typedName, FIELDS)).toBe(nearest)
})

test.each([
  ['refund.suceeded', 'refund.succeeded'],
  ['payment_failed', 'payment.failed'],
  ['order.created', undefined],
])('a mistyped event type %s gets the nearest known one: %s', (typedName, nearest) => {
  expect(nearestName(typedName, EVENTS)).toBe(nearest)
})

test('a misspelled choice of a command gets a question with the nearest one, and another word gets none', () => {
  const methods = ['card', 'upi', 'netbanking', 'wallet']
  expect(['crad', 'UIP'].map((word) => questionFor(word, methods))).toEqual([
    ' Did you mean card?',
    ' Did you mean upi?',
  ])
  expect([questionFor('cheque', methods), questionFor('', methods)]).toEqual(['', ''])
})
