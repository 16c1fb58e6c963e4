import { describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  draw,
  NOW_MS,
  type OpenEngine,
  random,
  session,
  withOutcome,
} from '../../../test/support/stored-rows.ts'
import { paymentAvailableAtMs } from '../../domain/business-day.ts'
import { feeOn } from '../../domain/fee.ts'
import { bucketOf, type PaymentAttemptId } from '../../domain/id.ts'
import { NO_MONEY, type PaymentAttempt } from '../../domain/payment-attempt.ts'
import type { Edition, PaymentMethodType } from '../../domain/payment-method.ts'
import type { Refund } from '../../domain/refund.ts'
import type { Sql, SqlValue } from '../engine/engine.ts'
import { migrate, readMigrations } from '../engine/migrate.ts'
import { placeholders } from '../engine/statement.ts'
import { createStore } from '../store.ts'

/** Migrations of the schema, as tests that every engine passes. */
export function migrationTests(open: OpenEngine): void {
  describe('migrations', () => {
    test('repeated and concurrent migrations run each step once', async () => {
      const empty = await open()
      const knownNames = readMigrations().map((migration) => migration.name)
      const names = await Promise.all(
        [migrate(empty), migrate(empty)].map((one) => one.catch(String)),
      )
      expect(names.flat().filter((one) => knownNames.includes(one))).toEqual(knownNames)
      expect(await migrate(empty)).toEqual([])
      await empty.close()
    })

    test('a failed migration changes nothing', async () => {
      const empty = await open()
      const brokenMigration = {
        version: 1,
        name: 'broken',
        text: 'create table half (a integer); select nonsense',
      }
      await expect(migrate(empty, [brokenMigration])).rejects.toThrow()
      await expect(empty.read.all('select * from half', [])).rejects.toThrow()
      await empty.close()
    })

    test('a database of a newer program is refused', async () => {
      const newer = await open()
      await migrate(newer)
      await newer.transaction((sql) =>
        sql.run('insert into schema_migrations (version, name) values ($1, $2)', [
          99,
          'from_the_future',
        ]),
      )
      await expect(migrate(newer)).rejects.toThrow(/newer Paydesk/)
      await newer.close()
    })

    test('a database at version 1 keeps its attempts, and a query to the processor is due for each open one', async () => {
      const old = await open()
      await migrate(old, readMigrations().slice(0, 1))
      const one = session()
      const [bucket, sessionId] = [bucketOf(one.id), Number(one.id)]
      const STATUSES = ['initiated', 'pending', 'failed', 'succeeded'] as const
      const ids = STATUSES.map(() => draw<PaymentAttemptId>(bucket))
      await old.transaction(async (sql) => {
        await sql.run(
          `insert into accounts (id, name, edition, payment_methods, fee_rate_bps, tax_rate_bps,
             signing_key_sealed, api_key_hash, owner_key_hash, created_at_ms)
           values ($1, 'Shop', 'IN', '["card"]', 200, 1800, 's', 'a', 'o', $2)`,
          [Number(ACCOUNT), NOW_MS],
        )
        await sql.run(
          `insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor,
             created_at_ms, expires_at_ms, attempt_count, attempt_count_max, echoed_json)
           values ($1, $2, $3, 'succeeded', 'INR', 10050, $4, $5, 4, 5, '{}')`,
          [bucket, sessionId, Number(ACCOUNT), NOW_MS, NOW_MS + 900_000],
        )
        for (const [index, status] of STATUSES.entries()) {
          await sql.run(
            `insert into payment_attempts (bucket, id, payment_session_id, number, status,
               decline_code, created_at_ms, deadline_at_ms)
             values ($1, $2, $3, $4, $5, $6, $7, $8)`,
            [
              bucket,
              Number(ids[index]),
              sessionId,
              index + 1,
              status,
              status === 'failed' ? 'expired_card' : null,
              NOW_MS,
              NOW_MS + 600_000,
            ],
          )
        }
      })

      await migrate(old)
      const migratedStore = createStore(old, random)
      const attempts = await migratedStore.paymentAttempts.listBySession(one.id)
      expect(attempts).toEqual(
        STATUSES.map((status, index) => ({
          id: ids[index],
          paymentSessionId: one.id,
          accountId: ACCOUNT,
          status,
          number: index + 1,
          createdAtMs: NOW_MS,
          deadlineAtMs: NOW_MS + 600_000,
          // Version 1 did not have this field.
          instrument: { type: 'bank_transfer' },
          queryCount: 0,
          // 2 % of 10050, and 18 % of that, each rounded half up.
          money:
            status === 'succeeded'
              ? { ...NO_MONEY, capturedMinor: 10_050n, feeMinor: 201n, taxMinor: 36n }
              : NO_MONEY,
          ...(index < 2 ? { nextQueryAtMs: NOW_MS } : { decidedAtMs: NOW_MS }),
          ...(status === 'failed' && { declineCode: 'expired_card' }),
        })).reverse(),
      )
      expect(await migratedStore.paymentSessions.find(one.id)).toMatchObject({
        status: 'succeeded',
      })
      expect(await migratedStore.accounts.find(ACCOUNT)).toMatchObject({ frameOrigins: [] })
      const openOne = attempts.at(-1) as PaymentAttempt
      await expect(
        migratedStore.transaction((tx) =>
          tx.paymentAttempts.update(withOutcome(openOne, { status: 'succeeded' })),
        ),
      ).rejects.toThrow()
      await migratedStore.close()
    })

    test('a database at version 21 keeps its lists of sessions and the objects of its events', async () => {
      const old = await open()
      await migrate(old, readMigrations().slice(0, 21))
      const [listedSession, hiddenSession] = [session(), session({ virtualAccountId: draw(4) }, 4)]
      const KINDS = ['payment_session', 'payment_link', 'virtual_account', 'payout'] as const
      await old.transaction(async (sql) => {
        await insertAt(sql, 'accounts', {
          id: Number(ACCOUNT),
          name: 'Shop',
          edition: 'IN',
          payment_methods: '["card"]',
          fee_rate_bps: 200,
          tax_rate_bps: 1800,
          created_at_ms: NOW_MS,
          signing_key_sealed: 's',
          api_key_hash: 'a',
          owner_key_hash: 'o',
        })
        for (const { id, virtualAccountId } of [listedSession, hiddenSession]) {
          await insertAt(sql, 'payment_sessions', {
            bucket: bucketOf(id),
            id: Number(id),
            account_id: Number(ACCOUNT),
            status: 'created',
            currency: 'INR',
            amount_minor: 10050n,
            created_at_ms: NOW_MS,
            expires_at_ms: NOW_MS + 900_000,
            attempt_count_max: 5,
            echoed_json: '{}',
            virtual_account_id: virtualAccountId === undefined ? null : Number(virtualAccountId),
          })
        }
        for (const kind of KINDS) {
          await insertAt(sql, 'webhook_events', {
            bucket: bucketOf(listedSession.id),
            id: Number(draw(bucketOf(listedSession.id))),
            account_id: Number(ACCOUNT),
            type: 'payment.succeeded',
            subject_id: Number(listedSession.id),
            subject_kind: kind,
            body_json: '{}',
            created_at_ms: NOW_MS,
          })
        }
      })

      await migrate(old)
      const migratedStore = createStore(old, random)
      const page = { page: 1, perPage: 25 }
      const list = await migratedStore.paymentSessions.list(ACCOUNT, {}, page, NOW_MS)
      expect(list.items.map(({ id }) => id)).toEqual([listedSession.id])
      const events = await migratedStore.webhookEvents.list(ACCOUNT, {}, page)
      expect(events.items.map(({ subject }) => subject.kind).sort()).toEqual([...KINDS].sort())
      await migratedStore.close()
    })

    test('a database at version 2 keeps its money, and gets a ledger that agrees', async () => {
      const old = await open()
      await migrate(old, readMigrations().slice(0, 2))
      const paidRows: PaidRow[] = []
      await old.transaction(async (sql) => {
        for (const [index, [feeRateBps, taxRateBps]] of RATES.entries()) {
          const accountId = 60_000_000_001 + index
          await insertAt(sql, 'accounts', {
            id: accountId,
            name: 'Shop',
            edition: editionOf(accountId),
            payment_methods: '["card"]',
            fee_rate_bps: feeRateBps,
            tax_rate_bps: taxRateBps,
            created_at_ms: NOW_MS,
            signing_key_sealed: 's',
            api_key_hash: 'a',
            owner_key_hash: 'o',
          })
          for (const amountMinor of AMOUNTS) {
            for (const life of LIVES) {
              const method = METHODS[editionOf(accountId)][paidRows.length % 2] ?? 'card'
              const decidedAtMs = NOW_MS + 1 + paidRows.length * 7 * 60 * 60_000
              const row = {
                accountId,
                amountMinor,
                life,
                feeRateBps,
                taxRateBps,
                method,
                decidedAtMs,
              }
              paidRows.push({ ...row, id: await insertPaidAt2(sql, row) })
            }
          }
        }
      })

      await migrate(old)
      const migratedStore = createStore(old, random)
      for (const row of paidRows) {
        const attempt = await migratedStore.paymentAttempts.find(row.id)
        expect([row.life.name, attempt?.status, attempt?.money]).toEqual([
          row.life.name,
          row.life.status,
          moneyOf(row),
        ])
        const charge = await migratedStore.balanceTransactions.find('charge', row.id)
        expect(charge?.availableAtMs).toBe(
          row.life.status === 'succeeded'
            ? paymentAvailableAtMs(editionOf(row.accountId), row.method, row.decidedAtMs)
            : undefined,
        )
        for (const refund of await migratedStore.refunds.listByPayment(row.id)) {
          const hasEnded = refund.status === 'succeeded' || refund.status === 'failed'
          expect(refund.decidedAtMs).toBe(hasEnded ? NOW_MS + 2 : undefined)
          expect(refund.failureReason).toBe(refund.status === 'failed' ? 'unknown' : undefined)
        }
      }
      const { balances, discrepancies, postingCount } = await migratedStore.ledger.check()
      expect(discrepancies).toEqual([])
      const expected = paidRows.map(moneyOf)
      expect(postingCount).toBe(
        paidRows.reduce((sum, { life }) => sum + (life.refund === 'succeeded' ? 1 : 0), 0) +
          paidRows.reduce(
            (sum, { life, amountMinor }) => sum + partsOf(life, amountMinor).length,
            0,
          ) +
          expected.flatMap(({ capturedMinor, feeMinor, taxMinor }) =>
            [capturedMinor, feeMinor, taxMinor].filter((amount) => amount > 0n),
          ).length,
      )
      const total = (ledgerAccount: string, side: 'creditMinor' | 'debitMinor') =>
        balances
          .filter((balance) => balance.ledgerAccount === ledgerAccount)
          .reduce((sum, balance) => sum + balance[side], 0n)
      const sum = (field: 'capturedMinor' | 'feeMinor' | 'taxMinor' | 'refundedMinor') =>
        expected.reduce((all, money) => all + money[field], 0n)
      expect(total('processor', 'debitMinor')).toBe(sum('capturedMinor'))
      expect(total('processor', 'creditMinor')).toBe(sum('refundedMinor'))
      expect(total('fees', 'creditMinor')).toBe(sum('feeMinor'))
      expect(total('taxes', 'creditMinor')).toBe(sum('taxMinor'))
      await migratedStore.close()
    })
  })
}

const METHODS = { IN: ['upi', 'netbanking'], US: ['card', 'ach_debit'] } as const
/** Returns the edition of an account: odd ids are Indian, even ids are American. */
const editionOf = (accountId: number): Edition => (accountId % 2 === 1 ? 'IN' : 'US')

/** Fees and taxes in basis points: none, the usual ones, ones that round awkwardly, and the maximum. */
const RATES = [
  [200, 1800],
  [0, 0],
  [0, 1800],
  [199, 0],
  [333, 1],
  [1, 9_999],
  [9_999, 3_333],
  [10_000, 10_000],
] as const
const AMOUNTS = [1n, 25n, 50n, 10_050n, 149_990n, 10n ** 12n - 1n, 10n ** 12n]

/** An attempt of version 2 after the migration, with its transfers or the refund of a late success. */
type Life = {
  readonly name: string
  readonly status: PaymentAttempt['status']
  readonly hasTransfers?: boolean
  readonly refund?: Refund['status']
}
const LIVES: readonly Life[] = [
  { name: 'open', status: 'pending' },
  { name: 'failed', status: 'failed' },
  { name: 'paid', status: 'succeeded' },
  { name: 'paid and transferred', status: 'succeeded', hasTransfers: true },
  { name: 'late', status: 'refunded', refund: 'initiated' },
  { name: 'late, refund pending', status: 'refunded', refund: 'pending' },
  { name: 'late, refunded', status: 'refunded', refund: 'succeeded' },
  { name: 'late, refund failed', status: 'refunded', refund: 'failed' },
]
type PaidRow = {
  readonly id: PaymentAttemptId
  readonly accountId: number
  readonly amountMinor: bigint
  readonly life: Life
  readonly feeRateBps: number
  readonly taxRateBps: number
  readonly method: PaymentMethodType
  readonly decidedAtMs: number
}

/** Returns the transfers of an attempt: two parts with a rest for the merchant. A single minor unit is transferred whole. */
function partsOf({ hasTransfers }: Life, amountMinor: bigint): readonly bigint[] {
  if (hasTransfers !== true) return []
  return amountMinor === 1n ? [1n] : [amountMinor / 3n + 1n, amountMinor / 3n]
}

function moneyOf({ amountMinor, feeRateBps, life, taxRateBps }: PaidRow) {
  if (life.status === 'succeeded') {
    const { feeMinor, taxMinor } = feeOn(amountMinor, { feeRateBps, taxRateBps })
    const transferredMinor = partsOf(life, amountMinor).reduce((sum, part) => sum + part, 0n)
    return { ...NO_MONEY, capturedMinor: amountMinor, feeMinor, taxMinor, transferredMinor }
  }
  if (life.status !== 'refunded') return NO_MONEY
  const isOpen = life.refund === 'initiated' || life.refund === 'pending'
  return {
    ...NO_MONEY,
    capturedMinor: amountMinor,
    refundedMinor: life.refund === 'succeeded' ? amountMinor : 0n,
    refundingMinor: isOpen ? amountMinor : 0n,
  }
}

async function insertAt(
  sql: Sql,
  table: string,
  row: Readonly<Record<string, SqlValue>>,
): Promise<void> {
  const columns = Object.keys(row)
  await sql.run(
    `insert into ${table} (${columns.join(', ')}) values ${placeholders(1, columns.length)}`,
    Object.values(row),
  )
}

/** Writes an attempt with its session and related rows, as version 2 wrote them. Returns its id. */
async function insertPaidAt2(
  sql: Sql,
  { accountId, amountMinor, decidedAtMs, life, method }: Omit<PaidRow, 'id'>,
): Promise<PaymentAttemptId> {
  const { id: sessionId } = session({}, 9)
  const bucket = bucketOf(sessionId)
  const id = draw<PaymentAttemptId>(bucket)
  const isOpen = life.status === 'pending'
  const keys = { bucket, account_id: accountId }
  const money = { currency: 'INR', amount_minor: amountMinor, created_at_ms: NOW_MS + 2 }
  await insertAt(sql, 'payment_sessions', {
    ...keys,
    id: Number(sessionId),
    status: isOpen ? 'in_progress' : 'created',
    ...money,
    expires_at_ms: NOW_MS + 900_000,
    attempt_count: 1,
    attempt_count_max: 5,
    current_attempt_id: isOpen ? Number(id) : null,
    echoed_json: '{}',
  })
  await insertAt(sql, 'payment_attempts', {
    ...keys,
    id: Number(id),
    payment_session_id: Number(sessionId),
    number: 1,
    status: life.status,
    payment_method: method,
    asked_count: 0,
    instrument_json: '{"type":"bank_transfer"}',
    created_at_ms: NOW_MS,
    decline_code: life.status === 'failed' ? 'card_declined' : null,
    deadline_at_ms: NOW_MS + 600_000,
    decided_at_ms: isOpen ? null : decidedAtMs,
    ask_at_ms: isOpen ? NOW_MS + 1 : null,
  })
  for (const [index, part] of partsOf(life, amountMinor).entries()) {
    await insertAt(sql, 'transfers', {
      ...keys,
      id: Number(draw(bucket)),
      payment_attempt_id: Number(id),
      number: index + 1,
      connected_account_id: 7,
      ...money,
      amount_minor: part,
    })
  }
  if (life.refund !== undefined) {
    const isAsked = life.refund === 'initiated' || life.refund === 'pending'
    await insertAt(sql, 'refunds', {
      ...keys,
      id: Number(draw(bucket)),
      payment_attempt_id: Number(id),
      ...money,
      type: 'initiated_by_system',
      reason: 'system_initiated',
      status: life.refund,
      ask_at_ms: isAsked ? NOW_MS : null,
      asked_count: 0,
    })
  }
  return id
}
