import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useResource } from '../../../console/browser/live.ts'
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
} from '../../../console/browser/parts.tsx'
import { viewPath } from '../../../console/browser/router.tsx'
import { prettyJson, showTime } from '../../../console/browser/show.ts'
import { SubjectLink } from '../../../console/browser/subject-link.tsx'
import { showDuration } from '../../../domain/duration.ts'
import { FaultSwitches, WEBHOOK_SWITCHES } from './fault-switches.tsx'
import { api, controlReading } from './server.ts'
import type { Post, SignatureSteps } from './wire.ts'

/** The inspector: one event for one endpoint, with each POST and its signatures. */
export function SandboxDelivery({
  endpointId,
  eventId,
}: {
  readonly endpointId: string
  readonly eventId: string
}): JSX.Element {
  const path = { webhook_url_id: endpointId, event_id: eventId }
  const delivery = useResource(controlReading('inspectDelivery', { path }))
  const [chosenIndex, choose] = useState<number>()
  const details = delivery.answer?.delivery
  return (
    <div>
      <ViewHead
        title={details?.event_type ?? `Event ${eventId}`}
        up={{ href: viewPath('webhooks', endpointId), text: details?.webhook.name ?? 'Endpoint' }}
        actions={
          details && (
            <ActionButton
              class="primary"
              successText="The event is sent again."
              onAction={async () => {
                choose(undefined)
                const query = { account_id: details.account_id }
                await api.call('resendWebhookDelivery', { path, query })
              }}
            >
              Resend
            </ActionButton>
          )
        }
      />
      {
        <ResourceView
          resource={delivery}
          children={({ delivery: one }) => {
            const post = one.posts.find(({ number }) => number === chosenIndex) ?? one.posts[0]
            return (
              <div>
                <div class="columns">
                  <Card title="Delivery">
                    <Facts
                      rows={[
                        ['Status', <Status value={one.status} />],
                        ['To', <span class="mono anywhere">{one.webhook.url}</span>],
                        ['Event id', <CopyableText text={String(one.event_id)} what="event id" />],
                        ['About', <SubjectLink row={one} />],
                        [
                          'Next attempt',
                          one.next_attempt_time && `${showTime(one.next_attempt_time * 1000)} UTC`,
                        ],
                      ]}
                    />
                    <h3>Attempts</h3>
                    {one.posts.length === 0 ? (
                      <Empty title="No stored attempts.">
                        Paydesk has not sent the event yet, or the attempts were deleted: after 30
                        days, or earlier by the command paydesk prune.
                      </Empty>
                    ) : (
                      <ul class="lines tries">
                        {one.posts.map((attempt) => (
                          <li key={attempt.number}>
                            <button
                              type="button"
                              class="small"
                              aria-pressed={attempt === post ? 'true' : 'false'}
                              onClick={() => choose(attempt.number)}
                            >{`Attempt ${attempt.number}`}</button>
                            <Time atMs={attempt.time_ms} />
                            <Status value={attempt.http_status ?? 'no answer'} />
                            {attempt.fault_id !== undefined && (
                              <a href={viewPath('faults')}>{`caused by ${attempt.fault_id}`}</a>
                            )}
                          </li>
                        ))}
                      </ul>
                    )}
                  </Card>
                  <Card title="Inject failures">
                    <p class="soft">Turn on a switch, then press Resend.</p>
                    <FaultSwitches switches={WEBHOOK_SWITCHES} />
                  </Card>
                </div>
                {post && <PostDetail post={post} key={post.number} />}
              </div>
            )
          }}
        />
      }
    </div>
  )
}

function PostDetail({ post }: { readonly post: Post }): JSX.Element {
  const { body, changed_at: changedAt, headers, number } = post
  return (
    <div>
      {changedAt !== undefined && (
        <p class="notice bad">
          <strong>{'The body was changed after signing. '}</strong>
          {`Character ${changedAt + 1} was changed in transit: “${body.slice(Math.max(0, changedAt - 20), changedAt + 20)}”. A receiver must refuse this webhook.`}
        </p>
      )}
      <div class="columns">
        <Card title={`Attempt ${number}: raw body`}>
          <Code label="raw body" text={body} />
          {changedAt === undefined && <p class="soft">The signature covers these exact bytes.</p>}
          <details>
            <summary>Formatted</summary>
            <Code label="body, formatted" text={prettyJson(body)} />
          </details>
        </Card>
        <div>
          <Card title="Headers">
            {!post.is_logged && (
              <p class="soft">
                The log no longer contains this attempt. Paydesk has rebuilt these headers from the
                event, the time of the attempt and the current keys.
              </p>
            )}
            <dl class="facts headers">
              {Object.entries(headers).map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </Card>
          <Card title="Answer">
            <Facts
              rows={[
                ['Status', <Status value={post.http_status ?? 'no answer'} />],
                ['Failure', post.failure],
                ['Duration', showDuration(post.duration_ms)],
                [
                  'Log',
                  post.request_ids.length > 0 && (
                    <span>
                      {post.request_ids.map((id, index) => [
                        index > 0 && ', ',
                        <a key={id} href={viewPath('requests', id)}>{`request ${id}`}</a>,
                      ])}
                      {post.request_ids.length > 1 && ` (sent ${post.request_ids.length} times)`}
                    </span>
                  ),
                ],
              ]}
            />
            {post.response_body !== undefined && post.response_body !== '' && (
              <Code label="answer body" text={post.response_body} />
            )}
          </Card>
        </div>
      </div>
      <div class="columns">
        {post.signatures.map((steps, index) => (
          <Steps key={index} body={body} steps={steps} />
        ))}
      </div>
    </div>
  )
}

const FAMILIES = { zoho: 'Zoho’s signature', standard: 'Standard Webhooks’ signature' } as const
/** The shown length of a long body, in characters. */
const SHOWN_CHARACTERS = 60

function Steps({
  body,
  steps,
}: {
  readonly steps: SignatureSteps
  readonly body: string
}): JSX.Element {
  const {
    agrees,
    encoding,
    family,
    header,
    hmac,
    key,
    key_use: keyUse,
    prefix,
    sent: sentValue,
    value,
  } = steps
  const preview = body.length > SHOWN_CHARACTERS ? `${body.slice(0, SHOWN_CHARACTERS)}…` : body
  return (
    <Card title={FAMILIES[family]} class="steps">
      <ol>
        <li>
          <p>
            <strong>{'The message: '}</strong>
            {`${steps.prefix_parts}, then the raw body.`}
          </p>
          <pre class="wraps">
            <code>
              <mark>{prefix}</mark>
              {preview}
            </code>
          </pre>
        </li>
        <li>
          <p>
            <strong>{'The key: '}</strong>
            {`${keyUse}.`}
          </p>
          <CopyableText text={key} what={`key of ${FAMILIES[family]}`} />
        </li>
        <li>
          <p>
            <strong>HMAC-SHA256</strong>
            {` of the message with the key, in ${encoding}.`}
          </p>
          <CopyableText text={hmac} what={`HMAC of ${FAMILIES[family]}`} />
        </li>
        <li>
          <p>
            <strong>{'The header '}</strong>
            <code>{header}</code>
            {', as it was sent.'}
          </p>
          <pre class="wraps">
            <code>{markPart(sentValue, value)}</code>
          </pre>
        </li>
      </ol>
      <p class={`verdict ${agrees ? 'good' : 'bad'}`}>
        {agrees
          ? 'The signatures match: Paydesk sent the webhook, and its body is unchanged.'
          : 'The signatures differ: the body was changed, or another key signed it.'}
      </p>
    </Card>
  )
}

function markPart(text: string, part: string) {
  const start = text.indexOf(part)
  return start < 0
    ? text
    : [text.slice(0, start), <mark key="part">{part}</mark>, text.slice(start + part.length)]
}
