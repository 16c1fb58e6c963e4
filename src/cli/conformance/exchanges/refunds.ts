import {
  check,
  type Exchange,
  type JsonValue,
  refusal,
  success,
  types,
  words,
} from '../exchange.ts'

const section = 'Refunds'
const KEYS =
  words(`refund_id payment_id reference_number amount default_currency_amount type reason description status
  network_reference_number failure_reason date meta_data`)

function create(id: string, title: string, body: JsonValue, checks: Exchange['checks']): Exchange {
  return {
    id,
    section,
    title,
    request: { method: 'POST', path: '/payments/{payment_id}/refunds', body },
    checks,
  }
}

/** Checks of refunds. They refund parts of a test payment. */
export const REFUND_EXCHANGES: readonly Exchange[] = [
  {
    ...create(
      'refund-create',
      'Refund a part of a payment',
      {
        amount: 1,
        reason: 'requested_by_customer',
        type: 'initiated_by_merchant',
        description: 'Conformance',
        meta_data: [{ key: 'check', value: 'refund' }],
      },
      [
        ...success(201, 'refund'),
        check('keys', 'H', 'The refund has these keys.', {
          at: 'refund',
          required: words('refund_id payment_id amount type reason status date'),
          optional: KEYS,
        }),
        check('types', 'H', 'The fields have these JSON types.', {
          at: 'refund',
          types: types({
            string: `refund_id payment_id reference_number amount default_currency_amount type reason description status
              network_reference_number failure_reason`,
            integer: 'date',
            array: 'meta_data',
          }),
        }),
        check('amount', 'H', 'The amount has two decimals.', {
          at: 'refund.amount',
          equals: '1.00',
        }),
        check('status-word', 'M', 'A new refund is “initiated”.', {
          at: 'refund.status',
          equals: 'initiated',
        }),
        check('reference', 'M', 'reference_number has 19 digits.', {
          at: 'refund.reference_number',
          matches: String.raw`^\d{19}$`,
          form: '19 digits',
        }),
      ],
    ),
    saves: { refund_id: 'refund.refund_id' },
  },
  {
    id: 'refund-retrieve',
    section,
    title: 'Retrieve the refund',
    request: { method: 'GET', path: '/refunds/{refund_id}' },
    checks: [
      ...success(200, 'refund', 'H'),
      check('status-word', 'H', 'The status is a documented word.', {
        at: 'refund.status',
        oneOf: words('initiated pending succeeded failed canceled'),
      }),
      check('type', 'H', 'type is returned.', {
        at: 'refund.type',
        equals: 'initiated_by_merchant',
      }),
    ],
  },
  create(
    'refund-too-much',
    'Refund more than was paid',
    { amount: 900000, reason: 'others', type: 'initiated_by_merchant' },
    refusal(400, 'refund_cannot_be_initiated', 'H', 'M'),
  ),
  create(
    'refund-no-amount',
    'Refund without an amount',
    { reason: 'others', type: 'initiated_by_merchant' },
    refusal(400, 'missing_parameter', 'L'),
  ),
  create(
    'refund-bad-reason',
    'A reason that does not exist',
    { amount: 1, reason: 'barter', type: 'initiated_by_merchant' },
    refusal(400, 'invalid_parameter', 'L'),
  ),
  create('refund-amount-only', 'Only an amount', { amount: 1 }, [
    check('status', 'L', 'reason and type are optional.', { status: [200, 201] }),
  ]),
  create(
    'refund-type-full',
    'The type “full” of the PHP README',
    { amount: 1, reason: 'others', type: 'full' },
    [check('status', 'L', 'The type is accepted.', { status: [200, 201] })],
  ),
  {
    id: 'refund-unknown-payment',
    section,
    title: 'Refund a payment that does not exist',
    request: {
      method: 'POST',
      path: '/payments/1000000000001/refunds',
      body: { amount: 1, reason: 'others', type: 'initiated_by_merchant' },
    },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'M'),
  },
  {
    id: 'refund-retrieve-unknown',
    section,
    title: 'Retrieve a refund that does not exist',
    request: { method: 'GET', path: '/refunds/1000000000001' },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'M'),
  },
]
