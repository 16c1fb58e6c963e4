import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Customer, CustomerWithMethods } from '../../client/types.ts'
import { isMasked } from '../mask-contacts.ts'
import { api, apiReading } from './connection.ts'
import { useConsole } from './context.ts'
import { Filters, filtersIn, pageInAddress, periodInputs, searchInput } from './filters.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { PagedView } from './paged-view.tsx'
import {
  AnswerCard,
  Card,
  CopyableText,
  Dialog,
  Empty,
  type FactRow,
  Facts,
  Field,
  Form,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { PaymentList, type PaymentsReading } from './payments-view.tsx'
import { go, IdLink, ShowAll, viewPath } from './router.tsx'
import { showMethod } from './show.ts'
import { type PlainKey, text } from './text.ts'
import type { ListViewProps } from './view-props.ts'
import { AccountList } from './virtual-accounts-view.tsx'

/** All customers of the account. */
export function CustomersView({ toolsOf }: ListViewProps): JSX.Element {
  const { accountId, may } = useConsole()
  const { from, isFiltered, page, q: searchText, to } = filtersIn(['q', 'from', 'to'])
  const query = {
    account_id: accountId,
    search_text: searchText,
    from_date: from,
    to_date: to,
    page,
  }
  const customers = useResource(apiReading('listCustomers', { query }))
  return (
    <div>
      <ViewHead
        title={text('Customers')}
        actions={[toolsOf?.(query), may('change_customers') && <NewCustomer key="new" />]}
      >
        {text('Stored customers and their payments.')}
      </ViewHead>
      <Filters
        inputs={[
          searchInput(text('A customer’s id, an e-mail address or a phone number')),
          ...periodInputs(),
        ]}
      />
      <PagedView
        resource={customers}
        rowsOf={(answer) => answer.customers}
        count={['{count} customer', '{count} customers']}
        empty={
          <Empty title={isFiltered ? text('No matching customers.') : text('No customers yet.')}>
            {isFiltered ? (
              <ShowAll view="customers" label={text('Show all customers')} />
            ) : (
              text(
                may('change_customers')
                  ? 'Create one with the button above, or by a request to {path}.'
                  : 'A request to {path} creates one.',
                { path: <code>/customers</code> },
              )
            )}
          </Empty>
        }
      >
        {(rows) => (
          <List
            label={text('Customers')}
            columns={[
              { title: text('Created'), class: 'when', isSorted: true },
              { title: text('Customer'), class: 'main' },
              { title: text('Name') },
              { title: text('E-mail'), class: 'wide' },
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
          />
        )}
      </PagedView>
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
        {text('New customer')}
      </button>
      {isOpen && (
        <CustomerDialog
          title={text('New customer')}
          label={text('Create customer')}
          onClose={close}
          onSend={async (body) => {
            const query = { account_id: accountId }
            const customer = await api.call('createCustomer', { query, body })
            say(text('Customer created.'))
            close()
            go(viewPath('customers', customer.customer_id))
          }}
        />
      )}
    </div>
  )
}

/** The texts in the fields of the form. Empty: not filled in. */
type CustomerFields = {
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly phone_country_code: string
}

const MASKED_HINT: PlainKey = 'The current value is masked. Leave the field empty to keep it.'

/** The field of a masked value is empty at first. The API treats an empty field as absent, and keeps the value. */
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
  const [hasHiddenEmail, hasHiddenPhone] = [customer?.email, customer?.phone].map((text = '') =>
    isMasked(text),
  )
  const [email, setEmail] = useState(hasHiddenEmail ? '' : (customer?.email ?? ''))
  const [phone, setPhone] = useState(hasHiddenPhone ? '' : phoneOf(customer))
  const [country, setCountry] = useState('')
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        label={label}
        onSend={() => onSend({ name, email, phone, phone_country_code: country })}
      >
        <div class="fields">
          <Field label={text('Name')} value={name} onValue={setName} />
          <Field
            label={text('E-mail address')}
            value={email}
            onValue={setEmail}
            input={{ type: 'text' }}
            {...(hasHiddenEmail && { hint: text(MASKED_HINT) })}
          />
          <Field
            label={text('Phone number')}
            value={phone}
            onValue={setPhone}
            hint={
              hasHiddenPhone
                ? text(MASKED_HINT)
                : text('With its dialing code, such as +91 90000 00001')
            }
          />
          <Field
            label={text('Country of the phone number')}
            value={country}
            onValue={setCountry}
            input={{ maxLength: 2 }}
            hint={text('Such as IN. Only needed for a number without a dialing code')}
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
export function CustomerView({
  actions,
  id,
  paymentsOf,
}: {
  readonly id: string
  readonly paymentsOf: (query: CustomerPaymentQuery) => PaymentsReading
  /** More buttons, before those that change the customer. */
  readonly actions?: ComponentChildren
}): JSX.Element {
  const { accountId, may } = useConsole()
  const operation = { path: { customer_id: id }, query: { account_id: accountId } }
  const resource = useResource(apiReading('retrieveCustomer', operation))
  const customer = resource.answer?.customer
  return (
    <div>
      <ViewHead
        title={customer?.name ?? text('Customer {id}', { id })}
        up={{ href: viewPath('customers'), text: text('Customers') }}
        actions={
          customer && (
            <div class="actions">
              {actions}
              {may('change_customers') && (
                <CustomerActions customer={customer} operation={operation} />
              )}
            </div>
          )
        }
      />
      <ResourceView
        resource={resource}
        children={({ customer: one }) => (
          <div>
            <div class="columns">
              <Card title={text('Details')}>
                <CustomerFacts customer={one} />
              </Card>
              <AnswerCard answer={one} />
            </div>
            <CustomerPayments id={id} paymentsOf={paymentsOf} />
            <CustomerAccounts id={id} />
            <CustomerMethods methods={one.payment_methods ?? []} />
          </div>
        )}
      />
    </div>
  )
}

function CustomerFacts({ customer: one }: { readonly customer: Customer }): JSX.Element {
  return (
    <Facts
      rows={[
        [text('Name'), one.name],
        [text('E-mail'), one.email],
        [text('Phone'), phoneOf(one)],
        ...(one.meta_data ?? []).map(({ key, value }): FactRow => [`meta_data ${key}`, value]),
        [text('Created'), <Time atMs={one.created_time * 1000} />],
        [text('Last change'), <Time atMs={one.last_modified_time * 1000} />],
        [text('Id'), <CopyableText text={one.customer_id} what={text('customer id')} />],
      ]}
    />
  )
}

/** Only the IN edition has virtual accounts. */
function CustomerAccounts({ id }: { readonly id: string }): JSX.Element | null {
  const { accountId, edition } = useConsole()
  const accounts = useResource(
    edition === 'IN'
      ? apiReading('listVirtualAccounts', { query: { account_id: accountId, customer_id: id } })
      : undefined,
  )
  const rows = accounts.answer?.virtual_accounts ?? []
  if (rows.length === 0) return null
  return (
    <Card title={text('Virtual accounts')}>
      <AccountList rows={rows} />
    </Card>
  )
}

/** Only the US edition has saved payment methods. */
function CustomerMethods({
  methods,
}: {
  readonly methods: NonNullable<CustomerWithMethods['payment_methods']>
}): JSX.Element | null {
  const { may } = useConsole()
  if (methods.length === 0) return null
  return (
    <Card title={text('Saved payment methods')}>
      <List
        label={text('Saved payment methods')}
        columns={[
          { title: text('Payment method'), class: 'main' },
          { title: text('Status') },
          { title: text('Type') },
          { title: text('Last digits') },
          { title: text('Expiry') },
          ...(may('change_customers') ? [{ title: text('Change') }] : []),
        ]}
        rows={methods.map((one) => ({
          key: one.payment_method_id,
          cells: [
            <CopyableText text={one.payment_method_id} what={text('payment method id')} />,
            <MethodStatus id={one.payment_method_id} />,
            one.brand ?? showMethod(one.type),
            one.last_four_digits,
            one.expiry_month === undefined ? '' : `${one.expiry_month}/${one.expiry_year}`,
            ...(may('change_customers')
              ? [<RemoveMethod id={one.payment_method_id} digits={one.last_four_digits} />]
              : []),
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

function RemoveMethod({
  digits,
  id,
}: {
  readonly id: string
  readonly digits: string
}): JSX.Element {
  const { accountId, say } = useConsole()
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  const remove = async () => {
    await api.run('deletePaymentMethod', {
      path: { payment_method_id: id },
      query: { account_id: accountId },
    })
    say(text('Payment method removed.'))
    close()
  }
  return (
    <span>
      <button type="button" class="small danger" onClick={() => setOpen(true)}>
        {text('Remove')}
        <span class="hidden">{text('the method that ends in {digits}', { digits })}</span>
      </button>
      {isOpen && (
        <Dialog
          title={text('Remove the method that ends in {digits}?', { digits })}
          onClose={close}
        >
          <Form label={text('Remove method')} onSend={remove}>
            <p>{text('It cannot be charged again. Its payments stay, and can be refunded.')}</p>
          </Form>
        </Dialog>
      )}
    </span>
  )
}

/** The query of a page of a customer's payments. */
export type CustomerPaymentQuery = {
  readonly account_id: string
  readonly customer_id: string
  readonly page: string
}

function CustomerPayments({
  id,
  paymentsOf,
}: {
  readonly id: string
  readonly paymentsOf: (query: CustomerPaymentQuery) => PaymentsReading
}): JSX.Element {
  const { accountId } = useConsole()
  const page = pageInAddress()
  const payments = useResource(paymentsOf({ account_id: accountId, customer_id: id, page }))
  return (
    <Card title={text('Payments')}>
      <PagedView
        resource={payments}
        rowsOf={(answer) => answer.payments}
        count={['{count} payment', '{count} payments']}
        empty={
          <Empty title={text('No payments.')}>
            {text('If a session is created with this {field}, its payments appear here.', {
              field: <code>customer_id</code>,
            })}
          </Empty>
        }
      >
        {(rows) => <PaymentList rows={rows} />}
      </PagedView>
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
    <>
      <button type="button" onClick={() => open('change')}>
        {text('Change')}
      </button>
      <button type="button" class="danger" onClick={() => open('delete')}>
        {text('Delete')}
      </button>
      {dialog === 'change' && (
        <CustomerDialog
          title={text('Change {name}', { name: customer.name })}
          label={text('Save changes')}
          customer={customer}
          onClose={close}
          onSend={async (body) => {
            await api.call('updateCustomer', { ...operation, body })
            say(text('Customer updated.'))
            close()
          }}
        />
      )}
      {dialog === 'delete' && (
        <Dialog title={text('Delete {name}?', { name: customer.name })} onClose={close}>
          <Form
            label={text('Delete customer')}
            onSend={async () => {
              await api.run('deleteCustomer', operation)
              close()
              go(viewPath('customers'))
            }}
          >
            <p>
              {text(
                'This erases the e-mail address, the phone number and the meta_data. Payments keep the customer’s id.',
              )}
            </p>
          </Form>
        </Dialog>
      )}
    </>
  )
}
