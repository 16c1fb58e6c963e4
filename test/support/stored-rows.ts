/** Makes rows for tests of the store, with the required fields and those that a test sets. */
import { afterAll, beforeAll } from 'vitest'
import type { AccountKeys } from '../../src/domain/account-keys.ts'
import type { AuditActor } from '../../src/domain/audit-log.ts'
import type { CustomerRecord } from '../../src/domain/customer.ts'
import { FEE_RATES_DEFAULT } from '../../src/domain/fee.ts'
import {
  type AccountId,
  bucketOf,
  type CustomerId,
  idFrom,
  type MandateId,
  type MandateNotificationId,
  type MessageId,
  type PaymentAttemptId,
  type PaymentLinkId,
  type PaymentMethodId,
  type PaymentSessionId,
  type RefundId,
  type TransferId,
  type TransferReversalId,
  type VirtualAccountId,
  type WebhookEndpointId,
  type WebhookEventId,
} from '../../src/domain/id.ts'
import type { Mandate } from '../../src/domain/mandate.ts'
import type { MandateDebit, MandateNotification } from '../../src/domain/mandate-debit.ts'
import type { Message } from '../../src/domain/message.ts'
import type { OperatorCredentials, OperatorRecord } from '../../src/domain/operator.ts'
import { NO_MONEY, type PaymentAttempt } from '../../src/domain/payment-attempt.ts'
import type { PaymentLink } from '../../src/domain/payment-link.ts'
import type { Random } from '../../src/domain/random.ts'
import type { Refund } from '../../src/domain/refund.ts'
import { beginSave, type SavedPaymentMethod } from '../../src/domain/saved-payment-method.ts'
import type { Transfer, TransferReversal } from '../../src/domain/transfer.ts'
import type { VirtualAccount } from '../../src/domain/virtual-account.ts'
import { afterAttempt, type WebhookDelivery } from '../../src/domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../../src/domain/webhook-endpoint.ts'
import type {
  AccountInsert,
  ClaimLimits,
  DeliveryRecord,
  IdempotentAnswer,
  PaymentSessionRecord,
  Store,
  WebhookEvent,
} from '../../src/operations/store.ts'
import type { Engine } from '../../src/store/engine/engine.ts'
import { migrate } from '../../src/store/engine/migrate.ts'
import { createStore } from '../../src/store/store.ts'

/** Opens a new, empty database. */
export type OpenEngine = () => Promise<Engine>

/** Random values for a store. */
export const random: Random = {
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  below: (bound) => Math.floor(Math.random() * bound),
}

/** The actor of changes in tests, for the audit log. */
export const TEST_ACTOR: AuditActor = { kind: 'os_user', name: 'test' }

/** An account that `useStore` makes. */
export const ACCOUNT = '60000000001' as AccountId
/** Another account that `useStore` makes. */
export const OTHER_ACCOUNT = '60000000002' as AccountId
/** The time of day in these tests. */
export const NOW_MS = Date.UTC(2026, 10, 22)

const HOUR_MS = 60 * 60_000
/** The jumps of a clock that is temporarily wrong, in milliseconds. */
export const CLOCK_JUMPS = [
  { name: 'an hour ahead', jumpMs: HOUR_MS },
  { name: 'an hour behind', jumpMs: -HOUR_MS },
  { name: '400 days ahead', jumpMs: 400 * 24 * HOUR_MS },
  { name: '400 days behind', jumpMs: -400 * 24 * HOUR_MS },
] as const

/** A store on a new database. */
export type StoreUnderTest = {
  readonly open: OpenEngine
  readonly engine: Engine
  readonly store: Store
}

/**
 * Opens a store with two accounts before the tests of the current describe block, and closes it after them. Read its
 * members only inside the tests.
 */
export function useStore(open: OpenEngine): StoreUnderTest {
  const parts: { engine?: Engine; store?: Store } = {}
  beforeAll(async () => {
    parts.engine = await open()
    await migrate(parts.engine)
    parts.store = createStore(parts.engine, random)
    await parts.store.transaction(async (tx) => {
      await tx.accounts.insert(account(ACCOUNT), NOW_MS)
      await tx.accounts.insert(account(OTHER_ACCOUNT), NOW_MS)
    })
  })
  afterAll(() => parts.store?.close())
  return {
    open,
    get engine() {
      if (parts.engine === undefined) throw new Error('the tests have not begun')
      return parts.engine
    },
    get store() {
      if (parts.store === undefined) throw new Error('the tests have not begun')
      return parts.store
    },
  }
}

/** An account's keys, which open nothing. */
export const ACCOUNT_KEYS: AccountKeys = {
  signing: { value: 'v1.x' },
  api: { value: 'a' },
  owner: { value: 'o' },
}

/** Makes an account with unusable secrets. */
export const account = (id: AccountId, more: Partial<AccountInsert> = {}): AccountInsert => ({
  id,
  name: 'Shop',
  edition: 'IN',
  paymentMethods: ['card', 'upi'],
  feeRates: FEE_RATES_DEFAULT,
  frameOrigins: ['https://shop.example'],
  brandColor: '#1a56db',
  keys: ACCOUNT_KEYS,
  ...more,
})

let drawnCount = 0
/** Makes a new session with a unique id. */
export function session(
  more: Partial<PaymentSessionRecord> = {},
  bucket = 7,
): PaymentSessionRecord {
  drawnCount += 1
  return {
    id: idFrom({
      seconds: 1_000_000 + Math.floor(drawnCount / 10_000),
      bucket,
      counter: drawnCount % 10_000,
    }) as PaymentSessionId,
    accountId: ACCOUNT,
    amount: { amountMinor: 10_050n, currency: 'INR' },
    status: 'created',
    createdAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 900_000,
    attemptCount: 0,
    attemptCountMax: 3,
    currentAttemptId: undefined,
    echoedJson: '{"description":"Order"}',
    ...more,
  }
}

/** Draws an id that this process has not drawn before. */
export function draw<Id extends string>(bucket: number): Id {
  drawnCount += 1
  return idFrom({
    seconds: 2_000_000 + Math.floor(drawnCount / 10_000),
    bucket,
    counter: drawnCount % 10_000,
  }) as Id
}

/** Makes an active payment link. */
export function linkOf(
  accountId: AccountId,
  more: Partial<PaymentLink> = {},
  bucket = 7,
): PaymentLink {
  const id = draw<PaymentLinkId>(bucket)
  return {
    id,
    accountId,
    amount: { amountMinor: 149_990n, currency: 'INR' },
    status: 'active',
    description: 'Order 8841',
    url: `https://pay.shop.test/paymentlink/${id}`,
    createdAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 30 * 24 * HOUR_MS,
    ...more,
  }
}

/** Makes an active mandate. */
export function mandateOf(more: Partial<Mandate> = {}, bucket = 7): Mandate {
  return {
    id: draw<MandateId>(bucket),
    accountId: ACCOUNT,
    customerId: draw<CustomerId>(3),
    customerName: 'Asha Rao',
    enrollmentAttemptId: draw<PaymentAttemptId>(bucket),
    amountRule: 'variable',
    frequency: 'monthly',
    description: 'Monthly fee',
    amountMinor: 500_000n,
    startOn: '2026-11-23',
    status: 'active',
    createdAtMs: NOW_MS,
    changedAtMs: NOW_MS,
    queryCount: 0,
    ...more,
  }
}

/** Makes a notice that is not sent yet. */
export function mandateNotificationOf(
  mandate: Mandate,
  more: Partial<MandateNotification> = {},
): MandateNotification {
  return {
    id: draw<MandateNotificationId>(bucketOf(mandate.id)),
    mandateId: mandate.id,
    accountId: mandate.accountId,
    amountMinor: 49_900n,
    executionOn: '2026-12-05',
    description: 'December',
    invoiceNumber: 'INV-9001',
    status: 'initiated',
    createdAtMs: NOW_MS,
    nextQueryAtMs: NOW_MS,
    queryCount: 0,
    ...more,
  }
}

/** Makes a debit that is with the processor. */
export function mandateDebitOf(mandate: Mandate, more: Partial<MandateDebit> = {}): MandateDebit {
  return {
    mandateId: mandate.id,
    attemptId: draw<PaymentAttemptId>(9),
    sessionId: draw<PaymentSessionId>(9),
    createdAtMs: NOW_MS,
    status: 'sent',
    ...more,
  }
}

/** Makes an active virtual account with a unique number. */
export function virtualAccountOf(
  accountId: AccountId,
  more: Partial<VirtualAccount> = {},
  bucket = 7,
): VirtualAccount {
  const id = draw<VirtualAccountId>(bucket)
  return {
    id,
    accountId,
    accountNumber: `PAYD${id}`,
    ifscCode: 'PAYD0SANDBX',
    beneficiaryName: 'Shop',
    description: 'Dealer deposits',
    paidMinor: 0n,
    status: 'active',
    createdAtMs: NOW_MS,
    changedAtMs: NOW_MS,
    ...more,
  }
}

/** Makes an open attempt of a session. */
export function attemptOf(
  session: Pick<PaymentSessionRecord, 'id'>,
  number: number,
  more: Partial<PaymentAttempt> = {},
): PaymentAttempt {
  return {
    id: draw<PaymentAttemptId>(bucketOf(session.id)),
    accountId: ACCOUNT,
    paymentSessionId: session.id,
    status: 'initiated',
    number,
    createdAtMs: NOW_MS + number,
    deadlineAtMs: NOW_MS + 600_000,
    instrument: { type: 'netbanking', bankName: 'Bank' },
    nextQueryAtMs: NOW_MS + 60_000,
    queryCount: 0,
    money: NO_MONEY,
    ...more,
  }
}

/** Returns the attempt with an outcome, without the fields of an open attempt. */
export function withOutcome(
  { nextQueryAtMs: _, ...attempt }: PaymentAttempt,
  more: Pick<PaymentAttempt, 'status'> & Partial<PaymentAttempt>,
): PaymentAttempt {
  return { ...attempt, decidedAtMs: NOW_MS + 1_000, ...more }
}

/** Makes an unsent refund of a whole attempt. */
export function refundOf(attempt: Pick<PaymentAttempt, 'id'>, more: Partial<Refund> = {}): Refund {
  return {
    id: draw<RefundId>(bucketOf(attempt.id)),
    accountId: ACCOUNT,
    paymentAttemptId: attempt.id,
    amount: { amountMinor: 10_050n, currency: 'INR' },
    type: 'initiated_by_system',
    reason: 'system_initiated',
    status: 'initiated',
    createdAtMs: NOW_MS,
    nextQueryAtMs: NOW_MS,
    queryCount: 0,
    ...more,
  }
}

/** Makes a queued receipt. Its payment is not stored. */
export function messageOf(more: Partial<Message> = {}, bucket = 7): Message {
  const subjectId = more.subjectId ?? draw<PaymentAttemptId>(bucket)
  return {
    id: draw<MessageId>(bucketOf(subjectId)),
    accountId: ACCOUNT,
    channel: 'email',
    subjectId,
    occasion: 0,
    recipient: 'asha@shop.example',
    language: 'en',
    content: {
      kind: 'receipt',
      amount: '100.50',
      currency: 'INR',
      merchantName: 'Shop "₹" 😀',
      edition: 'IN',
      paymentId: subjectId as PaymentAttemptId,
      paidAtMs: NOW_MS,
      instrument: { type: 'netbanking', bankName: 'Bank' },
    },
    createdAtMs: NOW_MS,
    status: 'queued',
    attemptCount: 0,
    nextAttemptAtMs: NOW_MS,
    ...more,
  }
}

/** Makes an answer that is stored with an idempotency key. */
export function answerFor(
  session: PaymentSessionRecord,
  key: string,
  request = 'r',
): IdempotentAnswer {
  return {
    bucket: bucketOf(session.id),
    identityHash: key,
    requestHash: request,
    status: 201,
    answerSealed: `sealed for ${session.id}`,
    resourceId: session.id,
  }
}

/** Makes a transfer of an attempt, without reversals. */
export function transferOf(
  attempt: Pick<PaymentAttempt, 'id' | 'accountId'>,
  number: number,
  more: Partial<Transfer> = {},
): Transfer {
  return {
    id: draw<TransferId>(bucketOf(attempt.id)),
    accountId: attempt.accountId,
    paymentAttemptId: attempt.id,
    number,
    connectedAccountId: OTHER_ACCOUNT,
    amount: { amountMinor: 1_000n, currency: 'INR' },
    reversedMinor: 0n,
    createdAtMs: NOW_MS + number,
    ...more,
  }
}

/** Makes a reversal of a part of a transfer. */
export function reversalOf(
  transfer: Pick<Transfer, 'id' | 'accountId'>,
  more: Partial<TransferReversal> = {},
): TransferReversal {
  return {
    id: draw<TransferReversalId>(bucketOf(transfer.id)),
    accountId: transfer.accountId,
    transferId: transfer.id,
    amount: { amountMinor: 400n, currency: 'INR' },
    createdAtMs: NOW_MS,
    ...more,
  }
}

/** Makes a customer with the required fields only. */
export function customerOf(
  accountId: AccountId,
  more: Partial<CustomerRecord> = {},
): CustomerRecord {
  return {
    id: draw<CustomerId>(5),
    accountId,
    name: 'Asha Rao',
    email: 'asha@shop.example',
    createdAtMs: NOW_MS,
    changedAtMs: NOW_MS,
    ...more,
  }
}

/** Makes a card that the processor is still saving. */
export function savedMethodOf(
  { accountId, id: customerId }: CustomerRecord,
  more: Partial<SavedPaymentMethod> = {},
): SavedPaymentMethod {
  const drawBeside = () => draw<PaymentMethodId>(bucketOf(customerId))
  const facts = {
    id: drawBeside(),
    accountId,
    customerId,
    source: 'hosted_page',
    instrument: {
      type: 'card',
      brand: 'visa',
      lastFourDigits: '1111',
      expiryMonth: 9,
      expiryYear: 2028,
      holderName: 'Ben Ode',
    },
    addressId: drawBeside(),
    billingAddress: { country: 'US' },
  } as const
  return { ...beginSave(facts, NOW_MS), ...more }
}

/** Makes a saved card that can be charged. */
export function activeMethodOf(
  customer: CustomerRecord,
  more: Partial<SavedPaymentMethod> = {},
): SavedPaymentMethod {
  const { callAtMs: _, ...method } = savedMethodOf(customer)
  return { ...method, status: 'active', tokenSealed: 'v1.token', ...more }
}

/** Makes an active endpoint that subscribes to successes. */
export function endpointOf(
  accountId: AccountId,
  more: Partial<WebhookEndpoint> = {},
): WebhookEndpoint {
  return {
    id: draw<WebhookEndpointId>(3),
    accountId,
    name: 'Orders',
    url: 'https://shop.example/hooks',
    status: 'active',
    enabledEvents: ['payment.succeeded'],
    signingKeySealed: 'sealed key',
    createdAtMs: NOW_MS,
    changedAtMs: NOW_MS,
    ...more,
  }
}

/** Makes an event of a new session. */
export function eventOf(
  accountId: AccountId,
  more: Partial<WebhookEvent> = {},
  bucket = 7,
): WebhookEvent {
  const id = draw<WebhookEventId>(bucket)
  return {
    id,
    accountId,
    type: 'payment.succeeded',
    subject: { kind: 'payment_session', id: draw<PaymentSessionId>(bucket) },
    bodyJson: `{"event_id":${id}}`,
    createdAtMs: NOW_MS,
    ...more,
  }
}

/** Makes the limits of a claim for one deliverer without deliveries under way. */
export function limitsOf(more: Partial<ClaimLimits> = {}): ClaimLimits {
  return {
    waitMsMax: 60 * 60_000,
    countMax: 64,
    countPerAccount: 64,
    countPerEndpoint: 16,
    roomOfAccounts: new Map(),
    roomOfEndpoints: new Map(),
    ...more,
  }
}

/** The waits of a short schedule, in milliseconds. */
const WAITS_MS = [1_000, 2_000]
/** Returns a text that identifies a delivery. */
export const keyOf = ({ endpointId, eventId }: Pick<WebhookDelivery, 'endpointId' | 'eventId'>) =>
  `${eventId} ${endpointId}`

/** Makes an attempt of a delivery with the status of its answer. */
export function recordOf(
  { endpointId, eventId }: Pick<WebhookDelivery, 'endpointId' | 'eventId'>,
  httpStatus: number,
  startedAtMs = NOW_MS,
): DeliveryRecord {
  const attempt = { startedAtMs, endedAtMs: startedAtMs + 5, httpStatus }
  return {
    eventId,
    endpointId,
    attempt: { startedAtMs, durationMs: 5, httpStatus },
    decide: (record) => afterAttempt(record, attempt, WAITS_MS, 0),
  }
}

/** Stores endpoints, then events in the given order. Returns the planned deliveries. */
export async function planDeliveries(
  store: Store,
  endpoints: readonly WebhookEndpoint[],
  events: readonly WebhookEvent[],
): Promise<readonly WebhookDelivery[]> {
  await store.transaction(async (tx) => {
    for (const one of endpoints) await tx.webhookEndpoints.put(one)
    for (const one of events) await tx.webhookEvents.insert(one)
  })
  return (await Promise.all(events.map(({ id }) => store.webhookDeliveries.listByEvent(id)))).flat()
}

/** Makes an operator who has accepted the invitation. */
export function operatorOf(credentials: Partial<OperatorCredentials> = {}): OperatorRecord {
  return {
    id: 'op_0000000000000009',
    name: 'Asha',
    email: 'asha@shop.example',
    role: 'manager',
    accountIds: undefined,
    refundMaxMinor: undefined,
    createdAtMs: NOW_MS,
    disabledAtMs: undefined,
    credentials: {
      passwordHash: 'a hash',
      codeSecretSealed: 'v1.x',
      lastCodeStep: 0,
      recoveryHashes: [],
      ...credentials,
    },
    invitation: undefined,
    identity: undefined,
  }
}
