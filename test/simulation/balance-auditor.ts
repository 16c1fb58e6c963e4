/**
 * The auditor of balances: it reads the rows themselves and makes its own sums, so that a mistake in the program's
 * queries cannot hide one in its writes.
 */
import type { Row } from '../../src/store/engine/engine.ts'
import { sum } from './notes.ts'
import { quickExpect, quickExpectAtMost } from './quick-expect.ts'

/** The rows from which balances are computed. */
export type BalanceRows = {
  readonly transactions: readonly Row[]
  /** The transactions that each payout lists. */
  readonly payoutRows: readonly Row[]
  readonly payouts: readonly Row[]
  readonly postings: readonly Row[]
  /** One row for each succeeded payment of a payment link. */
  readonly linkPayments: readonly Row[]
}

/** The money of one owner in one currency, in minor units. */
export type BalanceSums = {
  /** The balance in the ledger. */
  readonly ledgerMinor: bigint
  /** The sum of the payouts that have not failed. */
  readonly paidOutMinor: bigint
}

/** Reads the rows of all merchants. */
export async function readBalanceRows(
  readRows: (text: string) => Promise<readonly Row[]>,
): Promise<BalanceRows> {
  return {
    transactions: await readRows('select * from balance_transactions'),
    payoutRows: await readRows('select * from payout_transactions'),
    payouts: await readRows('select * from payouts'),
    postings: await readRows('select * from ledger_postings'),
    linkPayments: await readRows(
      `select s.payment_link_id, a.id from payment_attempts a
         join payment_sessions s on s.bucket = a.bucket and s.id = a.payment_session_id
       where a.status = 'succeeded' and s.payment_link_id is not null`,
    ),
  }
}

/** Reads an amount of a row, in minor units. */
export const minorOf = (value: Row[string] | undefined): bigint => BigInt(String(value))
const keyOf = (kind: Row[string] | undefined, id: Row[string] | undefined) => `${kind} ${id}`

/** Returns the name of the owner of a balance: merchant, connected account, currency. `60000000001 0 INR`. */
export const ownerOf = (
  accountId: Row[string] | undefined,
  connectedAccountId: Row[string] | undefined,
  currency: Row[string] | undefined,
): string => `${accountId} ${connectedAccountId} ${currency}`

const ownerOfRow = ({
  account_id: accountId,
  connected_account_id: connectedAccountId,
  currency,
}: Row) => ownerOf(accountId, connectedAccountId, currency)

/** The statuses in which a payout has its transactions, and those in which its amount has left the balance. */
const HOLDING = ['collecting', 'initiated', 'paid']
const POSTED = ['initiated', 'paid']

/**
 * Throws unless a link has at most one success, each transaction is in at most one payout that has not failed, each
 * payout's amount is the sum of its transactions, and each balance of the ledger is the sum of the transactions that
 * are in no such payout. Returns the sums of each owner.
 */
export function auditBalances(rows: BalanceRows): ReadonlyMap<string, BalanceSums> {
  auditLinks(rows)
  const paidOut = auditPayouts(rows)
  const rest = new Map<string, bigint>()
  const owners = new Set(rows.transactions.map(ownerOfRow))
  for (const row of rows.transactions) {
    if (paidOut.transactions.has(keyOf(row.kind, row.id))) continue
    const owner = ownerOfRow(row)
    rest.set(owner, (rest.get(owner) ?? 0n) + minorOf(row.net_minor))
  }
  const ledger = sumLedger(rows.postings)
  for (const owner of [...owners, ...ledger.keys()]) {
    const ledgerMinor = ledger.get(owner) ?? 0n
    quickExpect(ledgerMinor, `the ledger of ${owner}`).toBe(rest.get(owner) ?? 0n)
  }
  return new Map(
    [...owners].map((owner) => [
      owner,
      { ledgerMinor: ledger.get(owner) ?? 0n, paidOutMinor: paidOut.sums.get(owner) ?? 0n },
    ]),
  )
}

function auditLinks({ linkPayments }: BalanceRows): void {
  const counts = new Map<unknown, number>()
  for (const { payment_link_id: id } of linkPayments) {
    counts.set(id, (counts.get(id) ?? 0) + 1)
    quickExpectAtMost(counts.get(id) ?? 0, 1, `the successes of link ${id}`)
  }
}

/** Returns the keys of the transactions whose payouts have left the balances, and the sums of these payouts by owner. */
function auditPayouts({ payoutRows, payouts, transactions }: BalanceRows) {
  const netMinors = new Map(transactions.map((row) => [keyOf(row.kind, row.id), row.net_minor]))
  const listedBy = Map.groupBy(payoutRows, ({ payout_id: id }) => id)
  const takenKeys = new Set<string>()
  const takenNames = new Set<string>()
  const sums = new Map<string, bigint>()
  for (const row of payouts) {
    const status = String(row.status)
    const keys = (listedBy.get(row.id ?? null) ?? []).map(({ kind, transaction_id: id }) =>
      keyOf(kind, id),
    )
    const amountMinor = minorOf(row.amount_minor)
    const netMinor = sum(keys.map((key) => minorOf(netMinors.get(key))))
    quickExpect(amountMinor, `the amount of payout ${row.id}`).toBe(netMinor)
    if (!HOLDING.includes(status)) continue
    for (const key of keys) {
      quickExpect(takenKeys.has(key), `${key} is in two payouts`).toBe(false)
      takenKeys.add(key)
    }
    if (!POSTED.includes(status)) continue
    quickExpect(amountMinor > 0n, `payout ${row.id} pays something`).toBe(true)
    for (const key of keys) takenNames.add(key)
    const owner = ownerOfRow(row)
    sums.set(owner, (sums.get(owner) ?? 0n) + amountMinor)
  }
  return { transactions: takenNames, sums }
}

/** Adds up the ledger by owner. Ledger accounts without an owner, such as fees, are left out. */
function sumLedger(postings: readonly Row[]): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const { account_id: accountId, amount_minor: amount, credit, currency, debit } of postings) {
    for (const [account, signedMinor] of [
      [credit, minorOf(amount)],
      [debit, -minorOf(amount)],
    ] as const) {
      const connectedId = /^connected_account\/(\d+)$/.exec(String(account))?.[1]
      if (account !== 'merchant' && connectedId === undefined) continue
      const owner = ownerOf(accountId, connectedId ?? 0, currency)
      sums.set(owner, (sums.get(owner) ?? 0n) + signedMinor)
    }
  }
  return sums
}
