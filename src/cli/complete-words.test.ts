import { expect, test } from 'vitest'
import { DECLINE_CODES } from '../domain/payment-attempt.ts'
import { WEBHOOK_EVENT_TYPES } from '../domain/webhook-event.ts'
import { completeWords } from './complete-words.ts'
import { makeProgram } from './program.ts'

const program = makeProgram({})

/** Returns the completed words of a line. Its last word is at the cursor. */
function complete(line: string): readonly string[] | 'files' {
  const completion = completeWords(program, line.split(' '))
  return completion === 'files' ? completion : completion.map(({ word }) => word)
}

test('commands are completed at each level, without the hidden ones', () => {
  expect(complete('se')).toEqual(['serve', 'session'])
  expect(complete('comp')).toEqual(['completion'])
  expect(complete('webhook ')).toContain('replay')
  expect(complete('session c')).toEqual(['create', 'cancel'])
  expect(complete('help sess')).toEqual(['session'])
  expect(complete('help session p')).toEqual(['pay'])
  expect(complete('help exit')).toEqual(['exit-codes'])
})

test('flags are completed, also --no-color, but none twice and none after --', () => {
  expect(complete('session pay 12 --o')).toEqual(['--outcome'])
  expect(complete('session pay 12 --outcome failed --o')).toEqual([])
  expect(complete('session pay 12 --no')).toEqual(['--no-color'])
  expect(complete('session pay 12 --j')).toEqual(['--json'])
  expect(complete('session pay -- --o')).toEqual([])
})

test('values with a fixed list are completed: event types, payment methods, outcomes, decline codes', () => {
  expect(complete('session pay 12 --outcome ')).toEqual(['succeeded', 'failed', 'pending'])
  expect(complete('session pay 12 --method=u')).toEqual(['--method=upi'])
  expect(complete('session pay 12 --decline-code ')).toEqual(DECLINE_CODES)
  expect(complete('trigger event ')).toEqual(WEBHOOK_EVENT_TYPES)
  expect(complete('event list --type payout.p')).toEqual(['payout.paid'])
  expect(complete('completion z')).toEqual(['zsh'])
})

test('the items of a list are completed one after the other, and none twice', () => {
  expect(complete('session create --methods ca')).toEqual(['card'])
  expect(complete('session create --methods card,u')).toEqual(['card,upi'])
  expect(complete('session create --methods card,c')).toEqual([])
  expect(complete('webhook create 3000 --events=payment.f')).toEqual(['--events=payment.failed'])
})

test('the value of a file flag is left to the shell, and free text has no completion', () => {
  expect(complete('serve --data ')).toBe('files')
  expect(complete('scenario run ')).toBe('files')
  expect(complete('processor check ')).toBe('files')
  expect(complete('session create --amount ')).toEqual([])
  expect(complete('nothing ')).not.toContain('list')
})
