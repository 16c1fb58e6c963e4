import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccountId, PaymentAttemptId, PaymentSessionId } from './id.ts'
import {
  FIRST_QUERY_AFTER_MS,
  NO_MONEY,
  PAYMENT_ATTEMPT_STATUSES,
  type PaymentAttempt,
  type PaymentAttemptStatus,
  queryDelayMs,
} from './payment-attempt.ts'
import {
  type MovedSession,
  movePaymentSession,
  PAYMENT_SESSION_MOVES,
  type PaymentSession,
  type PaymentSessionMove,
  type StoredPaymentSessionStatus,
  statusAt,
} from './payment-session.ts'

/** A1 is at the processor while the session is in progress. A2 is another attempt of the session. */
const [A1, A2] = ['101', '102'] as [PaymentAttemptId, PaymentAttemptId]
const EXPIRES_AT_MS = 1_000
const DEADLINE_AT_MS = 5_000
const INSTRUMENT = { type: 'netbanking', bankName: 'Test Bank' } as const

function sessionIn(status: StoredPaymentSessionStatus, attemptCount = 0): PaymentSession {
  const isTaken = status === 'in_progress'
  return {
    id: '1' as PaymentSessionId,
    accountId: '2' as AccountId,
    amount: { amountMinor: 1n, currency: 'INR' },
    status,
    createdAtMs: 0,
    expiresAtMs: EXPIRES_AT_MS,
    attemptCount: isTaken ? Math.max(1, attemptCount) : attemptCount,
    attemptCountMax: 2,
    currentAttemptId: isTaken ? A1 : undefined,
  }
}

function attemptIn(status: PaymentAttemptStatus, id = A1): PaymentAttempt {
  const isOpen = status === 'initiated' || status === 'pending'
  return {
    id,
    accountId: '2' as AccountId,
    paymentSessionId: '1' as PaymentSessionId,
    status,
    number: 1,
    createdAtMs: 0,
    deadlineAtMs: DEADLINE_AT_MS,
    instrument: INSTRUMENT,
    money: NO_MONEY,
    queryCount: 0,
    ...(isOpen ? { nextQueryAtMs: 1 } : { decidedAtMs: 1 }),
    ...(status === 'pending' && { action: { kind: 'upi_approve' } as const }),
    ...(status === 'failed' && { declineCode: 'card_declined' as const }),
  }
}

const MORE = {
  start_attempt: { instrument: INSTRUMENT, attemptLifeMs: DEADLINE_AT_MS },
  send_charge: { attemptLifeMs: DEADLINE_AT_MS },
  record_pending: { processorReference: 'p1' },
  record_unknown: {},
  record_approval: { processorReference: 'p1' },
  record_decline: { declineCode: 'insufficient_funds' },
  cancel: {},
  expire_now: {},
} as const
const MOVE_TYPES = Object.keys(MORE) as PaymentSessionMove['type'][]
const move = (type: PaymentSessionMove['type'], attemptId: PaymentAttemptId, more = {}) =>
  ({ type, attemptId, ...MORE[type], ...more }) as PaymentSessionMove

// The attempt of the move before and after it. `+refund`: its money is refunded. `_`: there is no attempt.
const CASES = `
  status       move             attempt       attempts  now    result               attempt_after
  created      start_attempt    _             0         999    in_progress          initiated
  created      start_attempt    _             1         999    in_progress          initiated
  created      start_attempt    _             0         1000   session_expired      _
  created      cancel           _             0         999    canceled             _
  created      cancel           _             0         1000   session_expired      _
  created      expire_now       _             0         999    created              _
  created      expire_now       _             0         1000   created              _
  created      record_pending   A1:failed     1         0      no_such_attempt      _
  created      record_unknown   A1:failed     1         0      no_such_attempt      _
  created      record_decline   A1:failed     1         0      no_such_attempt      _
  created      record_approval  _             0         0      no_such_attempt      _
  created      record_approval  A1:failed     1         0      created              refunded+refund
  created      record_approval  A1:failed     1         9999   created              refunded+refund
  created      record_approval  A1:refunded   1         0      no_such_attempt      _
  in_progress  start_attempt    _             1         0      attempt_in_progress  _
  in_progress  cancel           _             1         0      attempt_in_progress  _
  in_progress  expire_now       _             1         0      attempt_in_progress  _
  in_progress  send_charge      A1:initiated  1         9999   in_progress          initiated
  in_progress  send_charge      A2:failed     2         0      no_such_attempt      _
  in_progress  send_charge      _             1         0      no_such_attempt      _
  in_progress  record_pending   A1:initiated  1         0      in_progress          pending
  in_progress  record_pending   A1:pending    1         9999   in_progress          pending
  in_progress  record_pending   A2:failed     2         0      no_such_attempt      _
  in_progress  record_pending   _             1         0      no_such_attempt      _
  in_progress  record_unknown   A1:initiated  1         0      in_progress          initiated
  in_progress  record_unknown   A1:pending    1         9999   in_progress          pending
  in_progress  record_unknown   A2:failed     2         0      no_such_attempt      _
  in_progress  record_approval  A1:initiated  1         1000   succeeded            succeeded
  in_progress  record_approval  A1:pending    1         5000   succeeded            succeeded
  in_progress  record_approval  A1:pending    1         5001   created              refunded+refund
  in_progress  record_approval  A1:pending    2         5001   failed               refunded+refund
  in_progress  record_approval  A2:failed     2         0      in_progress          refunded+refund
  in_progress  record_approval  A2:refunded   2         0      no_such_attempt      _
  in_progress  record_approval  _             1         0      no_such_attempt      _
  in_progress  record_decline   A1:initiated  1         0      created              failed
  in_progress  record_decline   A1:pending    1         9999   created              failed
  in_progress  record_decline   A1:pending    2         0      failed               failed
  in_progress  record_decline   A2:failed     2         0      no_such_attempt      _
  succeeded    record_approval  A1:succeeded  1         0      no_such_attempt      _
  succeeded    record_approval  A2:failed     2         0      succeeded            refunded+refund
  succeeded    record_approval  A2:refunded   2         0      no_such_attempt      _
  succeeded    record_pending   A1:succeeded  1         0      session_succeeded    _
  succeeded    record_unknown   A1:succeeded  1         0      session_succeeded    _
  succeeded    record_decline   A1:succeeded  1         0      session_succeeded    _
  succeeded    start_attempt    _             1         0      session_succeeded    _
  succeeded    cancel           _             1         0      session_succeeded    _
  succeeded    expire_now       _             1         0      session_succeeded    _
  failed       record_approval  A1:failed     2         0      failed               refunded+refund
  failed       record_approval  A1:refunded   2         0      no_such_attempt      _
  failed       record_decline   A1:failed     2         0      session_failed       _
  failed       start_attempt    _             2         0      session_failed       _
  failed       cancel           _             2         0      session_failed       _
  failed       expire_now       _             2         0      session_failed       _
  canceled     record_approval  A1:failed     1         0      canceled             refunded+refund
  canceled     record_approval  A1:refunded   1         0      no_such_attempt      _
  canceled     record_decline   A1:failed     1         0      session_canceled     _
  canceled     start_attempt    _             0         0      session_canceled     _
  canceled     cancel           _             0         0      session_canceled     _
  canceled     expire_now       _             0         0      session_canceled     _
`
type Case = [
  StoredPaymentSessionStatus,
  PaymentSessionMove['type'],
  attempt: string,
  attempts: string,
  now: string,
  result: string,
  attemptAfter: string,
]
const rows = CASES.trim()
  .split('\n')
  .slice(1)
  .map((row) => row.trim().split(/\s+/) as Case)

test.each(rows)(
  'in the status %s the move %s of attempt %s after %s attempts at %s ms gives %s, and the attempt %s',
  (status, type, namedAttempt, attempts, now, expected, attemptAfter) => {
    const session = sessionIn(status, Number(attempts))
    const [name, attemptStatus] = namedAttempt.split(':') as [string, PaymentAttemptStatus]
    const id = name === 'A2' ? A2 : A1
    const attempt = attemptStatus && attemptIn(attemptStatus, id)
    const result = movePaymentSession(session, attempt, move(type, id), Number(now))
    if ('refused' in result) {
      expect([result.refused, '_']).toEqual([expected, attemptAfter])
      return
    }
    const after = `${result.attempt?.status ?? '_'}${result.refundsAttempt === true ? '+refund' : ''}`
    expect([result.session.status, after]).toEqual([expected, attemptAfter])
    // An attempt that is no longer current never moves the session.
    if (status !== 'in_progress' && type === 'record_approval') {
      expect(result.session).toEqual(session)
    }
  },
)

const STATUSES = Object.keys(PAYMENT_SESSION_MOVES) as StoredPaymentSessionStatus[]

test('movePaymentSession makes exactly the moves of the table', () => {
  // The current attempt is open, all others are decided.
  const isPossible = (session: PaymentSession, { id, status }: PaymentAttempt) =>
    (id === session.currentAttemptId) === (status === 'initiated' || status === 'pending')
  const attempts = [A1, A2].flatMap((id) =>
    PAYMENT_ATTEMPT_STATUSES.map((status) => attemptIn(status, id)),
  )
  for (const status of STATUSES) {
    for (const type of MOVE_TYPES) {
      const reachedStatuses = new Set<StoredPaymentSessionStatus>()
      for (const session of [0, 1, 2].map((attemptCount) => sessionIn(status, attemptCount))) {
        for (const attempt of [undefined, ...attempts]) {
          if (attempt !== undefined && !isPossible(session, attempt)) continue
          for (const nowMs of [0, EXPIRES_AT_MS, DEADLINE_AT_MS + 1]) {
            const moveOfAttempt = move(type, attempt?.id ?? A1)
            const result = movePaymentSession(session, attempt, moveOfAttempt, nowMs)
            if (!('refused' in result)) reachedStatuses.add(result.session.status)
          }
        }
      }
      expect([...reachedStatuses].sort(), `${status} ${type}`).toEqual(
        [...(PAYMENT_SESSION_MOVES[status][type] ?? [])].sort(),
      )
    }
  }
})

test('every status can be reached from created', () => {
  const reachedStatuses = new Set<string>(['created'])
  for (const status of reachedStatuses) {
    for (const targets of Object.values(
      PAYMENT_SESSION_MOVES[status as StoredPaymentSessionStatus],
    )) {
      for (const target of targets) reachedStatuses.add(target)
    }
  }
  expect([...reachedStatuses].sort()).toEqual([...STATUSES].sort())
})

test('an open session expires by the clock, and a session with an attempt at the processor never expires', () => {
  expect(statusAt(sessionIn('created'), EXPIRES_AT_MS - 1)).toBe('created')
  expect(statusAt(sessionIn('created'), EXPIRES_AT_MS)).toBe('expired')
  expect(statusAt(sessionIn('in_progress'), EXPIRES_AT_MS * 1000)).toBe('in_progress')
  expect(statusAt(sessionIn('succeeded'), EXPIRES_AT_MS)).toBe('succeeded')
})

describe('the result of a move', () => {
  const applyMove = (
    session: PaymentSession,
    attempt: PaymentAttempt | undefined,
    change: PaymentSessionMove,
    nowMs: number,
  ) => movePaymentSession(session, attempt, change, nowMs) as MovedSession
  const inProgress = sessionIn('in_progress')

  test('a new attempt has its number, its deadline and the time of its first query', () => {
    const { session, attempt } = applyMove(
      sessionIn('created', 1),
      undefined,
      move('start_attempt', A2),
      7,
    )
    expect(session).toMatchObject({ attemptCount: 2, currentAttemptId: A2 })
    expect(attempt).toEqual({
      id: A2,
      paymentSessionId: '1',
      accountId: '2',
      status: 'initiated',
      number: 2,
      createdAtMs: 7,
      deadlineAtMs: 7 + DEADLINE_AT_MS,
      instrument: INSTRUMENT,
      money: NO_MONEY,
      nextQueryAtMs: 7 + FIRST_QUERY_AFTER_MS,
      queryCount: 0,
    })
  })

  test.each([
    [0, 1, 'in_progress'],
    [1, 2, 'in_progress'],
    [1, 1, 'no_such_attempt'],
    [0, 2, 'no_such_attempt'],
    [0, 0, 'no_such_attempt'],
  ])(
    'after %i attempts a form for attempt number %i gives %s',
    (attemptCount, number, expected) => {
      const form = move('start_attempt', A2, { number })
      const result = movePaymentSession(sessionIn('created', attemptCount), undefined, form, 0)
      expect('refused' in result ? result.refused : result.session.status).toBe(expected)
    },
  )

  test('the deadline is compared with the time of the capture, not with the time of the answer', () => {
    const attempt = attemptIn('pending')
    const afterDeadlineMs = DEADLINE_AT_MS + 60_000
    const captureAt = (approvedAtMs: number) =>
      applyMove(inProgress, attempt, move('record_approval', A1, { approvedAtMs }), afterDeadlineMs)
    expect(captureAt(DEADLINE_AT_MS).attempt).toMatchObject({
      status: 'succeeded',
      decidedAtMs: DEADLINE_AT_MS,
    })
    expect(captureAt(DEADLINE_AT_MS + 1).attempt?.status).toBe('refunded')
    // If the processor's clock is ahead of ours, the approval still does not lie in the future.
    const early = move('record_approval', A1, { approvedAtMs: DEADLINE_AT_MS + 1 })
    expect(applyMove(inProgress, attempt, early, 10).attempt).toMatchObject({
      status: 'succeeded',
      decidedAtMs: 10,
    })
  })

  test('an approval stores the facts of the processor, and drops the fields of an open attempt', () => {
    const instrument = { ...INSTRUMENT, bankName: 'Better Bank' }
    const approval = move('record_approval', A1, { instrument })
    const { nextQueryAtMs: _, action: __, ...rest } = attemptIn('pending')
    expect(applyMove(inProgress, attemptIn('pending'), approval, 9).attempt).toEqual({
      ...rest,
      status: 'succeeded',
      processorReference: 'p1',
      instrument,
      money: { ...NO_MONEY, capturedMinor: 1n },
      decidedAtMs: 9,
    })
  })

  test('an attempt keeps its own instrument when an approval names one of another type', () => {
    const instrument = { type: 'wallet', walletName: 'Purse' } as const
    const approval = move('record_approval', A1, { instrument })
    expect(applyMove(inProgress, attemptIn('pending'), approval, 9).attempt?.instrument).toEqual(
      INSTRUMENT,
    )
    expect(
      applyMove(sessionIn('created', 1), attemptIn('failed'), approval, 9).attempt,
    ).toMatchObject({
      status: 'refunded',
      instrument: INSTRUMENT,
    })
  })

  test.each<[what: string, PaymentSession, PaymentAttempt]>([
    ['the current attempt after its deadline', inProgress, attemptIn('pending')],
    ['an attempt that is no longer current', inProgress, attemptIn('failed', A2)],
    ['an attempt of a paid session', sessionIn('succeeded', 1), attemptIn('failed', A2)],
  ])('late money is captured and refunded in full: %s', (_, before, attempt) => {
    const large = { ...before, amount: { amountMinor: 10n ** 12n, currency: 'INR' } } as const
    const late = applyMove(large, attempt, move('record_approval', attempt.id), DEADLINE_AT_MS + 1)
    const money = { capturedMinor: 10n ** 12n, refundingMinor: 10n ** 12n }
    expect(late.attempt?.money).toEqual({ ...NO_MONEY, ...money })
  })

  test.each(['record_pending', 'record_unknown', 'record_decline'] as const)(
    'an attempt without approval has captured nothing (%s)',
    (type) => {
      expect(applyMove(inProgress, attemptIn('pending'), move(type, A1), 9).attempt?.money).toEqual(
        NO_MONEY,
      )
    },
  )

  test('an attempt with refunded money has no decline code', () => {
    const { attempt } = applyMove(
      sessionIn('failed', 2),
      attemptIn('failed'),
      move('record_approval', A1),
      9,
    )
    expect(attempt).toMatchObject({ status: 'refunded', processorReference: 'p1', decidedAtMs: 9 })
    expect(attempt).not.toHaveProperty('declineCode')
  })

  test('a decline ends the attempt with its code', () => {
    const { attempt } = applyMove(inProgress, attemptIn('pending'), move('record_decline', A1), 9)
    const { nextQueryAtMs: _, action: __, ...rest } = attemptIn('pending')
    expect(attempt).toEqual({
      ...rest,
      status: 'failed',
      declineCode: 'insufficient_funds',
      decidedAtMs: 9,
    })
  })

  test('a pending attempt has the action that the processor named last, or none', () => {
    const action = { kind: 'upi_link', uri: 'upi://pay' } as const
    const first = applyMove(
      inProgress,
      attemptIn('initiated'),
      move('record_pending', A1, { action }),
      0,
    )
    expect(first.attempt?.action).toEqual(action)
    const second = applyMove(inProgress, first.attempt, move('record_pending', A1), 0)
    expect(second.attempt).not.toHaveProperty('action')
  })

  test('the wait before each query grows, unless the processor names it', () => {
    let attempt: PaymentAttempt | undefined = attemptIn('initiated')
    const waits = Array.from({ length: 20 }, () => {
      attempt = applyMove(inProgress, attempt, move('record_unknown', A1), 50).attempt
      return (attempt?.nextQueryAtMs ?? 0) - 50
    })
    expect(waits).toEqual(Array.from({ length: 20 }, (_, count) => queryDelayMs(count)))
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    const pending = applyMove(
      inProgress,
      attempt,
      move('record_pending', A1, { askAfterMs: 42 }),
      50,
    )
    expect(pending.attempt).toMatchObject({ nextQueryAtMs: 92, queryCount: 21 })
  })

  test('an extra query is not counted, and does not delay the next scheduled query', () => {
    const scheduledAttempt = { ...attemptIn('pending'), nextQueryAtMs: 5_000, queryCount: 3 }
    const ask = (nowMs: number, askAfterMs = {}) =>
      applyMove(
        inProgress,
        scheduledAttempt,
        move('record_pending', A1, { isOutOfTurn: true, ...askAfterMs }),
        nowMs,
      ).attempt
    expect(ask(4_900)).toMatchObject({ nextQueryAtMs: 5_000, queryCount: 3 })
    expect(ask(0, { askAfterMs: 60_000 })).toMatchObject({ nextQueryAtMs: 5_000, queryCount: 3 })
    expect(ask(0, { askAfterMs: 1_000 })).toMatchObject({ nextQueryAtMs: 1_000, queryCount: 3 })
  })

  test.each(['record_unknown', 'record_pending'] as const)(
    'years of queries (%s) never raise the count above 1,000',
    (type) => {
      let attempt: PaymentAttempt | undefined = { ...attemptIn('pending'), queryCount: 998 }
      const counts = Array.from({ length: 4 }, () => {
        attempt = applyMove(inProgress, attempt, move(type, A1), 50).attempt
        return attempt?.queryCount
      })
      expect(counts).toEqual([999, 1_000, 1_000, 1_000])
      expect(attempt?.nextQueryAtMs).toBe(50 + 300_000)
    },
  )

  test('expire_now never moves the expiry to a later time', () => {
    const endAt = (nowMs: number) =>
      applyMove(sessionIn('created'), undefined, { type: 'expire_now' }, nowMs).session
    expect(endAt(400).expiresAtMs).toBe(400)
    expect(statusAt(endAt(400), 400)).toBe('expired')
    expect(endAt(EXPIRES_AT_MS + 1).expiresAtMs).toBe(EXPIRES_AT_MS)
  })
})

test('no sequence of moves gives two successes, too many attempts, an attempt in a wrong status, or money captured twice', () => {
  const step = fc.record({
    type: fc.constantFrom(...MOVE_TYPES.filter((type) => type !== 'expire_now')),
    attempt: fc.nat(6),
    waitMs: fc.nat(400),
  })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      (steps, attemptCountMax) => {
        let session: PaymentSession = { ...sessionIn('created'), attemptCountMax }
        let nowMs = 0
        const attempts = new Map<string, PaymentAttempt>()
        const refundedIds = new Set<string>()
        for (const { type, attempt, waitMs } of steps) {
          nowMs += waitMs
          const attemptId = String(100 + attempt) as PaymentAttemptId
          // The store refuses a taken id, so the same attempt never starts twice.
          if (type === 'start_attempt' && attempts.has(attemptId)) continue
          const change = move(type, attemptId, { attemptLifeMs: 600 })
          const result = movePaymentSession(session, attempts.get(attemptId), change, nowMs)
          if ('refused' in result) continue
          if (type === 'start_attempt') expect(nowMs).toBeLessThan(EXPIRES_AT_MS)
          if (result.attempt !== undefined) attempts.set(attemptId, result.attempt)
          if (result.refundsAttempt === true) {
            expect(refundedIds).not.toContain(attemptId)
            refundedIds.add(attemptId)
          }
          session = result.session
          expect(session.currentAttemptId !== undefined).toBe(session.status === 'in_progress')
        }
        const withStatus = (...statuses: PaymentAttemptStatus[]) =>
          [...attempts.values()].filter(({ status }) => statuses.includes(status))
        expect(withStatus('succeeded')).toHaveLength(session.status === 'succeeded' ? 1 : 0)
        expect(withStatus('initiated', 'pending').map(({ id }) => id)).toEqual(
          session.currentAttemptId === undefined ? [] : [session.currentAttemptId],
        )
        expect(new Set(withStatus('refunded').map(({ id }) => id))).toEqual(refundedIds)
        expect(session.attemptCount).toBe(attempts.size)
        expect(session.attemptCount).toBeLessThanOrEqual(attemptCountMax)
      },
    ),
    { numRuns: 1_000 },
  )
})
