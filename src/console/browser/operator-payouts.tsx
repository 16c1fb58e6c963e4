import type { JSX } from 'preact'
import { ExportButton } from './export-button.tsx'
import { PayoutsView, PayoutView } from './payouts-view.tsx'
import type { ViewProps } from './view-props.ts'

/** The payouts that the processor reports, or one of them. */
export function OperatorPayouts({ id }: ViewProps): JSX.Element {
  if (id !== undefined) {
    return (
      <PayoutView
        id={id}
        key={id}
        transactionTools={<ExportButton table="payout_transactions" filters={{ payout_id: id }} />}
      />
    )
  }
  return <PayoutsView toolsOf={(filter) => <ExportButton table="payouts" filters={filter} />} />
}
