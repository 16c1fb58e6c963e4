import {
  type Check,
  check,
  type Exchange,
  type JsonValue,
  onlyIn,
  refusal,
  success,
  types,
  withSaves,
  words,
} from '../exchange.ts'

const section = 'Mandates'
const CLEANUP = {
  method: 'POST',
  path: '/paymentsessions/{session_id}/cancel',
  isPaydeskOnly: true,
  object: 'payment session {session_id}, which expires automatically',
} as const

const DETAILS = {
  payment_method_type: 'upi',
  frequency: 'monthly',
  description: 'Monthly fee',
  amount_rule: 'variable',
  max_amount: 5000,
}
const HOSTED_PAGE = {
  description: 'Gym plan',
  success_url: 'https://shop.example/paid',
  failure_url: 'https://shop.example/cart',
}
const SESSION_TYPES = types({
  string: 'payments_session_id currency amount description access_key customer_id invoice_number',
  integer: 'created_time expiry_time max_retry_count',
  object: 'configurations mandate_details',
})

function session(
  id: string,
  title: string,
  body: Readonly<Record<string, JsonValue>>,
  checks: readonly Check[],
): Exchange {
  return {
    id,
    section,
    title,
    editions: ['IN'],
    isPlanned: true,
    request: {
      method: 'POST',
      path: '/paymentsessions',
      body: {
        amount: 1,
        currency: 'INR',
        customer_id: '{kept_customer_id}',
        description: 'Gym plan',
        ...body,
      },
    },
    saves: { session_id: 'payments_session.payments_session_id' },
    cleanup: CLEANUP,
    checks,
  }
}

const enrollment = (
  id: string,
  title: string,
  details: Readonly<Record<string, JsonValue>>,
  checks: readonly Check[],
) =>
  session(
    id,
    title,
    {
      type: 'mandate_enrollment',
      mandate_details: { ...DETAILS, ...details },
      configurations: { hosted_page_parameters: HOSTED_PAGE },
    },
    checks,
  )

const acceptance = (confidence: Check['confidence'], statement: string) =>
  check('status', confidence, statement, { status: [200, 201] })

const unknownIdExchange = (id: string, title: string, path: string) =>
  onlyIn('IN', {
    id,
    section,
    title,
    isPlanned: true,
    request: { method: 'GET', path },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'M'),
  })

/** Checks of the sessions and the calls of mandates. Only a person can approve one, in an app. */
export const MANDATE_EXCHANGES: readonly Exchange[] = [
  withSaves(
    enrollment('enrollment-create', 'Create an enrollment session', {}, [
      ...success(201, 'payments_session'),
      check('types', 'H', 'The fields have these JSON types.', {
        at: 'payments_session',
        types: SESSION_TYPES,
      }),
      check('amount', 'M', 'The authorization costs 1.00.', {
        at: 'payments_session.amount',
        equals: '1.00',
      }),
      check(
        'retries',
        'L',
        'Without max_retry_count in the request, the answer’s max_retry_count is an integer or absent.',
        {
          at: 'payments_session',
          types: { max_retry_count: ['integer', 'absent'] },
        },
      ),
      check('access-key', 'M', 'The session has a page.', {
        at: 'payments_session',
        types: { access_key: ['string'] },
      }),
      check('type', 'L', 'payments_session_type is mandate_enrollment.', {
        at: 'payments_session.payments_session_type',
        equals: 'mandate_enrollment',
      }),
      check('details', 'L', 'mandate_details are returned.', {
        at: 'payments_session.mandate_details.frequency',
        equals: 'monthly',
      }),
    ]),
    { enrollment_id: 'payments_session.payments_session_id' },
  ),
  onlyIn('IN', {
    id: 'enrollment-retrieve',
    section,
    title: 'Retrieve the enrollment session',
    isPlanned: true,
    request: { method: 'GET', path: '/paymentsessions/{enrollment_id}' },
    checks: [
      ...success(200, 'payments_session', 'H'),
      check('status-word', 'L', 'The status before the approval is “created”.', {
        at: 'payments_session.status',
        equals: 'created',
      }),
    ],
  }),
  session(
    'enrollment-zero',
    'An enrollment for 0, as in the READMEs of two SDKs',
    { amount: 0, type: 'mandate_enrollment', mandate_details: DETAILS },
    [acceptance('L', 'The amount 0 is accepted.')],
  ),
  ...words('one_time weekly fortnightly quarterly half_yearly yearly as_presented').map((word) =>
    enrollment(
      `enrollment-${word.replaceAll('_', '-')}`,
      `The frequency ${word}`,
      { frequency: word },
      [acceptance(word === 'yearly' ? 'M' : 'L', `“${word}” is accepted.`)],
    ),
  ),
  enrollment(
    'enrollment-unknown-frequency',
    'A frequency that does not exist',
    { frequency: 'hourly' },
    refusal(400, 'invalid_parameter', 'L', 'M'),
  ),
  ...words('on before after').map((word) =>
    enrollment(`enrollment-${word}`, `The debit rule ${word}`, { debit_day: 5, debit_rule: word }, [
      acceptance('L', `“${word}” is accepted.`),
    ]),
  ),
  enrollment(
    'enrollment-card',
    'A mandate by card',
    { payment_method_type: 'card' },
    refusal(400, 'payment_method_type_not_supported', 'L', 'M'),
  ),
  enrollment(
    'enrollment-no-maximum',
    'A variable amount without a maximum',
    { max_amount: null },
    refusal(400, 'missing_parameter', 'L', 'H'),
  ),
  session(
    'enrollment-no-details',
    'An enrollment without mandate_details',
    { type: 'mandate_enrollment' },
    refusal(400, 'missing_parameter', 'L', 'H'),
  ),
  session(
    'execution-create',
    'Create an execution session',
    { amount: 499, type: 'mandate_execution', invoice_number: 'INV-9001' },
    [
      ...success(201, 'payments_session'),
      check('types', 'H', 'The fields have these JSON types.', {
        at: 'payments_session',
        types: SESSION_TYPES,
      }),
      check('access-key', 'L', 'The session has no page.', {
        at: 'payments_session',
        types: { access_key: ['absent'] },
      }),
      check('type', 'L', 'payments_session_type is mandate_execution.', {
        at: 'payments_session.payments_session_type',
        equals: 'mandate_execution',
      }),
    ],
  ),
  session(
    'execution-no-invoice',
    'An execution session without an invoice number',
    { amount: 499, type: 'mandate_execution' },
    refusal(400, 'missing_parameter', 'L', 'H'),
  ),
  unknownIdExchange(
    'mandate-unknown',
    'Retrieve a mandate that does not exist',
    '/mandates/1000000000001',
  ),
  unknownIdExchange(
    'notification-unknown',
    'Retrieve a notification that does not exist',
    '/mandates/notifications/1000000000001',
  ),
  onlyIn('IN', {
    id: 'notify-unknown',
    section,
    title: 'Notify about a mandate that does not exist',
    isPlanned: true,
    request: {
      method: 'POST',
      path: '/mandates/notify',
      body: {
        mandate_id: '1000000000001',
        amount: 499,
        execution_date: '2030-01-01',
        description: 'January',
        invoice_number: 'INV-9001',
      },
    },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'L'),
  }),
]
