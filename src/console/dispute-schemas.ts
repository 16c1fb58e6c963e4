import { PageContext, pageQuery } from '../api/page-schemas.ts'
import { amountOut, currencyText, dayIn, envelope, idOut, secondsOut } from '../api/schemas.ts'
import { Type } from '../api/type.ts'
import { DISPUTE_REASONS, DISPUTE_STATUSES } from '../domain/dispute.ts'

const Dispute = Type.Object({
  dispute_id: idOut,
  payment_id: idOut,
  amount: amountOut('The disputed amount.'),
  currency: currencyText(),
  fee: amountOut('The fee of the dispute, or zero.'),
  reason: Type.Enum([...DISPUTE_REASONS]),
  status: Type.Enum([...DISPUTE_STATUSES]),
  created_time: secondsOut('The time of the dispute.'),
  decided_time: Type.Optional(secondsOut('The time of the decision.')),
  processor_reference: Type.Optional(
    Type.String({ description: 'The processor’s id of the dispute.' }),
  ),
})

/** The query of a list of disputes. */
export const DisputeListQuery = Type.Object({
  status: Type.Optional(Type.Enum([...DISPUTE_STATUSES])),
  from_date: Type.Optional(dayIn('The first day, included.')),
  to_date: Type.Optional(dayIn('The last day, included.')),
  ...pageQuery,
})

/** The answer to a list request. */
export const DisputeListAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  disputes: Type.Array(Dispute),
  page_context: PageContext,
})

/** The answer to a retrieve request. */
export const DisputeAnswer = envelope('dispute', Dispute)
