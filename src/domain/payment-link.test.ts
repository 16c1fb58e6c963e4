import { expect, test } from 'vitest'
import type { AccountId, PaymentAttemptId, PaymentLinkId, PaymentSessionId } from './id.ts'
import {
  movePaymentLink,
  PAYMENT_LINK_MOVES,
  PAYMENT_LINK_STATUSES,
  type PaymentLink,
  type PaymentLinkMove,
  paymentLinkStatusAt,
} from './payment-link.ts'

const [S1, S2] = ['11', '12'] as PaymentSessionId[] as [PaymentSessionId, PaymentSessionId]
const P1 = '21' as PaymentAttemptId
const END_MS = 1_000
const ACTIVE: PaymentLink = {
  id: '1' as PaymentLinkId,
  accountId: '2' as AccountId,
  amount: { amountMinor: 149_990n, currency: 'INR' },
  status: 'active',
  description: 'Order 8841',
  url: 'https://pay.shop.test/paymentlink/01',
  createdAtMs: 0,
  expiresAtMs: END_MS,
}
const WITH_PAYMENT: PaymentLink = { ...ACTIVE, newestSessionId: S1, currentSessionId: S1 }
const LINKS: Record<string, PaymentLink> = {
  active: ACTIVE,
  'with a payment': WITH_PAYMENT,
  paid: { ...ACTIVE, status: 'paid', paidAttemptId: P1 },
  expired: { ...ACTIVE, status: 'expired' },
  canceled: { ...ACTIVE, status: 'canceled' },
}
const MOVES: { readonly [Type in PaymentLinkMove['type']]: PaymentLinkMove } = {
  open_session: { type: 'open_session', sessionId: S2 },
  begin_payment: { type: 'begin_payment', sessionId: S2 },
  end_payment: { type: 'end_payment', sessionId: S1 },
  pay: { type: 'pay', sessionId: S1, attemptId: P1 },
  update: { type: 'update', change: { description: 'Order 1' } },
  cancel: { type: 'cancel' },
  expire: { type: 'expire' },
  expire_now: { type: 'expire_now' },
}

/** Makes a move. Returns the status after it, at its time, or the refusal. */
function after(link: PaymentLink, move: PaymentLinkMove, nowMs: number): string {
  const result = movePaymentLink(link, move, nowMs)
  return 'refused' in result ? result.refused : paymentLinkStatusAt(result, nowMs)
}

// The link, the move, the result in its time and after its time.
test.each<[string, PaymentLinkMove['type'], string, string]>([
  ['active', 'open_session', 'active', 'link_expired'],
  ['active', 'begin_payment', 'active', 'link_expired'],
  ['active', 'end_payment', 'link_in_progress', 'link_in_progress'],
  ['active', 'pay', 'link_in_progress', 'link_in_progress'],
  ['active', 'update', 'active', 'link_expired'],
  ['active', 'cancel', 'canceled', 'link_expired'],
  ['active', 'expire', 'link_in_progress', 'expired'],
  ['active', 'expire_now', 'expired', 'link_expired'],
  // The link waits for a payment that began in time.
  ['with a payment', 'open_session', 'link_in_progress', 'link_in_progress'],
  ['with a payment', 'begin_payment', 'link_in_progress', 'link_in_progress'],
  ['with a payment', 'end_payment', 'active', 'expired'],
  ['with a payment', 'pay', 'paid', 'paid'],
  ['with a payment', 'update', 'active', 'active'],
  ['with a payment', 'cancel', 'link_in_progress', 'link_in_progress'],
  ['with a payment', 'expire', 'link_in_progress', 'link_in_progress'],
  ['with a payment', 'expire_now', 'active', 'active'],
])(
  'a link that is %s gets by the move %s the result %s, and after its time %s',
  (name, type, now, late) => {
    const link = LINKS[name] ?? ACTIVE
    expect([after(link, MOVES[type], END_MS - 1), after(link, MOVES[type], END_MS)]).toEqual([
      now,
      late,
    ])
  },
)

test('a link that is paid, expired or canceled never changes again', () => {
  for (const status of ['paid', 'expired', 'canceled'] as const) {
    for (const move of Object.values(MOVES)) {
      expect(after(LINKS[status] ?? ACTIVE, move, 0)).toBe(`link_${status}`)
    }
  }
})

test('every move goes exactly where the table says, and every status is reachable', () => {
  const reachedStatuses = new Set<string>(['active'])
  for (const [status, moves] of Object.entries(PAYMENT_LINK_MOVES)) {
    for (const [type, [to]] of Object.entries(moves)) {
      const link = type === 'end_payment' || type === 'pay' ? WITH_PAYMENT : ACTIVE
      const nowMs = type === 'expire' ? END_MS : 0
      const result = movePaymentLink(link, MOVES[type as PaymentLinkMove['type']], nowMs)
      expect([status, type, result]).toEqual([
        status,
        type,
        expect.objectContaining({ status: to }),
      ])
      reachedStatuses.add(to)
    }
  }
  expect([...reachedStatuses].sort()).toEqual([...PAYMENT_LINK_STATUSES].sort())
})

test('a link with a payment at the processor refuses the end and the success of a payment in another session', () => {
  for (const type of ['end_payment', 'pay'] as const) {
    const move: PaymentLinkMove = { ...MOVES[type], sessionId: S2 } as PaymentLinkMove
    expect(movePaymentLink(WITH_PAYMENT, move, 0)).toEqual({ refused: 'link_in_progress' })
  }
})

test('an update replaces the sent fields, removes empty ones, and makes the page open a new session', () => {
  const before: PaymentLink = {
    ...ACTIVE,
    email: 'asha@shop.test',
    phone: '1',
    referenceId: 'INV-1',
    newestSessionId: S1,
  }
  const change = { email: '', referenceId: 'INV-2', expiresAtMs: 5_000 }
  const { email: _, newestSessionId: __, ...keptFields } = before
  expect(movePaymentLink(before, { type: 'update', change }, 0)).toEqual({
    ...keptFields,
    referenceId: 'INV-2',
    expiresAtMs: 5_000,
  })
})
