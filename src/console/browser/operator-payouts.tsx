import type { JSX } from 'preact'
import { PayoutsView, PayoutView } from './payouts-view.tsx'
import type { ViewProps } from './view-props.ts'

/** The payouts that the processor reports, or one of them. */
export function OperatorPayouts({ id }: ViewProps): JSX.Element {
  return id === undefined ? <PayoutsView /> : <PayoutView id={id} key={id} />
}
