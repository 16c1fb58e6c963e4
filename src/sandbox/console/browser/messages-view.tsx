import type { JSX } from 'preact'
import { useConsole } from '../../../console/browser/context.ts'
import { List } from '../../../console/browser/list.tsx'
import { useResource } from '../../../console/browser/live.ts'
import {
  Card,
  CopyableText,
  Empty,
  Facts,
  ResourceView,
  Time,
  ViewHead,
} from '../../../console/browser/parts.tsx'
import { IdLink, viewPath } from '../../../console/browser/router.tsx'
import { controlReading } from './server.ts'

const KINDS: Readonly<Record<string, string>> = {
  receipt: 'Receipt',
  payment_link: 'Payment link',
  mandate_notice: 'Debit notice',
}

/** The outbox: the messages that customers of the account would have received. */
export function MessagesView(): JSX.Element {
  const { accountId } = useConsole()
  const messages = useResource(
    controlReading('listMessages', { query: { account_id: accountId, limit: '200' } }),
  )
  return (
    <div>
      <ViewHead title="Messages">
        The newest messages to customers, at most 200. A sandbox sends nothing.
      </ViewHead>
      {
        <ResourceView
          resource={messages}
          children={({ messages: rows }) =>
            rows.length === 0 ? (
              <Empty title="No messages yet.">
                If a session has the customer’s e-mail address and the customer pays, the receipt
                appears here.
              </Empty>
            ) : (
              <List
                label="Messages"
                columns={[
                  { title: 'Time', class: 'when', isSorted: true },
                  { title: 'Message', class: 'main' },
                  { title: 'Kind' },
                  { title: 'To' },
                  { title: 'Subject', class: 'wide' },
                ]}
                rows={rows.map((one) => ({
                  key: one.message_id,
                  cells: [
                    <Time atMs={Date.parse(one.time)} />,
                    <IdLink of="messages" id={one.message_id} />,
                    KINDS[one.kind] ?? one.kind,
                    one.to,
                    <bdi lang={one.language}>{one.subject}</bdi>,
                  ],
                }))}
              />
            )
          }
        />
      }
    </div>
  )
}

/** The messages about one object, newest first. */
export function MessageLines({
  query,
}: {
  readonly query: { readonly payment_id: string } | { readonly payment_link_id: string }
}): JSX.Element {
  const messages = useResource(controlReading('listMessages', { query }))
  return (
    <ResourceView
      resource={messages}
      children={({ messages: rows }) =>
        rows.length === 0 ? (
          <Empty title="No messages.">
            Receipts and payment links for the customer appear here.
          </Empty>
        ) : (
          <ul class="lines">
            {rows.map((one) => (
              <li key={one.message_id}>
                <IdLink of="messages" id={one.message_id} />
                <Time atMs={Date.parse(one.time)} />
                <span>{`${KINDS[one.kind] ?? one.kind} to ${one.to}`}</span>
              </li>
            ))}
          </ul>
        )
      }
    />
  )
}

/** One message as the customer would have received it. */
export function MessageView({ id }: { readonly id: string }): JSX.Element {
  const resource = useResource(controlReading('retrieveMessage', { path: { message_id: id } }))
  return (
    <div>
      <ViewHead title={`Message ${id}`} up={{ href: viewPath('messages'), text: 'Messages' }} />
      {
        <ResourceView
          resource={resource}
          children={({ outbox_message: one }) => (
            <div>
              <div class="columns">
                {one.html === undefined ? null : (
                  <Card title="As the customer sees it">
                    <iframe
                      class="mail"
                      title="The e-mail"
                      sandbox="allow-popups allow-popups-to-escape-sandbox"
                      src={`${viewPath('messages', one.message_id)}/mail`}
                    />
                  </Card>
                )}
                <Card title="Details">
                  <Facts
                    rows={[
                      ['Kind', KINDS[one.kind] ?? one.kind],
                      ['To', one.to],
                      ['Channel', one.channel],
                      ['Language', one.language],
                      ['Subject', <bdi lang={one.language}>{one.subject}</bdi>],
                      ['Link', one.link && <a href={one.link}>{one.link}</a>],
                      ['Payment', one.payment_id && <IdLink of="payments" id={one.payment_id} />],
                      [
                        'Payment link',
                        one.payment_link_id && <IdLink of="links" id={one.payment_link_id} />,
                      ],
                      ['Notification', one.mandate_notification_id],
                      ['Time', <Time atMs={Date.parse(one.time)} />],
                      ['Id', <CopyableText text={one.message_id} what="message id" />],
                    ]}
                  />
                </Card>
              </div>
              <Card title="Text">
                <pre
                  class="mail-text"
                  lang={one.language}
                  dir="auto"
                  // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls a long text
                  tabIndex={0}
                  role="region"
                  aria-label="The message as text"
                >
                  {one.text}
                </pre>
              </Card>
            </div>
          )}
        />
      }
    </div>
  )
}
