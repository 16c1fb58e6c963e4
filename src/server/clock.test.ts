import { expect, test } from 'vitest'
import { CLOCK_JUMPS, NOW_MS } from '../../test/support/stored-rows.ts'
import { createDifferenceWarning, followClock } from './clock.ts'

async function machineWithDatabase({ connectMs = 0 } = {}) {
  const times = { day: NOW_MS, steady: 5_000, database: NOW_MS + 20 }
  const messages: unknown[] = []
  let isDown = false
  /** The real time before and after the database reads its clock for the next query. */
  let waitsMs = [connectMs, 0]
  const pass = (ms: number) => {
    times.day += ms
    times.steady += ms
    times.database += ms
  }
  const clock = await followClock(
    async () => {
      if (isDown) throw new Error('gone')
      const [beforeMs = 0, afterMs = 0] = waitsMs
      pass(beforeMs)
      const answerMs = times.database
      pass(afterMs)
      waitsMs = [0, 0]
      return answerMs
    },
    createDifferenceWarning(
      (seconds) => messages.push(seconds),
      () => messages.push('agree'),
    ),
    { day: { nowMs: () => times.day }, steady: { nowMs: () => times.steady } },
  )
  return {
    clock,
    messages,
    times,
    /** Lets real time pass on all clocks. */
    pass,
    setWaits: (beforeMs: number, afterMs: number) => {
      waitsMs = [beforeMs, afterMs]
    },
    setDown: (to: boolean) => {
      isDown = to
    },
  }
}

test.each(CLOCK_JUMPS)(
  'a server whose clock is $name uses the database’s time, and logs the difference',
  async ({ jumpMs }) => {
    const { clock, pass, messages, times } = await machineWithDatabase()
    times.day += jumpMs
    pass(7_000)
    expect(clock.nowMs()).toBe(NOW_MS + 7_020)
    await clock.ask()
    pass(1)
    expect(clock.nowMs()).toBe(NOW_MS + 7_021)
    const seconds = Math.round((jumpMs - 20) / 1000)
    expect(messages).toEqual([seconds])
    await clock.ask()
    expect(messages).toEqual([seconds])
    times.day -= jumpMs
    await clock.ask()
    expect(messages).toEqual([seconds, 'agree'])
  },
)

test('a clock that differs by less than a minute is not reported', async () => {
  const { clock, messages, times } = await machineWithDatabase()
  times.day += 59_000
  await clock.ask()
  times.day += 1_021
  await clock.ask()
  expect(messages).toEqual([60])
})

test('the time continues while the database does not answer', async () => {
  const { clock, pass, setDown } = await machineWithDatabase()
  setDown(true)
  pass(60_000)
  await clock.ask()
  expect(clock.nowMs()).toBe(NOW_MS + 60_020)
})

test('a changed time of the database takes effect with the next query', async () => {
  const { clock, times } = await machineWithDatabase()
  times.database -= 30_000
  expect(clock.nowMs()).toBe(NOW_MS + 20)
  await clock.ask()
  expect(clock.nowMs()).toBe(NOW_MS - 29_980)
})

test('slow answers of the database never set the time back', async () => {
  const { clock, pass, setWaits, times } = await machineWithDatabase()
  for (const [beforeMs, afterMs] of [
    [1_900, 0],
    [0, 1_900],
    [30_000, 0],
    [0, 30_000],
  ] as const) {
    setWaits(beforeMs, afterMs)
    const shownMs = clock.nowMs()
    await clock.ask()
    expect(clock.nowMs()).toBe(shownMs + beforeMs + afterMs)
    expect(clock.nowMs()).toBe(times.database)
    pass(15_000)
  }
})

test('a slow answer corrects the time as far as it proves a difference', async () => {
  const { clock, setWaits, times } = await machineWithDatabase()
  times.database -= 30_000
  setWaits(1_000, 1_000)
  await clock.ask()
  // The answer proves only that the database's time is at most a second later.
  expect(clock.nowMs()).toBe(times.database + 1_000)
  await clock.ask()
  expect(clock.nowMs()).toBe(times.database)
})

test('the time is exact at the start, even if the connection to the database takes a second', async () => {
  const { clock, times } = await machineWithDatabase({ connectMs: 1_000 })
  expect(clock.nowMs()).toBe(times.database)
})
