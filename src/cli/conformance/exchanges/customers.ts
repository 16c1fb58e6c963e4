import {
  type Check,
  check,
  type Exchange,
  type JsonValue,
  refusal,
  success,
  types,
  withSaves,
  words,
} from '../exchange.ts'
import { pageContext } from './payments.ts'

const section = 'Customers'
const KEYS = words(
  `customer_id name email phone dialing_code created_time last_modified_time meta_data payment_methods`,
)
const CLEANUP_IN = {
  method: 'DELETE',
  path: '/customers/{customer_id}',
  isPaydeskOnly: true,
  object: 'customer {customer_id}, which the IN edition cannot delete',
} as const
const CLEANUP_US = {
  method: 'DELETE',
  path: '/customers/{customer_id}',
  object: 'customer {customer_id}',
} as const

/** The same exchange for both editions, whose customers are removed in different ways. */
function create(
  id: string,
  title: string,
  body: JsonValue,
  checks: readonly Check[],
): readonly Exchange[] {
  const one = {
    section,
    title,
    request: { method: 'POST', path: '/customers', body },
    saves: { customer_id: 'customer.customer_id' },
    checks,
  } as const
  return [
    { ...one, id, editions: ['IN'], cleanup: CLEANUP_IN },
    { ...one, id: `us-${id}`, editions: ['US'], cleanup: CLEANUP_US },
  ]
}

const CUSTOMER = { name: 'Asha Rao', email: 'conformance@shop.example' }

/** The real API has this list for accounts of the US edition only. */
function listChecks(edition: 'IN' | 'US'): readonly Exchange[] {
  const ours = (confidence: Check['confidence']) => (edition === 'IN' ? 'ours' : confidence)
  const prefix = edition === 'IN' ? '' : 'us-'
  const list = (
    id: string,
    title: string,
    query: Readonly<Record<string, string>>,
    checks: readonly Check[],
  ): Exchange => ({
    id: `${prefix}${id}`,
    section,
    title,
    editions: [edition],
    hasForeignObjects: true,
    request: { method: 'GET', path: '/customers', query },
    checks: checks.map((one) => ({ ...one, confidence: ours(one.confidence) })),
  })
  return [
    list('customer-list', 'List customers', {}, [
      ...success(200, 'customers', 'H'),
      ...pageContext(25),
      check('row-keys', 'H', 'A row of the list has these keys.', {
        at: 'customers.0',
        required: words(
          'customer_id customer_name customer_email customer_status created_time last_modified_time',
        ),
        optional: ['customer_phone'],
      }),
      check('row-types', 'H', 'The fields of a row have these JSON types.', {
        at: 'customers.0',
        types: types({
          string: 'customer_id customer_name customer_email customer_phone customer_status',
          integer: 'created_time last_modified_time',
        }),
      }),
      check('row-status', 'L', 'customer_status is “active”.', {
        at: 'customers.0.customer_status',
        equals: 'active',
      }),
    ]),
    ...words('Today ThisMonth ThisYear PreviousMonth PreviousYear Last_30_Days').map((word) =>
      list(
        `customer-list-${word.toLowerCase().replaceAll('_', '-')}`,
        `Customers of Date.${word}`,
        { filter_by: `Date.${word}`, per_page: '1' },
        [check('status', 'M', `“Date.${word}” is accepted.`, { status: [200] })],
      ),
    ),
    {
      id: `${prefix}customer-delete`,
      section,
      title: 'Delete a customer',
      editions: [edition],
      request: { method: 'DELETE', path: '/customers/{deleted_customer_id}' },
      checks: [
        check('status', ours('H'), 'The customer is deleted.', { status: [200] }),
        check('keys', ours('M'), 'The answer has no object.', {
          at: '',
          required: ['code', 'message'],
          optional: [],
        }),
      ],
    },
    {
      id: `${prefix}customer-retrieve-deleted`,
      section,
      title: 'Retrieve a deleted customer',
      editions: [edition],
      request: { method: 'GET', path: '/customers/{deleted_customer_id}' },
      checks: refusal(404, 'resource_does_not_exist', ours('L'), ours('L')),
    },
  ]
}

/** Checks of customers. */
export const CUSTOMER_EXCHANGES: readonly Exchange[] = [
  ...create(
    'customer-create',
    'Create a customer with every field',
    {
      ...CUSTOMER,
      phone: '9000000001',
      phone_country_code: 'IN',
      meta_data: [{ key: 'crm', value: 'c-17' }],
    },
    [
      ...success(201, 'customer'),
      check('keys', 'H', 'The customer has these keys.', {
        at: 'customer',
        required: words('customer_id name email phone created_time last_modified_time meta_data'),
        optional: ['dialing_code', 'payment_methods'],
      }),
      check('order', 'M', 'The keys come in the order of the documented sample.', {
        at: 'customer',
        order: KEYS,
      }),
      check('types', 'H', 'The fields have these JSON types.', {
        at: 'customer',
        types: types({
          string: 'customer_id name email phone dialing_code',
          integer: 'created_time last_modified_time',
          array: 'meta_data payment_methods',
        }),
      }),
      check('time-unit', 'M', 'created_time is in seconds.', {
        at: 'customer.created_time',
        digits: 10,
      }),
      check('phone', 'M', 'phone is the number without the dialing code.', {
        at: 'customer.phone',
        equals: '9000000001',
      }),
      check('dialing-code', 'M', 'dialing_code begins with a plus sign.', {
        at: 'customer.dialing_code',
        equals: '+91',
      }),
    ],
  ).map((one) => withSaves(one, { kept_customer_id: 'customer.customer_id' })),
  {
    id: 'customer-retrieve',
    section,
    title: 'Retrieve a customer',
    request: { method: 'GET', path: '/customers/{kept_customer_id}' },
    checks: [
      ...success(200, 'customer', 'H'),
      check('id', 'H', 'The answer has the customer.', {
        at: 'customer.customer_id',
        equals: '{kept_customer_id}',
      }),
    ],
  },
  ...create('customer-create-least', 'Create a customer with name and e-mail address', CUSTOMER, [
    check('status', 'L', 'Two customers may have the same e-mail address.', { status: [200, 201] }),
    check('keys', 'M', 'Fields that were not sent are absent.', {
      at: 'customer',
      required: words('customer_id name email created_time last_modified_time'),
      optional: [],
    }),
  ]),
  ...create(
    'customer-spaced-phone',
    'A phone number with blanks',
    { ...CUSTOMER, phone: '+1 555-0100' },
    [
      check('status', 'M', 'A number in the form of the sample is accepted.', {
        status: [200, 201],
      }),
    ],
  ).map((one) => withSaves(one, { deleted_customer_id: 'customer.customer_id' })),
  ...create(
    'customer-no-name',
    'A customer without a name',
    { email: CUSTOMER.email },
    refusal(400, 'missing_parameter', 'L'),
  ),
  ...create(
    'customer-no-email',
    'A customer without an e-mail address',
    { name: CUSTOMER.name },
    refusal(400, 'missing_parameter', 'L'),
  ),
  ...create(
    'customer-bad-email',
    'An invalid e-mail address',
    { ...CUSTOMER, email: 'asha' },
    refusal(400, 'invalid_parameter', 'L', 'M'),
  ),
  {
    id: 'customer-retrieve-unknown',
    section,
    title: 'Retrieve a customer that does not exist',
    request: { method: 'GET', path: '/customers/1000000000001' },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'M'),
  },
  {
    id: 'customer-session',
    section,
    title: 'A payment session of a customer',
    request: {
      method: 'POST',
      path: '/paymentsessions',
      body: { amount: 10.5, currency: '{currency}', customer_id: '{kept_customer_id}' },
    },
    saves: { session_id: 'payments_session.payments_session_id' },
    cleanup: {
      method: 'POST',
      path: '/paymentsessions/{session_id}/cancel',
      isPaydeskOnly: true,
      object: 'payment session {session_id}, which expires automatically',
    },
    checks: [
      check('status', 'M', 'A session accepts customer_id.', { status: [200, 201] }),
      check('echo', 'L', 'The answer does not contain customer_id.', {
        at: 'payments_session',
        types: { customer_id: ['absent'] },
      }),
    ],
  },
  ...listChecks('IN'),
  ...listChecks('US'),
]
