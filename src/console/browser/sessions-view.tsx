import type { ComponentChildren, JSX } from 'preact'
import { PAYMENT_SESSION_STATUSES } from '../../domain/payment-session.ts'
import { apiReading } from './connection.ts'
import { useConsole } from './context.ts'
import { amountInput, Filters, filtersIn, periodInputs, searchInput } from './filters.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { PagedView } from './paged-view.tsx'
import { Empty, Field, Status, Time, ViewHead } from './parts.tsx'
import { IdLink, ShowAll, setQueryOf } from './router.tsx'
import { showAmount } from './show.ts'
import { text } from './text.ts'
import type { ListViewProps } from './view-props.ts'

/** All sessions of the account. */
export function SessionsView({
  empty,
  toolsOf,
}: ListViewProps & {
  /** The next step while the account has no sessions. */
  readonly empty: ComponentChildren
}): JSX.Element {
  const { accountId } = useConsole()
  const { amount, from, isFiltered, page, q, status, to } = filtersIn([
    'status',
    'q',
    'amount',
    'from',
    'to',
  ])
  const query = {
    account_id: accountId,
    status,
    search_text: q,
    amount,
    from_date: from,
    to_date: to,
    page,
  }
  const sessions = useResource(apiReading('listPaymentSessions', { query }))
  return (
    <div>
      <ViewHead title={text('Sessions')} actions={toolsOf?.(query)}>
        {text('All payment sessions, each with its timeline.')}
      </ViewHead>
      <Filters
        inputs={[
          searchInput(
            text(
              'A session’s id, a reference or invoice number, a payer’s e-mail address or phone number',
            ),
          ),
          amountInput(),
          ...periodInputs(),
        ]}
      >
        <Field
          label={text('Status')}
          value={status}
          onValue={setQueryOf('status')}
          options={[['', text('any')], ...PAYMENT_SESSION_STATUSES]}
        />
      </Filters>
      <PagedView
        resource={sessions}
        rowsOf={(answer) => answer.payments_sessions}
        count={['{count} session', '{count} sessions']}
        empty={
          <Empty
            title={isFiltered ? text('No matching sessions.') : text('No payment sessions yet.')}
          >
            {isFiltered ? <ShowAll view="sessions" label={text('Show all sessions')} /> : empty}
          </Empty>
        }
      >
        {(rows) => (
          <List
            label={text('Sessions')}
            columns={[
              { title: text('Created'), class: 'when', isSorted: true },
              { title: text('Session'), class: 'main' },
              { title: text('Amount'), class: 'amount' },
              { title: text('Status') },
              { title: text('Description'), class: 'wide' },
            ]}
            rows={rows.map((one) => ({
              key: one.payments_session_id,
              cells: [
                <Time atMs={one.created_time * 1000} />,
                <IdLink of="sessions" id={one.payments_session_id} />,
                showAmount(one),
                <Status value={one.status} />,
                one.description ?? one.invoice_number ?? one.reference_number ?? '',
              ],
            }))}
          />
        )}
      </PagedView>
    </div>
  )
}
