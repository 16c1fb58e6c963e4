import { describe, expect, test } from 'vitest'
import { inr, withBooks, writeCapturedAttempt, yen } from '../../../test/support/stored-books.ts'
import {
  ACCOUNT,
  draw,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
} from '../../../test/support/stored-rows.ts'
import { netMinorOf } from '../../domain/balance-transaction.ts'
import type { PayoutId } from '../../domain/id.ts'
import { postingsFor } from '../../domain/ledger.ts'
import {
  movePayout,
  NO_SUMMARY,
  type Payout,
  type PayoutMove,
  sandboxBankAccount,
  withTransactions,
} from '../../domain/payout.ts'
import type { LedgerReport, Store } from '../../operations/store.ts'

const DAY_MS = 24 * 60 * 60_000
/** A time at which everything in the books is available. */
const LATER_MS = NOW_MS + 9 * DAY_MS
const PAGE = { page: 1, perPage: 50 }

const payoutOf = (more: Partial<Payout> = {}): Payout => ({
  id: draw<PayoutId>(3),
  accountId: ACCOUNT,
  status: 'collecting',
  amount: inr(0n),
  summary: NO_SUMMARY,
  createdAtMs: LATER_MS,
  arrivesAtMs: LATER_MS + 1,
  nextStepAtMs: LATER_MS,
  statementDescriptor: 'SHOP TEST',
  bankAccount: sandboxBankAccount('IN', 'Shop Test'),
  ...more,
})

function moveOf(payout: Payout, move: PayoutMove): Payout {
  const after = movePayout(payout, move, LATER_MS)
  if ('refused' in after) throw new Error(after.refused)
  return after
}

/** Stores a payout with all free transactions of its balance, with its posting. */
async function pay(store: Store, more: Partial<Payout> = {}): Promise<Payout> {
  const empty = payoutOf(more)
  return store.transaction(async (tx) => {
    await tx.payouts.insert(empty)
    const takenTransactions = await tx.payouts.take(empty, 1_000)
    const payout = moveOf(withTransactions(empty, takenTransactions), { type: 'initiate' })
    await tx.payouts.update(payout)
    await tx.ledger.insert(postingsFor({ type: 'payout', payout }, LATER_MS))
    return payout
  })
}

/** Records the failure of a payout, with its posting. Its transactions are not released yet. */
async function fail(store: Store, payout: Payout): Promise<Payout> {
  const failedPayout = moveOf(payout, { type: 'record_failure', failureCode: 'declined' })
  await store.transaction(async (tx) => {
    await tx.payouts.update(failedPayout)
    await tx.ledger.insert(postingsFor({ type: 'payout_return', payout: failedPayout }, LATER_MS))
  })
  return failedPayout
}

const discrepanciesIn = ({ discrepancies }: LedgerReport) =>
  discrepancies.map(({ id, what }) => `${what}: ${id}`).sort()

const DIFFERS = 'ledger balance differs from the transactions that are in no payout'

/** The fault, the statement that causes it, and the expected kinds of discrepancies. */
const PLANTED: readonly [what: string, statement: string, found: readonly string[]][] = [
  [
    'a charge without a balance transaction',
    "delete from balance_transactions where kind = 'charge' and amount_minor = 500",
    ['charge has no matching balance transaction', DIFFERS],
  ],
  [
    'a balance transaction with another fee',
    `update balance_transactions set fee_minor = fee_minor + 1, net_minor = net_minor - 1
     where kind = 'charge' and amount_minor = 500`,
    [
      'charge balance transaction has no matching object',
      'charge has no matching balance transaction',
      DIFFERS,
    ],
  ],
  [
    'a transaction in two payouts',
    `insert into payout_transactions (payout_id, created_at_ms, transaction_id, kind)
     select (select max(id) from payouts), created_at_ms, id, kind from balance_transactions
     where kind = 'refund'`,
    [
      'payout differs from the sum of its transactions',
      'payout has transactions of another balance',
      'refund balance transaction is in several payouts',
      'refund balance transaction is in the list of a payout that is not its payout',
    ],
  ],
  [
    'a payout that lost a transaction',
    "update balance_transactions set payout_id = null where kind = 'refund'",
    ['refund balance transaction is in the list of a payout that is not its payout', DIFFERS],
  ],
  [
    'a payout with a transaction that it does not list',
    "delete from payout_transactions where kind = 'refund'",
    [
      'payout differs from the sum of its transactions',
      'refund balance transaction is missing from the list of its payout',
    ],
  ],
  [
    'a payout with another amount',
    'update payouts set amount_minor = amount_minor + 1 where connected_account_id = 0',
    [
      'payout differs from the sum of its transactions',
      'payout has no matching posting',
      'payout posting has no matching object',
    ],
  ],
  [
    'a payout that was not posted',
    `delete from ledger_postings where kind = 'payout' and debit = 'merchant'`,
    ['payout has no matching posting', DIFFERS],
  ],
]

/** Balance transactions and payouts, as tests that every engine passes. */
export function payoutTests(open: OpenEngine): void {
  describe('payouts', () => {
    test('a payout takes all free transactions of its balance, and no others', async () => {
      await withBooks(open, async ({ store, books }) => {
        await writeCapturedAttempt(store, yen(700n))
        const payout = await pay(store)
        // 100000 captured, 2000 fee, 360 tax, 30000 refunded, 40000 transferred, 10000 of it reversed.
        expect(payout.amount).toEqual(inr(37_640n))
        const { items, total } = await store.balanceTransactions.listByPayout(
          { id: payout.id, total: 4 },
          PAGE,
        )
        expect(total).toBe(4)
        expect(items.map(({ kind }) => kind).toSorted()).toEqual([
          'charge',
          'refund',
          'transfer',
          'transfer_reversal',
        ])
        expect(items.reduce((sum, item) => sum + netMinorOf(item), 0n)).toBe(37_640n)
        expect(items[0]?.payment).toMatchObject({ id: books.paid.id })
        const paidRow = await store.balanceTransactions.find('charge', books.paid.id)
        expect(paidRow).toMatchObject({ payoutId: payout.id, feeMinor: 2_000n, taxMinor: 360n })
        // Late money never reaches the balance.
        expect(await store.balanceTransactions.find('charge', books.late.id)).toBeUndefined()
        expect(await store.payouts.find(payout.id)).toEqual(payout)
        expect(await store.payouts.find(draw<PayoutId>(1))).toBeUndefined()
        expect(discrepanciesIn(await store.ledger.check())).toEqual([])
        expect(await store.payouts.findNextBalance(ACCOUNT, undefined)).toEqual({ currency: 'JPY' })
      })
    })

    test('money that becomes available after a run is not in its payout', async () => {
      await withBooks(open, async ({ store, books }) => {
        const charge = await store.balanceTransactions.find('charge', books.paid.id)
        const availableMs = charge?.availableAtMs ?? 0
        const due = (atMs: number) => store.payouts.sumDue(ACCOUNT, { currency: 'INR' }, atMs)
        // The refund and the reversal are available at once.
        expect(await due(availableMs - 1)).toEqual({ count: 2, netMinor: -20_000n })
        expect(await due(availableMs)).toEqual({ count: 4, netMinor: 37_640n })
        const spans = { fromMs: NOW_MS + 1, toMs: LATER_MS }
        expect(await store.payouts.findNextAvailableMs(ACCOUNT, spans)).toBeLessThanOrEqual(
          availableMs,
        )
        const balance = (nowMs: number) => store.balanceTransactions.sum(ACCOUNT, nowMs)
        expect(await balance(availableMs - 1)).toEqual([
          {
            currency: 'INR',
            availableMinor: -20_000n,
            pendingMinor: 57_640n,
            inPayoutsMinor: 0n,
          },
        ])
      })
    })

    test('the money of a payment can be made available earlier, never later', async () => {
      await withBooks(open, async ({ store, books }) => {
        const availableMs = async () =>
          (await store.balanceTransactions.find('charge', books.paid.id))?.availableAtMs ?? 0
        const makeAvailable = (atMs: number) =>
          store.transaction((tx) => tx.balanceTransactions.makeAvailable(books.paid.id, atMs))
        const before = await availableMs()
        await makeAvailable(before + 1)
        expect(await availableMs()).toBe(before)
        await makeAvailable(before - 1)
        expect(await availableMs()).toBe(before - 1)
        expect(discrepanciesIn(await store.ledger.check())).toEqual([])
      })
    })

    test('batches take each transaction once, and the released ones are free again', async () => {
      await withBooks(open, async ({ store }) => {
        const payout = payoutOf()
        const take = (countMax: number) =>
          store.transaction((tx) => tx.payouts.take(payout, countMax))
        await store.transaction((tx) => tx.payouts.insert(payout))
        const batches = [await take(3), await take(3), await take(3)]
        expect(batches.map(({ length }) => length)).toEqual([3, 1, 0])
        // The taken money counts as available until the payout is initiated.
        const [before] = await store.balanceTransactions.sum(ACCOUNT, LATER_MS)
        expect(before?.availableMinor).toBe(37_640n)
        const full = batches.reduce(withTransactions, payout)
        expect(full.amount).toEqual(inr(37_640n))
        await store.transaction((tx) => tx.payouts.update(full))
        expect(discrepanciesIn(await store.ledger.check())).toEqual([])

        const release = () => store.transaction((tx) => tx.payouts.release(payout.id, 3))
        expect([await release(), await release(), await release()]).toEqual([3, 1, 0])
        expect((await pay(store)).amount).toEqual(inr(37_640n))
      })
    })

    test('a failed payout keeps its list, and its transactions are in the next payout', async () => {
      await withBooks(open, async ({ store, books }) => {
        const failedPayout = await fail(store, await pay(store))
        const balance = async () => (await store.balanceTransactions.sum(ACCOUNT, LATER_MS))[0]
        const returnedSums = { availableMinor: 37_640n, inPayoutsMinor: 0n }
        expect(await balance()).toMatchObject(returnedSums)
        expect(discrepanciesIn(await store.ledger.check())).toEqual([])
        await store.transaction((tx) => tx.payouts.release(failedPayout.id, 9))
        await store.transaction((tx) =>
          tx.payouts.update(moveOf(failedPayout, { type: 'end_release' })),
        )
        expect(await balance()).toMatchObject(returnedSums)

        const next = await pay(store)
        expect(next.amount).toEqual(failedPayout.amount)
        expect(await balance()).toMatchObject({ availableMinor: 0n, inPayoutsMinor: 37_640n })
        const page = await Promise.all(
          [failedPayout, next].map(({ id }) =>
            store.balanceTransactions.listByPayout({ id, total: 4 }, { page: 2, perPage: 3 }),
          ),
        )
        expect(page.map(({ items }) => items.length)).toEqual([1, 1])
        expect(await store.balanceTransactions.find('charge', books.paid.id)).toMatchObject({
          payoutId: next.id,
        })
        expect(discrepanciesIn(await store.ledger.check())).toEqual([])
      })
    })

    test('connected accounts have their own balances, payouts and transactions', async () => {
      await withBooks(open, async ({ store, books }) => {
        const own = { connectedAccountId: OTHER_ACCOUNT }
        const payout = await pay(store, own)
        expect(payout.amount).toEqual(inr(30_000n))
        expect(discrepanciesIn(await store.ledger.check())).toEqual([])
        const list = async (filter: object) =>
          (await store.payouts.list(ACCOUNT, filter, PAGE)).items.map(({ id }) => id)
        expect(await list(own)).toEqual([payout.id])
        expect(await list({})).toEqual([])
        const listIds = async (filter: object) =>
          (
            await store.balanceTransactions.listByConnectedAccount(
              ACCOUNT,
              { ...own, ...filter },
              PAGE,
            )
          ).items.map(({ id }) => id)
        expect(await listIds({})).toEqual([books.transfer.id, books.reversal.id])
        expect(await listIds({ isAscending: true })).toEqual([books.reversal.id, books.transfer.id])
        expect(await listIds({ kind: 'connected_reversal' })).toEqual([books.reversal.id])
        expect(await listIds({ id: books.transfer.id })).toEqual([books.transfer.id])
        expect(await listIds({ id: books.transfer.id, kind: 'connected_reversal' })).toEqual([])
        expect(await listIds({ method: 'netbanking' })).toHaveLength(2)
        expect(await listIds({ method: 'card', cardBrand: 'visa' })).toEqual([])
      })
    })

    test('payouts with a shown status are listed newest first, and filtered by status and time', async () => {
      await withBooks(open, async ({ store }) => {
        const make = (
          status: Payout['status'],
          createdAtMs: number,
          more: Partial<Payout> = {},
        ) => {
          const { nextStepAtMs: _, ...payout } = payoutOf({ status, createdAtMs, amount: inr(5n) })
          return { ...payout, ...more }
        }
        const payouts = [
          make('initiated', 4, { nextStepAtMs: 9 }),
          make('paid', 3, { decidedAtMs: LATER_MS, bankReference: 'PAYD261122000002' }),
          make('failed', 2, { decidedAtMs: LATER_MS, failureCode: 'declined' }),
          make('collecting', 5),
          make('abandoned', 6),
        ]
        await store.transaction(async (tx) => {
          for (const one of payouts) expect(await tx.payouts.insert(one)).toBe(true)
          for (const one of payouts) expect(await tx.payouts.insert(one)).toBe(false)
          expect(await tx.payouts.findLastReference('PAYD261122')).toBe('PAYD261122000002')
          expect(await tx.payouts.findLastReference('PAYD261123')).toBeUndefined()
        })
        const list = async (filter: object) =>
          (await store.payouts.list(ACCOUNT, filter, PAGE)).items
        expect(await list({})).toEqual(payouts.slice(0, 3))
        expect(await list({ status: 'paid' })).toEqual([payouts[1]])
        expect(await list({ createdFromMs: 3, createdToMs: 4 })).toEqual([payouts[1]])
        const step = { times: {}, countMax: 2 }
        const first = await store.payouts.listAfter(ACCOUNT, { ...step, after: undefined })
        expect(first).toEqual([payouts[2], payouts[1]])
        const next = await store.payouts.listAfter(ACCOUNT, { ...step, after: first[1] })
        expect(next).toEqual([payouts[0]])
        expect(await store.payouts.findDue(8)).toBeUndefined()
        expect(await store.payouts.findDue(9)).toEqual(payouts[0])
        expect(await store.openWork.findNextDueMs(LATER_MS)).toBeUndefined()
      })
    })

    test('the runs of an account begin once, and are due at their times', async () => {
      await withBooks(open, async ({ store }) => {
        expect(await store.payouts.findAccountWithoutRun()).toBe(ACCOUNT)
        const run = { accountId: ACCOUNT, nextRunAtMs: LATER_MS }
        await store.transaction(async (tx) => {
          expect(await tx.payouts.lockRun(ACCOUNT)).toBeUndefined()
          await tx.payouts.beginRuns(run)
          await tx.payouts.beginRuns({ ...run, nextRunAtMs: 1 })
          expect(await tx.payouts.lockRun(ACCOUNT)).toEqual(run)
        })
        expect(await store.payouts.findAccountWithoutRun()).toBe(OTHER_ACCOUNT)
        expect(await store.payouts.findDueRun(LATER_MS - 1)).toBeUndefined()
        expect(await store.payouts.findDueRun(LATER_MS)).toEqual(run)
        expect(await store.openWork.findNextDueMs(LATER_MS - 1)).toBe(LATER_MS)
        for (const after of [
          { currency: 'INR' as const },
          { currency: 'INR' as const, connectedAccountId: OTHER_ACCOUNT },
        ]) {
          await store.transaction((tx) => tx.payouts.updateRun({ ...run, after }))
          expect(await store.payouts.findDueRun(LATER_MS)).toEqual({ ...run, after })
        }
        const last = { currency: 'INR' as const, connectedAccountId: OTHER_ACCOUNT }
        expect(await store.payouts.findNextBalance(ACCOUNT, { currency: 'INR' })).toEqual(last)
        expect(await store.payouts.findNextBalance(ACCOUNT, last)).toBeUndefined()
        await store.transaction((tx) => tx.payouts.updateRun(run))
        expect(await store.payouts.findDueRun(LATER_MS)).toEqual(run)
      })
    })

    test.each(PLANTED)('the check of the ledger finds %s', async (_, statement, expected) => {
      await withBooks(open, async ({ store, engine }) => {
        await pay(store)
        await pay(store, { connectedAccountId: OTHER_ACCOUNT })
        expect(discrepanciesIn(await store.ledger.check())).toEqual([])
        await engine.transaction((sql) => sql.run(statement, []))
        const { discrepancies } = await store.ledger.check()
        expect([...new Set(discrepancies.map(({ what }) => what))].sort()).toEqual(
          expected.toSorted(),
        )
      })
    })
  })
}
