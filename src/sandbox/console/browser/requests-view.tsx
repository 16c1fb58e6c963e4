import type { JSX } from 'preact'
import { useConsole } from '../../../console/browser/context.ts'
import { List } from '../../../console/browser/list.tsx'
import { useResource } from '../../../console/browser/live.ts'
import {
  ActionButton,
  Card,
  Code,
  Copy,
  Empty,
  Facts,
  Field,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from '../../../console/browser/parts.tsx'
import {
  IdLink,
  ShowAll,
  setQuery,
  setQueryOf,
  viewPath,
} from '../../../console/browser/router.tsx'
import { saveFile } from '../../../console/browser/save-file.ts'
import { countOf, prettyJson, showTime } from '../../../console/browser/show.ts'
import { showDuration } from '../../../domain/duration.ts'
import { requestsAsCsv, requestsAsJson } from './request-export.ts'
import { control, controlReading } from './server.ts'
import type { Exchange, Message } from './wire.ts'

const SHOWN_COUNT_MAX = 200
/** The limit of the control API. */
const EXPORTED_COUNT_MAX = 1_000

const SPANS: readonly (readonly [value: string, text: string, lengthMs: number])[] = [
  ['1m', 'last minute', 60_000],
  ['5m', 'last 5 minutes', 300_000],
  ['1h', 'last hour', 3_600_000],
  ['1d', 'last day', 86_400_000],
]
/**
 * The start of a span moves in steps of this length, in milliseconds, so that the list is not read again all the time.
 */
const STEP_MS = 10_000

function filtersNow(nowMs: number) {
  const query = new URLSearchParams(location.search)
  const value = (name: string) => query.get(name) ?? ''
  const [, , lengthMs] = SPANS.find(([span]) => span === value('time')) ?? []
  const fromMs = lengthMs && Math.floor((nowMs - lengthMs) / STEP_MS) * STEP_MS
  return {
    value,
    isFiltered: ['kind', 'status', 'path', 'time', 'session'].some((name) => value(name) !== ''),
    query: {
      kind: value('kind'),
      status: value('status'),
      path: value('path'),
      payments_session_id: value('session'),
      ...(fromMs !== undefined && { from: new Date(fromMs).toISOString() }),
    },
  }
}

/** The view of the request log, the newest entry first. */
export function RequestsView(): JSX.Element {
  const { nowMs } = useConsole()
  const { isFiltered, query, value } = filtersNow(nowMs())
  const requests = useResource(
    controlReading('listRequests', { query: { ...query, limit: SHOWN_COUNT_MAX } }),
  )
  const isGrouped = value('group') !== ''
  return (
    <div>
      <ViewHead
        title="Requests"
        actions={[
          <ExportActions key="export" query={query} />,
          <ActionButton
            key="clear"
            onAction={() => control.run('clearRequests', {})}
            successText="The log was cleared."
          >
            Clear log
          </ActionButton>,
        ]}
      >
        The newest API calls, sent webhooks and processor calls, at most 200. An export has at most
        1,000. Repeated queries to the processor share a row.
      </ViewHead>
      <RequestFilters value={value} />
      <ResourceView
        resource={requests}
        children={({ requests: rows }) =>
          rows.length === 0 ? (
            <NoRequests isFiltered={isFiltered} />
          ) : isGrouped ? (
            <RequestGroups rows={rows} />
          ) : (
            <RequestList label="Requests" rows={rows} />
          )
        }
      />
    </div>
  )
}

function NoRequests({ isFiltered }: { readonly isFiltered: boolean }): JSX.Element {
  return isFiltered ? (
    <Empty title="No matching requests.">
      <ShowAll view="requests" label="Show all requests" />
    </Empty>
  ) : (
    <Empty title="No requests yet.">
      {'Send a request: '}
      <a href={viewPath('credentials')}>snippets with this sandbox’s credentials</a>
      {
        '. It appears here at once, with its headers, its bodies and a curl command that repeats it.'
      }
    </Empty>
  )
}

function RequestFilters({ value }: { readonly value: (name: string) => string }): JSX.Element {
  return (
    <div class="filters">
      <Field
        label="Kind"
        value={value('kind')}
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
        value={value('status')}
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
        label="Path"
        value={value('path')}
        input={{ type: 'search', placeholder: 'POST /api/v1/…' }}
        onValue={(input: string) => setQuery('path', input)}
      />
      <Field
        label="Time"
        value={value('time')}
        onValue={setQueryOf('time')}
        options={[['', 'any'], ...SPANS.map(([span, text]) => [span, text] as const)]}
      />
      <Field
        label="Session id"
        value={value('session')}
        input={{ inputmode: 'numeric' }}
        onValue={(input: string) => setQuery('session', input.replaceAll(/\D/g, ''))}
      />
      <Field
        label="Group by"
        value={value('group')}
        onValue={setQueryOf('group')}
        options={[
          ['', 'nothing'],
          ['session', 'session'],
        ]}
      />
    </div>
  )
}

function ExportActions({
  query,
}: {
  readonly query: ReturnType<typeof filtersNow>['query']
}): JSX.Element {
  const save = async (format: 'CSV' | 'JSON') => {
    const reading = controlReading('listRequests', {
      query: { ...query, limit: EXPORTED_COUNT_MAX },
    })
    const { requests: rows } = await reading.readAnswer()
    const [type, text] =
      format === 'CSV'
        ? ['text/csv', requestsAsCsv(rows)]
        : ['application/json', requestsAsJson(rows)]
    saveFile(`paydesk-requests.${format.toLowerCase()}`, new Blob([text], { type }))
  }
  return (
    <span class="actions">
      {(['CSV', 'JSON'] as const).map((format) => (
        <ActionButton
          key={format}
          onAction={() => save(format)}
          successText="The matching requests were saved."
        >
          {`Export ${format}`}
        </ActionButton>
      ))}
    </span>
  )
}

/** The session with the newest row comes first. */
function RequestGroups({ rows }: { readonly rows: readonly Exchange[] }): JSX.Element {
  const groups = new Map<string, Exchange[]>()
  for (const row of rows) {
    const id = row.payments_session_id ?? ''
    groups.set(id, [...(groups.get(id) ?? []), row])
  }
  return (
    <div>
      {[...groups].map(([id, own]) => (
        <Card
          key={id}
          title={
            id === ''
              ? 'Without a session'
              : ['Session ', <IdLink key="id" of="sessions" id={id} />]
          }
          actions={<span class="soft">{countOf(own.length, 'request')}</span>}
        >
          <RequestList label={id === '' ? 'Without a session' : `Session ${id}`} rows={own} />
        </Card>
      ))}
    </div>
  )
}

const KINDS = { api: 'API call', webhook: 'webhook', processor: 'processor' } as const

function RequestList({
  label,
  rows,
}: {
  readonly label: string
  readonly rows: readonly Exchange[]
}): JSX.Element {
  return (
    <List
      label={label}
      columns={[
        { title: 'Time', class: 'when', isSorted: true },
        { title: 'Kind', class: 'wide tight' },
        { title: 'Request', class: 'main' },
        { title: 'Answer' },
        { title: 'Duration', class: 'wide amount' },
      ]}
      rows={rows.map((one) => ({
        key: one.id,
        cells: [
          <Time atMs={one.time_ms} />,
          KINDS[one.kind],
          <span class="request">
            <a
              href={viewPath('requests', one.id)}
              class="mono"
            >{`${one.method} ${one.path.split('?')[0]}`}</a>
            {one.fault_id !== undefined && <span class="tag">fault</span>}
            {one.warnings !== undefined && (
              <span class="tag" title={one.warnings.join('\n')}>
                {countOf(one.warnings.length, 'warning')}
              </span>
            )}
            <RepeatedNotice request={one} />
          </span>,
          <Status value={one.response?.status ?? 'no answer'} />,
          showDuration(one.duration_ms),
        ],
      }))}
    />
  )
}

function RepeatedNotice({ request }: { readonly request: Exchange }): JSX.Element | null {
  const { last_time_ms: lastMs, repeat_count: count } = request
  if (count === undefined || lastMs === undefined) return null
  return (
    <small>
      {`repeated ${countOf(count, 'time')}, last at `}
      <Time atMs={lastMs} />
    </small>
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
        up={{ href: viewPath('requests'), text: 'Requests' }}
        actions={details?.curl && <Copy text={details.curl} what="curl" label="Copy as curl" />}
      />
      {
        <ResourceView
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
                    ['Event', one.event_id && <IdLink of="events" id={one.event_id} />],
                    ['Repeated', one.repeat_count && <RepeatedNotice request={one} />],
                    ['Fault', one.fault_id && <a href={viewPath('faults')}>{one.fault_id}</a>],
                  ]}
                />
              </Card>
              {one.warnings !== undefined && <Warnings warnings={one.warnings} />}
              <div class="columns">
                <Side title="Request" message={one.request} />
                <Side title="Answer" message={one.response} />
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

function Warnings({ warnings }: { readonly warnings: readonly string[] }): JSX.Element {
  return (
    <Card title={countOf(warnings.length, 'warning')}>
      <ul class="warnings">
        {warnings.map((one) => (
          <li key={one} class="anywhere">
            {one}
          </li>
        ))}
      </ul>
      <p class="soft">
        The real API does not mention this in its answer. The sandbox adds the header
        X-Paydesk-Warning.
      </p>
    </Card>
  )
}

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
