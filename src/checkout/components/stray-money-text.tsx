import type { JSX } from 'preact'
import type { Messages } from '../messages/en.ts'
import type { StrayMoney } from '../stray-money.ts'
import { text } from '../text.ts'

/** Says that money returns to the customer. Null: no money returns. */
export function StrayMoneyText({
  messages,
  view: { merchant, strayMoney },
}: {
  readonly messages: Messages
  readonly view: { readonly merchant: string; readonly strayMoney?: StrayMoney }
}): JSX.Element | null {
  if (strayMoney === undefined) return null
  const { isStuck, paymentId: id } = strayMoney
  return <p>{text(messages, isStuck ? 'moneyStuck' : 'moneyReturns', { merchant, id })}</p>
}
