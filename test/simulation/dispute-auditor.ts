/**
 * The auditor of disputes: it reads the rows themselves, and compares disputes with the sums of their payments, with
 * refunds, with the ledger and with balance transactions.
 */
import type { Row } from '../../src/store/engine/engine.ts'
import { minorOf } from './balance-auditor.ts'
import { sum } from './notes.ts'
import { quickExpect, quickExpectAtMost } from './quick-expect.ts'

/** The rows that have to agree with disputes. */
export type DisputeRows = {
  readonly payments: readonly Row[]
  readonly disputes: readonly Row[]
  readonly refunds: readonly Row[]
  /** The postings of disputes: kind, id, amount. */
  readonly postings: readonly Row[]
  /** The balance transactions of disputes: kind, id, net amount. */
  readonly transactions: readonly Row[]
}

/** Reads the rows of all merchants. */
export async function readDisputeRows(
  readRows: (text: string) => Promise<readonly Row[]>,
): Promise<DisputeRows> {
  return {
    payments: await readRows('select * from payment_attempts where captured_minor > 0'),
    disputes: await readRows('select * from disputes'),
    refunds: await readRows('select * from refunds'),
    postings: await readRows(
      `select kind, source_id as id, amount_minor from ledger_postings where kind like 'dispute%'`,
    ),
    transactions: await readRows(
      `select kind, id, net_minor as amount_minor from balance_transactions
       where kind like 'dispute%'`,
    ),
  }
}

/**
 * Throws unless each payment has at most one open dispute, its disputed amount is that of its open and lost disputes, its
 * refunds take only what disputes have left, and each dispute has exactly its postings and balance transactions.
 */
export function auditDisputes(rows: DisputeRows): void {
  const disputesOf = Map.groupBy(rows.disputes, ({ payment_attempt_id: id }) => String(id))
  const refundsOf = Map.groupBy(rows.refunds, ({ payment_attempt_id: id }) => String(id))
  for (const payment of rows.payments) {
    const id = String(payment.id)
    auditPayment(payment, disputesOf.get(id) ?? [], refundsOf.get(id) ?? [])
    disputesOf.delete(id)
  }
  quickExpect([...disputesOf.keys()], 'disputes of payments without a capture').toEqual([])
  quickExpect(amountsByCause(rows.postings), 'the postings of disputes').toEqual(
    new Map(rows.disputes.flatMap(postingsOf)),
  )
  quickExpect(amountsByCause(rows.transactions), 'the balance transactions of disputes').toEqual(
    new Map(rows.disputes.flatMap(transactionsOf)),
  )
}

const amountOf = (rows: readonly Row[], ...statuses: readonly string[]): bigint =>
  sum(
    rows
      .filter(({ status }) => statuses.includes(String(status)))
      .map(({ amount_minor: amount }) => minorOf(amount)),
  )

function auditPayment(payment: Row, disputes: readonly Row[], refunds: readonly Row[]): void {
  const openCount = disputes.filter(({ status }) => status === 'open').length
  quickExpectAtMost(openCount, 1, `the open disputes of payment ${payment.id}`)
  const disputedMinor = amountOf(disputes, 'open', 'lost')
  const refundedMinor = amountOf(refunds, 'succeeded')
  const refundingMinor = amountOf(refunds, 'initiated', 'pending')
  for (const [what, storedValue, expected] of [
    ['disputed', payment.disputed_minor, disputedMinor],
    ['refunded', payment.refunded_minor, refundedMinor],
    ['refunding', payment.refunding_minor, refundingMinor],
  ] as const) {
    quickExpect(minorOf(storedValue), `the ${what} amount of payment ${payment.id}`).toBe(expected)
  }
  // A processor can also report a dispute of money that has already been refunded.
  const ownDisputes = disputes.filter(({ processor_reference: reference }) => reference === null)
  const takenMinor = refundedMinor + refundingMinor + amountOf(ownDisputes, 'open', 'lost')
  const capturedMinor = minorOf(payment.captured_minor)
  const what = `the refunds and disputes of payment ${payment.id}`
  quickExpectAtMost(takenMinor, capturedMinor, what)
  quickExpectAtMost(disputedMinor, capturedMinor, `the disputes of payment ${payment.id}`)
}

function amountsByCause(rows: readonly Row[]): ReadonlyMap<string, bigint> {
  return new Map(
    rows.map(({ amount_minor: amount, id, kind }) => [`${kind} ${id}`, minorOf(amount)]),
  )
}

function postingsOf({ amount_minor: amount, fee_minor: fee, id, status }: Row) {
  const causes = status === 'won' ? ['', '_return'] : ['']
  return causes.flatMap((cause): (readonly [string, bigint])[] => [
    [`dispute${cause} ${id}`, minorOf(amount)],
    ...(minorOf(fee) > 0n ? [[`dispute_fee${cause} ${id}`, minorOf(fee)] as const] : []),
  ])
}

function transactionsOf({ amount_minor: amount, fee_minor: fee, id, status }: Row) {
  const takenMinor = minorOf(amount) + minorOf(fee)
  const withdrawal = [`dispute ${id}`, -takenMinor] as const
  return status === 'won'
    ? [withdrawal, [`dispute_return ${id}`, takenMinor] as const]
    : [withdrawal]
}
