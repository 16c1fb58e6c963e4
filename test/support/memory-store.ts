import { writeFileSync } from 'node:fs'
import type { Clock } from '../../src/domain/clock.ts'
import type { Ids } from '../../src/domain/ids.ts'
import type { Store } from '../../src/operations/store.ts'
import { createIds } from '../../src/server/ids.ts'
import { createRandom } from '../../src/server/random.ts'
import type { Engine, Row } from '../../src/store/engine/engine.ts'
import { migrate } from '../../src/store/engine/migrate.ts'
import { openSqlite } from '../../src/store/engine/sqlite.ts'
import { createStore } from '../../src/store/store.ts'

/** A clock that stands still until a test moves it. */
export type TestClock = Clock & { readonly advance: (ms: number) => void }

/**
 * The time of test servers, the same in each run. In India and in the United States the day is the same for hours before
 * and after it.
 */
export const SERVER_TIME_MS = Date.UTC(2027, 2, 10, 10)

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

let migration: Promise<Uint8Array> | undefined

/** Returns the image of an empty database. Tests copy it, because a migration costs more than most tests. */
export function migratedImage(): Promise<Uint8Array> {
  migration ??= makeMigratedImage()
  return migration
}

/** Opens an empty database in memory, with the current schema. */
export async function openMemoryEngine(): Promise<Engine> {
  return openSqlite(':memory:', await migratedImage())
}

/** Creates a data file that has the current schema and no rows. */
export async function createMigratedFile(path: string): Promise<void> {
  writeFileSync(path, await migratedImage(), { mode: 0o600 })
}

async function makeMigratedImage(): Promise<Uint8Array> {
  const engine = openSqlite(':memory:')
  await migrate(engine)
  const image = await engine.image?.()
  await engine.close()
  if (image === undefined) throw new Error('SQLite returned no image of the database')
  return image
}

/** A real store with a movable clock, and ids that use this clock. */
export type SimulatedStore = {
  readonly store: Store
  readonly clock: TestClock
  readonly ids: Ids
  /** Runs a select on the stored rows, for auditors that do not trust the store. */
  readonly readRows: (text: string) => Promise<readonly Row[]>
  /** Runs a statement that damages the stored rows. */
  readonly changeRows: (text: string) => Promise<number>
  /** Returns a number that grows with each row that is inserted, updated or deleted. Undefined: the engine counts none. */
  readonly changeCount?: () => Promise<number>
}

/** Opens the real store on an empty database in memory. */
export async function openMemoryStore(): Promise<
  SimulatedStore & Required<Pick<SimulatedStore, 'changeCount'>>
> {
  const engine = await openMemoryEngine()
  return {
    ...simulatedStoreOn(engine),
    changeCount: async () => {
      const [row] = await engine.read.all('select total_changes() as change_count', [])
      return Number(row?.change_count)
    },
  }
}

/** Makes the store on an empty database of any engine. */
export function simulatedStoreOn(engine: Engine): SimulatedStore {
  const clock = createTestClock()
  const random = createRandom()
  return {
    store: createStore(engine, random),
    clock,
    ids: createIds(clock, random),
    readRows: (text) => engine.read.all(text, []),
    changeRows: (text) => engine.transaction((sql) => sql.run(text, [])),
  }
}
