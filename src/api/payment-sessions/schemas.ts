import type { AccountId, CustomerId } from '../../domain/id.ts'
import type { Currency } from '../../domain/money.ts'
import { PAYMENT_ATTEMPT_STATUSES } from '../../domain/payment-attempt.ts'
import { REQUESTED_METHODS } from '../../domain/payment-method.ts'
import {
  ATTEMPT_COUNT_MAX,
  EXPIRES_IN_SECONDS,
  PAYMENT_SESSION_STATUSES,
  type PaymentSessionStatus,
} from '../../domain/payment-session.ts'
import { REQUESTED_SESSION_TYPES } from '../../domain/payment-session-type.ts'
import { TERMINAL_SESSION_STATUSES } from '../../domain/terminal.ts'
import { amountQuery } from '../list-amount.ts'
import { MandateDetailsOut } from '../mandate-sessions/mandate-details.ts'
import { MetaData, MetaDataOut } from '../meta-data-fields.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import { parsedAs } from '../parsed.ts'
import { allowedMethods, returnUrlIn } from '../payment-fields.ts'
import { countryIn, phoneIn } from '../phone-fields.ts'
import {
  amountIn,
  amountOut,
  currencyText,
  dayIn,
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

/** The parameters of the hosted checkout page, in a request. */
export const HostedPageParameters = Type.Object(
  {
    success_url: returnUrlIn(
      'The page to which the customer returns after a payment. https; in a sandbox also http for hosts of the local network. Paydesk adds parameters, so the URL must not contain their names: payments_session_id, payment_session_status, payment_id, payment_status, amount, mandate_id, udf1 to udf5, signature.',
    ),
    failure_url: returnUrlIn(
      'The page to which the customer returns without a payment. The rules of success_url apply.',
    ),
    description: Type.Optional(paragraph(500)),
    name: Type.Optional(line(100)),
    email: Type.Optional(emailIn),
    phone: Type.Optional(
      phoneIn('Stored and returned unchanged. The payment has only the digits.'),
    ),
    phone_country_code: Type.Optional(countryIn),
    udf1: Type.Optional(line(255)),
    udf2: Type.Optional(line(255)),
    udf3: Type.Optional(line(255)),
    udf4: Type.Optional(line(255)),
    udf5: Type.Optional(line(255)),
  },
  { description: 'Texts, prefilled fields and return URLs of the hosted checkout page.' },
)

/** The body of a create request. Source: Zoho Payments API reference, payment session page IN (seen 2026-11-22). */
export const PaymentSessionCreateBody = Type.Object(
  {
    type: Type.Optional(
      Type.String({
        description: 'Absent for a session for one payment. Each type is a separate operation.',
        'x-expected': 'left out',
      }),
    ),
    amount: amountIn('The amount to collect, in major units: 100.5 is ₹100.50.'),
    currency: parsedAs<Currency>()(
      currencyText({
        description: 'ISO 4217. Accounts of the IN edition accept INR only.',
        examples: ['INR'],
        'x-expected': 'an ISO 4217 code in capital letters, such as INR',
      }),
    ),
    description: Type.Optional(paragraph(500)),
    expires_in: Type.Optional(
      Type.Integer({
        minimum: EXPIRES_IN_SECONDS.min,
        maximum: EXPIRES_IN_SECONDS.max,
        default: EXPIRES_IN_SECONDS.default,
        description: 'The time until the session expires, in seconds.',
      }),
    ),
    max_retry_count: Type.Optional(
      Type.Integer({
        minimum: ATTEMPT_COUNT_MAX.min,
        maximum: ATTEMPT_COUNT_MAX.max,
        default: ATTEMPT_COUNT_MAX.default,
        description: 'The maximum number of payment attempts, including the first.',
      }),
    ),
    meta_data: Type.Optional(MetaData),
    invoice_number: Type.Optional(line(50)),
    reference_number: Type.Optional(line(50)),
    customer_id: Type.Optional(
      parsedAs<CustomerId>()({
        ...idIn('a customer'),
        description:
          'A customer of the account. The payments of the session have the `customer_id`. The checkout page fills in the customer’s name, e-mail address and phone number if the hosted page parameters do not have them. Answers with the session do not contain the `customer_id`.',
      }),
    ),
    transfer_details: Type.Optional(
      Type.Array(
        Type.Object({
          connected_account_id: parsedAs<AccountId>()(idIn('a connected account')),
          amount: amountIn('The part of the amount for the connected account.'),
        }),
        { minItems: 1, maxItems: 20, description: 'Transfers to make when the payment succeeds.' },
      ),
    ),
    configurations: Type.Optional(
      Type.Object({
        allowed_payment_methods: Type.Optional(allowedMethods),
        hosted_page_parameters: Type.Optional(HostedPageParameters),
        hosted_checkout_parameters: Type.Optional(HostedPageParameters),
      }),
    ),
  },
  {
    title: 'PaymentSessionCreate',
    examples: [
      {
        amount: 1499.9,
        currency: 'INR',
        description: 'Brass lamp',
        reference_number: 'ord_8841',
        configurations: {
          hosted_page_parameters: {
            success_url: 'https://shop.example/paid',
            failure_url: 'https://shop.example/cart',
          },
        },
      },
    ],
  },
)

/** The echoed fields of a session. */
export const echoedFields = {
  meta_data: Type.Optional(MetaDataOut),
  description: Type.Optional(Type.String()),
  invoice_number: Type.Optional(Type.String()),
  reference_number: Type.Optional(Type.String()),
  max_retry_count: Type.Optional(Type.Integer()),
}
const HostedPageParametersOut = Type.Object({
  phone_country_code: Type.Optional(Type.String()),
  phone: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  success_url: Type.Optional(
    Type.String({ description: 'Absent in the sessions of payment links.' }),
  ),
  failure_url: Type.Optional(Type.String()),
  udf1: Type.Optional(Type.String()),
  udf2: Type.Optional(Type.String()),
  udf3: Type.Optional(Type.String()),
  udf4: Type.Optional(Type.String()),
  udf5: Type.Optional(Type.String()),
})
/** `configurations` in answers. */
export const configurationsOutSchema = Type.Optional(
  Type.Object(
    {
      allowed_payment_methods: Type.Optional(Type.Array(extensibleText(REQUESTED_METHODS))),
      hosted_page_parameters: Type.Optional(HostedPageParametersOut),
      hosted_checkout_parameters: Type.Optional(HostedPageParametersOut),
    },
    { description: 'As sent, without unknown fields.' },
  ),
)

/** The answer to a create request: the session with its access key, and without a status. */
export const CreatePaymentSessionAnswer = envelope(
  'payments_session',
  Type.Object({
    payments_session_id: idOut,
    currency: currencyText(),
    amount: amountOut('With exactly the decimals of the currency.'),
    created_time: secondsOut('The time of creation.'),
    expiry_time: secondsOut('The expiry time of the session.'),
    ...echoedFields,
    access_key: Type.String({
      description: 'Opens the hosted checkout: /hostedcheckout/{access_key}.',
    }),
    configurations: configurationsOutSchema,
  }),
)

const Status = Type.Enum([...PAYMENT_SESSION_STATUSES])

const rowFields = {
  payments_session_id: idOut,
  payments_session_type: Type.Optional(
    extensibleText(REQUESTED_SESSION_TYPES, {
      description: 'Absent for a session for one payment.',
    }),
  ),
  payment_link_id: Type.Optional(
    Type.String({
      ...idOut,
      description: 'The payment link that made the session. Paydesk extension.',
    }),
  ),
  currency: currencyText(),
  amount: amountOut('With exactly the decimals of the currency.'),
  status: Status,
  created_time: secondsOut('The time of creation.'),
  expiry_time: secondsOut('The expiry time of the session.'),
}

/** The answer to a retrieve request: the session with its status and attempts. */
export const RetrievePaymentSessionAnswer = envelope(
  'payments_session',
  Type.Object({
    ...rowFields,
    payments: Type.Array(
      Type.Object({
        payment_id: idOut,
        status: extensibleText(PAYMENT_ATTEMPT_STATUSES),
        created_time: secondsOut('The start of the attempt.'),
      }),
      { description: 'The payment attempts, newest first. A successful one is the first.' },
    ),
    terminal_id: Type.Optional(
      Type.String({ description: 'The terminal of an in-person session.' }),
    ),
    session_status: Type.Optional(
      Type.Enum([...TERMINAL_SESSION_STATUSES], {
        description: 'The status of an in-person session, which `status` repeats.',
      }),
    ),
    mandate_id: Type.Optional(
      Type.String({ description: 'The newest mandate of an enrollment, or the debited one.' }),
    ),
    customer_id: Type.Optional(
      Type.String({ description: 'The customer of an enrollment or a debit.' }),
    ),
    mandate_details: Type.Optional(MandateDetailsOut),
    ...echoedFields,
    configurations: configurationsOutSchema,
  }),
)

/** The answer to a list request. The real API has no list of sessions. */
export const ListPaymentSessionsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  payments_sessions: Type.Array(
    Type.Object({ ...rowFields, ...echoedFields, configurations: configurationsOutSchema }),
  ),
  page_context: PageContext,
})

/** Further words for a status in a list's query, from other lists of the real API. */
export const SESSION_STATUS_WORDS: ReadonlyMap<string, PaymentSessionStatus> = new Map([
  ['success', 'succeeded'],
  ['Status.Created', 'created'],
  ['Status.Succeeded', 'succeeded'],
  ['Status.Failed', 'failed'],
  ['Status.Canceled', 'canceled'],
  ['Status.Expired', 'expired'],
])

/** The query of a list request. Both dates are included. */
export const PaymentSessionListQuery = Type.Object({
  status: Type.Optional(
    parsedAs<PaymentSessionStatus>()(
      Type.Enum([...PAYMENT_SESSION_STATUSES, ...SESSION_STATUS_WORDS.keys()]),
    ),
  ),
  reference_number: Type.Optional(line(50)),
  invoice_number: Type.Optional(line(50)),
  search_text: Type.Optional(
    searchText(
      'The complete id, reference number or invoice number of a session, or the complete e-mail address or phone number of a payer.',
    ),
  ),
  from_date: Type.Optional(dayIn('The first day, included.')),
  to_date: Type.Optional(dayIn('The last day, included.')),
  ...amountQuery(
    'With `amount`, but with none of `reference_number`, `invoice_number` and `search_text`, the list contains only sessions with a payment attempt. ',
  ),
  ...pageQuery,
})
