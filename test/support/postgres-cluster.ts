/** A PostgreSQL of our own, in a temporary folder, on a free port of the loopback address. */
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { endWithRun } from './run-folder.ts'
import { findPostgresBin, needProgram } from './system-tools.ts'

/** A running cluster. */
export type PostgresCluster = {
  /** The URL of its first database. */
  readonly url: string
  readonly stop: () => Promise<void>
}

const START_MS_MAX = 30_000

/**
 * Starts a cluster. `isDurable` says whether commits wait for the disk, as they do in production:
 * benchmarks need it, tests that never cut the power do not.
 */
export async function startPostgres({
  isDurable,
}: {
  readonly isDurable: boolean
}): Promise<PostgresCluster> {
  const bin = needProgram('PostgreSQL 15 or later', 'postgresql', findPostgresBin)
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-postgres-'))
  const user = unprivilegedUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'paydesk', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    {
      stdio: 'ignore',
      cwd: folder,
      ...user,
    },
  )

  const port = await freePort()
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'max_connections=300',
    'shared_buffers=256MB',
    `fsync=${isDurable ? 'on' : 'off'}`,
  ]
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    { stdio: 'ignore', cwd: folder, ...user },
  )
  if (server.pid !== undefined) endWithRun({ pid: server.pid })
  endWithRun({ folder })
  const url = `postgres://paydesk@127.0.0.1:${port}/postgres`
  const ended = new Promise<void>((done) => server.once('exit', () => done()))
  const stop = async () => {
    // A fast shutdown: connections are closed, nobody is waited for.
    server.kill('SIGINT')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await waitUntilReady(url)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, stop }
}

let databaseCount = 0

/** Makes an empty database in the cluster and gives its URL. */
export async function createDatabase(clusterUrl: string): Promise<string> {
  databaseCount += 1
  const name = `paydesk_${process.pid}_${Date.now().toString(36)}_${databaseCount}`
  const client = new pg.Client({ connectionString: clusterUrl })
  await client.connect()
  try {
    await client.query(`create database ${name}`)
  } finally {
    await client.end()
  }
  return clusterUrl.replace(/\/[^/]*$/, `/${name}`)
}

/** PostgreSQL refuses to run as root: gives a user that it runs as instead. */
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
      await new Promise((done) => setTimeout(done, 50))
    }
  }
}

/** Gives a port that nobody listens on. */
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
