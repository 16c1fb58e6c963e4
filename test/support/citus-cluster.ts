/** Starts Citus clusters: a coordinator and its workers, each a PostgreSQL with the extension, on loopback. */
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { distribute } from '../../src/store/distribution/distribute.ts'
import { migrate } from '../../src/store/engine/migrate.ts'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { joinNodes } from './citus-databases.ts'
import {
  initializeServer,
  makeClusterPlace,
  type PostgresPair,
  type PostgresServer,
  startServer,
  startStandby,
} from './postgres-cluster.ts'
import { findProgram } from './system-tools.ts'

/** A running cluster. */
export type CitusCluster = {
  /** The URL of the coordinator's first database, which has the extension and knows the workers. */
  readonly url: string
  readonly coordinator: PostgresServer
  readonly workers: readonly PostgresServer[]
  /** Starts a synchronous standby of one worker. It ends with the cluster. */
  readonly startStandbyOf: (
    worker: PostgresServer,
  ) => Promise<Pick<PostgresPair, 'standby' | 'promote'>>
  /** Ends all servers, also if they are stopped or killed, and removes their data. */
  readonly stop: () => Promise<void>
}

/** The steps that build Citus on a machine without it. Debian has no package of it. */
export const CITUS_MISSING =
  'Citus is not installed for this PostgreSQL. To build it: apt-get install postgresql-server-dev-15 libcurl4-openssl-dev liblz4-dev libzstd-dev libkrb5-dev libpam0g-dev libselinux1-dev libxslt1-dev libreadline-dev libssl-dev flex && git clone --branch v13.0.3 https://github.com/citusdata/citus && cd citus && ./configure && make -s extension install-extension'

/** Returns true if PostgreSQL has the extension. */
export function hasCitus(): boolean {
  const pgConfig = findProgram('pg_config')
  if (pgConfig === undefined) return false
  const folder = execFileSync(pgConfig, ['--pkglibdir'], { encoding: 'utf8' }).trim()
  return existsSync(join(folder, 'citus.so'))
}

/** Settings of each server. Nodes trust each other, and nothing is sent to the makers of Citus. */
const SETTINGS = [
  'shared_preload_libraries=citus',
  'citus.node_conninfo=sslmode=disable',
  'citus.enable_statistics_collection=off',
  // Each database with the extension has a background process on each node.
  'max_worker_processes=200',
  'max_connections=1000',
  'shared_buffers=64MB',
]
/** Further settings of the workers. Clients send them statements of one shard only, so no distributed transaction begins there. */
const WORKER_SETTINGS = [
  'citus.distributed_deadlock_detection_factor=-1',
  'citus.recover_2pc_interval=-1',
]

/**
 * Starts a cluster. `isDurable`: commits wait for the disk, as in production. Benchmarks need this, tests do not.
 * Throws an error that tells how to build Citus, if it is missing.
 */
export async function startCitus({
  isDurable = false,
  workerCount = 2,
}: {
  readonly isDurable?: boolean
  readonly workerCount?: number
} = {}): Promise<CitusCluster> {
  if (!hasCitus()) throw new Error(CITUS_MISSING)
  const place = makeClusterPlace()
  const names = ['coordinator', ...Array.from({ length: workerCount }, (_, one) => `worker${one}`)]
  const servers: PostgresServer[] = []
  const stop = async () => {
    for (const server of servers) {
      server.signalAll('SIGKILL')
      await server.stop()
    }
    rmSync(place.folder, { recursive: true, force: true })
  }
  try {
    for (const name of names) {
      const data = join(place.folder, name)
      initializeServer(place, data)
      const settings = servers.length === 0 ? SETTINGS : [...SETTINGS, ...WORKER_SETTINGS]
      servers.push(await startServer(place, data, isDurable, settings))
    }
    const [coordinator, ...workers] = servers
    if (coordinator === undefined) throw new Error('the cluster has no coordinator')
    await joinNodes(servers.map(({ url }) => url))
    const startStandbyOf: CitusCluster['startStandbyOf'] = async (worker) => {
      const pair = await startStandby(place, worker, [...SETTINGS, ...WORKER_SETTINGS])
      servers.push(pair.standby)
      return pair
    }
    return { url: coordinator.url, coordinator, workers, startStandbyOf, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * The number of shards of each table in a test's database: one on each worker. More shards cost files, and test nothing
 * else.
 */
export const TEST_SHARD_COUNT = 2

/** Prepares an empty database of a Citus cluster. */
export async function migrateAndDistribute(url: string, shardCount: number): Promise<void> {
  const engine = await openPostgres(url, 1)
  try {
    await migrate(engine)
    await distribute(engine, { shardCount, onStep: () => {} })
  } finally {
    await engine.close()
  }
}
