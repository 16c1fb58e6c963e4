/** Makes captured payments, and reads their later states. */
import { Compile } from 'typebox/compile'
import { expect } from 'vitest'
import type { AccountId, PaymentSessionId } from '../../src/domain/id.ts'
import type { PaymentAttempt } from '../../src/domain/payment-attempt.ts'
import type { PaymentSessionMove } from '../../src/domain/payment-session.ts'
import type { Scope } from '../../src/domain/scope.ts'
import { hashSecret } from '../../src/domain/secret.ts'
import { applyMove } from '../../src/operations/apply-move.ts'
import type { CheckoutServer } from './checkout.ts'
import { ACCOUNT_ID, US_ACCOUNT_ID, type WireAnswer } from './server.ts'

/** The query parameter for another account. */
export const AS_ANOTHER = `account_id=${US_ACCOUNT_ID}`

/** Creates a session, pays it by card, and returns the payment's id. `late`: the payment succeeds too late. */
export async function makePayment(
  server: CheckoutServer,
  amount: number,
  outcome: 'succeeded' | 'failed' | 'open' | 'late' = 'succeeded',
  more: Readonly<Record<string, unknown>> = {},
): Promise<PaymentAttempt['id']> {
  // Lists are sorted by time: each payment has its own millisecond.
  server.advance(1)
  const session = { amount, currency: 'INR', ...more }
  const account = session.currency === 'INR' ? ACCOUNT_ID : US_ACCOUNT_ID
  const answer = await server.call('POST', `/paymentsessions?account_id=${account}`, session)
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
  const sessionId = answer.body.payments_session.payments_session_id as PaymentSessionId
  const attemptId = server.tenant.ids.paymentAttempt(sessionId)
  const move = async (one: PaymentSessionMove) =>
    expect(await applyMove(server.tenant, sessionId, one)).toHaveProperty('session')
  await move({
    type: 'start_attempt',
    attemptId,
    attemptLifeMs: 600_000,
    instrument: {
      type: 'card',
      brand: 'visa',
      lastFourDigits: '1111',
      expiryMonth: 9,
      expiryYear: 2028,
      holderName: 'Asha Rao',
      funding: 'credit',
    },
  })
  if (outcome === 'late') server.advance(601_000)
  if (outcome === 'succeeded' || outcome === 'late')
    await move({ type: 'record_approval', attemptId, processorReference: '532600112233' })
  if (outcome === 'failed')
    await move({ type: 'record_decline', attemptId, declineCode: 'insufficient_funds' })
  return attemptId
}

/** Advances time until a refund has ended, and returns its status. */
export async function waitForRefund(server: CheckoutServer, refundId: string): Promise<string> {
  let status = ''
  await expect
    .poll(
      async () => {
        server.advance(1_000)
        status = (await server.call('GET', `/refunds/${refundId}`)).body.refund.status
        return status
      },
      { timeout: 30_000 },
    )
    .toMatch(/succeeded|failed/)
  return status
}

/** Returns the header of a token with these scopes. */
export async function tokenFor(server: CheckoutServer, scopes: readonly Scope[]) {
  const token = `1000.${scopes.join('+')}`
  await server.tenant.store.transaction((tx) =>
    tx.tokens.insertAccessToken(
      hashSecret(token),
      {
        clientId: '1000.SANDBOX',
        scopes,
        grantId: 'of a test',
        accountIds: [ACCOUNT_ID as AccountId],
      },
      undefined,
    ),
  )
  return { authorization: `Zoho-oauthtoken ${token}` }
}

/** Returns a function that checks an answer against `/openapi.json`. `path` is the path in that document. */
export async function descriptions(server: CheckoutServer) {
  const { paths } = (await (await fetch(`${server.baseUrl}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { responses: Record<string, unknown> }>>
  }
  return (method: 'get' | 'post' | 'put', path: string, answer: WireAnswer): boolean => {
    const description = paths[`/api/v1${path}`]?.[method]?.responses[answer.status]
    const { content } = description as {
      content: { 'application/json': { schema: Parameters<typeof Compile>[0] } }
    }
    return Compile(content['application/json'].schema).Check(answer.body)
  }
}

/** Counts the answers by status. */
export function countStatuses(answers: readonly WireAnswer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** Sends a request `count` times at the same time. */
export function atOnce(count: number, send: (index: number) => Promise<WireAnswer>) {
  return Promise.all(Array.from({ length: count }, (_, index) => send(index)))
}
