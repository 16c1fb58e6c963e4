import type { JSX } from 'preact'
import type { DeliveryWithAttempts } from '../../client/types.ts'
import { api, apiReading } from './connection.ts'
import { useConsole } from './context.ts'
import { useResource } from './live.ts'
import {
  ActionButton,
  Card,
  Code,
  Empty,
  Facts,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { IdLink, viewPath } from './router.tsx'
import { showDuration, showTime } from './show.ts'
import { text } from './text.ts'

/** One event for one endpoint, with the time and the answer of each attempt. */
export function DeliveryView({
  endpointId,
  eventId,
}: {
  readonly endpointId: string
  readonly eventId: string
}): JSX.Element {
  const { accountId, may } = useConsole()
  const query = { account_id: accountId }
  const path = { webhook_url_id: endpointId, event_id: eventId }
  const delivery = useResource(apiReading('retrieveWebhookDelivery', { path, query }))
  const endpoint = useResource(
    apiReading('retrieveWebhook', { path: { webhook_url_id: endpointId }, query }),
  )
  const details = delivery.answer?.delivery
  return (
    <div>
      <ViewHead
        title={details?.event_type ?? text('Event {id}', { id: eventId })}
        up={{
          href: viewPath('webhooks', endpointId),
          text: endpoint.answer?.webhook.name ?? text('Endpoint'),
        }}
        actions={
          details &&
          may('resend_webhooks') && (
            <ActionButton
              class="primary"
              successText={text('The event is sent again.')}
              onAction={() => api.call('resendWebhookDelivery', { path, query })}
            >
              {text('Resend')}
            </ActionButton>
          )
        }
      />
      <ResourceView
        resource={delivery}
        children={({ delivery: one }) => (
          <div>
            <Card title={text('Delivery')}>
              <Facts
                rows={[
                  [text('Status'), <Status value={one.status} />],
                  [
                    text('To#receiver'),
                    <span class="mono anywhere">{endpoint.answer?.webhook.url}</span>,
                  ],
                  [text('Event'), <IdLink of="events" id={eventId} />],
                  [text('Created'), <Time atMs={one.created_time * 1000} />],
                  [
                    text('Next attempt'),
                    one.next_attempt_time &&
                      text('{time} UTC', { time: showTime(one.next_attempt_time * 1000) }),
                  ],
                ]}
              />
            </Card>
            <Card title={text('Attempts')}>
              {one.attempts.length === 0 ? (
                <Empty title={text('No stored attempts.')}>
                  {text(
                    'Paydesk has not sent the event yet, or the attempts were deleted: after 30 days, or earlier by the command paydesk prune.',
                  )}
                </Empty>
              ) : (
                one.attempts
                  .toReversed()
                  .map((attempt) => <Attempt key={attempt.number} attempt={attempt} />)
              )}
            </Card>
          </div>
        )}
      />
    </div>
  )
}

function Attempt({
  attempt: { duration_ms: durationMs, failure, number, time, ...answer },
}: {
  readonly attempt: DeliveryWithAttempts['attempts'][number]
}): JSX.Element {
  const { http_status: status, response_body: body = '' } = answer
  return (
    <div>
      <h3>{text('Attempt {number}', { number })}</h3>
      <Facts
        rows={[
          [text('Time'), <Time atMs={time * 1000} />],
          [text('Answer'), <Status value={status ?? 'no answer'} />],
          [text('Failure'), failure],
          [text('Duration'), showDuration(durationMs)],
        ]}
      />
      {body !== '' && (
        <Code label={text('answer body of attempt {number}', { number })} text={body} />
      )}
    </div>
  )
}
