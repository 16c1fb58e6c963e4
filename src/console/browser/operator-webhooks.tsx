import type { JSX } from 'preact'
import { DeliveryView } from './delivery-view.tsx'
import { EndpointView } from './endpoint-view.tsx'
import { EventView } from './event-view.tsx'
import { ExportButton } from './export-button.tsx'
import type { ViewProps } from './view-props.ts'
import { WebhooksView } from './webhooks-view.tsx'

/** The endpoints and events of an account, one endpoint, or one delivery: `/{endpoint}/deliveries/{event}`. */
export function OperatorWebhooks({ id, rest: [more, eventId] }: ViewProps): JSX.Element {
  if (id === undefined) return <AccountWebhooks />
  return more === 'deliveries' && eventId !== undefined ? (
    <DeliveryView endpointId={id} eventId={eventId} key={eventId} />
  ) : (
    <EndpointView id={id} key={id} />
  )
}

/** One event. The list of events is in the view of the webhooks. */
export function OperatorEvents({ id }: ViewProps): JSX.Element {
  return id === undefined ? <AccountWebhooks /> : <EventView id={id} key={id} />
}

function AccountWebhooks(): JSX.Element {
  return (
    <WebhooksView
      toolsOf={(filters) => <ExportButton key="export" table="events" filters={filters} />}
    />
  )
}
