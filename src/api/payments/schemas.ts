import { CARD_BRANDS } from '../../domain/card-brand.ts'
import { DISPUTE_REASONS, DISPUTE_STATUSES } from '../../domain/dispute.ts'
import {
  ACH_ACCOUNT_TYPES,
  ACH_HOLDER_TYPES,
  BANK_TRANSFER_MODES,
  CARD_FUNDINGS,
  UPI_ACCOUNT_TYPES,
  UPI_CHANNELS,
} from '../../domain/instrument.ts'
import {
  DECLINE_CODES,
  FAILURE_CATEGORIES,
  NEXT_ACTIONS,
  PAYMENT_ATTEMPT_STATUSES,
} from '../../domain/payment-attempt.ts'
import { type PaymentMethodType, REQUESTED_METHODS } from '../../domain/payment-method.ts'
import { ANSWERED_METHODS } from '../../wire/payment.ts'
import { amountQuery } from '../list-amount.ts'
import { listSpans } from '../list-spans.ts'
import { MetaDataOut } from '../meta-data-fields.ts'
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
  searchText,
  secondsOut,
} from '../schemas.ts'
import { Type } from '../type.ts'

const optionalText = (description: string) => Type.Optional(Type.String({ description }))

/** Besides `type`, exactly one of the objects is present. */
const PaymentMethod = Type.Object({
  payment_method_id: Type.Optional({
    ...idOut,
    description: 'Only for charges of a saved payment method.',
  }),
  type: extensibleText(ANSWERED_METHODS, {
    description: 'Net banking is `net_banking` in answers, and `netbanking` in requests.',
  }),
  card: Type.Optional(
    Type.Object({
      card_holder_name: Type.String(),
      last_four_digits: Type.String(),
      expiry_month: Type.String({ examples: ['09'] }),
      expiry_year: Type.String({ pattern: '^\\d{2}$', examples: ['28'] }),
      brand: extensibleText(CARD_BRANDS),
      funding: Type.Optional(
        extensibleText(CARD_FUNDINGS, {
          description: 'Absent if the processor does not report it.',
        }),
      ),
    }),
  ),
  upi: Type.Optional(
    Type.Object({
      upi_id: optionalText('Absent if the customer paid by a link or a QR code.'),
      channel: extensibleText(UPI_CHANNELS),
      account_type: Type.Optional(
        extensibleText(UPI_ACCOUNT_TYPES, {
          description: 'The source of the money, if the processor reports it.',
        }),
      ),
    }),
  ),
  net_banking: Type.Optional(Type.Object({ bank_name: Type.String() })),
  wallet: Type.Optional(Type.Object({ wallet_name: Type.String() })),
  bank_transfer: Type.Optional(
    Type.Object({
      virtual_account_number: optionalText(
        'The account for the customer’s transfer. Each payment of a session has its own; payments to a virtual account have the number of that account.',
      ),
      mode: Type.Optional(Type.Enum([...BANK_TRANSFER_MODES])),
      payer_name: optionalText('The holder of the sending account, if the processor reports it.'),
      payer_ifsc_code: optionalText('The sending bank’s IFSC, if the processor reports it.'),
    }),
  ),
  ach_debit: Type.Optional(
    Type.Object({
      account_holder_name: Type.String(),
      last_four_digits: Type.String(),
      account_holder_type: Type.Optional(
        extensibleText(ACH_HOLDER_TYPES, {
          description: 'Absent if the processor does not report it.',
        }),
      ),
      account_type: extensibleText(ACH_ACCOUNT_TYPES),
      bank_name: optionalText('Absent if the processor does not report it.'),
      routing_number: Type.String(),
    }),
  ),
})

const money = {
  amount: amountOut('The requested amount.'),
  currency: currencyText(),
  amount_captured: amountOut('The captured amount.'),
  amount_refunded: amountOut('The refunded part of the captured amount.'),
  fee_amount: amountOut('The fee on the captured amount.'),
  net_amount: amountOut('The captured amount minus refunds, fee and tax.'),
}
const status = Type.Enum([...PAYMENT_ATTEMPT_STATUSES, 'partially_refunded', 'disputed'])
const date = secondsOut('The time of the decision; before the decision, the start.')

/** The open dispute of a payment, otherwise its newest one. */
const PaymentDispute = Type.Object(
  {
    dispute_id: idOut,
    amount: amountOut('The disputed amount.'),
    reason: extensibleText(DISPUTE_REASONS),
    status: Type.Enum([...DISPUTE_STATUSES], {
      description: 'From the merchant’s point of view. `won` and `lost` are final.',
    }),
    created_time: secondsOut('The time of the opening.'),
  },
  {
    description:
      'The open dispute of the payment, otherwise the newest one. Absent if there was none. Paydesk extension.',
  },
)

/** The answer to a retrieve request. Source: Zoho Payments API reference, payments page (seen 2026-11-22). */
export const RetrievePaymentAnswer = envelope(
  'payment',
  Type.Object({
    payment_id: idOut,
    phone: optionalText('Digits, without the dialing code if it is known.'),
    dialing_code: Type.Optional(
      Type.String({
        pattern: '^\\+\\d{1,3}$',
        examples: ['+91'],
        description:
          'The phone number’s dialing code. Absent if neither the number nor a country determines it.',
      }),
    ),
    customer_id: optionalText('The customer of the session, the charge or the virtual account.'),
    customer_name: optionalText(
      'Only for a virtual account: the customer’s name at the time of the transfer.',
    ),
    customer_email: optionalText(
      'Only for a virtual account: the customer’s e-mail address at the time of the transfer.',
    ),
    balance: Type.Optional(
      amountOut('Only for a virtual account: the captured amount minus refunds.'),
    ),
    fraud_alert: Type.Optional(
      Type.Literal('no_alert', { description: 'Only for a virtual account.' }),
    ),
    payments_session_id: Type.Optional(idOut),
    payment_link_id: optionalText('The payment link that was paid.'),
    virtual_account_id: optionalText('The virtual account that received the transfer.'),
    mandate_id: optionalText('The mandate that was enrolled or debited.'),
    ...money,
    net_tax_amount: amountOut('The tax on the fee.'),
    total_fee_amount: amountOut('Fee plus tax.'),
    receipt_email: optionalText('The e-mail address for a receipt.'),
    reference_number: optionalText(
      'Your own number from the request of the debit, from the session, or from the virtual account.',
    ),
    transaction_reference_number: optionalText('The processor’s reference.'),
    invoice_number: optionalText('The invoice number of the session.'),
    status,
    payment_type: Type.Enum(['ecommerce', 'pos']),
    transaction_type: Type.Enum(['one_time', 'recurring'], {
      description: '`recurring`: the merchant started the payment without the customer.',
    }),
    exchange_rate: Type.Optional(
      Type.Literal(1, { description: 'Only for payments in USD. Nothing is converted.' }),
    ),
    statement_descriptor: optionalText(
      'The text on the customer’s statement: the one in the request of the charge, otherwise the account’s setting at the start of the payment.',
    ),
    description: optionalText(
      'The description in the request of the debit or the charge, otherwise that of the session or the virtual account.',
    ),
    date,
    failure_code: Type.Optional(
      extensibleText(DECLINE_CODES, { description: 'The decline code of a failed payment.' }),
    ),
    failure_reason: optionalText('The decline as a sentence.'),
    failure_category: Type.Optional(
      Type.Enum([...FAILURE_CATEGORIES], {
        description:
          'The party that caused the failure. `expired`: the customer acted too late, or not at all. Paydesk extension.',
      }),
    ),
    next_action: Type.Optional(
      Type.Enum([...NEXT_ACTIONS], {
        description: 'The customer’s next step. Paydesk extension.',
      }),
    ),
    tip: optionalText('Advice for the merchant.'),
    payment_method: PaymentMethod,
    meta_data: Type.Optional(MetaDataOut),
    dispute: Type.Optional(PaymentDispute),
  }),
)

/** The answer to a list request. */
export const ListPaymentsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  payments: Type.Array(
    Type.Object({
      payment_id: idOut,
      ...money,
      receipt_email: optionalText('The e-mail address for a receipt.'),
      reference_number: optionalText(
        'Your own number from the request of the debit, from the session, or from the virtual account.',
      ),
      status,
      date,
      payment_method: Type.Object({
        payment_method_id: Type.Optional(idOut),
        type: extensibleText(ANSWERED_METHODS),
      }),
    }),
  ),
  page_context: PageContext,
})

/** The statuses in a list's query: the real API's words, and plain ones. */
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

/** The query of a list request. Source: Zoho Payments API reference, payments page (seen 2026-11-22). */
export const PaymentListQuery = Type.Object({
  status: Type.Optional(Type.Enum([...PAYMENT_LIST_STATUSES])),
  search_text: Type.Optional(
    searchText(
      'A complete payment id, e-mail address, phone number, reference number or invoice number.',
    ),
  ),
  filter_by: Type.Optional(
    Type.Enum(listSpans('ChargeDate'), {
      description: `Only payments that started in this span of days. ${SPAN_DAYS_OF_ACCOUNT}`,
    }),
  ),
  from_date: Type.Optional(
    dayIn(
      'The first day, included. Required with ChargeDate.CustomDate, ignored with other spans.',
    ),
  ),
  to_date: Type.Optional(
    dayIn('The last day, included. Required with ChargeDate.CustomDate, ignored with other spans.'),
  ),
  payment_method_type: Type.Optional(
    parsedAs<PaymentMethodType>()(
      extensibleText([...REQUESTED_METHODS, 'net_banking'], {
        'x-expected': 'the name of a payment method, such as card or net_banking',
      }),
    ),
  ),
  customer_id: Type.Optional(
    Type.String({
      pattern: '^[1-9]\\d{0,15}$',
      description: 'Only payments of this customer. Paydesk extension.',
      'x-expected': 'the id of a customer, in digits',
    }),
  ),
  ...amountQuery(),
  ...pageQuery,
})
