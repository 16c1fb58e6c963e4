import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { List, Pages } from '../../../console/browser/list.tsx'
import { useResource } from '../../../console/browser/live.ts'
import {
  Card,
  Checkbox,
  Dialog,
  Empty,
  Field,
  Form,
  optionOf,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from '../../../console/browser/parts.tsx'
import { go, serverPath, setQuery, setQueryOf, viewPath } from '../../../console/browser/router.tsx'
import { SubjectLink } from '../../../console/browser/subject-link.tsx'
import {
  PAYDESK_EVENT_TYPES,
  type RealEventType,
  SUBSCRIBABLE_EVENT_TYPES,
  WEBHOOK_EVENT_TYPES,
  type WebhookEventType,
} from '../../../domain/webhook-event.ts'
import { api, apiReading, control, controlReading, readObject } from './server.ts'
import { SigningTimeNote } from './signing-time-note.tsx'
import type { Endpoint, Listener } from './wire.ts'

/** The program in commands. */
const { command = 'npx paydesk' } = document.getElementById('app')?.dataset ?? {}

const PAYDESK_ONLY: ReadonlySet<WebhookEventType> = new Set(PAYDESK_EVENT_TYPES)

/** The events that a new endpoint in the console gets. */
const COMMON: readonly WebhookEventType[] = [
  'payment.succeeded',
  'payment.failed',
  'payment.pending',
  'refund.succeeded',
  'refund.failed',
]

/** The account's endpoints and its events. */
export function WebhooksView(): JSX.Element {
  const { accountId } = useConsole()
  const [dialog, open] = useState<'endpoint' | 'event'>()
  const endpoints = useResource(apiReading('listWebhooks', { query: { account_id: accountId } }))
  const query = new URLSearchParams(location.search)
  const type = query.get('type') ?? ''
  const events = useResource(
    apiReading('listEvents', {
      query: {
        account_id: accountId,
        event_type: type,
        page: query.get('page') ?? '1',
        per_page: 15,
      },
    }),
  )
  const listeners = useResource(controlReading('listListeners', {})).answer?.listeners ?? []
  const running = listeners.filter((one) => one.is_running)
  const close = () => open(undefined)
  return (
    <div>
      <ViewHead
        title="Webhooks"
        actions={[
          <button key="new" type="button" class="primary" onClick={() => open('endpoint')}>
            New endpoint
          </button>,
          <button key="test" type="button" onClick={() => open('event')}>
            Send a test event
          </button>,
        ]}
      >
        Endpoints and events, with the signature and answer of each delivery.
      </ViewHead>
      <SigningTimeNote />
      {dialog === 'endpoint' && (
        <NewEndpointDialog endpoints={endpoints.answer?.webhooks ?? []} onClose={close} />
      )}
      {dialog === 'event' && <TestEventDialog onClose={close} />}
      <Card title="Endpoints">
        {
          <ResourceView
            resource={endpoints}
            children={({ webhooks: rows }) =>
              rows.length + running.length === 0 ? (
                <Empty title="No endpoints.">
                  {
                    'Start your server, then create an endpoint with its URL. Without a server of your own, run '
                  }
                  <code>{command} webhook listen</code>
                  {'.'}
                </Empty>
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
                        {one.forward_to === undefined ? 'shows events' : one.forward_to}
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
        title="Events"
        actions={
          <Field
            label="Type"
            value={type}
            onValue={setQueryOf('type')}
            options={[['', 'all'], ...SUBSCRIBABLE_EVENT_TYPES.map((one) => [one, one] as const)]}
            class="inline"
          />
        }
      >
        {
          <ResourceView
            resource={events}
            children={({ events: rows, page_context: context }) =>
              rows.length === 0 ? (
                <Empty title={type === '' ? 'No events yet.' : 'No matching events.'}>
                  {'Pay in the '}
                  <a href={serverPath('/demo')}>demo shop</a>
                  {', or send a test event with the button above.'}
                </Empty>
              ) : (
                [
                  <List
                    key="list"
                    label="Events"
                    columns={[
                      { title: 'Time', class: 'when', isSorted: true },
                      { title: 'Event', class: 'main' },
                      { title: 'Session', class: 'wide' },
                      { title: 'Deliveries' },
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
                  />,
                  <Pages
                    key="pages"
                    context={context}
                    noun="event"
                    onPage={(page) => setQuery('page', String(page))}
                  />,
                ]
              )
            }
          />
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
  readonly endpoints: readonly Endpoint[]
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
    return <span class="soft">no endpoint subscribes</span>
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
      {read.length > 0 && <span class="soft">webhook listen</span>}
    </span>
  )
}

function NewEndpointDialog({
  endpoints,
  onClose,
}: {
  readonly endpoints: readonly Endpoint[]
  readonly onClose: () => void
}): JSX.Element {
  const { accountId, say } = useConsole()
  const [name, setName] = useState('Shop')
  const [url, setUrl] = useState('http://127.0.0.1:3000/webhooks')
  const [types, setTypes] = useState<readonly WebhookEventType[]>(COMMON)
  const twin = endpoints.find((one) => one.url === url)
  const send = async () => {
    const webhook = await api.call('createWebhook', {
      query: { account_id: accountId },
      body: { name, url, enabled_events: types },
    })
    say('Endpoint created.')
    onClose()
    go(viewPath('webhooks', webhook.webhook_url_id))
  }
  return (
    <Dialog title="New endpoint" onClose={onClose}>
      <Form label="Create endpoint" onSend={send}>
        <Field label="Name" value={name} onValue={setName} />
        <Field
          label="URL"
          value={url}
          onValue={setUrl}
          input={{ inputmode: 'url' }}
          hint={
            twin === undefined
              ? 'Your server must be running: it receives a test request first.'
              : `The endpoint “${twin.name}” has the same URL: each event would arrive there twice.`
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
      <legend>Events</legend>
      {SUBSCRIBABLE_EVENT_TYPES.map((type) => (
        <Checkbox
          key={type}
          label={PAYDESK_ONLY.has(type) ? `${type} (Paydesk only)` : type}
          isOn={types.includes(type)}
          onChange={(isOn) =>
            onTypes(isOn ? [...types, type] : types.filter((other) => other !== type))
          }
        />
      ))}
    </fieldset>
  )
}

function TestEventDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { accountId, say } = useConsole()
  const [type, setType] = useState<RealEventType>('payment.succeeded')
  const [text, setText] = useState('')
  const sample = useResource(controlReading('sampleEvent', { path: { event_type: type } }))
  const shownType = useRef('')
  useEffect(() => {
    if (sample.answer === undefined || shownType.current === type) return
    shownType.current = type
    setText(JSON.stringify(sample.answer.sample, undefined, 2))
  }, [sample.answer, type])
  const send = async () => {
    const data = readObject('data', text)
    await control.call('triggerEvent', {
      body: {
        event_type: type,
        account_id: accountId,
        data: patchFrom(sample.answer?.sample ?? {}, data),
      },
    })
    say(`${type} was sent to its subscribers.`)
    onClose()
  }
  return (
    <Dialog title="Send a test event" onClose={onClose}>
      <p class="soft">No money moves.</p>
      <Form label="Send event" onSend={send}>
        <Field
          label="Type"
          value={type}
          onValue={(choice) => setType((before) => optionOf(WEBHOOK_EVENT_TYPES, choice) ?? before)}
          options={WEBHOOK_EVENT_TYPES.map((one) => [one, one] as const)}
        />
        <Field
          label="Event data, as JSON"
          value={text}
          onValue={setText}
          rows={14}
          class="code-field"
        />
      </Form>
    </Dialog>
  )
}

type Fields = Readonly<Record<string, unknown>>

/** The sandbox merges the data into its sample; null removes a field (RFC 7396). */
function patchFrom(sample: Fields, target: Fields): Fields {
  const removals = Object.keys(sample).filter((name) => !(name in target))
  const changes = Object.entries(target).map(([name, value]): [string, unknown] => {
    const before = sample[name]
    return [name, isFields(before) && isFields(value) ? patchFrom(before, value) : value]
  })
  return Object.fromEntries([...removals.map((name) => [name, null] as const), ...changes])
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
