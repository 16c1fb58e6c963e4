import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { createStore } from '../../src/store/store.ts'
import {
  type CitusCluster,
  migrateAndDistribute,
  startCitus,
  TEST_SHARD_COUNT,
} from '../support/citus-cluster.ts'
import { ask } from '../support/citus-databases.ts'
import type { PostgresServer } from '../support/postgres-cluster.ts'
import { call, type SpawnedServer, spawnServer } from '../support/server.ts'
import { ACCOUNT, NOW_MS, random } from '../support/stored-rows.ts'

const CLIENT_COUNT = 8
/** The number of creations in each phase: before a node fails, after it fails, and after /readyz has named it. */
const CREATED_COUNT = 150
const TEST_MS_MAX = 180_000
const AGAIN_MS = 50

let cluster: CitusCluster
let server: SpawnedServer

beforeAll(async () => {
  cluster = await startCitus({ workerCount: 2 })
  await migrateAndDistribute(cluster.url, TEST_SHARD_COUNT)
  server = await spawnServer(['--database-url', cluster.url, '--log-level', 'silent'])
}, TEST_MS_MAX)

afterAll(async () => {
  server?.process.kill('SIGKILL')
  await cluster?.stop()
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Starts clients that create sessions without an idempotency key, until `end` is called. */
function startClients() {
  const ids: string[] = []
  const others: unknown[] = []
  let isOver = false
  const running = Promise.all(
    Array.from({ length: CLIENT_COUNT }, async () => {
      while (!isOver) {
        const body = { amount: 1, currency: 'INR' }
        const answer = await call(server.baseUrl, 'POST', '/paymentsessions', body)
        if (answer.status === 201) ids.push(answer.body.payments_session.payments_session_id)
        else others.push(answer)
      }
    }),
  )
  return {
    ids,
    /** The answers except 201. */
    others,
    reach: async (count: number) => {
      const until = ids.length + count
      while (ids.length < until) await Promise.race([pause(AGAIN_MS), running])
    },
    end: () => {
      isOver = true
      return running
    },
  }
}

/** Waits until the server reports a status at /readyz. Returns the answer. */
async function readyIs(status: string): Promise<unknown> {
  for (;;) {
    const answer = await fetch(`${server.baseUrl}/readyz`)
    const body = (await answer.json()) as { status: string }
    if (body.status === status) return { code: answer.status, ...body }
    await pause(AGAIN_MS)
  }
}

const placeOf = ({ url }: PostgresServer) => new URL(url).host

/** Retrieves sessions, and returns the answers by their status. */
async function retrieveAll(ids: readonly string[]) {
  const answers = []
  for (const id of ids) answers.push(await call(server.baseUrl, 'GET', `/paymentsessions/${id}`))
  return Map.groupBy(answers, ({ status }) => status)
}

describe.each([
  ['stops', (node: PostgresServer) => node.crash(), (node: PostgresServer) => node.startAgain()],
  [
    'hangs',
    async (node: PostgresServer) => node.signalAll('SIGSTOP'),
    async (node: PostgresServer) => node.signalAll('SIGCONT'),
  ],
])('while a node %s', (_, fail, recover) => {
  test(
    'creations without an idempotency key succeed, requests for objects on the node get 503, /readyz names the node, and nothing is lost',
    async () => {
      const [, node] = cluster.workers
      if (node === undefined) throw new Error('the cluster has no second worker')
      await readyIs('ready')
      const clients = startClients()
      await clients.reach(CREATED_COUNT)
      await fail(node)
      try {
        await clients.reach(CREATED_COUNT)
        expect(await readyIs('degraded')).toEqual({
          code: 200,
          status: 'degraded',
          missing: [placeOf(node)],
        })
        await clients.reach(CREATED_COUNT)
        await clients.end()
        expect(clients.others).toEqual([])

        const during = await retrieveAll(clients.ids.slice(0, CREATED_COUNT))
        expect([...during.keys()].sort()).toEqual([200, 503])
        const refusal = during.get(503)?.[0]
        expect(refusal?.headers.get('retry-after')).toMatch(/^\d+$/)
        expect(Object.keys(refusal?.body)).toEqual(['code', 'message'])
        // The key of a creation decides its bucket, so creations with a key get 503 if their bucket is on the node.
        const answers = await Promise.all(
          Array.from({ length: 24 }, (_, index) =>
            call(
              server.baseUrl,
              'POST',
              '/paymentsessions',
              { amount: 1, currency: 'INR' },
              { 'idempotency-key': `${node.url}-${fail.name}-${index}` },
            ),
          ),
        )
        expect([...new Set(answers.map(({ status }) => status))].sort()).toEqual([201, 503])
      } finally {
        await recover(node)
      }
      expect(await readyIs('ready')).toEqual({ code: 200, status: 'ready' })
      const after = await retrieveAll(clients.ids)
      expect([...after.keys()]).toEqual([200])
    },
    TEST_MS_MAX,
  )
})

test(
  'searches for background work succeed with the other nodes',
  async () => {
    const [node] = cluster.workers
    if (node === undefined) throw new Error('the cluster has no worker')
    const engine = await openPostgres(cluster.url, 4)
    const store = createStore(engine, random)
    await node.crash()
    try {
      while (store.unreachableMachines().length === 0) await pause(AGAIN_MS)
      expect(store.unreachableMachines()).toEqual([placeOf(node)])
      expect(await store.paymentAttempts.claim(NOW_MS, 1_000)).toBeUndefined()
      expect(await store.refunds.claim(NOW_MS, 1_000)).toBeUndefined()
      expect(await store.messages.claim(NOW_MS, 1_000)).toBeUndefined()
      const limits = {
        countMax: 10,
        countPerAccount: 10,
        countPerEndpoint: 10,
        waitMsMax: 1_000,
        roomOfAccounts: new Map(),
        roomOfEndpoints: new Map(),
      }
      expect(await store.webhookDeliveries.claim(NOW_MS, 1_000, limits)).toEqual([])
      await store.checkWritable()
      // A request reads its account again when the cached one is old.
      expect(await store.accounts.find(ACCOUNT)).toBeUndefined()
    } finally {
      await node.startAgain()
    }
    while (store.unreachableMachines().length > 0) await pause(AGAIN_MS)
    await store.close()
  },
  TEST_MS_MAX,
)

test(
  'a worker that fails is replaced by its standby, without a restart and without a lost session',
  async () => {
    const [node] = cluster.workers
    if (node === undefined) throw new Error('the cluster has no worker')
    await readyIs('ready')
    const { promote, standby } = await cluster.startStandbyOf(node)
    const clients = startClients()
    await clients.reach(CREATED_COUNT)
    await node.crash()
    await clients.reach(CREATED_COUNT)
    expect(await readyIs('degraded')).toMatchObject({ missing: [placeOf(node)] })
    await promote()
    const { hostname, port } = new URL(standby.url)
    await ask(
      cluster.url,
      `select citus_update_node(nodeid, '${hostname}', ${port}, force => true) from pg_dist_node
       where nodeport = ${new URL(node.url).port}`,
    )
    expect(await readyIs('ready')).toEqual({ code: 200, status: 'ready' })
    await clients.reach(CREATED_COUNT)
    await clients.end()
    expect(clients.others).toEqual([])
    const answers = await retrieveAll(clients.ids)
    expect([...answers.keys()]).toEqual([200])
  },
  TEST_MS_MAX,
)
