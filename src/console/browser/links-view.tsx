import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { PAYMENT_LINK_STATUSES } from '../../domain/payment-link.ts'
import { apiReading } from './connection.ts'
import { useConsole } from './context.ts'
import { Filters, filtersIn, periodInputs, searchInput } from './filters.tsx'
import { NewLinkDialog, type NewLinkProps } from './link-dialogs.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { PagedView } from './paged-view.tsx'
import { Empty, Field, Status, Time, ViewHead } from './parts.tsx'
import { IdLink, ShowAll, setQueryOf } from './router.tsx'
import { showAmount } from './show.ts'
import { text } from './text.ts'
import type { ListViewProps } from './view-props.ts'

/** All payment links of the account. */
export function LinksView({ toolsOf, ...props }: NewLinkProps & ListViewProps): JSX.Element {
  const { accountId, may } = useConsole()
  const {
    from,
    isFiltered,
    page,
    q: searchText,
    status,
    to,
  } = filtersIn(['status', 'q', 'from', 'to'])
  const query = {
    account_id: accountId,
    status,
    search_text: searchText,
    from_date: from,
    to_date: to,
    page,
  }
  const links = useResource(apiReading('listPaymentLinks', { query }))
  return (
    <div>
      <ViewHead
        title={text('Payment links')}
        actions={[toolsOf?.(query), may('change_links') && <NewLink key="new" {...props} />]}
      >
        {text('Each link opens a page on which a customer pays one amount once.')}
      </ViewHead>
      <Filters
        inputs={[
          searchInput(text('A link’s id, a reference, an e-mail address or a phone number')),
          ...periodInputs(),
        ]}
      >
        <Field
          label={text('Status')}
          value={status}
          onValue={setQueryOf('status')}
          options={[['', text('any')], ...PAYMENT_LINK_STATUSES]}
        />
      </Filters>
      <PagedView
        resource={links}
        rowsOf={(answer) => answer.payment_links}
        count={['{count} payment link', '{count} payment links']}
        empty={
          <Empty
            title={isFiltered ? text('No matching payment links.') : text('No payment links yet.')}
          >
            {isFiltered ? (
              <ShowAll view="links" label={text('Show all payment links')} />
            ) : (
              text(
                may('change_links')
                  ? 'Create one with the button above, or by a request to {path}.'
                  : 'A request to {path} creates one.',
                { path: <code>/paymentlinks</code> },
              )
            )}
          </Empty>
        }
      >
        {(rows) => (
          <List
            label={text('Payment links')}
            columns={[
              { title: text('Created'), class: 'when', isSorted: true },
              { title: text('Link'), class: 'main' },
              { title: text('Amount'), class: 'amount' },
              { title: text('Status') },
              { title: text('Description'), class: 'wide' },
            ]}
            rows={rows.map((one) => ({
              key: one.payment_link_id,
              cells: [
                <Time atMs={one.created_time * 1000} />,
                <IdLink of="links" id={one.payment_link_id} />,
                showAmount(one),
                <Status value={one.status} />,
                one.description,
              ],
            }))}
          />
        )}
      </PagedView>
    </div>
  )
}

function NewLink(props: NewLinkProps): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  return (
    <div>
      <button type="button" class="primary" onClick={() => setOpen(true)}>
        {text('New payment link')}
      </button>
      {isOpen && <NewLinkDialog {...props} onClose={() => setOpen(false)} />}
    </div>
  )
}
