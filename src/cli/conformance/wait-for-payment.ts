import type { Edition } from './exchange.ts'
import { valueAt } from './judge.ts'
import { sendRequest, type Target, type waitFor } from './send-request.ts'

/** The time between two reads of the session. */
const POLL_MS = 5_000
/** The number of reads: 15 minutes, the life of a session. */
const POLL_COUNT_MAX = 180

/** The inputs of a wait for a payment by a person. */
export type PaymentWait = {
  readonly target: Target
  readonly edition: Edition
  readonly signal: AbortSignal
  readonly wait: typeof waitFor
  readonly onPage: (url: string) => void
}

/**
 * Makes a session, waits until a person has paid it on the checkout page, and returns the payment's id. Undefined: the
 * server made no session, or the session ended without a payment, or the wait was interrupted.
 */
export async function waitForPayment({
  edition,
  onPage,
  signal,
  target,
  wait,
}: PaymentWait): Promise<string | undefined> {
  const creation = await sendRequest(target, {
    method: 'POST',
    path: '/paymentsessions',
    body: {
      amount: 100,
      currency: edition === 'IN' ? 'INR' : 'USD',
      description: 'Conformance',
      configurations: {
        hosted_page_parameters: {
          description: 'Conformance',
          success_url: 'https://example.com/paid',
          failure_url: 'https://example.com/failed',
        },
      },
    },
  })
  if ('failure' in creation) return undefined
  const key = plainText(valueAt(creation.answer.json, 'payments_session.access_key'))
  const id = plainText(valueAt(creation.answer.json, 'payments_session.payments_session_id'))
  if (key === undefined || id === undefined) return undefined
  onPage(`${target.url}/hostedcheckout/${encodeURIComponent(key)}`)
  for (let poll = 0; poll < POLL_COUNT_MAX && !signal.aborted; poll += 1) {
    await wait(POLL_MS, signal)
    const result = await sendRequest(target, {
      method: 'GET',
      path: `/paymentsessions/${encodeURIComponent(id)}`,
    })
    if ('failure' in result) continue
    const status = valueAt(result.answer.json, 'payments_session.status')
    if (status === 'succeeded') {
      return plainText(valueAt(result.answer.json, 'payments_session.payments.0.payment_id'))
    }
    if (['failed', 'expired', 'canceled'].includes(String(status))) return undefined
  }
  return undefined
}

/** Returns a text that can be a part of a path after it is encoded. */
function plainText(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w=+/-]{1,400}$/.test(value) ? value : undefined
}
