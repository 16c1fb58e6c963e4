import { describe, expect, test } from 'vitest'
import {
  type Books,
  inr,
  post,
  withBooks,
  writeCapturedAttempt,
  yen,
} from '../../../test/support/stored-books.ts'
import {
  ACCOUNT,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  useStore,
} from '../../../test/support/stored-rows.ts'
import type { LedgerPosting } from '../../domain/ledger.ts'
import { NO_MONEY } from '../../domain/payment-attempt.ts'
import type { LedgerReport } from '../../operations/store.ts'
import type { SqlValue } from '../engine/engine.ts'

const NOT_POSTED = 'has no matching posting'
const NO_OBJECT = 'posting has no matching object'
const CAPTURED_DIFFERS = 'captured amount differs from the session’s amount'
const REFUNDS_DIFFER = 'refunds differ from the payment’s refunded amount'
const TOO_MUCH_BACK = 'refunds exceed the payment’s captured amount'
const TRANSFERS_DIFFER = 'transfers differ from the payment’s transferred amount'
const OTHER_MERCHANT = 'payment and session have different merchants'
const FEE_WITHOUT_SUCCESS = 'fee on a payment that has not succeeded'
const OTHER_PAYMENT_MERCHANT = 'and payment have different merchants or currencies'
const REVERSALS_DIFFER = 'reversals differ from the transfer’s reversed amount'

const BOGUS_ID = 4_242

/** Makes a posting without a cause. */
const bogus = (kind: string, debit: string, credit: string, amountMinor: bigint) =>
  `insert into ledger_postings (bucket, kind, source_id, payment_attempt_id, account_id, debit, credit,
     currency, amount_minor, created_at_ms)
   select bucket, '${kind}', ${BOGUS_ID}, id, account_id, '${debit}', '${credit}', 'INR', ${amountMinor}, 0
   from payment_attempts where id = $1`

/** The fault, the statement that causes it, the id in the statement, and the expected discrepancy. */
const PLANTED: readonly [
  what: string,
  statement: string,
  param: (books: Books) => string,
  found: (books: Books) => readonly (readonly [what: string, id: string])[],
][] = [
  ...(['capture', 'fee', 'tax'] as const).map((kind): (typeof PLANTED)[number] => [
    `a ${kind} that was not posted`,
    `delete from ledger_postings where kind = '${kind}' and source_id = $1`,
    ({ paid: paidAttempt }) => paidAttempt.id,
    ({ paid: paidAttempt }) => [
      [`${kind} ${NOT_POSTED}`, paidAttempt.id],
      ...(kind === 'capture' ? [['processor balance is negative', ACCOUNT] as const] : []),
    ],
  ]),
  [
    'a late capture that was not posted',
    "delete from ledger_postings where kind = 'late_capture' and source_id = $1",
    ({ late }) => late.id,
    ({ late }) => [
      [`late_capture ${NOT_POSTED}`, late.id],
      ['customers balance is negative', ACCOUNT],
      ['processor balance is negative', ACCOUNT],
    ],
  ],
  [
    'a refund that was not posted',
    'delete from ledger_postings where source_id = $1',
    ({ refund }) => refund.id,
    ({ refund }) => [[`refund ${NOT_POSTED}`, refund.id]],
  ],
  [
    'a transfer that was not posted',
    'delete from ledger_postings where source_id = $1',
    ({ transfer }) => transfer.id,
    ({ transfer }) => [
      [`transfer ${NOT_POSTED}`, transfer.id],
      [`connected_account/${OTHER_ACCOUNT} balance is negative`, ACCOUNT],
    ],
  ],
  [
    'a reversal that was not posted',
    'delete from ledger_postings where source_id = $1',
    ({ reversal }) => reversal.id,
    ({ reversal }) => [[`transfer_reversal ${NOT_POSTED}`, reversal.id]],
  ],
  [
    'a posting without a cause',
    bogus('refund', 'merchant', 'processor', 1n),
    ({ paid: paidAttempt }) => paidAttempt.id,
    () => [[`refund ${NO_OBJECT}`, String(BOGUS_ID)]],
  ],
  [
    'a posted refund that has not ended',
    `insert into ledger_postings (bucket, kind, source_id, payment_attempt_id, account_id, debit, credit,
       currency, amount_minor, created_at_ms)
     select bucket, 'refund', id, payment_attempt_id, account_id, 'merchant', 'processor', currency,
       amount_minor, 0 from refunds where id = $1`,
    ({ openRefunds }) => openRefunds[0]?.id ?? '',
    ({ openRefunds }) => [[`refund ${NO_OBJECT}`, openRefunds[0]?.id ?? '']],
  ],
  [
    'refunds above the processor’s captures',
    bogus('refund', 'merchant', 'processor', 10n ** 13n),
    ({ paid: paidAttempt }) => paidAttempt.id,
    () => [
      [`refund ${NO_OBJECT}`, String(BOGUS_ID)],
      ['processor balance is negative', ACCOUNT],
    ],
  ],
  [
    'a posting with a wrong amount',
    "update ledger_postings set amount_minor = amount_minor + 1 where kind = 'tax' and source_id = $1",
    ({ paid: paidAttempt }) => paidAttempt.id,
    ({ paid: paidAttempt }) => [
      [`tax ${NOT_POSTED}`, paidAttempt.id],
      [`tax ${NO_OBJECT}`, paidAttempt.id],
    ],
  ],
  [
    'a posting to a wrong ledger account',
    "update ledger_postings set credit = 'taxes' where kind = 'fee' and source_id = $1",
    ({ paid: paidAttempt }) => paidAttempt.id,
    ({ paid: paidAttempt }) => [
      [`fee ${NOT_POSTED}`, paidAttempt.id],
      [`fee ${NO_OBJECT}`, paidAttempt.id],
    ],
  ],
  [
    'a posting for another merchant',
    `update ledger_postings set account_id = ${OTHER_ACCOUNT} where kind = 'fee' and source_id = $1`,
    ({ paid: paidAttempt }) => paidAttempt.id,
    ({ paid: paidAttempt }) => [
      [`fee ${NOT_POSTED}`, paidAttempt.id],
      [`fee ${NO_OBJECT}`, paidAttempt.id],
    ],
  ],
  [
    'a payment with another merchant than its session',
    `update payment_attempts set account_id = ${OTHER_ACCOUNT} where id = $1`,
    ({ declined: declinedAttempt }) => declinedAttempt.id,
    ({ declined: declinedAttempt }) => [[OTHER_MERCHANT, declinedAttempt.id]],
  ],
  [
    'a refund in another currency than its payment',
    "update refunds set currency = 'USD' where id = $1",
    ({ refund }) => refund.id,
    ({ refund }) => [[`refund ${OTHER_PAYMENT_MERCHANT}`, refund.id]],
  ],
  [
    'a fee on an attempt that has failed',
    'update payment_attempts set tax_minor = 1 where id = $1',
    ({ declined: declinedAttempt }) => declinedAttempt.id,
    ({ declined: declinedAttempt }) => [
      [FEE_WITHOUT_SUCCESS, declinedAttempt.id],
      [`tax ${NOT_POSTED}`, declinedAttempt.id],
    ],
  ],
  [
    'a fee on money that came too late',
    'update payment_attempts set fee_minor = 1 where id = $1',
    ({ late }) => late.id,
    ({ late }) => [
      [FEE_WITHOUT_SUCCESS, late.id],
      [`fee ${NOT_POSTED}`, late.id],
    ],
  ],
  [
    'a refund of late money that was posted from the merchant’s account',
    "update ledger_postings set kind = 'refund', debit = 'merchant' where source_id = $1",
    ({ lateRefund }) => lateRefund.id,
    ({ lateRefund }) => [
      [`late_refund ${NOT_POSTED}`, lateRefund.id],
      [`refund ${NO_OBJECT}`, lateRefund.id],
    ],
  ],
  [
    'a transfer that went to another connected account',
    'update transfers set connected_account_id = 7 where id = $1',
    ({ transfer }) => transfer.id,
    ({ reversal, transfer }) => [
      [`transfer ${NOT_POSTED}`, transfer.id],
      [`transfer_reversal ${NOT_POSTED}`, reversal.id],
      [`transfer ${NO_OBJECT}`, transfer.id],
      [`transfer_reversal ${NO_OBJECT}`, reversal.id],
    ],
  ],
  [
    'a session whose amount was changed after it was paid',
    `update payment_sessions set amount_minor = amount_minor + 1
     where id = (select payment_session_id from payment_attempts where id = $1)`,
    ({ other }) => other.id,
    ({ other }) => [
      [`capture ${NOT_POSTED}`, other.id],
      [`capture ${NO_OBJECT}`, other.id],
      [CAPTURED_DIFFERS, other.id],
    ],
  ],
  [
    'a captured amount that is not the session’s',
    'update payment_attempts set captured_minor = captured_minor + 1 where id = $1',
    ({ other }) => other.id,
    ({ other }) => [[CAPTURED_DIFFERS, other.id]],
  ],
  [
    'a failed attempt that has captured something',
    'update payment_attempts set captured_minor = 5 where id = $1',
    ({ declined: declinedAttempt }) => declinedAttempt.id,
    ({ declined: declinedAttempt }) => [[CAPTURED_DIFFERS, declinedAttempt.id]],
  ],
  [
    'a fee that was changed after its posting',
    'update payment_attempts set fee_minor = fee_minor - 1 where id = $1',
    ({ paid: paidAttempt }) => paidAttempt.id,
    ({ paid: paidAttempt }) => [
      [`fee ${NOT_POSTED}`, paidAttempt.id],
      [`fee ${NO_OBJECT}`, paidAttempt.id],
    ],
  ],
  [
    'a payment whose refunded amount is above its refunds',
    'update payment_attempts set refunded_minor = refunded_minor + 1 where id = $1',
    ({ paid: paidAttempt }) => paidAttempt.id,
    ({ paid: paidAttempt }) => [[REFUNDS_DIFFER, paidAttempt.id]],
  ],
  [
    'a payment whose open refund amount is below its refunds',
    'update payment_attempts set refunding_minor = refunding_minor - 1 where id = $1',
    ({ paid: paidAttempt }) => paidAttempt.id,
    ({ paid: paidAttempt }) => [[REFUNDS_DIFFER, paidAttempt.id]],
  ],
  [
    'refunds above the capture',
    'update refunds set amount_minor = 99999 where id = $1',
    ({ openRefunds }) => openRefunds[0]?.id ?? '',
    ({ paid: paidAttempt }) => [
      [REFUNDS_DIFFER, paidAttempt.id],
      [TOO_MUCH_BACK, paidAttempt.id],
    ],
  ],
  [
    'a payment whose transferred amount is above its transfers',
    'update payment_attempts set transferred_minor = transferred_minor + 1 where id = $1',
    ({ paid: paidAttempt }) => paidAttempt.id,
    ({ paid: paidAttempt }) => [[TRANSFERS_DIFFER, paidAttempt.id]],
  ],
  [
    'a transfer with an increased amount',
    'update transfers set amount_minor = amount_minor + 1 where id = $1',
    ({ transfer }) => transfer.id,
    ({ paid: paidAttempt, transfer }) => [
      [`transfer ${NOT_POSTED}`, transfer.id],
      [`transfer ${NO_OBJECT}`, transfer.id],
      [TRANSFERS_DIFFER, paidAttempt.id],
    ],
  ],
  [
    'a transfer whose reversed amount is above its reversals',
    'update transfers set reversed_minor = reversed_minor + 1 where id = $1',
    ({ transfer }) => transfer.id,
    ({ paid: paidAttempt, transfer }) => [
      [TRANSFERS_DIFFER, paidAttempt.id],
      [REVERSALS_DIFFER, transfer.id],
    ],
  ],
  [
    'a deleted reversal',
    'delete from transfer_reversals where id = $1',
    ({ reversal }) => reversal.id,
    ({ reversal, transfer }) => [
      [`transfer_reversal ${NO_OBJECT}`, reversal.id],
      [REVERSALS_DIFFER, transfer.id],
    ],
  ],
]

/** Changes of a row together with its posting, so that both agree. */
const MOVED = (
  [
    ['refund', 'refunds', 'refund'],
    ['transfer', 'transfers', 'transfer'],
    ['reversal', 'transfer_reversals', 'transfer_reversal'],
  ] as const
).flatMap(([name, table, kind]) =>
  [`account_id = ${OTHER_ACCOUNT}`, "currency = 'USD'"].map((change) => ({
    name,
    table,
    kind,
    change,
  })),
)

/** Returns the discrepancies, except those of balances and payouts, which have their own tests. */
const discrepanciesIn = ({ discrepancies }: LedgerReport) =>
  discrepancies
    .filter(({ what }) => !/balance transaction|ledger balance|payout/.test(what))
    .map(({ id, what }) => `${what}: ${id}`)
    .sort()

/** The ledger and its check against the payments, as tests that every engine passes. */
export function ledgerTests(open: OpenEngine): void {
  describe('the ledger', () => {
    test('finds no error in correct books, and their sums are right', async () => {
      await withBooks(open, async ({ store }) => {
        const parts: string[] = []
        const { balances, discrepancies, postingCount } = await store.ledger.check((part) =>
          parts.push(part),
        )
        expect(parts).toEqual(['postings', 'payments', 'dependents'])
        expect(discrepancies).toEqual([])
        const rows = balances.map(
          ({ accountId, creditMinor, currency, debitMinor, ledgerAccount }) =>
            `${accountId} ${currency} ${ledgerAccount} ${debitMinor} ${creditMinor}`,
        )
        expect(rows.sort()).toEqual(
          [
            `${ACCOUNT} INR connected_account/${OTHER_ACCOUNT} 10000 40000`,
            `${ACCOUNT} INR fees 0 2000`,
            `${ACCOUNT} INR merchant 72360 110000`,
            `${ACCOUNT} INR processor 100000 30000`,
            `${ACCOUNT} INR taxes 0 360`,
            `${ACCOUNT} JPY customers 1000000000000 1000000000000`,
            `${ACCOUNT} JPY processor 1000000000000 1000000000000`,
            `${OTHER_ACCOUNT} INR merchant 0 500`,
            `${OTHER_ACCOUNT} INR processor 500 0`,
          ].sort(),
        )
        expect(postingCount).toBe(9)
      })
    })

    test.each(PLANTED)('finds %s', async (_, statement, param, expected) => {
      await withBooks(open, async ({ store, engine, books }) => {
        const run = (text: string, params: SqlValue[]) =>
          engine.transaction((sql) => sql.run(text, params))
        expect(await run(statement, [Number(param(books))])).toBe(1)
        const report = await store.ledger.check()
        expect(discrepanciesIn(report)).toEqual(
          expected(books)
            .map(([what, id]) => `${what}: ${id}`)
            .sort(),
        )
      })
    })

    test.each(MOVED)(
      'finds a $name that was changed together with its posting: $change',
      async (row) => {
        const { change, kind, name, table } = row
        await withBooks(open, async ({ store, engine, books }) => {
          const { id } = books[name]
          const changeCounts = await engine.transaction(async (sql) => [
            await sql.run(`update ${table} set ${change} where id = $1`, [Number(id)]),
            await sql.run(`update ledger_postings set ${change} where source_id = $1`, [
              Number(id),
            ]),
          ])
          expect(changeCounts).toEqual([1, 1])
          // The effect on the sums differs from row to row.
          expect(discrepanciesIn(await store.ledger.check())).toEqual(
            expect.arrayContaining([
              `${name} ${OTHER_PAYMENT_MERCHANT}: ${id}`,
              `${kind} ${NOT_POSTED}: ${id}`,
              `${kind} ${NO_OBJECT}: ${id}`,
            ]),
          )
        })
      },
    )

    test('finds a posted fee on a failed attempt', async () => {
      await withBooks(open, async ({ store, engine, books: { declined: declinedAttempt } }) => {
        await engine.transaction(async (sql) => {
          await sql.run('update payment_attempts set fee_minor = 7 where id = $1', [
            Number(declinedAttempt.id),
          ])
          await sql.run(
            `insert into ledger_postings (bucket, kind, source_id, payment_attempt_id, account_id,
               debit, credit, currency, amount_minor, created_at_ms)
             select bucket, 'fee', id, id, account_id, 'merchant', 'fees', 'INR', 7, 0
             from payment_attempts where id = $1`,
            [Number(declinedAttempt.id)],
          )
        })
        expect(discrepanciesIn(await store.ledger.check())).toEqual([
          `${FEE_WITHOUT_SUCCESS}: ${declinedAttempt.id}`,
        ])
      })
    })

    test('adds up sums beyond the safe integers of JavaScript', async () => {
      await withBooks(open, async ({ store, books: { paid: paidAttempt } }) => {
        const amountMinor = 9n * 10n ** 15n
        const huge = [1, 2, 3].map((number): LedgerPosting => {
          const ids = {
            sourceId: String(number) as typeof paidAttempt.id,
            paymentAttemptId: paidAttempt.id,
          }
          return {
            ...ids,
            kind: 'capture',
            debit: 'processor',
            credit: 'merchant',
            accountId: OTHER_ACCOUNT,
            amount: yen(amountMinor),
            createdAtMs: NOW_MS,
          }
        })
        await store.transaction((tx) => tx.ledger.insert(huge))
        const { balances } = await store.ledger.check()
        expect(balances.filter(({ debitMinor }) => debitMinor === 27n * 10n ** 15n)).toEqual([
          expect.objectContaining({ ledgerAccount: 'processor', accountId: OTHER_ACCOUNT }),
        ])
      })
    })
  })

  describe('postings', () => {
    const db = useStore(open)

    test('a duplicate posting is refused together with its whole set', async () => {
      const amount = inr(1_000n)
      const attempt = await writeCapturedAttempt(db.store, amount, {
        money: { ...NO_MONEY, capturedMinor: 1_000n },
      })
      const withFee = { ...attempt, money: { ...attempt.money, feeMinor: 20n } }
      const { postingCount } = await db.store.ledger.check()
      const again = db.store.transaction((tx) =>
        post(tx, { type: 'attempt', attempt: withFee, currency: amount.currency }),
      )
      await expect(again).rejects.toThrow()
      expect((await db.store.ledger.check()).postingCount).toBe(postingCount)
      await db.store.transaction((tx) => tx.ledger.insert([]))
    })

    test('a check sees one state of the database during concurrent writes', async () => {
      const ONE_MINOR = 1_000n
      const before = await db.store.ledger.check()
      const reports: Promise<LedgerReport>[] = []
      const writers = Array.from({ length: 8 }, async () => {
        for (let count = 0; count < 50; count += 1) {
          await writeCapturedAttempt(db.store, inr(ONE_MINOR))
          if (count === 0) reports.push(db.store.ledger.check())
        }
      })
      await Promise.all(writers)
      expect(reports).toHaveLength(8)
      for (const report of [...(await Promise.all(reports)), await db.store.ledger.check()]) {
        expect(report.discrepancies).toEqual([])
        const processorBalances = report.balances.filter(
          ({ ledgerAccount }) => ledgerAccount === 'processor',
        )
        expect(processorBalances.reduce((sum, { debitMinor }) => sum + debitMinor, 0n)).toBe(
          BigInt(report.postingCount) * ONE_MINOR,
        )
      }
      expect((await db.store.ledger.check()).postingCount).toBe(before.postingCount + 400)
    })

    test('the last check is stored with its balances, and an earlier check does not replace a later one', async () => {
      const { ledgerChecks } = db.store
      expect(await ledgerChecks.findLast()).toBeUndefined()
      expect(await ledgerChecks.listDiscrepancies()).toBeUndefined()
      const check = { checkedAtMs: NOW_MS, durationMs: 5, postingCount: 3, discrepancyCount: 1 }
      const balanceOf = (ledgerAccount: string, creditMinor: bigint) =>
        ({
          accountId: ACCOUNT,
          ledgerAccount,
          currency: 'INR',
          debitMinor: 0n,
          creditMinor,
        }) as const
      // Sums exceed 64 bits, and connected accounts fill several batches.
      const balances = [
        ...Array.from({ length: 450 }, (_, index) =>
          balanceOf(`connected_account/${23_000_000 + index}`, BigInt(index)),
        ),
        balanceOf('merchant', 2n ** 70n),
      ]
      const discrepancies = [{ what: 'has no matching posting', id: '17' }]
      await ledgerChecks.record(check, { balances, discrepancies })
      expect(await ledgerChecks.findLast()).toEqual(check)
      expect(await ledgerChecks.listDiscrepancies()).toEqual(discrepancies)
      const firstRows = await ledgerChecks.listBalances(ACCOUNT, NOW_MS, 200)
      expect([firstRows.length, firstRows[0]]).toEqual([200, balances.at(-1)])
      const later = { ...check, checkedAtMs: NOW_MS + 1, discrepancyCount: 0 }
      const laterBalances = [balanceOf('merchant', 5n)]
      await ledgerChecks.record(later, { balances: laterBalances, discrepancies: [] })
      await ledgerChecks.record(check, { balances, discrepancies })
      expect(await ledgerChecks.findLast()).toEqual(later)
      expect(await ledgerChecks.listBalances(ACCOUNT, NOW_MS + 1, 200)).toEqual(laterBalances)
      expect(await ledgerChecks.listBalances(OTHER_ACCOUNT, NOW_MS + 1, 200)).toEqual([])
    })

    test('a second check begins only after the first has ended or its server has fallen silent, or if the clock has gone back', async () => {
      const { ledgerChecks } = db.store
      const runAt = (startedAtMs: number) =>
        ({
          startedAtMs,
          aliveUntilMs: startedAtMs + 60_000,
          part: 'postings',
          hasFailed: false,
        }) as const
      const begin = (atMs: number) => ledgerChecks.beginRun(runAt(atMs), 120_000)
      expect(await ledgerChecks.findRun()).toBeUndefined()
      expect(await Promise.all([begin(NOW_MS), begin(NOW_MS)])).toContain(false)
      const working = { ...runAt(NOW_MS), aliveUntilMs: NOW_MS + 90_000, part: 'payments' } as const
      await ledgerChecks.updateRun(working)
      expect(await ledgerChecks.findRun()).toEqual(working)
      expect(await begin(NOW_MS + 89_999)).toBe(false)
      expect(await begin(NOW_MS + 90_000)).toBe(true)
      // The earlier run cannot end the new one.
      await ledgerChecks.updateRun({ ...working, aliveUntilMs: 0, hasFailed: true })
      expect(await begin(NOW_MS + 90_001)).toBe(false)
      await ledgerChecks.updateRun({ ...runAt(NOW_MS + 90_000), aliveUntilMs: 0, hasFailed: true })
      expect((await ledgerChecks.findRun())?.hasFailed).toBe(true)
      expect(await begin(NOW_MS + 90_002)).toBe(true)
      expect(await begin(NOW_MS - 86_400_000)).toBe(true)
    })

    test('a check that begins while many transactions are open does not block them, and finds no discrepancy', async () => {
      let report: Promise<LedgerReport> | undefined
      // On SQLite so many transactions can share a batch. On PostgreSQL they would wait for a connection.
      const count = db.engine.commitsInProcess ? 600 : 60
      const transactions = Array.from({ length: count }, (_, index) =>
        db.store.transaction(async (tx) => {
          await tx.accounts.find(ACCOUNT)
          // Read outside the transaction, while it is open.
          if (index === count / 2) queueMicrotask(() => (report = db.store.ledger.check()))
          await tx.accounts.find(ACCOUNT)
        }),
      )
      await Promise.all(transactions)
      expect((await report)?.discrepancies).toEqual([])
    })
  })
}
