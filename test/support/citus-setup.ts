import type { TestProject } from 'vitest/node'
import { buildBrowserIfStale } from '../../scripts/build-browser.ts'
import { buildServerIfStale } from '../../scripts/build-server.ts'
import {
  CITUS_MISSING,
  hasCitus,
  migrateAndDistribute,
  startCitus,
  TEST_SHARD_COUNT,
} from './citus-cluster.ts'
import { startReaper } from './global-setup.ts'
import { createTemplate } from './postgres-cluster.ts'

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
  await createTemplate(cluster.url, (url) => migrateAndDistribute(url, TEST_SHARD_COUNT))
  return async () => {
    await cluster.stop()
    await endReaper()
  }
}
