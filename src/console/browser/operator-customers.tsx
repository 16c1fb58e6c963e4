import type { JSX } from 'preact'
import { apiReading, apiWithContacts } from './connection.ts'
import { useConsole } from './context.ts'
import { CustomersView, CustomerView } from './customers-view.tsx'
import { ExportButton } from './export-button.tsx'
import { OpenContacts } from './open-contacts.tsx'
import type { ViewProps } from './view-props.ts'

/** The customers of an account, or one of them. */
export function OperatorCustomers({ id }: ViewProps): JSX.Element {
  return id === undefined ? (
    <CustomersView
      toolsOf={(filters) => <ExportButton key="export" table="customers" filters={filters} />}
    />
  ) : (
    <AccountCustomer id={id} key={id} />
  )
}

function AccountCustomer({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  return (
    <CustomerView
      id={id}
      paymentsOf={(query) => apiReading('listPayments', { query })}
      actions={
        <OpenContacts
          read={() =>
            apiWithContacts.call('retrieveCustomer', {
              path: { customer_id: id },
              query: { account_id: accountId },
            })
          }
        />
      }
    />
  )
}
