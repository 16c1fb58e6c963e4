import {
  ExecuteMandateAnswer,
  MandateAnswer,
  MandateNotificationAnswer,
} from '../../api/mandates/schemas.ts'
import { envelope } from '../../api/schemas.ts'
import { Type } from '../../api/type.ts'

/** The most notifications, and the most payments, in a mandate's history. */
export const MANDATE_STORY_COUNT_MAX = 50

/** The mandate after a change, as the API returns it. */
export const ChangedMandateAnswer = MandateAnswer

const { payment_id, payments_session_id, amount, currency, status } =
  ExecuteMandateAnswer.properties.payment.properties

/** Everything about a mandate. */
export const MandateStoryAnswer = envelope(
  'mandate_story',
  Type.Object({
    account_id: Type.String(),
    stored_id: Type.String({ description: 'The mandate’s id in the database.' }),
    mandate: MandateAnswer.properties.mandate,
    enrollment_session_id: Type.String({ description: 'The session of the enrollment.' }),
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
  }),
)
