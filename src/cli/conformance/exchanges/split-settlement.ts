import { check, type Exchange, refusal, success, types, withSaves, words } from '../exchange.ts'
import { pageContext } from './payments.ts'

const section = 'Split settlement'
const one = (exchange: Omit<Exchange, 'section' | 'editions'>): Exchange => ({
  ...exchange,
  section,
  editions: ['IN'],
})
const read = (id: string, title: string, path: string, checks: Exchange['checks']): Exchange =>
  one({ id, title, hasForeignObjects: true, request: { method: 'GET', path }, checks })

const TRANSFER_TYPES = types({
  string: `transfer_id payment_id total_amount net_amount fee_amount fee_tax_amount connected_account_id
    connected_account_name description currency status failure_code reversed_amount available_amount_for_reversal`,
  array: 'reversals',
  object: 'payment_details',
})

/** Checks of connected accounts, transfers and reversals, which the IN edition has. */
export const SPLIT_EXCHANGES: readonly Exchange[] = [
  withSaves(
    read('connected-list', 'List connected accounts', '/connectedaccounts', [
      ...success(200, 'connected_accounts', 'H'),
      ...pageContext(25),
    ]),
    { connected_account_id: 'connected_accounts.0.connected_account_id' },
  ),
  read(
    'connected-retrieve',
    'Retrieve a connected account',
    '/connectedaccounts/{connected_account_id}',
    [
      ...success(200, 'connected_account', 'H'),
      check('types', 'M', 'The fields have these JSON types.', {
        at: 'connected_account',
        types: types({
          string:
            'connected_account_id account_name email_id under_writing_status transfer_status payout_status',
          integer: 'payout_delay_days',
          array: 'connected_account_bank_accounts',
        }),
      }),
    ],
  ),
  read(
    'connected-payouts',
    'List the payouts of the connected account',
    '/connectedaccounts/{connected_account_id}/payouts',
    [...success(200, 'payouts', 'M'), ...pageContext(25)],
  ),
  read(
    'connected-transactions',
    'List the transactions of the connected account',
    '/connectedaccounts/{connected_account_id}/transactions',
    [...success(200, 'transactions', 'M'), ...pageContext(25)],
  ),
  one({
    id: 'transfer-session',
    title: 'A session with transfers',
    request: {
      method: 'POST',
      path: '/paymentsessions',
      body: {
        amount: 10.5,
        currency: 'INR',
        description: 'Order 1',
        transfer_details: [{ connected_account_id: '{connected_account_id}', amount: 2 }],
      },
    },
    saves: { session_id: 'payments_session.payments_session_id' },
    cleanup: {
      method: 'POST',
      path: '/paymentsessions/{session_id}/cancel',
      isPaydeskOnly: true,
      object: 'payment session {session_id}, which expires automatically',
    },
    checks: [
      check('status', 'M', 'A session accepts transfer_details with an id as a text.', {
        status: [200, 201],
      }),
      check('echo', 'H', 'The answer does not contain transfer_details.', {
        at: 'payments_session',
        types: { transfer_details: ['absent'] },
      }),
    ],
  }),
  one({
    id: 'transfer-create',
    title: 'Transfer a part of a payment',
    request: {
      method: 'POST',
      path: '/transfers',
      body: {
        payment_id: '{payment_id}',
        transfer_split: [
          {
            connected_account_id: '{connected_account_id}',
            amount: '2.00',
            description: 'Conformance',
          },
        ],
      },
    },
    saves: { transfer_id: 'data.splits.0.transfer_id' },
    checks: [
      check('status', 'M', 'The answer has the status 201.', { status: [201] }),
      check('envelope', 'L', 'The result is under data.', {
        at: '',
        required: words('code message data'),
        optional: [],
      }),
      check('paths', 'M', 'The result is also under data.transfers, where the .NET SDK reads it.', {
        at: 'data.transfers',
        required: words('splits status'),
        optional: [],
      }),
      check('split', 'M', 'A split has these JSON types.', {
        at: 'data.splits.0',
        types: types({
          string:
            'transfer_id connected_account_id currency transfer_amount net_transfer_amount fee_amount status',
        }),
      }),
    ],
  }),
  read('transfer-retrieve', 'Retrieve the transfer', '/transfers/{transfer_id}', [
    ...success(200, 'transfer_details', 'M'),
    check('types', 'M', 'The fields have these JSON types.', {
      at: 'transfer_details',
      types: TRANSFER_TYPES,
    }),
    check(
      'fee-rate',
      'M',
      'fee_rate is a text: the documents show a number, the SDK reads a text.',
      {
        at: 'transfer_details',
        types: { fee_rate: ['string'] },
      },
    ),
    check('time-unit', 'M', 'created_time is in milliseconds.', {
      at: 'transfer_details.created_time',
      digits: 13,
    }),
    check('status-word', 'H', 'The status is a documented word.', {
      at: 'transfer_details.status',
      oneOf: words('success failed initiated'),
    }),
  ]),
  one({
    id: 'reversal-create',
    title: 'Reverse a part of the transfer',
    request: {
      method: 'POST',
      path: '/transferreversals',
      body: { transfer_id: '{transfer_id}', reversal_amount: 1, description: 'Conformance' },
    },
    saves: { reversal_id: 'transfer_reversal.transfer_reversal_id' },
    checks: [
      check('status', 'M', 'The answer has the status 201.', { status: [201] }),
      check('types', 'M', 'The fields have these JSON types.', {
        at: 'transfer_reversal',
        types: types({
          string:
            'transfer_reversal_id transfer_id transfer_reversal_amount connected_account_id currency status',
        }),
      }),
      check(
        'path',
        'M',
        'The result is also under data.transfer_reversal, where the .NET SDK reads it.',
        {
          at: 'data.transfer_reversal',
          types: { transfer_reversal_id: ['string'] },
        },
      ),
    ],
  }),
  read('reversal-retrieve', 'Retrieve the reversal', '/transferreversals/{reversal_id}', [
    ...success(200, 'transfer_reversal_details', 'M'),
  ]),
  read('transfer-list', 'List transfers', '/transfers', [
    ...success(200, 'transfers', 'M'),
    ...pageContext(25),
  ]),
  read('reversal-list', 'List reversals', '/transferreversals', [
    ...success(200, 'transfer_reversals', 'M'),
    ...pageContext(25),
  ]),
  read(
    'transfer-retrieve-unknown',
    'Retrieve a transfer that does not exist',
    '/transfers/1000000000001',
    refusal(404, 'resource_does_not_exist', 'L', 'M'),
  ),
]
