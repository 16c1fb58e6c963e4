import { expectTypeOf, test } from 'vitest'
import type { PlayedAttempt } from '../../src/client/control-types.ts'
import type {
  EventTypeName,
  PaydeskClient,
  PaydeskEvent,
  Payment,
  PaymentQuery,
  PaymentSession,
  PaymentSessionCreate,
  PaymentSessionWithKey,
  Refund,
  TransfersOutcome,
  Webhook,
} from '../../src/client/index.ts'
import type { SignedRedirect } from '../../src/client/signatures.ts'
import type { WebhookEvent } from '../../src/client/webhooks.ts'
import type { CardBrand } from '../../src/domain/card-brand.ts'
import type { Currency } from '../../src/domain/money.ts'
import type { DeclineCode } from '../../src/domain/payment-attempt.ts'
import type { WebhookEventType } from '../../src/domain/webhook-event.ts'

type RequestOf<Call extends (...givenValue: never[]) => unknown> = Parameters<Call>[0]

test('types match the schemas, down to their enum values', () => {
  expectTypeOf<PaymentSession['status']>().toEqualTypeOf<
    'created' | 'in_progress' | 'succeeded' | 'failed' | 'expired' | 'canceled'
  >()
  expectTypeOf<Payment['amount']>().toEqualTypeOf<string>()
  expectTypeOf<Payment['date']>().toEqualTypeOf<number>()
  expectTypeOf<PaymentSessionCreate['amount']>().toEqualTypeOf<string | number>()
  expectTypeOf<TransfersOutcome['status']>().toEqualTypeOf<
    'success' | 'partial_success' | 'failed'
  >()
})

/** Any text, as a type beside which editors still suggest the named values of a union. */
type OtherText = string & NonNullable<unknown>

test('editors suggest the values of an open list, and the list accepts other values', () => {
  type Methods = 'card' | 'upi' | 'netbanking' | 'wallet' | 'bank_transfer' | 'ach_debit' | 'ach'
  type Configurations = NonNullable<PaymentSessionCreate['configurations']>
  type Allowed = NonNullable<Configurations['allowed_payment_methods']>[number]
  expectTypeOf<Allowed>().toEqualTypeOf<Methods | OtherText>()
  expectTypeOf<string[]>().toExtend<Configurations['allowed_payment_methods']>()
  expectTypeOf<number>().not.toExtend<Allowed>()
  type AnswerMethods = NonNullable<PaymentSession['configurations']>['allowed_payment_methods']
  expectTypeOf<NonNullable<AnswerMethods>[number]>().toEqualTypeOf<Methods | OtherText>()
  type Answers = 'card' | 'upi' | 'net_banking' | 'wallet' | 'bank_transfer' | 'ach_debit' | 'pos'
  expectTypeOf<Payment['payment_method']['type']>().toEqualTypeOf<Answers | OtherText>()
  expectTypeOf<PaymentQuery['payment_method_type']>().toEqualTypeOf<
    Methods | 'net_banking' | OtherText | undefined
  >()
  expectTypeOf<Payment['failure_code']>().toEqualTypeOf<DeclineCode | OtherText | undefined>()
  type Card = NonNullable<Payment['payment_method']['card']>
  expectTypeOf<Card['brand']>().toEqualTypeOf<CardBrand | OtherText>()
  expectTypeOf<Card['funding']>().toEqualTypeOf<'credit' | 'debit' | OtherText | undefined>()
  expectTypeOf<PaymentSession['payments'][number]['status']>().toEqualTypeOf<
    'initiated' | 'pending' | 'succeeded' | 'failed' | 'refunded' | OtherText
  >()
  expectTypeOf<PaymentSession['currency']>().toEqualTypeOf<Currency | OtherText>()
  expectTypeOf<WebhookEvent['event_type']>().toEqualTypeOf<WebhookEventType | OtherText>()
  expectTypeOf<SignedRedirect['payment_status']>().toEqualTypeOf<
    'initiated' | 'pending' | 'succeeded' | 'failed' | 'refunded' | OtherText | undefined
  >()
})

test('a closed list accepts no other value', () => {
  expectTypeOf<EventTypeName>().toEqualTypeOf<WebhookEventType>()
  expectTypeOf<PaydeskEvent['event_type']>().toEqualTypeOf<WebhookEventType>()
  expectTypeOf<Webhook['enabled_events'][number]>().toEqualTypeOf<WebhookEventType>()
  expectTypeOf<Refund['status']>().toEqualTypeOf<'initiated' | 'pending' | 'succeeded' | 'failed'>()
  expectTypeOf<PlayedAttempt['decline_code']>().toEqualTypeOf<DeclineCode | undefined>()
})

test('a type has only fields that its answers have', () => {
  expectTypeOf<PaymentSessionWithKey>().toHaveProperty('access_key').toEqualTypeOf<string>()
  expectTypeOf<PaymentSessionWithKey>().not.toHaveProperty('status')
  expectTypeOf<PaymentSession>().not.toHaveProperty('access_key')
  expectTypeOf<ReturnType<PaydeskClient['webhooks']['delete']>>().toEqualTypeOf<Promise<void>>()
})

test('a request that the server would refuse by its schema does not compile', () => {
  type Session = RequestOf<PaydeskClient['paymentSessions']['create']>
  expectTypeOf<{ currency: 'INR' }>().not.toMatchTypeOf<Session>()
  expectTypeOf<{ amount: 1; currency: 'INR' }>().toMatchTypeOf<Session>()
  expectTypeOf<{ amount: 1; currency: 'INR'; expires_in: '300' }>().not.toMatchTypeOf<Session>()
  type Query = NonNullable<RequestOf<PaydeskClient['payments']['list']>>
  expectTypeOf<{ page: number; status: 'Status.Failed' }>().toMatchTypeOf<Query>()
  expectTypeOf<{ status: 'failed' }>().toMatchTypeOf<Query>()
  expectTypeOf<{ status: 'paid' }>().not.toMatchTypeOf<Query>()
  type Webhook = RequestOf<PaydeskClient['webhooks']['create']>
  expectTypeOf<'payment.paid'>().not.toMatchTypeOf<Webhook['enabled_events'][number]>()
})
