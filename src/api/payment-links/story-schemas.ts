import type { Static } from 'typebox'
import { LINK_SESSION_COUNT_MAX } from '../../operations/link-timeline.ts'
import { RefundAnswer } from '../refunds/schemas.ts'
import { Timeline } from '../timeline-schema.ts'
import { Type } from '../type.ts'
import { RetrievePaymentLinkAnswer } from './schemas.ts'

/** Everything about a payment link. */
export const LinkStoryFields = Type.Object({
  account_id: Type.String(),
  payment_links: RetrievePaymentLinkAnswer.properties.payment_links,
  is_processing: Type.Boolean({ description: 'True: a payment is with the processor.' }),
  sessions: Type.Array(
    Type.Object({
      payments_session_id: Type.String(),
      status: Type.String(),
      created_time: Type.Integer({ description: 'Seconds since 1970.' }),
    }),
    { description: `Newest first, at most ${LINK_SESSION_COUNT_MAX}.` },
  ),
  refunds: Type.Array(RefundAnswer.properties.refund),
  timeline: Timeline,
})
/** Everything about a payment link. */
export type LinkStory = Static<typeof LinkStoryFields>
