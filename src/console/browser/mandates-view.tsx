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
import type { ListViewProps } from './view-props.ts'

/** All mandates of the account. */
export function MandatesView({ toolsOf }: ListViewProps): JSX.Element {
  const { accountId, edition } = useConsole()
  const { isFiltered, page, q: searchText, status } = filtersIn(['status', 'q'])
  const query = { account_id: accountId, status, search_text: searchText, page }
  const mandates = useResource(edition === 'IN' ? apiReading('listMandates', { query }) : undefined)
  if (edition !== 'IN') {
    return (
      <div>
        <ViewHead title={text('Mandates')} />
        <Empty title={text('The US edition has no mandates.')}>
          {text('Choose an account of the IN edition.')}
        </Empty>
      </div>
    )
  }
  return (
    <div>
      <ViewHead title={text('Mandates')} actions={toolsOf?.(query)}>
        {text('Permissions that customers have given for later debits by UPI.')}
      </ViewHead>
      <Filters inputs={[searchInput(text('A mandate’s id or a UPI ID'))]}>
        <Field
          label={text('Status')}
          value={status}
          onValue={setQueryOf('status')}
          options={[['', text('any')], ...MANDATE_STATUSES]}
        />
      </Filters>
      <PagedView
        resource={mandates}
        rowsOf={(answer) => answer.mandates}
        count={['{count} mandate', '{count} mandates']}
        empty={
          <Empty title={isFiltered ? text('No matching mandates.') : text('No mandates yet.')}>
            {isFiltered ? (
              <ShowAll view="mandates" label={text('Show all mandates')} />
            ) : (
              text('A customer approves a mandate on the page of a session with the type {type}.', {
                type: <code>mandate_enrollment</code>,
              })
            )}
          </Empty>
        }
      >
        {(rows) => (
          <List
            label={text('Mandates')}
            columns={[
              { title: text('Created'), class: 'when', isSorted: true },
              { title: text('Mandate'), class: 'main' },
              { title: text('Amount'), class: 'amount' },
              { title: text('Frequency') },
              { title: text('Status') },
              { title: text('Customer'), class: 'wide' },
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
  return mandate.amount_rule === 'variable' ? text('up to {amount}', { amount }) : amount
}

/** The parts of the view of a mandate that differ between the live console and the console of a sandbox. */
type MandateViewProps<Story> = {
  readonly id: string
  readonly reading: Reading<{ readonly mandate_story: Story }>
  /** More buttons, before the one that cancels. */
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
        title={text('Mandate')}
        id={id}
        up={{ href: viewPath('mandates'), text: text('Mandates') }}
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
              <Card title={text('Details')}>
                <MandateFacts story={story} more={factsOf?.(story) ?? []} />
              </Card>
              <Card title={text('Notifications')}>
                <NotificationLines story={story} />
              </Card>
              <Card title={text('Payments')}>
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

function CancelMandate({ story }: { readonly story: MandateStory }): JSX.Element | null {
  const { may } = useConsole()
  const { mandate_id: id, status } = story.mandate
  if ((status !== 'active' && status !== 'paused') || !may('cancel_mandates')) return null
  return (
    <FinalActionButton
      name={text('Cancel')}
      confirmation={text('Cancel mandate')}
      question={text('Cancel this mandate? After that, its customer can no longer be debited.')}
      successText={text('The mandate was canceled.')}
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
        [text('Amount'), amountOf(one)],
        [text('Status'), <Status value={one.status} />],
        [text('Reason'), one.inactive_reason && words(one.inactive_reason)],
        [text('Description'), one.description],
        [text('Frequency'), words(one.frequency)],
        [text('Debit day'), one.debit_day && debitDayOf(one.debit_day, one.debit_rule)],
        [text('First day'), day(one.start_date)],
        [text('Last day'), day(one.end_date)],
        [text('UPI ID'), one.payment_method.upi.upi_id],
        [text('Customer'), <IdLink of="customers" id={one.customer_id} />],
        [text('Name'), one.customer_name],
        [text('E-mail'), one.customer_email],
        [text('Phone'), one.customer_phone],
        [text('Enrollment'), sessionId && <IdLink of="sessions" id={sessionId} />],
        [text('Account'), <span class="mono">{story.account_id}</span>],
        [text('Created'), <Time atMs={one.created_time * 1000} />],
        [text('Id'), <CopyableText text={one.mandate_id} what={text('mandate id')} />],
        ...more,
      ]}
    />
  )
}

function debitDayOf(day: number, rule: Mandate['debit_rule']): string {
  switch (rule) {
    case 'before':
      return text('{day} or earlier', { day })
    case 'after':
      return text('{day} or later', { day })
    default:
      return String(day)
  }
}

/** The notices of debits, newest first. */
function NotificationLines({ story }: { readonly story: MandateStory }): JSX.Element {
  if (story.notifications.length === 0) {
    return (
      <Empty title={text('No notifications.')}>
        {text('A request to {path} announces a debit to the customer.', {
          path: <code>/mandates/notify</code>,
        })}
      </Empty>
    )
  }
  return (
    <ul class="lines">
      {story.notifications.map((one) => (
        <li key={one.mandate_notification_id}>
          <Time atMs={one.notification_date * 1000} />
          <span class="mono id">{one.mandate_notification_id}</span>
          <span>
            {text('{amount} on {day}', {
              amount: showAmount(one),
              day: mandateDayAt(one.execution_date * 1000),
            })}
          </span>
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
          <span>{one.is_enrollment ? text('enrollment') : text('debit')}</span>
          <span>{showAmount(one)}</span>
          <Status value={one.status} />
        </li>
      ))}
    </ul>
  )
}
