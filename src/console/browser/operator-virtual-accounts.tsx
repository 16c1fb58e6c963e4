import type { JSX } from 'preact'
import { ExportButton } from './export-button.tsx'
import type { ViewProps } from './view-props.ts'
import { VirtualAccountsView, VirtualAccountView } from './virtual-accounts-view.tsx'

/** The virtual accounts of an account, or one of them. */
export function OperatorVirtualAccounts({ id }: ViewProps): JSX.Element {
  return id === undefined ? (
    <VirtualAccountsView
      toolsOf={(filters) => (
        <ExportButton key="export" table="virtual_accounts" filters={filters} />
      )}
    />
  ) : (
    <VirtualAccountView id={id} key={id} />
  )
}
