/**
 * Thirty integration tests, each with its own tenant, at the same time in one process. Each test checks all data of
 * its tenant, so it would find data of another tenant.
 *
 * `PAYDESK_TEST_REPEATS=50 npx vitest run test/testing/parallel-tenants.test.ts` runs them 50 times in a row.
 */
import { describe, vi } from 'vitest'
import type { Payment } from '../../src/client/index.ts'
import type { PlayedAttempt, Receiver, Sandbox } from '../../src/testing/index.ts'
import { expect, test } from '../../src/testing/vitest.ts'

const REPEATS = Number(process.env.PAYDESK_TEST_REPEATS ?? 1)
vi.setConfig({ maxConcurrency: 30 })

/** The expected data of a tenant at the end. Amounts in rupees, as on the wire. */
type TenantData = {
  readonly sessions: readonly string[]
  readonly payments: readonly string[]
  /** The types of all webhooks, in any order. */
  readonly events: readonly string[]
  readonly captured?: string
  readonly refunded?: string
  readonly transferred?: string
}

/** A flow: the actions in a tenant, and the expected data. */
type Flow = readonly [
  name: string,
  play: (tenant: Sandbox, receiver: Receiver) => Promise<void>,
  expected: TenantData,
]

const attempt = (
  method: PlayedAttempt['method'],
  outcome: PlayedAttempt['outcome'],
): PlayedAttempt => ({ method, outcome })
const [S, F] = ['payment.succeeded', 'payment.failed']

/** Pays 1499.90 and returns the payment. */
async function payOnce(tenant: Sandbox, more: object = {}): Promise<Payment> {
  const { payments } = await tenant.trigger.session({
    session: { amount: '1499.90', ...more },
    attempts: [attempt('upi', 'succeeded')],
  })
  return tenant.client.payments.retrieve(payments[0]?.payment_id ?? '')
}

const METHODS = ['card', 'upi', 'netbanking', 'wallet', 'bank_transfer'] as const

const FLOWS: readonly Flow[] = [
  ...METHODS.map(
    (method): Flow => [
      `paid by ${method} at the first attempt`,
      async (tenant) => {
        const session = await tenant.client.paymentSessions.create({ amount: 50, currency: 'INR' })
        await tenant.pay(session, attempt(method, 'succeeded'))
      },
      { sessions: ['succeeded'], payments: ['succeeded'], events: [S], captured: '50.00' },
    ],
  ),
  ...METHODS.map(
    (method): Flow => [
      `declined by ${method}, then paid by UPI`,
      async (tenant) => {
        const attempts = [attempt(method, 'failed'), attempt('upi', 'succeeded')]
        await tenant.trigger.session({ session: { amount: 60 }, attempts })
      },
      {
        sessions: ['succeeded'],
        payments: ['failed', 'succeeded'],
        events: [F, S],
        captured: '60.00',
      },
    ],
  ),
  ...[1, 2, 3, 4, 5].map(
    (count): Flow => [
      `given up after ${count} of ${count} attempts`,
      async (tenant) => {
        const session = await tenant.client.paymentSessions.create({
          amount: 70,
          currency: 'INR',
          max_retry_count: count,
        })
        for (let tryCount = 0; tryCount < count; tryCount += 1) {
          await tenant.pay(session, attempt('card', 'failed'))
        }
        const more = tenant.pay(session, attempt('upi', 'succeeded'))
        await expect(more).rejects.toMatchObject({ code: 'invalid_payment_session' })
      },
      {
        sessions: ['failed'],
        payments: Array(count).fill('failed'),
        events: Array(count).fill(F),
      },
    ],
  ),
  [
    'refunded in part, twice',
    async (tenant, receiver) => {
      const { payment_id: id } = await payOnce(tenant)
      await tenant.client.refunds.create(id, { amount: '100.00' })
      await tenant.client.refunds.create(id, { amount: '200.00' })
      await tenant.clock.advance('5s')
      await receiver.next('refund.succeeded')
    },
    {
      sessions: ['succeeded'],
      payments: ['partially_refunded'],
      events: [S, 'refund.succeeded', 'refund.succeeded'],
      captured: '1499.90',
      refunded: '300.00',
    },
  ],
  [
    'refunded as a whole',
    async (tenant) => {
      const { payment_id: id } = await payOnce(tenant)
      await tenant.client.refunds.create(id, { amount: '1499.90' })
      await tenant.clock.advance('5s')
    },
    {
      sessions: ['succeeded'],
      payments: ['refunded'],
      events: [S, 'refund.succeeded'],
      captured: '1499.90',
      refunded: '1499.90',
    },
  ],
  [
    'a refund that the processor refuses',
    async (tenant) => {
      const { payment_id: id } = await payOnce(tenant)
      await tenant.client.refunds.create(id, { amount: '400.00' })
      await tenant.clock.advance('5s')
    },
    {
      sessions: ['succeeded'],
      payments: ['succeeded'],
      events: [S, 'refund.failed'],
      captured: '1499.90',
    },
  ],
  [
    'transfers requested with the session',
    async (tenant) => {
      await payOnce(tenant, { transfer_details: [{ connected_account_id: 23137557, amount: 500 }] })
    },
    {
      sessions: ['succeeded'],
      payments: ['succeeded'],
      events: [S],
      captured: '1499.90',
      transferred: '500.00',
    },
  ],
  [
    'a later transfer, half of it reversed',
    async (tenant) => {
      const { payment_id: id } = await payOnce(tenant)
      const transfers = await tenant.client.transfers.create({
        payment_id: id,
        transfer_split: [{ connected_account_id: 23137558, amount: 600 }],
      })
      const [split] = transfers.splits
      if (split?.status !== 'success') throw new Error('the transfer was not made')
      const back = { transfer_id: split.transfer_id, reversal_amount: 300 }
      await tenant.client.transferReversals.create(back)
    },
    {
      sessions: ['succeeded'],
      payments: ['succeeded'],
      events: [S],
      captured: '1499.90',
      transferred: '300.00',
    },
  ],
  [
    'expired without a payment',
    async (tenant) => {
      const session = await tenant.client.paymentSessions.create({ amount: 80, currency: 'INR' })
      await tenant.clock.advance('15m')
      const late = tenant.pay(session, attempt('upi', 'succeeded'))
      await expect(late).rejects.toMatchObject({ code: 'invalid_payment_session' })
    },
    { sessions: ['expired'], payments: [], events: [] },
  ],
  [
    'failed twice, then paid at minute 14',
    async (tenant) => {
      const session = await tenant.client.paymentSessions.create({ amount: 90, currency: 'INR' })
      await tenant.pay(session, attempt('card', 'failed'), attempt('card', 'failed'))
      await tenant.clock.advance('14m')
      await tenant.pay(session, attempt('upi', 'succeeded'))
    },
    {
      sessions: ['succeeded'],
      payments: ['succeeded', 'failed', 'failed'],
      events: [F, F, S],
      captured: '90.00',
    },
  ],
  [
    'canceled after a decline',
    async (tenant) => {
      await tenant.trigger.session({ attempts: [attempt('card', 'failed')], ends_by: 'cancel' })
    },
    { sessions: ['canceled'], payments: ['failed'], events: [F] },
  ],
  [
    'still in progress at the processor',
    async (tenant) => {
      await tenant.trigger.session({ attempts: [attempt('netbanking', 'pending')] })
    },
    { sessions: ['in_progress'], payments: ['pending'], events: [] },
  ],
  [
    'created once with an idempotency key that is used twice',
    async (tenant) => {
      const create = () =>
        tenant.client.paymentSessions.create(
          { amount: 10, currency: 'INR' },
          { idempotencyKey: 'the same in every tenant' },
        )
      expect(await create()).toEqual(await create())
    },
    { sessions: ['created'], payments: [], events: [] },
  ],
  [
    'a receiver that is down for three hours',
    async (tenant, receiver) => {
      receiver.failNext(3)
      await payOnce(tenant)
      await tenant.clock.advance('5h')
      await receiver.next('payment.succeeded')
      expect(receiver.requests.map(({ status }) => status)).toEqual([500, 500, 500, 204])
    },
    {
      sessions: ['succeeded'],
      payments: ['succeeded'],
      events: [S],
      captured: '1499.90',
    },
  ],
  [
    'restored to a snapshot',
    async (tenant) => {
      const { name } = await tenant.snapshots.take(`${tenant.name}-empty`)
      await payOnce(tenant)
      await tenant.settle()
      await tenant.snapshots.restore(name)
      await tenant.snapshots.delete(name)
    },
    // Earlier webhooks stay.
    { sessions: [], payments: [], events: [S] },
  ],
  [
    'forked, and paid only in the fork',
    async (tenant) => {
      const session = await tenant.client.paymentSessions.create({ amount: 10, currency: 'INR' })
      await using fork = await tenant.fork()
      await fork.pay(session, attempt('upi', 'succeeded'))
      await fork.settle()
    },
    // The fork has the endpoint too, and its events are signed with the same key.
    { sessions: ['created'], payments: [], events: [S] },
  ],
  [
    'three sessions in three states',
    async (tenant) => {
      await tenant.trigger.session({ attempts: [attempt('card', 'failed')] })
      await tenant.trigger.session({
        session: { amount: 30 },
        attempts: [attempt('wallet', 'succeeded')],
      })
      await tenant.trigger.session({ ends_by: 'expire' })
    },
    {
      sessions: ['expired', 'succeeded', 'created'],
      payments: ['succeeded', 'failed'],
      events: [F, S],
      captured: '30.00',
    },
  ],
  [
    'a bank debit of the US account that does not appear in its IN account',
    async (tenant) => {
      await tenant.trigger.session({
        account_id: tenant.usAccountId,
        attempts: [attempt('ach_debit', 'succeeded')],
      })
    },
    { sessions: [], payments: [], events: [] },
  ],
]

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const results: Row[] = []
  for await (const row of rows) results.push(row)
  return results
}

/** Adds up amounts of the wire, in paise. */
const sumOf = (amounts: readonly string[]) =>
  amounts.reduce((sum, amount) => sum + BigInt(amount.replace('.', '')), 0n)
const paise = (amount = '0.00') => BigInt(amount.replace('.', ''))

/** Reads all data of a tenant. */
async function check(tenant: Sandbox, receiver: Receiver, expected: TenantData): Promise<void> {
  const { client } = tenant
  await tenant.settle()
  const sessions = await all(client.paymentSessions.listAll())
  expect(sessions.map(({ status }) => status)).toEqual(expected.sessions)
  const payments = await all(client.payments.listAll())
  expect(payments.map(({ status }) => status).sort()).toEqual([...expected.payments].sort())
  expect(sumOf(payments.map((one) => one.amount_captured))).toBe(paise(expected.captured))
  expect(sumOf(payments.map((one) => one.amount_refunded))).toBe(paise(expected.refunded))

  const transfers = await all(client.transfers.listAll())
  const transferSum = sumOf(transfers.map((one) => one.total_amount))
  const reversalSum = sumOf(transfers.map((one) => one.reversed_amount))
  expect(transferSum - reversalSum).toBe(paise(expected.transferred))
  for (const { payment_id: id } of payments) {
    const one = await client.payments.retrieve(id)
    const dueSum =
      paise(one.amount_captured) - paise(one.amount_refunded) - paise(one.total_fee_amount)
    expect(paise(one.net_amount), 'captured minus refunds, fee and tax').toBe(dueSum)
  }

  const books = await tenant.ledger()
  expect(books).toMatchObject({ agrees: true, discrepancies: [] })
  const ofAccount = books.balances.filter((one) => one.account_id === tenant.accountId)
  expect(ofAccount.length > 0).toBe(expected.captured !== undefined)

  expect(receiver.requests.filter(({ problem }) => problem !== undefined)).toEqual([])
  const types = receiver.events.map(({ event_type }) => event_type).sort()
  expect(types).toEqual([...expected.events].sort())
  // The receiver has no data of other tenants.
  expect(receiver.events.every((one) => String(one.account_id) === tenant.accountId)).toBe(true)
}

if (FLOWS.length !== 30) throw new Error(`there are ${FLOWS.length} flows, not 30`)

for (let run = 1; run <= REPEATS; run += 1) {
  describe(`thirty concurrent tests, each with its own tenant, run ${run}`, () => {
    test.concurrent.for(FLOWS)(
      'a flow in its own tenant has its own outcome: %s',
      async ([, play, expected], { tenant }) => {
        const receiver = await tenant.receiver()
        await play(tenant, receiver)
        await check(tenant, receiver, expected)
      },
    )
  })
}
