import type { Clock } from '../../src/domain/clock.ts'
import type { Ids } from '../../src/domain/ids.ts'
import type { Store } from '../../src/operations/store.ts'
import { createIds } from '../../src/server/ids.ts'
import { createRandom } from '../../src/server/random.ts'
import { migrate } from '../../src/store/engine/migrate.ts'
import { openSqlite } from '../../src/store/engine/sqlite.ts'
import { createStore } from '../../src/store/store.ts'

/** A clock that stands still until a test moves it. */
export type TestClock = Clock & { readonly advance: (ms: number) => void }

/** Makes a clock that shows a fixed time of day. */
export function createTestClock(startMs = Date.UTC(2026, 10, 22)): TestClock {
  let nowMs = startMs
  return {
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms
    },
  }
}

/** The real store on an empty database in memory, with a clock to move and ids drawn from it. */
export async function openMemoryStore(): Promise<{
  readonly store: Store
  readonly clock: TestClock
  readonly ids: Ids
}> {
  const engine = openSqlite(':memory:')
  await migrate(engine)
  const clock = createTestClock()
  const random = createRandom()
  return { store: createStore(engine, random), clock, ids: createIds(clock, random) }
}
