import type { AccountId } from '../domain/id.ts'
import { NOT_QUERIED_AT_MS } from '../domain/payment-attempt.ts'
import { type AccountOpenWork, OPEN_WORK_COUNT_MAX } from '../operations/store.ts'
import { countAges } from './count-ages.ts'
import type { Sql } from './engine/engine.ts'

/**
 * The open rows of an account by kind, from ranges of an index. The index of open refunds has no account, so the first
 * ones of all accounts are read.
 */
const OPEN_ROWS: Readonly<Record<AccountOpenWork, string>> = {
  payment: `select created_at_ms from payment_sessions
    where account_id = $1 and status = 'in_progress' and is_listed = 1
    order by created_at_ms limit ${OPEN_WORK_COUNT_MAX}`,
  refund: `select created_at_ms from (
      select account_id, created_at_ms from refunds where ask_at_ms < ${NOT_QUERIED_AT_MS}
      order by ask_at_ms limit ${OPEN_WORK_COUNT_MAX}) as open_refunds
    where account_id = $1`,
  delivery: `select d.created_at_ms from webhook_endpoints e cross join webhook_deliveries d
    where e.account_id = $1 and e.status <> 'deleted' and d.endpoint_id = e.id and d.status = 'pending'
    limit ${OPEN_WORK_COUNT_MAX}`,
  dispute: `select created_at_ms from disputes
    where account_id = $1 and status = 'open' order by created_at_ms limit ${OPEN_WORK_COUNT_MAX}`,
}

/** Implements `Store.openWork.countOfAccount`. */
export async function countOpenWorkOf(
  sql: Sql,
  accountId: AccountId,
  nowMs: number,
  ageLimitsMs: readonly number[],
): Promise<ReadonlyMap<AccountOpenWork, readonly number[]>> {
  const counts = new Map<AccountOpenWork, readonly number[]>()
  for (const [kind, rows] of Object.entries(OPEN_ROWS)) {
    counts.set(
      kind as AccountOpenWork,
      await countAges(sql, { rows, params: [Number(accountId)], nowMs, ageLimitsMs }),
    )
  }
  return counts
}
