import { CARD_BRANDS } from '../../domain/card-brand.ts'
import { CARD_CHECK_RESULTS } from '../../domain/card-checks.ts'
import type { CustomerId } from '../../domain/id.ts'
import { ACH_ACCOUNT_TYPES, ACH_HOLDER_TYPES, CARD_FUNDINGS } from '../../domain/instrument.ts'
import { METHOD_SESSION_STATUSES } from '../../domain/payment-method-session.ts'
import { SAVED_METHOD_SOURCES, SAVED_METHOD_STATUSES } from '../../domain/saved-payment-method.ts'
import { AddressIn, AddressOut } from '../address-fields.ts'
import { parsedAs } from '../parsed.ts'
import { envelope, extensibleText, idIn, idOut, paragraph, secondsOut } from '../schemas.ts'
import { Type } from '../type.ts'

/** The kinds of payment methods that can be saved. */
export const SAVABLE_TYPES = ['card', 'ach_debit'] as const

/**
 * The body of a request for a payment method session. Source: Zoho Payments API reference, payment method sessions page
 * US (seen 2026-11-28).
 */
export const MethodSessionCreateBody = Type.Object(
  {
    customer_id: parsedAs<CustomerId>()({
      ...idIn('a customer of this account'),
      description: 'The customer who saves a payment method.',
    }),
    description: Type.Optional({ ...paragraph(500), description: 'The page shows it.' }),
  },
  {
    title: 'PaymentMethodSessionCreate',
    examples: [{ customer_id: '5000000020002', description: 'Card on file' }],
  },
)

const sessionFields = {
  payment_method_session_id: idOut,
  customer_id: idOut,
  description: Type.Optional(Type.String()),
  created_time: secondsOut('The time of creation.'),
  expiry_time: secondsOut('The end of the session. Paydesk extension.'),
}

const savedStatus = Type.Enum([...SAVED_METHOD_STATUSES], {
  description:
    'Only an `active` method can be charged. `processing`: the bank verifies the account. `expired`: the card’s last month has passed.',
})

/** The answer to a create request. */
export const CreateMethodSessionAnswer = envelope(
  'payment_method_session',
  Type.Object({
    ...sessionFields,
    access_key: Type.String({
      description:
        'Opens the page `/hostedcheckout/{access_key}` on which the customer saves a method. Paydesk extension.',
    }),
  }),
)

/** The answer to a retrieve request. */
export const RetrieveMethodSessionAnswer = envelope(
  'payment_method_session',
  Type.Object({
    ...sessionFields,
    status: Type.Enum([...METHOD_SESSION_STATUSES], {
      description: 'Only `succeeded` is known from the real service.',
    }),
    payment_method: Type.Optional(
      Type.Object(
        {
          payment_method_id: idOut,
          status: savedStatus,
          created_time: secondsOut('The time at which the method was saved.'),
          type: Type.Enum([...SAVABLE_TYPES]),
        },
        { description: 'The saved method. Absent before it is saved.' },
      ),
    ),
  }),
)

const check = Type.Enum([...CARD_CHECK_RESULTS])
const cardExpiry = {
  expiry_month: Type.String({ pattern: '^\\d{2}$', examples: ['09'] }),
  expiry_year: Type.String({ pattern: '^\\d{2}$', examples: ['28'] }),
}

/** The account of an ACH debit in answers. */
export const AchOut = Type.Object({
  account_holder_name: Type.String(),
  last_four_digits: Type.String(),
  account_holder_type: Type.Optional(
    extensibleText(ACH_HOLDER_TYPES, { description: 'Absent if it is unknown.' }),
  ),
  account_type: extensibleText(ACH_ACCOUNT_TYPES),
  bank_name: Type.Optional(
    Type.String({ description: 'Absent if the processor does not report it.' }),
  ),
  routing_number: Type.String(),
})

/**
 * A saved payment method in answers and webhooks. Source: Zoho Payments API reference, payment methods page US (seen
 * 2026-11-28).
 */
const PaymentMethodOut = Type.Object({
  payment_method_id: idOut,
  customer_id: idOut,
  customer_name: Type.Optional(Type.String()),
  customer_email: Type.Optional(Type.String()),
  type: Type.Enum([...SAVABLE_TYPES]),
  status: savedStatus,
  currency: Type.Literal('USD'),
  source: Type.Enum([...SAVED_METHOD_SOURCES], {
    description:
      'The form on which the method was saved. The values of the real service are unknown.',
  }),
  created_time: secondsOut('The time at which the method was saved.'),
  last_modified_time: secondsOut('The time of the last change.'),
  card: Type.Optional(
    Type.Object({
      card_holder_name: Type.String(),
      last_four_digits: Type.String(),
      ...cardExpiry,
      brand: extensibleText(CARD_BRANDS),
      funding: Type.Optional(extensibleText(CARD_FUNDINGS)),
      country: Type.Optional(Type.String({ description: 'The issuer’s country.' })),
      card_checks: Type.Object({
        address_line_check: check,
        postal_code_check: check,
        cvc_check: check,
      }),
    }),
  ),
  ach_debit: Type.Optional(AchOut),
  billing_address: AddressOut,
})

/** The answer with one saved payment method. */
export const PaymentMethodAnswer = envelope('payment_method', PaymentMethodOut)

/** The saved payment methods of a customer, in the answer with this customer. */
export const CustomerMethods = Type.Array(
  Type.Object({
    payment_method_id: idOut,
    type: Type.Enum([...SAVABLE_TYPES]),
    brand: Type.Optional(extensibleText(CARD_BRANDS)),
    last_four_digits: Type.String(),
    expiry_month: Type.Optional(cardExpiry.expiry_month),
    expiry_year: Type.Optional(cardExpiry.expiry_year),
    card: Type.Optional(
      Type.Object({
        card_holder_name: Type.String(),
        last_four_digits: Type.String(),
        ...cardExpiry,
      }),
    ),
    ach_debit: Type.Optional(AchOut),
  }),
  {
    description:
      'Only for accounts of the US edition: the saved payment methods that were not deleted, newest first.',
  },
)

const digits = (example: string, expected: string) =>
  parsedAs<number>()(
    Type.Union([Type.Integer(), Type.String({ maxLength: 4 })], {
      examples: [example],
      'x-expected': expected,
    }),
  )

/** The body of a change: `type`, and at least one of the other fields. */
export const PaymentMethodChangeBody = Type.Object(
  {
    type: Type.Enum([...SAVABLE_TYPES], { description: 'The type of the stored method.' }),
    card: Type.Optional(
      Type.Object(
        {
          expiry_month: digits('09', 'a month from 01 to 12'),
          expiry_year: digits('28', 'a year of two or four digits, such as 28'),
        },
        { description: 'A new expiry, not in the past. It makes an expired card active.' },
      ),
    ),
    ach_debit: Type.Optional(
      Type.Object({ account_holder_type: Type.Enum([...ACH_HOLDER_TYPES, 'business']) }),
    ),
    billing_address: Type.Optional(AddressIn),
  },
  {
    title: 'PaymentMethodChange',
    examples: [{ type: 'card', card: { expiry_month: '09', expiry_year: '28' } }],
  },
)

/** The answer to a delete request. */
export const DeletePaymentMethodAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
})
