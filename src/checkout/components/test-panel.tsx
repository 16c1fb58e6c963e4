import type { JSX } from 'preact'
import type { PayForm } from '../read-pay-form.ts'
import type { CheckoutView } from '../view.ts'

/** Acts on an open attempt or on the session, as a form, so that it works without script too. */
function Act({
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

/**
 * The strip of a sandbox: test instruments to fill in, and the actions of customers, banks and time. It is for
 * developers, so only in English.
 */
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
        <summary>Sandbox: test instruments</summary>
        {state === 'ready' && (
          <ul class="needs-script">
            {panel.instruments
              .filter(({ method }) => methods.includes(method))
              .map(({ fill, label, outcome }) => (
                <li key={label}>
                  <button type="button" onClick={() => onFill(fill)}>
                    {label}
                    <small>{outcome}</small>
                  </button>
                </li>
              ))}
          </ul>
        )}
        <div class="acts">
          {isWaiting && [
            action?.kind === 'bank_transfer'
              ? [
                  <Act view={view} what="approve" label="Pay exactly" key="exact" />,
                  <Act view={view} what="transfer_short" label="Pay short" key="short" />,
                  <Act view={view} what="transfer_over" label="Pay over" key="over" />,
                  <Act view={view} what="transfer_late" label="Pay late" key="late" />,
                ]
              : [
                  <Act view={view} what="approve" label="Approve" key="approve" />,
                  <Act view={view} what="refuse" label="Decline" key="refuse" />,
                ],
          ]}
          {state === 'ready' && <Act view={view} what="expire_now" label="Expire now" />}
        </div>
      </details>
    </aside>
  )
}
