/** Actions on a sandbox by its control API. */
import { expect } from 'vitest'
import { visit } from './customer.ts'
import type { TestServer, WireAnswer } from './server.ts'

/** Sends a request to a path below `/_sandbox`. */
export type Control = (method: string, path: string, body?: unknown) => Promise<WireAnswer>

/** Makes the functions that control the sandbox at an address. */
export function control(baseUrl: string): Control {
  return async (method, path, body) => {
    const response = await fetch(`${baseUrl}/_sandbox${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
  }
}

/** Makes a server for golden conversations with the control API. Paths have no prefix: `/mandates/{id}/pause`. */
export const controlServer = (server: Pick<TestServer, 'baseUrl'>) => ({
  call: control(server.baseUrl),
})

/** Creates a session and pays it on its page by a UPI ID. Returns the session's id. */
export async function payByUpi(
  server: Pick<TestServer, 'baseUrl' | 'call'>,
  upiId = 'success@paydesk',
): Promise<string> {
  const creation = await server.call('POST', '/paymentsessions', { amount: 100, currency: 'INR' })
  const { access_key: key, payments_session_id: id } = creation.body.payments_session
  const form = { method: 'upi', upi_channel: 'collect', upi_id: upiId }
  const answer = await visit(server.baseUrl, `/hostedcheckout/${key}/pay`, form, true)
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)])
  return id
}
