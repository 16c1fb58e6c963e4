import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { VirtualAccount } from '../../client/types.ts'
import { api, apiReading, withoutEmpty } from './connection.ts'
import { useConsole } from './context.ts'
import { filtersIn, pageInAddress } from './filters.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { PagedView } from './paged-view.tsx'
import {
  AnswerCard,
  Card,
  CopyableText,
  Dialog,
  Empty,
  Facts,
  Field,
  FinalActionButton,
  Form,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { go, IdLink, setQueryOf, viewPath } from './router.tsx'
import { showAmount } from './show.ts'
import { text } from './text.ts'
import type { ListViewProps } from './view-props.ts'

/** Writes one of an account's amounts, which are numbers of rupees. */
function rupees(amount: number): string {
  const [whole = '', decimals = ''] = String(amount).split('.')
  return showAmount({ amount: `${whole}.${decimals.padEnd(2, '0')}`, currency: 'INR' })
}

/** All virtual accounts of the account. */
export function VirtualAccountsView({ toolsOf }: ListViewProps): JSX.Element {
  const { accountId, edition, may } = useConsole()
  const { page, status } = filtersIn(['status'])
  const query = { account_id: accountId, status, page }
  const accounts = useResource(
    edition === 'IN' ? apiReading('listVirtualAccounts', { query }) : undefined,
  )
  if (edition !== 'IN') {
    return (
      <div>
        <ViewHead title={text('Virtual accounts')} />
        <Empty title={text('The US edition has no virtual accounts.')}>
          {text('Choose an account of the IN edition.')}
        </Empty>
      </div>
    )
  }
  return (
    <div>
      <ViewHead
        title={text('Virtual accounts')}
        actions={[toolsOf?.(query), may('change_virtual_accounts') && <NewAccount key="new" />]}
      >
        {text(
          'Bank account numbers to which payers transfer money. Each transfer becomes a payment.',
        )}
      </ViewHead>
      <form class="filters">
        <Field
          label={text('Status')}
          value={status}
          onValue={setQueryOf('status')}
          options={[['', text('any')], 'active', 'closed']}
        />
      </form>
      {
        <PagedView
          resource={accounts}
          rowsOf={(answer) => answer.virtual_accounts}
          count={['{count} virtual account', '{count} virtual accounts']}
          empty={
            <Empty
              title={
                status === ''
                  ? text('No virtual accounts yet.')
                  : text('No matching virtual accounts.')
              }
            >
              {text(
                may('change_virtual_accounts')
                  ? 'Create one with the button above, or by a request to {path}.'
                  : 'The merchant’s application opens them by requests to {path}.',
                { path: <code>/virtualaccounts</code> },
              )}
            </Empty>
          }
        >
          {(rows) => <AccountList rows={rows} />}
        </PagedView>
      }
    </div>
  )
}

/** A list of virtual accounts. */
export function AccountList({ rows }: { readonly rows: readonly VirtualAccount[] }): JSX.Element {
  return (
    <List
      label={text('Virtual accounts')}
      columns={[
        { title: text('Created'), class: 'when', isSorted: true },
        { title: text('Virtual account'), class: 'main' },
        { title: text('Paid'), class: 'amount' },
        { title: text('Status') },
        { title: text('Description'), class: 'wide' },
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
  const [values, setValues] = useState(NO_VALUES)
  const close = () => setOpen(false)
  const create = async () => {
    const account = await api.call('createVirtualAccount', {
      query: { account_id: accountId },
      body: bodyOf(values),
    })
    say(text('Virtual account opened.'))
    close()
    go(viewPath('virtual-accounts', account.virtual_account_id))
  }
  return (
    <div>
      <button type="button" class="primary" onClick={() => setOpen(true)}>
        {text('New virtual account')}
      </button>
      {isOpen && (
        <Dialog title={text('New virtual account')} onClose={close}>
          <Form label={text('Open virtual account')} onSend={create}>
            <AccountFields values={values} onValues={setValues} />
          </Form>
        </Dialog>
      )}
    </div>
  )
}

/** The fields of a virtual account that its merchant sets, as texts. Empty: not set. */
type AccountValues = Readonly<
  Record<
    'description' | 'minimum_amount' | 'maximum_amount' | 'expires_at' | 'reference_number',
    string
  >
>
const NO_VALUES: AccountValues = {
  description: '',
  minimum_amount: '',
  maximum_amount: '',
  expires_at: '',
  reference_number: '',
}

/** Empty values are left out, except the description, which an account must have. */
function bodyOf({ description, ...optional }: AccountValues) {
  return { description, ...withoutEmpty(optional) }
}

function AccountFields({
  onValues,
  values,
}: {
  readonly values: AccountValues
  readonly onValues: (values: AccountValues) => void
}): JSX.Element {
  const field = (name: keyof AccountValues) => ({
    value: values[name],
    onValue: (value: string) => onValues({ ...values, [name]: value }),
  })
  return (
    <div class="fields">
      <Field label={text('Description')} {...field('description')} />
      <Field
        label={text('Smallest transfer in INR')}
        input={{ inputmode: 'decimal' }}
        {...field('minimum_amount')}
      />
      <Field
        label={text('Largest transfer in INR')}
        input={{ inputmode: 'decimal' }}
        {...field('maximum_amount')}
      />
      <Field label={text('Last day')} input={{ type: 'date' }} {...field('expires_at')} />
      <Field label={text('Reference number')} {...field('reference_number')} />
    </div>
  )
}

/** A value that is set can be replaced, but not removed. */
function ChangeButton({ account }: { readonly account: VirtualAccount }): JSX.Element {
  const { accountId, say } = useConsole()
  const [isOpen, setOpen] = useState(false)
  const storedValues: AccountValues = {
    description: account.description,
    minimum_amount: amountText(account.minimum_amount),
    maximum_amount: amountText(account.maximum_amount),
    expires_at: account.expires_at ?? '',
    reference_number: account.reference_number ?? '',
  }
  const [values, setValues] = useState(storedValues)
  const change = async () => {
    await api.call('updateVirtualAccount', {
      path: { virtual_account_id: account.virtual_account_id },
      query: { account_id: accountId },
      body: bodyOf(values),
    })
    say(text('Virtual account changed.'))
    setOpen(false)
  }
  const open = () => {
    setValues(storedValues)
    setOpen(true)
  }
  return (
    <span>
      <button type="button" onClick={open}>
        {text('Change')}
      </button>
      {isOpen && (
        <Dialog title={text('Change virtual account')} onClose={() => setOpen(false)}>
          <Form label={text('Save changes')} onSend={change}>
            <AccountFields values={values} onValues={setValues} />
            <p class="soft">{text('A value can be replaced, but not removed.')}</p>
          </Form>
        </Dialog>
      )}
    </span>
  )
}

const amountText = (amount: number | undefined): string =>
  amount === undefined ? '' : String(amount)

/** One virtual account with its transfers and its events. */
export function VirtualAccountView({
  actionsOf,
  id,
  noTransfers = text('A payer transfers money to the account number.'),
}: {
  readonly id: string
  /** The first buttons in the head. */
  readonly actionsOf?: (account: VirtualAccount) => ComponentChildren
  /** The next step while the account has no transfers. */
  readonly noTransfers?: string
}): JSX.Element {
  const { accountId, may } = useConsole()
  const operation = { path: { virtual_account_id: id }, query: { account_id: accountId } }
  const resource = useResource(apiReading('retrieveVirtualAccount', operation))
  const account = resource.answer?.virtual_account
  return (
    <div>
      <ViewHead
        title={text('Virtual account')}
        id={id}
        up={{ href: viewPath('virtual-accounts'), text: text('Virtual accounts') }}
        actions={
          account && [
            actionsOf?.(account),
            account.status === 'active' &&
              may('change_virtual_accounts') && [
                <ChangeButton key="change" account={account} />,
                <FinalActionButton
                  key="close"
                  name={text('Close')}
                  confirmation={text('Close virtual account')}
                  question={text(
                    'Later transfers fail and go back to the payer. A closed virtual account stays closed; its payments can still be refunded.',
                  )}
                  successText={text('Virtual account closed.')}
                  onAction={() => api.call('closeVirtualAccount', operation)}
                />,
              ],
          ]
        }
      />
      {
        <ResourceView
          resource={resource}
          children={({ virtual_account: one }) => (
            <div>
              <div class="columns">
                <Card title={text('Details')}>
                  <AccountFacts account={one} />
                </Card>
                <AnswerCard answer={one} />
              </div>
              <Transfers
                id={id}
                empty={
                  one.status === 'active'
                    ? noTransfers
                    : text('This virtual account is closed and accepts no transfers.')
                }
              />
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
        [text('Status'), <Status value={one.status} />],
        [
          text('Account number'),
          <CopyableText text={one.account_number} what={text('account number')} />,
        ],
        [text('IFSC'), one.ifsc_code],
        [text('Beneficiary'), one.beneficiary_name],
        [text('Description'), one.description],
        [text('Customer'), one.customer_id && <IdLink of="customers" id={one.customer_id} />],
        [text('Smallest transfer'), one.minimum_amount && rupees(one.minimum_amount)],
        [text('Largest transfer'), one.maximum_amount && rupees(one.maximum_amount)],
        [text('Paid'), rupees(one.amount_paid)],
        [text('Reference number'), one.reference_number],
        [text('Last day'), one.expires_at],
        ...(one.meta_data ?? []).map(({ key, value }): [string, ComponentChildren] => [
          `meta_data ${key}`,
          value,
        ]),
        [text('Created'), <Time atMs={one.created_time * 1000} />],
        [text('Last change'), <Time atMs={one.last_modified_time * 1000} />],
        [
          text('Id'),
          <CopyableText text={one.virtual_account_id} what={text('virtual account id')} />,
        ],
      ]}
    />
  )
}

function Transfers({ empty, id }: { readonly id: string; readonly empty: string }): JSX.Element {
  const { accountId } = useConsole()
  const page = pageInAddress()
  const payments = useResource(
    apiReading('listVirtualAccountPayments', {
      path: { virtual_account_id: id },
      query: { account_id: accountId, page },
    }),
  )
  return (
    <Card title={text('Transfers')}>
      {
        <PagedView
          resource={payments}
          rowsOf={(answer) => answer.payments}
          count={['{count} transfer', '{count} transfers']}
          empty={<Empty title={text('No transfers yet.')}>{empty}</Empty>}
        >
          {(rows) => (
            <List
              label={text('Transfers')}
              columns={[
                { title: text('Time'), class: 'when', isSorted: true },
                { title: text('Payment'), class: 'main' },
                { title: text('Amount'), class: 'amount' },
                { title: text('Status') },
                { title: text('UTR'), class: 'wide' },
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
            />
          )}
        </PagedView>
      }
    </Card>
  )
}

function AccountEvents({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const events = useResource(
    apiReading('listEvents', {
      query: { account_id: accountId, virtual_account_id: id, per_page: '50' },
    }),
  )
  return (
    <Card title={text('Timeline')}>
      {
        <ResourceView
          resource={events}
          children={({ events: rows }) =>
            rows.length === 0 ? (
              <Empty title={text('No events yet.')}>
                {text(
                  'Events appear here after a transfer to the account, and when the account closes.',
                )}
              </Empty>
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
