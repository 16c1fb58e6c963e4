import { once } from 'node:events'
import { copyFileSync, existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { CheckoutView } from '../../src/checkout/view.ts'
import { startServer } from '../../src/server/start-server.ts'
import { visit } from '../support/customer.ts'
import { makePlace, type Place, publicIdsAt, settingsAt } from '../support/engines.ts'
import { call, type SpawnedServer, spawnServer } from '../support/server.ts'

const KILL_COUNT = 20
const PAYER_COUNT = 8
/** The maximum time between the start of a hanging payment and the kill, in milliseconds. */
const KILL_AFTER_MS_MAX = 80
/** The customer's pause between two payments, in milliseconds. */
const THINK_MS_MAX = 60
/** The number of payments before each kill: one for each customer. */
const PAYMENTS_BEFORE_KILL = PAYER_COUNT
/** The maximum pause between two checks of the customers, in milliseconds. */
const POLL_MS_MAX = 20
/** The time limit for the payments before a kill. A limit, not an expectation. */
const BEGUN_MS_MAX = 30_000
/** Longer than the life of an attempt, so that attempts that wait for a customer expire. */
const ATTEMPTS_END_MS = 11 * 60_000
const REFUNDS_END_MS = 60_000
/** The time limit for the last server's overdue work. A limit, not an expectation. */
const SETTLED_MS_MAX = 90_000

const OPEN = ['initiated', 'pending']

type Row = Readonly<Record<string, unknown>>
type Form = Readonly<Record<string, string>>

const card = (name: string): Form => ({
  method: 'card',
  card_number: '4111111111111111',
  card_expiry: '12/40',
  card_cvv: '123',
  card_name: name,
})
/** A card whose charge is made and never answered: the attempt is recorded, its outcome is not. */
const SILENT = card('Timeout')
const FORMS: readonly Form[] = [
  card('Asha Rao'),
  { method: 'upi', upi_channel: 'qr' },
  { method: 'netbanking', bank: 'success_test_bank' },
  { method: 'wallet', wallet: 'success_wallet' },
  card('Insufficient Funds'),
  { method: 'upi', upi_channel: 'collect', upi_id: 'failure@paydesk' },
  SILENT,
]

/**
 * Reads the database beside the servers. `asLeft`: reads a copy of the files of a killed server, before the next
 * process opens and repairs them.
 */
function reading(
  { flags: { data, databaseUrl } }: Place,
  asLeft = false,
): (sql: string) => Promise<Row[]> {
  if (databaseUrl !== undefined) {
    return async (sql) => {
      const client = new pg.Client({ connectionString: String(databaseUrl) })
      await client.connect()
      try {
        return (await client.query(sql)).rows as Row[]
      } finally {
        await client.end()
      }
    }
  }
  return async (sql) => {
    const path = asLeft ? `${data}-left` : String(data)
    if (asLeft) {
      for (const ending of ['', '-wal']) {
        if (existsSync(`${data}${ending}`)) copyFileSync(`${data}${ending}`, `${path}${ending}`)
      }
    }
    const database = new DatabaseSync(path)
    try {
      return database.prepare(sql).all()
    } finally {
      database.close()
    }
  }
}

/** A customer with a session to pay. */
type Customer = { readonly id: string; readonly path: string; hasSeenSuccess: boolean }
/** Returns one of the running servers. */
type Pick = () => Promise<string>

/** No server listens at this address. Customers get it after the end of the test. */
const DEAD_URL = 'http://127.0.0.1:9'

let sessionCount = 0

async function createSession(pick: Pick): Promise<Customer> {
  sessionCount += 1
  // A unique amount identifies each charge; it is below the amounts that fail by UPI.
  const amount = (10_000 + (sessionCount % 39_000)) / 100
  const fields = { amount, currency: 'INR' }
  const answer = await call(await pick(), 'POST', '/paymentsessions', fields)
  expect(answer.status).toBe(201)
  const { access_key: accessKey, payments_session_id: id } = answer.body.payments_session
  return { id, path: `/hostedcheckout/${accessKey}`, hasSeenSuccess: false }
}

async function stateOf(pick: Pick, { path }: Customer): Promise<string> {
  const { text } = await visit(await pick(), `${path}/state`)
  return (JSON.parse(text) as { view: CheckoutView }).view.state
}

/** Pays like an impatient customer: sends the form twice, and returns from the bank's page. */
async function pay(pick: Pick, customer: Customer, form: Form): Promise<void> {
  const send = async () => {
    const answer = await visit(await pick(), `${customer.path}/pay`, form, true)
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)])
    return (JSON.parse(answer.text) as { view: CheckoutView }).view
  }
  const [{ action }] = await Promise.all([send(), send()])
  if (action?.kind === 'redirect') {
    await visit(await pick(), action.url, { otp: '123456', decision: 'approve' })
    await visit(await pick(), `${customer.path}/return`)
  }
  if ((await stateOf(pick, customer)) === 'succeeded') customer.hasSeenSuccess = true
}

/** A connection to a killed server fails, or its answer ends in the middle. */
const isOfKill = (error: unknown) =>
  error instanceof TypeError && ['fetch failed', 'terminated'].includes(error.message)

const randomOf = <Item>(items: readonly Item[]) => items[Math.floor(Math.random() * items.length)]
const pause = (msMax: number) =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * msMax))

/**
 * Pays from eight customers while servers are killed, twenty times. `isTakenOver`: a second server already accepts
 * payments at each kill.
 */
async function payWhileKilled(place: Place, isTakenOver: boolean) {
  const { data, databaseUrl } = place.flags
  const start = () =>
    spawnServer([
      ...(data === undefined ? ['--database-url', String(databaseUrl)] : ['--data', String(data)]),
      // The timeout is longer than any round, so that no outcome is recorded before the kill.
      '--processor-timeout',
      '50',
      '--log-level',
      'warn',
      '--access-log',
      'off',
    ])
  const readLeft = reading(place, true)
  const customers: Customer[] = []
  const leftAs: string[] = []
  const unexpectedErrors: unknown[] = []
  const note = (error: unknown) => {
    if (!isOfKill(error)) unexpectedErrors.push(error)
  }
  let servers: readonly SpawnedServer[] = []
  let isOver = false
  let paymentCount = 0
  /** Customers pause while a server starts: payments that end before the next kill would test nothing. */
  let resting: PromiseWithResolvers<void> | undefined
  const startAnother = async () => {
    resting = Promise.withResolvers()
    try {
      const server = await start()
      servers = [...servers, server]
    } finally {
      resting.resolve()
    }
  }
  const pick: Pick = async () => {
    while (servers.length === 0 && !isOver) await pause(20)
    return randomOf(servers)?.baseUrl ?? DEAD_URL
  }

  await startAnother()
  const payers = Array.from({ length: PAYER_COUNT }, async (_, payer) => {
    for (let count = payer; !isOver; count += 1) {
      await resting?.promise
      const form = FORMS[count % FORMS.length] as Form
      // Every third payment tries to pay an earlier session again, perhaps one whose server was killed.
      const before = count % 3 === 0 ? randomOf(customers) : undefined
      try {
        const customer = before ?? (await createSession(pick))
        if (before === undefined) customers.push(customer)
        const paying = pay(pick, customer, form)
        // The loop does not wait for an answer that never comes, but the connection stays open.
        if (form !== SILENT) await paying
        else paying.catch(note)
      } catch (error) {
        note(error)
      }
      paymentCount += 1
      await pause(THINK_MS_MAX)
    }
  })

  const { storedIdOf } = await publicIdsAt(place)
  try {
    for (let kill = 0; kill < KILL_COUNT; kill += 1) {
      if (isTakenOver) await startAnother()
      const killAtCount = paymentCount + PAYMENTS_BEFORE_KILL
      const [killedServer, ...others] = servers as [SpawnedServer, ...SpawnedServer[]]
      const pickKilled = async () => killedServer.baseUrl
      const hanging = await createSession(pickKilled)
      const paying = pay(pickKilled, hanging, SILENT).catch(note)
      const startedAtMs = Date.now()
      while ((await stateOf(pickKilled, hanging)) !== 'pending') {
        expect(Date.now() - startedAtMs).toBeLessThan(BEGUN_MS_MAX)
      }
      while (paymentCount < killAtCount) {
        expect(Date.now() - startedAtMs).toBeLessThan(BEGUN_MS_MAX)
        await pause(POLL_MS_MAX)
      }
      await pause(KILL_AFTER_MS_MAX)
      const exit = once(killedServer.process, 'exit')
      killedServer.process.kill('SIGKILL')
      servers = others
      await Promise.all([exit, paying])
      const attempts = await readLeft(
        `select status from payment_attempts where payment_session_id = ${storedIdOf(hanging.id)}`,
      )
      leftAs.push(...attempts.map(({ status }) => String(status)))
      customers.push(hanging)
      if (!isTakenOver) await startAnother()
    }
  } finally {
    isOver = true
    for (const { process } of servers) process.kill('SIGKILL')
    await Promise.all(payers)
  }
  return { customers, leftAs, unexpectedErrors }
}

/** Runs a server with a clock that is ahead, until no work is open. */
async function settle(place: Place): Promise<void> {
  let aheadMs = 0
  const service = await startServer(settingsAt(place), {
    clock: { nowMs: () => Date.now() + aheadMs },
  })
  const read = reading(place)
  try {
    for (const [table, ms] of [
      ['payment_attempts', ATTEMPTS_END_MS],
      ['refunds', REFUNDS_END_MS],
    ] as const) {
      aheadMs += ms
      const open = `select id from ${table} where status in ('initiated', 'pending') limit 5`
      for (const startedAtMs = Date.now(); ; ) {
        const openRows = await read(open)
        if (openRows.length === 0) break
        expect(Date.now() - startedAtMs, `${table} still open`).toBeLessThan(SETTLED_MS_MAX)
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    }
  } finally {
    await service.close()
  }
}

/** Each statement finds forbidden states in our tables and in the processor's records. */
const NEVER: Readonly<Record<string, string>> = {
  'an attempt that is not final': `select id from payment_attempts
    where status not in ('succeeded', 'failed', 'refunded')`,
  'a session in progress': `select id from payment_sessions where status = 'in_progress'`,
  'a refund that has not succeeded': `select id from refunds where status <> 'succeeded'`,
  'a charge without an outcome': `select attempt_id from sandbox_charges where outcome is null`,
  'a charge without an attempt': `select c.attempt_id from sandbox_charges c
    left join payment_attempts a on a.bucket = c.bucket and a.id = c.attempt_id
    where a.id is null`,
  'a session that is charged twice': `select a.payment_session_id from sandbox_charges c
    join payment_attempts a on a.bucket = c.bucket and a.id = c.attempt_id
    where c.outcome = 'approved' group by a.payment_session_id having count(*) > 1`,
  'captured money without a success or a refund': `select c.attempt_id
    from sandbox_charges c join payment_attempts a on a.bucket = c.bucket and a.id = c.attempt_id
    left join refunds r on r.bucket = a.bucket and r.payment_attempt_id = a.id
      and r.currency = c.currency and r.amount_minor = c.amount_minor
    where c.outcome = 'approved'
      and not (a.status = 'succeeded' or (a.status = 'refunded' and r.id is not null))`,
  'a success without a charge of its amount': `select a.id from payment_attempts a
    join payment_sessions s on s.bucket = a.bucket and s.id = a.payment_session_id
    left join sandbox_charges c on c.bucket = a.bucket and c.attempt_id = a.id
      and c.outcome = 'approved' and c.amount_minor = s.amount_minor and c.currency = s.currency
    where a.status = 'succeeded' and c.attempt_id is null`,
  'a session whose status disagrees with its attempts': `select s.id from payment_sessions s
    where (s.status = 'succeeded') <> exists (select 1 from payment_attempts a
      where a.bucket = s.bucket and a.payment_session_id = s.id and a.status = 'succeeded')`,
  'a refund without a record at the processor': `select r.id from refunds r
    left join sandbox_refunds b on b.bucket = r.bucket and b.refund_id = r.id
      and b.amount_minor = r.amount_minor
    where b.refund_id is null`,
}

describe('a server that is killed while eight customers pay, 20 times', () => {
  test.each([
    ['file', 'it is restarted', false],
    ['postgres', 'a second server takes over', true],
  ] as const)(
    'leaves no attempt undecided and charges no session twice on %s, if %s',
    async (engine, _how, isTakenOver) => {
      const place = await makePlace(engine)
      try {
        const { customers, leftAs, unexpectedErrors } = await payWhileKilled(place, isTakenOver)
        expect(unexpectedErrors).toEqual([])
        // At every kill an attempt was recorded and its outcome was not.
        expect(leftAs).toHaveLength(KILL_COUNT)
        expect(leftAs.filter((status) => !OPEN.includes(status))).toEqual([])
        await settle(place)

        const read = reading(place)
        for (const [what, sql] of Object.entries(NEVER)) {
          expect([what, await read(sql)]).toEqual([what, []])
        }
        const succeededRows = await read(
          `select id from payment_sessions where status = 'succeeded'`,
        )
        const { publicIdOf } = await publicIdsAt(place)
        const paidIds = new Set(succeededRows.map(({ id }) => publicIdOf(String(id))))
        const informedCustomers = customers.filter(({ hasSeenSuccess }) => hasSeenSuccess)
        expect(informedCustomers.filter(({ id }) => !paidIds.has(id))).toEqual([])
        // The search had rows: customers have seen successes, and sessions were paid.
        expect(informedCustomers).not.toEqual([])
        expect(paidIds.size).toBeGreaterThanOrEqual(KILL_COUNT)
      } finally {
        place.remove()
      }
    },
    300_000,
  )
})
