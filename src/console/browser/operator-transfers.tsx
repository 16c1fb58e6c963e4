import type { JSX } from 'preact'
import { ExportButton } from './export-button.tsx'
import { ReversalsView, TransfersView, TransferView } from './transfers-view.tsx'
import type { ViewProps } from './view-props.ts'

/** The transfers of an account, its reversals at `/reversals`, or one transfer. */
export function OperatorTransfers({ id }: ViewProps): JSX.Element {
  if (id === undefined) {
    return (
      <TransfersView
        toolsOf={(query) => <ExportButton key="export" table="transfers" filters={query} />}
      />
    )
  }
  return id === 'reversals' ? (
    <ReversalsView
      toolsOf={(filters) => (
        <ExportButton key="export" table="transfer_reversals" filters={filters} />
      )}
    />
  ) : (
    <TransferView id={id} key={id} />
  )
}
