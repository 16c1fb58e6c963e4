import type { Message } from '../../src/domain/message.ts'
import type { PaymentAttempt } from '../../src/domain/payment-attempt.ts'
import type { PaymentSession } from '../../src/domain/payment-session.ts'
import type { Refund } from '../../src/domain/refund.ts'
import type { Transfer, TransferReversal } from '../../src/domain/transfer.ts'
import type { LedgerReport, Store, WebhookEvent } from '../../src/operations/store.ts'
import type { Row } from '../../src/store/engine/engine.ts'
import type { SimulatedStore } from '../support/memory-store.ts'
import { type BalanceRows, readBalanceRows } from './balance-auditor.ts'
import type { Agreement } from './notes.ts'

/** The rows of a session that the auditor compares, and the check of the whole ledger. */
export type AuditedRows = {
  readonly session: PaymentSession
  readonly attempts: readonly {
    readonly attempt: PaymentAttempt
    readonly refunds: readonly Refund[]
    readonly transfers: readonly Transfer[]
  }[]
  readonly reversals: readonly TransferReversal[]
  readonly balances: BalanceRows
  readonly messages: readonly Message[]
  /** The debits of the session's mandate: the payment's id, and the status. */
  readonly debits: readonly Row[]
  readonly events: readonly WebhookEvent[]
  /** The total that the list of events reports. */
  readonly eventTotal: number
  readonly ledger: LedgerReport
}

const ALL = { page: 1, perPage: 1_000 } as const

/**
 * Makes a function that reads the rows of a session. If no row has changed since the last call, as after most steps,
 * it returns the rows of that call.
 */
export function rowReader(
  store: Store,
  database: Pick<SimulatedStore, 'changeCount' | 'readRows'>,
): (agreement: Agreement) => Promise<AuditedRows> {
  let last:
    | {
        readonly agreement: Agreement
        readonly count: number | undefined
        readonly rows: AuditedRows
      }
    | undefined
  return async (agreement) => {
    const count = await database.changeCount?.()
    if (last?.agreement !== agreement || count === undefined || last.count !== count) {
      last = { agreement, count, rows: await rowsOf(store, database, agreement) }
    }
    return last.rows
  }
}

async function rowsOf(
  store: Store,
  { readRows }: { readonly readRows: (text: string) => Promise<readonly Row[]> },
  { id, accountId, mandateId }: Agreement,
): Promise<AuditedRows> {
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
  const { items: messages } = await store.messages.list(accountId, ALL)
  const ledger = await store.ledger.check()
  const balances = await readBalanceRows(readRows)
  const debits =
    mandateId === undefined
      ? []
      : await readRows(
          `select id, status from mandate_debits where mandate_id = ${Number(mandateId)}`,
        )
  return { session, attempts, reversals, balances, messages, debits, events, eventTotal, ledger }
}
