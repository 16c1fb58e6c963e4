import { parseId } from '../../domain/id.ts'
import type { Edition } from '../../domain/payment-method.ts'
import { EVENT_SUBJECT_KINDS, type EventSubject } from '../../domain/webhook-event.ts'
import type { WebhookEventFilter } from '../../operations/store.ts'
import { SUBJECT_FIELDS } from '../../wire/webhook-event.ts'
import { LIST_RULES } from '../list-spans.ts'
import { timesBetween } from '../read-days.ts'
import { compileFieldsWith } from '../read-fields.ts'
import type { JsonObject } from '../read-json.ts'
import { type RequestedPage, readPage } from '../read-page.ts'
import { EventListQuery } from './schemas.ts'

const readListFields = compileFieldsWith<{ readonly edition: Edition }>()(
  EventListQuery,
  LIST_RULES,
  'The query',
)

/**
 * Reads a list request’s query. `nothing`: the query names an object that cannot exist, or two objects. Throws ApiError
 * for the first wrong parameter.
 */
export function parseEventList(
  query: JsonObject,
  edition: Edition,
): {
  readonly filter: WebhookEventFilter | 'nothing'
  readonly page: RequestedPage
} {
  const fields = readListFields(query, { edition })
  const times = timesBetween(fields)
  const page = readPage(fields)
  const { event_type: type } = fields
  const subjects = EVENT_SUBJECT_KINDS.flatMap((kind) => {
    const text = fields[SUBJECT_FIELDS[kind]]
    return text === undefined ? [] : [{ kind, id: parseId<EventSubject['id']>(text) }]
  })
  const [subject] = subjects
  // An event is about one object.
  if (subjects.length > 1 || (subject !== undefined && subject.id === undefined)) {
    return { filter: 'nothing', page }
  }
  return {
    page,
    filter: {
      ...(type !== undefined && { types: [type] }),
      ...(subject !== undefined && { subject: subject as EventSubject }),
      ...times,
    },
  }
}
