import { expect, test } from 'vitest'
import { createRest } from './rest.ts'
import { createSandboxClock } from './sandbox-clock.ts'

/** Makes a sandbox with work that is due at a time, and records the calls. */
function sandboxWith(dueMs: number | undefined, rate = 1) {
  const machine = { ms: 1_000_000, nowMs: () => machine.ms }
  const acts: string[] = []
  const waiting: { readonly call: () => void; readonly ms: number }[] = []
  const pausing = Promise.withResolvers<void>()
  const rest = createRest({
    machine,
    after: (call, ms) => {
      waiting.push({ call, ms })
      return () => {}
    },
    packDatabase: async () => void acts.push('packed'),
    tenant: {
      clock: createSandboxClock(machine, 0, rate),
      store: { openWork: { findNextDueMs: async () => dueMs } },
    },
    work: {
      pause: () => {
        acts.push('paused')
        return pausing.promise
      },
      resume: () => void acts.push('resumed'),
    },
  })
  return { acts, machine, endPause: pausing.resolve, rest, waiting }
}

test('a quiet sandbox rests until a request arrives, and is quiet again after the answer', async () => {
  const { acts, machine, endPause, rest } = sandboxWith(undefined)
  endPause()
  expect([rest.quietSinceMs(), await rest.begin()]).toEqual([1_000_000, true])
  expect([acts, rest.isResting()]).toEqual([['paused', 'packed'], true])
  machine.ms += 500
  const end = rest.wake()
  expect([acts.at(-1), rest.isResting(), rest.quietSinceMs()]).toEqual([
    'resumed',
    false,
    undefined,
  ])
  expect(await rest.begin()).toBe(false)
  machine.ms += 500
  end()
  expect(rest.quietSinceMs()).toBe(1_001_000)
  expect(await rest.begin()).toBe(true)
})

test('a request during the pause of the background work cancels the rest', async () => {
  const { acts, endPause, rest } = sandboxWith(undefined)
  const hasRested = rest.begin()
  rest.wake()
  endPause()
  expect(await hasRested).toBe(false)
  expect(acts).toEqual(['paused', 'resumed'])
})

test.each([
  ['due already', 0, 1, false],
  ['due already, with a frozen clock', 0, 0, false],
  ['due soon', 9_000, 1, false],
  ['due soon, with a fast clock', 3_600_000, 1_000, false],
  ['due much later', 60_000, 1, true],
  ['due in the future, with a frozen clock', 1, 0, true],
])(
  'a sandbox with work that is %s rests only if the work is not due for a long time: %i ms at rate %i',
  async (_, dueMs, rate, rests) => {
    const { acts, endPause, rest } = sandboxWith(dueMs, rate)
    endPause()
    expect(await rest.begin()).toBe(rests)
    expect(acts).toEqual(['paused', rests ? 'packed' : 'resumed'])
  },
)

test('the background work resumes when work is due', async () => {
  const { acts, endPause, rest, waiting } = sandboxWith(60_000, 2)
  endPause()
  await rest.begin()
  expect([acts.at(-1), waiting.map(({ ms }) => ms)]).toEqual(['packed', [30_000]])
  waiting[0]?.call()
  expect([acts.at(-1), rest.isResting()]).toEqual(['resumed', false])
})
