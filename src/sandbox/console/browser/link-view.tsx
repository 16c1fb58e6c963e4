import type { JSX } from 'preact'
import { useAccountOf } from '../../../console/browser/context.ts'
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
import { IdLink, viewPath } from '../../../console/browser/router.tsx'
import { showAmount, words } from '../../../console/browser/show.ts'
import { MessageLines } from './messages-view.tsx'
import { RefundLines } from './refund-lines.tsx'
import { api, control, controlReading } from './server.ts'
import { Timeline } from './timeline.tsx'
import type { LinkStory } from './wire.ts'

/** Everything about one payment link. */
export function LinkView({ id }: { readonly id: string }): JSX.Element {
  const story = useResource(controlReading('readLinkTimeline', { path: { payment_link_id: id } }))
  const details = story.answer?.payment_link
  useAccountOf(details)
  return (
    <div>
      <ViewHead
        title={[
          'Payment link ',
          <span class="mono id" key="id">
            {id}
          </span>,
        ]}
        up={{ href: viewPath('links'), text: 'Payment links' }}
        actions={details && <LinkActions story={details} />}
      />
      <ResourceView resource={story} children={({ payment_link: one }) => <Story story={one} />} />
    </div>
  )
}

function LinkActions({ story }: { readonly story: LinkStory }): JSX.Element {
  const { payment_link_id: id, status, url } = story.payment_links
  return (
    <div class="actions">
      <a
        class={status === 'active' ? 'button primary' : 'button'}
        href={url}
        target="_blank"
        rel="noreferrer"
      >
        Open page
      </a>
      {status === 'active' && isSendable(story) && (
        <ActionButton
          successText="The payment link was sent again."
          onAction={() =>
            api.call('notifyOfPaymentLink', {
              path: { payment_link_id: id },
              query: { account_id: story.account_id },
              body: {},
            })
          }
        >
          Send again
        </ActionButton>
      )}
      {status === 'active' && (
        <ActionButton
          successText={
            story.is_processing
              ? 'The link expires when its payment is decided, unless the payment succeeds.'
              : 'The payment link has expired.'
          }
          onAction={() => control.call('expirePaymentLink', { path: { payment_link_id: id } })}
        >
          Expire
        </ActionButton>
      )}
      {status === 'active' && !story.is_processing && (
        <ActionButton
          successText="The payment link was canceled."
          onAction={() =>
            api.call('cancelPaymentLink', {
              path: { payment_link_id: id },
              query: { account_id: story.account_id },
            })
          }
        >
          Cancel
        </ActionButton>
      )}
    </div>
  )
}

/** Returns true if the merchant asked Paydesk to send the link to its customer. */
function isSendable({ payment_links: { notify_customer: notify } }: LinkStory): boolean {
  return notify?.email === true || notify?.sms === true
}

function Story({ story }: { readonly story: LinkStory }): JSX.Element {
  const { payment_links: link, refunds, sessions } = story
  return (
    <div class="columns story">
      <Timeline entries={story.timeline} />
      <div>
        <Card title="Facts">
          <LinkFacts story={story} />
        </Card>
        <Card title="Payments">
          {link.payments.length === 0 ? (
            <Empty title="No payment attempts.">Open the page of the link, and pay there.</Empty>
          ) : (
            <ul class="lines">
              {link.payments.map((payment) => (
                <li key={payment.payment_id}>
                  <IdLink of="payments" id={payment.payment_id} />
                  <span>{words(payment.type)}</span>
                  <Status value={payment.status} />
                </li>
              ))}
            </ul>
          )}
          <RefundLines refunds={refunds} currency={link.currency} />
        </Card>
        <Card title="Messages">
          <MessageLines query={{ payment_link_id: link.payment_link_id }} />
        </Card>
        <Card title="Sessions">
          {sessions.length === 0 ? (
            <Empty title="No sessions.">The button of the page opens the first one.</Empty>
          ) : (
            <ul class="lines">
              {sessions.map((session) => (
                <li key={session.payments_session_id}>
                  <IdLink of="sessions" id={session.payments_session_id} />
                  <Time atMs={session.created_time * 1000} />
                  <Status value={session.status} />
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title="API answer">
          <Code label="payment link as JSON" text={JSON.stringify(link, undefined, 2)} />
        </Card>
      </div>
    </div>
  )
}

function LinkFacts({ story }: { readonly story: LinkStory }): JSX.Element {
  const { payment_links: link } = story
  return (
    <Facts
      rows={[
        ['Amount', showAmount(link)],
        [
          'Status',
          <span>
            <Status value={link.status} />
            {story.is_processing && ' a payment is being processed'}
          </span>,
        ],
        ['Description', link.description],
        ['Reference', link.reference_id],
        ['Valid until', link.expires_at],
        ['E-mail', link.email],
        ['Phone', link.phone],
        ['Return URL', link.return_url && <span class="anywhere">{link.return_url}</span>],
        ['Account', <span class="mono">{story.account_id}</span>],
        ['Created', <Time atMs={link.created_time * 1000} />],
        ['Address', <CopyableText text={link.url} what="address of the page" />],
        ['Id', <CopyableText text={link.payment_link_id} what="payment link id" />],
        ['Stored id', <span class="mono">{story.stored_id}</span>],
      ]}
    />
  )
}
