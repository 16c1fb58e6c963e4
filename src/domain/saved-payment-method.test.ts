import { describe, expect, test } from 'vitest'
import type { AccountId, CustomerId, PaymentMethodId, PaymentMethodSessionId } from './id.ts'
import { QUERY_WAIT_MS_MAX } from './payment-attempt.ts'
import {
  METHOD_SESSION_MOVES,
  METHOD_SESSION_REFUSAL_COUNT_MAX,
  type MethodSessionMove,
  methodSessionStatusAt,
  moveMethodSession,
  type PaymentMethodSession,
} from './payment-method-session.ts'
import {
  beginSave,
  moveSavedMethod,
  SAVED_METHOD_MOVES,
  type SavedMethodMove,
  type SavedPaymentMethod,
  STORED_SAVED_METHOD_STATUSES,
  type StoredSavedMethodStatus,
  savedMethodStatusAt,
} from './saved-payment-method.ts'

const NOW_MS = Date.UTC(2026, 10, 22)
const CARD = {
  type: 'card',
  brand: 'visa',
  lastFourDigits: '1111',
  expiryMonth: 9,
  expiryYear: 2028,
  holderName: 'Ben Ode',
} as const
const SAVING = beginSave(
  {
    id: '11' as PaymentMethodId,
    accountId: '1' as AccountId,
    customerId: '2' as CustomerId,
    sessionId: '3' as PaymentMethodSessionId,
    source: 'widget',
    instrument: CARD,
    addressId: '12' as PaymentMethodId,
    billingAddress: { country: 'US' },
  },
  NOW_MS,
)
const MOVES: { readonly [Type in SavedMethodMove['type']]: SavedMethodMove } = {
  record_saved: {
    type: 'record_saved',
    tokenSealed: 'v1.a',
    instrument: { ...CARD, country: 'US' },
  },
  record_verifying: { type: 'record_verifying', tokenSealed: 'v1.a', askAfterMs: 5_000 },
  record_waiting: { type: 'record_waiting' },
  record_refusal: { type: 'record_refusal', declineCode: 'do_not_honour' },
  give_up: { type: 'give_up' },
  change: { type: 'change', change: { expiry: { month: 1, year: 2030 } } },
  delete: { type: 'delete' },
  record_forgotten: { type: 'record_forgotten' },
  postpone_forgetting: { type: 'postpone_forgetting' },
}
function move(method: SavedPaymentMethod, ...types: SavedMethodMove['type'][]): SavedPaymentMethod {
  let movedMethod = method
  for (const type of types) {
    const next = moveSavedMethod(movedMethod, MOVES[type], NOW_MS + 1)
    if ('refused' in next) throw new Error(`${type}: ${next.refused}`)
    movedMethod = next
  }
  return movedMethod
}
const METHODS: { readonly [Status in StoredSavedMethodStatus]: SavedPaymentMethod } = {
  saving: SAVING,
  processing: move(SAVING, 'record_verifying'),
  active: move(SAVING, 'record_saved'),
  blocked: move(SAVING, 'record_verifying', 'record_refusal'),
  refused: move(SAVING, 'record_refusal'),
  deleted: move(SAVING, 'record_saved', 'delete'),
}

describe.each(STORED_SAVED_METHOD_STATUSES)('a method that is %s', (status) => {
  test.each(Object.values(MOVES))('is moved by $type exactly as in the table', (one) => {
    expect(METHODS[status].status).toBe(status)
    const result = moveSavedMethod(METHODS[status], one, NOW_MS + 2)
    const allowedValues = SAVED_METHOD_MOVES[status][one.type]
    if ('refused' in result) {
      expect(allowedValues).toBeUndefined()
      const isMerchants = one.type === 'change' || one.type === 'delete'
      expect(result.refused).toBe(isMerchants ? 'payment_method_unactivated' : 'no_such_save')
    } else {
      expect(allowedValues).toContain(result.status)
    }
  })

  test('has a time of the next call exactly while something is left to do', () => {
    const isOpen = status === 'saving' || status === 'processing' || status === 'deleted'
    expect(METHODS[status].callAtMs !== undefined).toBe(isOpen)
  })
})

test('a saved card gets the processor’s facts, and the time at which it was saved', () => {
  expect(METHODS.active).toEqual({
    ...SAVING,
    status: 'active',
    tokenSealed: 'v1.a',
    instrument: { ...CARD, country: 'US' },
    createdAtMs: NOW_MS + 1,
    changedAtMs: NOW_MS + 1,
    callAtMs: undefined,
    callCount: 0,
  })
})

test('facts of another kind of instrument, and facts after a merchant’s change, are not stored', () => {
  const other = { type: 'ach_debit', accountHolderName: 'B', lastFourDigits: '6789' } as const
  const account = { ...other, accountType: 'checking', routingNumber: '110000000' } as const
  const wrong = { type: 'record_saved', tokenSealed: 'v1.a', instrument: account } as const
  expect(moveSavedMethod(SAVING, wrong, NOW_MS)).toMatchObject({ instrument: CARD })
  const changedMethod = move(SAVING, 'record_verifying', 'change', 'record_saved')
  expect(changedMethod.instrument).toEqual({ ...CARD, expiryMonth: 1, expiryYear: 2030 })
})

test('the deletion of a token, even of one that Paydesk never got, stays due at growing waits until it has succeeded', () => {
  for (const method of [METHODS.deleted, move(SAVING, 'give_up')]) {
    expect(method.callAtMs).toBe(NOW_MS + 1)
    const first = move(method, 'postpone_forgetting')
    const later = move(first, ...Array(30).fill('postpone_forgetting'))
    expect(first.callAtMs).toBe(NOW_MS + 1 + 1_000)
    expect(later.callAtMs).toBeLessThan(NOW_MS + QUERY_WAIT_MS_MAX)
    const { callAtMs, tokenSealed } = move(later, 'record_forgotten')
    expect([callAtMs, tokenSealed]).toEqual([undefined, undefined])
  }
})

test.each([
  ['active', '2028-09-30T23:59:59.999Z', 'active'],
  ['active', '2028-10-01T00:00:00.000Z', 'expired'],
  ['blocked', '2028-10-01T00:00:00.000Z', 'blocked'],
  ['deleted', '2028-10-01T00:00:00.000Z', 'deleted'],
  ['processing', '2028-10-01T00:00:00.000Z', 'processing'],
  ['saving', '2028-10-01T00:00:00.000Z', undefined],
  ['refused', '2028-10-01T00:00:00.000Z', undefined],
] as const)(
  'a card with the expiry 09/28 and the status %s has, at %s, the status %s on the wire',
  (status, at, expected) => {
    expect(savedMethodStatusAt(METHODS[status], Date.parse(at))).toBe(expected)
  },
)

test('a later expiry makes an expired card active, and December ends with the year', () => {
  const atMs = Date.UTC(2028, 9, 1)
  const changedMethod = moveSavedMethod(
    METHODS.active,
    { type: 'change', change: { expiry: { month: 12, year: 2028 } } },
    atMs,
  ) as SavedPaymentMethod
  expect(savedMethodStatusAt(changedMethod, atMs)).toBe('active')
  expect(savedMethodStatusAt(changedMethod, Date.UTC(2029, 0, 1) - 1)).toBe('active')
  expect(savedMethodStatusAt(changedMethod, Date.UTC(2029, 0, 1))).toBe('expired')
})

describe('a payment method session', () => {
  const CREATED: PaymentMethodSession = {
    id: '3' as PaymentMethodSessionId,
    accountId: '1' as AccountId,
    customerId: '2' as CustomerId,
    status: 'created',
    createdAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 900_000,
    saveCount: 0,
  }
  const methodId = '11' as PaymentMethodId
  const start = (number: number): MethodSessionMove => ({ type: 'start_save', methodId, number })
  function following(session: PaymentMethodSession, ...moves: MethodSessionMove[]) {
    let movedSession = session
    for (const one of moves) {
      const next = moveMethodSession(movedSession, one, NOW_MS)
      if ('refused' in next) return next.refused
      movedSession = next
    }
    return movedSession
  }
  const begunSession = following(CREATED, start(1)) as PaymentMethodSession
  const SESSIONS = {
    created: CREATED,
    in_progress: begunSession,
    succeeded: { ...begunSession, status: 'succeeded' },
    failed: { ...begunSession, status: 'failed' },
  } as const

  test.each([
    ['created', 'start_save'],
    ['created', 'record_saved'],
    ['created', 'record_refusal'],
    ['created', 'expire_now'],
    ['in_progress', 'start_save'],
    ['in_progress', 'record_saved'],
    ['in_progress', 'record_refusal'],
    ['in_progress', 'expire_now'],
    ['succeeded', 'start_save'],
    ['succeeded', 'record_saved'],
    ['succeeded', 'record_refusal'],
    ['succeeded', 'expire_now'],
    ['failed', 'start_save'],
    ['failed', 'record_saved'],
    ['failed', 'record_refusal'],
    ['failed', 'expire_now'],
  ] as const)('that is %s goes by %s exactly where the table says', (status, type) => {
    const one: MethodSessionMove =
      type === 'start_save' ? start(1) : type === 'expire_now' ? { type } : { type, methodId }
    const result = moveMethodSession(SESSIONS[status], one, NOW_MS)
    const allowedValues = METHOD_SESSION_MOVES[status][type]
    if ('refused' in result) expect(allowedValues).toBeUndefined()
    else expect(allowedValues).toContain(result.status)
  })

  test('fails after five refusals, and before that can be used again', () => {
    let session = CREATED
    for (let number = 1; number <= METHOD_SESSION_REFUSAL_COUNT_MAX; number += 1) {
      expect(session.status).toBe('created')
      session = following(session, start(number), {
        type: 'record_refusal',
        methodId,
      }) as PaymentMethodSession
    }
    expect(session.status).toBe('failed')
    expect(following(session, start(6))).toBe('method_session_failed')
  })

  test('starts one save for a form that is sent twice, and refuses reports about another method', () => {
    expect(following(CREATED, start(2))).toBe('no_such_save')
    expect(following(begunSession, start(1))).toBe('save_in_progress')
    const other = '99' as PaymentMethodId
    expect(following(begunSession, { type: 'record_saved', methodId: other })).toBe('no_such_save')
    expect(following(begunSession, { type: 'record_refusal', methodId: other })).toBe(
      'no_such_save',
    )
  })

  test('expires by the clock while it is open, and not while the customer is with the issuer', () => {
    const endMs = CREATED.expiresAtMs
    expect(methodSessionStatusAt(CREATED, endMs - 1)).toBe('created')
    expect(methodSessionStatusAt(CREATED, endMs)).toBe('expired')
    expect(methodSessionStatusAt(begunSession, endMs + 1)).toBe('in_progress')
    expect(moveMethodSession(CREATED, start(1), endMs)).toEqual({
      refused: 'method_session_expired',
    })
    expect(following(CREATED, { type: 'expire_now' })).toMatchObject({ expiresAtMs: NOW_MS })
  })
})
