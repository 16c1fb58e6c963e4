/**
 * The messages between the widget's frame and the outer page: `{action, payload}` in both directions.
 *
 * Source: the browser script of the real service (seen 2026-11-22). The fields have the names of this script:
 * `payments_session_id` is the session's id, `zApiKey` the API key.
 */

/** The real service's message for the two errors of its frame (seen 2026-11-28). */
const GLITCH =
  'Something went wrong and it looks like a temporary glitch. Please try again in some time.'

/** An error for the merchant's page. */
export type FrameFailure = { readonly code: string; readonly message: string }

/** Sends a message to the embedding page. Pages of other origins do not receive the message. */
export function tellParent(
  origins: readonly string[],
  action: string,
  ...payload: readonly [] | readonly [unknown]
): void {
  // If the browser reports the embedding origins, one message is enough. The browser then logs no errors for other
  // origins.
  const around = (location as { ancestorOrigins?: DOMStringList }).ancestorOrigins?.[0]
  for (const origin of origins) {
    if (around !== undefined && around !== origin) continue
    parent.postMessage({ action, ...(payload.length > 0 && { payload: payload[0] }) }, origin)
  }
}

/** `origin`: the sender of the message, one of the given origins. */
type FrameAct = (payload: unknown, origin: string) => void

/**
 * Listens only to the embedding page. Returns a function that stops listening. Requests that this frame cannot serve
 * get an answer at once, so that no caller waits.
 */
export function listenToParent(
  origins: readonly string[],
  acts: Readonly<Record<string, FrameAct>>,
): () => void {
  const actions = new Map<unknown, FrameAct>(
    Object.entries({
      needs_sca: () =>
        tellParent(origins, 'sca_failure', {
          code: 'widget_validation_error',
          message: GLITCH,
        }),
      get_financial_connections_accounts: () =>
        tellParent(origins, 'send_financial_connections_accounts', []),
      ...acts,
    }),
  )
  const onMessage = ({ data, origin, source }: MessageEvent<unknown>) => {
    if (source !== parent || !origins.includes(origin)) return
    const { action, payload } = (data ?? {}) as { action?: unknown; payload?: unknown }
    actions.get(action)?.(payload, origin)
  }
  addEventListener('message', onMessage)
  return () => removeEventListener('message', onMessage)
}

/** Lets the Escape key close the frame. Returns a function that stops listening. */
export function closeOnEscape(close: () => void): () => void {
  const onKey = (event: KeyboardEvent) => {
    // During input composition the key belongs to the input method.
    if (event.key === 'Escape' && !event.isComposing && !event.defaultPrevented) close()
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}

/** Returns a field of a payload as text, without blanks around it. Empty: it is neither a text nor a number. */
export function payloadText(payload: unknown, name: string): string {
  const value = ((payload ?? {}) as Record<string, unknown>)[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
}

const UNREACHABLE: FrameFailure = {
  code: 'widget_failed_to_load',
  message: GLITCH,
}
const PREFILL_FIELDS = ['name', 'email', 'phone'] as const

/**
 * Opens the page of the session that an `open` message names, in place of this document: a payment session or a payment
 * method session. Returns the reason of a failure; undefined: the page is loading. `origins`: the embedding pages, the
 * nearest first.
 */
export async function openSession(
  accountId: string,
  origins: readonly string[],
  payload: unknown,
): Promise<FrameFailure | undefined> {
  const address = (payload as { address?: unknown } | null)?.address
  const prefill = new URLSearchParams()
  for (const name of PREFILL_FIELDS) {
    const value = payloadText(address, name)
    if (value !== '') prefill.set(name, value)
  }
  const { basePath = '' } = document.documentElement.dataset
  try {
    const response = await fetch(`${basePath}/charge/${accountId}/open`, {
      method: 'POST',
      body: new URLSearchParams({
        payments_session_id: payloadText(payload, 'payments_session_id'),
        api_key: payloadText(payload, 'zApiKey') || payloadText(payload, 'api_key'),
        origin: origins.join(','),
        browser: browserText(),
        ...methodFields(payload),
      }),
    })
    const answer = (await response.json()) as FrameFailure | { readonly path: string }
    if (!('path' in answer)) return { code: answer.code, message: answer.message }
    // The customer's data is in the fragment, which servers and logs never receive.
    location.replace(prefill.size === 0 ? answer.path : `${answer.path}#${prefill}`)
    return undefined
  } catch {
    return UNREACHABLE
  }
}

function methodFields(payload: unknown): Readonly<Record<string, string>> {
  const id = payloadText(payload, 'payment_method_session_id')
  if (id === '') return {}
  return {
    payment_method_session_id: id,
    customer_id: payloadText(payload, 'customer_id'),
    payment_method: payloadText(payload, 'payment_method'),
  }
}

const BROWSER_KEY = 'browser'

/**
 * Returns the random text by which the server recognizes this browser in this merchant's pages. If the browser cannot
 * store it, each page has a new text.
 */
function browserText(): string {
  const fresh = crypto.getRandomValues(new Uint32Array(4)).join('-')
  try {
    localStorage[BROWSER_KEY] ??= fresh
    return localStorage[BROWSER_KEY]
  } catch {
    return fresh
  }
}

/** Reads the fragment that `openSession` added, and removes it from the page's address. */
export function takePrefill(): Partial<Record<(typeof PREFILL_FIELDS)[number], string>> {
  const fragment = new URLSearchParams(location.hash.slice(1))
  if (fragment.size > 0) history.replaceState(null, '', location.pathname + location.search)
  return Object.fromEntries(
    PREFILL_FIELDS.flatMap((name) => {
      const value = fragment.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
}
