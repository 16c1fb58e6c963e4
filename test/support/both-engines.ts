import { inject } from 'vitest'
import type { Engine } from '../../src/store/engine/engine.ts'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { openMemoryEngine } from './memory-store.ts'
import { createMigratedDatabase } from './postgres-cluster.ts'

/** Opens an empty database on each engine, for tests of operations. */
export const OPEN_ENGINE = {
  'SQLite in memory': openMemoryEngine,
  PostgreSQL: async (): Promise<Engine> =>
    openPostgres(await createMigratedDatabase(inject('postgresUrl')), 10),
}
/** The names of the engines. */
export const BOTH_ENGINES = ['SQLite in memory', 'PostgreSQL'] as const
