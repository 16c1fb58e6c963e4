import type { Edition } from './exchange.ts'
import { valueAt } from './judge.ts'
import { sendRequest, type Target } from './send-request.ts'

/**
 * Makes a succeeded test payment in a Paydesk sandbox by the control API, and returns the payment's id. Undefined: the
 * server made no payment. In the real sandbox a person pays on the checkout page and names the payment.
 */
export async function preparePayment(
  target: Target,
  edition: Edition,
): Promise<string | undefined> {
  const result = await sendRequest(target, {
    method: 'POST',
    path: '//_sandbox/sessions',
    token: 'none',
    body: {
      account_id: target.accountId,
      session: {
        amount: 100,
        currency: edition === 'IN' ? 'INR' : 'USD',
        description: 'Conformance',
      },
      attempts: [{ method: 'card', outcome: 'succeeded' }],
    },
  })
  if ('failure' in result) return undefined
  const id = valueAt(result.answer.json, 'payments_session.payments.0.payment_id')
  return typeof id === 'string' && /^\d{1,16}$/.test(id) ? id : undefined
}
