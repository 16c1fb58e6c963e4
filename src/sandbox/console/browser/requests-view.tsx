import { h, type JSX } from 'preact'
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
import { ask, withQuery } from './server.ts'
import { prettyJson, showDuration, showTime } from './show.ts'
import type { Exchange, Message } from './wire.ts'

/** What has passed between this sandbox and others, the newest first. */
export function RequestsView(): JSX.Element {
  const query = new URLSearchParams(location.search)
  const kind = query.get('kind') ?? ''
  const status = query.get('status') ?? ''
  const sessionId = query.get('session') ?? ''
  const requests = useResource<{ requests: Exchange[] }>(
    withQuery('/requests', { kind, status, payments_session_id: sessionId, limit: '200' }),
  )
  const isFiltered = kind !== '' || status !== '' || sessionId !== ''
  return h(
    'div',
    null,
    h(
      ViewHead,
      {
        title: 'Requests',
        actions: h(
          Act,
          { onAct: () => ask('DELETE', '/requests', {}), done: 'The log is empty.' },
          'Empty the log',
        ),
      },
      'Calls of the API, webhooks that were sent, and calls of the processor; the last 1,000, as they happen.',
    ),
    h(
      'div',
      { class: 'filters' },
      h(Field, {
        label: 'Kind',
        value: kind,
        onValue: setQueryOf('kind'),
        options: [
          ['', 'all'],
          ['api', 'calls of the API'],
          ['webhook', 'webhooks'],
          ['processor', 'calls of the processor'],
        ],
      }),
      h(Field, {
        label: 'Status',
        value: status,
        onValue: setQueryOf('status'),
        options: [
          ['', 'any'],
          ['2xx', '2xx'],
          ['4xx', '4xx'],
          ['5xx', '5xx'],
          ['4xx,5xx', '4xx and 5xx'],
        ],
      }),
      h(Field, {
        label: 'Session id',
        value: sessionId,
        input: { inputmode: 'numeric' },
        onValue: (value: string) => setQuery('session', value.replaceAll(/\D/g, '')),
      }),
    ),
    h(Shown<{ requests: Exchange[] }>, {
      of: requests,
      children: ({ requests: rows }) =>
        rows.length === 0
          ? h(
              Empty,
              { title: isFiltered ? 'Nothing in the log is like this.' : 'Nothing has come yet.' },
              isFiltered
                ? 'Set the filters to all.'
                : [
                    'Send a request: ',
                    h(
                      'a',
                      { key: 'snippets', href: to('credentials') },
                      'snippets with this sandbox’s credentials',
                    ),
                    '. It appears here by itself.',
                  ],
            )
          : h(List, {
              label: 'Requests',
              columns: [
                { title: 'Time', class: 'when' },
                { title: 'Kind', class: 'wide' },
                { title: 'Request', class: 'main' },
                { title: 'Answer' },
                { title: 'Took', class: 'wide amount' },
              ],
              rows: rows.map((one) => ({
                key: one.id,
                cells: [
                  h(Time, { atMs: one.time_ms }),
                  one.kind,
                  h(
                    'span',
                    { class: 'request' },
                    h(
                      'a',
                      { href: to('requests', one.id), class: 'mono' },
                      `${one.method} ${one.path.split('?')[0]}`,
                    ),
                    one.fault_id !== undefined && h('span', { class: 'tag' }, 'fault'),
                  ),
                  h(Status, { value: one.response?.status ?? 'no answer' }),
                  showDuration(one.duration_ms),
                ],
              })),
            }),
    }),
  )
}

/** One exchange: both sides beside one another. */
export function ExchangeView({ id }: { readonly id: string }): JSX.Element {
  const exchange = useResource<{ request: Exchange }>(`/requests/${encodeURIComponent(id)}`)
  const told = exchange.answer?.request
  return h(
    'div',
    null,
    h(ViewHead, {
      title: `Request ${id}`,
      up: { href: to('requests'), text: 'Requests' },
      actions: told?.curl && h(Copy, { text: told.curl, what: 'curl', label: 'Copy as curl' }),
    }),
    h(Shown<{ request: Exchange }>, {
      of: exchange,
      children: ({ request: one }) =>
        h(
          'div',
          null,
          h(
            Card,
            { title: h('span', { class: 'mono anywhere' }, `${one.method} ${one.path}`) },
            h(Facts, {
              rows: [
                ['Answer', h(Status, { value: one.response?.status ?? 'no answer' })],
                ['What happened', one.failure],
                ['Time', `${showTime(one.time_ms)} UTC`],
                ['Took', showDuration(one.duration_ms)],
                [
                  'Session',
                  one.payments_session_id &&
                    h(IdLink, { of: 'sessions', id: one.payments_session_id }),
                ],
                ['Payment', one.payment_id && h(IdLink, { of: 'payments', id: one.payment_id })],
                ['Event', one.event_id],
                ['Fault', one.fault_id && h('a', { href: to('faults') }, one.fault_id)],
              ],
            }),
          ),
          h(
            'div',
            { class: 'columns' },
            h(Side, { title: 'Request', message: one.request }),
            h(Side, { title: 'Response', message: one.response }),
          ),
          one.curl !== undefined &&
            h(Card, { title: 'Send it again' }, h(Code, { label: 'curl', text: one.curl })),
        ),
    }),
  )
}

/** Headers and body of one side. */
export function Side({
  message,
  title,
}: {
  readonly title: string
  readonly message: Message | undefined
}): JSX.Element {
  const headers = Object.entries(message?.headers ?? {})
  return h(
    Card,
    { title },
    message === undefined
      ? h(Empty, { title: 'There was none.' }, 'What happened is said above.')
      : [
          h('h3', { key: 'headers' }, 'Headers'),
          headers.length === 0
            ? h('p', { key: 'none', class: 'soft' }, 'None.')
            : h(
                'dl',
                { key: 'list', class: 'facts headers' },
                headers.map(([name, value]) =>
                  h('div', { key: name }, h('dt', null, name), h('dd', null, value)),
                ),
              ),
          h('h3', { key: 'body' }, 'Body'),
          message.body === ''
            ? h('p', { key: 'empty', class: 'soft' }, 'Empty.')
            : h(Code, { key: 'text', label: `${title} body`, text: prettyJson(message.body) }),
        ],
  )
}
