import { type AccountId, bucketOf, type PaymentAttemptId, type TransferId } from '../domain/id.ts'
import type { Currency } from '../domain/money.ts'
import type { TransferInsert } from '../operations/ports.ts'
import type { Sql } from './engine.ts'
import { placeholders } from './statement.ts'

const COLUMNS = [
  ...['bucket', 'id', 'account_id', 'payment_attempt_id', 'number', 'connected_account_id'],
  ...['currency', 'amount_minor', 'created_at_ms'],
]

/** Stores a new transfer in its attempt's bucket. */
export async function insertTransfer(sql: Sql, transfer: TransferInsert): Promise<void> {
  await sql.run(
    `insert into transfers (${COLUMNS.join(', ')}) values ${placeholders(1, COLUMNS.length)}`,
    [
      bucketOf(transfer.id),
      Number(transfer.id),
      Number(transfer.accountId),
      Number(transfer.paymentAttemptId),
      transfer.number,
      Number(transfer.connectedAccountId),
      transfer.amount.currency,
      transfer.amount.amountMinor,
      transfer.createdAtMs,
    ],
  )
}

/** Lists an attempt's transfers in the order of the request. */
export async function listTransfers(
  sql: Sql,
  of: PaymentAttemptId,
): Promise<readonly TransferInsert[]> {
  const rows = await sql.all(
    `select ${COLUMNS.join(', ')} from transfers
     where bucket = $1 and payment_attempt_id = $2 order by number`,
    [bucketOf(of), Number(of)],
  )
  return rows.map((row) => ({
    id: String(row.id) as TransferId,
    accountId: String(row.account_id) as AccountId,
    paymentAttemptId: of,
    number: row.number as number,
    connectedAccountId: String(row.connected_account_id) as AccountId,
    amount: { amountMinor: BigInt(row.amount_minor as number), currency: row.currency as Currency },
    createdAtMs: row.created_at_ms as number,
  }))
}
