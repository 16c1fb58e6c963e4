import type { TestProject } from 'vitest/node'
import { buildBrowserIfStale } from '../../scripts/build-browser.ts'
import { buildServerIfStale } from '../../scripts/build-server.ts'
import { distribute } from '../../src/store/distribution/distribute.ts'
import { migrate } from '../../src/store/engine/migrate.ts'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { CITUS_MISSING, hasCitus, startCitus } from './citus-cluster.ts'
import { startReaper } from './global-setup.ts'
import { createTemplate } from './postgres-cluster.ts'

/** The shards of a test's database: one on each worker. More shards cost files, and test nothing else. */
const SHARD_COUNT = 2

/** Starts a Citus cluster for the whole run, in place of PostgreSQL. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!hasCitus()) {
    process.stderr.write(`${CITUS_MISSING}\n`)
    process.exit(1)
  }
  const endReaper = startReaper()
  await buildBrowserIfStale()
  await buildServerIfStale()
  const cluster = await startCitus()
  project.provide('postgresUrl', cluster.url)
  await createTemplate(cluster.url, migrateAndDistribute)
  return async () => {
    await cluster.stop()
    await endReaper()
  }
}

/** Prepares an empty database of a Citus cluster. */
export async function migrateAndDistribute(url: string): Promise<void> {
  const engine = await openPostgres(url, 1)
  try {
    await migrate(engine)
    await distribute(engine, { shardCount: SHARD_COUNT, onStep: () => {} })
  } finally {
    await engine.close()
  }
}
