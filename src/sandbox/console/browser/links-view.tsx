import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { List, Pages } from '../../../console/browser/list.tsx'
import { useResource } from '../../../console/browser/live.ts'
import {
  Dialog,
  Empty,
  Field,
  Form,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from '../../../console/browser/parts.tsx'
import {
  go,
  IdLink,
  ShowAll,
  setQuery,
  setQueryOf,
  viewPath,
} from '../../../console/browser/router.tsx'
import { showAmount } from '../../../console/browser/show.ts'
import { PAYMENT_LINK_STATUSES } from '../../../domain/payment-link.ts'
import { useSandbox } from './sandbox-context.ts'
import { api, apiReading, readObject } from './server.ts'

/** All payment links of the account. */
export function LinksView(): JSX.Element {
  const { accountId } = useConsole()
  const query = new URLSearchParams(location.search)
  const status = query.get('status') ?? ''
  const searchText = query.get('q') ?? ''
  const [input, setInput] = useState(searchText)
  const links = useResource(
    apiReading('listPaymentLinks', {
      query: {
        account_id: accountId,
        status,
        search_text: searchText,
        page: query.get('page') ?? '1',
      },
    }),
  )
  const search = (event: Event) => {
    event.preventDefault()
    setQuery('page', '')
    setQuery('q', input.trim())
  }
  const isFiltered = status !== '' || searchText !== ''
  return (
    <div>
      <ViewHead title="Payment links" actions={<NewLink />}>
        Pages where a customer can pay one amount once.
      </ViewHead>
      <form class="filters" role="search" onSubmit={search}>
        <Field
          label="Status"
          value={status}
          onValue={setQueryOf('status')}
          options={[['', 'any'], ...PAYMENT_LINK_STATUSES]}
        />
        <Field
          label="Search for"
          value={input}
          onValue={setInput}
          input={{ type: 'search' }}
          hint="A link’s id, a reference, an e-mail address or a phone number"
        />
        <button type="submit">Search</button>
      </form>
      <ResourceView
        resource={links}
        children={({ page_context: context, payment_links: rows }) =>
          rows.length === 0 ? (
            <Empty title={isFiltered ? 'No matching payment links.' : 'No payment links yet.'}>
              {isFiltered ? (
                <ShowAll view="links" name="payment links" />
              ) : (
                [
                  'Create one with the button above, or by a request to ',
                  <code key="path">/paymentlinks</code>,
                  '.',
                ]
              )}
            </Empty>
          ) : (
            [
              <List
                key="list"
                label="Payment links"
                columns={[
                  { title: 'Created', class: 'when', isSorted: true },
                  { title: 'Link', class: 'main' },
                  { title: 'Amount', class: 'amount' },
                  { title: 'Status' },
                  { title: 'Description', class: 'wide' },
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
              />,
              <Pages
                key="pages"
                context={context}
                noun="payment link"
                onPage={(page) => setQuery('page', String(page))}
              />,
            ]
          )
        }
      />
    </div>
  )
}

function NewLink(): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  return (
    <div>
      <button type="button" class="primary" onClick={() => setOpen(true)}>
        New payment link
      </button>
      {isOpen && <NewLinkDialog onClose={() => setOpen(false)} />}
    </div>
  )
}

function NewLinkDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { accountId, say } = useConsole()
  const { facts } = useSandbox()
  const [amount, setAmount] = useState('1499.90')
  const [currency, setCurrency] = useState(accountId === facts.us_account_id ? 'USD' : 'INR')
  const [description, setDescription] = useState('Order 8841')
  const [reference, setReference] = useState('')
  const [returnUrl, setReturnUrl] = useState('')
  const [more, setMore] = useState('')
  const send = async () => {
    const extra = more.trim() === '' ? {} : readObject('more fields', more)
    // An empty text is the same as an absent one.
    const body = { amount, currency, description, reference_id: reference, return_url: returnUrl }
    const query = { account_id: accountId }
    const link = await api.call('createPaymentLink', { query, body: { ...body, ...extra } })
    say('Payment link created.')
    onClose()
    go(viewPath('links', link.payment_link_id))
  }
  return (
    <Dialog title="New payment link" onClose={onClose}>
      <Form label="Create payment link" onSend={send}>
        <div class="fields">
          <Field
            label="Amount"
            value={amount}
            onValue={setAmount}
            input={{ inputmode: 'decimal' }}
          />
          <Field label="Currency" value={currency} onValue={setCurrency} input={{ maxLength: 3 }} />
          <Field label="Description" value={description} onValue={setDescription} />
          <Field label="Reference" value={reference} onValue={setReference} />
          <Field
            label="Return URL"
            value={returnUrl}
            onValue={setReturnUrl}
            hint="Where the customer goes after a payment"
          />
        </div>
        <details>
          <summary>More</summary>
          <Field
            label="More fields of the request, as JSON"
            value={more}
            onValue={setMore}
            rows={4}
            hint={'Such as {"expires_at": "2027-01-31"}'}
          />
        </details>
      </Form>
    </Dialog>
  )
}
