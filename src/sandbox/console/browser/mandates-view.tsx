import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useAccountOf, useConsole } from '../../../console/browser/context.ts'
import { List, Pages } from '../../../console/browser/list.tsx'
import { useResource } from '../../../console/browser/live.ts'
import {
  ActionButton,
  Card,
  Code,
  CopyableText,
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
import { showAmount, words } from '../../../console/browser/show.ts'
import { MANDATE_STATUSES } from '../../../domain/mandate.ts'
import { mandateDayAt } from '../../../domain/mandate-terms.ts'
import { useSandbox } from './sandbox-context.ts'
import { api, apiReading, control, controlReading } from './server.ts'
import type { MandateStory } from './wire.ts'

/** All mandates of the account. */
export function MandatesView(): JSX.Element {
  const { accountId } = useConsole()
  const { facts } = useSandbox()
  const query = new URLSearchParams(location.search)
  const status = query.get('status') ?? ''
  const searchText = query.get('q') ?? ''
  const [input, setInput] = useState(searchText)
  const mandates = useResource(
    accountId === facts.account_id
      ? apiReading('listMandates', {
          query: {
            account_id: accountId,
            status,
            search_text: searchText,
            page: query.get('page') ?? '1',
          },
        })
      : undefined,
  )
  if (accountId !== facts.account_id) {
    return (
      <div>
        <ViewHead title="Mandates" />
        <Empty title="The US edition has no mandates.">Choose the IN account above.</Empty>
      </div>
    )
  }
  const search = (event: Event) => {
    event.preventDefault()
    setQuery('page', '')
    setQuery('q', input.trim())
  }
  const isFiltered = status !== '' || searchText !== ''
  return (
    <div>
      <ViewHead title="Mandates">Permissions of customers for later debits by UPI.</ViewHead>
      <form class="filters" role="search" onSubmit={search}>
        <Field
          label="Status"
          value={status}
          onValue={setQueryOf('status')}
          options={[['', 'any'], ...MANDATE_STATUSES]}
        />
        <Field
          label="Search for"
          value={input}
          onValue={setInput}
          input={{ type: 'search' }}
          hint="A mandate’s id or a UPI ID"
        />
        <button type="submit">Search</button>
      </form>
      <ResourceView
        resource={mandates}
        children={({ mandates: rows, page_context: context }) =>
          rows.length === 0 ? (
            <Empty title={isFiltered ? 'No matching mandates.' : 'No mandates yet.'}>
              {isFiltered ? (
                <ShowAll view="mandates" name="mandates" />
              ) : (
                [
                  'A customer approves a mandate on the page of a session with the type ',
                  <code key="type">mandate_enrollment</code>,
                  '.',
                ]
              )}
            </Empty>
          ) : (
            [
              <List
                key="list"
                label="Mandates"
                columns={[
                  { title: 'Created', class: 'when', isSorted: true },
                  { title: 'Mandate', class: 'main' },
                  { title: 'Amount', class: 'amount' },
                  { title: 'Frequency' },
                  { title: 'Status' },
                  { title: 'Customer', class: 'wide' },
                ]}
                rows={rows.map((one) => ({
                  key: one.mandate_id,
                  cells: [
                    <Time atMs={one.created_time * 1000} />,
                    <IdLink of="mandates" id={one.mandate_id} />,
                    amountOf(one),
                    words(one.frequency),
                    <Status value={one.status} />,
                    one.customer_name,
                  ],
                }))}
              />,
              <Pages
                key="pages"
                context={context}
                noun="mandate"
                onPage={(page) => setQuery('page', String(page))}
              />,
            ]
          )
        }
      />
    </div>
  )
}

type Mandate = MandateStory['mandate']

function amountOf(mandate: Mandate): string {
  const amount = showAmount(mandate)
  return mandate.amount_rule === 'variable' ? `up to ${amount}` : amount
}

/** Everything about one mandate. */
export function MandateView({ id }: { readonly id: string }): JSX.Element {
  const resource = useResource(controlReading('readMandateStory', { path: { mandate_id: id } }))
  const details = resource.answer?.mandate_story
  useAccountOf(details)
  return (
    <div>
      <ViewHead
        title={[
          'Mandate ',
          <span class="mono id" key="id">
            {id}
          </span>,
        ]}
        up={{ href: viewPath('mandates'), text: 'Mandates' }}
        actions={details && <MandateActions story={details} />}
      />
      <ResourceView
        resource={resource}
        children={({ mandate_story: story }) => (
          <div class="columns">
            <div>
              <Card title="Facts">
                <MandateFacts story={story} />
              </Card>
              <Card title="Notifications">
                <NotificationLines story={story} />
              </Card>
              <Card title="Payments">
                <PaymentLines story={story} />
              </Card>
            </div>
            <Card title="API answer">
              <Code label="mandate as JSON" text={JSON.stringify(story.mandate, undefined, 2)} />
            </Card>
          </div>
        )}
      />
    </div>
  )
}

/** The changes by the customer, and the cancellation by the merchant. */
function MandateActions({ story }: { readonly story: MandateStory }): JSX.Element | null {
  const { facts } = useSandbox()
  const { mandate_id: id, status } = story.mandate
  if (status !== 'active' && status !== 'paused') return null
  const path = { mandate_id: id }
  return (
    <div class="actions">
      {facts.plays_attempts && status === 'active' && (
        <ActionButton
          successText="The customer has paused the mandate."
          onAction={() => control.call('pauseMandate', { path })}
        >
          Pause
        </ActionButton>
      )}
      {facts.plays_attempts && status === 'paused' && (
        <ActionButton
          successText="The customer has resumed the mandate."
          onAction={() => control.call('resumeMandate', { path })}
        >
          Resume
        </ActionButton>
      )}
      {facts.plays_attempts && (
        <ActionButton
          class="danger"
          successText="The customer has revoked the mandate."
          onAction={() => control.call('revokeMandate', { path })}
        >
          Revoke
        </ActionButton>
      )}
      <ActionButton
        class="danger"
        successText="The merchant has canceled the mandate."
        onAction={() =>
          api.call('cancelMandate', { path, query: { account_id: story.account_id } })
        }
      >
        Cancel
      </ActionButton>
    </div>
  )
}

function MandateFacts({ story }: { readonly story: MandateStory }): JSX.Element {
  const { enrollment_session_id: sessionId, mandate: one } = story
  const day = (seconds: number | undefined) => seconds && mandateDayAt(seconds * 1000)
  return (
    <Facts
      rows={[
        ['Amount', amountOf(one)],
        ['Status', <Status value={one.status} />],
        ['End', one.inactive_reason],
        ['Description', one.description],
        ['Frequency', words(one.frequency)],
        ['Debit day', one.debit_day && `${one.debit_rule ?? 'on'} ${one.debit_day}`],
        ['First day', day(one.start_date)],
        ['Last day', day(one.end_date)],
        ['UPI ID', one.payment_method.upi.upi_id],
        ['Customer', <IdLink of="customers" id={one.customer_id} />],
        ['Name', one.customer_name],
        ['E-mail', one.customer_email],
        ['Phone', one.customer_phone],
        ['Enrollment', <IdLink of="sessions" id={sessionId} />],
        ['Account', <span class="mono">{story.account_id}</span>],
        ['Created', <Time atMs={one.created_time * 1000} />],
        ['Id', <CopyableText text={one.mandate_id} what="mandate id" />],
        ['Stored id', <span class="mono">{story.stored_id}</span>],
      ]}
    />
  )
}

/** The notices of debits, newest first. */
function NotificationLines({ story }: { readonly story: MandateStory }): JSX.Element {
  if (story.notifications.length === 0) {
    return (
      <Empty title="No notifications.">
        {'A request to '}
        <code>/mandates/notify</code>
        {' announces a debit to the customer.'}
      </Empty>
    )
  }
  return (
    <ul class="lines">
      {story.notifications.map((one) => (
        <li key={one.mandate_notification_id}>
          <Time atMs={one.notification_date * 1000} />
          <span class="mono id">{one.mandate_notification_id}</span>
          <span>{`${showAmount(one)} on ${mandateDayAt(one.execution_date * 1000)}`}</span>
          <Status value={one.notification_status} />
        </li>
      ))}
    </ul>
  )
}

/** The payment of the enrollment and the debits, newest first. */
function PaymentLines({ story }: { readonly story: MandateStory }): JSX.Element {
  return (
    <ul class="lines">
      {story.payments.map((one) => (
        <li key={one.payment_id}>
          <Time atMs={one.started_time * 1000} />
          <IdLink of="payments" id={one.payment_id} />
          <span>{one.is_enrollment ? 'enrollment' : 'debit'}</span>
          <span>{showAmount(one)}</span>
          <Status value={one.status} />
        </li>
      ))}
    </ul>
  )
}
