import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Customer, CustomerWithMethods } from '../../../client/types.ts'
import { useConsole } from '../../../console/browser/context.ts'
import { List, Pages } from '../../../console/browser/list.tsx'
import { useResource } from '../../../console/browser/live.ts'
import {
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
import { PaymentList } from '../../../console/browser/payments-view.tsx'
import { go, IdLink, ShowAll, setQuery, viewPath } from '../../../console/browser/router.tsx'
import { AccountList } from '../../../console/browser/virtual-accounts-view.tsx'
import { useSandbox } from './sandbox-context.ts'
import { api, apiReading, controlReading } from './server.ts'

/** All customers of the account. */
export function CustomersView(): JSX.Element {
  const { accountId } = useConsole()
  const query = new URLSearchParams(location.search)
  const searchText = query.get('q') ?? ''
  const [input, setInput] = useState(searchText)
  const customers = useResource(
    apiReading('listCustomers', {
      query: { account_id: accountId, search_text: searchText, page: query.get('page') ?? '1' },
    }),
  )
  const search = (event: Event) => {
    event.preventDefault()
    setQuery('page', '')
    setQuery('q', input.trim())
  }
  return (
    <div>
      <ViewHead title="Customers" actions={<NewCustomer />}>
        Stored customers, each with its payments.
      </ViewHead>
      <form class="filters" role="search" onSubmit={search}>
        <Field
          label="Search for"
          value={input}
          onValue={setInput}
          input={{ type: 'search' }}
          hint="A customer’s id, an e-mail address or a phone number"
        />
        <button type="submit">Search</button>
      </form>
      {
        <ResourceView
          resource={customers}
          children={({ customers: rows, page_context: context }) =>
            rows.length === 0 ? (
              <Empty title={searchText === '' ? 'No customers yet.' : 'No matching customers.'}>
                {searchText === '' ? (
                  [
                    'Create one with the button above, or by a request to ',
                    <code key="path">/customers</code>,
                    '.',
                  ]
                ) : (
                  <ShowAll view="customers" name="customers" />
                )}
              </Empty>
            ) : (
              [
                <List
                  key="list"
                  label="Customers"
                  columns={[
                    { title: 'Created', class: 'when', isSorted: true },
                    { title: 'Customer', class: 'main' },
                    { title: 'Name' },
                    { title: 'E-mail', class: 'wide' },
                  ]}
                  rows={rows.map((one) => ({
                    key: one.customer_id,
                    cells: [
                      <Time atMs={one.created_time * 1000} />,
                      <IdLink of="customers" id={one.customer_id} />,
                      one.customer_name,
                      one.customer_email,
                    ],
                  }))}
                />,
                <Pages
                  key="pages"
                  context={context}
                  noun="customer"
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

function NewCustomer(): JSX.Element {
  const { accountId, say } = useConsole()
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <div>
      <button type="button" class="primary" onClick={() => setOpen(true)}>
        New customer
      </button>
      {isOpen && (
        <CustomerDialog
          title="New customer"
          label="Create customer"
          onClose={close}
          onSend={async (body) => {
            const query = { account_id: accountId }
            const customer = await api.call('createCustomer', { query, body })
            say('Customer created.')
            close()
            go(viewPath('customers', customer.customer_id))
          }}
        />
      )}
    </div>
  )
}

/** The fields of the form, with a country only if it was chosen. */
type CustomerFields = {
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly phone_country_code: string
}

/** The form of a customer. A field that is left empty is not sent. */
function CustomerDialog({
  customer,
  label,
  onClose,
  onSend,
  title,
}: {
  readonly title: string
  readonly label: string
  /** Undefined: a new one. */
  readonly customer?: Customer
  readonly onClose: () => void
  readonly onSend: (body: CustomerFields) => Promise<unknown>
}): JSX.Element {
  const [name, setName] = useState(customer?.name ?? '')
  const [email, setEmail] = useState(customer?.email ?? '')
  const [phone, setPhone] = useState(phoneOf(customer))
  const [country, setCountry] = useState('')
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        label={label}
        onSend={() => onSend({ name, email, phone, phone_country_code: country })}
      >
        <div class="fields">
          <Field label="Name" value={name} onValue={setName} />
          <Field label="E-mail address" value={email} onValue={setEmail} input={{ type: 'text' }} />
          <Field
            label="Phone number"
            value={phone}
            onValue={setPhone}
            hint="With its dialing code, such as +91 90000 00001"
          />
          <Field
            label="Country of the phone number"
            value={country}
            onValue={setCountry}
            input={{ maxLength: 2 }}
            hint="Only for a number without a dialing code, such as IN"
          />
        </div>
      </Form>
    </Dialog>
  )
}

function phoneOf(customer: Pick<Customer, 'dialing_code' | 'phone'> | undefined): string {
  return [customer?.dialing_code, customer?.phone].filter(Boolean).join(' ')
}

/** One customer with all its payments. */
export function CustomerView({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const operation = { path: { customer_id: id }, query: { account_id: accountId } }
  const resource = useResource(apiReading('retrieveCustomer', operation))
  const customer = resource.answer?.customer
  return (
    <div>
      <ViewHead
        title={customer?.name ?? `Customer ${id}`}
        up={{ href: viewPath('customers'), text: 'Customers' }}
        actions={customer && <CustomerActions customer={customer} operation={operation} />}
      />
      {
        <ResourceView
          resource={resource}
          children={({ customer: one }) => (
            <div>
              <div class="columns">
                <Card title="Facts">
                  <Facts
                    rows={[
                      ['Name', one.name],
                      ['E-mail', one.email],
                      ['Phone', phoneOf(one)],
                      ...(one.meta_data ?? []).map(
                        ({ key, value }): [string, ComponentChildren] => [
                          `meta_data ${key}`,
                          value,
                        ],
                      ),
                      ['Created', <Time atMs={one.created_time * 1000} />],
                      ['Last change', <Time atMs={one.last_modified_time * 1000} />],
                      ['Id', <CopyableText text={one.customer_id} what="customer id" />],
                    ]}
                  />
                </Card>
                <Card title="API answer">
                  <Code label="customer as JSON" text={JSON.stringify(one, undefined, 2)} />
                </Card>
              </div>
              <CustomerPayments id={id} />
              <CustomerAccounts id={id} />
              <CustomerMethods methods={one.payment_methods ?? []} />
            </div>
          )}
        />
      }
    </div>
  )
}

/** The virtual accounts of a customer. Only the IN edition has some. */
function CustomerAccounts({ id }: { readonly id: string }): JSX.Element | null {
  const { accountId } = useConsole()
  const { facts } = useSandbox()
  const accounts = useResource(
    accountId === facts.account_id
      ? apiReading('listVirtualAccounts', { query: { account_id: accountId, customer_id: id } })
      : undefined,
  )
  const rows = accounts.answer?.virtual_accounts ?? []
  if (rows.length === 0) return null
  return (
    <Card title="Virtual accounts">
      <AccountList rows={rows} />
    </Card>
  )
}

/** The saved payment methods of a customer. Only the US edition has some. */
function CustomerMethods({
  methods,
}: {
  readonly methods: NonNullable<CustomerWithMethods['payment_methods']>
}): JSX.Element | null {
  if (methods.length === 0) return null
  return (
    <Card title="Saved payment methods">
      <List
        label="Saved payment methods"
        columns={[
          { title: 'Payment method', class: 'main' },
          { title: 'Status' },
          { title: 'Type' },
          { title: 'Last digits' },
          { title: 'Expiry' },
        ]}
        rows={methods.map((one) => ({
          key: one.payment_method_id,
          cells: [
            <CopyableText text={one.payment_method_id} what="payment method id" />,
            <MethodStatus id={one.payment_method_id} />,
            one.brand ?? one.type,
            one.last_four_digits,
            one.expiry_month === undefined ? '' : `${one.expiry_month}/${one.expiry_year}`,
          ],
        }))}
      />
    </Card>
  )
}

/** The status of a saved payment method, which the answer about its customer does not have. */
function MethodStatus({ id }: { readonly id: string }): JSX.Element | null {
  const { accountId } = useConsole()
  const { answer } = useResource(
    apiReading('retrievePaymentMethod', {
      path: { payment_method_id: id },
      query: { account_id: accountId },
    }),
  )
  return answer === undefined ? null : <Status value={answer.payment_method.status} />
}

function CustomerPayments({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const page = new URLSearchParams(location.search).get('page') ?? '1'
  const payments = useResource(
    controlReading('listStartedPayments', {
      query: { account_id: accountId, customer_id: id, page },
    }),
  )
  return (
    <Card title="Payments">
      {
        <ResourceView
          resource={payments}
          children={({ page_context: context, payments: rows }) =>
            rows.length === 0 ? (
              <Empty title="No payments.">
                {'A session that is created with this '}
                <code>customer_id</code>
                {' gives it to its payments.'}
              </Empty>
            ) : (
              [
                <PaymentList key="list" rows={rows} />,
                <Pages
                  key="pages"
                  context={context}
                  noun="payment"
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

function CustomerActions({
  customer,
  operation,
}: {
  readonly customer: Customer
  readonly operation: {
    readonly path: { readonly customer_id: string }
    readonly query: { readonly account_id: string }
  }
}): JSX.Element {
  const { say } = useConsole()
  const [dialog, open] = useState<'change' | 'delete'>()
  const close = () => open(undefined)
  return (
    <div class="actions">
      <button type="button" onClick={() => open('change')}>
        Change
      </button>
      <button type="button" class="danger" onClick={() => open('delete')}>
        Delete
      </button>
      {dialog === 'change' && (
        <CustomerDialog
          title={`Change ${customer.name}`}
          label="Save changes"
          customer={customer}
          onClose={close}
          onSend={async (body) => {
            await api.call('updateCustomer', { ...operation, body })
            say('Customer updated.')
            close()
          }}
        />
      )}
      {dialog === 'delete' && (
        <Dialog title={`Delete ${customer.name}?`} onClose={close}>
          <Form
            label="Delete customer"
            onSend={async () => {
              await api.run('deleteCustomer', operation)
              close()
              go(viewPath('customers'))
            }}
          >
            <p>
              This erases the e-mail address, the phone number and the meta_data. Payments keep the
              customer’s id.
            </p>
          </Form>
        </Dialog>
      )}
    </div>
  )
}
