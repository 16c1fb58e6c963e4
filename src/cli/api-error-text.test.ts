import { expect, test } from 'vitest'
import { ApiConnectionError, AuthenticationError, PaydeskError } from '../client/index.ts'
import { exitCodeOf, ServerRefused } from './api-error-text.ts'

test.each([
  [
    2,
    new PaydeskError('amount must be …', {
      status: 400,
      code: 'invalid_parameter',
      field: 'amount',
    }),
  ],
  [
    2,
    new PaydeskError('currency must be …', {
      status: 400,
      code: 'invalid_currency',
      field: 'currency',
    }),
  ],
  [
    1,
    new PaydeskError('Too much.', {
      status: 400,
      code: 'refund_cannot_be_initiated',
      field: 'amount',
    }),
  ],
  [1, new PaydeskError('The body is wrong.', { status: 400, code: 'invalid_parameter' })],
  [1, new AuthenticationError('Closed.', { status: 403, code: 'account_closed' })],
  [4, new AuthenticationError('No scope.', { status: 403, code: 'error' })],
  [4, new AuthenticationError('Unknown token.', { status: 401, code: 'error' })],
  [3, new ApiConnectionError('Nothing listens.', { code: 'connection_failed' })],
])('the exit code is %i for %s', (exitCode, error) => {
  expect(exitCodeOf(error)).toBe(exitCode)
})

test('the error for a refused token of a sandbox says how to get a token, and other errors do not', () => {
  const tip = 'Set PAYDESK_API_TOKEN.'
  const refusalOf = (status: number) =>
    new ServerRefused(new AuthenticationError('No.', { status, code: 'error' }), 'http://a', tip)
  expect(refusalOf(401).message).toBe('No.\nSet PAYDESK_API_TOKEN.')
  expect(refusalOf(403).message).toBe('No.')
})
