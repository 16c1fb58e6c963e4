import { MandateAnswer } from '../../api/mandates/schemas.ts'
import { MandateStoryFields } from '../../api/mandates/story-schemas.ts'
import { envelope } from '../../api/schemas.ts'
import { Type } from '../../api/type.ts'

/** The mandate after a change, as the API returns it. */
export const ChangedMandateAnswer = MandateAnswer

/** Everything about a mandate. */
export const MandateStoryAnswer = envelope(
  'mandate_story',
  Type.Object({
    ...MandateStoryFields.properties,
    stored_id: Type.String({ description: 'The mandate’s id in the database.' }),
  }),
)
