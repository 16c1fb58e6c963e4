import { Fragment, h, type JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { InstrumentFacts } from '../../domain/instrument.ts'
import type { MessageKey, Messages } from '../messages/en.ts'
import { plural, text } from '../text.ts'
import type { CheckoutView } from '../view.ts'
import { Icon } from './icons.tsx'
import { Fact } from './waiting.tsx'

type Props = {
  readonly view: CheckoutView
  readonly messages: Messages
  /** It came to this in another tab. */
  readonly isElsewhere: boolean
  /** The customer has asked to go back, and goes at once. */
  readonly isLeaving: boolean
}

/** How long the customer sees what has happened before being sent back, in seconds. */
export const RETURN_AFTER_SECONDS = { succeeded: 3, other: 6 } as const

const ENDS = {
  failed: ['failedTitle', 'failedText'],
  expired: ['expiredTitle', 'expiredText'],
  canceled: ['canceledTitle', 'canceledText'],
} as const satisfies Record<string, readonly [MessageKey, MessageKey]>

/** The end of a session: what happened, whether money was taken, what to do now. */
export function Outcome({ isElsewhere, isLeaving, messages, view }: Props): JSX.Element {
  if (view.state === 'succeeded') return h(Receipt, { view, messages, isElsewhere, isLeaving })

  const [title, sentence] = ENDS[view.state as keyof typeof ENDS]
  const { lastFailure, merchant } = view
  const isLast = view.state === 'failed' && lastFailure !== undefined
  const reason = isLast ? declineKey(view, lastFailure) : 'notCharged'
  return h(
    'section',
    { class: 'state bad' },
    h(
      'div',
      { class: 'heading' },
      h(Icon, { name: view.state === 'expired' ? 'clock' : 'cross' }),
      h('h2', { tabIndex: -1 }, text(messages, title)),
    ),
    view.strayMoney === undefined
      ? h('p', null, text(messages, reason))
      : h(StrayMoney, { view, messages }),
    h('p', null, text(messages, sentence, { merchant })),
    lastFailure !== undefined &&
      h('p', { class: 'code' }, text(messages, 'supportCode', { code: lastFailure })),
    h(Return, { view, messages, isLeaving }),
  )
}

/** The sentence for a failure. A transfer that was given up may be on its way all the same. */
export function declineKey(
  { attempt }: CheckoutView,
  code: NonNullable<CheckoutView['lastFailure']>,
): MessageKey {
  if (code === 'refunded_late') return 'refundedLate'
  const isTransfer = attempt?.instrument.type === 'bank_transfer'
  return isTransfer && code === 'canceled_by_customer' ? 'canceledTransfer' : `decline_${code}`
}

/** What becomes of money that was taken and does not count. */
export function StrayMoney({
  messages,
  view,
}: Pick<Props, 'messages' | 'view'>): JSX.Element | null {
  const { merchant, strayMoney } = view
  if (strayMoney === undefined) return null
  const { isStuck, paymentId: id } = strayMoney
  return h('p', null, text(messages, isStuck ? 'moneyStuck' : 'moneyReturns', { merchant, id }))
}

function Receipt({ isElsewhere, isLeaving, messages, view }: Props): JSX.Element {
  const { amount, attempt, merchant } = view
  return h(
    'section',
    { class: 'state good' },
    h(
      'div',
      { class: 'heading' },
      h(Icon, { name: 'check' }),
      h(
        'h2',
        { tabIndex: -1 },
        text(messages, isElsewhere ? 'paidElsewhereTitle' : 'succeededTitle'),
      ),
    ),
    isElsewhere && h('p', null, text(messages, 'paidElsewhereText')),
    h(StrayMoney, { view, messages }),
    h(
      'dl',
      { class: 'facts' },
      h(Fact, { name: text(messages, 'receiptAmount'), value: amount }),
      h(Fact, { name: text(messages, 'receiptTo'), value: merchant }),
      attempt !== undefined &&
        h(
          Fragment,
          null,
          h(When, { name: text(messages, 'receiptWhen'), view }),
          h(Fact, {
            name: text(messages, 'receiptMethod'),
            value: methodInWords(attempt.instrument, messages),
          }),
          h(Fact, {
            name: text(messages, 'receiptId'),
            value: attempt.id,
            copies: attempt.id,
            messages,
          }),
        ),
    ),
    h(
      'button',
      { type: 'button', class: 'link needs-script', onClick: () => window.print() },
      text(messages, 'print'),
    ),
    h(Return, { view, messages, isLeaving }),
  )
}

/** The server does not know where the customer is: it writes the merchant's time, the page the customer's. */
function When({ name, view }: { readonly name: string; readonly view: CheckoutView }): JSX.Element {
  const [timeZone, setTimeZone] = useState<string | undefined>('Asia/Kolkata')
  useEffect(() => setTimeZone(undefined), [])
  const value = new Intl.DateTimeFormat(view.locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone !== undefined && { timeZone }),
  }).format(view.attempt?.atMs)
  return h(Fact, { name, value })
}

const BRAND_NAMES: ReadonlyMap<string, string> = new Map([
  ['visa', 'Visa'],
  ['master_card', 'Mastercard'],
  ['rupay', 'RuPay'],
  ['american_express', 'American Express'],
  ['diners_club', 'Diners Club'],
  ['discover', 'Discover'],
  ['jcb', 'JCB'],
  ['unionpay', 'UnionPay'],
  ['maestro', 'Maestro'],
])

function methodInWords(instrument: InstrumentFacts, messages: Messages): string {
  switch (instrument.type) {
    case 'card':
      return text(messages, 'cardEnding', {
        brand: BRAND_NAMES.get(instrument.brand) ?? text(messages, 'methodCard'),
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
  }
}

/** Sends the customer back after a moment, which can be stopped, or at once by the link. */
function Return({ isLeaving, messages, view }: Omit<Props, 'isElsewhere'>): JSX.Element {
  const { merchant, returnUrl, state } = view
  const startSeconds = isLeaving
    ? 0
    : RETURN_AFTER_SECONDS[state === 'succeeded' ? 'succeeded' : 'other']
  const [secondsLeft, setSecondsLeft] = useState<number>(startSeconds)
  const [isStopped, setStopped] = useState(false)

  useEffect(() => {
    if (returnUrl === undefined || isStopped) return undefined
    if (secondsLeft === 0) {
      // Replaced, so that the way back leads to the shop and not to a page that leaves again.
      location.replace(returnUrl)
      return undefined
    }
    const timer = setTimeout(() => setSecondsLeft(secondsLeft - 1), 1000)
    return () => clearTimeout(timer)
  }, [returnUrl, secondsLeft, isStopped])

  if (returnUrl === undefined) return h('p', { class: 'soft' }, text(messages, 'mayClose'))
  return h(
    'div',
    { class: 'return' },
    h('a', { class: 'primary', href: returnUrl }, text(messages, 'returnNow', { merchant })),
    !isStopped &&
      h(
        'p',
        { class: 'soft' },
        plural(messages, 'returning', secondsLeft, view.language, { merchant }),
        ' ',
        h(
          'button',
          { type: 'button', class: 'link needs-script', onClick: () => setStopped(true) },
          text(messages, 'stayHere'),
        ),
      ),
  )
}
