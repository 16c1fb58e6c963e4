import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { CustomerAction } from '../../domain/payment-attempt.ts'
import type { Messages } from '../messages/en.ts'
import { text } from '../text.ts'
import type { CheckoutView } from '../view.ts'
import { Fact } from './facts.tsx'
import { Heading } from './heading.tsx'
import { Initials } from './marks.tsx'
import { RemainingTime, type TimeSentence } from './remaining-time.tsx'
import { UPI_APPS } from './upi-apps.ts'

type Props = {
  readonly view: CheckoutView
  readonly messages: Messages
  /** True: the attempt was started in another tab. */
  readonly isElsewhere: boolean
  /** The server's time, in milliseconds. */
  readonly now: () => number
}

/** Shows an open attempt. */
export function Waiting(props: Props): JSX.Element {
  const { isElsewhere, messages, now, view } = props
  const { action, attempt } = view
  // Money that the processor takes after the deadline is refunded, so the page no longer asks the customer to pay.
  const [isLate, setLate] = useState(attempt !== undefined && attempt.deadlineAtMs <= now())
  const time = attempt && (
    <RemainingTime
      expiresAtMs={attempt.deadlineAtMs}
      locale={view.locale}
      messages={messages}
      now={now}
      onOver={() => setLate(true)}
      sentence={sentenceFor(props)}
      key={attempt.id}
    />
  )
  if (isLate) {
    return (
      <section class="state">
        <Heading icon="clock" title={text(messages, 'lateTitle')} />
        <p role="status">{text(messages, 'lateText')}</p>
        {view.canChange && <Change view={view} messages={messages} />}
        <Leave view={view} messages={messages} />
      </section>
    )
  }
  if (isElsewhere || action === undefined) {
    return (
      <section class="state">
        <Heading
          icon="clock"
          title={text(messages, isElsewhere ? 'elsewhereTitle' : 'pendingTitle')}
        />
        <p role="status">{text(messages, isElsewhere ? 'elsewhereText' : 'pendingText')}</p>
        {time}
        <Leave view={view} messages={messages} />
      </section>
    )
  }
  return (
    <section class="state">
      <Action action={action} view={view} messages={messages} />
      {time}
      {view.canChange && <Change view={view} messages={messages} />}
    </section>
  )
}

function sentenceFor({ isElsewhere, view: { action, attempt } }: Props): TimeSentence {
  if (action === undefined || isElsewhere) return 'bankTimeLeft'
  const isQr = attempt?.instrument.type === 'upi' && attempt.instrument.channel === 'qr'
  return isQr && action.kind === 'upi_link' ? 'qrTimeLeft' : 'timeLeft'
}

type PartProps = Pick<Props, 'messages' | 'view'>

function Action({
  action,
  messages,
  view,
}: PartProps & { readonly action: CustomerAction }): JSX.Element {
  const { amount } = view
  switch (action.kind) {
    case 'redirect': {
      const words = action.to === 'wallet' ? 'wallet' : 'issuer'
      return (
        <>
          <Heading icon="lock" title={text(messages, `${words}Title`)} />
          <p>{text(messages, `${words}Text`)}</p>
          <a class="primary" href={action.url}>
            {text(messages, `${words}Continue`)}
          </a>
        </>
      )
    }
    case 'upi_approve': {
      const instrument = view.attempt?.instrument
      // Pages that other people may see do not contain the UPI ID.
      const upiId = instrument?.type === 'upi' ? instrument.upiId : undefined
      return (
        <>
          <Heading icon="phone" title={text(messages, 'upiWaitingTitle')} />
          <p>
            {upiId === undefined
              ? text(messages, 'upiCollectSent', { amount })
              : text(messages, 'upiCollectText', { amount, upiId })}
          </p>
          <Busy label={text(messages, 'waiting')} />
        </>
      )
    }
    case 'upi_link':
      return <UpiLink uri={action.uri} view={view} messages={messages} />

    case 'bank_transfer':
      return (
        <>
          <Heading icon="bank_transfer" title={text(messages, 'transferTitle', { amount })} />
          <p>{text(messages, 'transferText')}</p>
          <dl class="facts">
            <Fact name={text(messages, 'transferBeneficiary')} value={action.beneficiary} />
            <Fact
              name={text(messages, 'transferAccount')}
              value={action.accountNumber}
              copies={action.accountNumber}
              messages={messages}
            />
            <Fact
              name={text(messages, 'transferIfsc')}
              value={action.ifsc}
              copies={action.ifsc}
              messages={messages}
            />
            <Fact
              name={text(messages, 'transferAmount')}
              value={amount}
              copies={view.plainAmount}
              messages={messages}
            />
          </dl>
          <Busy label={text(messages, 'transferWaiting')} />
        </>
      )
  }
}

function UpiLink({ messages, uri, view }: PartProps & { readonly uri: string }): JSX.Element {
  const { amount, attempt, path } = view
  const isQr = attempt?.instrument.type === 'upi' && attempt.instrument.channel === 'qr'
  if (isQr) {
    return (
      <>
        <Heading title={text(messages, 'upiQrTitle', { amount })} />
        <p>{text(messages, 'upiQrText')}</p>
        <img
          class="qr"
          src={`${path}/qr.svg?attempt=${attempt.id}`}
          width={220}
          height={220}
          alt={text(messages, 'upiQrAlt', { amount })}
        />
        <Busy label={text(messages, 'waiting')} />
      </>
    )
  }
  return (
    <>
      <Heading icon="phone" title={text(messages, 'upiAppTitle', { amount })} />
      <p>{text(messages, 'upiAppText')}</p>
      <ul class="apps">
        {UPI_APPS.map(({ name, scheme }) => (
          <li key={name}>
            <a class="quiet" href={uri.replace('upi://pay', scheme)}>
              <Initials name={name} />
              {name}
            </a>
          </li>
        ))}
        <li>
          <a class="quiet" href={uri}>
            {text(messages, 'upiAnyApp')}
          </a>
        </li>
      </ul>
      <Busy label={text(messages, 'waiting')} />
    </>
  )
}

function Busy({ label }: { readonly label: string }): JSX.Element {
  return (
    <p class="busy" role="status">
      <span class="spinner" aria-hidden="true" />
      {label}
    </p>
  )
}

function Change({ messages, view }: PartProps): JSX.Element {
  return (
    <form method="post" action={`${view.path}/change?lang=${view.language}`} data-quick="change">
      <button type="submit" class="quiet">
        {text(messages, 'anotherWay')}
      </button>
    </form>
  )
}

/** The customer's options while the outcome is unknown. */
function Leave({ messages, view }: PartProps): JSX.Element | null {
  const { merchant, returnUrl } = view
  if (returnUrl === undefined) return <p class="soft">{text(messages, 'mayClose')}</p>
  return (
    <a class="quiet" href={returnUrl}>
      {text(messages, 'returnNow', { merchant })}
    </a>
  )
}
