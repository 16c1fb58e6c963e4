/** The results of checks of the ledger, and the check that a console has started. */
import type { AccountId } from '../domain/id.ts'
import type { LedgerBalance, LedgerReport } from '../domain/records.ts'
import type { LedgerCheck, LedgerCheckRun, Store } from '../operations/store.ts'
import { columns, id, json, small, text, whole } from './columns.ts'
import type { StoreContext } from './context.ts'
import type { Engine, Sql } from './engine/engine.ts'
import { assignInsertedColumns } from './engine/statement.ts'

type StoredCheck = LedgerCheck & Pick<LedgerReport, 'discrepancies'>

const CHECK = columns<StoredCheck>()({
  id: small(() => 1),
  checked_at_ms: whole(({ checkedAtMs }) => checkedAtMs),
  duration_ms: whole(({ durationMs }) => durationMs),
  posting_count: whole(({ postingCount }) => postingCount),
  discrepancy_count: whole(({ discrepancyCount }) => discrepancyCount),
  discrepancies_json: json(({ discrepancies }) => discrepancies),
})

type StoredBalance = LedgerBalance & Pick<LedgerCheck, 'checkedAtMs'>

const CONNECTED = 'connected_account/'
/** The owner of a balance that belongs to no connected account. */
const NO_OWNER = '0'

const BALANCE = columns<StoredBalance>()({
  account_id: id(({ accountId }) => accountId),
  checked_at_ms: whole(({ checkedAtMs }) => checkedAtMs),
  connected_account_id: id(
    ({ ledgerAccount }) =>
      (ledgerAccount.startsWith(CONNECTED)
        ? ledgerAccount.slice(CONNECTED.length)
        : NO_OWNER) as AccountId,
  ),
  currency: text(({ currency }) => currency),
  ledger_account: text(({ ledgerAccount }) => ledgerAccount),
  debit_minor: text(({ debitMinor }) => String(debitMinor)),
  credit_minor: text(({ creditMinor }) => String(creditMinor)),
})
const BALANCE_KEY = 'account_id, checked_at_ms, connected_account_id, currency, ledger_account'

const RUN = columns<LedgerCheckRun>()({
  id: small(() => 1),
  started_at_ms: whole(({ startedAtMs }) => startedAtMs),
  alive_until_ms: whole(({ aliveUntilMs }) => aliveUntilMs),
  part: text(({ part }) => part),
  has_failed: small(({ hasFailed }) => (hasFailed ? 1 : 0)),
})

/** The maximum number of rows that one transaction writes or deletes, so that it does not delay payments. */
const BATCH_ROW_COUNT = 200
/** The maximum number of stored discrepancies. The count of all is stored too. */
const DISCREPANCY_COUNT_MAX = 100

/**
 * The new balances are written first and the old ones deleted last, so that after a crash at any time the stored result
 * has all its balances.
 */
async function recordCheck(
  engine: Engine,
  check: LedgerCheck,
  { balances, discrepancies }: Pick<LedgerReport, 'balances' | 'discrepancies'>,
): Promise<void> {
  const { checkedAtMs } = check
  for (let from = 0; from < balances.length; from += BATCH_ROW_COUNT) {
    const rows = balances
      .slice(from, from + BATCH_ROW_COUNT)
      .map((balance) => ({ ...balance, checkedAtMs }))
    await engine.transaction((sql) =>
      sql.run(
        `insert into ledger_balances ${BALANCE.insert(rows.length)} on conflict do nothing`,
        rows.flatMap(BALANCE.values),
      ),
    )
  }
  const result = { ...check, discrepancies: discrepancies.slice(0, DISCREPANCY_COUNT_MAX) }
  await engine.transaction((sql) =>
    sql.run(
      `insert into ledger_checks ${CHECK.insert()} on conflict (id) do update
       set ${assignInsertedColumns(CHECK.names.filter((name) => name !== 'id'))}
       where ledger_checks.checked_at_ms <= excluded.checked_at_ms`,
      CHECK.values(result),
    ),
  )
  await deleteBalancesBefore(engine, checkedAtMs)
}

async function deleteBalancesBefore(engine: Engine, checkedAtMs: number): Promise<void> {
  for (let count = BATCH_ROW_COUNT; count === BATCH_ROW_COUNT; ) {
    count = await engine.transaction((sql) =>
      sql.run(
        `delete from ledger_balances where (${BALANCE_KEY}) in (
           select ${BALANCE_KEY} from ledger_balances where checked_at_ms < $1 limit ${BATCH_ROW_COUNT})`,
        [checkedAtMs],
      ),
    )
  }
}

async function findLastCheck(sql: Sql): Promise<LedgerCheck | undefined> {
  const names = CHECK.names.filter((name) => name !== 'discrepancies_json').join(', ')
  const [row] = await sql.all(`select ${names} from ledger_checks where id = 1`, [])
  if (row === undefined) return undefined
  const { checked_at_ms, discrepancy_count, duration_ms, posting_count } = CHECK.columns
  return {
    checkedAtMs: checked_at_ms.read(row.checked_at_ms),
    durationMs: duration_ms.read(row.duration_ms),
    postingCount: posting_count.read(row.posting_count),
    discrepancyCount: discrepancy_count.read(row.discrepancy_count),
  }
}

async function listDiscrepancies(sql: Sql): Promise<LedgerReport['discrepancies'] | undefined> {
  const [row] = await sql.all('select discrepancies_json from ledger_checks where id = 1', [])
  const value = row?.discrepancies_json
  return typeof value === 'string' ? CHECK.columns.discrepancies_json.read(value) : undefined
}

async function listBalances(
  sql: Sql,
  accountId: AccountId,
  checkedAtMs: number,
  countMax: number,
): Promise<readonly LedgerBalance[]> {
  const rows = await sql.all(
    `select ${BALANCE.list()} from ledger_balances where account_id = $1 and checked_at_ms = $2
     order by connected_account_id, currency, ledger_account limit $3`,
    [Number(accountId), checkedAtMs, countMax],
  )
  return rows.map((row) => {
    const values = BALANCE.read(row)
    return {
      accountId: values.account_id,
      ledgerAccount: values.ledger_account,
      currency: values.currency,
      debitMinor: BigInt(values.debit_minor),
      creditMinor: BigInt(values.credit_minor),
    }
  })
}

async function beginRun(sql: Sql, run: LedgerCheckRun, aliveMsMax: number): Promise<boolean> {
  const count = await sql.run(
    `insert into ledger_check_runs ${RUN.insert()} on conflict (id) do update
     set ${assignInsertedColumns(RUN.names.filter((name) => name !== 'id'))}
     where ledger_check_runs.alive_until_ms <= excluded.started_at_ms
       or ledger_check_runs.alive_until_ms > excluded.started_at_ms + ${aliveMsMax}`,
    RUN.values(run),
  )
  return count === 1
}

async function updateRun(sql: Sql, run: LedgerCheckRun): Promise<void> {
  await sql.run(
    `update ledger_check_runs set alive_until_ms = $2, part = $3, has_failed = $4
     where id = 1 and started_at_ms = $1`,
    RUN.valuesOf(['started_at_ms', 'alive_until_ms', 'part', 'has_failed'], run),
  )
}

async function findRun(sql: Sql): Promise<LedgerCheckRun | undefined> {
  const [row] = await sql.all(`select ${RUN.list()} from ledger_check_runs where id = 1`, [])
  if (row === undefined) return undefined
  const values = RUN.read(row)
  return {
    startedAtMs: values.started_at_ms,
    aliveUntilMs: values.alive_until_ms,
    part: values.part,
    hasFailed: values.has_failed === 1,
  }
}

/** Makes a store's functions for checks of the ledger. */
export const ledgerChecksOf = ({ engine, read }: StoreContext): Store['ledgerChecks'] => ({
  record: (check, report) => recordCheck(engine, check, report),
  findLast: () => findLastCheck(read),
  listDiscrepancies: () => listDiscrepancies(read),
  listBalances: (accountId, checkedAtMs, countMax) =>
    listBalances(read, accountId, checkedAtMs, countMax),
  beginRun: (run, aliveMsMax) => engine.transaction((sql) => beginRun(sql, run, aliveMsMax)),
  updateRun: (run) => engine.transaction((sql) => updateRun(sql, run)),
  findRun: () => findRun(read),
})
