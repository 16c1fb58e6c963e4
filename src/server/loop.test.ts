import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { startLoop } from './loop.ts'

const logger = pino({ enabled: false })

test.each([
  ['finds nothing', () => undefined],
  [
    'fails',
    () => {
      throw new Error('the database does not answer')
    },
  ],
])('a loop that is stopped during work that %s ends when this work ends', async (_, end) => {
  const beginning = Promise.withResolvers<void>()
  const work = Promise.withResolvers<void>()
  const next = async () => {
    beginning.resolve()
    await work.promise
    return end()
  }
  const loop = startLoop({ name: 'look', next, idleMs: 3_600_000, laneCount: 1, logger })
  await beginning.promise
  loop.stop()
  work.resolve()
  await expect(loop.whenStopped).resolves.toBeUndefined()
})

test('an idle lane searches only in its turn, but at once when it is woken, and while it finds work', async () => {
  const searches: string[] = []
  const woken = Promise.withResolvers<void>()
  const refusals = Promise.withResolvers<void>()
  let results: readonly (string | undefined)[] = []
  let turnCount = 0
  const loop = startLoop({
    name: 'look',
    idleMs: 1,
    laneCount: 1,
    logger,
    next: async () => {
      const [result, ...others] = results
      results = others
      searches.push(result ?? 'nothing')
      if (result === 'last') woken.resolve()
      return result
    },
    takeTurn: async () => {
      turnCount += 1
      if (turnCount === 5) refusals.resolve()
      return false
    },
  })
  await refusals.promise
  expect(searches).toEqual([])
  results = ['first', 'second', 'last']
  loop.wake()
  await woken.promise
  loop.stop()
  await loop.whenStopped
  expect(searches.slice(0, 3)).toEqual(['first', 'second', 'last'])
})

test('a lane searches when it gets its turn', async () => {
  const searching = Promise.withResolvers<void>()
  const next = async () => searching.resolve()
  const takeTurn = async () => true
  const loop = startLoop({ name: 'look', next, idleMs: 1, laneCount: 1, logger, takeTurn })
  await searching.promise
  loop.stop()
  await expect(loop.whenStopped).resolves.toBeUndefined()
})

test('a lane starts no work in a pause that begins at the moment in which the last one ends', async () => {
  let workCount = 0
  const working = Promise.withResolvers<void>()
  const next = async () => {
    workCount += 1
    working.resolve()
  }
  const loop = startLoop({ name: 'look', next, idleMs: 1, laneCount: 1, logger })
  await working.promise
  await loop.pause()
  // The lane waits for the end of the pause.
  await setTimeout(20)
  const countInPause = workCount
  loop.resume()
  await loop.pause()
  await setTimeout(20)
  expect(workCount).toBe(countInPause)
  loop.stop()
  await loop.whenStopped
})
