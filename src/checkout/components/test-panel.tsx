import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PaymentMethodType } from '../../domain/payment-method.ts'
import type { PayForm } from '../read-pay-form.ts'
import type { CheckoutView, TestPanel } from '../view.ts'
import { Icon } from './icons.tsx'

/**
 * A button that acts on an open attempt or on the session. It is a form, so it also works without
 * JavaScript.
 */
function ActionButton({
  label,
  view,
  what,
}: {
  readonly view: CheckoutView
  readonly what: string
  readonly label: string
}): JSX.Element {
  return (
    <form method="post" action={`${view.path}/sandbox?lang=${view.language}`} data-quick="sandbox">
      <input type="hidden" name="act" value={what} />
      <button type="submit">{label}</button>
    </form>
  )
}

/** The sandbox's strip. It is for developers, so it is only in English. */
export function TestPanelStrip({
  onFill,
  view,
}: {
  readonly view: CheckoutView
  readonly onFill: (fill: PayForm) => void
}): JSX.Element | null {
  const { action, methods, panel, state } = view
  const isWaiting = state === 'action' || state === 'pending'
  // A session that has ended needs no actions.
  if (panel === undefined || !(isWaiting || state === 'ready')) return null
  return (
    <aside class="panel" lang="en" dir="ltr" aria-label="Sandbox panel">
      <details open={isWaiting}>
        <summary>
          {isWaiting ? 'Sandbox: decide the payment' : 'Sandbox: test instruments'}
          <Icon name="down" />
        </summary>
        {state === 'ready' && <Instruments panel={panel} methods={methods} onFill={onFill} />}
        <div class="acts">
          {isWaiting && [
            action?.kind === 'bank_transfer'
              ? [
                  <ActionButton view={view} what="approve" label="Pay exactly" key="exact" />,
                  <ActionButton view={view} what="transfer_short" label="Pay short" key="short" />,
                  <ActionButton view={view} what="transfer_over" label="Pay over" key="over" />,
                  <ActionButton view={view} what="transfer_late" label="Pay late" key="late" />,
                ]
              : [
                  <ActionButton view={view} what="approve" label="Approve" key="approve" />,
                  <ActionButton view={view} what="refuse" label="Decline" key="refuse" />,
                ],
          ]}
          {state === 'ready' && <ActionButton view={view} what="expire_now" label="Expire now" />}
        </div>
      </details>
    </aside>
  )
}

/** Written here, because a page in another language has no English messages. */
const GROUPS: Readonly<Record<PaymentMethodType, string>> = {
  card: 'Card',
  upi: 'UPI',
  netbanking: 'Net banking',
  wallet: 'Wallet',
  bank_transfer: 'Bank transfer',
  ach_debit: 'US bank account',
}

function Instruments({
  methods,
  onFill,
  panel,
}: {
  readonly panel: TestPanel
  readonly methods: readonly PaymentMethodType[]
  readonly onFill: (fill: PayForm) => void
}): JSX.Element {
  const [searchText, setSearchText] = useState('')
  const words = searchText.trim().toLowerCase()
  const matches = panel.instruments.filter(
    ({ label, method, outcome }) =>
      methods.includes(method) &&
      `${GROUPS[method]} ${label} ${outcome}`.toLowerCase().includes(words),
  )
  return (
    <div class="needs-script">
      <input
        type="search"
        aria-label="Search for an instrument or an outcome"
        placeholder="Search: declined, Visa, pending…"
        autocomplete="off"
        value={searchText}
        onInput={(event: Event) => setSearchText((event.currentTarget as HTMLInputElement).value)}
      />
      {methods
        .filter((method) => matches.some((one) => one.method === method))
        .map((method) => (
          <section key={method}>
            <h3>{GROUPS[method]}</h3>
            <ul>
              {matches
                .filter((one) => one.method === method)
                .map(({ fill, label, outcome }) => (
                  <li key={label}>
                    <button type="button" onClick={() => onFill(fill)}>
                      {label}
                      <small>{outcome}</small>
                    </button>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      {matches.length === 0 && <p role="status">No matching instruments.</p>}
    </div>
  )
}
