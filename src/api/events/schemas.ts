import { PageContext, pageQuery } from '../page-schemas.ts'
import { dayIn, envelope, idOut } from '../schemas.ts'
import { Type } from '../type.ts'
import { deliveryProgress, EventType } from '../webhooks/schemas.ts'

/** The ids of the objects that events can be about. An event has exactly one of these ids. */
export const subjectIds = {
  payments_session_id: Type.Optional(idOut),
  payment_link_id: Type.Optional(idOut),
  virtual_account_id: Type.Optional(idOut),
  payout_id: Type.Optional(idOut),
  mandate_id: Type.Optional(idOut),
  payment_method_id: Type.Optional(idOut),
}
const event = {
  event_id: Type.Integer({ description: 'A number, as in the event.' }),
  event_type: EventType,
  ...subjectIds,
  event_time: Type.Integer({ description: 'The time of the event. Milliseconds since 1970.' }),
}

const searchedId = Type.Optional(
  Type.String({ pattern: '^[1-9]\\d{0,15}$', 'x-expected': 'a text of 1 to 16 digits' }),
)

/** The answer to a list request. */
export const EventList = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  events: Type.Array(Type.Object(event)),
  page_context: PageContext,
})

/** The answer to a retrieve or resend request. */
export const RetrieveEventAnswer = envelope(
  'event',
  Type.Object({
    ...event,
    payload: Type.Object(
      {
        event_id: Type.Integer(),
        event_type: EventType,
        account_id: Type.Integer(),
        live_mode: Type.Boolean(),
        event_time: Type.Integer(),
        event_object: Type.Record(Type.String(), Type.Unknown()),
      },
      { description: 'The body, the same in every delivery.' },
    ),
    deliveries: Type.Array(Type.Object({ webhook_url_id: idOut, ...deliveryProgress }), {
      description: 'One for each existing endpoint that gets the event.',
    }),
  }),
)

/** The query of a list request. */
export const EventListQuery = Type.Object({
  event_type: Type.Optional(EventType),
  payments_session_id: searchedId,
  payment_link_id: searchedId,
  virtual_account_id: searchedId,
  payout_id: searchedId,
  mandate_id: searchedId,
  payment_method_id: searchedId,
  from_date: Type.Optional(dayIn('The first day, included.')),
  to_date: Type.Optional(dayIn('The last day, included.')),
  ...pageQuery,
})
