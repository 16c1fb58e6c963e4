import type { Currency } from '../../domain/money.ts'
import { PAYMENT_ATTEMPT_STATUSES } from '../../domain/payment-attempt.ts'
import {
  PAYMENT_LINK_LIFE,
  PAYMENT_LINK_PAYMENT_COUNT_MAX,
  PAYMENT_LINK_STATUSES,
  type PaymentLinkStatus,
} from '../../domain/payment-link.ts'
import { REQUESTED_METHODS } from '../../domain/payment-method.ts'
import { ANSWERED_METHODS } from '../../wire/payment.ts'
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
  idOut,
  line,
  paragraph,
  searchText,
  secondsOut,
} from '../schemas.ts'
import { Type } from '../type.ts'

const description = Type.String({
  ...paragraph(500),
  minLength: 1,
  description: 'What the customer pays for. The page shows it.',
  'x-expected': 'a text of 1 to 500 characters without control characters',
})
const phone = phoneIn('Stored and returned unchanged. The form of the page is filled in with it.')
const phoneCountry = Type.String({
  ...countryIn,
  description: 'The country of the phone number, which determines the dialing code.',
})
/** The last day of a link in a request. Its rule returns the first millisecond after the day. */
const lastDay = parsedAs<number>()(
  Type.String({
    description: `The last day on which the link can be paid: a day in UTC+05:30 for accounts of the IN edition, in UTC for those of the US edition. From today up to ${PAYMENT_LINK_LIFE.yearsMax} years ahead. Default for a new link: ${PAYMENT_LINK_LIFE.daysDefault} days ahead.`,
    examples: ['2026-12-22'],
    'x-expected': 'a date, such as 2026-12-22',
  }),
)
const referenceId = Type.String({
  ...line(100),
  description: 'Your reference, such as an invoice.',
})
const returnUrl = returnUrlIn(
  'The page to which the customer returns after the payment. https; in a sandbox also http for hosts of the local network. Paydesk adds parameters, so the URL must not contain their names: payment_link_id, payment_id, amount, status, payment_link_reference, signature.',
)
const notifyCustomer = Type.Object(
  {
    email: Type.Optional(Type.Boolean({ 'x-expected': 'true or false' })),
    sms: Type.Optional(Type.Boolean({ 'x-expected': 'true or false' })),
  },
  {
    description:
      'Sends the link to the customer. `email` needs an e-mail address; `sms` needs a phone number and an account of the IN edition. In live mode each channel needs a messenger.',
  },
)
const configurations = Type.Object({ allowed_payment_methods: Type.Optional(allowedMethods) })

/**
 * The body of a create request. Source: the official SDKs for Go, Python and .NET, and the API reference, payment links
 * page (seen 2026-11-28).
 */
export const PaymentLinkCreateBody = Type.Object(
  {
    amount: amountIn('The amount to collect, in major units: 100.5 is ₹100.50.'),
    currency: parsedAs<Currency>()(
      currencyText({
        description: 'ISO 4217. Accounts of the IN edition accept INR only.',
        examples: ['INR'],
        'x-expected': 'an ISO 4217 code in capital letters, such as INR',
      }),
    ),
    description,
    email: Type.Optional(emailIn),
    phone: Type.Optional(phone),
    phone_country_code: Type.Optional(phoneCountry),
    expires_at: Type.Optional(lastDay),
    reference_id: Type.Optional(referenceId),
    return_url: Type.Optional(returnUrl),
    notify_customer: Type.Optional(notifyCustomer),
    configurations: Type.Optional(configurations),
  },
  {
    title: 'PaymentLinkCreate',
    examples: [
      {
        amount: 1499.9,
        currency: 'INR',
        description: 'Order 8841',
        email: 'asha@shop.example',
        reference_id: 'INV-8841',
        return_url: 'https://shop.example/back?o=8841',
        notify_customer: { email: true },
      },
    ],
  },
)

const REMOVES = 'An empty text removes it.'

/** The body of an update: at least one of the fields after `currency`. */
export const PaymentLinkUpdateBody = Type.Object(
  {
    amount: Type.Optional(amountIn('Refused unless it equals the amount of the link.')),
    currency: Type.Optional(
      currencyText({
        description: 'Refused unless it equals the currency of the link.',
        'x-expected': 'an ISO 4217 code in capital letters, such as INR',
      }),
    ),
    description: Type.Optional(description),
    email: Type.Optional(
      Type.Union([Type.Literal(''), emailIn], {
        description: REMOVES,
        'x-expected': 'an e-mail address, such as asha@example.com, or an empty text',
        'x-empty-is-value': true,
      }),
    ),
    phone: Type.Optional(
      Type.String({
        ...phone,
        description: `${REMOVES} A number with another dialing code removes the country.`,
        'x-empty-is-value': true,
      }),
    ),
    phone_country_code: Type.Optional(phoneCountry),
    expires_at: Type.Optional(lastDay),
    reference_id: Type.Optional(
      Type.String({ ...referenceId, description: REMOVES, 'x-empty-is-value': true }),
    ),
    return_url: Type.Optional(
      Type.String({ ...returnUrl, description: REMOVES, 'x-empty-is-value': true }),
    ),
    notify_customer: Type.Optional({
      ...notifyCustomer,
      description: 'Replaces the earlier object. A value of true sends the link again.',
    }),
    configurations: Type.Optional(configurations),
  },
  {
    title: 'PaymentLinkUpdate',
    examples: [{ description: 'Order 8841, two lamps', expires_at: '2026-12-31' }],
  },
)

/** The body of a request to send a link again. It may be absent. */
export const PaymentLinkNotifyBody = Type.Object(
  {
    notify_customer: Type.Optional({
      ...notifyCustomer,
      description: 'The channels. Default: those of the link’s own `notify_customer`.',
    }),
  },
  { title: 'PaymentLinkNotify', examples: [{ notify_customer: { email: true } }] },
)

const linkFields = {
  payment_link_id: idOut,
  url: Type.String({
    description: 'The URL of the page. It never changes.',
    examples: [
      'https://pay.shop.example/paymentlink/01b3c2d9f0a16c5d2e8f7a9b0c1d2e3f405162738495a6b7c8d9',
    ],
  }),
  expires_at: Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    description: 'The last day on which the link can be paid, in the account’s calendar.',
  }),
  amount: amountOut('With exactly the decimals of the currency.'),
  amount_paid: amountOut('The amount, if the link has been paid; otherwise zero.'),
  currency: currencyText(),
  status: Type.Enum([...PAYMENT_LINK_STATUSES], {
    description:
      '`paid`, `expired` and `canceled` are final. Refunds do not change the status. After its last day a link stays active while a payment that began in time is in progress.',
  }),
  email: Type.Optional(Type.String()),
  reference_id: Type.Optional(Type.String()),
  description: Type.String(),
  return_url: Type.Optional(Type.String()),
  phone: Type.Optional(Type.String({ description: 'As sent.' })),
  phone_country_code: Type.Optional(Type.String()),
  created_time: secondsOut('The time of creation.'),
  created_by_id: Type.String({
    description: 'The account’s id: Paydesk’s accounts have no users.',
  }),
  created_by: Type.String({ description: 'The account’s name.' }),
  last_modified_by_id: Type.String(),
  last_modified: Type.String({ description: 'The account’s name, not a time.' }),
  notify_customer: Type.Optional(
    Type.Object(
      { email: Type.Optional(Type.Boolean()), sms: Type.Optional(Type.Boolean()) },
      { description: 'As sent. Paydesk extension.' },
    ),
  ),
  configurations: Type.Optional(
    Type.Object({
      allowed_payment_methods: Type.Optional(Type.Array(extensibleText(REQUESTED_METHODS))),
    }),
  ),
}

/** The answer to a create request: the link without payments. The key is plural, as in the real API. */
export const CreatePaymentLinkAnswer = envelope('payment_links', Type.Object(linkFields))

/** The answer to other requests for one link: with its payments. */
export const RetrievePaymentLinkAnswer = envelope(
  'payment_links',
  Type.Object({
    ...linkFields,
    payments: Type.Array(
      Type.Object({
        payment_id: idOut,
        amount: amountOut('The amount of the payment.'),
        type: extensibleText(ANSWERED_METHODS),
        status: extensibleText(PAYMENT_ATTEMPT_STATUSES),
        date: secondsOut('The time of the decision; before the decision, the start.'),
      }),
      {
        description: `The successful payment is the first. The others follow, newest first. At most ${PAYMENT_LINK_PAYMENT_COUNT_MAX}.`,
      },
    ),
  }),
)

/** The answer to a list request. The real API has no list of links. */
export const ListPaymentLinksAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  payment_links: Type.Array(Type.Object(linkFields)),
  page_context: PageContext,
})

/** Further words for a status in a list's query, from other lists of the real API. */
export const LINK_STATUS_WORDS: ReadonlyMap<string, PaymentLinkStatus> = new Map([
  ['Status.Active', 'active'],
  ['Status.Paid', 'paid'],
  ['Status.Expired', 'expired'],
  ['Status.Canceled', 'canceled'],
])

/** The query of a list request. Both dates are included. */
export const PaymentLinkListQuery = Type.Object({
  status: Type.Optional(
    parsedAs<PaymentLinkStatus>()(
      Type.Enum([...PAYMENT_LINK_STATUSES, ...LINK_STATUS_WORDS.keys()]),
    ),
  ),
  reference_id: Type.Optional(line(100)),
  search_text: Type.Optional(
    searchText('The complete id, reference, e-mail address or phone number of a link.'),
  ),
  from_date: Type.Optional(dayIn('The first day, included.')),
  to_date: Type.Optional(dayIn('The last day, included.')),
  ...pageQuery,
})
