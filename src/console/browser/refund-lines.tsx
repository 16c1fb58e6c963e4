import type { JSX } from 'preact'
import type { SessionStory } from '../../api/payment-sessions/story-schemas.ts'
import { Status } from './parts.tsx'
import { showAmount } from './show.ts'
import { text } from './text.ts'

/** The refunds of a session or of a payment link. Nothing if there are none. */
export function RefundLines({
  currency,
  refunds,
}: {
  readonly refunds: readonly Pick<
    SessionStory['refunds'][number],
    'amount' | 'refund_id' | 'status'
  >[]
  readonly currency: Parameters<typeof showAmount>[0]['currency']
}): JSX.Element {
  return (
    <>
      {refunds.length > 0 && <h3>{text('Refunds')}</h3>}
      <ul class="lines">
        {refunds.map((refund) => (
          <li key={refund.refund_id}>
            <span class="mono id">{refund.refund_id}</span>
            <span>{showAmount({ amount: refund.amount, currency })}</span>
            <Status value={refund.status} />
          </li>
        ))}
      </ul>
    </>
  )
}
