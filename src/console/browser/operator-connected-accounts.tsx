import type { JSX } from 'preact'
import {
  ConnectedAccountsView,
  ConnectedAccountView,
  ConnectedPayoutView,
} from './connected-accounts-view.tsx'
import { ExportButton } from './export-button.tsx'
import type { ViewProps } from './view-props.ts'

/** The connected accounts of an account, one of them, or one of its payouts: `/{account}/payouts/{payout}`. */
export function OperatorConnectedAccounts({ id, rest: [more, payoutId] }: ViewProps): JSX.Element {
  if (id === undefined)
    return (
      <ConnectedAccountsView
        toolsOf={(filters) => (
          <ExportButton key="export" table="connected_accounts" filters={filters} />
        )}
      />
    )
  return more === 'payouts' && payoutId !== undefined ? (
    <ConnectedPayoutView connectedAccountId={id} id={payoutId} key={payoutId} />
  ) : (
    <ConnectedAccountView id={id} key={id} />
  )
}
