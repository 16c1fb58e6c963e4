import type { JSX } from 'preact'
import { CustomerView } from '../../../console/browser/customers-view.tsx'
import { controlReading } from './server.ts'

/** One customer, with the times at which its payments started. */
export function SandboxCustomer({ id }: { readonly id: string }): JSX.Element {
  return (
    <CustomerView
      id={id}
      paymentsOf={(query) => controlReading('listStartedPayments', { query })}
    />
  )
}
