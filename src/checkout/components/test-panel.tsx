import { h, type JSX } from 'preact'
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
  return h(
    'form',
    {
      method: 'post',
      action: `${view.path}/sandbox?lang=${view.language}`,
      'data-quick': 'sandbox',
    },
    h('input', { type: 'hidden', name: 'act', value: what }),
    h('button', { type: 'submit' }, label),
  )
}

/**
 * The strip of a sandbox: test instruments to click in, and what a customer, a bank or time would do.
 * For developers, and so in English alone.
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
  // Where a session has ended there is nothing to play.
  if (panel === undefined || !(isWaiting || state === 'ready')) return null
  return h(
    'aside',
    { class: 'panel', lang: 'en', dir: 'ltr', 'aria-label': 'Sandbox panel' },
    h(
      'details',
      { open: isWaiting },
      h('summary', null, 'Sandbox: test instruments'),
      state === 'ready' &&
        h(
          'ul',
          { class: 'needs-script' },
          panel.instruments
            .filter(({ method }) => methods.includes(method))
            .map(({ fill, label, outcome }) =>
              h(
                'li',
                { key: label },
                h(
                  'button',
                  { type: 'button', onClick: () => onFill(fill) },
                  label,
                  h('small', null, outcome),
                ),
              ),
            ),
        ),
      h(
        'div',
        { class: 'acts' },
        isWaiting && [
          action?.kind === 'bank_transfer'
            ? [
                h(Act, { view, what: 'approve', label: 'Pay exactly', key: 'exact' }),
                h(Act, { view, what: 'transfer_short', label: 'Pay short', key: 'short' }),
                h(Act, { view, what: 'transfer_over', label: 'Pay over', key: 'over' }),
                h(Act, { view, what: 'transfer_late', label: 'Pay late', key: 'late' }),
              ]
            : [
                h(Act, { view, what: 'approve', label: 'Approve', key: 'approve' }),
                h(Act, { view, what: 'refuse', label: 'Decline', key: 'refuse' }),
              ],
        ],
        state === 'ready' && h(Act, { view, what: 'expire_now', label: 'Expire now' }),
      ),
    ),
  )
}
