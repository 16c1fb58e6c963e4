import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AccountId, PaymentAttemptId, PaymentSessionId } from './id.ts'
import {
  movePaymentSession,
  PAYMENT_SESSION_MOVES,
  type PaymentSession,
  type PaymentSessionMove,
  type StoredPaymentSessionStatus,
  statusAt,
} from './payment-session.ts'

const [A1, A2] = ['101', '102'] as [PaymentAttemptId, PaymentAttemptId]
const EXPIRES_AT_MS = 1_000

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

function move(type: PaymentSessionMove['type'], attemptId: PaymentAttemptId): PaymentSessionMove {
  if (type === 'cancel') return { type }
  return type === 'record_decline'
    ? { type, attemptId, declineCode: 'card_declined' }
    : { type, attemptId }
}

const CASES = `
  status       move             attempt  attempts  now    result
  created      start_attempt    A1       0         999    in_progress
  created      start_attempt    A1       0         1000   session_expired
  created      cancel           A1       0         999    canceled
  created      cancel           A1       0         1000   session_expired
  created      record_approval  A1       0         0      no_such_attempt
  created      record_decline   A1       0         0      no_such_attempt
  in_progress  start_attempt    A2       1         0      attempt_in_progress
  in_progress  cancel           A1       1         0      attempt_in_progress
  in_progress  record_pending   A1       1         0      in_progress
  in_progress  record_pending   A2       1         0      no_such_attempt
  in_progress  record_approval  A1       1         9999   succeeded
  in_progress  record_approval  A2       1         0      no_such_attempt
  in_progress  record_decline   A1       1         0      created
  in_progress  record_decline   A1       1         9999   created
  in_progress  record_decline   A1       2         0      failed
  in_progress  record_decline   A2       1         0      no_such_attempt
  succeeded    record_approval  A1       1         0      session_succeeded
  succeeded    start_attempt    A2       1         0      session_succeeded
  succeeded    cancel           A1       1         0      session_succeeded
  failed       start_attempt    A2       2         0      session_failed
  failed       record_approval  A1       2         0      session_failed
  canceled     start_attempt    A1       0         0      session_canceled
  canceled     cancel           A1       0         0      session_canceled
`
const rows = CASES.trim()
  .split('\n')
  .slice(1)
  .map(
    (row) =>
      row.trim().split(/\s+/) as [
        StoredPaymentSessionStatus,
        PaymentSessionMove['type'],
        string,
        string,
        string,
        string,
      ],
  )

test.each(rows)(
  '%s, %s of %s after %s attempts at %s ms: %s',
  (status, type, attempt, attempts, now, expected) => {
    const session = sessionIn(status, Number(attempts))
    const result = movePaymentSession(session, move(type, attempt === 'A1' ? A1 : A2), Number(now))
    expect('refused' in result ? result.refused : result.session.status).toBe(expected)
  },
)

const STATUSES = Object.keys(PAYMENT_SESSION_MOVES) as StoredPaymentSessionStatus[]
const MOVE_TYPES = [
  'start_attempt',
  'record_pending',
  'record_approval',
  'record_decline',
  'cancel',
] as const

test('the function leads exactly where the table says it can', () => {
  for (const status of STATUSES) {
    for (const type of MOVE_TYPES) {
      const reached = new Set<StoredPaymentSessionStatus>()
      for (const attemptCount of [0, 1, 2]) {
        for (const attemptId of [A1, A2]) {
          for (const nowMs of [0, EXPIRES_AT_MS]) {
            const result = movePaymentSession(
              sessionIn(status, attemptCount),
              move(type, attemptId),
              nowMs,
            )
            if (!('refused' in result)) reached.add(result.session.status)
          }
        }
      }
      expect([...reached].sort(), `${status} ${type}`).toEqual(
        [...(PAYMENT_SESSION_MOVES[status][type] ?? [])].sort(),
      )
    }
  }
})

test('every status can be reached from created', () => {
  const reached = new Set<string>(['created'])
  for (const status of reached) {
    for (const targets of Object.values(
      PAYMENT_SESSION_MOVES[status as StoredPaymentSessionStatus],
    )) {
      for (const target of targets) reached.add(target)
    }
  }
  expect([...reached].sort()).toEqual([...STATUSES].sort())
})

test('an open session expires by the clock alone, one with an attempt at the processor never', () => {
  expect(statusAt(sessionIn('created'), EXPIRES_AT_MS - 1)).toBe('created')
  expect(statusAt(sessionIn('created'), EXPIRES_AT_MS)).toBe('expired')
  expect(statusAt(sessionIn('in_progress'), EXPIRES_AT_MS * 1000)).toBe('in_progress')
  expect(statusAt(sessionIn('succeeded'), EXPIRES_AT_MS)).toBe('succeeded')
})

test('no sequence of moves gives two successes, more attempts than allowed, or an attempt out of place', () => {
  const step = fc.record({
    type: fc.constantFrom(...MOVE_TYPES),
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
        let successCount = 0
        const started = new Set<string>()
        for (const { type, attempt, waitMs } of steps) {
          nowMs += waitMs
          const attemptId = String(100 + attempt) as PaymentAttemptId
          // The store refuses an id that is taken, so the same attempt never starts twice.
          if (type === 'start_attempt' && started.has(attemptId)) continue
          const result = movePaymentSession(session, move(type, attemptId), nowMs)
          if ('refused' in result) continue
          if (type === 'start_attempt') {
            expect(nowMs).toBeLessThan(EXPIRES_AT_MS)
            started.add(attemptId)
          }
          if (
            result.attempt !== undefined &&
            'status' in result.attempt &&
            result.attempt.status === 'succeeded'
          )
            successCount += 1
          session = result.session
          expect(session.currentAttemptId !== undefined).toBe(session.status === 'in_progress')
        }
        expect(successCount).toBeLessThanOrEqual(1)
        expect(session.status === 'succeeded').toBe(successCount === 1)
        expect(session.attemptCount).toBe(started.size)
        expect(session.attemptCount).toBeLessThanOrEqual(attemptCountMax)
      },
    ),
    { numRuns: 1_000 },
  )
})
