import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ask } from '../../../test/support/citus-databases.ts'
import {
  createDatabase,
  type PostgresPair,
  startPostgresPair,
} from '../../../test/support/postgres-cluster.ts'
import type { Engine } from './engine.ts'
import { openPostgres, readFromReplica } from './postgres.ts'
import type { ReadPlace, ReplicaEvent } from './replica.ts'

const CONNECTION_COUNT = 3
const STEP_MS = 50

let pair: PostgresPair
let primaryUrl: string
let replicaUrl: string
let engine: Engine
/** Another server, which reads nothing from the replica. */
let other: Engine
let places: ReadPlace[] = []
let events: ReplicaEvent[] = []

beforeAll(async () => {
  pair = await startPostgresPair()
  // A stopped synchronous standby would hold up every commit.
  await ask(pair.primary.url, "alter system set synchronous_standby_names = ''")
  await ask(pair.primary.url, 'select pg_reload_conf()')
  primaryUrl = await createDatabase(pair.primary.url)
  const { pathname } = new URL(primaryUrl)
  replicaUrl = pair.standby.url.replace(/\/[^/]*$/, pathname)
  other = await openPostgres(primaryUrl, CONNECTION_COUNT)
  await other.transaction((sql) => sql.run('create table notes (id bigint primary key)', []))
  engine = await open(replicaUrl)
})
afterAll(async () => {
  await engine?.close()
  await other?.close()
  await pair?.stop()
})
beforeEach(() => {
  places = []
  events = []
})

async function open(url: string): Promise<Engine> {
  const onPrimary = await openPostgres(primaryUrl, CONNECTION_COUNT)
  const replica = {
    url,
    report: (event: ReplicaEvent) => events.push(event),
    countRead: (place: ReadPlace) => places.push(place),
  }
  return readFromReplica(onPrimary, replica, CONNECTION_COUNT).catch(async (error) => {
    await onPrimary.close()
    throw error
  })
}

let lastId = 0
/** Writes a row by an engine, and returns its id. */
async function write(by: Engine): Promise<number> {
  lastId += 1
  const id = lastId
  await by.transaction((sql) => sql.run('insert into notes values ($1)', [id]))
  return id
}

/** Returns the id of the newest row, by a long read. */
async function newest(): Promise<number> {
  const [row] = await engine.readLong.all('select max(id) as id from notes', [])
  return Number(row?.id)
}

/** Reads until a list comes from the replica. */
async function untilReplica(): Promise<void> {
  do {
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
    places = []
    await newest()
  } while (places[0] !== 'replica')
}

test('a list shows every change that any server acknowledged before it, and comes from the replica', async () => {
  await untilReplica()
  places = []
  for (let count = 0; count < 100; count += 1) {
    const id = await write(count % 2 === 0 ? engine : other)
    expect(await newest()).toBe(id)
  }
  expect(places.filter((place) => place === 'replica').length).toBeGreaterThan(50)
})

test('while the replica replays nothing, lists come from the primary, and afterwards from the replica again', async () => {
  await ask(pair.standby.url, 'select pg_wal_replay_pause()')
  const id = await write(engine)
  expect(await newest()).toBe(id)
  expect(places).toEqual(['primary_replica_behind'])
  await ask(pair.standby.url, 'select pg_wal_replay_resume()')
  await untilReplica()
  expect(events).toEqual([])
})

test('an error of a statement is the error of the list, and does not count as a failure of the replica', async () => {
  await expect(engine.readLong.all('select missing from notes', [])).rejects.toThrow('missing')
  expect(places).toEqual(['primary_read_failed'])
  await untilReplica()
  expect(events).toEqual([])
})

test.each([
  ['another database', () => pair.standby.url, /names the database postgres, but/],
  ['several servers', () => replicaUrl.replace('127.0.0.1', '127.0.0.1:1,127.0.0.1'), /one server/],
])('a replica URL that names %s is refused with a sentence', async (_, url, sentence) => {
  await expect(open(url())).rejects.toThrow(sentence)
})

test('an unreachable replica delays no start, and lists come from the primary', async () => {
  const id = await write(other)
  const startedEngine = await open(replicaUrl.replace(/:\d+\//, ':1/'))
  const [row] = await startedEngine.readLong.all('select max(id) as id from notes', [])
  expect(Number(row?.id)).toBe(id)
  expect(places).toEqual(['primary_replica_down'])
  expect(events).toMatchObject([{ kind: 'replica_lost', host: expect.stringContaining(':1/') }])
  expect(startedEngine.lostReplica?.()).toEqual([expect.stringMatching(/^replica .*:1\//)])
  await startedEngine.close()
})

test('a replica that stops answering is reported once, and used again when it answers', async () => {
  pair.standby.signalAll('SIGSTOP')
  const id = await write(engine)
  expect(await newest()).toBe(id)
  expect(await newest()).toBe(id)
  expect(events).toMatchObject([{ kind: 'replica_lost' }])
  expect(engine.lostReplica?.()).toHaveLength(1)
  expect(places).toEqual(['primary_replica_down', 'primary_replica_down'])
  pair.standby.signalAll('SIGCONT')
  await untilReplica()
  expect(events).toMatchObject([{ kind: 'replica_lost' }, { kind: 'replica_found' }])
  expect(engine.lostReplica?.()).toEqual([])
})
