import type { JSX } from 'preact'
import type { Messages } from '../messages/en.ts'
import { text } from '../text.ts'
import type { CheckoutView } from '../view.ts'

/** Shows the terms of the mandate that the customer approves. Null: the session enrolls none. */
export function MandateTermsText({
  messages,
  view: { amount, mandate, merchant },
}: {
  readonly view: CheckoutView
  readonly messages: Messages
}): JSX.Element | null {
  if (mandate === undefined) return null
  const { debitDay, from, until } = mandate
  const period = text(messages, `mandatePeriod_${mandate.frequency}`)
  const rule = mandate.amountRule === 'fixed' ? 'mandateExactly' : 'mandateUpTo'
  return (
    <section class="mandate">
      <h2>{text(messages, 'mandateTitle', { merchant })}</h2>
      <p class="description">
        <bdi>{mandate.description}</bdi>
      </p>
      <ul>
        <li>
          {text(messages, mandate.isFirstDebit ? 'mandateNowFirst' : 'mandateNow', { amount })}
        </li>
        <li>{text(messages, rule, { amount: mandate.amount, period })}</li>
        {debitDay !== undefined && (
          <li>
            {text(
              messages,
              `${debitDay.isWeekday ? 'mandateWeekday' : 'mandateDay'}_${debitDay.rule}`,
              { day: debitDay.text },
            )}
          </li>
        )}
        <li>
          {until === undefined
            ? text(messages, 'mandateUntilCanceled', { from })
            : text(messages, 'mandateUntil', { from, until })}
        </li>
      </ul>
    </section>
  )
}
