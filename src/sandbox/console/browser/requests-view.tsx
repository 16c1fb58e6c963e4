import type { JSX } from 'preact'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import {
  Act,
  Card,
  Code,
  Copy,
  Empty,
  Facts,
  Field,
  Shown,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { IdLink, setQuery, setQueryOf, to } from './router.tsx'
import { control, controlReading } from './server.ts'
import { prettyJson, showDuration, showTime } from './show.ts'
import type { Message } from './wire.ts'

/** The view of the request log, the newest entry first. */
export function RequestsView(): JSX.Element {
  const query = new URLSearchParams(location.search)
  const kind = query.get('kind') ?? ''
  const status = query.get('status') ?? ''
  const sessionId = query.get('session') ?? ''
  const requests = useResource(
    controlReading('listRequests', {
      query: { kind, status, payments_session_id: sessionId, limit: 200 },
    }),
  )
  const isFiltered = kind !== '' || status !== '' || sessionId !== ''
  return (
    <div>
      <ViewHead
        title="Requests"
        actions={
          <Act onAct={() => control.run('clearRequests', {})} done="The log was cleared.">
            Clear log
          </Act>
        }
      >
        The last 1,000 API calls, sent webhooks and processor calls, as they happen.
      </ViewHead>
      <div class="filters">
        <Field
          label="Kind"
          value={kind}
          onValue={setQueryOf('kind')}
          options={[
            ['', 'all'],
            ['api', 'API calls'],
            ['webhook', 'webhooks'],
            ['processor', 'processor calls'],
          ]}
        />
        <Field
          label="Status"
          value={status}
          onValue={setQueryOf('status')}
          options={[
            ['', 'any'],
            ['2xx', '2xx'],
            ['4xx', '4xx'],
            ['5xx', '5xx'],
            ['4xx,5xx', '4xx and 5xx'],
          ]}
        />
        <Field
          label="Session id"
          value={sessionId}
          input={{ inputmode: 'numeric' }}
          onValue={(value: string) => setQuery('session', value.replaceAll(/\D/g, ''))}
        />
      </div>
      {
        <Shown
          resource={requests}
          children={({ requests: rows }) =>
            rows.length === 0 ? (
              <Empty title={isFiltered ? 'No matching requests.' : 'No requests yet.'}>
                {isFiltered
                  ? 'Set the filters to all.'
                  : [
                      'Send a request: ',
                      <a key="snippets" href={to('credentials')}>
                        snippets with this sandbox’s credentials
                      </a>,
                      '. It appears here by itself.',
                    ]}
              </Empty>
            ) : (
              <List
                label="Requests"
                columns={[
                  { title: 'Time', class: 'when' },
                  { title: 'Kind', class: 'wide' },
                  { title: 'Request', class: 'main' },
                  { title: 'Answer' },
                  { title: 'Duration', class: 'wide amount' },
                ]}
                rows={rows.map((one) => ({
                  key: one.id,
                  cells: [
                    <Time atMs={one.time_ms} />,
                    one.kind,
                    <span class="request">
                      <a
                        href={to('requests', one.id)}
                        class="mono"
                      >{`${one.method} ${one.path.split('?')[0]}`}</a>
                      {one.fault_id !== undefined && <span class="tag">fault</span>}
                    </span>,
                    <Status value={one.response?.status ?? 'no answer'} />,
                    showDuration(one.duration_ms),
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

/** One exchange: request and answer side by side. */
export function ExchangeView({ id }: { readonly id: string }): JSX.Element {
  const exchange = useResource(controlReading('retrieveRequest', { path: { id } }))
  const details = exchange.answer?.request
  return (
    <div>
      <ViewHead
        title={`Request ${id}`}
        up={{ href: to('requests'), text: 'Requests' }}
        actions={details?.curl && <Copy text={details.curl} what="curl" label="Copy as curl" />}
      />
      {
        <Shown
          resource={exchange}
          children={({ request: one }) => (
            <div>
              <Card title={<span class="mono anywhere">{`${one.method} ${one.path}`}</span>}>
                <Facts
                  rows={[
                    ['Answer', <Status value={one.response?.status ?? 'no answer'} />],
                    ['Failure', one.failure],
                    ['Time', `${showTime(one.time_ms)} UTC`],
                    ['Duration', showDuration(one.duration_ms)],
                    [
                      'Session',
                      one.payments_session_id && (
                        <IdLink of="sessions" id={one.payments_session_id} />
                      ),
                    ],
                    ['Payment', one.payment_id && <IdLink of="payments" id={one.payment_id} />],
                    ['Event', one.event_id],
                    ['Fault', one.fault_id && <a href={to('faults')}>{one.fault_id}</a>],
                  ]}
                />
              </Card>
              <div class="columns">
                <Side title="Request" message={one.request} />
                <Side title="Response" message={one.response} />
              </div>
              {one.curl !== undefined && (
                <Card title="Send it again">
                  <Code label="curl" text={one.curl} />
                </Card>
              )}
            </div>
          )}
        />
      }
    </div>
  )
}

/** Headers and body of one side. */
function Side({
  message,
  title,
}: {
  readonly title: string
  readonly message: Message | undefined
}): JSX.Element {
  const headers = Object.entries(message?.headers ?? {})
  return (
    <Card title={title}>
      {message === undefined ? (
        <Empty title="None.">See the failure above.</Empty>
      ) : (
        [
          <h3 key="headers">Headers</h3>,
          headers.length === 0 ? (
            <p key="none" class="soft">
              None.
            </p>
          ) : (
            <dl key="list" class="facts headers">
              {headers.map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          ),
          <h3 key="body">Body</h3>,
          message.body === '' ? (
            <p key="empty" class="soft">
              Empty.
            </p>
          ) : (
            <Code key="text" label={`${title} body`} text={prettyJson(message.body)} />
          ),
        ]
      )}
    </Card>
  )
}
