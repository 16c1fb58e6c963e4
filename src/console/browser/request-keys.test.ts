import { expect, test } from 'vitest'
import { errorOf } from '../../client/errors.ts'
import { createRequestKeys } from './request-keys.ts'

const failureOf = (status: number, code: string) =>
  errorOf({ status, headers: new Headers(), body: { code, message: code } })

test.each([
  ['a lost connection', 503, 'service_unavailable', true],
  ['a failure of the server', 500, 'error', true],
  ['a first request that still runs', 409, 'idempotency_conflict', true],
  ['a refusal', 400, 'invalid_parameter', false],
  ['a request that another person has decided', 409, 'approval_ended', false],
  ['too many requests', 429, 'too_many_requests', false],
])('after %s an equal request has the same key: %4$s', async (_, status, code, isSame) => {
  let count = 0
  const withKey = createRequestKeys(() => `key ${++count}`)
  const fail = async () => {
    throw failureOf(status, code)
  }
  await expect(withKey('POST /accounts {}', fail)).rejects.toThrow(code)
  const keyOf = (request: string) => withKey(request, async (key) => key)
  expect(await keyOf('POST /clients {}')).toBe('key 2')
  expect(await keyOf('POST /accounts {}')).toBe(isSame ? 'key 1' : 'key 3')
  // The request has an answer now, so the next one is new.
  expect(await keyOf('POST /accounts {}')).toBe(isSame ? 'key 3' : 'key 4')
})

test('two equal requests at the same time have one key', async () => {
  let count = 0
  const withKey = createRequestKeys(() => `key ${++count}`)
  const send = async (key: string) => key
  expect(await Promise.all([withKey('a', send), withKey('a', send)])).toEqual(['key 1', 'key 1'])
})
