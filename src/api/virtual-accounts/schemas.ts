import { BANK_TRANSFER_STATUSES } from '../../domain/bank-transfer.ts'
import type { CustomerId } from '../../domain/id.ts'
import { FAILURE_CATEGORIES, NEXT_ACTIONS } from '../../domain/payment-attempt.ts'
import { VIRTUAL_ACCOUNT_STATUSES } from '../../domain/virtual-account.ts'
import { ChangedMetaData, MetaData, MetaDataOut } from '../meta-data-fields.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import { parsedAs } from '../parsed.ts'
import {
  amountIn,
  amountOut,
  currencyText,
  envelope,
  idIn,
  idOut,
  line,
  secondsOut,
} from '../schemas.ts'
import { Type } from '../type.ts'

const descriptionIn = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$',
  description: 'The purpose of the account. Each payment has it.',
  'x-expected': 'a text of 1 to 500 characters without control characters',
})
const customerIn = Type.Optional(
  parsedAs<CustomerId>()({
    ...idIn('a customer of this account'),
    description: 'The customer who pays. Each payment has this `customer_id`.',
  }),
)
const limits = {
  minimum_amount: Type.Optional(amountIn('The smallest transfer that succeeds.')),
  maximum_amount: Type.Optional(amountIn('The largest transfer that succeeds.')),
}
const expiryIn = Type.Optional(
  Type.String({
    description:
      'The last day, in UTC+05:30: today or later. After one year without a transfer the virtual account closes, even before its last day.',
    examples: ['2027-10-25'],
    'x-expected': 'a date, such as 2027-10-25',
  }),
)
const reference_number = Type.Optional({
  ...line(50),
  description: 'Your own number. Each payment has it.',
})

/** The body of a create request. Source: Zoho Payments API reference, collect page IN (seen 2026-11-22). */
export const VirtualAccountCreateBody = Type.Object(
  {
    description: descriptionIn,
    customer_id: customerIn,
    ...limits,
    expires_at: expiryIn,
    reference_number,
    meta_data: Type.Optional(MetaData),
  },
  {
    title: 'VirtualAccountCreate',
    examples: [
      {
        description: 'Dealer deposits',
        minimum_amount: 100,
        maximum_amount: 10000,
        reference_number: 'dealer-9',
      },
    ],
  },
)

/** The body of a change: at least one of the fields except `customer_id`. */
export const VirtualAccountChangeBody = Type.Object(
  {
    description: Type.Optional(descriptionIn),
    customer_id: Type.Optional({
      ...idIn('the customer of the virtual account'),
      description: 'It cannot change: another value is refused.',
    }),
    ...limits,
    expires_at: expiryIn,
    reference_number,
    meta_data: Type.Optional(ChangedMetaData),
  },
  { title: 'VirtualAccountChange', examples: [{ maximum_amount: 25000 }] },
)

const rupeesOut = (description: string) =>
  Type.Number({ description: `${description} A JSON number of rupees.`, examples: [250.5] })

const VirtualAccount = Type.Object({
  virtual_account_id: idOut,
  account_number: Type.String({
    description: 'The number for transfers.',
    examples: ['PAYDK7QF2MZ4XWB3N5T'],
  }),
  ifsc_code: Type.String({
    description: 'The code of the account’s bank.',
    examples: ['PAYD0SANDBX'],
  }),
  beneficiary_name: Type.String({
    description:
      'The name of the account’s holder for transfers: the merchant’s name at the opening, unless the processor returned another one.',
  }),
  description: Type.String(),
  customer_id: Type.Optional(Type.String({ description: 'Absent without a customer.' })),
  minimum_amount: Type.Optional(rupeesOut('The smallest transfer that succeeds.')),
  maximum_amount: Type.Optional(rupeesOut('The largest transfer that succeeds.')),
  amount_paid: rupeesOut('The sum of the succeeded transfers. Refunds do not change it.'),
  meta_data: Type.Optional(MetaDataOut),
  reference_number: Type.Optional(Type.String()),
  status: Type.Enum([...VIRTUAL_ACCOUNT_STATUSES]),
  expires_at: Type.Optional(
    Type.String({ description: 'The last day, in UTC+05:30.', examples: ['2027-10-25'] }),
  ),
  created_time: secondsOut('The time of creation.'),
  last_modified_time: secondsOut('The time of the last change, or of the closing.'),
})

/** The answer with one virtual account. */
export const VirtualAccountAnswer = envelope('virtual_account', VirtualAccount)

/** The query of a list of virtual accounts. */
export const VirtualAccountListQuery = Type.Object({
  status: Type.Optional(Type.Enum([...VIRTUAL_ACCOUNT_STATUSES, 'Status.Active', 'Status.Closed'])),
  customer_id: Type.Optional(
    Type.String({ pattern: '^[1-9]\\d{0,15}$', 'x-expected': 'a text of 1 to 16 digits' }),
  ),
  reference_number: Type.Optional({
    ...line(50, 1),
    description: 'The complete reference number of a virtual account.',
  }),
  account_number: Type.Optional({
    ...line(50, 1),
    description: 'The complete number of a virtual account.',
  }),
  ...pageQuery,
})

/** The answer to a list request. */
export const ListVirtualAccountsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  virtual_accounts: Type.Array(VirtualAccount),
  page_context: PageContext,
})

/** The statuses in the query of a list of payments: the real API's words, and plain ones. */
export const TRANSFER_STATUS_WORDS = [
  'Status.All',
  'Status.Succeeded',
  'Status.Failed',
  'Status.Refunded',
  'Status.Disputed',
  'all',
  'succeeded',
  'success',
  'failed',
  'refunded',
  'disputed',
] as const

/**
 * The query of a list of a virtual account's payments. Source: Zoho Payments API reference, collect page IN (seen
 * 2026-11-22).
 */
export const VirtualAccountPaymentsQuery = Type.Object({
  status: Type.Optional(Type.Enum([...TRANSFER_STATUS_WORDS])),
  sort_column: Type.Optional(Type.Enum(['date', 'amount'], { description: 'Default: `date`.' })),
  sort_order: Type.Optional(
    Type.Enum(['A', 'D'], { description: '`A`: ascending. `D`: descending. Default: `D`.' }),
  ),
  ...pageQuery,
})

const optionalText = (description: string) => Type.Optional(Type.String({ description }))

/** The answer to a request for a virtual account's payments. */
export const ListVirtualAccountPaymentsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  payments: Type.Array(
    Type.Object({
      payment_id: idOut,
      customer_id: optionalText('The customer of the virtual account.'),
      virtual_account_id: idOut,
      customer_name: optionalText('The customer’s name at the time of the transfer.'),
      customer_email: optionalText('The customer’s e-mail address at the time of the transfer.'),
      amount: amountOut('The transferred amount.'),
      receipt_email: optionalText('The e-mail address for a receipt.'),
      dialing_code: optionalText('The dialing code of the customer’s phone number.'),
      phone: optionalText('Digits, without the dialing code if it is known.'),
      reference_number: optionalText('The reference number of the virtual account.'),
      transaction_reference_number: Type.String({ description: 'The bank’s reference (UTR).' }),
      payment_type: Type.Literal('ecommerce'),
      currency: currencyText(),
      balance: amountOut('The captured amount minus refunds.'),
      amount_captured: amountOut('The captured amount.'),
      amount_refunded: amountOut('The refunded part of the captured amount.'),
      fee_amount: amountOut('The fee on the captured amount.'),
      status: Type.Enum([...BANK_TRANSFER_STATUSES, 'partially_refunded']),
      transaction_type: Type.Literal('one_time'),
      fraud_alert: Type.Literal('no_alert'),
      failure_reason: optionalText('The decline as a sentence.'),
      failure_category: Type.Optional(Type.Enum([...FAILURE_CATEGORIES])),
      next_action: Type.Optional(Type.Enum([...NEXT_ACTIONS])),
      tip: optionalText('Advice for the merchant.'),
      date: secondsOut('The time of the transfer.'),
      payment_method: Type.Object({ type: Type.Literal('bank_transfer') }),
    }),
  ),
  page_context: PageContext,
})
