import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENGINES, makePlace, type Place, settingsAt } from '../../../test/support/engines.ts'
import { type Control, control } from '../../../test/support/sandbox.ts'
import { startServer } from '../../server/start-server.ts'
import { openKeptClock } from './kept-clock.ts'

const START_MS = Date.UTC(2026, 10, 28, 9)
const MINUTE_MS = 60_000

describe.each(ENGINES.filter((name) => name !== 'memory'))('on %s', (engine) => {
  let place: Place
  let service: Awaited<ReturnType<typeof startServer>>
  let sandbox: Control
  let machineMs = START_MS
  const start = async (overrides = {}) => {
    service = await startServer(settingsAt(place, overrides), {
      clock: { nowMs: () => machineMs },
    })
    sandbox = control(service.baseUrl)
  }
  const readClock = async () => {
    const { time_ms, rate } = (await sandbox('GET', '/clock')).body.clock
    return [time_ms - START_MS, rate]
  }
  /** Restarts the sandbox a minute later. */
  const restart = async () => {
    await service.close()
    machineMs += MINUTE_MS
    await start()
  }
  beforeAll(async () => {
    place = await makePlace(engine)
    await start()
  })
  afterAll(async () => {
    await service.close()
    place.remove()
  })

  test('a restarted sandbox continues at the time of its clock, even if the clock is fast or frozen', async () => {
    await restart()
    expect(await readClock()).toEqual([MINUTE_MS, 1])
    await sandbox('POST', '/clock/advance', { by: '1h' })
    await restart()
    expect(await readClock()).toEqual([62 * MINUTE_MS, 1])
    await sandbox('POST', '/clock/run', { rate: 60 })
    await restart()
    expect(await readClock()).toEqual([122 * MINUTE_MS, 60])
    await sandbox('POST', '/clock/freeze')
    await restart()
    expect(await readClock()).toEqual([122 * MINUTE_MS, 0])
    await sandbox('POST', '/clock/set', {
      time: new Date(START_MS + 200 * MINUTE_MS).toISOString(),
    })
    await restart()
    expect(await readClock()).toEqual([200 * MINUTE_MS, 0])
  })

  test('another program on the database has the time of the sandbox’s frozen clock', async () => {
    const { store } = service.tenant
    const clock = await openKeptClock(store.installation, { nowMs: () => machineMs })
    expect(clock.nowMs() - START_MS).toBe(200 * MINUTE_MS)
  })

  test.skipIf(engine !== 'file')(
    'a reset keeps the clock, and a restored snapshot sets its own clock, even after a restart',
    async () => {
      await sandbox('POST', '/snapshots', { name: 'frozen' })
      await sandbox('POST', '/clock/advance', { by: '1h' })
      expect((await sandbox('POST', '/reset')).status).toBe(200)
      await restart()
      expect(await readClock()).toEqual([260 * MINUTE_MS, 0])
      await sandbox('POST', '/snapshots', { name: 'later' })
      await sandbox('POST', '/clock/run', { rate: 1 })
      expect((await sandbox('POST', '/restore', { name: 'later' })).status).toBe(200)
      await restart()
      expect(await readClock()).toEqual([260 * MINUTE_MS, 0])
    },
  )
})

test('a sandbox with a damaged stored clock starts with the machine’s time', async () => {
  const texts = ['', ' ', '   ', '1', '1 2', '1 2 x', 'a b c', '0 0 0', `-1 ${START_MS} 1`].concat([
    `${START_MS} ${START_MS}`,
    `${START_MS} 0 1000`,
    `${START_MS} ${START_MS} -5`,
    `${START_MS} ${START_MS} 1e300`,
    `${START_MS} ${START_MS} 1-`,
    `${START_MS} ${START_MS} 1 7`,
    `1e300 ${START_MS} 1`,
    `9007199254740993 ${START_MS} 1`,
    `9999999999999 ${START_MS} 1`,
  ])
  for (const text of texts) {
    const clock = await openKeptClock({ findFact: async () => text }, { nowMs: () => START_MS })
    expect([text, clock.state()]).toEqual([text, { nowMs: START_MS, rate: 1 }])
  }
  const findFact = async () => `${START_MS + 1} ${START_MS} 1e-7`
  const clock = await openKeptClock({ findFact }, { nowMs: () => START_MS })
  expect(clock.state()).toEqual({ nowMs: START_MS + 1, rate: 1e-7 })
})
