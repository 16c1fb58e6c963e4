import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Webhook, WebhookWithSigningKey } from '../../client/types.ts'
import {
  PAYDESK_EVENT_TYPES,
  SUBSCRIBABLE_EVENT_TYPES,
  type WebhookEventType,
} from '../../domain/webhook-event.ts'
import { api, apiReading } from './connection.ts'
import { useConsole } from './context.ts'
import { pageInAddress } from './filters.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { PagedView } from './paged-view.tsx'
import {
  Card,
  Checkbox,
  Dialog,
  Empty,
  Field,
  Form,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { go, setQueryOf, viewPath } from './router.tsx'
import { SigningKeyNote } from './signing-key-note.tsx'
import { SubjectLink } from './subject-link.tsx'
import { text } from './text.ts'
import type { ListViewProps } from './view-props.ts'

const PAYDESK_ONLY: ReadonlySet<WebhookEventType> = new Set(PAYDESK_EVENT_TYPES)

/** The event types that the form of a new endpoint selects at first. */
const COMMON: readonly WebhookEventType[] = [
  'payment.succeeded',
  'payment.failed',
  'payment.pending',
  'refund.succeeded',
  'refund.failed',
]

/** A `paydesk webhook listen` that reads the events of a sandbox, or has read them. */
export type Listener = {
  /** The URL of the receiver. Undefined: the command only shows the events. */
  readonly forward_to?: string | undefined
  readonly event_ids: readonly string[]
}

/** The parts of the view that a sandbox adds or replaces. */
type WebhooksParts = {
  /** More buttons in the head. */
  readonly actions?: ComponentChildren
  /** Above the cards. */
  readonly note?: ComponentChildren
  /** The programs that read the events, even those that have ended. */
  readonly listeners?: readonly Listener[]
  /** The listeners that are running. */
  readonly running?: readonly Listener[]
  /** The next steps while there are no endpoints and no events. */
  readonly noEndpoints?: ComponentChildren
  readonly noEvents?: ComponentChildren
  readonly dialogOf?: (dialog: EndpointDialogProps) => JSX.Element
} & ListViewProps

/** The account’s endpoints and its events. */
export function WebhooksView({
  actions,
  dialogOf = (props) => <NewEndpointDialog {...props} />,
  listeners = [],
  noEndpoints = text('An administrator creates an endpoint with the URL of a server.'),
  noEvents = text('Payments, refunds and other changes cause events.'),
  note,
  running = [],
  toolsOf,
}: WebhooksParts): JSX.Element {
  const { accountId, may } = useConsole()
  const [isOpen, setOpen] = useState(false)
  const endpoints = useResource(apiReading('listWebhooks', { query: { account_id: accountId } }))
  const query = new URLSearchParams(location.search)
  const type = query.get('type') ?? ''
  const events = useResource(
    apiReading('listEvents', {
      query: {
        account_id: accountId,
        event_type: type,
        page: pageInAddress(),
        per_page: 15,
      },
    }),
  )
  const close = () => setOpen(false)
  return (
    <div>
      <ViewHead
        title={text('Webhooks')}
        actions={[
          may('change_webhooks') && (
            <button key="new" type="button" class="primary" onClick={() => setOpen(true)}>
              {text('New endpoint')}
            </button>
          ),
          actions,
        ]}
      >
        {text('Endpoints and events, with the attempts and answers of each delivery.')}
      </ViewHead>
      {note}
      {isOpen && dialogOf({ endpoints: endpoints.answer?.webhooks ?? [], onClose: close })}
      <Card title={text('Endpoints')}>
        {
          <ResourceView
            resource={endpoints}
            children={({ webhooks: rows }) =>
              rows.length + running.length === 0 ? (
                <Empty title={text('No endpoints.')}>{noEndpoints}</Empty>
              ) : (
                <ul class="lines">
                  {rows.map((one) => (
                    <li key={one.webhook_url_id}>
                      <a href={viewPath('webhooks', one.webhook_url_id)}>{one.name}</a>
                      <span class="mono clip">{one.url}</span>
                      <Status value={one.status} />
                    </li>
                  ))}
                  {running.map((one, index) => (
                    <li key={`listener ${index}`}>
                      <code>paydesk webhook listen</code>
                      <span class="mono clip">
                        {one.forward_to === undefined ? text('shows events') : one.forward_to}
                      </span>
                      <Status value="running" />
                    </li>
                  ))}
                </ul>
              )
            }
          />
        }
      </Card>
      <Card
        title={text('Events')}
        actions={[
          <Field
            key="type"
            label={text('Type')}
            value={type}
            onValue={setQueryOf('type')}
            options={[
              ['', text('all')],
              ...SUBSCRIBABLE_EVENT_TYPES.map((one) => [one, one] as const),
            ]}
            class="inline"
          />,
          toolsOf?.({ event_type: type }),
        ]}
      >
        {
          <PagedView
            resource={events}
            rowsOf={(answer) => answer.events}
            count={['{count} event', '{count} events']}
            empty={
              <Empty title={type === '' ? text('No events yet.') : text('No matching events.')}>
                {noEvents}
              </Empty>
            }
          >
            {(rows) => (
              <List
                label={text('Events')}
                columns={[
                  { title: text('Time'), class: 'when', isSorted: true },
                  { title: text('Event'), class: 'main' },
                  { title: text('About'), class: 'wide' },
                  { title: text('Deliveries') },
                ]}
                rows={rows.map((one) => ({
                  key: String(one.event_id),
                  cells: [
                    <Time atMs={one.event_time} />,
                    <a href={viewPath('events', String(one.event_id))}>
                      {one.event_type}
                      <span class="hidden">{` ${one.event_id}`}</span>
                    </a>,
                    <SubjectLink key="about" row={one} />,
                    <DeliveriesOf
                      eventId={String(one.event_id)}
                      endpoints={endpoints.answer?.webhooks ?? []}
                      listeners={listeners}
                    />,
                  ],
                }))}
              />
            )}
          </PagedView>
        }
      </Card>
    </div>
  )
}

function DeliveriesOf({
  endpoints,
  eventId,
  listeners,
}: {
  readonly eventId: string
  readonly listeners: readonly Listener[]
  readonly endpoints: readonly Webhook[]
}): JSX.Element {
  const { accountId } = useConsole()
  const { answer } = useResource(
    apiReading('retrieveEvent', {
      path: { event_id: eventId },
      query: { account_id: accountId },
    }),
  )
  const deliveries = answer?.event.deliveries ?? []
  if (answer === undefined) return <span class="soft">…</span>
  const read = listeners.filter((one) => one.event_ids.includes(eventId))
  if (deliveries.length === 0 && read.length === 0) {
    return <span class="soft">{text('no deliveries')}</span>
  }
  return (
    <span class="chips">
      {deliveries.map(({ status, webhook_url_id: id }) => (
        <span key={id}>
          <a href={viewPath('webhooks', id, 'deliveries', eventId)}>
            {endpoints.find((one) => one.webhook_url_id === id)?.name ?? id}
          </a>
          <Status value={status} />
        </span>
      ))}
      {read.length > 0 && (
        <span class="soft">
          <code>webhook listen</code>
        </span>
      )}
    </span>
  )
}

type EndpointDialogProps = {
  /** The dialog names an endpoint that already has the URL. */
  readonly endpoints: readonly Webhook[]
  readonly onClose: () => void
}

/** Creates an endpoint. Its signing key is shown once, before the view of the endpoint. */
export function NewEndpointDialog({
  endpoints,
  onClose,
  showsKey = true,
  urlDefault = 'https://',
}: EndpointDialogProps & {
  readonly urlDefault?: string
  /** False: the view of the endpoint shows the key. */
  readonly showsKey?: boolean
}): JSX.Element {
  const { accountId, say } = useConsole()
  const [name, setName] = useState('Shop')
  const [url, setUrl] = useState(urlDefault)
  const [types, setTypes] = useState<readonly WebhookEventType[]>(COMMON)
  const [newWebhook, setNewWebhook] = useState<WebhookWithSigningKey>()
  const twin = endpoints.find((one) => one.url === url)
  const send = async () => {
    const webhook = await api.call('createWebhook', {
      query: { account_id: accountId },
      body: { name, url, enabled_events: types },
    })
    say(text('Endpoint created.'))
    if (showsKey) {
      setNewWebhook(webhook)
      return
    }
    onClose()
    go(viewPath('webhooks', webhook.webhook_url_id))
  }
  if (newWebhook !== undefined) {
    const open = () => {
      onClose()
      go(viewPath('webhooks', newWebhook.webhook_url_id))
    }
    return (
      <Dialog key="key" title={text('Signing key')} onClose={open}>
        <SigningKeyNote signingKey={newWebhook.signing_key} />
      </Dialog>
    )
  }
  return (
    <Dialog key="form" title={text('New endpoint')} onClose={onClose}>
      <Form label={text('Create endpoint')} onSend={send}>
        <Field label={text('Name')} value={name} onValue={setName} />
        <Field
          label={text('URL')}
          value={url}
          onValue={setUrl}
          input={{ inputmode: 'url' }}
          hint={
            twin === undefined
              ? text('The server at this URL must be running: it receives a test request first.')
              : text(
                  'The endpoint “{name}” has the same URL: each event would arrive there twice if both endpoints subscribe to it.',
                  { name: twin.name },
                )
          }
        />
        <TypesFieldset types={types} onTypes={setTypes} />
      </Form>
    </Dialog>
  )
}

/** A choice of event types. */
export function TypesFieldset({
  onTypes,
  types,
}: {
  readonly types: readonly WebhookEventType[]
  readonly onTypes: (types: readonly WebhookEventType[]) => void
}): JSX.Element {
  return (
    <fieldset class="ticks">
      <legend>{text('Events')}</legend>
      {SUBSCRIBABLE_EVENT_TYPES.map((type) => (
        <Checkbox
          key={type}
          label={PAYDESK_ONLY.has(type) ? text('{type} (Paydesk only)', { type }) : type}
          isOn={types.includes(type)}
          onChange={(isOn) =>
            onTypes(isOn ? [...types, type] : types.filter((other) => other !== type))
          }
        />
      ))}
    </fieldset>
  )
}
