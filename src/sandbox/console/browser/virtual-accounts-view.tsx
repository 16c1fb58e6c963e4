import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { VirtualAccount } from '../../../client/types.ts'
import { useConsole } from '../../../console/browser/context.ts'
import { List, Pages } from '../../../console/browser/list.tsx'
import { useResource } from '../../../console/browser/live.ts'
import {
  ActionButton,
  Card,
  Code,
  CopyableText,
  Dialog,
  Empty,
  Facts,
  Field,
  Form,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from '../../../console/browser/parts.tsx'
import { go, IdLink, setQuery, setQueryOf, viewPath } from '../../../console/browser/router.tsx'
import { showAmount } from '../../../console/browser/show.ts'
import { useSandbox } from './sandbox-context.ts'
import { api, apiReading, control } from './server.ts'

/** Writes one of an account's amounts, which are numbers of rupees. */
function rupees(amount: number): string {
  const [whole = '', decimals = ''] = String(amount).split('.')
  return showAmount({ amount: `${whole}.${decimals.padEnd(2, '0')}`, currency: 'INR' })
}

/** All virtual accounts of the account. */
export function VirtualAccountsView(): JSX.Element {
  const { accountId } = useConsole()
  const { facts } = useSandbox()
  const query = new URLSearchParams(location.search)
  const status = query.get('status') ?? ''
  const accounts = useResource(
    accountId === facts.account_id
      ? apiReading('listVirtualAccounts', {
          query: { account_id: accountId, status, page: query.get('page') ?? '1' },
        })
      : undefined,
  )
  if (accountId !== facts.account_id) {
    return (
      <div>
        <ViewHead title="Virtual accounts" />
        <Empty title="The US edition has no virtual accounts.">Choose the IN account above.</Empty>
      </div>
    )
  }
  return (
    <div>
      <ViewHead title="Virtual accounts" actions={<NewAccount />}>
        Bank account numbers for payers. Each transfer to one becomes a payment.
      </ViewHead>
      <form class="filters">
        <Field
          label="Status"
          value={status}
          onValue={setQueryOf('status')}
          options={[['', 'any'], 'active', 'closed']}
        />
      </form>
      {
        <ResourceView
          resource={accounts}
          children={({ page_context: context, virtual_accounts: rows }) =>
            rows.length === 0 ? (
              <Empty title={status === '' ? 'No virtual accounts yet.' : 'No matching accounts.'}>
                {'Open one with the button above, or by a request to '}
                <code>/virtualaccounts</code>.
              </Empty>
            ) : (
              [
                <AccountList key="list" rows={rows} />,
                <Pages
                  key="pages"
                  context={context}
                  noun="virtual account"
                  onPage={(page) => setQuery('page', String(page))}
                />,
              ]
            )
          }
        />
      }
    </div>
  )
}

/** A list of virtual accounts. */
export function AccountList({ rows }: { readonly rows: readonly VirtualAccount[] }): JSX.Element {
  return (
    <List
      label="Virtual accounts"
      columns={[
        { title: 'Created', class: 'when', isSorted: true },
        { title: 'Virtual account', class: 'main' },
        { title: 'Paid', class: 'amount' },
        { title: 'Status' },
        { title: 'Description', class: 'wide' },
      ]}
      rows={rows.map((one) => ({
        key: one.virtual_account_id,
        cells: [
          <Time atMs={one.created_time * 1000} />,
          <IdLink of="virtual-accounts" id={one.virtual_account_id} />,
          rupees(one.amount_paid),
          <Status value={one.status} />,
          one.description,
        ],
      }))}
    />
  )
}

function NewAccount(): JSX.Element {
  const { accountId, say } = useConsole()
  const [isOpen, setOpen] = useState(false)
  const [description, setDescription] = useState('')
  const [minimum, setMinimum] = useState('')
  const [maximum, setMaximum] = useState('')
  const [reference, setReference] = useState('')
  const close = () => setOpen(false)
  const create = async () => {
    const account = await api.call('createVirtualAccount', {
      query: { account_id: accountId },
      body: {
        description,
        ...(minimum !== '' && { minimum_amount: minimum }),
        ...(maximum !== '' && { maximum_amount: maximum }),
        ...(reference !== '' && { reference_number: reference }),
      },
    })
    say('Virtual account opened.')
    close()
    go(viewPath('virtual-accounts', account.virtual_account_id))
  }
  return (
    <div>
      <button type="button" class="primary" onClick={() => setOpen(true)}>
        New virtual account
      </button>
      {isOpen && (
        <Dialog title="New virtual account" onClose={close}>
          <Form label="Open account" onSend={create}>
            <div class="fields">
              <Field label="Description" value={description} onValue={setDescription} />
              <Field
                label="Smallest transfer in INR"
                value={minimum}
                onValue={setMinimum}
                input={{ inputmode: 'decimal' }}
              />
              <Field
                label="Largest transfer in INR"
                value={maximum}
                onValue={setMaximum}
                input={{ inputmode: 'decimal' }}
              />
              <Field label="Reference number" value={reference} onValue={setReference} />
            </div>
          </Form>
        </Dialog>
      )}
    </div>
  )
}

/** One virtual account with its transfers and its events. */
export function VirtualAccountView({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const operation = { path: { virtual_account_id: id }, query: { account_id: accountId } }
  const resource = useResource(apiReading('retrieveVirtualAccount', operation))
  const account = resource.answer?.virtual_account
  return (
    <div>
      <ViewHead
        title={[
          'Virtual account ',
          <span class="mono id" key="id">
            {id}
          </span>,
        ]}
        up={{ href: viewPath('virtual-accounts'), text: 'Virtual accounts' }}
        actions={
          account && [
            <TransferButton key="transfer" account={account} />,
            account.status === 'active' && (
              <ActionButton
                key="close"
                class="danger"
                successText="Virtual account closed."
                onAction={() => api.call('closeVirtualAccount', operation)}
              >
                Close
              </ActionButton>
            ),
          ]
        }
      />
      {
        <ResourceView
          resource={resource}
          children={({ virtual_account: one }) => (
            <div>
              <div class="columns">
                <Card title="Facts">
                  <AccountFacts account={one} />
                </Card>
                <Card title="API answer">
                  <Code label="virtual account as JSON" text={JSON.stringify(one, undefined, 2)} />
                </Card>
              </div>
              <Transfers id={id} />
              <AccountEvents id={id} />
            </div>
          )}
        />
      }
    </div>
  )
}

function AccountFacts({ account: one }: { readonly account: VirtualAccount }): JSX.Element {
  return (
    <Facts
      rows={[
        ['Status', <Status value={one.status} />],
        ['Account number', <CopyableText text={one.account_number} what="account number" />],
        ['IFSC', one.ifsc_code],
        ['Beneficiary', one.beneficiary_name],
        ['Description', one.description],
        ['Customer', one.customer_id && <IdLink of="customers" id={one.customer_id} />],
        ['Smallest transfer', one.minimum_amount && rupees(one.minimum_amount)],
        ['Largest transfer', one.maximum_amount && rupees(one.maximum_amount)],
        ['Paid', rupees(one.amount_paid)],
        ['Reference number', one.reference_number],
        ['Last day', one.expires_at],
        ...(one.meta_data ?? []).map(({ key, value }): [string, ComponentChildren] => [
          `meta_data ${key}`,
          value,
        ]),
        ['Created', <Time atMs={one.created_time * 1000} />],
        ['Last change', <Time atMs={one.last_modified_time * 1000} />],
        ['Id', <CopyableText text={one.virtual_account_id} what="virtual account id" />],
      ]}
    />
  )
}

/** Transfers money to the account, as a payer would. */
function TransferButton({ account }: { readonly account: VirtualAccount }): JSX.Element {
  const { say } = useConsole()
  const [isOpen, setOpen] = useState(false)
  const [amount, setAmount] = useState('100.00')
  const [payer, setPayer] = useState('Asha Rao')
  const [utr, setUtr] = useState('')
  const transfer = async () => {
    const payment = await control.call('sendBankTransfer', {
      body: {
        account_number: account.account_number,
        amount,
        ...(payer !== '' && { payer_name: payer }),
        ...(utr !== '' && { utr }),
      },
    })
    say(`The transfer is a payment: ${payment.status}.`)
    setOpen(false)
  }
  return (
    <span>
      <button type="button" class="primary" onClick={() => setOpen(true)}>
        Transfer money
      </button>
      {isOpen && (
        <Dialog title="Transfer money" onClose={() => setOpen(false)}>
          <Form label="Transfer" onSend={transfer}>
            <div class="fields">
              <Field
                label="Amount in INR"
                value={amount}
                onValue={setAmount}
                input={{ inputmode: 'decimal' }}
              />
              <Field
                label="Payer"
                value={payer}
                onValue={setPayer}
                hint="With Reverse the bank takes the money back after 10 seconds"
              />
              <Field
                label="Bank’s reference (UTR)"
                value={utr}
                onValue={setUtr}
                hint="Empty: a new one. A repeated one is the same transfer"
              />
            </div>
          </Form>
        </Dialog>
      )}
    </span>
  )
}

function Transfers({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const page = new URLSearchParams(location.search).get('page') ?? '1'
  const payments = useResource(
    apiReading('listVirtualAccountPayments', {
      path: { virtual_account_id: id },
      query: { account_id: accountId, page },
    }),
  )
  return (
    <Card title="Transfers">
      {
        <ResourceView
          resource={payments}
          children={({ page_context: context, payments: rows }) =>
            rows.length === 0 ? (
              <Empty title="No transfers yet.">Transfer money with the button above.</Empty>
            ) : (
              [
                <List
                  key="list"
                  label="Transfers"
                  columns={[
                    { title: 'Time', class: 'when', isSorted: true },
                    { title: 'Payment', class: 'main' },
                    { title: 'Amount', class: 'amount' },
                    { title: 'Status' },
                    { title: 'UTR', class: 'wide' },
                  ]}
                  rows={rows.map((one) => ({
                    key: one.payment_id,
                    cells: [
                      <Time atMs={one.date * 1000} />,
                      <IdLink of="payments" id={one.payment_id} />,
                      showAmount(one),
                      <Status value={one.status} />,
                      one.transaction_reference_number,
                    ],
                  }))}
                />,
                <Pages
                  key="pages"
                  context={context}
                  noun="transfer"
                  onPage={(number) => setQuery('page', String(number))}
                />,
              ]
            )
          }
        />
      }
    </Card>
  )
}

/** The newest events of the account: its timeline. */
function AccountEvents({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const events = useResource(
    apiReading('listEvents', {
      query: { account_id: accountId, virtual_account_id: id, per_page: '50' },
    }),
  )
  return (
    <Card title="Timeline">
      {
        <ResourceView
          resource={events}
          children={({ events: rows }) =>
            rows.length === 0 ? (
              <Empty title="No events yet.">A transfer or the end of the account causes one.</Empty>
            ) : (
              <ul class="lines">
                {rows.map((one) => (
                  <li key={one.event_id}>
                    <Time atMs={one.event_time} />
                    <a href={viewPath('events', String(one.event_id))}>{one.event_type}</a>
                  </li>
                ))}
              </ul>
            )
          }
        />
      }
    </Card>
  )
}
