import { useEffect, useRef, useState } from 'preact/hooks'
import type { PaymentLinkView } from '../payment-link/view.ts'

/** The interval at which the page polls for the result of a payment. */
const POLL_MS = 2_000

const FINAL: readonly PaymentLinkView['state'][] = ['paid', 'expired', 'canceled']

/**
 * Keeps the view up to date: while a payment is being processed, and when the customer returns to the page, for example
 * by the Back button. `onReturn` is called only if the browser shows a kept page again, as after the Back button.
 */
export function usePaymentLink(first: PaymentLinkView, onReturn: () => void) {
  const [view, setView] = useState(first)
  const [isOffline, setOffline] = useState(false)
  const lastView = useRef(JSON.stringify(first))
  const { state } = view

  async function refresh(): Promise<void> {
    try {
      const url = `${first.path}/state?lang=${first.language}`
      const response = await fetch(url, { cache: 'no-store' })
      const { view: next } = (await response.json()) as { readonly view?: PaymentLinkView }
      setOffline(false)
      const text = JSON.stringify(next)
      // An equal view is not shown again, so that a screen reader is not interrupted.
      if (next === undefined || text === lastView.current) return
      lastView.current = text
      setView(next)
    } catch {
      setOffline(true)
    }
  }

  useEffect(() => {
    if (FINAL.includes(state)) return undefined
    const onVisible = () => {
      if (document.visibilityState === 'visible') void refresh()
    }
    const onShow = ({ persisted }: PageTransitionEvent) => {
      if (!persisted) return
      onReturn()
      void refresh()
    }
    document.addEventListener('visibilitychange', onVisible)
    addEventListener('pageshow', onShow)
    const poll = state === 'processing' ? setInterval(onVisible, POLL_MS) : undefined
    return () => {
      document.removeEventListener('visibilitychange', onVisible)
      removeEventListener('pageshow', onShow)
      clearInterval(poll)
    }
  }, [state])

  return { view, isOffline }
}
