import { check, type Exchange, onlyIn, refusal, success, types } from '../exchange.ts'

const section = 'Saved payment methods'

const one = (exchange: Omit<Exchange, 'section' | 'editions' | 'isPlanned'>): Exchange =>
  onlyIn('US', { ...exchange, section, isPlanned: true })

const SESSION_TYPES = types({
  string: 'payment_method_session_id customer_id description status',
  integer: 'created_time',
  object: 'payment_method',
})

/** Checks of saved payment methods, which the US edition has. Only a person can save one, on a form. */
export const SAVED_METHOD_EXCHANGES: readonly Exchange[] = [
  one({
    id: 'method-session-create',
    title: 'Create a session that saves a method',
    request: {
      method: 'POST',
      path: '/paymentmethodsessions',
      body: { customer_id: '{kept_customer_id}', description: 'Card on file' },
    },
    saves: { method_session_id: 'payment_method_session.payment_method_session_id' },
    checks: [
      ...success(201, 'payment_method_session'),
      check('types', 'H', 'The fields have these JSON types.', {
        at: 'payment_method_session',
        types: SESSION_TYPES,
      }),
    ],
  }),
  one({
    id: 'method-session-retrieve',
    title: 'Retrieve the session',
    request: { method: 'GET', path: '/paymentmethodsessions/{method_session_id}' },
    checks: [
      ...success(200, 'payment_method_session', 'H'),
      check('status-word', 'L', 'The status of a new session is “created”.', {
        at: 'payment_method_session.status',
        equals: 'created',
      }),
    ],
  }),
  one({
    id: 'method-session-no-customer',
    title: 'A session without a customer',
    request: {
      method: 'POST',
      path: '/paymentmethodsessions',
      body: { description: 'Card on file' },
    },
    checks: refusal(400, 'missing_parameter', 'L', 'H'),
  }),
  one({
    id: 'method-unknown',
    title: 'Retrieve a method that does not exist',
    request: { method: 'GET', path: '/paymentmethods/1000000000001' },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'M'),
  }),
  one({
    id: 'charge-unknown-method',
    title: 'Charge a method that does not exist',
    request: {
      method: 'POST',
      path: '/payments',
      body: {
        customer_id: '{kept_customer_id}',
        payment_method_id: '1000000000001',
        amount: 49,
        currency: 'USD',
      },
    },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'L'),
  }),
]
