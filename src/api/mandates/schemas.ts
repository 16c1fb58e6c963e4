import type {
  CustomerId,
  MandateId,
  MandateNotificationId,
  PaymentSessionId,
} from '../../domain/id.ts'
import { INACTIVE_REASONS, MANDATE_STATUSES } from '../../domain/mandate.ts'
import { NOTIFICATION_STATUSES } from '../../domain/mandate-debit.ts'
import { AMOUNT_RULES, DEBIT_RULES, MANDATE_FREQUENCIES } from '../../domain/mandate-terms.ts'
import { PAYMENT_ATTEMPT_STATUSES } from '../../domain/payment-attempt.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import { parsedAs } from '../parsed.ts'
import { countryIn, phoneIn } from '../phone-fields.ts'
import {
  amountIn,
  amountOut,
  currencyText,
  emailIn,
  envelope,
  extensibleText,
  idIn,
  idOut,
  line,
  paragraph,
  searchText,
  secondsOut,
} from '../schemas.ts'
import { Type } from '../type.ts'

const mandate_id = parsedAs<MandateId>()(idIn('a mandate of this account'))
const requiredText = Type.String({
  ...paragraph(500),
  minLength: 1,
  description: 'The text that the customer reads about the debit.',
  'x-expected': 'a text of 1 to 500 characters without control characters',
})
const optionalText = (description: string) => Type.Optional(Type.String({ description }))

/**
 * The body of a request to notify a customer of a debit. Source: Zoho Payments API reference, mandates page IN (seen
 * 2026-11-22).
 */
export const MandateNotifyBody = Type.Object(
  {
    mandate_id,
    amount: amountIn('The amount of the debit.'),
    execution_date: parsedAs<string>()(
      Type.String({
        description:
          'The day of the debit, in UTC+05:30: tomorrow or a later day, and a day that the mandate allows. The spelling 05-12-2026 (day, month, year) is accepted too.',
        examples: ['2026-12-05'],
        'x-expected': 'a date, such as 2026-12-05',
      }),
    ),
    description: requiredText,
    invoice_number: line(50, 1),
  },
  {
    title: 'MandateNotify',
    examples: [
      {
        mandate_id: '5000000062001',
        amount: 499,
        execution_date: '2026-12-05',
        description: 'December',
        invoice_number: 'INV-9001',
      },
    ],
  },
)

/**
 * The body of a request to debit a mandate. Source: Zoho Payments API reference, mandates page IN (seen 2026-11-22).
 */
export const MandateExecuteBody = Type.Object(
  {
    customer_id: parsedAs<CustomerId>()({
      ...idIn('the customer of the mandate'),
      description: 'The customer of the mandate.',
    }),
    mandate_id,
    payments_session_id: parsedAs<PaymentSessionId>()({
      ...idIn('a session with the type mandate_execution'),
      description: 'A session with the type `mandate_execution`, of the same customer.',
    }),
    invoice_number: Type.String({ ...line(50, 1), description: 'The same as the session’s.' }),
    amount: amountIn('The same as the session’s.'),
    mandate_notification_id: Type.Optional(
      parsedAs<MandateNotificationId>()({
        ...idIn('a notification of the mandate'),
        description:
          'The notification of this debit, at least 24 hours old. Without it the customer is notified now, and Paydesk makes the debit 24 hours later; a `daily` mandate needs none and is debited at once.',
      }),
    ),
    receipt_email: Type.Optional({ ...emailIn, description: 'Default: the customer’s.' }),
    phone: Type.Optional(phoneIn('Default: the customer’s.')),
    phone_country_code: Type.Optional(countryIn),
    description: Type.Optional({ ...paragraph(500), description: 'Default: the session’s.' }),
    reference_number: Type.Optional(line(50)),
  },
  {
    title: 'MandateExecute',
    examples: [
      {
        customer_id: '5000000020001',
        mandate_id: '5000000062001',
        payments_session_id: '5000000064007',
        invoice_number: 'INV-9001',
        amount: 499,
        mandate_notification_id: '5000000063001',
      },
    ],
  },
)

const upiMethod = Type.Object({
  type: Type.Literal('upi'),
  upi: Type.Object({ upi_id: optionalText('Absent until the processor has reported it.') }),
})

const Mandate = Type.Object({
  mandate_id: idOut,
  customer_id: idOut,
  customer_name: Type.String({ description: 'The customer’s name at the enrollment.' }),
  customer_email: optionalText('The customer’s e-mail address at the enrollment.'),
  customer_phone: optionalText('The customer’s phone number at the enrollment.'),
  amount: amountOut(
    'With the `amount_rule` `fixed`: the amount of each debit. With `variable`: the largest amount of a debit.',
  ),
  currency: currencyText(),
  amount_rule: Type.Enum([...AMOUNT_RULES]),
  frequency: Type.Enum([...MANDATE_FREQUENCIES]),
  status: Type.Enum([...MANDATE_STATUSES]),
  description: Type.String(),
  debit_day: Type.Optional(Type.Integer()),
  debit_rule: Type.Optional(Type.Enum([...DEBIT_RULES])),
  start_date: secondsOut('The beginning of the first day of debits.'),
  end_date: Type.Optional(secondsOut('The beginning of the last day of debits.')),
  payment_method: upiMethod,
  inactive_reason: Type.Optional(
    Type.Enum([...INACTIVE_REASONS], {
      description: 'The reason for the end of an inactive mandate. Paydesk extension.',
    }),
  ),
  created_time: secondsOut('The start of the enrollment payment. Paydesk extension.'),
})

/** The answer with one mandate. */
export const MandateAnswer = envelope('mandate', Mandate)

/** The answer to a request for a list of mandates. */
export const ListMandatesAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  mandates: Type.Array(Mandate),
  page_context: PageContext,
})

/** The query of a list of mandates. */
export const MandateListQuery = Type.Object({
  status: Type.Optional(
    Type.Enum([
      ...MANDATE_STATUSES,
      'Status.Processing',
      'Status.Active',
      'Status.Paused',
      'Status.Inactive',
    ]),
  ),
  customer_id: Type.Optional(
    Type.String({ pattern: '^[1-9]\\d{0,15}$', 'x-expected': 'a text of 1 to 16 digits' }),
  ),
  search_text: Type.Optional(searchText('A complete mandate id or UPI ID.')),
  ...pageQuery,
})

/** The answer with one notification. */
export const MandateNotificationAnswer = envelope(
  'mandate_notification',
  Type.Object({
    mandate_id: idOut,
    mandate_notification_id: idOut,
    customer_id: idOut,
    mandate_amount: amountOut('The mandate’s amount.'),
    currency: currencyText(),
    amount_rule: Type.Enum([...AMOUNT_RULES]),
    notification_amount: amountOut('The announced amount.'),
    notification_status: Type.Enum([...NOTIFICATION_STATUSES]),
    description: Type.String(),
    invoice_number: Type.String(),
    amount: amountOut('The same as notification_amount.'),
    notification_date: secondsOut('The time of the request.'),
    execution_date: secondsOut('The beginning of the day of the debit.'),
    payment_method: upiMethod,
  }),
)

/** The answer with the payment of a debit. */
export const ExecuteMandateAnswer = envelope(
  'payment',
  Type.Object({
    payment_id: idOut,
    payments_session_id: idOut,
    invoice_number: Type.String(),
    customer_id: idOut,
    amount: amountOut('The amount of the debit.'),
    currency: currencyText(),
    status: extensibleText(PAYMENT_ATTEMPT_STATUSES),
    statement_descriptor: optionalText('The text on the customer’s statement.'),
    description: Type.String(),
    reference_number: optionalText('As sent.'),
    date: secondsOut('The time of the decision; before the decision, the start.'),
    payment_method: Type.Object({ type: Type.Literal('upi') }),
    mandate_id: idOut,
    mandate_notification_id: optionalText(
      'The notification of the debit. Absent for a daily mandate without one.',
    ),
  }),
)
