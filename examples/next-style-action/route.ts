import { verifyWebhook, WebhookSignatureError } from 'paydesk/webhooks'
import { fulfill } from './orders.ts'
import { paydesk } from './paydesk.ts'

/** A route handler, `app/webhooks/route.ts`. Paydesk sends its webhooks to it. */
export async function POST(request: Request): Promise<Response> {
  const body = await request.text() // The unchanged body: the signature covers it.
  try {
    const event = verifyWebhook(body, request.headers, process.env.PAYDESK_WEBHOOK_KEY ?? '')
    const id = event.event_object.payment?.payments_session_id
    // An event can be old or repeated. The retrieved session has the current state.
    const session = id === undefined ? undefined : await paydesk().paymentSessions.retrieve(id)
    if (session?.status === 'succeeded') fulfill(session.reference_number ?? '')
    return new Response(null, { status: 204 })
  } catch (error) {
    if (error instanceof WebhookSignatureError) return new Response(error.message, { status: 400 })
    throw error
  }
}
