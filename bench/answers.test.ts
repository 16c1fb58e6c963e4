import { expect, test } from 'vitest'
import { isWholeAnswer, statusOf } from './answers.ts'

const head = 'HTTP/1.1 201 Created\r\nDate: today\r\n'

test.each([
  ['nothing yet', '', false],
  ['half a head', head, false],
  ['a head without its body', `${head}content-length: 5\r\n\r\n`, false],
  ['a part of the body', `${head}content-length: 5\r\n\r\nabcd`, false],
  ['the whole body', `${head}Content-Length: 5\r\n\r\nabcde`, true],
  ['an empty body', `${head}content-length: 0\r\n\r\n`, true],
  ['a chunk', `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n`, false],
  ['the last chunk', `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n`, true],
])('an answer with %s: %j', (_, received, isWhole) => {
  expect(isWholeAnswer(received, 201)).toBe(isWhole)
})

test('the status is known after the first line', () => {
  expect([statusOf(''), statusOf(head)]).toEqual([Number.NaN, 201])
})

test.each([
  ['another status', 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n'],
  ['no known end', `${head}connection: close\r\n\r\nabc`],
])('an answer with %s is an error that shows it', (_, received) => {
  expect(() => isWholeAnswer(received, 201)).toThrow(received)
})
