import { type Currency, isCurrency, type Money } from '../domain/money.ts'
import type { Edition } from '../domain/payment-method.ts'
import { parsedAs } from './parsed.ts'
import { readMoney } from './read-amount.ts'
import { kindOf, Problem } from './read-fields.ts'
import { currencyText } from './schemas.ts'
import { Type } from './type.ts'

/**
 * Makes the query parameters that filter a list by an exact amount of money. `hint`: a sentence about the list, with a
 * blank after it.
 */
export const amountQuery = (hint = '') => ({
  currency: Type.Optional(
    parsedAs<Currency>()(
      currencyText({
        description:
          'The currency of `amount`. Default: INR for accounts of the IN edition, USD for those of the US edition. Paydesk extension.',
        'x-expected': 'an ISO 4217 code in capital letters, such as INR',
      }),
    ),
  ),
  amount: Type.Optional(
    parsedAs<Money>()(
      Type.String({
        maxLength: 25,
        description: `Exactly this amount, in major units. ${hint}Paydesk extension.`,
        examples: ['1499.90'],
        'x-expected': 'a positive amount in major units, such as 100.50',
      }),
    ),
  ),
})

/** The rules of these parameters. */
export const AMOUNT_RULES = {
  currency: (text: string): Currency | Problem =>
    isCurrency(text)
      ? text
      : new Problem(
          `must be an ISO 4217 code in capital letters, such as INR, but it is ${kindOf(text)}`,
        ),
  amount: (
    text: string,
    { edition }: { readonly edition: Edition },
    { currency = edition === 'US' ? 'USD' : 'INR' }: { readonly currency?: Currency },
  ): Money | Problem => readMoney(text, currency),
}
