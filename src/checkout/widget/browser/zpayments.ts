/**
 * The script that a merchant's page loads. It defines `ZPayments`, whose options, methods, messages
 * and errors are those of the real service's script (seen 2026-11-22), and shows the checkout in a
 * frame. It sets no style by attribute and runs no text as code, so that a strict policy of the
 * merchant's page lets it work.
 */

type Failure = { readonly code: string; readonly message: string }

/** What a page gives the constructor. */
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

/** How long each of the frame's pages may take, in milliseconds. */
const LOAD_MS_MAX = 15_000
/** How long after a page has come it must have spoken; else it is not one of ours, in milliseconds. */
const SPEAK_MS_MAX = 1_000
/** How long the frame may show nothing of ours before there is another way out, in milliseconds. */
const SILENCE_MS_MAX = 3_000
/** The highest there is, for nothing of the merchant's page may cover the checkout. */
const Z_INDEX = 2_147_483_647

// A script that is loaded as a module does not know itself.
const script = (document.currentScript ??
  document.querySelector('script[src*="/zpay-js/"]')) as HTMLScriptElement | null
const scriptOrigin = script === null ? '' : new URL(script.src).origin
/** The part of the script's address in front of its own path: a server can lie below a path. */
const scriptPathAt = script === null ? -1 : script.src.lastIndexOf('/zpay/zpay-js/')
const scriptBase = scriptPathAt === -1 ? scriptOrigin : (script?.src.slice(0, scriptPathAt) ?? '')

/** Where the real service's script lies, which has no pages beside it. */
const REAL_SCRIPT_ORIGIN = 'https://static.zohocdn.com'

/**
 * Gives where the frame's pages are: beside the script; with the real service's, at the edition's
 * host. The IN edition alone has a sandbox of its own.
 */
function baseOf({ domain, edition, otherOptions }: WidgetOptions): string {
  if (scriptOrigin !== REAL_SCRIPT_ORIGIN) return scriptBase
  const name = String(edition ?? domain ?? '').toUpperCase()
  if (name !== 'IN') {
    // biome-ignore lint/suspicious/noConsole: where the real script says it, to who writes the page.
    if (name !== 'US') console.error(`ZPayments: there is no edition "${name}", US is taken.`)
    return 'https://payments.zoho.com'
  }
  const isTest = otherOptions?.is_test_mode === true
  return `https://${isTest ? 'paymentssandbox' : 'payments'}.zoho.in`
}

const failure = (code: string, message: string): Failure => ({ code, message })
/**
 * The messages of the real service's script (seen 2026-11-28), by error code: applications show or
 * compare them. The cause of a failure goes to the browser's console.
 */
const GLITCH =
  'Something went wrong and it looks like a temporary glitch. Please try again in some time.'
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
const CLOSED = failureOf('widget_closed')

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

function createWidget(given: WidgetOptions) {
  const other = given.otherOptions ?? {}
  const base = baseOf(given)
  const frameOrigin = base === '' ? '' : new URL(base).origin
  const accountId = String(given.accountId ?? given.account_id ?? '').trim()
  const apiKey = String(other.zApiKey ?? other.api_key ?? '').trim()

  const wrapper = make('div', 'zpay-wrapper', `position:fixed;z-index:${Z_INDEX}`)
  // A modal dialog: the page behind can be neither reached by keyboard nor read out meanwhile, and
  // the focus goes back to where it was.
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
  const middle = 'position:absolute;left:50%;top:50%;'
  const spinner = make(
    'div',
    'zpay-spinner',
    `${middle}width:40px;height:40px;margin:-20px;box-sizing:border-box;border:4px solid #fff;border-right-color:transparent;border-radius:50%`,
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

  let frame: HTMLIFrameElement | undefined
  /** What the frame shows: nothing that has spoken yet, the page that waits, the checkout. */
  let stage: 'loading' | 'booted' | 'shown' | 'failed' = 'loading'
  let pending: Pending | undefined
  let loadTimer: ReturnType<typeof setTimeout>
  let silenceTimer: ReturnType<typeof setTimeout>
  let overflows: (() => void)[] = []

  function load(): void {
    if (!wrapper.isConnected) {
      unload()
      document.body.prepend(wrapper)
    }
    if (frame !== undefined) return
    const around = given.frameorigin
    const host = encodeURIComponent(location.origin)
    const origins = around ? `${encodeURIComponent(`${around},`)}${host}` : host
    const created = make(
      'iframe',
      '',
      // A card in the middle; the whole screen where that is not much larger.
      `${middle}transform:translate(-50%,-50%);width:min(100%,472px);height:min(100%,max(760px,(600px - 100vw)*999));border:0;border-radius:clamp(0px,(100vw - 600px)*999,10px);visibility:hidden`,
    )
    created.title = 'Checkout'
    created.allow = 'clipboard-write'
    created.src = `${base}/charge/${encodeURIComponent(accountId)}?frameorigin=${origins}&host=${host}`
    created.onload = () => {
      setTimeout(() => {
        if (frame === created && stage === 'loading') stage = 'failed'
      }, SPEAK_MS_MAX)
    }
    stage = 'loading'
    frame = created
    dialog.append(created)
    // Last in the page, so that it lies over the frame.
    dialog.append(closeButton)
  }

  const tell = (action: string, payload?: unknown) =>
    frame?.contentWindow?.postMessage({ action, payload }, frameOrigin)

  function unload(): void {
    frame?.remove()
    frame = undefined
  }

  /** Ends what is open, if anything is. The frame goes with it: the next payment begins anew. */
  function end(settle?: (was: Pending) => void): void {
    const was = pending
    pending = undefined
    clearTimeout(loadTimer)
    clearTimeout(silenceTimer)
    for (const restore of overflows) restore()
    overflows = []
    if (was !== undefined) {
      tell('close')
      unload()
      settle?.(was)
    }
    dialog.close()
  }
  const fail = (why: Failure) => end(({ reject }) => reject(why))
  const failedToLoad = () =>
    fail(
      failureOf(
        'widget_failed_to_load',
        `The payment page did not load. Check that account ${accountId} exists and lets pages of ${location.origin} show it.`,
      ),
    )
  const close = () => fail(CLOSED)

  function waitForPage(): void {
    clearTimeout(loadTimer)
    loadTimer = setTimeout(failedToLoad, LOAD_MS_MAX)
  }

  /** The pages of banks know no way back, nor does a browser's own page about an error. */
  function offerWayOut(): void {
    clearTimeout(silenceTimer)
    silenceTimer = setTimeout(() => {
      closeButton.hidden = false
    }, SILENCE_MS_MAX)
  }

  function open(): void {
    if (pending === undefined) return
    if (stage === 'failed') unload()
    load()
    for (const { style } of [document.documentElement, document.body]) {
      const before = style.overflow
      overflows.push(() => {
        style.overflow = before
      })
      style.overflow = 'hidden'
    }
    spinner.hidden = false
    closeButton.hidden = true
    dialog.showModal()
    offerWayOut()
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
      spinner.animate({ transform: ['none', 'rotate(1turn)'] }, { duration: 900, iterations: 1e4 })
    }
    waitForPage()
    if (stage === 'booted') tell('open', pending.options)
  }

  function onBooted(shows: unknown): void {
    if (shows !== 'checkout') {
      stage = 'booted'
      if (pending === undefined) return
      waitForPage()
      tell('open', pending.options)
      return
    }
    stage = 'shown'
    clearTimeout(loadTimer)
    clearTimeout(silenceTimer)
    closeButton.hidden = true
    spinner.hidden = true
    if (frame === undefined) return
    frame.style.visibility = 'visible'
    frame.focus()
  }

  function onMessage({ data, origin, source }: MessageEvent<unknown>): void {
    if (frame === undefined || origin !== frameOrigin) return
    const { action, payload } = (data ?? {}) as { action?: unknown; payload?: unknown }
    if (source !== frame.contentWindow) {
      // A page says this as it goes, so that it may be gone already when it is heard. Who says it in
      // its place gains nothing.
      if (source === null && action === 'widget_left' && pending !== undefined) offerWayOut()
      return
    }
    const why = (payload ?? {}) as Partial<Failure & { shows: unknown }>
    switch (action) {
      case 'widget_booted':
        onBooted(why.shows)
        break
      case 'widget_left':
        if (pending !== undefined) offerWayOut()
        break
      case 'widget_boot_failed':
        failedToLoad()
        break
      case 'charge':
        end(({ resolve }) => resolve(payload))
        break
      case 'charge:validationerror':
      case 'charge:threedserror':
        fail(failure(why.code ?? 'widget_validation_error', why.message ?? GLITCH))
        break
      case 'close':
        close()
    }
  }

  const whenReady = (act: () => void) => {
    if (document.body === null) addEventListener('DOMContentLoaded', act, { once: true })
    else act()
  }

  closeButton.onclick = close
  // By the Escape key, while the focus is not in the frame.
  dialog.onclose = () => {
    if (!dialog.open) close()
  }
  addEventListener('message', onMessage)
  const canLoad = accountId !== '' && base !== ''
  if (canLoad && given._checkout !== false) whenReady(load)

  return {
    /**
     * Opens the checkout of a session. Resolves with the payment; rejects with `{code, message}`.
     * Asked for again while the same session is open, it gives the same promise.
     */
    requestPaymentMethod: (asked?: Readonly<Record<string, unknown>>): Promise<unknown> => {
      if (accountId === '' || apiKey === '') {
        return refuse(
          'inadequate_params_to_load_widget',
          'Give ZPayments account_id and otherOptions.api_key.',
        )()
      }
      if (base === '' || location.origin === 'null') {
        return refuse(
          'widget_failed_to_load',
          'Load zpayments.js by a script element, in a page that a web server sends.',
        )()
      }
      if (pending && pending.options.payments_session_id === asked?.payments_session_id) {
        return pending.promise
      }
      close()
      const { promise, reject, resolve } = withResolvers()
      pending = {
        promise,
        resolve,
        reject,
        options: {
          ...sendable(asked),
          address: sendable(asked?.address),
          zApiKey: apiKey,
          environment: String(other.__environment ?? ''),
        },
      }
      whenReady(open)
      return promise
    },
    close: (): void => close(),
    /** Takes everything out of the page that was put there. The widget can still be used again. */
    destroy: (): void => {
      close()
      unload()
      wrapper.remove()
    },
    getSessionId: (): Promise<string> => Promise.resolve(''),
    collectBankAccounts: refuse(
      'ach_widget_validation_error',
      'Bank accounts cannot be collected here. Pay by ACH debit on the checkout.',
    ),
    verifyPaymentMethod: refuse(
      'widget_validation_error',
      'There are no saved payment methods to verify here.',
    ),
    onboarding: subWidget('onboarding'),
    settings: { ...subWidget('settings'), route: notSupported('settings') },
  }
}

/** Leaves out what no message can carry, and whatever nobody asks for. */
function sendable(given: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given ?? {}).filter(([, value]) => /string|number/.test(typeof value)),
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

const notSupported = (what: string) => () =>
  Promise.reject(failure('not_supported', `There are no pages for ${what} in this service.`))

/** What the real service's own pages are opened by: here are none, and none ever says anything. */
function subWidget(what: string) {
  const refused = notSupported(what)
  return {
    open: refused,
    openInTab: refused,
    openInSameTab: refused,
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
