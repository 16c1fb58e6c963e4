import type { JSX } from 'preact'
import { ReversalsView, TransfersView, TransferView } from './transfers-view.tsx'
import type { ViewProps } from './view-props.ts'

/** The transfers of an account, its reversals at `/reversals`, or one transfer. */
export function OperatorTransfers({ id }: ViewProps): JSX.Element {
  if (id === undefined) return <TransfersView />
  return id === 'reversals' ? <ReversalsView /> : <TransferView id={id} key={id} />
}
