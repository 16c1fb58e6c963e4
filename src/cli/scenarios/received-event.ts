import { isObject, parseJsonObject } from '../../client/transport.ts'
import type { WebhookListener } from '../../testing/webhook-listener.ts'
import type { Fields } from './server-call.ts'

type ReceivedEvent = {
  readonly eventType: string
  readonly eventId: string
  readonly object: Fields
  /** True: its signature is right. */
  readonly isGenuine: boolean
  /** True: it was answered with a status from 200 to 299. */
  readonly isTaken: boolean
}

/** Returns the events that a listener has received, without the test events of registrations. */
export function receivedEvents({ requests }: WebhookListener): readonly ReceivedEvent[] {
  return requests
    .map(({ body, event, status }) => ({
      ...eventIn(body),
      isGenuine: event !== undefined,
      isTaken: status >= 200 && status < 300,
    }))
    .filter(({ eventType }) => eventType !== 'webhook.test')
}

/** A body without an event has the type `unreadable`. */
function eventIn(body: string): Pick<ReceivedEvent, 'eventType' | 'eventId' | 'object'> {
  const { event_id, event_object, event_type } = parseJsonObject(body) ?? {}
  if (!isObject(event_object)) return { eventType: 'unreadable', eventId: '', object: {} }
  const [object] = Object.values(event_object)
  return {
    eventType: String(event_type),
    eventId: String(event_id),
    object: isObject(object) ? object : {},
  }
}
