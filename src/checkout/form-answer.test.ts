import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startTestServer } from '../../test/support/server.ts'

const APPROVING = fileURLToPath(
  new URL('../../test/support/approving-processor.ts', import.meta.url),
)

test.each([
  ['a successful attempt', { processor: APPROVING }, 'succeeded'],
  ['an attempt that waits for the customer', {}, 'action'],
])(
  'the answer to a payment form has the same view as the next page state: %s',
  async (_name, flags, state) => {
    const server = await startTestServer('memory', flags)
    const { body } = await server.call('POST', '/paymentsessions', {
      amount: 100.5,
      currency: 'INR',
    })
    const page = `${server.baseUrl}/hostedcheckout/${body.payments_session.access_key}`
    const headers = { accept: 'application/json' }
    const form = new URLSearchParams({
      method: 'upi',
      upi_channel: 'collect',
      upi_id: 'asha@paydesk',
      email: 'asha@example.com',
    })
    const payAnswer = await fetch(`${page}/pay`, { method: 'POST', headers, body: form })
    const formAnswer = (await payAnswer.json()) as { view: Record<string, unknown> }
    const nextState = (await (
      await fetch(`${page}/state`, { headers })
    ).json()) as typeof formAnswer
    expect(formAnswer.view.state).toBe(state)
    expect({ ...formAnswer.view, nowMs: 0 }).toEqual({ ...nextState.view, nowMs: 0 })
    await server.close()
  },
)
