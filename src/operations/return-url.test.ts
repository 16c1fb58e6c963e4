import { expect, test } from 'vitest'
import { readSignedRedirect } from '../client/signatures.ts'
import type { AccountId, PaymentSessionId } from '../domain/id.ts'
import type { PaymentSessionRecord } from '../domain/records.ts'
import { returnUrlOf } from './return-url.ts'

const KEY = 'sandbox_signing_key_0123456789abcdef'

function returnTo(failureUrl: string, udf: object = {}): string {
  const parameters = { success_url: 'https://shop.example/s', failure_url: failureUrl, ...udf }
  const session: PaymentSessionRecord = {
    id: '251234567890123' as PaymentSessionId,
    accountId: '23137556' as AccountId,
    amount: { amountMinor: 10050n, currency: 'INR' },
    status: 'canceled',
    createdAtMs: 0,
    expiresAtMs: 900_000,
    attemptCountMax: 5,
    attemptCount: 0,
    currentAttemptId: undefined,
    echoedJson: '{}',
    configurationsJson: JSON.stringify({ hosted_page_parameters: parameters }),
  }
  return returnUrlOf(session, [], KEY, 1) ?? ''
}

test.each([
  'https://shop.example/',
  'https://shop.example/#/spa/route',
  'https://shop.example/#/spa/route?tab=2',
  'https://shop.example/back?order=8841#frag',
  'https://shop.example/back?',
  'https://shop.example/back?a=1;b=2&c[]=%zz&d#',
])(
  'a redirect to %s keeps the query and the fragment, and its signature is valid',
  (failureUrl) => {
    const url = returnTo(failureUrl, { udf1: 'a;b & c=d#e?f', udf2: '100 %' })
    const before = new URL(failureUrl)
    const after = new URL(url)
    expect(after.hash).toBe(before.hash)
    expect(after.search.startsWith(before.search || '?')).toBe(true)
    expect(after.origin + after.pathname).toBe(before.origin + before.pathname)
    for (const form of [url, after, after.search, `${after.pathname}${after.search}`]) {
      expect(readSignedRedirect(form, KEY)).toMatchObject({
        payments_session_id: '251234567890123',
        payment_session_status: 'failed',
        amount: '100.50',
        udf: { udf1: 'a;b & c=d#e?f', udf2: '100 %' },
      })
    }
  },
)
