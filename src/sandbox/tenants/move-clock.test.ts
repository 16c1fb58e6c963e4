import { setImmediate } from 'node:timers'
import { expect, test } from 'vitest'
import { createClockMover, EXACT_STOP_COUNT, STEP_COUNT } from './move-clock.ts'
import { CLOCK_MS_MAX, createSandboxClock } from './sandbox-clock.ts'

const START_MS = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000

/**
 * Makes a mover whose work falls due at these times after the start. `workTimes` has an entry for each work that was
 * done: the time at which it was due, and the time of the clock.
 */
function moverOf(dueAfterMs: readonly number[]) {
  const clock = createSandboxClock({ nowMs: () => 0 }, START_MS, 0)
  const due = dueAfterMs.map((afterMs) => START_MS + afterMs).toSorted((one, other) => one - other)
  const workTimes: { readonly dueMs: number; readonly atMs: number }[] = []
  const storedTimes: number[] = []
  const findNextDueMs = async (afterMs: number) => due.find((dueMs) => dueMs > afterMs)
  const doAllDue = async () => {
    while (due[0] !== undefined && due[0] <= clock.nowMs()) {
      workTimes.push({ dueMs: due.shift() ?? 0, atMs: clock.nowMs() })
    }
  }
  const work = { pause: async () => {}, resume: () => {}, doAllDue }
  const stop = new AbortController()
  return {
    clock,
    workTimes,
    storedTimes,
    stop,
    mover: createClockMover(
      { clock, store: { openWork: { findNextDueMs } } },
      work,
      { keep: async (laterMs = 0) => void storedTimes.push(Math.max(clock.nowMs(), laterMs)) },
      stop.signal,
    ),
  }
}

test('the first thousand stops of a move are exact, and at most a thousand more stops follow', async () => {
  const times = Array.from({ length: 20_000 }, (_, index) => 1 + index * 8_640)
  const { clock, workTimes, mover } = moverOf(times)
  expect(await mover.moveBy(2 * DAY_MS)).toBe(EXACT_STOP_COUNT + STEP_COUNT)
  expect(clock.nowMs()).toBe(START_MS + 2 * DAY_MS)
  expect(workTimes.map(({ dueMs }) => dueMs)).toEqual(times.map((afterMs) => START_MS + afterMs))
  const latenesses = workTimes.map(({ atMs, dueMs }) => atMs - dueMs)
  expect(latenesses.slice(0, EXACT_STOP_COUNT).every((lateMs) => lateMs === 0)).toBe(true)
  expect(Math.min(...latenesses)).toBe(0)
  expect(Math.max(...latenesses)).toBeLessThanOrEqual((2 * DAY_MS) / STEP_COUNT)
})

test('a move lets other requests run at each of its stops', async () => {
  const { mover } = moverOf([1, 2, 3, 4, 5])
  let turnCount = 0
  let isMoving = true
  const countTurns = () => {
    turnCount += 1
    if (isMoving) setImmediate(countTurns)
  }
  setImmediate(countTurns)
  await mover.moveBy(10)
  isMoving = false
  expect(turnCount).toBeGreaterThanOrEqual(5)
})

test('a move ends at its next stop when the sandbox ends, and does no later work', async () => {
  const { clock, workTimes, mover, stop } = moverOf([1, 2, 3])
  stop.abort()
  expect(await mover.moveBy(10)).toBe(1)
  expect(workTimes).toHaveLength(1)
  expect(clock.nowMs()).toBe(START_MS + 1)
})

test('the target of a move is stored before its first work, so that a crash does not set the clock back', async () => {
  const { workTimes, storedTimes, mover, stop } = moverOf([1, 2, 3])
  stop.abort()
  await mover.moveBy(10)
  expect([workTimes.length, storedTimes]).toEqual([1, [START_MS + 10]])
})

test('moves by a duration add up, even when they are concurrent', async () => {
  const { clock, mover } = moverOf([])
  await Promise.all([mover.moveBy(DAY_MS), mover.moveBy(DAY_MS), mover.moveBy(DAY_MS)])
  expect(clock.nowMs()).toBe(START_MS + 3 * DAY_MS)
})

test('a moved clock and a running clock both stop at the last time of a sandbox’s clock', async () => {
  let machineMs = 0
  const clock = createSandboxClock({ nowMs: () => machineMs }, CLOCK_MS_MAX - 10, 0)
  clock.moveTo(CLOCK_MS_MAX + DAY_MS)
  expect(clock.nowMs()).toBe(CLOCK_MS_MAX)
  clock.startFrom(CLOCK_MS_MAX - 10)
  clock.setRate(100_000)
  machineMs += DAY_MS
  expect(clock.nowMs()).toBe(CLOCK_MS_MAX)
})
