import { h, type JSX } from 'preact'
import { useConsole } from './context.ts'
import { useResource } from './live.ts'
import { Card, Copied, Empty, Facts, Shown, Status, Time, ViewHead } from './parts.tsx'
import { serverPath, to } from './router.tsx'
import { withQuery } from './server.ts'
import { NewSession } from './sessions-view.tsx'
import { showAmount, showTime } from './show.ts'
import type { Endpoint, EventRow, Exchange, Fault, PageContext, Payment, Session } from './wire.ts'

/** The first view: how the sandbox is, and what has happened last. */
export function OverviewView(): JSX.Element {
  const { accountId, clock, facts, nowMs } = useConsole()
  const of = (path: string) => withQuery(`/api/${path}`, { account_id: accountId, per_page: '5' })
  const sessions = useResource<{ payments_sessions: Session[]; page_context: PageContext }>(
    of('paymentsessions'),
  )
  const payments = useResource<{ payments: Payment[]; page_context: PageContext }>(of('payments'))
  const events = useResource<{ events: EventRow[]; page_context: PageContext }>(of('events'))
  const webhooks = useResource<{ webhooks: Endpoint[] }>(
    withQuery('/api/webhooks', { account_id: accountId }),
  )
  const faults = useResource<{ faults: Fault[] }>('/faults')
  const requests = useResource<{ requests: Exchange[] }>('/requests?kind=api&limit=8')
  const failing = webhooks.answer?.webhooks.filter(({ status }) => status === 'disabled').length
  const counts: readonly (readonly [string, number | undefined, string])[] = [
    ['Sessions', sessions.answer?.page_context.total, to('sessions')],
    ['Payments', payments.answer?.page_context.total, to('payments')],
    ['Events', events.answer?.page_context.total, to('webhooks')],
    ['Endpoints', webhooks.answer?.webhooks.length, to('webhooks')],
    ['Faults', faults.answer?.faults.length, to('faults')],
  ]
  return h(
    'div',
    null,
    h(
      ViewHead,
      {
        title: 'Overview',
        actions: [
          h(NewSession, { key: 'new' }),
          h('a', { key: 'demo', class: 'button', href: serverPath('/demo') }, 'Demo shop'),
        ],
      },
      'Everything that your application and this sandbox say to one another, and everything that can go wrong between them.',
    ),
    h(
      'ul',
      { class: 'counts' },
      counts.map(([title, count, href]) =>
        h(
          'li',
          { key: title },
          h('a', { href }, h('strong', null, count ?? '–'), h('span', null, title)),
        ),
      ),
    ),
    failing !== undefined &&
      failing > 0 &&
      h(
        'p',
        { class: 'notice bad' },
        'A webhook endpoint was disabled because nothing was taken for two days. ',
        h('a', { href: to('webhooks') }, 'See the endpoints'),
      ),
    h(
      'div',
      { class: 'columns' },
      h(
        Card,
        {
          title: 'Latest requests',
          actions: h('a', { href: to('requests') }, 'All requests'),
        },
        h(Shown<{ requests: Exchange[] }>, {
          of: requests,
          children: ({ requests: rows }) =>
            rows.length === 0
              ? h(
                  Empty,
                  { title: 'Nothing has come yet.' },
                  'Send a request: ',
                  h('a', { href: to('credentials') }, 'snippets with this sandbox’s credentials'),
                  '.',
                )
              : h(
                  'ul',
                  { class: 'lines' },
                  rows.map((one) =>
                    h(
                      'li',
                      { key: one.id },
                      h(Time, { atMs: one.time_ms }),
                      h(
                        'a',
                        { href: to('requests', one.id), class: 'mono clip' },
                        `${one.method} ${one.path.split('?')[0]}`,
                      ),
                      h(Status, { value: one.response?.status ?? 'no answer' }),
                    ),
                  ),
                ),
        }),
      ),
      h(
        Card,
        { title: 'Latest sessions', actions: h('a', { href: to('sessions') }, 'All sessions') },
        h(Shown<{ payments_sessions: Session[] }>, {
          of: sessions,
          children: ({ payments_sessions: rows }) =>
            rows.length === 0
              ? h(
                  Empty,
                  { title: 'There is no payment session yet.' },
                  'Make one with the button above, or buy something in the ',
                  h('a', { href: serverPath('/demo') }, 'demo shop'),
                  '.',
                )
              : h(
                  'ul',
                  { class: 'lines' },
                  rows.map((one) =>
                    h(
                      'li',
                      { key: one.payments_session_id },
                      h(Time, { atMs: one.created_time * 1000 }),
                      h(
                        'a',
                        { href: to('sessions', one.payments_session_id), class: 'clip' },
                        showAmount(one),
                        one.description !== undefined && ` · ${one.description}`,
                      ),
                      h(Status, { value: one.status }),
                    ),
                  ),
                ),
        }),
      ),
    ),
    h(
      Card,
      { title: 'This sandbox' },
      h(Facts, {
        rows: [
          ['Address', h(Copied, { text: facts.base_url, what: 'address' })],
          ['Account', h(Copied, { text: accountId, what: 'account id' })],
          [
            'Clock',
            clock &&
              h(
                'a',
                { href: to('clock') },
                `${showTime(nowMs())} UTC, ${clock.is_frozen ? 'standing still' : clock.rate === 1 ? 'running' : `running ${clock.rate} times as fast`}`,
              ),
          ],
          [
            'Look up',
            h(
              'span',
              null,
              h('a', { href: serverPath('/docs') }, 'API description'),
              ' · ',
              h('a', { href: serverPath('/_sandbox/openapi.json') }, 'control API'),
            ),
          ],
        ],
      }),
    ),
  )
}
