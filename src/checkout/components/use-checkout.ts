import { useEffect, useRef, useState } from 'preact/hooks'
import type { FieldProblems } from '../read-pay-form.ts'
import type { CheckoutView } from '../view.ts'

/** The interval of polling without an event stream. */
const POLL_MS = 1_500
/** The time without a first event after which the page polls. */
const FIRST_MESSAGE_MS = 4_000

type Answer = {
  readonly view: CheckoutView
  readonly problems?: FieldProblems
  /** True: nothing was sent to the processor, because another tab has sent a form. */
  readonly isElsewhere?: boolean
}

/** The server's answer to a form, if the browser has to leave the page. */
type Departure = { readonly leaveTo: string }

type Notice = { readonly notice: 'bad' | 'busy' | 'outage' | 'fault' | 'unknown' }

/** Milliseconds since the page was loaded, independent of the customer's clock. */
const elapsedMs = () => (typeof performance === 'undefined' ? 0 : performance.now())

/** Keeps the view up to date and sends the page's forms. */
export function useCheckout(first: CheckoutView) {
  const [view, setView] = useState(first)
  const [isOffline, showOffline] = useState(false)
  const [isElsewhere, setElsewhere] = useState(false)
  // The page's time when the view arrived.
  const receivedAt = useRef(elapsedMs())
  const current = useRef(view)
  const wasOffline = useRef(false)
  // The numbers of the attempts that this page has started. The page knows them even if an answer is lost.
  const ownAttempts = useRef(new Set([first.attempt?.number]))
  const [notice, setNotice] = useState<Notice['notice'] | undefined>(undefined)

  const now = () => current.current.nowMs + (elapsedMs() - receivedAt.current)
  const setOffline = (is: boolean) => {
    wasOffline.current = is
    showOffline(is)
  }

  function show(next: CheckoutView): void {
    receivedAt.current = elapsedMs()
    current.current = next
    setOffline(false)
    setElsewhere(next.state !== 'ready' && !ownAttempts.current.has(next.attempt?.number))
    setView(next)
  }

  const address = (name: string) => `${first.path}/${name}?lang=${first.language}`

  async function refresh(): Promise<void> {
    try {
      const response = await fetch(address('state'), { cache: 'no-store' })
      const { view: next } = (await response.json()) as Answer
      if (next.version !== current.current.version) show(next)
      else setOffline(false)
    } catch {
      setOffline(true)
    }
  }

  /** Undefined: the answer has no view, or no answer arrived although the form may have reached the server. */
  async function send(name: string, body: URLSearchParams): Promise<Answer | undefined> {
    const number = name === 'pay' ? Number(body.get('number')) : undefined
    if (number !== undefined) ownAttempts.current.add(number)
    setNotice(undefined)
    try {
      const answer = await post(address(name), body)
      if ('leaveTo' in answer) {
        location.replace(answer.leaveTo)
        return undefined
      }
      if ('notice' in answer) {
        setNotice(answer.notice)
        setOffline(false)
        return undefined
      }
      if (answer.isElsewhere === true) ownAttempts.current.delete(number)
      show(answer.view)
      return answer
    } catch {
      setOffline(true)
      return undefined
    }
  }

  useUpdates({
    url: address('events'),
    isOffline: () => wasOffline.current,
    isEnded: () => isEnd(current.current),
    refresh,
    onVersion: (version) => {
      setOffline(false)
      if (version !== current.current.version) void refresh()
    },
  })

  return { view, isOffline, isElsewhere, notice, now, refresh, send }
}

/** Throws if the answer is not JSON. */
async function post(url: string, body: URLSearchParams): Promise<Answer | Departure | Notice> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { accept: 'application/json' },
  })
  if (!response.headers.get('content-type')?.includes('json')) throw new Error('no answer')
  return (await response.json()) as Answer | Departure | Notice
}

type Updates = {
  /** The address of the event stream. */
  readonly url: string
  readonly isOffline: () => boolean
  readonly isEnded: () => boolean
  readonly refresh: () => Promise<void>
  readonly onVersion: (version: string) => void
}

/**
 * Listens to the event stream. Polls while the page is offline. From `FIRST_MESSAGE_MS` after the load of the page, also
 * polls as long as no event has arrived since the stream was opened or lost its connection.
 */
function useUpdates({ isEnded, isOffline, onVersion, refresh, url }: Updates): void {
  useEffect(() => {
    let hasMessages = false
    const source = new EventSource(url)
    source.onmessage = ({ data }) => {
      hasMessages = true
      onVersion(data)
    }
    source.onerror = () => {
      hasMessages = false
      if (isEnded()) source.close()
    }
    const poll = setInterval(() => {
      // A stream may seem open long after the connection is lost.
      const isCutOff = !hasMessages && elapsedMs() > FIRST_MESSAGE_MS
      if ((isCutOff || isOffline()) && !isEnded()) void refresh()
    }, POLL_MS)
    return () => {
      source.close()
      clearInterval(poll)
    }
  }, [])
}

function isEnd({ state }: CheckoutView): boolean {
  return state !== 'ready' && state !== 'action' && state !== 'pending'
}
