import type { JSX } from 'preact'
import type { ViewProps } from './view-props.ts'
import { VirtualAccountsView, VirtualAccountView } from './virtual-accounts-view.tsx'

/** The virtual accounts of an account, or one of them. */
export function OperatorVirtualAccounts({ id }: ViewProps): JSX.Element {
  return id === undefined ? <VirtualAccountsView /> : <VirtualAccountView id={id} key={id} />
}
