import { check, type Exchange, refusal, success, types, words } from '../exchange.ts'
import { pageContext } from './payments.ts'

const section = 'Payouts'
const ROW_KEYS =
  words(`payout_id amount currency status failure_code failure_message statement_descriptor payout_method
  initiated_time arrival_date processed_date type payout_bank_reference_id bank_account_details`)
const DETAIL_KEYS =
  words(`payout_id amount processing_fee currency status failure_code failure_message
  statement_descriptor payout_method initiated_time arrival_date processed_date type fee fee_rate fixed_fee tax_amount
  tax_rate payout_bank_reference_id comments transaction_summary account_details`)

const list = (
  id: string,
  title: string,
  query: Readonly<Record<string, string>>,
  checks: Exchange['checks'],
): Exchange => ({
  id,
  section,
  title,
  hasForeignObjects: true,
  request: { method: 'GET', path: '/payouts', query },
  checks,
})

/** Checks of payouts. Those of a single payout need an account that has one. */
export const PAYOUT_EXCHANGES: readonly Exchange[] = [
  {
    ...list('payout-list', 'List payouts', {}, [
      ...success(200, 'payouts', 'H'),
      ...pageContext(25),
    ]),
    saves: { payout_id: 'payouts.0.payout_id' },
  },
  ...words('All Initiated Paid Failed').map((word) =>
    list(
      `payout-list-${word.toLowerCase()}`,
      `Payouts with Status.${word}`,
      { status: `Status.${word}`, per_page: '1' },
      [check('status', 'M', `“Status.${word}” is accepted.`, { status: [200] })],
    ),
  ),
  list(
    'payout-list-this-month',
    'Payouts of this month',
    { filter_by: 'PayoutDate.ThisMonth', per_page: '1' },
    [check('status', 'M', '“PayoutDate.ThisMonth” is accepted.', { status: [200] })],
  ),
  list(
    'payout-list-unknown',
    'A status that does not exist',
    { status: 'Status.Barter' },
    refusal(400, 'invalid_parameter', 'L', 'L'),
  ),
  {
    id: 'payout-retrieve',
    section,
    title: 'Retrieve a payout',
    hasForeignObjects: true,
    request: { method: 'GET', path: '/payouts/{payout_id}' },
    checks: [
      ...success(200, 'payout', 'H'),
      check('keys', 'M', 'The payout has these keys.', {
        at: 'payout',
        required: words('payout_id amount currency status initiated_time type transaction_summary'),
        optional: [...DETAIL_KEYS, ...ROW_KEYS],
      }),
      check('order', 'L', 'The keys come in the order of the documented sample.', {
        at: 'payout',
        order: DETAIL_KEYS,
      }),
      check('types', 'M', 'The fields have these JSON types.', {
        at: 'payout',
        types: types({
          string: `payout_id amount currency status failure_code failure_message statement_descriptor initiated_time
            processed_date type payout_bank_reference_id`,
          array: 'comments',
          object: 'transaction_summary account_details',
        }),
      }),
      check('time-unit', 'H', 'initiated_time is a text of milliseconds.', {
        at: 'payout.initiated_time',
        digits: 13,
      }),
      check('comment', 'L', 'The first comment has the operation_type “payout”.', {
        at: 'payout.comments.0.operation_type',
        equals: 'payout',
      }),
      check('date', 'M', 'arrival_date is a text such as Jun 23, 2025.', {
        at: 'payout.arrival_date',
        matches: String.raw`^[A-Z][a-z]{2} \d{1,2}, \d{4}$|^\[`,
        form: 'a date such as Jun 23, 2025',
      }),
      check('summary', 'M', 'The summary has these keys.', {
        at: 'payout.transaction_summary',
        required: words('charge refund adjustment total_amount'),
        optional: [],
      }),
    ],
  },
  {
    id: 'payout-transactions',
    section,
    title: 'List the transactions of a payout',
    hasForeignObjects: true,
    request: { method: 'GET', path: '/payouts/{payout_id}/transactions' },
    checks: [
      ...success(200, 'transactions', 'H'),
      check('row-keys', 'M', 'A transaction has these keys.', {
        at: 'transactions.0',
        required: words(
          'payout_id transaction_id net_amount amount fee tax transaction_type transaction_time currency',
        ),
        optional: words('parent_transaction_id customer_id customer_name description'),
      }),
      check('type', 'M', 'transaction_type is a known word.', {
        at: 'transactions.0.transaction_type',
        oneOf: words('charge refund adjustment'),
      }),
    ],
  },
  {
    id: 'payout-retrieve-unknown',
    section,
    title: 'Retrieve a payout that does not exist',
    request: { method: 'GET', path: '/payouts/1000000000001' },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'M'),
  },
]
