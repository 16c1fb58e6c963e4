/**
 * The script that a merchant's page loads. It defines `ZPayments`, whose options, methods, messages
 * and errors are those of the real service's script (seen 2026-11-22), and shows the checkout in a
 * frame. It works under a strict Content-Security-Policy of the merchant's page: it sets no style
 * attributes in markup and evaluates no text as code.
 */

type Failure = { readonly code: string; readonly message: string }

type WidgetOptions = {
  readonly account_id?: string | number
  readonly accountId?: string | number
  readonly domain?: string
  readonly edition?: string
  /** The origins of pages around this one, separated by commas. */
  readonly frameorigin?: string
  /** False: the frame is loaded only when it is needed. */
  readonly _checkout?: boolean
  readonly otherOptions?: Readonly<Record<string, unknown>>
}

type Pending = {
  readonly options: Readonly<Record<string, unknown>>
  readonly promise: Promise<unknown>
  readonly resolve: (payment: unknown) => void
  readonly reject: (failure: Failure) => void
}

/** The longest wait for the next page of ours in the frame. */
const LOAD_MS_MAX = 15_000
/**
 * The time after a load within which one of our pages sends its first message. A browser also reports the load of its
 * own error page: for an unknown account, or for an origin that the account does not list.
 */
const SPEAK_MS_MAX = 1_000
/** If the frame shows none of our pages for this time, the close button appears. */
const SILENCE_MS_MAX = 3_000
/** The maximum, so that nothing of the merchant's page covers the checkout. */
const Z_INDEX = 2_147_483_647

// Module scripts have no currentScript.
const script = (document.currentScript ??
  document.querySelector('script[src*="/zpay-js/"]')) as HTMLScriptElement | null
const scriptOrigin = script === null ? '' : new URL(script.src).origin
/** The length of the server's address, with the base path, in the script's URL. */
const scriptPathAt = script === null ? -1 : script.src.lastIndexOf('/zpay/zpay-js/')
const scriptBase = scriptPathAt === -1 ? scriptOrigin : (script?.src.slice(0, scriptPathAt) ?? '')

/** The origin of the real service's script. It serves no pages. */
const REAL_SCRIPT_ORIGIN = 'https://static.zohocdn.com'

/**
 * Returns the address of the frame's pages: the script's server, or, if the script is the real service's, the edition's
 * host. Only the IN edition has a separate sandbox.
 */
function baseOf({ domain, edition, otherOptions }: WidgetOptions): string {
  if (scriptOrigin !== REAL_SCRIPT_ORIGIN) return scriptBase
  const name = String(edition ?? domain ?? '').toUpperCase()
  if (name !== 'IN') {
    // biome-ignore lint/suspicious/noConsole: as in the real script, for the developer of the page.
    if (name !== 'US') console.error(`ZPayments: there is no edition "${name}", so US is used.`)
    return 'https://payments.zoho.com'
  }
  const isTest = otherOptions?.is_test_mode === true
  return `https://${isTest ? 'paymentssandbox' : 'payments'}.zoho.in`
}

const failure = (code: string, message: string): Failure => ({ code, message })
const GLITCH =
  'Something went wrong and it looks like a temporary glitch. Please try again in some time.'
/**
 * The messages of the real service's script (seen 2026-11-28), by error code: applications show or
 * compare them. The cause of a failure goes to the browser's console.
 */
const MESSAGES = {
  widget_closed: 'Checkout widget closed by user',
  inadequate_params_to_load_widget: 'Required params to load the widget are not found!',
  widget_failed_to_load: GLITCH,
  widget_validation_error: GLITCH,
  ach_widget_validation_error:
    'Payment could not be processed as the session was terminated. You can try initiating the payment again.',
} as const

/** Makes a failure of the real script, and explains it to the developer of the page. */
function failureOf(code: keyof typeof MESSAGES, cause?: string): Failure {
  // biome-ignore lint/suspicious/noConsole: the developer of the merchant's page reads it.
  if (cause !== undefined) console.warn(`ZPayments: ${cause}`)
  return failure(code, MESSAGES[code])
}
const refuse = (code: keyof typeof MESSAGES, cause: string) => () =>
  Promise.reject(failureOf(code, cause))
const CLOSED_FAILURE = failureOf('widget_closed')

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  id: string,
  style: string,
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  if (id !== '') element.id = id
  element.style.cssText = style
  return element
}

const MIDDLE = 'position:absolute;left:50%;top:50%;'

function makeElements() {
  const wrapper = make('div', 'zpay-wrapper', `position:fixed;z-index:${Z_INDEX}`)
  // A modal dialog: keyboard and screen reader cannot reach the page behind it, and at the end the focus returns to
  // its former element.
  const dialog = make(
    'dialog',
    '',
    `position:fixed;inset:0;width:100%;height:100%;max-width:none;max-height:none;margin:0;padding:0;border:0;background:none;overflow:hidden;z-index:${Z_INDEX}`,
  )
  dialog.setAttribute('aria-label', 'Checkout')
  const backdrop = make(
    'div',
    'zpay-backdrop',
    'position:absolute;inset:0;background:rgba(16,20,26,.6)',
  )
  const spinner = make(
    'div',
    'zpay-spinner',
    `${MIDDLE}width:40px;height:40px;margin:-20px;box-sizing:border-box;border:4px solid #fff;border-right-color:transparent;border-radius:50%`,
  )
  spinner.setAttribute('role', 'status')
  spinner.setAttribute('aria-label', 'Loading')
  const closeButton = make(
    'button',
    '',
    'position:absolute;top:8px;right:8px;width:44px;height:44px;padding:0;border:0;border-radius:50%;background:#fff;color:#1a212c;font:24px/1 sans-serif;cursor:pointer',
  )
  closeButton.type = 'button'
  closeButton.textContent = '×'
  closeButton.setAttribute('aria-label', 'Close')
  dialog.append(backdrop, spinner, closeButton)
  wrapper.append(dialog)
  return { wrapper, dialog, spinner, closeButton }
}

type FrameSettings = {
  /** The server's address with its base path. Empty: unknown. */
  readonly base: string
  readonly accountId: string
  /** The origins around the merchant's page, separated by commas. */
  readonly outerOrigins: string | undefined
}

/** The dialog with the checkout's frame, and the payment that is open in it. */
class CheckoutFrame {
  pending: Pending | undefined
  readonly settings: FrameSettings
  readonly origin: string
  readonly elements = makeElements()
  frame: HTMLIFrameElement | undefined
  /** The content of the frame: no page of ours yet, the waiting page, the checkout, or no page of ours in time. */
  stage: 'loading' | 'booted' | 'shown' | 'failed' = 'loading'
  loadTimer: ReturnType<typeof setTimeout> | undefined
  silenceTimer: ReturnType<typeof setTimeout> | undefined
  overflows: (() => void)[] = []

  constructor(settings: FrameSettings) {
    this.settings = settings
    this.origin = settings.base === '' ? '' : new URL(settings.base).origin
    const { closeButton, dialog } = this.elements
    closeButton.onclick = () => this.close()
    // The Escape key closes the dialog while the focus is outside the frame.
    dialog.onclose = () => {
      if (!dialog.open) this.close()
    }
    addEventListener('message', (event) => this.onMessage(event))
  }

  load(): void {
    const { closeButton, dialog, wrapper } = this.elements
    const { accountId, base, outerOrigins } = this.settings
    if (!wrapper.isConnected) {
      this.unload()
      document.body.prepend(wrapper)
    }
    if (this.frame !== undefined) return
    const host = encodeURIComponent(location.origin)
    const origins = outerOrigins ? `${encodeURIComponent(`${outerOrigins},`)}${host}` : host
    const frame = make(
      'iframe',
      '',
      // A card in the middle, or the whole screen if the screen is not much larger than the card.
      `${MIDDLE}transform:translate(-50%,-50%);width:min(100%,472px);height:min(100%,max(760px,(600px - 100vw)*999));border:0;border-radius:clamp(0px,(100vw - 600px)*999,10px);visibility:hidden`,
    )
    frame.title = 'Checkout'
    frame.allow = 'clipboard-write'
    frame.src = `${base}/charge/${encodeURIComponent(accountId)}?frameorigin=${origins}&host=${host}`
    frame.onload = () => {
      setTimeout(() => {
        if (this.frame === frame && this.stage === 'loading') this.failToLoad()
      }, SPEAK_MS_MAX)
    }
    this.stage = 'loading'
    this.frame = frame
    dialog.append(frame)
    // The last element lies above the frame.
    dialog.append(closeButton)
  }

  unload(): void {
    this.frame?.remove()
    this.frame = undefined
  }

  open(): void {
    if (this.pending === undefined) return
    const { closeButton, dialog, spinner } = this.elements
    if (this.stage === 'failed') this.unload()
    this.load()
    for (const { style } of [document.documentElement, document.body]) {
      const before = style.overflow
      this.overflows.push(() => {
        style.overflow = before
      })
      style.overflow = 'hidden'
    }
    spinner.hidden = false
    closeButton.hidden = true
    dialog.showModal()
    this.offerWayOut()
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
      spinner.animate({ transform: ['none', 'rotate(1turn)'] }, { duration: 900, iterations: 1e4 })
    }
    this.waitForPage()
    if (this.stage === 'booted') this.post('open', this.pending.options)
  }

  close(): void {
    this.fail(CLOSED_FAILURE)
  }

  fail(reason: Failure): void {
    this.end(({ reject }) => reject(reason))
  }

  /** Explains the failure even before a payment is open, so that the developer sees it early. */
  failToLoad(): void {
    const { accountId, base } = this.settings
    this.stage = 'failed'
    // biome-ignore lint/suspicious/noConsole: the developer of the merchant's page reads it.
    console.error(
      `ZPayments: the payment page did not load. Check that ${base} is reachable, that account ${accountId} exists there, and that it allows pages of ${location.origin} to show the widget.`,
    )
    this.fail(failureOf('widget_failed_to_load'))
  }

  /** Ends the open payment, if any, and removes its frame: the next payment gets a new one. */
  end(settle: (payment: Pending) => void): void {
    const { pending } = this
    this.pending = undefined
    clearTimeout(this.loadTimer)
    clearTimeout(this.silenceTimer)
    for (const restore of this.overflows) restore()
    this.overflows = []
    if (pending !== undefined) {
      this.post('close')
      this.unload()
      settle(pending)
    }
    this.elements.dialog.close()
  }

  post(action: string, payload?: unknown): void {
    this.frame?.contentWindow?.postMessage({ action, payload }, this.origin)
  }

  waitForPage(): void {
    clearTimeout(this.loadTimer)
    this.loadTimer = setTimeout(() => this.failToLoad(), LOAD_MS_MAX)
  }

  /** Shows the close button after a while: pages of banks and the browser's error pages have none. */
  offerWayOut(): void {
    clearTimeout(this.silenceTimer)
    this.silenceTimer = setTimeout(() => {
      this.elements.closeButton.hidden = false
    }, SILENCE_MS_MAX)
  }

  onBooted(shows: unknown): void {
    if (shows !== 'checkout') {
      this.stage = 'booted'
      if (this.pending === undefined) return
      this.waitForPage()
      this.post('open', this.pending.options)
      return
    }
    this.stage = 'shown'
    clearTimeout(this.loadTimer)
    clearTimeout(this.silenceTimer)
    this.elements.closeButton.hidden = true
    this.elements.spinner.hidden = true
    if (this.frame === undefined) return
    this.frame.style.visibility = 'visible'
    this.frame.focus()
  }

  onMessage({ data, origin, source }: MessageEvent<unknown>): void {
    if (this.frame === undefined || origin !== this.origin) return
    const { action, payload } = (data ?? {}) as { action?: unknown; payload?: unknown }
    if (source !== this.frame.contentWindow) {
      // A page sends this message while it unloads, so its window may no longer exist. A forged message only shows
      // the close button.
      if (source === null && action === 'widget_left' && this.pending !== undefined) {
        this.offerWayOut()
      }
      return
    }
    const reason = (payload ?? {}) as Partial<Failure & { shows: unknown }>
    switch (action) {
      case 'widget_booted':
        this.onBooted(reason.shows)
        break
      case 'widget_left':
        if (this.pending !== undefined) this.offerWayOut()
        break
      case 'widget_boot_failed':
        this.failToLoad()
        break
      case 'charge':
        this.end(({ resolve }) => resolve(payload))
        break
      case 'charge:validationerror':
      case 'charge:threedserror':
        this.fail(failure(reason.code ?? 'widget_validation_error', reason.message ?? GLITCH))
        break
      case 'close':
        this.close()
    }
  }
}

function whenReady(act: () => void): void {
  if (document.body === null) addEventListener('DOMContentLoaded', act, { once: true })
  else act()
}

function createWidget(options: WidgetOptions) {
  const other = options.otherOptions ?? {}
  const base = baseOf(options)
  const accountId = String(options.accountId ?? options.account_id ?? '').trim()
  const apiKey = String(other.zApiKey ?? other.api_key ?? '').trim()
  const checkout = new CheckoutFrame({ base, accountId, outerOrigins: options.frameorigin })
  if (accountId !== '' && base !== '' && options._checkout !== false) {
    whenReady(() => checkout.load())
  }

  return {
    /**
     * Opens the page of a payment session or of a payment method session. Resolves with the payment or with the saved
     * method; rejects with `{code, message}`. A repeated call while the same session is open returns the same promise.
     */
    requestPaymentMethod: (request?: Readonly<Record<string, unknown>>): Promise<unknown> => {
      if (accountId === '' || apiKey === '') {
        return refuse(
          'inadequate_params_to_load_widget',
          'Pass account_id and otherOptions.api_key to ZPayments.',
        )()
      }
      if (base === '' || location.origin === 'null') {
        return refuse(
          'widget_failed_to_load',
          'Load zpayments.js with a script element, in a page from a web server.',
        )()
      }
      const { pending } = checkout
      if (pending && sessionOf(pending.options) === sessionOf(request)) {
        return pending.promise
      }
      checkout.close()
      const { promise, reject, resolve } = withResolvers()
      checkout.pending = {
        promise,
        resolve,
        reject,
        options: {
          ...sendable(request),
          address: sendable(request?.address),
          zApiKey: apiKey,
          environment: String(other.__environment ?? ''),
        },
      }
      whenReady(() => checkout.open())
      return promise
    },
    close: (): void => checkout.close(),
    /** Removes all elements of the widget from the page. The widget can be used again. */
    destroy: (): void => {
      checkout.close()
      checkout.unload()
      checkout.elements.wrapper.remove()
    },
    getSessionId: (): Promise<string> => Promise.resolve(''),
    collectBankAccounts: refuse(
      'ach_widget_validation_error',
      'The widget cannot collect bank accounts. Customers can pay by ACH debit on the checkout page.',
    ),
    verifyPaymentMethod: refuse(
      'widget_validation_error',
      'The widget cannot verify saved payment methods.',
    ),
    onboarding: subWidget('onboarding'),
    settings: { ...subWidget('settings'), route: rejectorOf('settings') },
  }
}

function sessionOf(request: Readonly<Record<string, unknown>> | undefined): unknown {
  return request?.payment_method_session_id ?? request?.payments_session_id
}

/** Returns only texts and numbers, because a message cannot contain functions. */
function sendable(fields: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).filter(([, value]) => /string|number/.test(typeof value)),
  )
}

function withResolvers(): Pick<Pending, 'promise' | 'resolve' | 'reject'> {
  let resolve: Pending['resolve'] = () => {}
  let reject: Pending['reject'] = () => {}
  const promise = new Promise((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

const rejectorOf = (what: string) => () =>
  Promise.reject(failure('not_supported', `There are no pages for ${what} in this service.`))

/** Makes the methods of a page that only the real service has. Those that open it reject; the others do nothing. */
function subWidget(what: string) {
  const reject = rejectorOf(what)
  return {
    open: reject,
    openInTab: reject,
    openInSameTab: reject,
    on: (): void => {},
    close: (): void => {},
  }
}

Object.assign(window, {
  ZPayments: class {
    constructor(options?: WidgetOptions) {
      Object.assign(this, createWidget(options ?? {}))
    }
  },
})
