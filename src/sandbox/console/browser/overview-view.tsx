import type { JSX } from 'preact'
import type { PaymentSessionPage } from '../../../client/types.ts'
import { LatencyChart, OutcomeChart } from '../../../console/browser/charts.tsx'
import { useConsole } from '../../../console/browser/context.ts'
import { useResource } from '../../../console/browser/live.ts'
import {
  Card,
  CopyableText,
  Empty,
  Facts,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from '../../../console/browser/parts.tsx'
import { serverPath, viewPath } from '../../../console/browser/router.tsx'
import { showAmount, showTime } from '../../../console/browser/show.ts'
import { showDuration } from '../../../domain/duration.ts'

import { DecisionActions } from './decision-actions.tsx'
import { NewSession } from './new-session.tsx'
import { useSandbox } from './sandbox-context.ts'
import { apiReading, controlReading } from './server.ts'

/** The first view: the sandbox's state, and its latest events. */
export function OverviewView(): JSX.Element {
  const { accountId, nowMs } = useConsole()
  const { clock, facts } = useSandbox()
  const query = { account_id: accountId, per_page: 5 }
  const sessions = useResource(apiReading('listPaymentSessions', { query }))
  const payments = useResource(apiReading('listPayments', { query }))
  const events = useResource(apiReading('listEvents', { query }))
  const webhooks = useResource(apiReading('listWebhooks', { query: { account_id: accountId } }))
  const faults = useResource(controlReading('listFaults', {}))
  const requests = useResource(controlReading('listRequests', { query: { kind: 'api', limit: 8 } }))
  const failing = webhooks.answer?.webhooks.filter(({ status }) => status === 'disabled').length
  const totalOf = (
    context: { readonly total: number; readonly total_is_lower_bound?: true } | undefined,
  ) => context && `${context.total.toLocaleString('en')}${context.total_is_lower_bound ? '+' : ''}`
  const counts: readonly (readonly [string, string | number | undefined, string])[] = [
    ['Sessions', totalOf(sessions.answer?.page_context), viewPath('sessions')],
    ['Payments', totalOf(payments.answer?.page_context), viewPath('payments')],
    ['Events', totalOf(events.answer?.page_context), viewPath('webhooks')],
    ['Endpoints', webhooks.answer?.webhooks.length, viewPath('webhooks')],
    ['Faults', faults.answer?.faults.length, viewPath('faults')],
  ]
  return (
    <div>
      <ViewHead
        title="Overview"
        actions={[
          <NewSession key="new" />,
          <a key="demo" class="button" href={serverPath('/demo')}>
            Demo shop
          </a>,
        ]}
      >
        The traffic between your application and this sandbox.
      </ViewHead>
      <ul class="counts">
        {counts.map(([title, count, href]) => (
          <li key={title}>
            <a href={href}>
              <strong>{count ?? '–'}</strong>
              <span>{title}</span>
            </a>
          </li>
        ))}
      </ul>
      {failing !== undefined && failing > 0 && (
        <p class="notice bad">
          {
            'A webhook endpoint was disabled because it accepted nothing during a whole retry schedule. '
          }
          <a href={viewPath('webhooks')}>See the endpoints</a>
        </p>
      )}
      <div class="columns">
        <Card title="Latest requests" actions={<a href={viewPath('requests')}>All requests</a>}>
          {
            <ResourceView
              resource={requests}
              children={({ requests: rows }) =>
                rows.length === 0 ? (
                  <Empty title="No requests yet.">
                    {'Send a request: '}
                    <a href={viewPath('credentials')}>snippets with this sandbox’s credentials</a>
                    {'.'}
                  </Empty>
                ) : (
                  <ul class="lines">
                    {rows.map((one) => (
                      <li key={one.id}>
                        <Time atMs={one.time_ms} />
                        <a
                          href={viewPath('requests', one.id)}
                          class="mono clip"
                        >{`${one.method} ${one.path.split('?')[0]}`}</a>
                        <Status value={one.response?.status ?? 'no answer'} />
                      </li>
                    ))}
                  </ul>
                )
              }
            />
          }
        </Card>
        <Card title="Latest sessions" actions={<a href={viewPath('sessions')}>All sessions</a>}>
          {
            <ResourceView
              resource={sessions}
              children={({ payments_sessions: rows }) =>
                rows.length === 0 ? (
                  <Empty title="No payment sessions yet.">
                    {'Create one with the button above, or buy something in the '}
                    <a href={serverPath('/demo')}>demo shop</a>
                    {'.'}
                  </Empty>
                ) : (
                  <ul class="lines">
                    {rows.map((one) => (
                      <li key={one.payments_session_id}>
                        <Time atMs={one.created_time * 1000} />
                        <a href={viewPath('sessions', one.payments_session_id)} class="clip">
                          {showAmount(one)}
                          {one.description !== undefined && ` · ${one.description}`}
                        </a>
                        <Status value={one.status} />
                      </li>
                    ))}
                  </ul>
                )
              }
            />
          }
        </Card>
      </div>
      <WaitingAttempts />
      <div class="columns">
        <Charts />
      </div>
      <Card title="This sandbox">
        <Facts
          rows={[
            ['Address', <CopyableText text={facts.base_url} what="address" />],
            ['Account', <CopyableText text={accountId} what="account id" />],
            [
              'Clock',
              clock && (
                <a
                  href={viewPath('clock')}
                >{`${showTime(nowMs())} UTC, ${clock.is_frozen ? 'frozen' : clock.rate === 1 ? 'running' : `running ${clock.rate} times as fast as real time`}`}</a>
              ),
            ],
            [
              'Reference',
              <span>
                <a href={serverPath('/docs')}>Documentation</a>
                {' · '}
                <a href={serverPath('/docs/control/clock')}>control API</a>
              </span>,
            ],
          ]}
        />
      </Card>
    </div>
  )
}

function WaitingAttempts(): JSX.Element | null {
  const { accountId } = useConsole()
  const { answer } = useResource(
    apiReading('listPaymentSessions', {
      query: { account_id: accountId, status: 'in_progress', per_page: 5 },
    }),
  )
  const rows = answer?.payments_sessions ?? []
  if (rows.length === 0) return null
  return (
    <Card
      title="Waiting attempts"
      actions={<a href={`${viewPath('sessions')}?status=in_progress`}>All waiting sessions</a>}
    >
      <ul class="lines">
        {rows.map((one) => (
          <WaitingAttempt key={one.payments_session_id} session={one} />
        ))}
      </ul>
    </Card>
  )
}

function WaitingAttempt({
  session,
}: {
  readonly session: PaymentSessionPage['payments_sessions'][number]
}): JSX.Element {
  const { accountId, nowMs } = useConsole()
  const id = session.payments_session_id
  const { answer } = useResource(
    apiReading('retrievePaymentSession', {
      path: { payments_session_id: id },
      query: { account_id: accountId },
    }),
  )
  const payment = answer?.payments_session.payments?.[0]
  return (
    <li>
      <Time atMs={(payment ?? session).created_time * 1000} />
      <a href={viewPath('sessions', id)} class="clip">
        {showAmount(session)}
        {session.description !== undefined && ` · ${session.description}`}
      </a>
      {payment && (
        <span class="soft">{`waiting for ${showDuration(Math.max(1_000, nowMs() - payment.created_time * 1000))}`}</span>
      )}
      {payment && <DecisionActions payment={{ ...payment, payments_session_id: id }} isSmall />}
    </li>
  )
}

function Charts(): JSX.Element[] {
  const { accountId } = useConsole()
  const statistics = useResource(
    controlReading('readStatistics', { query: { account_id: accountId } }),
  )
  return [
    <Card key="outcomes" title="Outcomes of payments">
      <ResourceView
        resource={statistics}
        children={({ statistics: { payments } }) =>
          payments.spans.length === 0 ? (
            <Empty title="No payments yet.">
              {'Pay in the '}
              <a href={serverPath('/demo')}>demo shop</a>
              {', or play an attempt on a new session.'}
            </Empty>
          ) : (
            <OutcomeChart payments={payments} />
          )
        }
      />
    </Card>,
    <Card key="latency" title="Webhook latency">
      <ResourceView
        resource={statistics}
        children={({ statistics: { webhooks } }) =>
          webhooks.answered + webhooks.unanswered === 0 ? (
            <Empty title="No webhooks yet.">
              {'Create an endpoint in '}
              <a href={viewPath('webhooks')}>Webhooks</a>
              {', then pay something.'}
            </Empty>
          ) : (
            <LatencyChart webhooks={webhooks} />
          )
        }
      />
    </Card>,
  ]
}
