/**
 * The calls of the official server SDKs, with bodies as they send them and the JSON types that they decode. The bodies
 * are written from the reference of the API. Source: models and request builders of the official SDKs for Python, PHP,
 * Go, Java and .NET (seen 2026-11-28).
 */
import {
  check,
  type Edition,
  type Exchange,
  type JsonType,
  type JsonValue,
  types,
} from '../src/cli/conformance/exchange.ts'

/** An official server SDK. */
export type Sdk = 'Python' | 'PHP' | 'Go' | 'Java' | '.NET'

/** The official server SDKs, in the order of the page. */
export const SDKS: readonly Sdk[] = ['Python', 'PHP', 'Go', 'Java', '.NET']

const FIVE: readonly Sdk[] = SDKS
const NET: readonly Sdk[] = ['.NET']
const NONE: readonly Sdk[] = []

export type SdkCall = {
  readonly resource: string
  readonly summary: string
  readonly edition: Edition
  /** The SDKs that have the call. Empty: only the documentation has it. */
  readonly sdks: readonly Sdk[]
  readonly method: Exchange['request']['method']
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, JsonValue>>
  /** The body of the .NET SDK, if it differs. */
  readonly netBody?: Readonly<Record<string, JsonValue>>
  /** The path of the object that the SDKs decode. Undefined: they read no object. */
  readonly envelope?: string
  /** The JSON types of the fields that they decode, of the object or of the first row. */
  readonly model?: Model
  /** The times of 13 digits, as numbers or texts, that the SDK for .NET reads as whole numbers. */
  readonly times?: readonly string[]
  readonly saves?: Readonly<Record<string, string>>
}

type Model = Readonly<Record<string, readonly JsonType[]>>

/** A step through the control API, because no SDK has it: a customer acts, or time passes. */
export type ControlStep = {
  readonly control: string
  readonly edition: Edition
  readonly body: JsonValue
  readonly saves?: Readonly<Record<string, string>>
}

const META: JsonValue = [{ key: 'order_id', value: '8841' }]
const HOSTED = {
  description: 'Order 8841',
  success_url: 'https://shop.example/paid',
  failure_url: 'https://shop.example/cart',
}
const ADDRESS = {
  country: 'US',
  name: 'Ben Ode',
  address_line1: '1 Main Street',
  city: 'New York',
  state: 'NY',
  postal_code: '10001',
}

const MONEY: readonly JsonType[] = ['string', 'number']
const money = (names: string): Model =>
  Object.fromEntries(names.split(/\s+/).map((name) => [name, MONEY]))

const SESSION: Model = {
  ...types({
    string:
      'payments_session_id currency status description invoice_number reference_number access_key customer_id',
    integer: 'created_time expiry_time max_retry_count',
    array: 'payments meta_data',
    object: 'configurations mandate_details',
  }),
  ...money('amount'),
}
const PAYMENT: Model = {
  ...types({
    string: `payment_id phone dialing_code customer_id payments_session_id currency receipt_email reference_number
      transaction_reference_number invoice_number status payment_type transaction_type statement_descriptor description
      failure_code failure_reason`,
    integer: 'date',
    number: 'exchange_rate',
    object: 'payment_method',
    array: 'meta_data',
  }),
  ...money(
    'amount amount_captured amount_refunded fee_amount net_tax_amount total_fee_amount net_amount',
  ),
}
const REFUND: Model = {
  ...types({
    string:
      'refund_id payment_id reference_number type reason description status network_reference_number failure_reason',
    integer: 'date',
    array: 'meta_data',
  }),
  ...money('amount default_currency_amount'),
}
const CUSTOMER: Model = types({
  string:
    'customer_id name email phone dialing_code customer_name customer_email customer_phone customer_status',
  integer: 'created_time last_modified_time',
  array: 'meta_data payment_methods',
})
const LINK: Model = {
  ...types({
    string: `payment_link_id url expires_at currency status email reference_id description return_url phone
      phone_country_code created_by_id created_by last_modified_by_id last_modified`,
    integer: 'created_time',
    object: 'configurations',
    array: 'payments',
  }),
  ...money('amount amount_paid'),
}
const MANDATE: Model = {
  ...types({
    string: `mandate_id customer_id customer_name customer_email customer_phone currency amount_rule frequency status
      description debit_rule`,
    integer: 'debit_day start_date end_date',
    object: 'payment_method',
  }),
  ...money('amount'),
}
const NOTIFICATION: Model = {
  ...types({
    string: `mandate_id mandate_notification_id customer_id currency amount_rule notification_status description
      invoice_number`,
    integer: 'notification_date execution_date',
    object: 'payment_method',
  }),
  ...money('mandate_amount notification_amount amount'),
}
const VIRTUAL_ACCOUNT: Model = {
  ...types({
    string: `virtual_account_id account_number ifsc_code beneficiary_name description customer_id reference_number status
      expires_at`,
    integer: 'created_time last_modified_time',
    array: 'meta_data',
  }),
  ...money('minimum_amount maximum_amount amount_paid'),
}
const METHOD_SESSION: Model = types({
  string: 'payment_method_session_id customer_id description status',
  integer: 'created_time',
  object: 'payment_method',
})
const METHOD: Model = types({
  string: 'payment_method_id customer_id customer_name customer_email type status currency source',
  integer: 'created_time last_modified_time',
  object: 'card ach_debit billing_address',
})
const PAYOUT: Model = types({
  string: `payout_id amount currency status failure_code failure_message statement_descriptor payout_method
    initiated_time arrival_date processed_date type payout_bank_reference_id processing_fee`,
  object: 'bank_account_details transaction_summary account_details',
  array: 'comments',
})
const TRANSACTION: Model = types({
  string: `payout_id transaction_id parent_transaction_id net_amount amount fee tax transaction_type transaction_time
    currency customer_id customer_name description`,
})
const CONNECTED: Model = types({
  string: `connected_account_id account_name email_id pan under_writing_status transfer_status payout_status
    payout_statement_descriptor created_by last_modified_by`,
  integer: 'payout_delay_days',
  array: 'connected_account_bank_accounts',
})
const TRANSFER: Model = types({
  string: `transfer_id payment_id total_amount net_amount fee_amount fee_tax_amount connected_account_id
    connected_account_name description currency status failure_code reversed_amount available_amount_for_reversal`,
  object: 'payment_details',
  array: 'reversals',
})
const REVERSAL: Model = types({
  string: `transfer_reversal_id transfer_id payment_id refund_id total_amount transfer_reversal_amount
    connected_account_id connected_account_name status failure_code description currency`,
})
const ENDPOINT: Model = types({
  string: 'webhook_url_id name url description status signing_key',
  array: 'enabled_events',
})

const PAGE = { page: '1', per_page: '25' }

/** The calls and the steps between them, in the order in which they are sent. */
export const SDK_STEPS: readonly (SdkCall | ControlStep)[] = [
  {
    resource: 'Payment sessions',
    summary: 'create a session',
    edition: 'IN',
    sdks: FIVE,
    method: 'POST',
    path: '/paymentsessions',
    body: {
      amount: 100.5,
      currency: 'INR',
      description: 'Order 8841',
      expires_in: 900,
      max_retry_count: 3,
      invoice_number: 'INV-1',
      reference_number: 'ord_1',
      meta_data: META,
      configurations: {
        allowed_payment_methods: ['card', 'upi'],
        hosted_page_parameters: { ...HOSTED, udf1: 'a' },
      },
    },
    envelope: 'payments_session',
    model: SESSION,
    saves: { session_id: 'payments_session.payments_session_id' },
  },
  {
    resource: 'Payment sessions',
    summary: 'retrieve a session',
    edition: 'IN',
    sdks: FIVE,
    method: 'GET',
    path: '/paymentsessions/{session_id}',
    envelope: 'payments_session',
    model: SESSION,
  },
  {
    control: '/sessions/{session_id}/attempts',
    edition: 'IN',
    body: { attempts: [{ method: 'upi', outcome: 'succeeded' }] },
    saves: { payment_id: 'payments_session.payments.0.payment_id' },
  },
  {
    resource: 'Payments',
    summary: 'list payments',
    edition: 'IN',
    sdks: FIVE,
    method: 'GET',
    path: '/payments',
    query: { ...PAGE, status: 'Status.Succeeded' },
    envelope: 'payments',
    model: PAYMENT,
  },
  {
    resource: 'Payments',
    summary: 'retrieve a payment',
    edition: 'IN',
    sdks: FIVE,
    method: 'GET',
    path: '/payments/{payment_id}',
    envelope: 'payment',
    model: PAYMENT,
  },
  {
    resource: 'Refunds',
    summary: 'refund a payment',
    edition: 'IN',
    sdks: FIVE,
    method: 'POST',
    path: '/payments/{payment_id}/refunds',
    body: { amount: 1.5, reason: 'requested_by_customer', type: 'initiated_by_merchant' },
    envelope: 'refund',
    model: REFUND,
    saves: { refund_id: 'refund.refund_id' },
  },
  {
    resource: 'Refunds',
    summary: 'retrieve a refund',
    edition: 'IN',
    sdks: FIVE,
    method: 'GET',
    path: '/refunds/{refund_id}',
    envelope: 'refund',
    model: REFUND,
  },
  {
    resource: 'Customers',
    summary: 'create a customer',
    edition: 'IN',
    sdks: FIVE,
    method: 'POST',
    path: '/customers',
    body: {
      name: 'Asha Rao',
      email: 'asha@shop.example',
      phone: '9000000001',
      phone_country_code: 'IN',
    },
    envelope: 'customer',
    model: CUSTOMER,
    saves: { customer_id: 'customer.customer_id' },
  },
  {
    resource: 'Customers',
    summary: 'retrieve a customer',
    edition: 'IN',
    sdks: FIVE,
    method: 'GET',
    path: '/customers/{customer_id}',
    envelope: 'customer',
    model: CUSTOMER,
  },
  {
    resource: 'Payment links',
    summary: 'create a link',
    edition: 'IN',
    sdks: FIVE,
    method: 'POST',
    path: '/paymentlinks',
    body: {
      amount: 1499.9,
      currency: 'INR',
      description: 'Order 8841',
      email: 'asha@shop.example',
      phone: '9000000001',
      phone_country_code: 'IN',
      reference_id: 'INV-1',
      return_url: 'https://shop.example/back',
      notify_customer: { email: true, sms: false },
      configurations: { allowed_payment_methods: ['card', 'upi'] },
    },
    envelope: 'payment_links',
    model: LINK,
    saves: { link_id: 'payment_links.payment_link_id' },
  },
  {
    resource: 'Payment links',
    summary: 'retrieve a link',
    edition: 'IN',
    sdks: FIVE,
    method: 'GET',
    path: '/paymentlinks/{link_id}',
    envelope: 'payment_links',
    model: LINK,
  },
  {
    resource: 'Payment links',
    summary: 'change a link',
    edition: 'IN',
    sdks: FIVE,
    method: 'PUT',
    path: '/paymentlinks/{link_id}',
    body: { description: 'Order 8842' },
    envelope: 'payment_links',
    model: LINK,
  },
  {
    resource: 'Payment links',
    summary: 'cancel a link',
    edition: 'IN',
    sdks: FIVE,
    method: 'PUT',
    path: '/paymentlinks/{link_id}/cancel',
    envelope: 'payment_links',
    model: LINK,
  },
  {
    resource: 'Mandates',
    summary: 'create an enrollment session',
    edition: 'IN',
    sdks: FIVE,
    method: 'POST',
    path: '/paymentsessions',
    body: {
      type: 'mandate_enrollment',
      amount: 1,
      currency: 'INR',
      customer_id: '{customer_id}',
      description: 'Gym plan',
      mandate_details: {
        payment_method_type: 'upi',
        frequency: 'as_presented',
        description: 'Monthly fee',
        amount_rule: 'variable',
        max_amount: 5000,
      },
      configurations: { hosted_page_parameters: HOSTED },
    },
    envelope: 'payments_session',
    model: SESSION,
    saves: { enrollment_id: 'payments_session.payments_session_id' },
  },
  {
    control: '/sessions/{enrollment_id}/attempts',
    edition: 'IN',
    body: { attempts: [{ method: 'upi', outcome: 'succeeded' }] },
  },
  { control: '/clock/advance', edition: 'IN', body: { by: '25h' } },
  {
    resource: 'Mandates',
    summary: 'retrieve the session with its mandate',
    edition: 'IN',
    sdks: FIVE,
    method: 'GET',
    path: '/paymentsessions/{enrollment_id}',
    envelope: 'payments_session',
    model: SESSION,
    saves: { mandate_id: 'payments_session.mandate_id' },
  },
  {
    resource: 'Mandates',
    summary: 'retrieve a mandate',
    edition: 'IN',
    sdks: FIVE,
    method: 'GET',
    path: '/mandates/{mandate_id}',
    envelope: 'mandate',
    model: MANDATE,
  },
  {
    resource: 'Mandates',
    summary: 'notify the customer of a debit',
    edition: 'IN',
    sdks: FIVE,
    method: 'POST',
    path: '/mandates/notify',
    body: {
      mandate_id: '{mandate_id}',
      amount: 499,
      execution_date: '{execution_date}',
      description: 'December',
      invoice_number: 'INV-9',
    },
    envelope: 'mandate_notification',
    model: NOTIFICATION,
    saves: { notification_id: 'mandate_notification.mandate_notification_id' },
  },
  {
    resource: 'Mandates',
    summary: 'retrieve a notification',
    edition: 'IN',
    sdks: FIVE,
    method: 'GET',
    path: '/mandates/notifications/{notification_id}',
    envelope: 'mandate_notification',
    model: NOTIFICATION,
  },
  { control: '/clock/advance', edition: 'IN', body: { by: '3d' } },
  {
    resource: 'Mandates',
    summary: 'create an execution session',
    edition: 'IN',
    sdks: FIVE,
    method: 'POST',
    path: '/paymentsessions',
    body: {
      type: 'mandate_execution',
      amount: 499,
      currency: 'INR',
      customer_id: '{customer_id}',
      description: 'December',
      invoice_number: 'INV-9',
    },
    envelope: 'payments_session',
    model: SESSION,
    saves: { execution_id: 'payments_session.payments_session_id' },
  },
  {
    resource: 'Mandates',
    summary: 'debit a mandate',
    edition: 'IN',
    sdks: FIVE,
    method: 'POST',
    path: '/mandates/execute',
    body: {
      customer_id: '{customer_id}',
      mandate_id: '{mandate_id}',
      payments_session_id: '{execution_id}',
      invoice_number: 'INV-9',
      amount: 499,
      mandate_notification_id: '{notification_id}',
    },
    envelope: 'payment',
    model: PAYMENT,
  },
  {
    resource: 'In-person payments',
    summary: 'create a session at a terminal',
    edition: 'IN',
    sdks: NONE,
    method: 'POST',
    path: '/paymentsessions',
    body: {
      type: 'pos_payment',
      amount: 250,
      currency: 'INR',
      terminal_id: 'PDTERM01',
      description: 'Till 2',
      invoice_number: 'INV-77',
      meta_data: META,
    },
    envelope: 'payments_session',
    model: { ...SESSION, ...types({ string: 'terminal_id payments_session_type session_status' }) },
    saves: { terminal_session_id: 'payments_session.payments_session_id' },
  },
  {
    resource: 'In-person payments',
    summary: 'retrieve the session',
    edition: 'IN',
    sdks: NONE,
    method: 'GET',
    path: '/paymentsessions/{terminal_session_id}',
    envelope: 'payments_session',
    model: { ...SESSION, ...types({ string: 'terminal_id session_status' }) },
  },
  {
    resource: 'Virtual accounts',
    summary: 'open an account',
    edition: 'IN',
    sdks: FIVE,
    method: 'POST',
    path: '/virtualaccounts',
    body: {
      description: 'Dealer deposits',
      customer_id: '{customer_id}',
      minimum_amount: 100,
      maximum_amount: 10000,
      reference_number: 'dealer-9',
      meta_data: META,
    },
    envelope: 'virtual_account',
    model: VIRTUAL_ACCOUNT,
    saves: {
      virtual_account_id: 'virtual_account.virtual_account_id',
      account_number: 'virtual_account.account_number',
    },
  },
  {
    resource: 'Virtual accounts',
    summary: 'retrieve an account',
    edition: 'IN',
    sdks: FIVE,
    method: 'GET',
    path: '/virtualaccounts/{virtual_account_id}',
    envelope: 'virtual_account',
    model: VIRTUAL_ACCOUNT,
  },
  {
    resource: 'Virtual accounts',
    summary: 'change an account',
    edition: 'IN',
    sdks: FIVE,
    method: 'PUT',
    path: '/virtualaccounts/{virtual_account_id}',
    body: { description: 'Deposits', maximum_amount: 20000 },
    envelope: 'virtual_account',
    model: VIRTUAL_ACCOUNT,
  },
  {
    control: '/bank_transfers',
    edition: 'IN',
    body: { account_number: '{account_number}', amount: 250.5, payer_name: 'Asha Rao' },
  },
  {
    resource: 'Virtual accounts',
    summary: 'list the payments to an account',
    edition: 'IN',
    sdks: FIVE,
    method: 'GET',
    path: '/virtualaccounts/{virtual_account_id}/payments',
    query: { ...PAGE, status: 'Status.All', sort_column: 'date', sort_order: 'D' },
    envelope: 'payments',
    model: { ...PAYMENT, ...types({ string: 'virtual_account_id customer_name fraud_alert' }) },
  },
  {
    resource: 'Virtual accounts',
    summary: 'close an account',
    edition: 'IN',
    sdks: FIVE,
    method: 'PUT',
    path: '/virtualaccounts/{virtual_account_id}/close',
  },
  { control: '/clock/advance', edition: 'IN', body: { by: '7d' } },
  {
    resource: 'Payouts',
    summary: 'list payouts',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/payouts',
    query: { ...PAGE, status: 'Status.All' },
    times: ['initiated_time'],
    envelope: 'payouts',
    model: PAYOUT,
    saves: { payout_id: 'payouts.0.payout_id' },
  },
  {
    resource: 'Payouts',
    summary: 'retrieve a payout',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/payouts/{payout_id}',
    times: ['initiated_time'],
    envelope: 'payout',
    model: PAYOUT,
  },
  {
    resource: 'Payouts',
    summary: 'list the transactions of a payout',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/payouts/{payout_id}/transactions',
    query: PAGE,
    times: ['transaction_time'],
    envelope: 'transactions',
    model: TRANSACTION,
  },
  {
    resource: 'Connected accounts',
    summary: 'connect an account',
    edition: 'IN',
    sdks: NET,
    method: 'POST',
    path: '/connectedaccounts',
    body: {
      account_name: 'Second Shop',
      email_id: 'second@shop.example',
      pan: 'ABCDE1234F',
      mcc: '5691',
      business_description: 'Clothes',
      connected_account_bank_account: {
        routing_number: 'PAYD0SANDBX',
        account_number: '100200300400',
      },
    },
    envelope: 'connected_account',
    model: CONNECTED,
    saves: { connected_account_id: 'connected_account.connected_account_id' },
  },
  {
    resource: 'Connected accounts',
    summary: 'list connected accounts',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/connectedaccounts',
    query: PAGE,
    envelope: 'connected_accounts',
    model: CONNECTED,
  },
  {
    resource: 'Connected accounts',
    summary: 'retrieve a connected account',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/connectedaccounts/{connected_account_id}',
    envelope: 'connected_account',
    model: CONNECTED,
  },
  {
    resource: 'Transfers',
    summary: 'transfer parts of a payment',
    edition: 'IN',
    sdks: NET,
    method: 'POST',
    path: '/transfers',
    body: {
      payment_id: '{payment_id}',
      transfer_split: [{ connected_account_id: '{shop_id}', amount: 10.5, description: 'Share' }],
    },
    netBody: {
      payment_id: '{payment_id}',
      transfer_split: [
        { connected_account_id: '{shop_id}', amount: '10.50', description: 'Share' },
      ],
    },
    envelope: 'data.transfers.splits',
    model: types({
      string:
        'transfer_id connected_account_id currency transfer_amount net_transfer_amount fee_amount fee_tax_amount status',
    }),
    saves: { transfer_id: 'data.transfers.splits.0.transfer_id' },
  },
  {
    resource: 'Transfers',
    summary: 'list transfers',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/transfers',
    query: PAGE,
    envelope: 'transfers',
    model: TRANSFER,
  },
  {
    resource: 'Transfers',
    summary: 'retrieve a transfer',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/transfers/{transfer_id}',
    times: ['created_time'],
    envelope: 'transfer_details',
    model: TRANSFER,
  },
  {
    resource: 'Transfer reversals',
    summary: 'reverse a transfer',
    edition: 'IN',
    sdks: NET,
    method: 'POST',
    path: '/transferreversals',
    body: { transfer_id: '{transfer_id}', reversal_amount: 2.5, description: 'Returned' },
    envelope: 'data.transfer_reversal',
    model: REVERSAL,
    saves: { reversal_id: 'data.transfer_reversal.transfer_reversal_id' },
  },
  {
    resource: 'Transfer reversals',
    summary: 'list reversals',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/transferreversals',
    query: PAGE,
    envelope: 'transfer_reversals',
    model: REVERSAL,
  },
  {
    resource: 'Transfer reversals',
    summary: 'retrieve a reversal',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/transferreversals/{reversal_id}',
    times: ['created_time'],
    envelope: 'transfer_reversal_details',
    model: REVERSAL,
  },
  { control: '/clock/advance', edition: 'IN', body: { by: '7d' } },
  {
    resource: 'Connected accounts',
    summary: 'list the payouts of a connected account',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/connectedaccounts/{shop_id}/payouts',
    query: PAGE,
    times: ['initiated_time'],
    envelope: 'payouts',
    model: PAYOUT,
    saves: { connected_payout_id: 'payouts.0.payout_id' },
  },
  {
    resource: 'Connected accounts',
    summary: 'retrieve a payout of a connected account',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/connectedaccounts/{shop_id}/payouts/{connected_payout_id}',
    times: ['initiated_time'],
    envelope: 'payout',
    model: PAYOUT,
  },
  {
    resource: 'Connected accounts',
    summary: 'list the transactions of a connected account’s payout',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/connectedaccounts/{shop_id}/payouts/{connected_payout_id}/transactions',
    query: PAGE,
    times: ['transaction_time'],
    envelope: 'transactions',
    model: TRANSACTION,
  },
  {
    resource: 'Connected accounts',
    summary: 'list the transactions of a connected account',
    edition: 'IN',
    sdks: NET,
    method: 'GET',
    path: '/connectedaccounts/{shop_id}/transactions',
    query: { ...PAGE, transaction_type: 'charge' },
    times: ['transaction_time', 'available_on'],
    envelope: 'transactions',
    model: types({ string: 'transaction_id transaction_type net_amount amount currency status' }),
  },
  {
    resource: 'Customers',
    summary: 'create a customer',
    edition: 'US',
    sdks: FIVE,
    method: 'POST',
    path: '/customers',
    body: { name: 'Ben Ode', email: 'ben@shop.example' },
    envelope: 'customer',
    model: CUSTOMER,
    saves: { customer_id: 'customer.customer_id' },
  },
  {
    resource: 'Customers',
    summary: 'list customers',
    edition: 'US',
    sdks: FIVE,
    method: 'GET',
    path: '/customers',
    query: { ...PAGE, filter_by: 'Date.ThisYear' },
    envelope: 'customers',
    model: CUSTOMER,
  },
  {
    resource: 'Saved payment methods',
    summary: 'create a session that saves a method',
    edition: 'US',
    sdks: FIVE,
    method: 'POST',
    path: '/paymentmethodsessions',
    body: { customer_id: '{customer_id}', description: 'Card on file' },
    envelope: 'payment_method_session',
    model: METHOD_SESSION,
    saves: { method_session_id: 'payment_method_session.payment_method_session_id' },
  },
  {
    resource: 'Saved payment methods',
    summary: 'retrieve a session that saves a method',
    edition: 'US',
    sdks: FIVE,
    method: 'GET',
    path: '/paymentmethodsessions/{method_session_id}',
    envelope: 'payment_method_session',
    model: METHOD_SESSION,
  },
  {
    control: '/customers/{customer_id}/payment_methods',
    edition: 'US',
    body: { type: 'card' },
    saves: { payment_method_id: 'payment_method.payment_method_id' },
  },
  {
    resource: 'Saved payment methods',
    summary: 'retrieve a method',
    edition: 'US',
    sdks: FIVE,
    method: 'GET',
    path: '/paymentmethods/{payment_method_id}',
    envelope: 'payment_method',
    model: METHOD,
  },
  {
    resource: 'Saved payment methods',
    summary: 'change a method',
    edition: 'US',
    sdks: FIVE,
    method: 'PUT',
    path: '/paymentmethods/{payment_method_id}',
    body: {
      type: 'card',
      card: { expiry_month: '12', expiry_year: '34' },
      billing_address: ADDRESS,
    },
    envelope: 'payment_method',
    model: METHOD,
  },
  {
    resource: 'Payments',
    summary: 'charge a saved payment method',
    edition: 'US',
    sdks: FIVE,
    method: 'POST',
    path: '/payments',
    body: {
      customer_id: '{customer_id}',
      payment_method_id: '{payment_method_id}',
      amount: 49,
      currency: 'USD',
      customer_on_session: false,
      description: 'Plan, December',
      shipping_address: ADDRESS,
      meta_data: META,
    },
    envelope: 'payment',
    model: PAYMENT,
  },
  {
    resource: 'Saved payment methods',
    summary: 'delete a method',
    edition: 'US',
    sdks: FIVE,
    method: 'DELETE',
    path: '/paymentmethods/{payment_method_id}',
  },
  {
    resource: 'Customers',
    summary: 'delete a customer',
    edition: 'US',
    sdks: FIVE,
    method: 'DELETE',
    path: '/customers/{customer_id}',
  },
  {
    resource: 'Webhooks',
    summary: 'register an endpoint',
    edition: 'IN',
    sdks: NONE,
    method: 'POST',
    path: '/webhooks',
    body: {
      name: 'Orders',
      url: '{webhook_url}',
      description: 'Orders',
      enabled_events: ['payment.succeeded'],
    },
    envelope: 'webhook',
    model: ENDPOINT,
    saves: { webhook_id: 'webhook.webhook_url_id' },
  },
  {
    resource: 'Webhooks',
    summary: 'list endpoints',
    edition: 'IN',
    sdks: NONE,
    method: 'GET',
    path: '/webhooks',
    envelope: 'webhooks',
    model: ENDPOINT,
  },
  {
    resource: 'Webhooks',
    summary: 'retrieve an endpoint',
    edition: 'IN',
    sdks: NONE,
    method: 'GET',
    path: '/webhooks/{webhook_id}',
    envelope: 'webhook',
    model: ENDPOINT,
  },
  {
    resource: 'Webhooks',
    summary: 'change an endpoint',
    edition: 'IN',
    sdks: NONE,
    method: 'PUT',
    path: '/webhooks/{webhook_id}',
    body: { name: 'Orders 2' },
    envelope: 'webhook',
    model: ENDPOINT,
  },
  {
    resource: 'Webhooks',
    summary: 'delete an endpoint',
    edition: 'IN',
    sdks: NONE,
    method: 'DELETE',
    path: '/webhooks/{webhook_id}',
  },
]

const SPLITS = 'data.transfers.splits'
/** The envelopes of lists. `payment_links` is not among them, because the SDKs read one link from it. */
const LISTS: ReadonlySet<string> = new Set([
  'payments',
  'customers',
  'payouts',
  'transactions',
  'connected_accounts',
  'transfers',
  'transfer_reversals',
  'webhooks',
])

/** Makes the checks of a call: a success, its envelope, and the types of its object or of each list's first row. */
export function checksOf({ envelope, method, model, times = [] }: SdkCall): Exchange['checks'] {
  const isList = method === 'GET' && LISTS.has(envelope ?? '')
  const at = isList || envelope === SPLITS ? `${envelope}.0` : (envelope ?? '')
  const kind: readonly JsonType[] = at === envelope ? ['object'] : ['array']
  return [
    check('status', 'H', 'The call succeeds.', { status: [200, 201] }),
    check('code', 'H', 'code is the number 0.', { at: 'code', equals: 0 }),
    ...(envelope === undefined || model === undefined
      ? []
      : [
          check('envelope', 'H', `The answer has ${envelope}.`, {
            at: envelope.split('.').slice(0, -1).join('.'),
            types: { [envelope.split('.').at(-1) ?? '']: kind },
          }),
          check('types', 'H', 'The SDKs decode its fields.', { at, types: model }),
          ...times.map((name) =>
            check(name, 'H', `${name} is in milliseconds.`, { at: `${at}.${name}`, digits: 13 }),
          ),
        ]),
  ]
}
