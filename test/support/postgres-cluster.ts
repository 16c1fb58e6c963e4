/** Starts PostgreSQL clusters in temporary folders, on free ports of the loopback address. */
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import {
  ask,
  closeOnAll,
  createOnAll,
  joinNodes,
  nodesOf,
  takeCitusDatabase,
  urlOfDatabase,
} from './citus-databases.ts'
import { endWithRun } from './run-folder.ts'
import { findPostgresBin, needProgram } from './system-tools.ts'

/** A running cluster. */
export type PostgresCluster = {
  /** The URL of its first database. */
  readonly url: string
  /** The server's first process, which starts one for each connection. */
  readonly pid: number
  readonly stop: () => Promise<void>
}

const START_MS_MAX = 30_000

/** A server's programs, folder, and user. */
export type ClusterPlace = {
  readonly bin: string
  readonly folder: string
  readonly user: ReturnType<typeof unprivilegedUser>
}

/**
 * Finds the programs, and makes the server's user the owner of a folder. By default the folder is a new temporary one.
 */
export function makeClusterPlace(
  folder = mkdtempSync(join(tmpdir(), 'paydesk-postgres-')),
): ClusterPlace {
  const bin = needProgram('PostgreSQL 15 or later', 'postgresql', findPostgresBin)
  const user = unprivilegedUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  return { bin, folder, user }
}

function run({ bin, folder, user }: ClusterPlace, program: string, args: readonly string[]): void {
  execFileSync(join(bin, program), args, { stdio: 'ignore', cwd: folder, ...user })
}

/** Makes the data of a new server. */
export function initializeServer(place: ClusterPlace, data: string): void {
  run(place, 'initdb', ['-D', data, '-U', 'paydesk', '-A', 'trust', '-E', 'UTF8', '--no-sync'])
}

/** A running server. */
export type PostgresServer = {
  readonly url: string
  /** Its first process, which starts one for each connection. */
  readonly pid: number
  /** Sends a signal to the server and all its child processes, as if its machine stops or fails. */
  readonly signalAll: (signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL') => void
  /** An immediate shutdown, as if the program fails. Its data stay. */
  readonly crash: () => Promise<void>
  /** Starts a crashed server again, on the same port. */
  readonly startAgain: () => Promise<void>
  /** A fast shutdown: it closes connections and waits for no client. */
  readonly stop: () => Promise<void>
}

/**
 * Settings of a cluster whose data need not survive a crash of the machine. They save CPU time. Commits still wait
 * for a standby.
 */
const CHEAP_SETTINGS = [
  'fsync=off',
  'full_page_writes=off',
  'autovacuum=off',
  'jit=off',
  'max_wal_size=4GB',
]

/** Starts a server on its data, with further settings: `shared_preload_libraries=citus`. */
export async function startServer(
  { bin, folder, user }: ClusterPlace,
  data: string,
  isDurable: boolean,
  moreSettings: readonly string[] = [],
): Promise<PostgresServer> {
  const port = await freePort()
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'max_connections=300',
    'shared_buffers=256MB',
    ...(isDurable ? [] : CHEAP_SETTINGS),
    ...moreSettings,
  ]
  const launch = () => {
    const child = spawn(
      join(bin, 'postgres'),
      ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      { stdio: 'ignore', cwd: folder, ...user },
    )
    if (child.pid !== undefined) endWithRun({ pid: child.pid })
    return { child, exit: new Promise<void>((resolve) => child.once('exit', () => resolve())) }
  }
  let running = launch()
  endWithRun({ folder })
  const url = `postgres://paydesk@127.0.0.1:${port}/postgres`
  // A killed test run calls no `stop`, but its server must end too.
  const killAtExit = () => running.child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const stop = async () => {
    running.child.kill('SIGINT')
    await running.exit
    process.off('exit', killAtExit)
  }
  const signalAll = (signal: NodeJS.Signals) => {
    const { pid } = running.child
    if (pid === undefined) return
    // The server gets the signal first, so that it does not replace stopped or killed processes.
    for (const one of [pid, ...childrenOf(pid)]) trySignal(one, signal)
  }
  try {
    await waitUntilReady(url)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    pid: running.child.pid as number,
    signalAll,
    crash: () => {
      running.child.kill('SIGQUIT')
      return running.exit
    },
    startAgain: () => {
      running = launch()
      return waitUntilReady(url)
    },
    stop,
  }
}

function childrenOf(pid: number): readonly number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid && child !== undefined ? [child] : []))
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // The process has ended in the meantime.
  }
}

/**
 * Starts a cluster. `isDurable`: commits wait for the disk, as in production. Benchmarks need this, tests do not.
 */
export async function startPostgres({
  isDurable,
}: {
  readonly isDurable: boolean
}): Promise<PostgresCluster> {
  const place = makeClusterPlace()
  const data = join(place.folder, 'data')
  initializeServer(place, data)
  const { pid, stop, url } = await startServer(place, data, isDurable)
  return {
    url,
    pid,
    stop: async () => {
      await stop()
      rmSync(place.folder, { recursive: true, force: true })
    },
  }
}

/** A primary and its synchronous standby, which has every commit that the primary acknowledges. */
export type PostgresPair = {
  readonly primary: PostgresServer
  readonly standby: PostgresServer
  /** Promotes the standby. Resolves when it accepts writes. */
  readonly promote: () => Promise<void>
  /** Ends both servers, also if they are stopped or killed. */
  readonly stop: () => Promise<void>
}

/** Starts a primary with a synchronous standby. */
export async function startPostgresPair(): Promise<PostgresPair> {
  const place = makeClusterPlace()
  const data = join(place.folder, 'primary')
  initializeServer(place, data)
  const primary = await startServer(place, data, false)
  const { promote, standby } = await startStandby(place, primary)
  return {
    primary,
    standby,
    promote,
    stop: async () => {
      for (const server of [primary, standby]) {
        server.signalAll('SIGKILL')
        await server.stop()
      }
      rmSync(place.folder, { recursive: true, force: true })
    },
  }
}

/** Starts a synchronous standby of a server, in the folder `standby` of a place. */
export async function startStandby(
  place: ClusterPlace,
  primary: PostgresServer,
  settings: readonly string[] = [],
): Promise<Pick<PostgresPair, 'standby' | 'promote'>> {
  const copy = join(place.folder, 'standby')
  run(place, 'pg_basebackup', ['-d', primary.url, '-D', copy, '-R', '-c', 'fast', '--no-sync'])
  const standby = await startServer(place, copy, false, settings)
  await ask(primary.url, "alter system set synchronous_standby_names = '*'")
  await ask(primary.url, 'select pg_reload_conf()')
  while (
    (await ask(primary.url, "select 1 from pg_stat_replication where sync_state = 'sync'")) < 1
  )
    await new Promise((resolve) => setTimeout(resolve, 20))
  return {
    standby,
    promote: async () => {
      await ask(standby.url, 'select pg_promote()')
    },
  }
}

let databaseCount = 0

/** The database that `createMigratedDatabase` copies. */
const TEMPLATE = 'paydesk_template'
/** The database that `createDatabase` copies on Citus. It has the extension and knows the nodes. */
const EMPTY_CITUS_TEMPLATE = 'paydesk_empty'

/** Creates an empty database in the cluster and returns its URL. */
export async function createDatabase(clusterUrl: string): Promise<string> {
  const { length: nodeCount } = await nodesOf(clusterUrl)
  return createFrom(clusterUrl, nodeCount > 1 ? EMPTY_CITUS_TEMPLATE : 'template1')
}

/**
 * Creates a database with the current schema in the cluster and returns its URL. A copy of the template costs half as
 * much as an empty database and its migration. Call `createTemplate` once before.
 */
export function createMigratedDatabase(clusterUrl: string): Promise<string> {
  return createFrom(clusterUrl, TEMPLATE)
}

/**
 * Creates the templates of the cluster. `migrate` gets the URL of an empty database, and must close all its
 * connections. On Citus it also distributes the database.
 */
export async function createTemplate(
  clusterUrl: string,
  migrate: (url: string) => Promise<void>,
): Promise<void> {
  const nodes = await nodesOf(clusterUrl)
  if (nodes.length > 1) {
    await createOnAll(nodes, EMPTY_CITUS_TEMPLATE, 'template1')
    await joinNodes(nodes.map((url) => urlOfDatabase(url, EMPTY_CITUS_TEMPLATE)))
    await closeOnAll(nodes, EMPTY_CITUS_TEMPLATE)
  }
  await createOnAll(nodes, TEMPLATE, nodes.length > 1 ? EMPTY_CITUS_TEMPLATE : 'template1')
  await migrate(urlOfDatabase(clusterUrl, TEMPLATE))
  if (nodes.length > 1) await closeOnAll(nodes, TEMPLATE)
}

async function createFrom(clusterUrl: string, template: string): Promise<string> {
  const nodes = await nodesOf(clusterUrl)
  if (nodes.length > 1) return takeCitusDatabase(nodes, template, template === TEMPLATE)
  databaseCount += 1
  const name = `paydesk_${process.pid}_${Date.now().toString(36)}_${databaseCount}`
  await createOnAll(nodes, name, template)
  return urlOfDatabase(clusterUrl, name)
}

/** Returns a user for PostgreSQL, which refuses to run as root. */
function unprivilegedUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // No such user on this machine.
    }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is no user "postgres" or "nobody" to run it as.',
  )
}

async function waitUntilReady(url: string): Promise<void> {
  const deadline = Date.now() + START_MS_MAX
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Returns an unused port. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
