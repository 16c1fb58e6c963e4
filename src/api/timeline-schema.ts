import { TIMELINE_KINDS } from '../wire/timeline-entry.ts'
import { Type } from './type.ts'

/** The timeline of a session or a payment link. */
export const Timeline = Type.Array(
  Type.Object({
    time_ms: Type.Integer(),
    kind: Type.Enum([...TIMELINE_KINDS]),
    text: Type.String(),
    detail: Type.Optional(Type.String()),
    status: Type.Optional(Type.String({ description: 'The status or the outcome.' })),
    payments_session_id: Type.Optional(
      Type.String({ description: 'In the timeline of a payment link: the session of the entry.' }),
    ),
    payment_id: Type.Optional(Type.String()),
    refund_id: Type.Optional(Type.String()),
    payout_id: Type.Optional(Type.String()),
    message_id: Type.Optional(Type.String()),
    event_id: Type.Optional(Type.String()),
    webhook_url_id: Type.Optional(Type.String()),
    request_id: Type.Optional(
      Type.String({ description: 'Only in a sandbox: the entry of its request log.' }),
    ),
    fault_id: Type.Optional(Type.String({ description: 'Only in a sandbox.' })),
  }),
  { description: 'Oldest first.' },
)
