import { MandateStoryFields } from '../api/mandates/story-schemas.ts'
import { LinkStoryFields } from '../api/payment-links/story-schemas.ts'
import { SessionStoryFields } from '../api/payment-sessions/story-schemas.ts'
import { envelope } from '../api/schemas.ts'

/** Everything about a session. */
export const SessionStoryAnswer = envelope('session', SessionStoryFields)
/** Everything about a payment link. */
export const LinkStoryAnswer = envelope('payment_link', LinkStoryFields)
/** Everything about a mandate. */
export const MandateStoryAnswer = envelope('mandate_story', MandateStoryFields)
