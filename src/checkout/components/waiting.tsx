import { Fragment, h, type JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { CustomerAction } from '../../domain/payment-attempt.ts'
import type { Messages } from '../messages/en.ts'
import { text } from '../text.ts'
import type { CheckoutView } from '../view.ts'
import { Icon } from './icons.tsx'

type Props = {
  readonly view: CheckoutView
  readonly messages: Messages
  /** It was begun in another tab. */
  readonly isElsewhere: boolean
}

/** What is shown while an attempt is open: what the customer has to do, or that others decide. */
export function Waiting({ isElsewhere, messages, view }: Props): JSX.Element {
  const { action } = view
  if (isElsewhere || action === undefined) {
    return h(
      'section',
      { class: 'state' },
      h(Heading, {
        icon: 'clock',
        title: text(messages, isElsewhere ? 'elsewhereTitle' : 'pendingTitle'),
      }),
      h('p', { role: 'status' }, text(messages, isElsewhere ? 'elsewhereText' : 'pendingText')),
      h(Leave, { view, messages }),
    )
  }
  return h(
    'section',
    { class: 'state' },
    h(Action, { action, view, messages }),
    view.canChange && h(Change, { view, messages }),
  )
}

function Action({
  action,
  messages,
  view,
}: Omit<Props, 'isElsewhere'> & { readonly action: CustomerAction }): JSX.Element {
  const { amount } = view
  switch (action.kind) {
    case 'redirect': {
      const words = action.to === 'wallet' ? 'wallet' : 'issuer'
      return h(
        Fragment,
        null,
        h(Heading, { icon: 'lock', title: text(messages, `${words}Title`) }),
        h('p', null, text(messages, `${words}Text`)),
        h('a', { class: 'primary', href: action.url }, text(messages, `${words}Continue`)),
      )
    }
    case 'upi_approve': {
      const instrument = view.attempt?.instrument
      const upiId = instrument?.type === 'upi' ? (instrument.upiId ?? '') : ''
      return h(
        Fragment,
        null,
        h(Heading, { icon: 'phone', title: text(messages, 'upiWaitingTitle') }),
        h('p', null, text(messages, 'upiCollectText', { amount, upiId })),
        h(Busy, { label: text(messages, 'waiting') }),
      )
    }
    case 'upi_link':
      return h(UpiLink, { uri: action.uri, view, messages })

    case 'bank_transfer':
      return h(
        Fragment,
        null,
        h(Heading, { icon: 'bank_transfer', title: text(messages, 'transferTitle', { amount }) }),
        h('p', null, text(messages, 'transferText')),
        h(
          'dl',
          { class: 'facts' },
          h(Fact, { name: text(messages, 'transferBeneficiary'), value: action.beneficiary }),
          h(Fact, {
            name: text(messages, 'transferAccount'),
            value: action.accountNumber,
            copies: action.accountNumber,
            messages,
          }),
          h(Fact, {
            name: text(messages, 'transferIfsc'),
            value: action.ifsc,
            copies: action.ifsc,
            messages,
          }),
          h(Fact, {
            name: text(messages, 'transferAmount'),
            value: amount,
            copies: view.plainAmount,
            messages,
          }),
        ),
        h(Busy, { label: text(messages, 'transferWaiting') }),
      )
  }
}

/**
 * The schemes by which UPI apps are opened. Every app takes the standard link; a scheme of its own
 * opens the one the customer means. Source: the apps' integration pages (seen 2026-11-22).
 */
const UPI_APPS = [
  ['Google Pay', 'tez://upi/pay'],
  ['PhonePe', 'phonepe://pay'],
  ['Paytm', 'paytmmp://pay'],
] as const

function UpiLink({
  messages,
  uri,
  view,
}: Omit<Props, 'isElsewhere'> & { readonly uri: string }): JSX.Element {
  const { amount, attempt, path } = view
  const isQr = attempt?.instrument.type === 'upi' && attempt.instrument.channel === 'qr'
  if (isQr) {
    return h(
      Fragment,
      null,
      h(Heading, { title: text(messages, 'upiQrTitle', { amount }) }),
      h('p', null, text(messages, 'upiQrText')),
      h('img', {
        class: 'qr',
        src: `${path}/qr.svg?attempt=${attempt.id}`,
        width: 220,
        height: 220,
        alt: text(messages, 'upiQrAlt', { amount }),
      }),
      h(Busy, { label: text(messages, 'waiting') }),
    )
  }
  return h(
    Fragment,
    null,
    h(Heading, { icon: 'phone', title: text(messages, 'upiAppTitle', { amount }) }),
    h('p', null, text(messages, 'upiAppText')),
    h(
      'ul',
      { class: 'apps' },
      UPI_APPS.map(([name, scheme]) =>
        h(
          'li',
          { key: name },
          h('a', { class: 'quiet', href: uri.replace('upi://pay', scheme) }, name),
        ),
      ),
      h('li', null, h('a', { class: 'quiet', href: uri }, text(messages, 'upiAnyApp'))),
    ),
    h(Busy, { label: text(messages, 'waiting') }),
  )
}

function Heading({
  icon,
  title,
}: {
  readonly icon?: Parameters<typeof Icon>[0]['name']
  readonly title: string
}): JSX.Element {
  return h(
    'div',
    { class: 'heading' },
    icon && h(Icon, { name: icon }),
    // Can take the focus, so that a screen reader begins here when the page has changed.
    h('h2', { tabIndex: -1 }, title),
  )
}

function Busy({ label }: { readonly label: string }): JSX.Element {
  return h(
    'p',
    { class: 'busy', role: 'status' },
    h('span', { class: 'spinner', 'aria-hidden': 'true' }),
    label,
  )
}

/** A line of a list of facts, with a button that copies it where script allows. */
export function Fact({
  copies,
  messages,
  name,
  value,
}: {
  readonly name: string
  readonly value: string
  readonly copies?: string
  readonly messages?: Messages
}): JSX.Element {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    // Refused where the page is not secure; the text can be selected by hand.
    await navigator.clipboard?.writeText(copies ?? '').then(
      () => setCopied(true),
      () => {},
    )
  }
  return h(
    'div',
    null,
    h('dt', null, name),
    h(
      'dd',
      null,
      h('bdi', null, value),
      copies !== undefined &&
        messages !== undefined && [
          h(
            'button',
            {
              type: 'button',
              class: 'copy needs-script',
              onClick: copy,
              'aria-label': text(messages, 'copyWhat', { what: name }),
              key: 'copy',
            },
            text(messages, isCopied ? 'copied' : 'copy'),
          ),
          h(
            'span',
            { class: 'hidden', role: 'status', key: 'said' },
            isCopied && text(messages, 'copied'),
          ),
        ],
    ),
  )
}

function Change({ messages, view }: Omit<Props, 'isElsewhere'>): JSX.Element {
  return h(
    'form',
    { method: 'post', action: `${view.path}/change?lang=${view.language}`, 'data-quick': 'change' },
    h('button', { type: 'submit', class: 'quiet' }, text(messages, 'anotherWay')),
  )
}

/** The way out while nobody knows yet. */
function Leave({ messages, view }: Omit<Props, 'isElsewhere'>): JSX.Element | null {
  const { merchant, returnUrl } = view
  if (returnUrl === undefined) return h('p', { class: 'soft' }, text(messages, 'mayClose'))
  return h('a', { class: 'quiet', href: returnUrl }, text(messages, 'returnNow', { merchant }))
}
