import type { JSX } from 'preact'
import type { Messages } from '../messages/en.ts'
import { text } from '../text.ts'
import { Icon } from './icons.tsx'

type SummaryView = {
  readonly merchant: string
  /** The amount to show: `₹1,499.90`. */
  readonly amount: string
  readonly isTest: boolean
  /** Undefined: the account has no logo. */
  readonly logoPath?: string
}

/** Shows the merchant and the amount. On a phone it stays in sight. */
export function Summary({
  messages,
  onClose,
  view,
}: {
  readonly view: SummaryView
  readonly messages: Messages
  /** Set in the widget: lets the customer go back to the embedding page without ending the session. */
  readonly onClose?: (() => void) | undefined
}): JSX.Element {
  const { amount, isTest, logoPath, merchant } = view
  return (
    <header class="summary">
      <div class="merchant">
        {logoPath === undefined ? (
          <span class="tile" aria-hidden="true">
            {[...merchant.trim()][0]?.toUpperCase()}
          </span>
        ) : (
          // The name beside it has the same meaning.
          <img class="logo" src={logoPath} alt="" />
        )}
        <p>{merchant}</p>
        {onClose && (
          <button
            type="button"
            class="close needs-script"
            onClick={onClose}
            aria-label={text(messages, 'close')}
          >
            <Icon name="cross" />
          </button>
        )}
      </div>
      <h1 class="amount">
        <bdi>{amount}</bdi>
      </h1>
      {isTest && <p class="tag">{text(messages, 'testMode')}</p>}
    </header>
  )
}
