import { useEffect, useRef, useState } from 'preact/hooks'
import type { FieldProblems } from '../read-pay-form.ts'
import type { CheckoutView } from '../view.ts'

/** How often the page asks when the server's own messages do not reach it, in milliseconds. */
const POLL_MS = 1_500
/** How long the first message may take before the page asks by itself, in milliseconds. */
const FIRST_MESSAGE_MS = 4_000

/** What the server answers when the page sends something. */
export type Answer = {
  readonly view: CheckoutView
  readonly problems?: FieldProblems
  /** Nothing was tried, because another tab was faster. */
  readonly isElsewhere?: boolean
}

/** What the server answers when it could not do what was asked. */
type Notice = { readonly notice: 'bad' | 'busy' | 'outage' | 'fault' | 'unknown' }

/** Milliseconds since the page was loaded: never set back, whatever becomes of the customer's clock. */
const elapsedMs = () => (typeof performance === 'undefined' ? 0 : performance.now())

/** Keeps a page up to date with its session, and sends what the customer does. */
export function useCheckout(first: CheckoutView) {
  const [view, setView] = useState(first)
  const [isOffline, showOffline] = useState(false)
  const [isElsewhere, setElsewhere] = useState(false)
  // The server's time when the view was made, by the page's own watch.
  const receivedAt = useRef(elapsedMs())
  const current = useRef(view)
  const wasOffline = useRef(false)
  // By number, which is known before the server answers: the answer may never come.
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

  /** Undefined: it did not get through; what was sent may have arrived all the same. */
  async function send(name: string, body: URLSearchParams): Promise<Answer | undefined> {
    const number = name === 'pay' ? Number(body.get('number')) : undefined
    if (number !== undefined) ownAttempts.current.add(number)
    setNotice(undefined)
    try {
      const response = await fetch(address(name), {
        method: 'POST',
        body,
        headers: { accept: 'application/json' },
      })
      if (!response.headers.get('content-type')?.includes('json')) throw new Error('no answer')
      const answer = (await response.json()) as Answer | Notice
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

  useEffect(() => {
    let hasMessages = false
    const onVersion = (version: string) => {
      hasMessages = true
      setOffline(false)
      if (version !== current.current.version) void refresh()
    }
    const source = new EventSource(address('events'))
    source.onmessage = ({ data }) => onVersion(data)
    source.onerror = () => {
      hasMessages = false
      if (isEnd(current.current)) source.close()
    }
    const poll = setInterval(() => {
      // A stream can look alive for long after the connection has gone.
      const isCutOff = !hasMessages && elapsedMs() > FIRST_MESSAGE_MS
      if ((isCutOff || wasOffline.current) && !isEnd(current.current)) void refresh()
    }, POLL_MS)
    return () => {
      source.close()
      clearInterval(poll)
    }
  }, [])

  return { view, isOffline, isElsewhere, notice, now, refresh, send }
}

function isEnd({ state }: CheckoutView): boolean {
  return state !== 'ready' && state !== 'action' && state !== 'pending'
}
