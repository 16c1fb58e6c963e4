import { STATEMENT_DESCRIPTOR_LENGTH_MAX } from '../../domain/account.ts'
import type { CustomerId, PaymentMethodId } from '../../domain/id.ts'
import type { Currency } from '../../domain/money.ts'
import { AddressIn } from '../address-fields.ts'
import { MetaData } from '../meta-data-fields.ts'
import { parsedAs } from '../parsed.ts'
import { amountIn, currencyText, idIn, line, paragraph } from '../schemas.ts'
import { Type } from '../type.ts'

const wholeIn = Type.Optional(Type.Integer({ minimum: -100_000, maximum: 100_000 }))

/** The body of a direct charge. Source: Zoho Payments API reference, payments page US (seen 2026-11-28). */
export const DirectChargeBody = Type.Object(
  {
    customer_id: parsedAs<CustomerId>()({
      ...idIn('a customer of this account'),
      description: 'The customer who has saved the payment method.',
    }),
    payment_method_id: parsedAs<PaymentMethodId>()({
      ...idIn('a saved payment method of this account'),
      description: 'An active payment method of the customer.',
    }),
    amount: amountIn('The amount to charge.'),
    currency: parsedAs<Currency>()(
      currencyText({
        description: 'ISO 4217. A bank account needs USD.',
        examples: ['USD'],
        'x-expected': 'an ISO 4217 code in capital letters, such as USD',
      }),
    ),
    customer_on_session: Type.Optional(
      Type.Boolean({
        'x-expected': 'true or false',
        description:
          'True: the customer is on your page. Default: false, for charges without the customer, such as subscriptions.',
      }),
    ),
    browser_info: Type.Optional(
      Type.Object(
        {
          user_agent: Type.Optional(line(500)),
          accept_header: Type.Optional(line(500)),
          language: Type.Optional(line(50)),
          screen_height: wholeIn,
          screen_width: wholeIn,
          time_zone_offset: wholeIn,
          color_depth: wholeIn,
        },
        { description: 'The customer’s browser. Required if `customer_on_session` is true.' },
      ),
    ),
    statement_descriptor: Type.Optional({
      ...line(STATEMENT_DESCRIPTOR_LENGTH_MAX),
      description: 'The text on the customer’s statement. Default: the account’s.',
    }),
    description: Type.Optional(paragraph(500)),
    shipping_address: Type.Optional(AddressIn),
    meta_data: Type.Optional(MetaData),
  },
  {
    title: 'DirectCharge',
    examples: [
      {
        customer_id: '5000000020002',
        payment_method_id: '5000000081033',
        amount: '49.00',
        currency: 'USD',
        description: 'Plan, December',
      },
    ],
  },
)
