import { expect, test } from 'vitest'
import { isWholeAnswer, statusOf } from './answers.ts'

const head = 'HTTP/1.1 201 Created\r\nDate: today\r\n'

test.each([
  ['no bytes', '', false],
  ['a part of the head', head, false],
  ['a head without its body', `${head}content-length: 5\r\n\r\n`, false],
  ['a part of the body', `${head}content-length: 5\r\n\r\nabcd`, false],
  ['the whole body', `${head}Content-Length: 5\r\n\r\nabcde`, true],
  ['an empty body', `${head}content-length: 0\r\n\r\n`, true],
  [
    'its first chunk, but not the last',
    `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n`,
    false,
  ],
  ['its last chunk', `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n`, true],
])('an answer received up to %s is recognized as whole or not: %j', (_, text, isWhole) => {
  expect(isWholeAnswer(text, 201)).toBe(isWhole)
})

test('the status can be read as soon as the first line has arrived', () => {
  expect([statusOf(''), statusOf(head)]).toEqual([Number.NaN, 201])
})

test.each([
  ['an unexpected status', 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n'],
  ['neither a content length nor chunks', `${head}connection: close\r\n\r\nabc`],
])('an answer with %s throws an error that quotes the answer', (_, text) => {
  expect(() => isWholeAnswer(text, 201)).toThrow(text)
})
