import type { JSX } from 'preact'
import type { DeliveryWithAttempts } from '../../client/types.ts'
import { showDuration } from '../../domain/duration.ts'
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
import { showTime } from './show.ts'

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
        title={details?.event_type ?? `Event ${eventId}`}
        up={{
          href: viewPath('webhooks', endpointId),
          text: endpoint.answer?.webhook.name ?? 'Endpoint',
        }}
        actions={
          details &&
          may('resend_webhooks') && (
            <ActionButton
              class="primary"
              successText="The event is sent again."
              onAction={() => api.call('resendWebhookDelivery', { path, query })}
            >
              Resend
            </ActionButton>
          )
        }
      />
      <ResourceView
        resource={delivery}
        children={({ delivery: one }) => (
          <div>
            <Card title="Delivery">
              <Facts
                rows={[
                  ['Status', <Status value={one.status} />],
                  ['To', <span class="mono anywhere">{endpoint.answer?.webhook.url}</span>],
                  ['Event', <IdLink of="events" id={eventId} />],
                  ['Created', <Time atMs={one.created_time * 1000} />],
                  [
                    'Next attempt',
                    one.next_attempt_time && `${showTime(one.next_attempt_time * 1000)} UTC`,
                  ],
                ]}
              />
            </Card>
            <Card title="Attempts">
              {one.attempts.length === 0 ? (
                <Empty title="No stored attempts.">
                  The event waits for its first attempt, or its attempts are older than 30 days.
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

/** One POST with the answer of the endpoint. */
function Attempt({
  attempt: { duration_ms: durationMs, failure, number, time, ...answer },
}: {
  readonly attempt: DeliveryWithAttempts['attempts'][number]
}): JSX.Element {
  const { http_status: status, response_body: body = '' } = answer
  return (
    <div>
      <h3>{`Attempt ${number}`}</h3>
      <Facts
        rows={[
          ['Time', <Time atMs={time * 1000} />],
          ['Answer', <Status value={status ?? 'no answer'} />],
          ['Failure', failure],
          ['Duration', showDuration(durationMs)],
        ]}
      />
      {body !== '' && <Code label={`answer body of attempt ${number}`} text={body} />}
    </div>
  )
}
