import {
  type Check,
  check,
  type Exchange,
  type JsonValue,
  onlyIn,
  refusal,
  success,
  types,
  words,
} from '../exchange.ts'

const section = 'Payment sessions'
const HOSTED_PAGE = {
  success_url: 'https://shop.example/paid',
  failure_url: 'https://shop.example/cart',
}
const CLEANUP = {
  method: 'POST',
  path: '/paymentsessions/{session_id}/cancel',
  isPaydeskOnly: true,
  object: 'payment session {session_id}, which expires automatically',
} as const

const KEYS =
  words(`payments_session_id currency amount status created_time expiry_time payments meta_data description
  invoice_number reference_number max_retry_count access_key configurations`)
const SESSION_TYPES = types({
  string: `payments_session_id currency amount status description invoice_number reference_number access_key`,
  integer: 'created_time expiry_time max_retry_count',
  array: 'payments meta_data',
  object: 'configurations',
})

function creation(
  id: string,
  title: string,
  body: Readonly<Record<string, JsonValue>>,
  checks: readonly Check[],
): Exchange {
  return {
    id,
    section,
    title,
    request: {
      method: 'POST',
      path: '/paymentsessions',
      body: { amount: 10.5, currency: '{currency}', description: 'Order 1', ...body },
    },
    saves: { session_id: 'payments_session.payments_session_id' },
    cleanup: CLEANUP,
    checks,
  }
}

/** `body`: the fields that differ from a valid request. */
function refusalCase(
  id: string,
  title: string,
  body: Readonly<Record<string, JsonValue>>,
  checks: readonly Check[],
): Exchange {
  const good = { amount: 10.5, currency: '{currency}', description: 'Order 1' }
  return refusedBody(id, title, { ...good, ...body }, checks)
}

function refusedBody(
  id: string,
  title: string,
  body: JsonValue,
  checks: readonly Check[],
): Exchange {
  return {
    id,
    section,
    title,
    request: { method: 'POST', path: '/paymentsessions', body },
    saves: { session_id: 'payments_session.payments_session_id' },
    cleanup: CLEANUP,
    checks,
  }
}

const acceptance = (confidence: Check['confidence'], statement: string) =>
  check('status', confidence, statement, { status: [200, 201] })

const CREATE: readonly Exchange[] = [
  {
    id: 'session-create',
    section,
    title: 'Create a session with every field',
    request: {
      method: 'POST',
      path: '/paymentsessions',
      body: {
        amount: 100.5,
        currency: '{currency}',
        description: 'Order 8841',
        expires_in: 600,
        max_retry_count: 2,
        invoice_number: 'INV-8841',
        reference_number: 'ord_8841',
        meta_data: [{ key: 'order_id', value: '8841' }],
        configurations: {
          allowed_payment_methods: ['card'],
          hosted_page_parameters: {
            description: 'Order 8841',
            success_url: 'https://shop.example/paid?cart=1',
            failure_url: 'https://shop.example/cart',
            udf1: 'cart-17',
          },
        },
      },
    },
    saves: {
      session_id: 'payments_session.payments_session_id',
      first_session_id: 'payments_session.payments_session_id',
      access_key: 'payments_session.access_key',
    },
    cleanup: CLEANUP,
    checks: [
      ...success(201, 'payments_session'),
      check('keys', 'H', 'The session has these keys.', {
        at: 'payments_session',
        required: words(
          `payments_session_id currency amount created_time expiry_time meta_data description
           invoice_number reference_number max_retry_count access_key configurations`,
        ),
        optional: [],
      }),
      check('order', 'M', 'The keys come in the order of the documented sample.', {
        at: 'payments_session',
        order: KEYS,
      }),
      check('types', 'H', 'The fields have these JSON types.', {
        at: 'payments_session',
        types: SESSION_TYPES,
      }),
      check('id', 'H', 'The id is a text of 13 to 16 digits.', {
        at: 'payments_session.payments_session_id',
        matches: String.raw`^\d{13,16}$`,
        form: '13 to 16 digits',
      }),
      check('amount', 'H', 'Money is a text with two decimals.', {
        at: 'payments_session.amount',
        equals: '100.50',
      }),
      check('time-unit', 'M', 'created_time is in seconds.', {
        at: 'payments_session.created_time',
        digits: 10,
      }),
      check('life', 'H', 'The session lives for expires_in seconds.', {
        at: 'payments_session.expiry_time',
        minus: 'payments_session.created_time',
        difference: 600,
      }),
      check('meta-data', 'H', 'meta_data is returned.', {
        at: 'payments_session.meta_data',
        equals: [{ key: 'order_id', value: '8841' }],
      }),
      check('retries', 'H', 'max_retry_count is returned.', {
        at: 'payments_session.max_retry_count',
        equals: 2,
      }),
      check('udf', 'H', 'The hosted parameters are returned under the key that was sent.', {
        at: 'payments_session.configurations.hosted_page_parameters.udf1',
        equals: 'cart-17',
      }),
    ],
  },
  {
    id: 'session-create-least',
    section,
    title: 'Create a session with amount and currency only',
    request: {
      method: 'POST',
      path: '/paymentsessions',
      body: { amount: 1, currency: '{currency}' },
    },
    saves: { session_id: 'payments_session.payments_session_id' },
    cleanup: CLEANUP,
    checks: [
      acceptance('M', 'description is optional.'),
      check('life', 'H', 'Without expires_in a session lives for 900 seconds.', {
        at: 'payments_session.expiry_time',
        minus: 'payments_session.created_time',
        difference: 900,
      }),
      check('retries', 'L', 'max_retry_count is absent if it was not sent.', {
        at: 'payments_session',
        types: { max_retry_count: ['absent'] },
      }),
      check('access-key', 'M', 'The answer has an access key, although no page was configured.', {
        at: 'payments_session.access_key',
        matches: '^.{16,}$',
        form: 'a text of at least 16 characters',
      }),
    ],
  },
  creation('session-text-amount', 'An amount as a text', { amount: '1420' }, [
    acceptance('M', 'A text with a number is accepted.'),
    check('amount', 'M', 'The amount is returned with two decimals.', {
      at: 'payments_session.amount',
      equals: '1420.00',
    }),
  ]),
  creation('session-unknown-field', 'A field that the API does not have', { redirect_url: 'x' }, [
    acceptance('L', 'Unknown fields are ignored.'),
  ]),
  creation(
    'session-hosted-checkout-parameters',
    'The other name of the hosted parameters',
    { configurations: { hosted_checkout_parameters: { ...HOSTED_PAGE, description: 'Order 1' } } },
    [
      acceptance('M', 'hosted_checkout_parameters is accepted.'),
      check('key', 'M', 'The parameters are returned under this name.', {
        at: 'payments_session.configurations.hosted_checkout_parameters.success_url',
        equals: HOSTED_PAGE.success_url,
      }),
    ],
  ),
  creation(
    'session-hosted-least',
    'Hosted parameters without a description',
    { configurations: { hosted_page_parameters: HOSTED_PAGE } },
    [acceptance('M', 'The description of the hosted page is optional.')],
  ),
  creation(
    'session-hosted-empty',
    'Hosted parameters with empty texts',
    {
      configurations: {
        hosted_page_parameters: { ...HOSTED_PAGE, email: '', phone: '', phone_country_code: '' },
      },
    },
    [acceptance('M', 'An empty text means that the field is absent.')],
  ),
  creation(
    'session-hosted-loopback',
    'URLs on this machine',
    {
      configurations: {
        hosted_page_parameters: {
          success_url: 'http://127.0.0.1/paid',
          failure_url: 'http://127.0.0.1/cart',
        },
      },
    },
    [acceptance('ours', 'A sandbox accepts URLs on this machine.')],
  ),
  creation(
    'session-meta-number',
    'A number in meta_data',
    { meta_data: [{ key: 'order', value: 123 }] },
    [
      acceptance('M', 'A number is accepted.'),
      check('value', 'M', 'The number is returned as a text.', {
        at: 'payments_session.meta_data.0.value',
        equals: '123',
      }),
    ],
  ),
  creation(
    'session-meta-boolean',
    'A boolean in meta_data',
    { meta_data: [{ key: 'gift', value: true }] },
    [
      acceptance('M', 'A boolean is accepted.'),
      check('value', 'L', 'The boolean is returned as a word.', {
        at: 'payments_session.meta_data.0.value',
        equals: 'true',
      }),
    ],
  ),
  creation('session-meta-no-value', 'meta_data without a value', { meta_data: [{ key: 'gift' }] }, [
    acceptance('M', 'A missing value is accepted.'),
    check('value', 'L', 'The missing value is returned as an empty text.', {
      at: 'payments_session.meta_data.0.value',
      equals: '',
    }),
  ]),
  creation(
    'session-dialing-code',
    'A dialing code as phone_country_code',
    {
      configurations: {
        hosted_page_parameters: { ...HOSTED_PAGE, phone: '9000000001', phone_country_code: '+91' },
      },
    },
    [
      check('status', 'L', 'A dialing code is refused: the field needs a country such as IN.', {
        status: [400],
      }),
    ],
  ),
  creation('session-null', 'null in optional fields', { invoice_number: null, meta_data: null }, [
    acceptance('M', 'null means that a field is absent.'),
  ]),
  creation(
    'session-characters',
    'Special characters',
    { description: `Order #12 & 'more' (50%) @ café` },
    [
      acceptance('M', 'The description may have special characters.'),
      check('echo', 'M', 'The description is returned unchanged.', {
        at: 'payments_session.description',
        equals: `Order #12 & 'more' (50%) @ café`,
      }),
    ],
  ),
  onlyIn(
    'IN',
    creation(
      'session-all-methods',
      'The methods of the edition',
      {
        configurations: { allowed_payment_methods: ['card', 'upi', 'netbanking'] },
      },
      [acceptance('H', 'card, upi and netbanking are accepted.')],
    ),
  ),
  onlyIn(
    'US',
    creation(
      'session-us-methods',
      'The methods of the edition',
      {
        configurations: { allowed_payment_methods: ['card', 'ach_debit'] },
      },
      [acceptance('H', 'card and ach_debit are accepted.')],
    ),
  ),
]

const REFUSALS: readonly Exchange[] = [
  refusedBody(
    'session-no-amount',
    'No amount',
    { currency: '{currency}' },
    refusal(400, 'missing_parameter', 'L'),
  ),
  refusedBody(
    'session-no-currency',
    'No currency',
    { amount: 10.5 },
    refusal(400, 'missing_parameter', 'L'),
  ),
  refusalCase(
    'session-bad-currency',
    'A currency that does not exist',
    { currency: 'RS' },
    refusal(400, 'invalid_currency', 'M'),
  ),
  onlyIn(
    'IN',
    refusalCase(
      'session-other-currency',
      'A currency that the edition does not support',
      { currency: 'USD' },
      refusal(400, 'currency_not_supported_for_payment', 'H', 'M'),
    ),
  ),
  refusalCase(
    'session-zero',
    'The amount 0',
    { amount: 0 },
    refusal(400, 'invalid_parameter', 'L'),
  ),
  refusalCase(
    'session-negative',
    'A negative amount',
    { amount: -1 },
    refusal(400, 'invalid_parameter', 'L'),
  ),
  refusalCase(
    'session-word',
    'An amount that is a word',
    { amount: 'ten' },
    refusal(400, 'invalid_parameter', 'L'),
  ),
  refusalCase(
    'session-fine',
    'An amount with three decimals',
    { amount: 10.555 },
    refusal(400, 'invalid_parameter', 'L', 'L'),
  ),
  refusalCase(
    'session-long-description',
    'A description of 501 characters',
    { description: 'x'.repeat(501) },
    refusal(400, 'invalid_parameter', 'L', 'M'),
  ),
  refusalCase(
    'session-short-life',
    'expires_in 299',
    { expires_in: 299 },
    refusal(400, 'invalid_parameter', 'L', 'M'),
  ),
  refusalCase(
    'session-long-life',
    'expires_in 901',
    { expires_in: 901 },
    refusal(400, 'invalid_parameter', 'L', 'M'),
  ),
  refusalCase(
    'session-no-retries',
    'max_retry_count 0',
    { max_retry_count: 0 },
    refusal(400, 'invalid_parameter', 'L', 'M'),
  ),
  refusalCase(
    'session-many-retries',
    'max_retry_count 6',
    { max_retry_count: 6 },
    refusal(400, 'invalid_parameter', 'L', 'M'),
  ),
  refusalCase(
    'session-long-invoice',
    'An invoice number of 51 characters',
    { invoice_number: 'x'.repeat(51) },
    refusal(400, 'invalid_parameter', 'L', 'M'),
  ),
  refusalCase(
    'session-long-reference',
    'A reference of 51 characters',
    { reference_number: 'x'.repeat(51) },
    refusal(400, 'invalid_parameter', 'L', 'M'),
  ),
  refusalCase(
    'session-meta-six',
    'Six entries in meta_data',
    { meta_data: [1, 2, 3, 4, 5, 6].map((number) => ({ key: `k${number}`, value: 'v' })) },
    refusal(400, 'invalid_parameter', 'L'),
  ),
  refusalCase(
    'session-meta-long-key',
    'A key of 21 characters in meta_data',
    { meta_data: [{ key: 'k'.repeat(21), value: 'v' }] },
    refusal(400, 'invalid_parameter', 'L'),
  ),
  refusalCase(
    'session-unknown-method',
    'A payment method that does not exist',
    { configurations: { allowed_payment_methods: ['barter'] } },
    refusal(400, 'payment_method_type_not_supported', 'H', 'M'),
  ),
  refusalCase(
    'session-no-failure-url',
    'Hosted parameters without failure_url',
    { configurations: { hosted_page_parameters: { success_url: HOSTED_PAGE.success_url } } },
    refusal(400, 'missing_parameter', 'L', 'M'),
  ),
  refusalCase(
    'session-plain-http',
    'A success_url without TLS',
    {
      configurations: {
        hosted_page_parameters: { ...HOSTED_PAGE, success_url: 'http://shop.example/paid' },
      },
    },
    refusal(400, 'invalid_parameter', 'L', 'L'),
  ),
  refusalCase(
    'session-unknown-type',
    'A type that does not exist',
    { type: 'barter' },
    refusal(400, 'invalid_parameter', 'L', 'L'),
  ),
  refusedBody(
    'session-body-list',
    'A body that is a list',
    [],
    refusal(400, 'invalid_parameter', 'L'),
  ),
]

const RETRIEVE: readonly Exchange[] = [
  {
    id: 'session-retrieve',
    section,
    title: 'Retrieve an open session',
    request: { method: 'GET', path: '/paymentsessions/{first_session_id}' },
    checks: [
      ...success(200, 'payments_session', 'H'),
      check('keys', 'H', 'The session has these keys, and no access_key.', {
        at: 'payments_session',
        required: words(
          `payments_session_id currency amount status created_time expiry_time meta_data description
           invoice_number reference_number max_retry_count configurations`,
        ),
        optional: ['payments'],
      }),
      check('order', 'M', 'The keys come in the order of the documented sample.', {
        at: 'payments_session',
        order: KEYS,
      }),
      check('types', 'H', 'The fields have these JSON types.', {
        at: 'payments_session',
        types: SESSION_TYPES,
      }),
      check('status-word', 'L', 'The status of an unpaid session is “created”.', {
        at: 'payments_session.status',
        equals: 'created',
      }),
      check('payments', 'L', 'payments is an empty list before the first attempt.', {
        at: 'payments_session.payments',
        equals: [],
      }),
      check('udf', 'H', 'The hosted parameters are returned.', {
        at: 'payments_session.configurations.hosted_page_parameters.udf1',
        equals: 'cart-17',
      }),
    ],
  },
  {
    id: 'session-retrieve-unknown',
    section,
    title: 'Retrieve a session that does not exist',
    request: { method: 'GET', path: '/paymentsessions/1000000000001' },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'M'),
  },
  page('session-page', 'The hosted checkout page', 'hostedcheckout', 'H'),
  page('session-page-again', 'The same page a second time', 'hostedcheckout', 'L'),
  {
    id: 'session-page-old',
    section,
    title: 'The page under its older path',
    request: {
      method: 'GET',
      path: '//hostedpages/{access_key}',
      headers: { accept: 'text/html' },
    },
    checks: [
      check('status', 'L', 'The path opens the page.', { status: [200, 301, 302, 307, 308] }),
    ],
  },
]

function page(
  id: string,
  title: string,
  folder: string,
  confidence: Check['confidence'],
): Exchange {
  return {
    id,
    section,
    title,
    request: { method: 'GET', path: `//${folder}/{access_key}`, headers: { accept: 'text/html' } },
    checks: [
      check('status', confidence, 'The page exists.', { status: [200] }),
      check('content-type', confidence, 'It is HTML.', { contentType: 'text/html' }),
    ],
  }
}

const SLOW: readonly Exchange[] = [
  creation('session-short', 'Create a session of 300 seconds', { expires_in: 300 }, [
    acceptance('H', 'The shortest life is 300 seconds.'),
  ]),
  {
    id: 'session-expired',
    section,
    title: 'Retrieve a session after its expiry',
    request: { method: 'GET', path: '/paymentsessions/{session_id}' },
    waitSeconds: 305,
    checks: [
      check('status', 'L', 'An expired session can be retrieved.', { status: [200] }),
      check('status-word', 'L', 'Its status is “expired”.', {
        at: 'payments_session.status',
        equals: 'expired',
      }),
    ],
  },
]

const IDEMPOTENT = {
  method: 'POST',
  path: '/paymentsessions',
  headers: { 'idempotency-key': 'conformance-{run}' },
  body: { amount: 10.5, currency: '{currency}', description: 'Order 1' },
} as const

const OURS: readonly Exchange[] = [
  {
    id: 'session-idempotent',
    section,
    title: 'Create a session with an Idempotency-Key',
    request: IDEMPOTENT,
    saves: {
      session_id: 'payments_session.payments_session_id',
      idempotent_session_id: 'payments_session.payments_session_id',
    },
    cleanup: CLEANUP,
    checks: [acceptance('ours', 'The header is accepted.')],
  },
  {
    id: 'session-idempotent-again',
    section,
    title: 'The same request again',
    request: IDEMPOTENT,
    saves: { session_id: 'payments_session.payments_session_id' },
    cleanup: CLEANUP,
    checks: [
      check('same', 'ours', 'The answer has the same session.', {
        at: 'payments_session.payments_session_id',
        equals: '{idempotent_session_id}',
      }),
    ],
  },
  {
    id: 'session-list',
    section,
    title: 'List sessions',
    hasForeignObjects: true,
    request: { method: 'GET', path: '/paymentsessions', query: { per_page: '1' } },
    checks: [
      check('status', 'ours', 'Sessions can be listed.', { status: [200] }),
      check('length', 'ours', 'per_page limits the list.', {
        at: 'payments_sessions',
        lengthMax: 1,
      }),
    ],
  },
  {
    id: 'session-cancel',
    section,
    title: 'Cancel a session',
    request: { method: 'POST', path: '/paymentsessions/{first_session_id}/cancel' },
    checks: [
      check('status', 'ours', 'A session can be canceled.', { status: [200] }),
      check('status-word', 'ours', 'Its status is then “canceled”.', {
        at: 'payments_session.status',
        equals: 'canceled',
      }),
    ],
  },
]

/** Checks of payment sessions. */
export const SESSION_EXCHANGES: readonly Exchange[] = [
  ...CREATE,
  ...RETRIEVE,
  ...REFUSALS,
  ...OURS,
  ...SLOW,
]
