import { expect, test } from 'vitest'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { PaymentSessionRecord } from '../domain/records.ts'
import { findSessionPayments } from './session-payments.ts'

test('a list leaves out a payment whose session was deleted after the list was read', async () => {
  const [payment, orphan] = ['1', '2'].map(
    (id) => ({ id, paymentSessionId: `session of ${id}` }) as unknown as PaymentAttempt,
  ) as [PaymentAttempt, PaymentAttempt]
  const session = { id: payment.paymentSessionId } as PaymentSessionRecord
  const find = async (id: string) => (id === session.id ? session : undefined)
  const store = { paymentSessions: { find } } as unknown as Parameters<
    typeof findSessionPayments
  >[0]
  expect(await findSessionPayments(store, [orphan, payment])).toEqual([
    { attempt: payment, session },
  ])
})
