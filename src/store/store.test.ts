import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { createDatabase } from '../../test/support/postgres-cluster.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'
import { storeSuite } from './store-suite.ts'

storeSuite('a SQLite file', async () =>
  openSqlite(join(mkdtempSync(join(tmpdir(), 'paydesk-store-')), 'paydesk.db')),
)
storeSuite('SQLite in memory', async () => openSqlite(':memory:'))
storeSuite('PostgreSQL', async () => openPostgres(await createDatabase(inject('postgresUrl')), 10))
