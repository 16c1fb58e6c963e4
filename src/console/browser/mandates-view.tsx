import type { ComponentChildren, JSX } from 'preact'
import type { MandateStory } from '../../api/mandates/story-schemas.ts'
import { MANDATE_STATUSES } from '../../domain/mandate.ts'
import { mandateDayAt } from '../../domain/mandate-terms.ts'
import { api, apiReading, type Reading } from './connection.ts'
import { useAccountOf, useConsole } from './context.ts'
import { Filters, filtersIn, searchInput } from './filters.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { PagedView } from './paged-view.tsx'
import {
  AnswerCard,
  Card,
  CopyableText,
  Empty,
  type FactRow,
  Facts,
  Field,
  FinalActionButton,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { IdLink, ShowAll, setQueryOf, viewPath } from './router.tsx'
import { showAmount, words } from './show.ts'
import { text } from './text.ts'

/** All mandates of the account. */
export function MandatesView(): JSX.Element {
  const { accountId, edition } = useConsole()
  const { isFiltered, page, q: searchText, status } = filtersIn(['status', 'q'])
  const mandates = useResource(
    edition === 'IN'
      ? apiReading('listMandates', {
          query: { account_id: accountId, status, search_text: searchText, page },
        })
      : undefined,
  )
  if (edition !== 'IN') {
    return (
      <div>
        <ViewHead title="Mandates" />
        <Empty title="The US edition has no mandates.">Choose an account of the IN edition.</Empty>
      </div>
    )
  }
  return (
    <div>
      <ViewHead title="Mandates">Permissions of customers for later debits by UPI.</ViewHead>
      <Filters inputs={[searchInput('A mandate’s id or a UPI ID')]}>
        <Field
          label="Status"
          value={status}
          onValue={setQueryOf('status')}
          options={[['', 'any'], ...MANDATE_STATUSES]}
        />
      </Filters>
      <PagedView
        resource={mandates}
        rowsOf={(answer) => answer.mandates}
        count={['{count} mandate', '{count} mandates']}
        empty={
          <Empty title={isFiltered ? 'No matching mandates.' : 'No mandates yet.'}>
            {isFiltered ? (
              <ShowAll view="mandates" label={text('Show all mandates')} />
            ) : (
              [
                'A customer approves a mandate on the page of a session with the type ',
                <code key="type">mandate_enrollment</code>,
                '.',
              ]
            )}
          </Empty>
        }
      >
        {(rows) => (
          <List
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
          />
        )}
      </PagedView>
    </div>
  )
}

type Mandate = MandateStory['mandate']

function amountOf(mandate: Mandate): string {
  const amount = showAmount(mandate)
  return mandate.amount_rule === 'variable' ? `up to ${amount}` : amount
}

/** The parts of the view of a mandate that its console gives. */
type MandateViewProps<Story> = {
  readonly id: string
  readonly reading: Reading<{ readonly mandate_story: Story }>
  /** More actions, before the cancellation. */
  readonly actionsOf?: (story: Story) => ComponentChildren
  /** More facts, as the last ones. */
  readonly factsOf?: (story: Story) => readonly FactRow[]
}

/** Everything about one mandate. */
export function MandateView<Story extends MandateStory>({
  actionsOf,
  factsOf,
  id,
  reading,
}: MandateViewProps<Story>): JSX.Element {
  const resource = useResource(reading)
  const details = resource.answer?.mandate_story
  useAccountOf(details)
  return (
    <div>
      <ViewHead
        title="Mandate"
        id={id}
        up={{ href: viewPath('mandates'), text: 'Mandates' }}
        actions={
          details && (
            <div class="actions">
              {actionsOf?.(details)}
              <CancelMandate story={details} />
            </div>
          )
        }
      />
      <ResourceView
        resource={resource}
        children={({ mandate_story: story }) => (
          <div class="columns">
            <div>
              <Card title="Facts">
                <MandateFacts story={story} more={factsOf?.(story) ?? []} />
              </Card>
              <Card title="Notifications">
                <NotificationLines story={story} />
              </Card>
              <Card title="Payments">
                <PaymentLines story={story} />
              </Card>
            </div>
            <AnswerCard answer={story.mandate} />
          </div>
        )}
      />
    </div>
  )
}

/** The cancellation by the merchant. */
function CancelMandate({ story }: { readonly story: MandateStory }): JSX.Element | null {
  const { may } = useConsole()
  const { mandate_id: id, status } = story.mandate
  if ((status !== 'active' && status !== 'paused') || !may('cancel_mandates')) return null
  return (
    <FinalActionButton
      name="Cancel"
      confirmation="Cancel mandate"
      question="Cancel this mandate? Its customer can no longer be debited."
      successText="The merchant has canceled the mandate."
      onAction={() =>
        api.call('cancelMandate', {
          path: { mandate_id: id },
          query: { account_id: story.account_id },
        })
      }
    />
  )
}

function MandateFacts({
  more,
  story,
}: {
  readonly story: MandateStory
  readonly more: readonly FactRow[]
}): JSX.Element {
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
        ['Enrollment', sessionId && <IdLink of="sessions" id={sessionId} />],
        ['Account', <span class="mono">{story.account_id}</span>],
        ['Created', <Time atMs={one.created_time * 1000} />],
        ['Id', <CopyableText text={one.mandate_id} what="mandate id" />],
        ...more,
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
