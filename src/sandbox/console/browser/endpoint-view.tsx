import { h, type JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useConsole } from './context.ts'
import { FaultSwitches, WEBHOOK_SWITCHES } from './fault-switches.tsx'
import { List, Pages } from './list.tsx'
import { useResource } from './live.ts'
import {
  Act,
  Card,
  Copied,
  Dialog,
  Empty,
  Facts,
  Field,
  Form,
  Shown,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { go, setQuery, setQueryOf, to } from './router.tsx'
import { ask, withQuery } from './server.ts'
import { showTime } from './show.ts'
import { TypesFieldset } from './webhooks-view.tsx'
import type { Delivery, Endpoint, EndpointKeys, PageContext } from './wire.ts'

/** One endpoint with all that was sent to it. */
export function EndpointView({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const query = { account_id: accountId }
  const path = `/api/webhooks/${encodeURIComponent(id)}`
  const endpoint = useResource<{ webhook: Endpoint }>(withQuery(path, query))
  const keys = useResource<{ webhook_keys: EndpointKeys[] }>(withQuery('/webhooks/keys', query))
  const told = endpoint.answer?.webhook
  const signing = keys.answer?.webhook_keys.find((one) => one.webhook_url_id === id)?.signing_keys
  return h(
    'div',
    null,
    h(ViewHead, {
      title: told?.name ?? `Endpoint ${id}`,
      up: { href: to('webhooks'), text: 'Webhooks' },
      actions:
        told &&
        h(EndpointActs, { endpoint: told, path: (more) => withQuery(`${path}${more}`, query) }),
    }),
    h(Shown<{ webhook: Endpoint }>, {
      of: endpoint,
      children: ({ webhook }) =>
        h(
          'div',
          null,
          h(
            'div',
            { class: 'columns' },
            h(
              Card,
              { title: 'Facts' },
              h(Facts, {
                rows: [
                  ['Status', h(Status, { value: webhook.status })],
                  ['URL', h(Copied, { text: webhook.url, what: 'URL' })],
                  [
                    'Signing key',
                    signing?.[0] && h(Copied, { text: signing[0], what: 'signing key' }),
                  ],
                  [
                    'Key before',
                    signing?.[1] &&
                      webhook.previous_key_expiry_time &&
                      `signs too until ${showTime(webhook.previous_key_expiry_time * 1000)} UTC`,
                  ],
                  ['Events', webhook.enabled_events.join(', ')],
                  ['Made', h(Time, { atMs: webhook.created_time * 1000 })],
                  ['Id', h(Copied, { text: webhook.webhook_url_id, what: 'endpoint id' })],
                ],
              }),
            ),
            h(
              Card,
              { title: 'Break it' },
              h(
                'p',
                { class: 'soft' },
                'What happens to webhooks on their way, in this whole sandbox. Your server should come through all of it.',
              ),
              h(FaultSwitches, { switches: WEBHOOK_SWITCHES }),
            ),
          ),
          h(Deliveries, { id }),
        ),
    }),
  )
}

function EndpointActs({
  endpoint,
  path,
}: {
  readonly endpoint: Endpoint
  readonly path: (more: string) => string
}): JSX.Element {
  const [opened, open] = useState<'change' | 'delete'>()
  const { name, status } = endpoint
  const isActive = status === 'active'
  const close = () => open(undefined)
  return h(
    'div',
    { class: 'actions' },
    h(
      Act,
      {
        done: isActive ? 'Nothing is sent there now.' : 'It is sent events again.',
        onAct: () => ask('PUT', path(''), { status: isActive ? 'inactive' : 'active' }),
      },
      isActive ? 'Pause' : 'Activate',
    ),
    h('button', { type: 'button', onClick: () => open('change') }, 'Change'),
    h(
      Act,
      {
        onAct: () => ask('POST', path('/rotatekey'), {}),
        done: 'There is a new key. For a day both sign.',
      },
      'New key',
    ),
    h('button', { type: 'button', class: 'danger', onClick: () => open('delete') }, 'Delete'),
    opened === 'change' && h(ChangeDialog, { endpoint, path: path(''), onClose: close }),
    opened === 'delete' &&
      h(
        Dialog,
        { title: `Delete ${name}?`, onClose: close },
        h(
          Form,
          {
            label: 'Delete it',
            onSend: async () => {
              await ask('DELETE', path(''), {})
              close()
              go(to('webhooks'))
            },
          },
          h('p', null, 'Its log goes with it. What was still to be sent to it is canceled.'),
        ),
      ),
  )
}

function ChangeDialog({
  endpoint,
  onClose,
  path,
}: {
  readonly endpoint: Endpoint
  readonly path: string
  readonly onClose: () => void
}): JSX.Element {
  const { say } = useConsole()
  const [name, setName] = useState(endpoint.name)
  const [url, setUrl] = useState(endpoint.url)
  const [types, setTypes] = useState<readonly string[]>(endpoint.enabled_events)
  const send = async () => {
    await ask('PUT', path, {
      name,
      enabled_events: types,
      // One that is named anew is sent a test request.
      ...(url !== endpoint.url && { url }),
    })
    say('The endpoint was changed.')
    onClose()
  }
  return h(
    Dialog,
    { title: `Change ${endpoint.name}`, onClose },
    h(
      Form,
      { label: 'Change it', onSend: send },
      h(Field, { label: 'Name', value: name, onValue: setName }),
      h(Field, { label: 'URL', value: url, onValue: setUrl }),
      h(TypesFieldset, { types, onTypes: setTypes }),
    ),
  )
}

function Deliveries({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const query = new URLSearchParams(location.search)
  const status = query.get('status') ?? ''
  const deliveries = useResource<{ deliveries: Delivery[]; page_context: PageContext }>(
    withQuery(`/api/webhooks/${encodeURIComponent(id)}/deliveries`, {
      account_id: accountId,
      status,
      page: query.get('page') ?? '1',
    }),
  )
  return h(
    Card,
    {
      title: 'Deliveries',
      actions: h(Field, {
        label: 'Status',
        value: status,
        onValue: setQueryOf('status'),
        options: [['', 'all'], 'pending', 'delivered', 'given_up', 'held', 'canceled'],
        class: 'inline',
      }),
    },
    h(Shown<{ deliveries: Delivery[]; page_context: PageContext }>, {
      of: deliveries,
      children: ({ deliveries: rows, page_context: context }) =>
        rows.length === 0
          ? h(
              Empty,
              { title: 'There is no such delivery yet.' },
              'Pay a session, or send a test event in ',
              h('a', { href: to('webhooks') }, 'Webhooks'),
              '.',
            )
          : [
              h(List, {
                key: 'list',
                label: 'Deliveries',
                columns: [
                  { title: 'Time', class: 'when' },
                  { title: 'Event', class: 'main' },
                  { title: 'Status' },
                  { title: 'Tries', class: 'amount' },
                  { title: 'Last answer' },
                  { title: 'Next try', class: 'wide' },
                ],
                rows: rows.map((one) => ({
                  key: String(one.event_id),
                  cells: [
                    h(Time, { atMs: one.created_time * 1000 }),
                    h(
                      'a',
                      { href: to('webhooks', id, 'deliveries', String(one.event_id)) },
                      one.event_type,
                      h('span', { class: 'hidden' }, ` ${one.event_id}`),
                    ),
                    h(Status, { value: one.status }),
                    one.attempt_count,
                    one.http_status === undefined
                      ? one.attempt_count > 0 && h(Status, { value: 'no answer' })
                      : h(Status, { value: one.http_status }),
                    one.next_attempt_time !== undefined &&
                      h(Time, { atMs: one.next_attempt_time * 1000 }),
                  ],
                })),
              }),
              h(Pages, {
                key: 'pages',
                context,
                noun: 'delivery',
                plural: 'deliveries',
                onPage: (page) => setQuery('page', String(page)),
              }),
            ],
    }),
  )
}
