import type { JSX } from 'preact'
import type { Transfer, TransferPage, TransferReversalPage } from '../../client/types.ts'
import { apiReading } from './connection.ts'
import { useConsole } from './context.ts'
import { Filters, filtersIn, searchInput } from './filters.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { PagedView } from './paged-view.tsx'
import {
  AnswerCard,
  Card,
  CopyableText,
  Empty,
  Facts,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { IdLink, ShowAll, viewPath } from './router.tsx'
import { showAmount } from './show.ts'
import { text } from './text.ts'
import type { ListViewProps } from './view-props.ts'

function useTransferFilters() {
  const { accountId } = useConsole()
  const { isFiltered, page, q } = filtersIn(['q'])
  return { isFiltered, query: { account_id: accountId, search_text: q, page } }
}

/** The transfers of the account. */
export function TransfersView({ toolsOf }: ListViewProps): JSX.Element {
  const { isFiltered, query } = useTransferFilters()
  const transfers = useResource(apiReading('listTransfers', { query }))
  return (
    <div>
      <ViewHead
        title={text('Transfers')}
        actions={[
          toolsOf?.(query),
          <a key="reversals" class="button" href={viewPath('transfers', 'reversals')}>
            {text('Reversals')}
          </a>,
        ]}
      >
        {text(
          'Parts of payments that went to connected accounts. The merchant’s application creates transfers.',
        )}
      </ViewHead>
      <Filters
        inputs={[searchInput(text('The id of a transfer, a payment or a connected account'))]}
      />
      <PagedView
        resource={transfers}
        rowsOf={(answer) => answer.transfers}
        count={['{count} transfer', '{count} transfers']}
        empty={
          <Empty title={isFiltered ? text('No matching transfers.') : text('No transfers yet.')}>
            {isFiltered ? (
              <ShowAll view="transfers" label={text('Show all transfers')} />
            ) : (
              text('A payment can name the connected accounts that get parts of it.')
            )}
          </Empty>
        }
      >
        {(rows) => <TransferList rows={rows} />}
      </PagedView>
    </div>
  )
}

/** A list of transfers. */
export function TransferList({
  rows,
}: {
  readonly rows: Readonly<TransferPage['transfers']>
}): JSX.Element {
  return (
    <List
      label={text('Transfers')}
      columns={[
        { title: text('Time'), class: 'when', isSorted: true },
        { title: text('Transfer'), class: 'main' },
        { title: text('Amount'), class: 'amount' },
        { title: text('Reversed'), class: 'amount' },
        { title: text('Connected account'), class: 'wide' },
      ]}
      rows={rows.map((one) => ({
        key: one.transfer_id,
        cells: [
          <Time atMs={Number(one.created_time)} />,
          <IdLink of="transfers" id={one.transfer_id} />,
          showAmount({ amount: one.total_amount, currency: one.currency }),
          showAmount({ amount: one.reversed_amount, currency: one.currency }),
          <a href={viewPath('connected-accounts', one.connected_account_id)}>
            {one.connected_account_name}
          </a>,
        ],
      }))}
    />
  )
}

/** The reversals of the account’s transfers. */
export function ReversalsView({ toolsOf }: ListViewProps): JSX.Element {
  const { isFiltered, query } = useTransferFilters()
  const reversals = useResource(apiReading('listTransferReversals', { query }))
  return (
    <div>
      <ViewHead
        title={text('Transfer reversals')}
        up={{ href: viewPath('transfers'), text: text('Transfers') }}
        actions={toolsOf?.(query)}
      >
        {text('Amounts that came back from connected accounts.')}
      </ViewHead>
      <Filters
        inputs={[
          searchInput(text('The id of a reversal, a transfer, a payment or a connected account')),
        ]}
      />
      <PagedView
        resource={reversals}
        rowsOf={(answer) => answer.transfer_reversals}
        count={['{count} reversal', '{count} reversals']}
        empty={
          <Empty title={isFiltered ? text('No matching reversals.') : text('No reversals yet.')}>
            {text('The merchant’s application reverses a transfer, in full or in parts.')}
          </Empty>
        }
      >
        {(rows) => <ReversalList rows={rows} />}
      </PagedView>
    </div>
  )
}

function ReversalList({
  rows,
}: {
  readonly rows: Readonly<TransferReversalPage['transfer_reversals']>
}): JSX.Element {
  return (
    <List
      label={text('Transfer reversals')}
      columns={[
        { title: text('Time'), class: 'when', isSorted: true },
        { title: text('Reversal'), class: 'main' },
        { title: text('Amount'), class: 'amount' },
        { title: text('Transfer') },
        { title: text('Connected account'), class: 'wide' },
      ]}
      rows={rows.map((one) => ({
        key: one.transfer_reversal_id,
        cells: [
          <Time atMs={Number(one.created_time)} />,
          <span class="mono id">{one.transfer_reversal_id}</span>,
          showAmount({ amount: one.total_amount, currency: one.currency }),
          <IdLink of="transfers" id={one.transfer_id} />,
          <a href={viewPath('connected-accounts', one.connected_account_id)}>
            {one.connected_account_name}
          </a>,
        ],
      }))}
    />
  )
}

/** One transfer with its reversals and its payment. */
export function TransferView({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const transfer = useResource(
    apiReading('retrieveTransfer', {
      path: { transfer_id: id },
      query: { account_id: accountId },
    }),
  )
  return (
    <div>
      <ViewHead
        title={text('Transfer')}
        id={id}
        up={{ href: viewPath('transfers'), text: text('Transfers') }}
      />
      <ResourceView
        resource={transfer}
        children={({ transfer_details: one }) => (
          <div class="columns">
            <div>
              <Card title={text('Details')}>
                <TransferFacts transfer={one} />
              </Card>
              <Card title={text('Reversals')}>
                {one.reversals.length === 0 ? (
                  <Empty title={text('No reversals.')}>
                    {text('The merchant’s application reverses a transfer, in full or in parts.')}
                  </Empty>
                ) : (
                  <ul class="lines">
                    {one.reversals.map((reversal) => (
                      <li key={reversal.reversal_id}>
                        <Time atMs={Number(reversal.created_time)} />
                        <span class="mono id">{reversal.reversal_id}</span>
                        <span>
                          {showAmount({ amount: reversal.total_amount, currency: one.currency })}
                        </span>
                      </li>
                    ))}
                  </ul>
                )}
              </Card>
            </div>
            <AnswerCard answer={one} />
          </div>
        )}
      />
    </div>
  )
}

function TransferFacts({ transfer: one }: { readonly transfer: Transfer }): JSX.Element {
  const money = (amount: string) => showAmount({ amount, currency: one.currency })
  return (
    <Facts
      rows={[
        [text('Amount'), money(one.total_amount)],
        [text('Status'), <Status value={one.status} />],
        [text('Reversed'), money(one.reversed_amount)],
        [text('Reversible amount'), money(one.available_amount_for_reversal)],
        [
          text('Connected account'),
          <a href={viewPath('connected-accounts', one.connected_account_id)}>
            {one.connected_account_name}
          </a>,
        ],
        [text('Payment'), <IdLink of="payments" id={one.payment_id} />],
        [
          text('Amount of the payment'),
          showAmount({
            amount: one.payment_details.amount,
            currency: one.payment_details.currency,
          }),
        ],
        [text('Status of the payment'), <Status value={one.payment_details.status} />],
        [text('Description'), one.description],
        [text('Time'), <Time atMs={Number(one.created_time)} />],
        [text('Id'), <CopyableText text={one.transfer_id} what={text('transfer id')} />],
      ]}
    />
  )
}
