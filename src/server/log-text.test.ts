import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { logText } from './log-text.ts'

const text = (fields: object) => logText(`${JSON.stringify(fields)}\n`, new PassThrough())

test('a line of the log on a terminal is short: the time, the level, the message, the fields', () => {
  const line = text({ level: 40, time: 0, requestId: 'r-1', note: 'two words', msg: 'slow' })
  expect(line).toMatch(/^\d\d:\d\d:\d\d warn {2}slow requestId=r-1 note="two words"\n$/)
})

test('a stack is on separate lines, and no text can control the terminal', () => {
  const err = { type: 'Error', message: 'lost', stack: 'Error: lost\n    at x.ts:1' }
  expect(text({ level: 50, time: 0, msg: 'a\u001b[2J', err }).split('\n')).toEqual([
    expect.stringMatching(/error a\?\[2J message=lost$/),
    '    Error: lost',
    '        at x.ts:1',
    '',
  ])
  expect(logText('no JSON\n', new PassThrough())).toBe('no JSON\n')
})
