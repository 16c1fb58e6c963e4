import type { Static } from 'typebox'
import { RetrievePaymentAnswer } from '../payments/schemas.ts'
import { RefundAnswer } from '../refunds/schemas.ts'
import { Timeline } from '../timeline-schema.ts'
import { Type } from '../type.ts'
import { RetrievePaymentSessionAnswer } from './schemas.ts'

/** Everything about a session. */
export const SessionStoryFields = Type.Object({
  account_id: Type.String(),
  customer_id: Type.Optional(
    Type.String({
      description: 'The customer that the session names. The API does not show it.',
    }),
  ),
  payments_session: RetrievePaymentSessionAnswer.properties.payments_session,
  payments: Type.Array(RetrievePaymentAnswer.properties.payment),
  refunds: Type.Array(RefundAnswer.properties.refund),
  timeline: Timeline,
})
/** Everything about a session. */
export type SessionStory = Static<typeof SessionStoryFields>
