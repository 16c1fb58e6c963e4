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

const section = 'Virtual accounts'
const editions = ['IN'] as const
const ACCOUNT = '/virtualaccounts/{kept_virtual_account_id}'
const KEYS =
  words(`virtual_account_id account_number ifsc_code beneficiary_name description customer_id minimum_amount
  maximum_amount amount_paid meta_data reference_number status expires_at created_time last_modified_time`)
const REQUIRED =
  words(`virtual_account_id account_number ifsc_code beneficiary_name description amount_paid status
  created_time last_modified_time`)

function create(id: string, title: string, body: JsonValue, checks: readonly Check[]): Exchange {
  return {
    id,
    section,
    title,
    editions,
    request: { method: 'POST', path: '/virtualaccounts', body },
    saves: { virtual_account_id: 'virtual_account.virtual_account_id' },
    cleanup: {
      method: 'PUT',
      path: '/virtualaccounts/{virtual_account_id}/close',
      object: 'virtual account {virtual_account_id}',
    },
    checks,
  }
}

const one = (exchange: Omit<Exchange, 'section' | 'editions'>): Exchange => ({
  ...exchange,
  section,
  editions,
})

/** Checks of virtual accounts, which the IN edition has. */
export const VIRTUAL_ACCOUNT_EXCHANGES: readonly Exchange[] = [
  withSaves(
    create(
      'va-create',
      'Open an account with every field',
      {
        description: 'Dealer deposits',
        minimum_amount: 100,
        maximum_amount: 10000.5,
        reference_number: 'dealer-9',
        meta_data: [{ key: 'dealer', value: 'd-9' }],
      },
      [
        ...success(201, 'virtual_account'),
        check('keys', 'H', 'The account has these keys.', {
          at: 'virtual_account',
          required: REQUIRED,
          optional: KEYS,
        }),
        check('order', 'M', 'The keys come in the order of the documented sample.', {
          at: 'virtual_account',
          order: KEYS,
        }),
        check('types', 'H', 'The fields have these JSON types.', {
          at: 'virtual_account',
          types: types({
            string: `virtual_account_id account_number ifsc_code beneficiary_name description customer_id reference_number
            status expires_at`,
            integer: 'created_time last_modified_time',
            array: 'meta_data',
          }),
        }),
        check('amounts', 'M', 'The amounts are JSON numbers.', {
          at: 'virtual_account',
          types: types({ number: 'minimum_amount maximum_amount amount_paid' }),
        }),
        check('maximum', 'M', 'The maximum is returned.', {
          at: 'virtual_account.maximum_amount',
          equals: 10000.5,
        }),
        check('paid', 'M', 'Nothing is paid.', { at: 'virtual_account.amount_paid', equals: 0 }),
        check('status-word', 'H', 'A new account is “active”.', {
          at: 'virtual_account.status',
          equals: 'active',
        }),
        check('time-unit', 'M', 'created_time is in seconds.', {
          at: 'virtual_account.created_time',
          digits: 10,
        }),
      ],
    ),
    { kept_virtual_account_id: 'virtual_account.virtual_account_id' },
  ),
  create('va-create-least', 'Open an account with a description', { description: 'Deposits' }, [
    check('status', 'H', 'The other fields are optional.', { status: [200, 201] }),
  ]),
  create(
    'va-no-description',
    'An account without a description',
    { reference_number: 'dealer-9' },
    refusal(400, 'missing_parameter', 'L', 'H'),
  ),
  create(
    'va-limits',
    'A maximum below the minimum',
    { description: 'Deposits', minimum_amount: 10, maximum_amount: 5 },
    refusal(400, 'invalid_parameter', 'L', 'M'),
  ),
  one({
    id: 'va-retrieve',
    title: 'Retrieve the account',
    request: { method: 'GET', path: ACCOUNT },
    checks: [
      ...success(200, 'virtual_account', 'H'),
      check('keys', 'H', 'The account has these keys.', {
        at: 'virtual_account',
        required: REQUIRED,
        optional: KEYS,
      }),
    ],
  }),
  one({
    id: 'va-update',
    title: 'Change the account',
    request: { method: 'PUT', path: ACCOUNT, body: { description: 'New deposits' } },
    checks: [
      ...success(200, 'virtual_account', 'H'),
      check('description', 'H', 'The description has changed.', {
        at: 'virtual_account.description',
        equals: 'New deposits',
      }),
    ],
  }),
  one({
    id: 'va-payments',
    title: 'List the payments to the account',
    request: { method: 'GET', path: `${ACCOUNT}/payments` },
    checks: [
      ...success(200, 'payments', 'H'),
      ...pageContext(25),
      check('empty', 'H', 'The account has no payments.', { at: 'payments', equals: [] }),
    ],
  }),
  one({
    id: 'va-payments-sorted',
    title: 'The payments of the account, sorted by amount',
    request: {
      method: 'GET',
      path: `${ACCOUNT}/payments`,
      query: { status: 'Status.Succeeded', sort_column: 'amount', sort_order: 'A' },
    },
    checks: [check('status', 'M', 'The filters are accepted.', { status: [200] })],
  }),
  one({
    id: 'va-close',
    title: 'Close the account, without a body',
    request: { method: 'PUT', path: `${ACCOUNT}/close` },
    checks: [check('status', 'H', 'The account is closed.', { status: [200] })],
  }),
  one({
    id: 'va-closed',
    title: 'Retrieve the closed account',
    request: { method: 'GET', path: ACCOUNT },
    checks: [
      check('status-word', 'H', 'The account is “closed”.', {
        at: 'virtual_account.status',
        equals: 'closed',
      }),
    ],
  }),
  one({
    id: 'va-close-again',
    title: 'Close the account a second time',
    request: { method: 'PUT', path: `${ACCOUNT}/close` },
    checks: refusal(400, 'invalid_virtual_account', 'L', 'L'),
  }),
  one({
    id: 'va-retrieve-unknown',
    title: 'Retrieve an account that does not exist',
    request: { method: 'GET', path: '/virtualaccounts/1000000000001' },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'M'),
  }),
]
