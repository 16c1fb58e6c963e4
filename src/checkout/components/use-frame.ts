import { useEffect, useRef, useState } from 'preact/hooks'
import {
  closeOnEscape,
  listenToParent,
  openSession,
  payloadText,
  takePrefill,
  tellParent,
} from '../browser/frame-messages.ts'
import type { CheckoutView } from '../view.ts'

/**
 * Reports the outcome to the page that embeds the widget, and carries out the requests of that page. Outside of the
 * widget it does nothing. `prefill`: the embedding page's data about the customer. The server sends no such data to a
 * frame.
 */
export function useFrame(view: CheckoutView): {
  readonly close: () => void
  readonly prefill: CheckoutView['prefill']
} {
  const [prefill, setPrefill] = useState<CheckoutView['prefill']>({})
  const current = useRef(view)
  const wasClosed = useRef(false)
  current.current = view
  const { frame, state } = view
  // The outcome is only for the page that opened the frame, not for the pages around that page.
  const nearest = frame?.origins.slice(0, 1) ?? []

  useEffect(() => {
    if (frame === undefined) return undefined
    const stopListening = listenToParent(nearest, {
      open: async (payload) => {
        // The script of the real service sends this request twice, and reuses the frame for the next payment, so the
        // page may request the same session again or another one.
        if (payloadText(payload, 'payments_session_id') === frame.paymentSessionId) {
          // The outcome is repeated only after the frame was closed. Otherwise the answer to a repeated request could
          // arrive while the embedding page waits for another payment.
          if (wasClosed.current) sendOutcome(current.current)
          wasClosed.current = false
          return
        }
        const failure = await openSession(frame.accountId, frame.origins, payload)
        if (failure !== undefined) tellParent(nearest, 'charge:validationerror', failure)
      },
      close: () => {
        wasClosed.current = true
      },
    })
    const stopClosing = closeOnEscape(close)
    // The next page may be a bank's, which sends no messages.
    const onLeave = () => tellParent(nearest, 'widget_left')
    addEventListener('pagehide', onLeave)
    const prefillFields = takePrefill()
    if (Object.keys(prefillFields).length > 0) setPrefill(prefillFields)
    tellParent(nearest, 'widget_booted', { shows: 'checkout' })
    return () => {
      stopListening()
      stopClosing()
      removeEventListener('pagehide', onLeave)
    }
  }, [])
  // The outcome is sent after the first message of this page, because the embedding page may repeat its request when it
  // gets that message.
  useEffect(() => sendOutcome(current.current), [state])

  function close(): void {
    tellParent(nearest, 'close')
  }
  return { close, prefill }
}

function sendOutcome({ frame, lastFailure, state }: CheckoutView): void {
  if (frame === undefined) return
  const nearest = frame.origins.slice(0, 1)
  switch (state) {
    case 'succeeded':
      if (frame.payment !== undefined) tellParent(nearest, 'charge', frame.payment)
      break
    case 'canceled':
      tellParent(nearest, 'close')
      break
    case 'expired':
      tellParent(nearest, 'charge:validationerror', {
        code: 'session_expired',
        message: 'Payment session has expired.',
      })
      break
    case 'failed': {
      const isAuthentication = lastFailure === 'authentication_failed'
      tellParent(nearest, isAuthentication ? 'charge:threedserror' : 'charge:validationerror', {
        code: 'processor_error',
        message: `The payment failed: ${lastFailure ?? 'all attempts are used up'}.`,
      })
    }
  }
}
