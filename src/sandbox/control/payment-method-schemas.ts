import { SAVABLE_TYPES } from '../../api/payment-methods/schemas.ts'
import { line } from '../../api/schemas.ts'
import { Type } from '../../api/type.ts'

/** The body that saves a payment method of a customer without the form. Its fields are checked in this order. */
export const SavedMethodBody = Type.Object(
  {
    type: Type.Enum([...SAVABLE_TYPES]),
    card_name: Type.Optional({
      ...line(100, 1),
      description:
        'The name on the card, or of the account’s holder. `Insufficient Funds Later` and others make the charges fail. Default: the customer’s name.',
    }),
    last_four_digits: Type.Optional(
      Type.String({
        pattern: '^\\d{4}$',
        description:
          'The last digits of a test card or a test account. Default: those of the sandbox’s first test card or first test account.',
        examples: ['1111'],
        'x-expected': 'four digits',
      }),
    ),
  },
  { examples: [{ type: 'card', card_name: 'Ben Ode', last_four_digits: '1111' }] },
)
/** The saved payment method. */
export { PaymentMethodAnswer as SavedMethodAnswer } from '../../api/payment-methods/schemas.ts'
