import { type Check, check, type Exchange, refusal, success, types, words } from '../exchange.ts'

const section = 'In-person payments'

function session(
  id: string,
  title: string,
  path: string,
  terminal: string,
): Omit<Exchange, 'checks'> {
  return {
    id,
    section,
    title,
    editions: ['IN'],
    isPlanned: true,
    request: {
      method: 'POST',
      path,
      body: {
        type: 'pos_payment',
        amount: 250,
        currency: 'INR',
        terminal_id: terminal,
        description: 'Till 2',
        invoice_number: 'INV-77',
      },
    },
    saves: { session_id: 'payments_session.payments_session_id' },
    cleanup: {
      method: 'POST',
      path: '/paymentsessions/{session_id}/cancel',
      isPaydeskOnly: true,
      object: 'session {session_id} at a terminal, which ends automatically after three minutes',
    },
  }
}

const SHAPE: readonly Check[] = [
  check('types', 'H', 'The fields have these JSON types.', {
    at: 'payments_session',
    types: types({
      string:
        'payments_session_id currency amount terminal_id session_status invoice_number description',
      integer: 'created_time',
    }),
  }),
  check('required', 'M', 'The session has session_status and terminal_id.', {
    at: 'payments_session',
    types: { session_status: ['string'], terminal_id: ['string'] },
  }),
  check('type', 'M', 'payments_session_type is pos_payment.', {
    at: 'payments_session.payments_session_type',
    equals: 'pos_payment',
  }),
  check('status-word', 'M', 'A new session is “in_progress”.', {
    at: 'payments_session.session_status',
    equals: 'in_progress',
  }),
  check('time-unit', 'M', 'created_time is in seconds.', {
    at: 'payments_session.created_time',
    digits: 10,
  }),
  check('access-key', 'M', 'There is no page for customers.', {
    at: 'payments_session',
    types: { access_key: ['absent'] },
  }),
]

/** Checks of sessions at a terminal. They need a terminal of the account. */
export const IN_PERSON_EXCHANGES: readonly Exchange[] = [
  {
    ...session(
      'terminal-create',
      'Create a session at a terminal',
      '/paymentsessions',
      '{terminal_id}',
    ),
    saves: {
      session_id: 'payments_session.payments_session_id',
      terminal_session_id: 'payments_session.payments_session_id',
    },
    checks: [...success(201, 'payments_session'), ...SHAPE],
  },
  {
    id: 'terminal-retrieve',
    section,
    title: 'Retrieve the session',
    editions: ['IN'],
    isPlanned: true,
    request: { method: 'GET', path: '/paymentsessions/{terminal_session_id}' },
    checks: [
      ...success(200, 'payments_session', 'H'),
      check('status-word', 'H', 'session_status is a documented word.', {
        at: 'payments_session.session_status',
        oneOf: words('in_progress succeeded failed'),
      }),
    ],
  },
  {
    ...session(
      'terminal-alias',
      'Create an in-person session at a separate path',
      '/terminal/paymentsessions',
      '{terminal_id}',
    ),
    checks: [check('status', 'L', 'This path also creates a session.', { status: [200, 201] })],
  },
  {
    ...session(
      'terminal-unknown',
      'A terminal that does not exist',
      '/paymentsessions',
      'NOSUCHTERMINAL',
    ),
    checks: refusal(404, 'resource_does_not_exist', 'L', 'L'),
  },
]
