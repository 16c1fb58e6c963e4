import { type Check, check, type Exchange, refusal, success, types, words } from '../exchange.ts'

const section = 'Payments'

/** The checks of the page counters of a list. */
export function pageContext(perPage: number): readonly Check[] {
  return [
    check('page-keys', 'H', 'page_context has these keys.', {
      at: 'page_context',
      required: words('page per_page total total_pages has_more_page'),
      optional: [],
    }),
    check('page-types', 'H', 'The counters are integers, has_more_page a boolean.', {
      at: 'page_context',
      types: types({ integer: 'page per_page total total_pages', boolean: 'has_more_page' }),
    }),
    check('per-page', 'H', `per_page is ${perPage}.`, {
      at: 'page_context.per_page',
      equals: perPage,
    }),
  ]
}

const PAYMENT_TYPES = types({
  string: `payment_id phone dialing_code customer_id payments_session_id payment_link_id virtual_account_id mandate_id
    amount currency receipt_email reference_number transaction_reference_number invoice_number amount_captured
    amount_refunded fee_amount net_tax_amount total_fee_amount net_amount status payment_type transaction_type
    statement_descriptor description failure_code failure_reason failure_category next_action tip`,
  number: 'exchange_rate',
  integer: 'date',
  object: 'payment_method',
  array: 'meta_data',
})

const ORDER =
  words(`payment_id phone dialing_code customer_id payments_session_id payment_link_id virtual_account_id
  mandate_id amount currency receipt_email reference_number transaction_reference_number invoice_number
  amount_captured amount_refunded fee_amount net_tax_amount total_fee_amount net_amount status payment_type
  transaction_type exchange_rate statement_descriptor description date payment_method meta_data`)

const STATUS_WORDS = words(
  'initiated pending succeeded failed canceled incomplete refunded partially_refunded blocked disputed',
)

function list(
  id: string,
  title: string,
  query: Readonly<Record<string, string>>,
  checks: readonly Check[],
): Exchange {
  return {
    id,
    section,
    title,
    hasForeignObjects: true,
    request: { method: 'GET', path: '/payments', query },
    checks,
  }
}

const filterChecks = (confidence: Check['confidence'], word: string) => [
  check('status', confidence, `“${word}” is accepted.`, { status: [200] }),
]

/** Checks of payments. Those of a single payment need one that succeeded. */
export const PAYMENT_EXCHANGES: readonly Exchange[] = [
  list('payment-list', 'List payments', {}, [
    ...success(200, 'payments', 'H'),
    ...pageContext(25),
    check('types', 'H', 'payments is a list.', { at: '', types: types({ array: 'payments' }) }),
  ]),
  list('payment-list-largest', 'The largest page', { per_page: '200' }, pageContext(200)),
  list(
    'payment-list-too-large',
    'A page of 201 rows',
    { per_page: '201' },
    refusal(400, 'invalid_parameter', 'L', 'L'),
  ),
  list('payment-list-beyond', 'A page after the last one', { page: '300' }, [
    check('status', 'L', 'The page is not an error.', { status: [200] }),
    check('empty', 'L', 'The page is empty.', { at: 'payments', equals: [] }),
    check('more', 'L', 'No page follows.', { at: 'page_context.has_more_page', equals: false }),
  ]),
  ...words('All Succeeded Failed Canceled Refunded Disputed').map((word) =>
    list(
      `payment-list-${word.toLowerCase()}`,
      `Payments with Status.${word}`,
      { status: `Status.${word}`, per_page: '1' },
      filterChecks('H', `Status.${word}`),
    ),
  ),
  list(
    'payment-list-cancelled',
    'Payments with the other spelling, Status.Cancelled',
    { status: 'Status.Cancelled', per_page: '1' },
    filterChecks('M', 'Status.Cancelled'),
  ),
  list(
    'payment-list-plain',
    'Payments with a status without “Status.”',
    { status: 'succeeded', per_page: '1' },
    filterChecks('M', 'succeeded'),
  ),
  list(
    'payment-list-unknown',
    'A status that does not exist',
    { status: 'Status.Barter' },
    refusal(400, 'invalid_parameter', 'L', 'L'),
  ),
  ...words('Today ThisMonth ThisYear PreviousMonth PreviousYear Last_30_Days').map((word) =>
    list(
      `payment-list-${word.toLowerCase().replaceAll('_', '-')}`,
      `Payments of ChargeDate.${word}`,
      { filter_by: `ChargeDate.${word}`, per_page: '1' },
      filterChecks('H', `ChargeDate.${word}`),
    ),
  ),
  list(
    'payment-list-days',
    'Payments between two days',
    {
      filter_by: 'ChargeDate.CustomDate',
      from_date: '2026-01-01',
      to_date: '2026-01-31',
      per_page: '1',
    },
    filterChecks('H', 'ChargeDate.CustomDate'),
  ),
  list(
    'payment-list-no-days',
    'CustomDate without days',
    { filter_by: 'ChargeDate.CustomDate' },
    refusal(400, 'missing_parameter', 'L', 'L'),
  ),
  list('payment-list-method', 'Payments by card', { payment_method_type: 'card', per_page: '1' }, [
    check('status', 'H', 'payment_method_type is accepted.', { status: [200] }),
  ]),
  list('payment-list-search', 'A search', { search_text: 'conformance', per_page: '1' }, [
    check('status', 'H', 'search_text is accepted.', { status: [200] }),
  ]),
  {
    id: 'payment-retrieve',
    section,
    title: 'Retrieve a succeeded payment',
    hasForeignObjects: true,
    request: { method: 'GET', path: '/payments/{payment_id}' },
    saves: { paid_session_id: 'payment.payments_session_id' },
    checks: [
      ...success(200, 'payment', 'H'),
      check('keys', 'H', 'The payment has these keys.', {
        at: 'payment',
        required:
          words(`payment_id amount currency amount_captured amount_refunded fee_amount net_tax_amount
          total_fee_amount net_amount status payment_type transaction_type date payment_method`),
        optional: ORDER,
      }),
      check('order', 'M', 'The keys come in the order of the documented sample.', {
        at: 'payment',
        order: ORDER,
      }),
      check('types', 'H', 'The fields have these JSON types.', {
        at: 'payment',
        types: PAYMENT_TYPES,
      }),
      check('status-word', 'H', 'The status is a documented word.', {
        at: 'payment.status',
        oneOf: STATUS_WORDS,
      }),
      check('time-unit', 'M', 'date is in seconds.', { at: 'payment.date', digits: 10 }),
      check('payment-type', 'H', 'payment_type is a documented word.', {
        at: 'payment.payment_type',
        oneOf: ['ecommerce', 'moto', 'pos'],
      }),
      check('transaction-type', 'H', 'transaction_type is a documented word.', {
        at: 'payment.transaction_type',
        oneOf: ['one_time', 'recurring'],
      }),
      check('method', 'H', 'payment_method.type is a documented word.', {
        at: 'payment.payment_method.type',
        oneOf: words('card upi net_banking bank_transfer wallet ach_debit'),
      }),
      check('descriptor', 'M', 'The payment has a statement descriptor.', {
        at: 'payment',
        types: { statement_descriptor: ['string'] },
      }),
    ],
  },
  list('payment-list-row', 'The payment in the list', { search_text: '{payment_id}' }, [
    check('found', 'H', 'search_text finds an id.', { at: 'payments', lengthMax: 1 }),
    check('keys', 'H', 'A row has these keys.', {
      at: 'payments.0',
      required:
        words(`payment_id amount currency amount_captured amount_refunded fee_amount net_amount status
        date payment_method`),
      optional: words('receipt_email reference_number'),
    }),
    check('method', 'H', 'payment_method of a row has its type.', {
      at: 'payments.0.payment_method',
      required: ['type'],
      optional: ['payment_method_id'],
    }),
  ]),
  {
    id: 'payment-session',
    section,
    title: 'Retrieve the session of the payment',
    hasForeignObjects: true,
    request: { method: 'GET', path: '/paymentsessions/{paid_session_id}' },
    checks: [
      check('status', 'H', 'A paid session can be retrieved.', { status: [200] }),
      check('status-word', 'H', 'A paid session is “succeeded”.', {
        at: 'payments_session.status',
        equals: 'succeeded',
      }),
      check('first', 'M', 'The successful payment is the first in payments.', {
        at: 'payments_session.payments.0.status',
        oneOf: words('succeeded refunded partially_refunded disputed'),
      }),
      check('payment-keys', 'H', 'A row of payments has these keys.', {
        at: 'payments_session.payments.0',
        required: words('payment_id status created_time'),
        optional: [],
      }),
      check('payment-types', 'H', 'The fields of these rows have these JSON types.', {
        at: 'payments_session.payments.0',
        types: types({ string: 'payment_id status', integer: 'created_time' }),
      }),
    ],
  },
  {
    id: 'payment-retrieve-unknown',
    section,
    title: 'Retrieve a payment that does not exist',
    request: { method: 'GET', path: '/payments/1000000000001' },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'M'),
  },
]
