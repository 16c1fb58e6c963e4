/** The first page of the widget's frame: it receives the session by a message and opens it. */
import {
  closeOnEscape,
  type FrameFailure,
  listenToParent,
  openSession,
  payloadText,
  tellParent,
} from '../../browser/frame-messages.ts'

const { accountId, origins } = JSON.parse(
  document.getElementById('frame')?.textContent ?? '{}',
) as { readonly accountId: string; readonly origins: readonly string[] }
const element = (id: string) => document.getElementById(id)

/** The session that is being opened: the script of the real service requests it twice. */
let opening: string | undefined

/** Reports a failure to the embedding page, and shows the notice of this page, because the frame may be visible. */
function fail(failure: FrameFailure): void {
  opening = undefined
  element('busy')?.setAttribute('hidden', '')
  element('problem')?.removeAttribute('hidden')
  tellParent(origins, 'charge:validationerror', failure)
}

const close = () => tellParent(origins, 'close')

listenToParent(origins, {
  open: async (payload, origin) => {
    const sessionId =
      payloadText(payload, 'payment_method_session_id') ||
      payloadText(payload, 'payments_session_id')
    if (opening === sessionId) return
    opening = sessionId
    element('busy')?.removeAttribute('hidden')
    element('problem')?.setAttribute('hidden', '')
    // The sender is the nearest page; the order in this page's URL does not matter.
    const nearestFirst = [origin, ...origins.filter((one) => one !== origin)]
    const failure = await openSession(accountId, nearestFirst, payload)
    if (failure !== undefined) fail(failure)
  },
})
element('close')?.addEventListener('click', close)
closeOnEscape(close)
addEventListener('pagehide', () => tellParent(origins, 'widget_left'))
tellParent(origins, 'widget_booted')
