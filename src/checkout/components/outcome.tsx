import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { CARD_BRAND_NAMES } from '../../domain/card-brand.ts'
import type { InstrumentFacts } from '../../domain/instrument.ts'
import type { MessageKey, Messages } from '../messages/en.ts'
import { RETURN_AFTER_SECONDS } from '../return-delay.ts'
import { plural, text } from '../text.ts'
import type { CheckoutView } from '../view.ts'
import { Fact, TimeFact } from './facts.tsx'
import { Icon } from './icons.tsx'
import { StrayMoneyText } from './stray-money-text.tsx'

type Props = {
  readonly view: CheckoutView
  readonly messages: Messages
  /** True: the session ended in another tab. */
  readonly isElsewhere: boolean
  /** True: the customer has chosen to return, so the page leaves at once. */
  readonly isLeaving: boolean
}

/**
 * For a session that has expired or was canceled: the heading, the sentence, and the sentence for a payment link.
 */
const ENDS: Readonly<Record<string, readonly [MessageKey, MessageKey, MessageKey]>> = {
  expired: ['expiredTitle', 'expiredText', 'linkAgainText'],
  canceled: ['canceledTitle', 'canceledText', 'linkAgainText'],
}
const FAILURE_TEXTS = ['failedTitle', 'failedText', 'linkFailedText'] as const

/** The end of a session. */
export function Outcome({ isElsewhere, isLeaving, messages, view }: Props): JSX.Element {
  if (view.state === 'succeeded')
    return (
      <Receipt view={view} messages={messages} isElsewhere={isElsewhere} isLeaving={isLeaving} />
    )

  const [title, shopSentence, linkSentence] = ENDS[view.state] ?? FAILURE_TEXTS
  const { lastFailure, linkPath, merchant } = view
  const sentence = linkPath === undefined ? shopSentence : linkSentence
  const isLast = view.state === 'failed' && lastFailure !== undefined
  const reason = isLast ? declineKey(view, lastFailure) : 'notCharged'
  return (
    <section class="state bad">
      <div class="heading">
        <Icon name={view.state === 'expired' ? 'clock' : 'cross'} />
        <h2 tabIndex={-1}>{text(messages, title)}</h2>
      </div>
      {view.strayMoney === undefined ? (
        <p>{text(messages, reason)}</p>
      ) : (
        <StrayMoneyText view={view} messages={messages} />
      )}
      <p>{text(messages, sentence, { merchant })}</p>
      {lastFailure !== undefined && (
        <p class="code">{text(messages, 'supportCode', { code: lastFailure })}</p>
      )}
      <Return view={view} messages={messages} isLeaving={isLeaving} />
    </section>
  )
}

/**
 * Returns the key of the sentence for a failure. A customer who cancels a transfer may already have sent the money.
 */
export function declineKey(
  { attempt }: CheckoutView,
  code: NonNullable<CheckoutView['lastFailure']>,
): MessageKey {
  if (code === 'refunded_late') return 'refundedLate'
  const isTransfer = attempt?.instrument.type === 'bank_transfer'
  return isTransfer && code === 'canceled_by_customer' ? 'canceledTransfer' : `decline_${code}`
}

function Receipt({ isElsewhere, isLeaving, messages, view }: Props): JSX.Element {
  const { amount, attempt, merchant } = view
  return (
    <section class="state good">
      <div class="heading">
        <Icon name="check" />
        <h2 tabIndex={-1}>
          {text(messages, isElsewhere ? 'paidElsewhereTitle' : 'succeededTitle')}
        </h2>
      </div>
      {isElsewhere && <p>{text(messages, 'paidElsewhereText')}</p>}
      <StrayMoneyText view={view} messages={messages} />
      <dl class="facts">
        <Fact name={text(messages, 'receiptAmount')} value={amount} />
        <Fact name={text(messages, 'receiptTo')} value={merchant} />
        {attempt !== undefined && (
          <>
            <TimeFact
              name={text(messages, 'receiptWhen')}
              atMs={attempt.atMs}
              locale={view.locale}
            />
            <Fact
              name={text(messages, 'receiptMethod')}
              value={methodInWords(attempt.instrument, messages)}
            />
            <Fact
              name={text(messages, 'receiptId')}
              value={attempt.id}
              copies={attempt.id}
              messages={messages}
            />
          </>
        )}
      </dl>
      <button type="button" class="link needs-script" onClick={() => window.print()}>
        {text(messages, 'print')}
      </button>
      <Return view={view} messages={messages} isLeaving={isLeaving} />
    </section>
  )
}

function methodInWords(instrument: InstrumentFacts, messages: Messages): string {
  switch (instrument.type) {
    case 'card':
      return text(messages, 'cardEnding', {
        brand: CARD_BRAND_NAMES[instrument.brand] ?? text(messages, 'methodCard'),
        digits: instrument.lastFourDigits,
      })
    case 'upi':
      return instrument.upiId === undefined ? 'UPI' : `UPI · ${instrument.upiId}`
    case 'netbanking':
      return instrument.bankName
    case 'wallet':
      return instrument.walletName
    case 'bank_transfer':
      return text(messages, 'methodBankTransfer')
    case 'ach_debit':
      return text(messages, 'bankEnding', { digits: instrument.lastFourDigits })
    // A terminal has no page.
    case 'terminal':
      return ''
  }
}

/**
 * Sends the customer to the shop or to the payment link after a delay, or at once by the button. The customer can also
 * choose to stay.
 */
function Return({ isLeaving, messages, view }: Omit<Props, 'isElsewhere'>): JSX.Element {
  const { linkPath, merchant, returnUrl, state } = view
  const isToLink = linkPath !== undefined && returnUrl === linkPath
  const startSeconds = isLeaving
    ? 0
    : RETURN_AFTER_SECONDS[state === 'succeeded' ? 'succeeded' : 'other']
  const [remainingSeconds, setRemainingSeconds] = useState<number>(startSeconds)
  const [isStopped, setStopped] = useState(false)

  useEffect(() => {
    if (returnUrl === undefined || isStopped) return undefined
    if (remainingSeconds === 0) {
      // Replaces the history entry, so that the Back button leads to the shop and not to a page that redirects again.
      location.replace(returnUrl)
      return undefined
    }
    const timer = setTimeout(() => setRemainingSeconds(remainingSeconds - 1), 1000)
    return () => clearTimeout(timer)
  }, [returnUrl, remainingSeconds, isStopped])

  if (returnUrl === undefined) return <p class="soft">{text(messages, 'mayClose')}</p>
  return (
    <div class="return">
      <a class="primary" href={returnUrl}>
        {text(messages, isToLink ? 'linkReturnNow' : 'returnNow', { merchant })}
      </a>
      {!isStopped && (
        <p class="soft">
          {plural(messages, isToLink ? 'linkReturning' : 'returning', view.language, {
            count: remainingSeconds,
            merchant,
          })}{' '}
          <button type="button" class="link needs-script" onClick={() => setStopped(true)}>
            {text(messages, 'stayHere')}
          </button>
        </p>
      )}
    </div>
  )
}
