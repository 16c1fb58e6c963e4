/** The demo shop's script: opens the widget, and shows its result. */

type Payment = {
  readonly payment_id: string
  readonly payment_session_id: string
  readonly signature?: string
}
type Widget = {
  readonly requestPaymentMethod: (options: object) => Promise<Payment>
  readonly close: () => unknown
}
type WidgetClass = new (settings: {
  readonly account_id: string
  readonly domain: 'IN'
  readonly otherOptions: { readonly api_key: string; readonly is_test_mode: true }
}) => Widget

const cart = document.querySelector<HTMLFormElement>('#cart')
const button = document.querySelector<HTMLButtonElement>('#widget')
const outcome = document.querySelector<HTMLElement>('#outcome')
let widget: Widget | undefined
let isBusy = false
const { basePath = '' } = document.documentElement.dataset

// From here on the styles show elements that need JavaScript.
document.documentElement.classList.add('scripted')

button?.addEventListener('click', async () => {
  if (isBusy) return
  isBusy = true
  tell('Opening the widget…')
  try {
    const payment = await payInWidget()
    tell(`Paid. The payment is ${payment.payment_id}.`, 'good', checkUrl(payment))
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message?: string }
    if (code === 'widget_closed')
      tell('You closed the widget before it reported a payment. (widget_closed)')
    else tell(`${message ?? 'The widget failed.'}${code === undefined ? '' : ` (${code})`}`, 'bad')
  } finally {
    isBusy = false
    await widget?.close()
  }
})

async function payInWidget(): Promise<Payment> {
  const { ZPayments } = window as unknown as { readonly ZPayments?: WidgetClass }
  if (ZPayments === undefined) throw new Error('The widget’s script could not be loaded.')
  const response = await fetch(`${basePath}/demo/session`, {
    method: 'POST',
    body: new URLSearchParams(new FormData(cart as HTMLFormElement) as unknown as string[][]),
  })
  const { account_id, api_key, ...session } = await response.json()
  if (!response.ok) throw session
  widget ??= new ZPayments({
    account_id,
    domain: 'IN',
    otherOptions: { api_key, is_test_mode: true },
  })
  return widget.requestPaymentMethod(session)
}

/** Returns the URL on which the shop's server verifies the widget's result. */
function checkUrl({ payment_id, payment_session_id, signature = '' }: Payment): string {
  return `${basePath}/demo/done?${new URLSearchParams({ payment_id, payment_session_id, signature })}`
}

function tell(text: string, kind = 'open', href?: string): void {
  const line = document.createElement('p')
  line.className = `notice ${kind}`
  line.append(text)
  if (href !== undefined) {
    const link = document.createElement('a')
    link.href = href
    link.textContent = 'Check it on the shop’s server'
    line.append(' ', link)
  }
  outcome?.replaceChildren(line)
}

for (const copy of document.querySelectorAll<HTMLButtonElement>('.copy')) {
  // Browsers allow the clipboard only on secure origins.
  if (navigator.clipboard === undefined) copy.remove()
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(copy.parentElement?.querySelector('pre')?.textContent ?? '')
    copy.textContent = 'Copied'
  })
}

export {}
