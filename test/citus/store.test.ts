import { inject } from 'vitest'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { storeSuite } from '../../src/store/suites/store-suite.ts'
import { createDatabase, createMigratedDatabase } from '../support/postgres-cluster.ts'

const newDatabase = () => createMigratedDatabase(inject('postgresUrl'))

storeSuite(
  'Citus',
  async () => openPostgres(await newDatabase(), 10),
  async () => {
    const url = await newDatabase()
    return [await openPostgres(url, 5), await openPostgres(url, 5)]
  },
  async () => openPostgres(await createDatabase(inject('postgresUrl')), 10),
)
