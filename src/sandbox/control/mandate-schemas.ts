import { MandateAnswered } from '../../api/mandates/schemas.ts'

/** The mandate after a change, as the API returns it. */
export const ChangedMandateAnswer = MandateAnswered
