/** The script of the page that saves a payment method. The page works without it, except in the widget. */
import { closeOnEscape, listenToParent, tellParent } from '../../browser/frame-messages.ts'

type Data = {
  readonly status: string
  /** The origins of the embedding pages, the nearest first. Empty: the page is not in the widget. */
  readonly origins: readonly string[]
  /** The value of the widget's promise, once a method is saved. */
  readonly saved?: unknown
}

/** The time until the page asks again about a save without a result. */
const RELOAD_MS = 2_000

const {
  origins,
  saved: savedValue,
  status,
} = JSON.parse(document.getElementById('save-method')?.textContent ?? '{}') as Data
const nearest = origins.slice(0, 1)
const close = () => tellParent(nearest, 'close')

document.documentElement.classList.add('scripted')
if (nearest.length > 0) {
  listenToParent(nearest, {})
  closeOnEscape(close)
  document.getElementById('close')?.addEventListener('click', close)
  addEventListener('pagehide', () => tellParent(nearest, 'widget_left'))
  tellParent(nearest, 'widget_booted', { shows: 'checkout' })
  if (savedValue !== undefined) tellParent(nearest, 'charge', savedValue)
  if (status === 'expired' || status === 'failed') {
    tellParent(nearest, 'charge:validationerror', {
      code: status === 'expired' ? 'session_expired' : 'paymentmethods_validation',
      message: `The payment method session is ${status}.`,
    })
  }
}
if (status === 'in_progress') {
  const link = document.getElementById('continue') as HTMLAnchorElement | null
  if (link !== null) location.assign(link.href)
  else setTimeout(() => location.reload(), RELOAD_MS)
}

// A form that is sent twice starts only one save. But the browser would show only the second answer, which can arrive
// before the result of the save.
document.querySelector('form')?.addEventListener('submit', (event) => {
  const button = (event.currentTarget as HTMLFormElement).querySelector('button')
  if (button?.disabled === true) event.preventDefault()
  else setTimeout(() => button?.setAttribute('disabled', ''), 0)
})

function fillForm(fill: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(fill)) {
    for (const field of document.getElementsByName(name)) {
      if (!(field instanceof HTMLInputElement)) continue
      if (field.type === 'radio') field.checked = field.value === value
      else if (field.type !== 'hidden') field.value = value
    }
  }
}
for (const button of document.querySelectorAll<HTMLElement>('[data-fill]')) {
  button.addEventListener('click', () => fillForm(JSON.parse(button.dataset.fill ?? '{}')))
}
