import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { MessageKey, Messages } from '../messages/en.ts'
import type { PaymentLinkView } from '../payment-link/view.ts'
import { text } from '../text.ts'
import { Fact, TimeFact } from './facts.tsx'
import { Heading } from './heading.tsx'
import { StrayMoneyText } from './stray-money-text.tsx'
import { Summary } from './summary.tsx'
import { usePaymentLink } from './use-payment-link.ts'

/** The properties from the server. */
export type PaymentLinkPageProps = {
  readonly view: PaymentLinkView
  readonly messages: Messages
}

type PartProps = PaymentLinkPageProps

/** The whole page of a payment link. */
export function PaymentLinkPage(props: PaymentLinkPageProps): JSX.Element {
  const { messages } = props
  const [isOpening, setOpening] = useState(false)
  const { isOffline, view } = usePaymentLink(props.view, () => setOpening(false))
  const main = useRef<HTMLElement>(null)
  const shownState = useRef(view.state)
  useEffect(() => {
    if (shownState.current === view.state) return
    shownState.current = view.state
    setOpening(false)
    main.current?.querySelector<HTMLElement>('[tabindex="-1"]')?.focus()
  }, [view.state])

  return (
    <div class="page link-page">
      <Summary view={view} messages={messages} />
      <main class="card" ref={main}>
        <State
          view={view}
          messages={messages}
          isOpening={isOpening}
          onOpen={(event) => {
            // A second click would only wait for the same page.
            if (isOpening) event.preventDefault()
            setOpening(true)
          }}
        />
        {isOffline && (
          <p class="notice offline" role="alert">
            {text(messages, 'linkOffline')}
          </p>
        )}
      </main>
    </div>
  )
}

function State({
  isOpening,
  messages,
  onOpen,
  view,
}: PartProps & {
  readonly isOpening: boolean
  readonly onOpen: (event: Event) => void
}): JSX.Element {
  switch (view.state) {
    case 'active':
      return (
        <section class="state">
          <Heading title={text(messages, 'linkTitle')} />
          <StrayMoneyText view={view} messages={messages} />
          <Facts view={view} messages={messages}>
            <Fact name={text(messages, 'linkValidUntil')} value={view.lastDay} />
          </Facts>
          <form method="post" action={`${view.path}?lang=${view.language}`} onSubmit={onOpen}>
            <button type="submit" class="primary" aria-busy={isOpening}>
              {isOpening && <span class="spinner" aria-hidden="true" />}
              {text(messages, isOpening ? 'linkOpening' : 'pay', { amount: view.amount })}
            </button>
          </form>
          <p class="soft next">{text(messages, 'linkNext')}</p>
        </section>
      )
    case 'processing':
      return (
        <section class="state open">
          <Heading icon="clock" title={text(messages, 'linkProcessingTitle')} />
          <p>{text(messages, 'linkProcessingText')}</p>
          <Facts view={view} messages={messages} />
        </section>
      )
    case 'paid':
      return (
        <section class="state good">
          <Heading icon="check" title={text(messages, 'linkPaidTitle')} />
          <p>{text(messages, 'linkPaidText')}</p>
          <StrayMoneyText view={view} messages={messages} />
          <Facts view={view} messages={messages}>
            {view.payment && (
              <>
                <TimeFact
                  name={text(messages, 'linkPaidOn')}
                  atMs={view.payment.atMs}
                  locale={view.locale}
                />
                <Fact
                  name={text(messages, 'receiptId')}
                  value={view.payment.paymentId}
                  copies={view.payment.paymentId}
                  messages={messages}
                />
              </>
            )}
          </Facts>
        </section>
      )
    case 'expired':
      return <ClosedLink view={view} messages={messages} title="linkExpiredTitle" icon="clock" />
    case 'canceled':
      return <ClosedLink view={view} messages={messages} title="linkCanceledTitle" icon="cross" />
  }
}

function ClosedLink({
  icon,
  messages,
  title,
  view,
}: PartProps & {
  readonly icon: 'clock' | 'cross'
  readonly title: MessageKey
}): JSX.Element {
  return (
    <section class="state bad">
      <Heading icon={icon} title={text(messages, title)} />
      {view.strayMoney === undefined ? (
        <p>{text(messages, 'notCharged')}</p>
      ) : (
        <StrayMoneyText view={view} messages={messages} />
      )}
      <p>{text(messages, 'linkAsk', { merchant: view.merchant })}</p>
      <Facts view={view} messages={messages} />
    </section>
  )
}

function Facts({
  children,
  messages,
  view: { description, reference },
}: PartProps & { readonly children?: ComponentChildren }): JSX.Element {
  return (
    <dl class="facts">
      <Fact name={text(messages, 'linkFor')} value={description} />
      {reference !== undefined && <Fact name={text(messages, 'linkReference')} value={reference} />}
      {children}
    </dl>
  )
}
