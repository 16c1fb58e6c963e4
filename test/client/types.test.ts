import { expectTypeOf, test } from 'vitest'
import type {
  PaydeskClient,
  Payment,
  PaymentSession,
  PaymentSessionCreate,
  PaymentSessionWithKey,
  TransfersOutcome,
} from '../../src/client/index.ts'

type Sent<Call extends (...given: never[]) => unknown> = Parameters<Call>[0]

test('types match the schemas, down to their enum values', () => {
  expectTypeOf<PaymentSession['status']>().toEqualTypeOf<
    'created' | 'in_progress' | 'succeeded' | 'failed' | 'expired' | 'canceled'
  >()
  expectTypeOf<Payment['amount']>().toEqualTypeOf<string>()
  expectTypeOf<Payment['date']>().toEqualTypeOf<number>()
  expectTypeOf<Payment['failure_code']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<PaymentSessionCreate['amount']>().toEqualTypeOf<string | number>()
  expectTypeOf<TransfersOutcome['status']>().toEqualTypeOf<
    'success' | 'partial_success' | 'failed'
  >()
})

test('a type has no field that its answers do not have', () => {
  expectTypeOf<PaymentSessionWithKey>().toHaveProperty('access_key').toEqualTypeOf<string>()
  expectTypeOf<PaymentSessionWithKey>().not.toHaveProperty('status')
  expectTypeOf<PaymentSession>().not.toHaveProperty('access_key')
  expectTypeOf<ReturnType<PaydeskClient['webhooks']['delete']>>().toEqualTypeOf<Promise<void>>()
})

test('a request that the server would refuse by its schema does not compile', () => {
  type Session = Sent<PaydeskClient['paymentSessions']['create']>
  expectTypeOf<{ currency: 'INR' }>().not.toMatchTypeOf<Session>()
  expectTypeOf<{ amount: 1; currency: 'INR' }>().toMatchTypeOf<Session>()
  expectTypeOf<{ amount: 1; currency: 'INR'; expires_in: '300' }>().not.toMatchTypeOf<Session>()
  type Query = NonNullable<Sent<PaydeskClient['payments']['list']>>
  expectTypeOf<{ page: number; status: 'Status.Failed' }>().toMatchTypeOf<Query>()
  expectTypeOf<{ status: 'failed' }>().toMatchTypeOf<Query>()
  expectTypeOf<{ status: 'paid' }>().not.toMatchTypeOf<Query>()
  type Webhook = Sent<PaydeskClient['webhooks']['create']>
  expectTypeOf<'payment.paid'>().not.toMatchTypeOf<Webhook['enabled_events'][number]>()
})
