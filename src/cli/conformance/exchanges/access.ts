import { check, type Exchange, refusal } from '../exchange.ts'

const section = 'Access and errors'

/** Checks of the authorization, of the account, and of the errors of the API as a whole. */
export const ACCESS_EXCHANGES: readonly Exchange[] = [
  {
    id: 'no-token',
    section,
    title: 'A request without a token',
    request: { method: 'GET', path: '/payments', token: 'none' },
    checks: [
      ...refusal(401, 'error', 'H'),
      check('message', 'M', 'The message contains “authorized”, which clients search for.', {
        at: 'message',
        matches: '[Aa]uthori[sz]ed',
        form: 'a text with “authorized”',
      }),
      check('content-type', 'H', 'Errors are JSON.', { contentType: 'application/json' }),
    ],
  },
  {
    id: 'wrong-token',
    section,
    title: 'A request with a token that was never issued',
    request: { method: 'GET', path: '/payments', token: 'wrong' },
    checks: [
      ...refusal(401, 'error', 'H'),
      check('message', 'M', 'The message contains “authorized”, spelled with z.', {
        at: 'message',
        matches: '[Aa]uthorized',
        form: 'a text with “authorized”',
      }),
    ],
  },
  {
    id: 'no-account',
    section,
    title: 'A request without account_id',
    request: { method: 'GET', path: '/payments', hasNoAccount: true },
    checks: refusal(400, 'missing_parameter', 'L', 'L'),
  },
  {
    id: 'other-account',
    section,
    title: 'A request for an account to which the token has no access',
    request: { method: 'GET', path: '/payments', hasNoAccount: true, query: { account_id: '1' } },
    checks: refusal(401, 'error', 'L', 'L'),
  },
  {
    id: 'unknown-path',
    section,
    title: 'A path that does not exist',
    request: { method: 'GET', path: '/paydesk_conformance' },
    checks: refusal(404, 'error', 'M'),
  },
  {
    id: 'wrong-method',
    section,
    title: 'A method that a path does not have',
    request: { method: 'DELETE', path: '/paymentsessions' },
    checks: refusal(405, 'error', 'M', 'M'),
  },
  {
    id: 'broken-json',
    section,
    title: 'A body that is not JSON',
    request: { method: 'POST', path: '/paymentsessions', body: '{"amount":' },
    checks: refusal(400, 'invalid_parameter', 'L'),
  },
  {
    id: 'bearer',
    section,
    title: 'The scheme Bearer',
    hasForeignObjects: true,
    request: { method: 'GET', path: '/payments', query: { per_page: '1' }, token: 'bearer' },
    checks: [check('status', 'ours', 'The scheme Bearer is accepted.', { status: [200] })],
  },
  {
    id: 'us-operation',
    section,
    title: 'An operation that the edition lacks',
    editions: ['IN'],
    request: { method: 'GET', path: '/paymentmethods/1000000000001' },
    checks: refusal(404, 'error', 'L', 'L'),
  },
  {
    id: 'in-operation',
    section,
    title: 'An operation that the edition lacks',
    editions: ['US'],
    request: { method: 'GET', path: '/virtualaccounts/1000000000001' },
    checks: refusal(404, 'error', 'L', 'L'),
  },
]
