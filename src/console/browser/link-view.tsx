import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { LinkStory } from '../../api/payment-links/story-schemas.ts'
import { api, type Reading } from './connection.ts'
import { useAccountOf, useConsole } from './context.ts'
import { ChangeLinkDialog, SendLinkDialog } from './link-dialogs.tsx'
import { useResource } from './live.ts'
import {
  ActionButton,
  AnswerCard,
  Card,
  CopyableText,
  Empty,
  type FactRow,
  Facts,
  FinalActionButton,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { QrCode } from './qr-code.tsx'
import { RefundLines } from './refund-lines.tsx'
import { IdLink, viewPath } from './router.tsx'
import { showAmount, words } from './show.ts'
import { text } from './text.ts'
import { Timeline } from './timeline.tsx'

/** The parts of the view of a link that differ between the live console and the console of a sandbox. */
type LinkViewProps<Story> = {
  readonly id: string
  readonly reading: Reading<{ readonly payment_link: Story }>
  /** More buttons, before the one that cancels. */
  readonly actionsOf?: (story: Story) => ComponentChildren
  /** More facts, as the last ones. */
  readonly factsOf?: (story: Story) => readonly FactRow[]
  /** More cards, below that of the payments. */
  readonly cards?: ComponentChildren
}

/** Everything about one payment link. */
export function LinkView<Story extends LinkStory>(props: LinkViewProps<Story>): JSX.Element {
  const { actionsOf, id, reading } = props
  const story = useResource(reading)
  const details = story.answer?.payment_link
  useAccountOf(details)
  return (
    <div>
      <ViewHead
        title={text('Payment link')}
        id={id}
        up={{ href: viewPath('links'), text: text('Payment links') }}
        actions={
          details && (
            <div class="actions">
              <LinkActions story={details} />
              {actionsOf?.(details)}
              <CancelLink story={details} />
            </div>
          )
        }
      />
      <ResourceView
        resource={story}
        children={({ payment_link: one }) => <StoryColumns {...props} story={one} />}
      />
    </div>
  )
}

function LinkActions({ story }: { readonly story: LinkStory }): JSX.Element {
  const { may } = useConsole()
  const [dialog, open] = useState<'change' | 'send'>()
  const close = () => open(undefined)
  const { payment_links: link } = story
  const { email, payment_link_id: id, phone, status, url } = link
  const isChangeable = status === 'active' && may('change_links')
  return (
    <>
      <a
        class={status === 'active' ? 'button primary' : 'button'}
        href={url}
        target="_blank"
        rel="noreferrer"
      >
        {text('Open page')}
      </a>
      {isChangeable &&
        (isSendable(story) ? (
          <ActionButton
            successText={text('The payment link was sent again.')}
            onAction={() =>
              api.call('notifyOfPaymentLink', {
                path: { payment_link_id: id },
                query: { account_id: story.account_id },
                body: {},
              })
            }
          >
            {text('Send again')}
          </ActionButton>
        ) : (
          (email ?? phone) !== undefined && (
            <button type="button" onClick={() => open('send')}>
              {text('Send')}
            </button>
          )
        ))}
      {isChangeable && (
        <button type="button" onClick={() => open('change')}>
          {text('Change')}
        </button>
      )}
      {dialog === 'send' && <SendLinkDialog link={link} onClose={close} />}
      {dialog === 'change' && <ChangeLinkDialog link={link} onClose={close} />}
    </>
  )
}

function CancelLink({ story }: { readonly story: LinkStory }): JSX.Element | null {
  const { may } = useConsole()
  const { payment_link_id: id, status } = story.payment_links
  if (status !== 'active' || story.is_processing || !may('change_links')) return null
  return (
    <FinalActionButton
      name={text('Cancel')}
      confirmation={text('Cancel payment link')}
      question={text('Cancel this payment link? After that, its customer can no longer pay it.')}
      successText={text('The payment link was canceled.')}
      onAction={() =>
        api.call('cancelPaymentLink', {
          path: { payment_link_id: id },
          query: { account_id: story.account_id },
        })
      }
    />
  )
}

/** Returns true if the merchant asked Paydesk to send the link to its customer. */
function isSendable({ payment_links: { notify_customer: notify } }: LinkStory): boolean {
  return notify?.email === true || notify?.sms === true
}

function StoryColumns<Story extends LinkStory>({
  cards,
  factsOf,
  story,
}: LinkViewProps<Story> & { readonly story: Story }): JSX.Element {
  const { payment_links: link, refunds, sessions } = story
  return (
    <div class="columns story">
      <Timeline entries={story.timeline} />
      <div>
        <Card title={text('Details')}>
          <LinkFacts story={story} more={factsOf?.(story) ?? []} />
        </Card>
        <Card title={text('Payments')}>
          {link.payments.length === 0 ? (
            <Empty title={text('No payment attempts.')}>
              {text(
                link.status === 'active'
                  ? 'The customer pays on the page of the link.'
                  : 'This payment link can no longer be paid.',
              )}
            </Empty>
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
        {cards}
        {link.status === 'active' && (
          <Card title={text('QR code')}>
            <QrCode
              address={link.url}
              what={text('QR code of the payment page')}
              fileName={`payment-link-${link.payment_link_id}`}
            />
          </Card>
        )}
        <Card title={text('Sessions')}>
          {sessions.length === 0 ? (
            <Empty title={text('No sessions.')}>
              {text(
                link.status === 'active'
                  ? 'The first session opens when the customer presses the button on the page of the link.'
                  : 'This payment link can no longer be paid.',
              )}
            </Empty>
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
        <AnswerCard answer={link} />
      </div>
    </div>
  )
}

function LinkFacts({
  more,
  story,
}: {
  readonly story: LinkStory
  readonly more: readonly FactRow[]
}): JSX.Element {
  const { payment_links: link } = story
  return (
    <Facts
      rows={[
        [text('Amount'), showAmount(link)],
        [
          text('Status'),
          <span>
            <Status value={link.status} />
            {story.is_processing && ` ${text('a payment is being processed')}`}
          </span>,
        ],
        [text('Description'), link.description],
        [text('Reference'), link.reference_id],
        [text('Valid until'), link.expires_at],
        [text('E-mail'), link.email],
        [text('Phone'), link.phone],
        [text('Return URL'), link.return_url && <span class="anywhere">{link.return_url}</span>],
        [text('Account'), <span class="mono">{story.account_id}</span>],
        [text('Created'), <Time atMs={link.created_time * 1000} />],
        [text('Address'), <CopyableText text={link.url} what={text('address of the page')} />],
        [text('Id'), <CopyableText text={link.payment_link_id} what={text('payment link id')} />],
        ...more,
      ]}
    />
  )
}
