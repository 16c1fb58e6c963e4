import { RetrievePaymentAnswer } from '../../api/payments/schemas.ts'
import { amountIn } from '../../api/schemas.ts'
import { Type } from '../../api/type.ts'
import { DISPUTE_REASON_DEFAULT, DISPUTE_REASONS } from '../../domain/dispute.ts'

/** The body that opens a dispute. */
export const DisputeOpenBody = Type.Object(
  {
    amount: Type.Optional(
      amountIn('The disputed amount. Default: the amount that is not yet refunded or disputed.'),
    ),
    reason: Type.Optional(
      Type.Enum([...DISPUTE_REASONS], { description: `Default: \`${DISPUTE_REASON_DEFAULT}\`.` }),
    ),
  },
  { examples: [{ amount: 100.5, reason: 'product_not_received' }] },
)
/** The payment with its dispute, as the API returns it. */
export const DisputedPaymentAnswer = RetrievePaymentAnswer
