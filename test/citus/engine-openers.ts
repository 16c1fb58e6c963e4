import { inject } from 'vitest'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { type EngineOpeners, partOfStoreSuite } from '../../src/store/suites/store-suite.ts'
import { createDatabase, createMigratedDatabase } from '../support/postgres-cluster.ts'

const newDatabase = () => createMigratedDatabase(inject('postgresUrl'))

/** Opens distributed databases of the run's cluster. */
const ON_CITUS: EngineOpeners = {
  open: async () => openPostgres(await newDatabase(), 10),
  openTwice: async () => {
    const url = await newDatabase()
    return [await openPostgres(url, 5), await openPostgres(url, 5)]
  },
  openEmpty: async () => openPostgres(await createDatabase(inject('postgresUrl')), 10),
}

/** The number of parts of the suite. Each part is a file, and the files run at the same time. */
const PART_COUNT = 3

/** Runs a part of the store's suite on Citus. */
export function storeSuiteOnCitus(part: number): void {
  partOfStoreSuite('Citus', ON_CITUS, { part, partCount: PART_COUNT })
}
