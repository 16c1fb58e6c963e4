import type { Static } from 'typebox'
import { Type } from '../type.ts'
import { ExecuteMandateAnswer, MandateAnswer, MandateNotificationAnswer } from './schemas.ts'

/** The maximum number of notifications, and of payments, in a mandate's history. */
export const MANDATE_STORY_COUNT_MAX = 50

const { payment_id, payments_session_id, amount, currency, status } =
  ExecuteMandateAnswer.properties.payment.properties

/** Everything about a mandate. */
export const MandateStoryFields = Type.Object({
  account_id: Type.String(),
  mandate: MandateAnswer.properties.mandate,
  enrollment_session_id: Type.Optional(
    Type.String({ description: 'The session of the enrollment.' }),
  ),
  notifications: Type.Array(MandateNotificationAnswer.properties.mandate_notification, {
    description: `Newest first, at most ${MANDATE_STORY_COUNT_MAX}.`,
  }),
  payments: Type.Array(
    Type.Object({
      payment_id,
      payments_session_id,
      amount,
      currency,
      status,
      is_enrollment: Type.Boolean({ description: 'False: a debit.' }),
      started_time: Type.Integer({ description: 'The start of the attempt, in seconds.' }),
    }),
    { description: `Newest first, at most ${MANDATE_STORY_COUNT_MAX}.` },
  ),
})
/** Everything about a mandate. */
export type MandateStory = Static<typeof MandateStoryFields>
