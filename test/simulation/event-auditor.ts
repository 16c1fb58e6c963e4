import { expect } from 'vitest'
import type { PaymentAttempt } from '../../src/domain/payment-attempt.ts'
import { PAYOUT_STATUSES } from '../../src/domain/payout.ts'
import type { Refund } from '../../src/domain/refund.ts'
import type { WebhookEventType } from '../../src/domain/webhook-event.ts'
import type { Store, WebhookEvent } from '../../src/operations/store.ts'
import type { AuditedRows } from './audited-rows.ts'
import type { Agreement, Notes } from './notes.ts'
import { quickExpect } from './quick-expect.ts'

/** An expected event: its type, and its payment or refund. */
type EventFact = readonly [type: WebhookEventType, id: string]
type Body = {
  readonly event_id: number
  readonly event_type: string
  readonly account_id: number
  readonly live_mode: boolean
  readonly event_time: number
  readonly event_object: {
    readonly payment?: Readonly<Record<string, unknown>>
    readonly refund?: Readonly<Record<string, unknown>>
  }
}

/**
 * Compares the events with the statuses of attempts and refunds: each expected event is published once, no other
 * exists, no stored body changes, and each active endpoint that subscribes gets it.
 */
export async function auditEvents(
  store: Store,
  agreement: Agreement,
  notes: Notes,
  rows: AuditedRows,
): Promise<void> {
  // The events of payouts are compared separately. The events of mandates are only noted, and not compared here.
  const events = rows.events.filter(({ subject }) => subject.kind === 'payment_session')
  for (const { bodyJson, id, subject } of rows.events) {
    if (subject.kind === 'mandate') notes.events.set(id, bodyJson)
  }
  const attempts = rows.attempts.map(({ attempt }) => attempt)
  const refunds = rows.attempts.flatMap((one) => one.refunds)
  quickExpect(rows.events.length).toBe(rows.eventTotal)
  auditPayoutEvents(agreement, notes, rows)
  const publishedEvents = events.map(({ bodyJson, type }): EventFact => {
    const { payment, refund } = (JSON.parse(bodyJson) as Body).event_object
    return [type, String(refund?.refund_id ?? payment?.payment_id)]
  })
  const inOrder = (facts: readonly EventFact[]) => facts.map(String).sort()
  quickExpect(inOrder(publishedEvents), 'published events').toEqual(
    inOrder(expectedFacts(notes, attempts, refunds)),
  )

  for (const event of events) {
    const before = notes.events.get(event.id)
    if (before !== undefined) {
      quickExpect(event.bodyJson, 'a body that was written').toBe(before)
      continue
    }
    auditBody(event, agreement, attempts, refunds)
    const deliveries = await store.webhookDeliveries.listByEvent(event.id)
    expect(
      deliveries.map(({ endpointId, eventType, status }) => [endpointId, eventType, status]),
      'deliveries',
    ).toEqual(
      [...agreement.wants]
        .filter(([, types]) => types.includes(event.type))
        .map(([id]) => [id, event.type, 'pending'])
        .sort(([a], [b]) => Number(a) - Number(b)),
    )
    notes.events.set(event.id, event.bodyJson)
  }
  // Every earlier event is still there.
  quickExpect(rows.events.length).toBe(notes.events.size)
}

const SHOWN: readonly string[] = PAYOUT_STATUSES

/** Checks that each payout of the merchant has one event for each of its statuses, and no other payout has any. */
function auditPayoutEvents(
  { accountId }: Agreement,
  notes: Notes,
  { balances, events }: AuditedRows,
): void {
  const publishedEvents = events.filter(({ subject }) => subject.kind === 'payout')
  for (const { bodyJson, id } of publishedEvents) notes.events.set(id, bodyJson)
  const expected = balances.payouts
    .filter(
      ({ account_id: id, connected_account_id: connectedAccountId, status }) =>
        id === Number(accountId) && connectedAccountId === 0 && SHOWN.includes(String(status)),
    )
    .flatMap(({ id, status }) =>
      (status === 'initiated' ? ['initiated'] : ['initiated', status]).map(
        (word) => `payout.${word} ${id}`,
      ),
    )
  quickExpect(
    publishedEvents.map(({ subject, type }) => `${type} ${subject.id}`).sort(),
    'events of payouts',
  ).toEqual(expected.sort())
}

function expectedFacts(
  notes: Notes,
  attempts: readonly PaymentAttempt[],
  refunds: readonly Refund[],
): readonly EventFact[] {
  const ofAttempts = attempts.flatMap(({ id, instrument }): EventFact[] => {
    const statuses = notes.statuses.get(id)
    return [
      ...(statuses?.has('pending') && instrument.type === 'ach_debit'
        ? [['payment.pending', id] as const]
        : []),
      // The event stays, even if late money arrives and is refunded.
      ...(statuses?.has('failed') ? [['payment.failed', id] as const] : []),
      ...(statuses?.has('succeeded') ? [['payment.succeeded', id] as const] : []),
    ]
  })
  const ofRefunds = refunds.flatMap(({ id, status }): EventFact[] =>
    status === 'succeeded' || status === 'failed' ? [[`refund.${status}`, id]] : [],
  )
  const ofDisputes = [...notes.disputes.values()].map(
    ({ ownerId }): EventFact => ['payment.disputed', ownerId],
  )
  return [...ofAttempts, ...ofRefunds, ...ofDisputes]
}

/** Checks that a body agrees with the auditor's sums, in the format of the wire. */
function auditBody(
  { accountId, bodyJson, createdAtMs, id, subject, type }: WebhookEvent,
  agreement: Agreement,
  attempts: readonly PaymentAttempt[],
  refunds: readonly Refund[],
): void {
  const { event_object: object, ...body } = JSON.parse(bodyJson) as Body
  expect([accountId, subject]).toEqual([
    agreement.accountId,
    { kind: 'payment_session', id: agreement.id },
  ])
  expect(body).toEqual({
    event_id: Number(id),
    event_type: type,
    account_id: Number(accountId),
    live_mode: true,
    event_time: createdAtMs,
  })
  expect(Object.keys(object)).toEqual([type.startsWith('refund.') ? 'refund' : 'payment'])
  if (object.refund !== undefined) {
    const { refund_id, payment_id, amount, status, failure_reason } = object.refund
    const refund = refunds.find((one) => one.id === refund_id)
    expect({ payment_id, amount, status, failure_reason }).toEqual({
      payment_id: refund?.paymentAttemptId,
      amount: formatRupees(refund?.amount.amountMinor),
      status: type.slice('refund.'.length),
      failure_reason: type === 'refund.failed' ? 'insufficient_funds' : '',
    })
    return
  }
  const payment = object.payment ?? {}
  if (type === 'payment.disputed') {
    expect(payment).toMatchObject({ status: 'disputed', dispute: { status: 'open' } })
    return
  }
  const isSuccess = type === 'payment.succeeded'
  const capturedMinor = isSuccess ? agreement.amountMinor : 0n
  const feeMinor = (capturedMinor + 25n) / 50n
  const taxMinor = (feeMinor * 9n + 25n) / 50n
  expect(attempts.map((one) => one.id)).toContain(payment.payment_id)
  expect(payment).toMatchObject({
    payments_session_id: agreement.id,
    currency: 'INR',
    status: type.slice('payment.'.length),
    amount: formatRupees(agreement.amountMinor),
    amount_captured: formatRupees(capturedMinor),
    amount_refunded: '0.00',
    fee_amount: formatRupees(feeMinor),
    net_tax_amount: formatRupees(taxMinor),
    total_fee_amount: formatRupees(feeMinor + taxMinor),
    net_amount: formatRupees(capturedMinor - feeMinor - taxMinor),
    ...(type === 'payment.failed' && { failure_code: 'bank_declined' }),
  })
}

function formatRupees(minor = -1n): string {
  return `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`
}
