import type { JSX } from 'preact'
import { DISPUTE_STATUSES } from '../../domain/dispute.ts'
import { consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { ExportButton } from './export-button.tsx'
import { Filters, filtersIn, periodInputs } from './filters.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { PagedView } from './paged-view.tsx'
import {
  Card,
  CopyableText,
  Empty,
  Facts,
  Field,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { IdLink, ShowAll, setQueryOf, viewPath } from './router.tsx'
import { showAmount, words } from './show.ts'
import { text } from './text.ts'
import type { ViewProps } from './view-props.ts'

/** The disputes of an account, or one of them. */
export function Disputes({ id }: ViewProps): JSX.Element {
  return id === undefined ? <DisputesView /> : <DisputeView id={id} key={id} />
}

function DisputesView(): JSX.Element {
  const { accountId } = useConsole()
  const { from, isFiltered, page, status, to } = filtersIn(['status', 'from', 'to'])
  const query = { account_id: accountId, status, from_date: from, to_date: to, page }
  const disputes = useResource(consoleReading('listDisputes', { query }))
  return (
    <div>
      <ViewHead
        title={text('Disputes')}
        actions={<ExportButton table="disputes" filters={query} />}
      >
        {text(
          'Payments that customers dispute at their banks, as the processor reports them. While a dispute is open, the bank has the money.',
        )}
      </ViewHead>
      <Filters inputs={periodInputs()}>
        <Field
          label={text('Status')}
          value={status}
          onValue={setQueryOf('status')}
          options={[['', text('any')], ...DISPUTE_STATUSES]}
        />
      </Filters>
      <PagedView
        resource={disputes}
        rowsOf={(answer) => answer.disputes}
        count={['{count} dispute', '{count} disputes']}
        empty={
          <Empty title={isFiltered ? text('No matching disputes.') : text('No disputes yet.')}>
            {isFiltered ? (
              <ShowAll view="disputes" label={text('Show all disputes')} />
            ) : (
              text('The processor reports a dispute when a customer objects to a payment.')
            )}
          </Empty>
        }
      >
        {(rows) => (
          <List
            label={text('Disputes')}
            columns={[
              { title: text('Opened'), class: 'when', isSorted: true },
              { title: text('Dispute'), class: 'main' },
              { title: text('Amount'), class: 'amount' },
              { title: text('Status') },
              { title: text('Reason'), class: 'wide' },
            ]}
            rows={rows.map((one) => ({
              key: one.dispute_id,
              cells: [
                <Time atMs={one.created_time * 1000} />,
                <IdLink of="disputes" id={one.dispute_id} />,
                showAmount(one),
                <Status value={one.status} />,
                words(one.reason),
              ],
            }))}
          />
        )}
      </PagedView>
    </div>
  )
}

function DisputeView({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const dispute = useResource(
    consoleReading('retrieveDispute', {
      path: { dispute_id: id },
      query: { account_id: accountId },
    }),
  )
  return (
    <div>
      <ViewHead
        title={text('Dispute')}
        id={id}
        up={{ href: viewPath('disputes'), text: text('Disputes') }}
      />
      <ResourceView
        resource={dispute}
        children={({ dispute: one }) => (
          <Card title={text('Details')}>
            <Facts
              rows={[
                [text('Amount'), showAmount(one)],
                [text('Status'), <Status value={one.status} />],
                [text('Reason'), words(one.reason)],
                [text('Fee'), showAmount({ amount: one.fee, currency: one.currency })],
                [text('Payment'), <IdLink of="payments" id={one.payment_id} />],
                [text('Opened'), <Time atMs={one.created_time * 1000} />],
                [text('Decided'), one.decided_time && <Time atMs={one.decided_time * 1000} />],
                [
                  text('Processor’s reference'),
                  one.processor_reference && (
                    <CopyableText
                      text={one.processor_reference}
                      what={text('processor’s reference')}
                    />
                  ),
                ],
                [text('Id'), <CopyableText text={one.dispute_id} what={text('dispute id')} />],
              ]}
            />
            {one.status === 'open' && (
              <p class="soft">
                {text(
                  'In the processor’s own dashboard, send evidence to the bank. The bank’s decision appears here.',
                )}
              </p>
            )}
          </Card>
        )}
      />
    </div>
  )
}
