import { Type } from 'typebox'
import { BANK_TRANSFER_MODES } from '../../domain/instrument.ts'
import {
  FAILURE_CATEGORIES,
  NEXT_ACTIONS,
  PAYMENT_ATTEMPT_STATUSES,
} from '../../domain/payment-attempt.ts'
import { listSpans } from '../list-spans.ts'
import { MetaDataOut } from '../meta-data-fields.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import {
  amountOut,
  DAYS_OF_ACCOUNT,
  dayIn,
  envelope,
  idOut,
  searchText,
  secondsOut,
} from '../schemas.ts'

const optionalText = (description: string) => Type.Optional(Type.String({ description }))

/** What a payment was made with. One of the objects beside `type` is there. */
const PaymentMethod = Type.Object({
  type: Type.String({ examples: ['card'], description: 'Net banking is `net_banking` here.' }),
  card: Type.Optional(
    Type.Object({
      card_holder_name: Type.String(),
      last_four_digits: Type.String(),
      expiry_month: Type.String({ examples: ['09'] }),
      expiry_year: Type.String({ pattern: '^\\d{2}$', examples: ['28'] }),
      brand: Type.String({ examples: ['visa'] }),
      funding: optionalText('`credit` or `debit`, where the processor knows.'),
    }),
  ),
  upi: Type.Optional(
    Type.Object({
      upi_id: optionalText('Absent where the customer paid by a link or a QR code.'),
      channel: Type.String({ examples: ['collect'] }),
      account_type: optionalText('What the money came from, where the processor knows.'),
    }),
  ),
  net_banking: Type.Optional(Type.Object({ bank_name: Type.String() })),
  wallet: Type.Optional(Type.Object({ wallet_name: Type.String() })),
  bank_transfer: Type.Optional(
    Type.Object({
      virtual_account_number: optionalText(
        'The account that the money was, or is to be, sent to. It is of this payment alone.',
      ),
      mode: Type.Optional(Type.Enum([...BANK_TRANSFER_MODES])),
      payer_name: optionalText('Whose account it came from, where the processor knows.'),
      payer_ifsc_code: optionalText('Of which bank, where the processor knows.'),
    }),
  ),
  ach_debit: Type.Optional(
    Type.Object({
      account_holder_name: Type.String(),
      last_four_digits: Type.String(),
      account_holder_type: optionalText('`individual` or `company`, where the processor knows.'),
      account_type: Type.String(),
      routing_number: Type.String(),
    }),
  ),
})

const money = {
  amount: amountOut('What was to be paid.'),
  currency: Type.String(),
  amount_captured: amountOut('What was taken.'),
  amount_refunded: amountOut('What was given back of it.'),
  fee_amount: amountOut('The fee on what was taken.'),
  net_amount: amountOut('What is left: taken, less given back, less fee and tax.'),
}
const status = Type.Enum([...PAYMENT_ATTEMPT_STATUSES, 'partially_refunded'])
const date = secondsOut('When it was decided, else when it began.')

/**
 * The answer to a retrieve request.
 *
 * Source: Zoho Payments API reference, payments page (seen 2026-11-22).
 */
export const PaymentRetrieved = envelope(
  'payment',
  Type.Object({
    payment_id: idOut,
    phone: optionalText('Digits, without the dialing code where that is known.'),
    dialing_code: Type.Optional(
      Type.String({
        pattern: '^\\+\\d{1,3}$',
        examples: ['+91'],
        description: 'Of the phone number. Absent: neither the number nor its country said it.',
      }),
    ),
    payments_session_id: idOut,
    ...money,
    net_tax_amount: amountOut('The tax on the fee.'),
    total_fee_amount: amountOut('Fee and tax.'),
    receipt_email: optionalText('Where a receipt can go.'),
    reference_number: optionalText('The session’s.'),
    transaction_reference_number: optionalText('What the processor calls it.'),
    invoice_number: optionalText('The session’s.'),
    status,
    payment_type: Type.Literal('ecommerce'),
    transaction_type: Type.Literal('one_time'),
    exchange_rate: Type.Optional(
      Type.Literal(1, { description: 'With payments in USD alone: nothing is converted.' }),
    ),
    statement_descriptor: optionalText(
      'What the customer’s statement shows: the account’s setting when the payment began.',
    ),
    description: optionalText('The session’s.'),
    date,
    failure_code: optionalText('Why it failed, from the list of declines.'),
    failure_reason: optionalText('The same in a sentence.'),
    failure_category: Type.Optional(
      Type.Enum([...FAILURE_CATEGORIES], {
        description: 'Whose matter it is. The words are ours.',
      }),
    ),
    next_action: Type.Optional(
      Type.Enum([...NEXT_ACTIONS], {
        description: 'What the customer can do about it. The words are ours.',
      }),
    ),
    tip: optionalText('What you can tell the customer, in a sentence.'),
    payment_method: PaymentMethod,
    meta_data: Type.Optional(MetaDataOut),
  }),
)

/** The answer to a list request. */
export const PaymentsListed = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  payments: Type.Array(
    Type.Object({
      payment_id: idOut,
      ...money,
      receipt_email: optionalText('Where a receipt can go.'),
      reference_number: optionalText('The session’s.'),
      status,
      date,
      payment_method: Type.Object({ type: Type.String() }),
    }),
  ),
  page_context: PageContext,
})

/** The statuses of a list's query: the words of the real API, and plain. */
export const PAYMENT_LIST_STATUSES = [
  'Status.All',
  'Status.Succeeded',
  'Status.Failed',
  'Status.Canceled',
  'Status.Cancelled',
  'Status.Refunded',
  'Status.Disputed',
  'all',
  'succeeded',
  'success',
  'failed',
  'canceled',
  'cancelled',
  'refunded',
  'disputed',
] as const

/**
 * The query of a list request.
 *
 * Source: Zoho Payments API reference, payments page (seen 2026-11-22).
 */
export const PaymentListQuery = Type.Object({
  status: Type.Optional(Type.Enum([...PAYMENT_LIST_STATUSES])),
  search_text: Type.Optional(
    searchText('A payment’s id, an e-mail address, a phone number, or a reference number, whole.'),
  ),
  filter_by: Type.Optional(
    Type.Enum(listSpans('ChargeDate'), {
      description: `When it was begun, in the account’s calendar. ${DAYS_OF_ACCOUNT}`,
    }),
  ),
  from_date: Type.Optional(dayIn('The first day. Needed with ChargeDate.CustomDate.')),
  to_date: Type.Optional(dayIn('The last day. Needed with ChargeDate.CustomDate.')),
  payment_method_type: Type.Optional(
    Type.String({ 'x-expected': 'the name of a payment method, such as card or net_banking' }),
  ),
  ...pageQuery,
})
