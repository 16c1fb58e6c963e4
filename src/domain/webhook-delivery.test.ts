import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccountId, WebhookEndpointId, WebhookEventId } from './id.ts'
import {
  afterAttempt,
  formatRetryWaits,
  isAccepted,
  JITTER_SHARE,
  parseRetryWaits,
  RETRY_WAITS_MS_DEFAULT,
  shownDelivery,
  storedStatusesOf,
  WEBHOOK_DELIVERY_MOVES,
  WEBHOOK_DELIVERY_STATUSES,
  type WebhookDelivery,
  type WebhookDeliveryStatus,
  waitingStatus,
  withRestartedSchedule,
} from './webhook-delivery.ts'

const HOUR_MS = 60 * 60_000
const newDelivery: WebhookDelivery = {
  eventId: '1' as WebhookEventId,
  endpointId: '2' as WebhookEndpointId,
  accountId: '3' as AccountId,
  eventType: 'payment.succeeded',
  status: 'pending',
  attemptCount: 0,
  failureCount: 0,
  nextAttemptAtMs: 0,
  createdAtMs: 0,
}
const attemptAt = (atMs: number, httpStatus?: number) => ({
  startedAtMs: atMs,
  endedAtMs: atMs + 100,
  ...(httpStatus !== undefined && { httpStatus }),
})

describe('the schedule', () => {
  test('has 36 waits: hourly for a day, every two hours for another one', () => {
    expect(RETRY_WAITS_MS_DEFAULT).toHaveLength(36)
    expect(RETRY_WAITS_MS_DEFAULT.slice(0, 24)).toEqual(new Array(24).fill(HOUR_MS))
    expect(RETRY_WAITS_MS_DEFAULT.slice(24)).toEqual(new Array(12).fill(2 * HOUR_MS))
    expect(RETRY_WAITS_MS_DEFAULT.reduce((sum, wait) => sum + wait)).toBe(48 * HOUR_MS)
    expect(parseRetryWaits('24x1h,12x2h')).toEqual(RETRY_WAITS_MS_DEFAULT)
    expect(formatRetryWaits(RETRY_WAITS_MS_DEFAULT)).toBe('24x1h,12x2h')
  })

  test('has an attempt at its start and after each wait, and then the delivery fails permanently', () => {
    let delivery = newDelivery
    const attemptTimesMs: number[] = []
    while (delivery.status === 'pending') {
      const atMs = delivery.nextAttemptAtMs ?? Number.NaN
      attemptTimesMs.push(atMs)
      delivery = afterAttempt(delivery, attemptAt(atMs, 500), RETRY_WAITS_MS_DEFAULT, 0)
    }
    expect(attemptTimesMs).toHaveLength(37)
    expect(attemptTimesMs.at(-1)).toBe(48 * HOUR_MS + 36 * 100)
    expect(delivery).toEqual({
      ...newDelivery,
      status: 'given_up',
      nextAttemptAtMs: undefined,
      attemptCount: 37,
      failureCount: 37,
      failingSinceMs: 0,
      attemptedAtMs: attemptTimesMs.at(-1),
      httpStatus: 500,
    })
    expect(delivery).not.toHaveProperty('nextAttemptAtMs')
  })

  test('begins again for a restarted delivery, with all its waits', () => {
    const waits = [1_000, 2_000]
    // A new delivery, as the store creates it: no failure yet.
    const again = { ...newDelivery, attemptCount: 37, nextAttemptAtMs: 77 }
    const failedDelivery = afterAttempt(again, attemptAt(80), waits, 0)
    expect(failedDelivery).toMatchObject({ attemptCount: 38, failureCount: 1, failingSinceMs: 80 })
    expect(failedDelivery.nextAttemptAtMs).toBe(80 + 100 + 1_000)
    const second = afterAttempt(failedDelivery, attemptAt(1_200), waits, 0)
    expect(second).toMatchObject({ status: 'pending', failingSinceMs: 80 })
    expect(afterAttempt(second, attemptAt(4_000), waits, 0).status).toBe('given_up')
  })

  test('varies each wait by at most a tenth, counted from the end of the last attempt', () => {
    const jitter = fc.double({ min: -1, max: 1, noNaN: true })
    const wait = fc.integer({ min: 1_000, max: 7 * 24 * HOUR_MS })
    fc.assert(
      fc.property(jitter, wait, fc.nat(1_000_000), (jitterValue, waitMs, atMs) => {
        const attempt = attemptAt(atMs, 503)
        const { nextAttemptAtMs = 0 } = afterAttempt(newDelivery, attempt, [waitMs], jitterValue)
        const afterMs = nextAttemptAtMs - attempt.endedAtMs
        expect(Number.isInteger(nextAttemptAtMs)).toBe(true)
        expect(Math.abs(afterMs - waitMs)).toBeLessThanOrEqual(JITTER_SHARE * waitMs + 0.5)
      }),
    )
    const dueAtMs = (jitterValue: number) =>
      afterAttempt(newDelivery, attemptAt(0), [10_000], jitterValue).nextAttemptAtMs
    expect([dueAtMs(-1), dueAtMs(0), dueAtMs(1)]).toEqual([9_100, 10_100, 11_100])
  })

  test('has a single attempt when it has no waits', () => {
    expect(afterAttempt(newDelivery, attemptAt(0, 500), [], 0).status).toBe('given_up')
  })
})

test.each<[text: string, waits: readonly number[] | undefined]>([
  ['1s', [1_000]],
  ['5m', [300_000]],
  ['2h', [2 * HOUR_MS]],
  ['7d', [168 * HOUR_MS]],
  ['2x1s,1m', [1_000, 1_000, 60_000]],
  [' 2x1s , 1m ', [1_000, 1_000, 60_000]],
  ['200x1s', new Array<number>(200).fill(1_000)],
  ['100x1s,100x2s', [...new Array<number>(100).fill(1_000), ...new Array<number>(100).fill(2_000)]],
  ['201x1s', undefined],
  ['0x1h', undefined],
  ['1h,000x1h', undefined],
  ['100x1s,101x2s', undefined],
  ['8d', undefined],
  ['168h', [168 * HOUR_MS]],
  ['169h', undefined],
  ['0s', undefined],
  ['3x0s', undefined],
  ['', undefined],
  [',', undefined],
  ['1s,', undefined],
  ['1', undefined],
  ['1w', undefined],
  ['1.5h', undefined],
  ['-1h', undefined],
  ['1x', undefined],
  ['x1h', undefined],
  ['1h 2h', undefined],
  ['1H', undefined],
  ['1e3s', undefined],
  ['99999s', [99_999_000]],
  ['100000s', undefined],
])('the schedule %j is read as the waits %j', (text, waits) => {
  expect(parseRetryWaits(text)).toEqual(waits)
  if (waits !== undefined) expect(parseRetryWaits(formatRetryWaits(waits))).toEqual(waits)
})

test.each<[number | undefined, boolean]>([
  [undefined, false],
  [100, false],
  [199, false],
  [200, true],
  [204, true],
  [299, true],
  [300, false],
  [304, false],
  [400, false],
  [410, false],
  [500, false],
])('the status %s counts as a delivery: %s', (httpStatus, expected) => {
  expect(isAccepted(httpStatus)).toBe(expected)
})

describe('an attempt', () => {
  // The status before the attempt, the answer, and the status after it; `+`: it has a next attempt.
  const CASES = `
    pending    204   delivered
    pending    500   pending+
    pending    302   pending+
    pending    none  pending+
    delivered  204   delivered
    delivered  500   delivered
    delivered  none  delivered
    given_up   204   delivered
    given_up   500   given_up
    given_up   none  given_up
    held       204   delivered
    held       500   held
    held       none  held
    canceled   204   delivered
    canceled   500   canceled
    canceled   none  canceled
  `
  const rows = CASES.trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/) as [WebhookDeliveryStatus, string, string])

  test('is tested from each status', () => {
    expect(new Set(rows.map(([status]) => status))).toEqual(new Set(WEBHOOK_DELIVERY_STATUSES))
  })

  test.each(rows)(
    'changes a delivery from %s after the answer %s to %s',
    (status, answer, expected) => {
      const { nextAttemptAtMs: _, ...rest } = newDelivery
      const before: WebhookDelivery = {
        ...rest,
        status,
        attemptCount: 4,
        failureCount: 1,
        failingSinceMs: 7,
        httpStatus: 418,
        ...(status === 'pending' && { nextAttemptAtMs: 9 }),
      }
      const httpStatus = answer === 'none' ? undefined : Number(answer)
      const after = afterAttempt(before, attemptAt(50, httpStatus), [1_000, 1_000], 0)
      expect(`${after.status}${after.nextAttemptAtMs === undefined ? '' : '+'}`).toBe(expected)
      expect('nextAttemptAtMs' in after).toBe(after.status === 'pending')
      expect(after).toMatchObject({ attemptCount: 5, attemptedAtMs: 50, failingSinceMs: 7 })
      // The status of the last attempt.
      expect(after.httpStatus).toBe(httpStatus)
      expect(after.failureCount).toBe(after.status === 'delivered' ? 1 : 2)
    },
  )

  test('does not raise the failure count above 10,000', () => {
    const before = { ...newDelivery, status: 'held' as const, failureCount: 10_000 }
    expect(afterAttempt(before, attemptAt(0, 500), [], 0).failureCount).toBe(10_000)
  })
})

describe('the status that a delivery shows', () => {
  const ENDPOINTS = ['active', 'inactive', 'disabled', 'deleted'] as const

  test.each(ENDPOINTS)('names the reason for waiting when its endpoint is %s', (endpoint) => {
    const expected = { active: 'pending', inactive: 'held', disabled: 'held', deleted: 'canceled' }
    for (const status of WEBHOOK_DELIVERY_STATUSES) {
      const { nextAttemptAtMs: _, ...rest } = newDelivery
      const storedDelivery: WebhookDelivery = {
        ...rest,
        status,
        ...(status === 'pending' && { nextAttemptAtMs: 9 }),
      }
      const isWaiting = status === 'pending' || status === 'held'
      const view = shownDelivery(storedDelivery, endpoint)
      expect(view.status).toBe(isWaiting ? expected[endpoint] : status)
      expect('nextAttemptAtMs' in view).toBe(status === 'pending' && endpoint === 'active')
      // A list filtered by a status has exactly the deliveries that are shown with it.
      for (const filter of WEBHOOK_DELIVERY_STATUSES) {
        expect([filter, storedStatusesOf(filter, endpoint).includes(status)]).toEqual([
          filter,
          view.status === filter,
        ])
      }
    }
  })

  test('ignores failures from before the activation of its endpoint', () => {
    const failing = { ...newDelivery, failureCount: 5, failingSinceMs: 50 }
    expect(withRestartedSchedule(failing, undefined)).toEqual(failing)
    expect(withRestartedSchedule(failing, 50)).toEqual(failing)
    expect(withRestartedSchedule(failing, 51)).toEqual({ ...newDelivery, failureCount: 0 })
    expect(withRestartedSchedule(newDelivery, 51)).toEqual(newDelivery)
  })
})

test('answers and statuses of endpoints move a delivery exactly as in the table', () => {
  for (const status of WEBHOOK_DELIVERY_STATUSES) {
    const moves = WEBHOOK_DELIVERY_MOVES[status]
    const after = (httpStatus: number) =>
      [0, 1].map(
        (failureCount) =>
          afterAttempt(
            { ...newDelivery, status, failureCount },
            attemptAt(1_000, httpStatus),
            [HOUR_MS],
            0,
          ).status,
      )
    expect(new Set(after(200)), `${status} accepted`).toEqual(new Set(moves.record_acceptance))
    expect(new Set(after(500)), `${status} failed`).toEqual(new Set(moves.record_failure))
    if (status !== 'pending' && status !== 'held') continue
    expect([waitingStatus('inactive')]).toEqual(status === 'held' ? ['held'] : moves.hold)
    expect([waitingStatus('active')]).toEqual(status === 'held' ? moves.release : ['pending'])
    expect([waitingStatus('deleted')]).toEqual(moves.cancel)
  }
})
