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
])('a loop that is stopped during work that %s ends with this work', async (_, end) => {
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
