import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { MessageKey, Messages } from '../messages/en.ts'
import {
  type FieldProblems,
  PAY_FIELDS,
  type PayField,
  type PayForm,
  readPayForm,
  SECRET_FIELDS,
} from '../read-pay-form.ts'
import { plural, text } from '../text.ts'
import type { CheckoutView } from '../view.ts'
import { groupWhileTyping, slashWhileTyping } from './card-fields.tsx'
import { Icon } from './icons.tsx'
import { MandateTermsText } from './mandate-terms.tsx'
import { declineKey, Outcome } from './outcome.tsx'
import { PaymentForm } from './payment-form.tsx'
import { RemainingTime } from './remaining-time.tsx'
import { StrayMoneyText } from './stray-money-text.tsx'
import { Summary } from './summary.tsx'
import { TestPanelStrip } from './test-panel.tsx'
import { useCheckout } from './use-checkout.ts'
import { useFrame } from './use-frame.ts'
import { Waiting } from './waiting.tsx'

/** The properties from the server. */
export type PageProps = {
  readonly view: CheckoutView
  readonly messages: Messages
  /** The earlier input without secrets, or the merchant's data about the customer. */
  readonly form: PayForm
  readonly problems: FieldProblems
  /** True: the form started no attempt, because another tab has started one. */
  readonly isElsewhere: boolean
  /** True: the customer has chosen to return, so the page leaves at once. */
  readonly isLeaving: boolean
}

/** The whole checkout page. */
export function CheckoutPage(props: PageProps): JSX.Element {
  const { messages } = props
  const { isElsewhere, isOffline, notice, now, refresh, send, ...checkout } = useCheckout(
    props.view,
  )
  const { close, prefill } = useFrame(checkout.view)
  const [form, setForm] = useState<PayForm>(props.form)
  const [problems, setProblems] = useState<FieldProblems>(props.problems)
  const [isSubmitting, setSubmitting] = useState(false)
  const main = useRef<HTMLElement>(null)
  const isOther = isElsewhere || props.isElsewhere
  // The form stays visible while it is sent, even if the event stream already reports its arrival.
  const shownView = useRef(checkout.view)
  const isArriving = isSubmitting && checkout.view.state === 'pending' && !isOther
  if (!isArriving) shownView.current = checkout.view
  const view = { ...shownView.current, prefill: { ...prefill, ...shownView.current.prefill } }

  const without = (all: FieldProblems, name: PayField): FieldProblems => {
    const { [name]: _, ...rest } = all
    return rest
  }
  const set = (name: PayField, value: string) => {
    setForm((before) => ({ ...before, [name]: value }))
    setProblems((before) => without(before, name))
  }
  const onInput = (name: PayField, input: HTMLInputElement) => {
    if (name === 'card_number') set(name, groupWhileTyping(input))
    else if (name === 'card_expiry') set(name, slashWhileTyping(input, form.card_expiry ?? ''))
    else set(name, input.value)
  }
  const context = { ...view, nowMs: now() }
  const onLeave = (name: PayField) => {
    // An empty field that only had the focus shows no problem yet.
    if ((form[name] ?? '') === '') return
    const reading = readPayForm(form, context)
    const problem = 'problems' in reading ? reading.problems[name] : undefined
    setProblems((before) =>
      problem === undefined ? without(before, name) : { ...before, [name]: problem },
    )
  }
  const focusFirst = (all: FieldProblems) => {
    const first = PAY_FIELDS.find((name) => all[name] !== undefined)
    const field = first && main.current?.querySelector<HTMLElement>(`#${first}, [name=${first}]`)
    if (field) field.focus()
  }

  const onSubmit = async (event: Event) => {
    event.preventDefault()
    if (isSubmitting) return
    const reading = readPayForm(form, context)
    if ('problems' in reading) {
      setProblems(reading.problems)
      focusFirst(reading.problems)
      return
    }
    setSubmitting(true)
    const answer = await send('pay', new URLSearchParams({ ...form, number: String(view.number) }))
    if (answer?.problems !== undefined) {
      setProblems(answer.problems)
      focusFirst(answer.problems)
    }
    const { action } = answer?.view ?? {}
    if (action?.kind === 'redirect' && answer?.isElsewhere !== true) {
      // The page stays busy until the other page appears, so that nobody presses Pay again.
      location.assign(action.url)
      return
    }
    setSubmitting(false)
  }

  /** Sends a form that has only a button, without leaving the page. */
  const onQuickSubmit = async (event: Event) => {
    const quick = event.target as HTMLFormElement
    if (quick.dataset.quick === undefined) return
    event.preventDefault()
    await send(quick.dataset.quick, new URLSearchParams(new FormData(quick) as never))
  }

  const stateKey = `${view.state} ${view.number} ${view.action?.kind ?? ''}`
  const lastStateKey = useRef(stateKey)
  useEffect(() => {
    if (lastStateKey.current === stateKey) return
    lastStateKey.current = stateKey
    // Secret fields are emptied, so that nobody sends an old security code again.
    setForm((before) =>
      Object.fromEntries(
        Object.entries(before).filter(([name]) => !SECRET_FIELDS.includes(name as PayField)),
      ),
    )
    main.current?.querySelector<HTMLElement>('[tabindex="-1"]')?.focus()
  }, [stateKey])

  // The browser's Back button leads from a bank's page to this page in its old state.
  useEffect(() => {
    const onShow = ({ persisted }: PageTransitionEvent) => {
      if (!persisted) return
      setSubmitting(false)
      void refresh()
    }
    addEventListener('pageshow', onShow)
    return () => removeEventListener('pageshow', onShow)
  }, [])

  // Input from before the script's start is read, so that the next change does not reset it.
  useLayoutEffect(() => {
    const shownForm = main.current?.querySelector<HTMLFormElement>('form.pay')
    const inputs = shownForm ? [...new FormData(shownForm)] : []
    const entries = inputs.filter(([name, value]) => PAY_FIELDS.includes(name as PayField) && value)
    setForm((before) => ({ ...before, ...(Object.fromEntries(entries) as PayForm) }))
  }, [])
  // The embedding page's data about the customer arrives after the page is rendered.
  useEffect(() => {
    const { email, name, phone } = view.prefill
    setForm((before) => ({
      ...(name !== undefined && { card_name: name, ach_name: name }),
      ...(email !== undefined && { email }),
      ...(phone !== undefined && { phone }),
      ...before,
    }))
  }, [prefill])

  return (
    <div class={view.frame === undefined ? 'page' : 'page framed'} onSubmit={onQuickSubmit}>
      <Summary view={view} messages={messages} onClose={view.frame && close} />
      <Order view={view} messages={messages} />
      <main class="card" ref={main}>
        {['ready', 'action', 'pending'].includes(view.state) && (
          <MandateTermsText view={view} messages={messages} />
        )}
        {view.state === 'ready' && (
          <Ready
            view={view}
            messages={messages}
            now={now}
            onOver={refresh}
            form={
              <PaymentForm
                view={view}
                messages={messages}
                form={form}
                problems={problems}
                isSubmitting={isSubmitting}
                onInput={onInput}
                onChoose={set}
                onLeave={onLeave}
                onSubmit={onSubmit}
              />
            }
          />
        )}
        {(view.state === 'action' || view.state === 'pending') && (
          <Waiting
            view={view}
            messages={messages}
            isElsewhere={isOther}
            now={now}
            key={view.attempt?.id ?? ''}
          />
        )}
        {!['ready', 'action', 'pending'].includes(view.state) && (
          <Outcome
            view={view}
            messages={messages}
            isElsewhere={isOther}
            isLeaving={props.isLeaving}
          />
        )}
        {/* This notice is the last element, and always visible by its style, because Pay is at the end of the page. */}
        {isOffline && (
          <p class="notice offline" role="alert">
            {text(messages, 'connectionLost')}
          </p>
        )}
        {notice !== undefined && (
          <p class="notice offline" role="alert">
            {text(messages, `${notice}Text`)}
          </p>
        )}
      </main>
      <TestPanelStrip
        view={view}
        onFill={(fill) => {
          setForm((before) => ({ ...before, ...fill }))
          setProblems({})
        }}
      />
    </div>
  )
}

/** Null: the session has no description, no line items and no invoice number. */
function Order({
  messages,
  view: { description, invoiceNumber, items },
}: {
  readonly view: CheckoutView
  readonly messages: Messages
}): JSX.Element | null {
  if (description === undefined && invoiceNumber === undefined && items.length === 0) return null
  return (
    <section class="order" aria-label={text(messages, 'order')}>
      {description !== undefined && (
        <p class="description">
          <bdi>{description}</bdi>
        </p>
      )}
      {items.length > 0 && (
        <ul>
          {items.map(({ amount, name }, index) => (
            <li key={index}>
              <bdi>{name}</bdi>
              {amount !== undefined && <bdi>{amount}</bdi>}
            </li>
          ))}
        </ul>
      )}
      {invoiceNumber !== undefined && (
        <p class="soft">{text(messages, 'invoice', { number: invoiceNumber })}</p>
      )}
    </section>
  )
}

function Ready({
  form,
  messages,
  now,
  onOver,
  view,
}: {
  readonly view: CheckoutView
  readonly messages: Messages
  readonly form: JSX.Element
  readonly now: () => number
  readonly onOver: () => void
}): JSX.Element {
  const { expiresAtMs, lastFailure, locale, merchant } = view
  return (
    <div>
      {lastFailure !== undefined && (
        <DeclineNotice view={view} messages={messages} code={lastFailure} />
      )}
      {form}
      {/* In the widget the customer closes the frame, and the session stays open. */}
      {view.frame === undefined && (
        <form method="post" action={`${view.path}/cancel?lang=${view.language}`}>
          <button type="submit" class="link">
            {text(messages, cancelKey(view), { merchant })}
          </button>
        </form>
      )}
      <RemainingTime
        expiresAtMs={expiresAtMs}
        locale={locale}
        messages={messages}
        now={now}
        onOver={onOver}
      />
    </div>
  )
}

function cancelKey({ linkPath, returnUrl }: CheckoutView): MessageKey {
  if (linkPath !== undefined) return 'linkCancel'
  return returnUrl === undefined ? 'cancel' : 'cancelAndReturn'
}

function DeclineNotice({
  code,
  messages,
  view,
}: {
  readonly view: CheckoutView
  readonly messages: Messages
  readonly code: NonNullable<CheckoutView['lastFailure']>
}): JSX.Element {
  return (
    <div class="notice declined" role="alert">
      <div class="heading">
        <Icon name="alert" />
        <h2 tabIndex={-1}>{text(messages, 'declinedTitle')}</h2>
      </div>
      <p>{text(messages, declineKey(view, code))}</p>
      {code !== 'refunded_late' && <StrayMoneyText view={view} messages={messages} />}
      <p>{plural(messages, 'triesLeft', view.language, { count: view.remainingTries })}</p>
      <p class="code">{text(messages, 'supportCode', { code })}</p>
    </div>
  )
}
