import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { CheckoutView } from '../../src/checkout/view.ts'
import { openCore } from '../../src/server/core.ts'
import { visit } from '../support/customer.ts'
import { makePlace, type Place, publicIdsAt, settingsAt } from '../support/engines.ts'
import { ACCOUNT_ID, call, type SpawnedServer, spawnServer } from '../support/server.ts'
import { type Answer, startUnreliableReceiver } from '../support/unreliable-receiver.ts'

const PAYMENT_COUNT = 5_000
const KILL_COUNT = 10
const PAYER_COUNT = 24
const SERVER_COUNT = 2
/** A kill comes before the end of its step, by at most this share of the step. */
const KILL_EARLIER_MAX = 0.9

/** 30 % of all deliveries fail, in six ways; a twentieth is accepted slowly. */
const FAILURES: Readonly<Partial<Record<Answer, number>>> = {
  silent: 0.005,
  endless: 0.005,
  error: 0.1,
  slow_error: 0.05,
  reset: 0.08,
  cut: 0.06,
  taken_slowly: 0.05,
}
/**
 * The failures of deliveries after the last payment, without those that block a sender for 15 s. These deliveries mostly
 * wait until the leases of killed servers expire.
 */
const FAILURES_AT_ONCE = { ...FAILURES, silent: 0, endless: 0, error: 0.11 }

/** The time limit for all work after the last payment. A limit, not an expectation. */
const DELIVERED_MS_MAX = 180_000
const POLL_MS = 500
/** The pause after a failed search for a server, in milliseconds. */
const AGAIN_MS = 20

const APPROVING = fileURLToPath(new URL('../support/approving-processor.ts', import.meta.url))
const FORM = { method: 'upi', upi_channel: 'collect', upi_id: 'asha@paydesk' }

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** A connection to a killed server fails, or its answer ends in the middle. */
const isOfKill = (error: unknown) =>
  error instanceof TypeError && ['fetch failed', 'terminated'].includes(error.message)

function startServer({ flags: { databaseUrl } }: Place): Promise<SpawnedServer> {
  return spawnServer([
    '--database-url',
    String(databaseUrl),
    '--processor',
    APPROVING,
    '--webhook-retries',
    '200x1s',
    '--rate-limits',
    'off',
    '--log-level',
    'warn',
    '--access-log',
    'off',
  ])
}

async function kill(servers: readonly (SpawnedServer | undefined)[]): Promise<void> {
  const running = servers.filter((server) => server !== undefined)
  const exits = running.map(({ process }) => once(process, 'exit'))
  for (const { process } of running) process.kill('SIGKILL')
  await Promise.all(exits)
}

/** Starts servers that are replaced after a kill. A client of a killed server calls the other server. */
async function startServers(place: Place) {
  const all: (SpawnedServer | undefined)[] = await Promise.all(
    Array.from({ length: SERVER_COUNT }, () => startServer(place)),
  )
  let turn = 0
  let isOver = false
  return {
    /** The error output of the running servers. */
    errors: () => all.map((server) => server?.errors()).join('\n'),
    /** Calls the servers one after the other until one answers. */
    ask: async <Result>(question: (baseUrl: string) => Promise<Result>): Promise<Result> => {
      while (!isOver) {
        turn += 1
        const server = all[turn % SERVER_COUNT]
        try {
          if (server !== undefined) return await question(server.baseUrl)
        } catch (error) {
          if (!isOfKill(error)) throw error
        }
        await pause(AGAIN_MS)
      }
      throw new Error('all servers are gone')
    },
    /** Kills one of the servers, and resolves when a new server has taken its place. */
    replace: async (which: number) => {
      await kill(all.splice(which, 1, undefined))
      const server = await startServer(place)
      if (isOver) await kill([server])
      else all[which] = server
    },
    killAll: async () => {
      isOver = true
      await kill(all.splice(0))
    },
  }
}
type Servers = Awaited<ReturnType<typeof startServers>>

/** Creates a session and pays it. After a kill it queries another server for the result. */
async function payOnce({ ask, errors }: Servers): Promise<void> {
  const fields = { amount: 100.5, currency: 'INR' }
  const creation = await ask((baseUrl) => call(baseUrl, 'POST', '/paymentsessions', fields))
  expect(creation.status).toBe(201)
  const path = `/hostedcheckout/${creation.body.payments_session.access_key}`
  const viewAt = async (place: string, form?: typeof FORM) => {
    const { status, text } = await ask((baseUrl) => visit(baseUrl, path + place, form, true))
    expect([status, text], errors()).toEqual([200, expect.any(String)])
    return (JSON.parse(text) as { view: CheckoutView }).view
  }
  let { state } = await viewAt('/pay', FORM)
  while (state !== 'succeeded') {
    // If a server was killed between the charge and its record, the customer's return queries the charge.
    await ask((baseUrl) => visit(baseUrl, `${path}/return`))
    state = (await viewAt('/state')).state
    if (state === 'ready') state = (await viewAt('/pay', FORM)).state
  }
}

/** Makes all payments, and kills a server at ten random moments. */
async function payWhileKilled(servers: Servers): Promise<void> {
  const step = PAYMENT_COUNT / KILL_COUNT
  const killAt = Array.from(
    { length: KILL_COUNT },
    (_, kill) => step * (kill + 1 - Math.random() * KILL_EARLIER_MAX),
  )
  let begunCount = 0
  let paidCount = 0
  let killCount = 0
  let killing = Promise.resolve()
  const failures: unknown[] = []
  const payers = Array.from({ length: PAYER_COUNT }, async () => {
    while (begunCount < PAYMENT_COUNT && failures.length === 0) {
      begunCount += 1
      await payOnce(servers)
      paidCount += 1
      const next = killAt[killCount]
      if (next === undefined || paidCount < next) continue
      const which = killCount % SERVER_COUNT
      killCount += 1
      // The kills come one after the other, so one server always runs.
      killing = killing
        .then(() => servers.replace(which))
        .catch((error: unknown) => void failures.push(error))
    }
  })
  await Promise.all(payers)
  await killing
  expect(failures).toEqual([])
  expect([paidCount, killCount]).toEqual([PAYMENT_COUNT, KILL_COUNT])
}

async function reading({ flags: { databaseUrl } }: Place) {
  const client = new pg.Client({ connectionString: String(databaseUrl) })
  await client.connect()
  return {
    read: async (sql: string) => (await client.query(sql)).rows as Record<string, unknown>[],
    close: () => client.end(),
  }
}

describe('two servers on one PostgreSQL that are killed ten times', () => {
  test('deliver one event for each of 5,000 payments to a receiver that fails 30 % of the time', async () => {
    const place = await makePlace('postgres')
    const receiver = await startUnreliableReceiver()
    const servers = await startServers(place)
    const { read, close } = await reading(place)
    try {
      const registration = await servers.ask((baseUrl) =>
        call(baseUrl, 'POST', '/webhooks', {
          name: 'A receiver',
          url: receiver.url,
          enabled_events: ['payment.succeeded', 'payment.failed'],
        }),
      )
      expect([registration.status, registration.text]).toEqual([201, expect.any(String)])
      receiver.expectKey(registration.body.webhook.signing_key)

      receiver.answerBy(FAILURES)
      const startedAtMs = Date.now()
      await payWhileKilled(servers)
      const paidAtMs = Date.now()
      receiver.answerBy(FAILURES_AT_ONCE)
      const undeliveredCounts = `select status, count(*) as count from webhook_deliveries
        where status <> 'delivered' group by status`
      for (;;) {
        const openRows = await read(undeliveredCounts)
        if (openRows.length === 0) break
        const state = `${JSON.stringify(openRows)} ${servers.errors()}`
        expect(Date.now() - paidAtMs, state).toBeLessThan(DELIVERED_MS_MAX)
        await pause(POLL_MS)
      }
      const deliveredAtMs = Date.now()

      const events = [...receiver.events.values()].filter(({ type }) => type !== 'webhook.test')
      const again = events.reduce((sum, { againCount }) => sum + againCount, 0)
      const eventCount = events.reduce((sum, { count }) => sum + count, 0)
      const seconds = (fromMs: number, toMs: number) => Math.round((toMs - fromMs) / 1000)
      // The figures are a result of the test.
      // biome-ignore lint/suspicious/noConsole: a test that passes has no other output.
      console.log(
        `${PAYMENT_COUNT} payments in ${seconds(startedAtMs, paidAtMs)} s, all delivered ${seconds(paidAtMs, deliveredAtMs)} s later: ${eventCount} deliveries, ${again} of them duplicates (${JSON.stringify(Object.fromEntries(receiver.answers))})`,
      )

      expect(receiver.wrong).toEqual([])
      expect(events.filter(({ isTaken }) => !isTaken)).toEqual([])
      expect(events.filter(({ type }) => type !== 'payment.succeeded')).toEqual([])
      // One event for each payment, and no others.
      const paidAttempts = await read(
        `select id from payment_attempts where account_id = ${ACCOUNT_ID} and status = 'succeeded'`,
      )
      expect(paidAttempts).toHaveLength(PAYMENT_COUNT)
      const { publicIdOf } = await publicIdsAt(place)
      const paidIds = paidAttempts.map(({ id }) => publicIdOf(String(id))).sort()
      expect(events.map(({ paymentId }) => paymentId).sort()).toEqual(paidIds)
      // Sent and stored events are equal: a repeated event equals the first one.
      const storedEvents = await read('select id, body_json from webhook_events')
      expect(storedEvents).toHaveLength(PAYMENT_COUNT)
      const bodyOf = new Map(
        storedEvents.map(({ id, body_json }) => [publicIdOf(String(id)), body_json]),
      )
      expect(events.filter(({ body, id }) => bodyOf.get(id) !== body)).toEqual([])
      // Some deliveries did fail on the way.
      expect(eventCount).toBeGreaterThan(PAYMENT_COUNT)

      await servers.killAll()
      const { store } = await openCore(settingsAt(place))
      const { discrepancies, postingCount } = await store.ledger.check()
      await store.close()
      expect([discrepancies, postingCount >= PAYMENT_COUNT]).toEqual([[], true])
    } finally {
      await servers.killAll()
      await receiver.close()
      await close()
      place.remove()
    }
  }, 400_000)
})
