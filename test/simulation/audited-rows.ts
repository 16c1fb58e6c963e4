import { netMinorOf } from '../../src/domain/balance-transaction.ts'
import type { PaymentAttempt } from '../../src/domain/payment-attempt.ts'
import type { PaymentSession } from '../../src/domain/payment-session.ts'
import { type Payout, totalOf } from '../../src/domain/payout.ts'
import type { Refund } from '../../src/domain/refund.ts'
import type { Transfer, TransferReversal } from '../../src/domain/transfer.ts'
import type { LedgerReport, Store, WebhookEvent } from '../../src/operations/store.ts'
import { type Agreement, CONNECTED_ACCOUNT_ID } from './notes.ts'

/** A payout with its transactions: their kinds and ids, and the sum of their net amounts. */
export type AuditedPayout = {
  readonly payout: Payout
  readonly transactions: readonly string[]
  readonly netMinor: bigint
}

/** The rows of a session that the auditor compares, and the check of the whole ledger. */
export type AuditedRows = {
  readonly session: PaymentSession
  readonly attempts: readonly {
    readonly attempt: PaymentAttempt
    readonly refunds: readonly Refund[]
    readonly transfers: readonly Transfer[]
  }[]
  readonly reversals: readonly TransferReversal[]
  readonly payouts: readonly AuditedPayout[]
  readonly events: readonly WebhookEvent[]
  /** The total that the list of events reports. */
  readonly eventTotal: number
  readonly ledger: LedgerReport
}

const ALL = { page: 1, perPage: 1_000 } as const

/**
 * Makes a function that reads the rows of a session. If no row has changed since the last call, as after most steps,
 * it returns the rows of that call. `changeCount` grows with each change of a row.
 */
export function rowReader(
  store: Store,
  changeCount: () => Promise<number>,
): (agreement: Agreement) => Promise<AuditedRows> {
  let last:
    | { readonly agreement: Agreement; readonly count: number; readonly rows: AuditedRows }
    | undefined
  return async (agreement) => {
    const count = await changeCount()
    if (last?.agreement !== agreement || last.count !== count) {
      last = { agreement, count, rows: await readRows(store, agreement) }
    }
    return last.rows
  }
}

async function readRows(store: Store, { id, accountId }: Agreement): Promise<AuditedRows> {
  const session = await store.paymentSessions.find(id)
  if (session === undefined) throw new Error('the session is gone')
  const attempts = []
  for (const attempt of await store.paymentAttempts.listBySession(id)) {
    const refunds = await store.refunds.listByPayment(attempt.id)
    const transfers = await store.transfers.listByPayment(attempt.id)
    attempts.push({ attempt, refunds, transfers })
  }
  const { items: reversals } = await store.transferReversals.list(accountId, {}, ALL)
  const { items: events, total: eventTotal } = await store.webhookEvents.list(accountId, {}, ALL)
  const ledger = await store.ledger.check()
  const payouts = await readPayouts(store, accountId)
  return { session, attempts, reversals, payouts, events, eventTotal, ledger }
}

/** Reads the payouts of a merchant and of its connected account. */
async function readPayouts(
  store: Store,
  accountId: Agreement['accountId'],
): Promise<readonly AuditedPayout[]> {
  const audited: AuditedPayout[] = []
  for (const filter of [{}, { connectedAccountId: CONNECTED_ACCOUNT_ID }]) {
    for (const payout of (await store.payouts.list(accountId, filter, ALL)).items) {
      const total = totalOf(payout.summary).count
      const { items } = await store.balanceTransactions.listByPayout({ id: payout.id, total }, ALL)
      audited.push({
        payout,
        transactions: items.map(({ id, kind }) => `${kind} ${id}`),
        netMinor: items.reduce((sum, item) => sum + netMinorOf(item), 0n),
      })
    }
  }
  return audited
}
