/** Statements of one node that go directly to it, and the cases in which they go through the coordinator. */
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { PaymentSessionRecord, Store } from '../../src/operations/store.ts'
import { NodeConnections } from '../../src/store/engine/node-connections.ts'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { createStore } from '../../src/store/store.ts'
import { ask, nodesOf, urlOfDatabase } from '../support/citus-databases.ts'
import { createMigratedDatabase } from '../support/postgres-cluster.ts'
import { ACCOUNT, account, NOW_MS, random, session } from '../support/stored-rows.ts'

let url: string
let workers: readonly string[]
let store: Store
/** The reported reasons why statements go through the coordinator. Undefined: they go directly to the workers. */
const paths: (string | undefined)[] = []
beforeAll(async () => {
  url = await createMigratedDatabase(inject('postgresUrl'))
  const name = new URL(url).pathname.slice(1)
  const [, ...others] = await nodesOf(inject('postgresUrl'))
  workers = others.map((node) => urlOfDatabase(node, name))
  const engine = await openPostgres(url, 4, (event) => {
    if (event.kind === 'node_path') paths.push(event.reason)
  })
  store = createStore(engine, random)
  await store.transaction((tx) => tx.accounts.insert(account(ACCOUNT), NOW_MS))
})
afterAll(() => store.close())

/** Stores sessions of many buckets. */
async function storeSessions(): Promise<readonly PaymentSessionRecord[]> {
  const sessions = Array.from({ length: 24 }, (_, bucket) => session({}, bucket))
  for (const one of sessions) {
    expect(await store.paymentSessions.insert(one, undefined, NOW_MS)).toBe('stored')
  }
  return sessions
}

const findAll = (sessions: readonly PaymentSessionRecord[]) =>
  Promise.all(sessions.map(({ id }) => store.paymentSessions.find(id)))

/** Waits until statements go directly to each worker. */
async function untilDirect(): Promise<void> {
  const sessions = await storeSessions()
  const directCount = () => paths.filter((reason) => reason === undefined).length
  while (directCount() < workers.length) await findAll(sessions)
}

/** Returns the ports of the servers that got statements about sessions while work ran. */
async function portsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const ports = new Set<string>()
  const { query } = pg.Client.prototype
  // biome-ignore lint/suspicious/noExplicitAny: the driver's function has many signatures.
  pg.Client.prototype.query = function (this: pg.Client, config: any, ...more: any[]): any {
    // The checks of the nodes also match: they read a session that does not exist.
    if (/payment_sessions/.test(config?.text ?? '')) ports.add(String(this.port))
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    return (query as any).call(this, config, ...more)
  }
  try {
    await work()
  } finally {
    pg.Client.prototype.query = query
  }
  return [...ports].sort()
}

test('reads and creations of one session go directly to its node', async () => {
  await untilDirect()
  let sessions: readonly PaymentSessionRecord[] = []
  const ports = await portsOf(async () => {
    sessions = await storeSessions()
    expect(await findAll(sessions)).toEqual(sessions)
  })
  expect(ports).toEqual(workers.map((node) => new URL(node).port).sort())
})

test('a read after a change through the coordinator sees it, and a duplicate id is reported', async () => {
  await untilDirect()
  const [first] = await storeSessions()
  if (first === undefined) throw new Error('no session')
  expect(await store.paymentSessions.insert(first, undefined, NOW_MS)).toBe('id_taken')
  for (let count = 1; count <= 20; count += 1) {
    const changedSession = { ...first, expiresAtMs: NOW_MS + count }
    await store.transaction((tx) => tx.paymentSessions.update(changedSession))
    expect(await store.paymentSessions.find(first.id)).toEqual(changedSession)
  }
})

test('sessions whose shard moves to another node are found there at once', async () => {
  await untilDirect()
  const sessions = await storeSessions()
  const move = (from: string, to: string) =>
    ask(
      url,
      `select citus_move_shard_placement(p.shardid, '127.0.0.1', ${from}, '127.0.0.1', ${to}, 'block_writes')
       from pg_dist_shard_placement p join pg_dist_shard s using (shardid)
       where s.logicalrelid = 'payment_sessions'::regclass and p.nodeport = ${from}`,
    )
  const [from = '', to = ''] = workers.map((node) => new URL(node).port)
  await move(from, to)
  try {
    const changedSessions = sessions.map((one) => ({ ...one, attemptCount: 2 }))
    for (const one of changedSessions) {
      await store.transaction((tx) => tx.paymentSessions.update(one))
    }
    expect(await findAll(sessions)).toEqual(changedSessions)
    const newSessions = await storeSessions()
    expect(await findAll(newSessions)).toEqual(newSessions)
  } finally {
    // A later test may get this database. A shard returns only after its old copy is dropped.
    await ask(url, 'call citus_cleanup_orphaned_resources()')
    await ask(
      url,
      `select rebalance_table_shards('payment_sessions', shard_transfer_mode => 'block_writes')`,
    )
    await ask(url, 'call citus_cleanup_orphaned_resources()')
  }
})

test('reads succeed while the connections of the nodes are closed again and again', async () => {
  await untilDirect()
  const sessions = await storeSessions()
  const close = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'paydesk'`
  for (let count = 0; count < 10; count += 1) {
    const [foundSessions] = await Promise.all([
      findAll(sessions),
      ...workers.map((node) => ask(node, close)),
    ])
    expect(foundSessions).toEqual(sessions)
  }
})

test('a connection is used again after an error of a statement, but not after a statement that timed out', async () => {
  const engine = await openPostgres(url, 1)
  const backend = async () => (await engine.read.all('select pg_backend_pid() as id', []))[0]?.id
  const first = await backend()
  await expect(engine.read.all('select 1 / 0', [])).rejects.toMatchObject({ code: '22012' })
  expect(await backend()).toBe(first)
  await expect(engine.read.all('select pg_sleep(60)', [])).rejects.toMatchObject({ code: '57014' })
  expect(await backend()).not.toBe(first)
  await engine.close()
})

test('a server that is not the node gets no statements', async () => {
  const [worker = ''] = workers
  const reasons: (string | undefined)[] = []
  const connections = new NodeConnections({
    place: 'worker',
    identify: async () => ({ url: worker, groupId: 1, systemId: '1' }),
    client: {},
    report: (reason) => reasons.push(reason),
  })
  while (reasons.length === 0) {
    expect(await connections.read('select 1 as one', [])).toBeUndefined()
    await new Promise(setImmediate)
  }
  expect(reasons).toEqual(['another server has its address'])
  connections.close()
})
