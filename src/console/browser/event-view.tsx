import type { JSX } from 'preact'
import { api, apiReading } from './connection.ts'
import { useConsole } from './context.ts'
import { useResource } from './live.ts'
import {
  ActionButton,
  Card,
  Code,
  CopyableText,
  Empty,
  Facts,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { viewPath } from './router.tsx'
import { SubjectLink } from './subject-link.tsx'
import { countText, text } from './text.ts'
import type { Listener } from './webhooks-view.tsx'

/** One event with its body and its deliveries. */
export function EventView({
  id,
  listeners = [],
}: {
  readonly id: string
  /** The programs of a sandbox that read events. */
  readonly listeners?: readonly Listener[]
}): JSX.Element {
  const { accountId, may } = useConsole()
  const query = { account_id: accountId }
  const operation = { path: { event_id: id }, query }
  const event = useResource(apiReading('retrieveEvent', operation))
  const endpoints = useResource(apiReading('listWebhooks', { query }))
  const details = event.answer?.event
  const readers = listeners.filter((one) => one.event_ids.includes(id))
  const nameOf = (endpointId: string) =>
    endpoints.answer?.webhooks.find((one) => one.webhook_url_id === endpointId)?.name ?? endpointId
  return (
    <div>
      <ViewHead
        title={details?.event_type ?? text('Event {id}', { id })}
        up={{ href: viewPath('webhooks'), text: text('Webhooks') }}
        actions={
          details !== undefined &&
          may('resend_webhooks') &&
          details.deliveries.length > 0 && (
            <ActionButton
              successText={text(
                'The event is sent again to each active endpoint that subscribes to it.',
              )}
              onAction={() => api.call('resendEvent', operation)}
            >
              {text('Resend')}
            </ActionButton>
          )
        }
      />
      <ResourceView
        resource={event}
        children={({ event: one }) => (
          <div class="columns">
            <div>
              <Card title={text('Details')}>
                <Facts
                  rows={[
                    [text('Type'), one.event_type],
                    [text('Time'), <Time atMs={one.event_time} />],
                    [text('About'), <SubjectLink row={one} />],
                    [text('Id'), <CopyableText text={id} what={text('event id')} />],
                  ]}
                />
              </Card>
              <Card title={text('Deliveries')}>
                {one.deliveries.length + readers.length === 0 ? (
                  <Empty title={text('No deliveries yet.')}>
                    {text(
                      'An endpoint in {view} can still get this event: subscribe the endpoint to this event type, then press Replay on its page.',
                      {
                        view: <a href={viewPath('webhooks')}>{text('Webhooks')}</a>,
                      },
                    )}
                  </Empty>
                ) : (
                  <ul class="lines">
                    {one.deliveries.map((delivery) => (
                      <li key={delivery.webhook_url_id}>
                        <a href={viewPath('webhooks', delivery.webhook_url_id, 'deliveries', id)}>
                          {nameOf(delivery.webhook_url_id)}
                        </a>
                        <Status value={delivery.status} />
                        <span class="soft">
                          {countText(delivery.attempt_count, '{count} attempt', '{count} attempts')}
                        </span>
                      </li>
                    ))}
                    {readers.map(({ forward_to: receiver }, index) => (
                      <li key={`listener ${index}`}>
                        <code>paydesk webhook listen</code>
                        <span class="soft anywhere">
                          {receiver === undefined
                            ? text('showed this event')
                            : text(
                                'forwarded this event to {receiver}, and shows the answer in its terminal',
                                {
                                  receiver,
                                },
                              )}
                        </span>
                      </li>
                    ))}
                  </ul>
                )}
              </Card>
            </div>
            <Card title={text('Body')}>
              <Code
                label={text('event as JSON')}
                text={JSON.stringify(one.payload, undefined, 2)}
              />
            </Card>
          </div>
        )}
      />
    </div>
  )
}
