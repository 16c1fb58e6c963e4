import { AMOUNT_RULES, DEBIT_RULES, MANDATE_FREQUENCIES } from '../../domain/mandate-terms.ts'
import { amountOut } from '../schemas.ts'
import { Type } from '../type.ts'

/** `mandate_details` in answers: as sent, with the defaults for absent fields. */
export const MandateDetailsOut = Type.Object({
  payment_method_type: Type.Literal('upi'),
  frequency: Type.Enum([...MANDATE_FREQUENCIES]),
  description: Type.String(),
  amount_rule: Type.Enum([...AMOUNT_RULES]),
  max_amount: Type.Optional(
    amountOut(
      'With the `amount_rule` `fixed`: the amount of each debit. With `variable`: the largest amount of a debit.',
    ),
  ),
  start_date: Type.String({ description: 'The first day of debits.', examples: ['2026-11-29'] }),
  end_date: Type.Optional(Type.String({ description: 'The last day of debits.' })),
  debit_day: Type.Optional(Type.Integer()),
  debit_rule: Type.Optional(Type.Enum([...DEBIT_RULES])),
})
