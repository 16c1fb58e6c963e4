import type { CustomerId } from '../../domain/id.ts'
import {
  AMOUNT_RULES,
  DEBIT_RULES,
  MANDATE_AMOUNTS,
  MANDATE_FREQUENCIES,
  MANDATE_YEARS_MAX,
} from '../../domain/mandate-terms.ts'
import { type Currency, formatMoney, type Money } from '../../domain/money.ts'
import { MetaData } from '../meta-data-fields.ts'
import { parsedAs } from '../parsed.ts'
import {
  configurationsOutSchema,
  echoedFields,
  HostedPageParameters,
} from '../payment-sessions/schemas.ts'
import {
  amountIn,
  amountOut,
  currencyText,
  envelope,
  extensibleText,
  idIn,
  idOut,
  line,
  paragraph,
  secondsOut,
} from '../schemas.ts'
import { Type } from '../type.ts'
import { MandateDetailsOut } from './mandate-details.ts'

/** Source: Zoho Payments API reference, mandates page IN (seen 2026-11-22). */
const ATTEMPTS = { minimum: 1, maximum: 3, default: 3 } as const

const currency = parsedAs<Currency>()(
  currencyText({
    description: 'INR.',
    examples: ['INR'],
    'x-expected': 'an ISO 4217 code in capital letters, such as INR',
  }),
)
const customer_id = parsedAs<CustomerId>()({
  ...idIn('a customer of this account'),
  description: 'The customer of the mandate.',
})
const requiredText = (description: string) =>
  Type.String({
    ...paragraph(500),
    minLength: 1,
    description,
    'x-expected': 'a text of 1 to 500 characters without control characters',
  })
const max_retry_count = Type.Optional(
  Type.Integer({
    ...ATTEMPTS,
    description: 'The maximum number of payment attempts, including the first.',
  }),
)
const day = (description: string) =>
  Type.Optional(
    Type.String({
      description,
      examples: ['2026-12-05'],
      'x-expected': 'a date, such as 2026-12-05',
    }),
  )

const largest = formatMoney({ amountMinor: MANDATE_AMOUNTS.maxMinor, currency: 'INR' })

const MandateDetails = Type.Object({
  payment_method_type: extensibleText(['upi'], {
    description: 'Only UPI has mandates.',
    'x-expected': 'upi',
  }),
  frequency: Type.Enum([...MANDATE_FREQUENCIES], {
    description:
      'At most one debit succeeds in each period. `as_presented` has no periods, `one_time` has one debit.',
  }),
  description: requiredText('The purpose of the debits, which the customer reads.'),
  amount_rule: Type.Enum([...AMOUNT_RULES], {
    description:
      '`fixed`: each debit has exactly the amount of the mandate. `variable`: at most that amount.',
  }),
  max_amount: Type.Optional(
    amountIn(
      `The amount of the mandate, from 1.00 to ${largest}. Required for \`variable\`; with \`fixed\` the default is the session's amount.`,
    ),
  ),
  start_date: day(
    'The first day of debits, in UTC+05:30: today or later. Default: today with an amount of at least 6, otherwise tomorrow.',
  ),
  end_date: day(
    `The last day of debits: after start_date, at most ${MANDATE_YEARS_MAX} years later. Without it the mandate has no end.`,
  ),
  debit_day: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 31,
      description:
        '1 (Monday) to 7 for `weekly` and `fortnightly`, otherwise the day of the month. In a shorter month the last day of the month replaces a later debit day. Not for `one_time`, `daily` and `as_presented`.',
    }),
  ),
  debit_rule: Type.Optional(
    Type.Enum([...DEBIT_RULES], {
      description:
        '`on`: on the debit day. `before`: on the debit day or earlier. `after`: on the debit day or later. Default: `on`.',
    }),
  ),
})

/**
 * The body of a request for the enrollment of a mandate. Source: Zoho Payments API reference, mandates page IN (seen
 * 2026-11-22).
 */
export const MandateEnrollmentBody = Type.Object(
  {
    type: Type.Enum(['mandate_enrollment']),
    amount: parsedAs<Money>()(
      Type.Union(
        [Type.Number({ minimum: 0 }), Type.String({ pattern: '^\\d{1,40}(\\.\\d{1,20})?$' })],
        {
          description:
            'For a mandate that starts later: 1, which is charged as the authorization (0 is accepted and becomes 1). For a mandate that starts today: the amount of its first debit, at least 6.',
          examples: [1, 499],
          'x-expected': 'an amount in major units, such as 1 or 499.00',
        },
      ),
    ),
    currency,
    customer_id,
    description: requiredText('The text that the customer reads about this payment.'),
    mandate_details: MandateDetails,
    invoice_number: Type.Optional(line(50)),
    max_retry_count,
    meta_data: Type.Optional(MetaData),
    configurations: Type.Optional(
      Type.Object({
        hosted_page_parameters: Type.Optional(HostedPageParameters),
        hosted_checkout_parameters: Type.Optional(HostedPageParameters),
      }),
    ),
  },
  {
    title: 'MandateEnrollmentCreate',
    examples: [
      {
        type: 'mandate_enrollment',
        amount: 1,
        currency: 'INR',
        customer_id: '5000000020001',
        description: 'Gym plan',
        mandate_details: {
          payment_method_type: 'upi',
          frequency: 'monthly',
          description: 'Monthly fee',
          amount_rule: 'variable',
          max_amount: 5000,
          debit_day: 5,
        },
        configurations: {
          hosted_page_parameters: {
            success_url: 'https://shop.example/paid',
            failure_url: 'https://shop.example/plan',
          },
        },
      },
    ],
  },
)

/**
 * The body of a request for a session that debits a mandate. Source: Zoho Payments API reference, mandates page IN
 * (seen 2026-11-22).
 */
export const MandateExecutionBody = Type.Object(
  {
    type: Type.Enum(['mandate_execution']),
    amount: amountIn('The amount to debit.'),
    currency,
    customer_id,
    description: requiredText('The text that the customer reads about the debit.'),
    invoice_number: line(50, 1),
    max_retry_count,
    meta_data: Type.Optional(MetaData),
  },
  {
    title: 'MandateExecutionCreate',
    examples: [
      {
        type: 'mandate_execution',
        amount: 499,
        currency: 'INR',
        customer_id: '5000000020001',
        description: 'December',
        invoice_number: 'INV-9001',
      },
    ],
  },
)

const sessionFields = {
  payments_session_id: idOut,
  currency: currencyText(),
  amount: amountOut('With exactly the decimals of the currency.'),
  created_time: secondsOut('The time of creation.'),
  expiry_time: secondsOut('The expiry time of the session.'),
  ...echoedFields,
}

/** The answer to a request for the enrollment of a mandate. */
export const CreateMandateEnrollmentAnswer = envelope(
  'payments_session',
  Type.Object({
    ...sessionFields,
    access_key: Type.String({
      description: 'Opens the page on which the customer approves: /hostedcheckout/{access_key}.',
    }),
    configurations: configurationsOutSchema,
    payments_session_type: Type.Literal('mandate_enrollment'),
    customer_id: idOut,
    mandate_details: MandateDetailsOut,
  }),
)

/** The answer to a request for a session that debits a mandate. */
export const CreateMandateExecutionAnswer = envelope(
  'payments_session',
  Type.Object({
    ...sessionFields,
    payments_session_type: Type.Literal('mandate_execution'),
    customer_id: idOut,
  }),
)
