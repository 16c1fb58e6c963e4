import { BALANCE_TRANSACTION_TYPES } from '../../domain/balance-transaction.ts'
import { PAYOUT_FAILURES, PAYOUT_STATUSES } from '../../domain/payout.ts'
import { listSpans } from '../list-spans.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import { parsedAs } from '../parsed.ts'
import {
  amountOut,
  currencyText,
  dayIn,
  envelope,
  extensibleText,
  idOut,
  SPAN_DAYS_OF_ACCOUNT,
} from '../schemas.ts'
import { Type } from '../type.ts'

/**
 * The statuses in a list's query. The words of the real API and the plain ones mean the same. Source: Zoho Payments API
 * reference, payouts pages IN and US, and the README of the official .NET SDK 1.0.1 (seen 2026-11-22).
 */
export const PAYOUT_LIST_STATUSES = [
  'Status.All',
  'Status.Initiated',
  'Status.Paid',
  'Status.Failed',
  'all',
  'initiated',
  'paid',
  'failed',
] as const
/** Further statuses of the US edition, which no payout of Paydesk has. */
export const US_PAYOUT_LIST_STATUSES = [
  'Status.Cancelled',
  'Status.WithdrawalInitiated',
  'Status.Withdrawn',
  'Status.WithdrawalFailed',
  'Status.WithdrawalCancelled',
  'cancelled',
  'withdrawal_initiated',
  'withdrawn',
  'withdrawal_failed',
  'withdrawal_cancelled',
] as const
/** The methods of payouts of the US edition. */
export const PAYOUT_METHODS = ['standard', 'instant'] as const

/** The query of a list of payouts. */
export const PayoutListQuery = Type.Object({
  status: Type.Optional(
    Type.Enum([...PAYOUT_LIST_STATUSES, ...US_PAYOUT_LIST_STATUSES], {
      description:
        'The statuses for canceled and withdrawn payouts are only for accounts of the US edition. They find nothing, because Paydesk neither cancels nor withdraws payouts.',
    }),
  ),
  filter_by: Type.Optional(
    Type.Enum(listSpans('PayoutDate'), {
      description: `Only payouts that were initiated in this span of days. ${SPAN_DAYS_OF_ACCOUNT}`,
    }),
  ),
  from_date: Type.Optional(
    dayIn(
      'The first day, included. Required with PayoutDate.CustomDate, ignored with other spans.',
    ),
  ),
  to_date: Type.Optional(
    dayIn('The last day, included. Required with PayoutDate.CustomDate, ignored with other spans.'),
  ),
  payout_method: Type.Optional(
    parsedAs<(typeof PAYOUT_METHODS)[number]>()(
      Type.String({
        description: 'Only in the US edition: `standard` or `instant`. No payout is instant.',
        'x-expected': 'standard or instant',
      }),
    ),
  ),
  ...pageQuery,
})

/** The query of a list of a payout's transactions. */
export const PayoutTransactionsQuery = Type.Object({ ...pageQuery })

const msText = (description: string) =>
  Type.String({
    description: `${description} Milliseconds since 1970, as a text of 13 digits.`,
    pattern: '^(\\d{13})?$',
    examples: ['1763958600000'],
  })
const dayText = (description: string) =>
  Type.String({
    description,
    examples: ['Nov 24, 2025'],
    pattern: '^([A-Z][a-z]{2} \\d{1,2}, \\d{4})?$',
  })

const state = {
  status: extensibleText(PAYOUT_STATUSES),
  failure_code: extensibleText([...Object.keys(PAYOUT_FAILURES), ''], {
    description: 'Empty unless the payout has failed.',
  }),
  failure_message: Type.String({ description: 'Empty unless the payout has failed.' }),
  statement_descriptor: Type.String(),
  payout_method: Type.Optional(
    extensibleText(PAYOUT_METHODS, { description: 'Only in the US edition.' }),
  ),
  initiated_time: msText('The time at which the payout was initiated.'),
  arrival_date: dayText('The day on which the bank decides, in the account’s calendar.'),
  processed_date: dayText(
    'The day on which the bank decided, in the account’s calendar. Empty until then.',
  ),
  type: Type.Literal('deposit'),
}
const reference = Type.String({
  description: 'The bank’s reference. Empty until the payout is paid.',
  examples: ['PAYD251124000001'],
})
const lastFourDigits = Type.String({ pattern: '^\\d{4}$', examples: ['1193'] })

/** A payout in lists and events. */
export const PayoutRow = Type.Object({
  payout_id: idOut,
  amount: amountOut('The sum of the net amounts of its transactions.'),
  currency: currencyText(),
  ...state,
  payout_bank_reference_id: reference,
  bank_account_details: Type.Object({
    bank_name: Type.String(),
    account_number_last_four_digits: lastFourDigits,
    account_holder_name: Type.Optional(
      Type.String({ description: 'Absent for payouts of connected accounts.' }),
    ),
    routing_number: Type.Optional(
      Type.String({ description: 'Absent for payouts of connected accounts.' }),
    ),
  }),
})

const sum = (type: (typeof BALANCE_TRANSACTION_TYPES)[number]) =>
  Type.Object({
    transaction_type: Type.Literal(type),
    count: Type.Integer(),
    net_amount: amountOut('The amounts minus fees and taxes.'),
    fee: amountOut('The fees.'),
    amount: amountOut('The amounts. An amount that reduces the balance is negative.'),
    tax: amountOut('The taxes on the fees.'),
  })

const none = (name: string) =>
  Type.Optional(
    Type.String({
      description: `The ${name} of the payout itself: zero. Absent for payouts of connected accounts.`,
      examples: ['0.00'],
    }),
  )

const Payout = Type.Object({
  payout_id: idOut,
  amount: PayoutRow.properties.amount,
  processing_fee: none('processing fee'),
  currency: currencyText(),
  ...state,
  fee: none('fee'),
  fee_rate: none('fee rate'),
  fixed_fee: none('fixed fee'),
  tax_amount: none('tax'),
  tax_rate: none('tax rate'),
  payout_bank_reference_id: reference,
  comments: Type.Array(
    Type.Object({
      comment_id: idOut,
      amount: amountOut('The amount of the payout.'),
      operation_type: Type.Literal('payout'),
      action_type: extensibleText(PAYOUT_STATUSES),
      type: Type.Literal('system'),
      description: Type.String(),
      created_by: Type.String(),
      created_time: msText('The time of the comment.'),
    }),
    { description: 'One comment for each status, oldest first.' },
  ),
  transaction_summary: Type.Object({
    charge: sum('charge'),
    refund: sum('refund'),
    adjustment: sum('adjustment'),
    total_amount: amountOut('The amount of the payout.'),
  }),
  account_details: Type.Object({
    bank_name: Type.String(),
    account_holder: Type.Optional(
      Type.String({ description: 'Absent for payouts of connected accounts.' }),
    ),
    account_number_last_four_digits: lastFourDigits,
    routing_number: Type.String(),
    type: extensibleText(['current', 'savings', 'checking']),
    country: Type.String({ examples: ['IN'] }),
    currency: currencyText(),
  }),
})

const customer = {
  customer_id: Type.String({ description: 'Empty without a stored customer.' }),
  customer_name: Type.String({ description: 'Empty without a stored customer.' }),
  description: Type.String({ description: 'The description of the payment session.' }),
}
const transaction = {
  transaction_id: idOut,
  parent_transaction_id: Type.String({
    description:
      'The payment that was refunded, transferred or disputed, or the transfer that was reversed. Empty for a payment.',
  }),
  transaction_type: extensibleText(BALANCE_TRANSACTION_TYPES),
  transaction_time: msText('The time of the transaction.'),
  net_amount: amountOut('The amount minus fee and tax. Negative: it reduces the balance.'),
  amount: amountOut('Negative: it reduces the balance.'),
  currency: currencyText(),
}

const PayoutTransaction = Type.Object({
  payout_id: idOut,
  transaction_id: idOut,
  parent_transaction_id: transaction.parent_transaction_id,
  net_amount: transaction.net_amount,
  amount: transaction.amount,
  fee: amountOut('The fee.'),
  tax: amountOut('The tax on the fee.'),
  transaction_type: transaction.transaction_type,
  transaction_time: transaction.transaction_time,
  currency: currencyText(),
  ...customer,
})

const ConnectedPayoutTransaction = Type.Object({
  payout_id: idOut,
  merchant_transaction_id: Type.String({ description: 'The transfer, or the reversed transfer.' }),
  ...transaction,
  ...customer,
})

/** The answer to a request for a payout. */
export const RetrievePayoutAnswer = envelope('payout', Payout)
/** The answer to a list of payouts. */
export const ListPayoutsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  payouts: Type.Array(PayoutRow),
  page_context: PageContext,
})
/** The answer to a list of a payout's transactions. */
export const ListPayoutTransactionsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  transactions: Type.Array(PayoutTransaction),
  page_context: PageContext,
})
/** The answer to a list of the transactions of a connected account's payout. */
export const ListConnectedPayoutTransactionsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  transactions: Type.Array(ConnectedPayoutTransaction),
  page_context: PageContext,
})

/** The answer to a request for the balance. */
export const RetrieveBalanceAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  balances: Type.Array(
    Type.Object({
      currency: currencyText(),
      available: amountOut(
        'The amount that the next run of payouts can pay. Negative: the account owes this amount.',
      ),
      pending: amountOut('The amount that becomes available on a later business day.'),
      in_payouts: amountOut('The amount that is on the way to the bank.'),
    }),
    { description: 'One balance for each currency.' },
  ),
})

/** A transaction of a connected account. */
export const ConnectedTransaction = Type.Object({
  ...transaction,
  status: extensibleText(['pending', 'available', 'settled'], {
    description: '`settled`: it was paid out. Paydesk extension.',
  }),
  available_on: msText('The time from which a payout can contain the transaction.'),
  settled_time: msText(
    'The time at which the payout of the transaction was paid. Empty until then.',
  ),
  payment_method: Type.String(),
  card_brand: Type.String({ description: 'Empty unless the customer paid by card.' }),
  card_type: Type.String({ description: '`credit` or `debit`, if the processor reports it.' }),
  ...customer,
  refund_reason: Type.String({ description: 'Always empty: reversals have no reason.' }),
})
