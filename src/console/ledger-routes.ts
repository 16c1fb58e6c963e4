import { ok } from '../api/answer.ts'
import { renderOne } from '../api/render-envelope.ts'
import { startLedgerCheck } from '../operations/check-ledger.ts'
import type { LedgerCheckRun } from '../operations/store.ts'
import type { Tenant } from '../operations/tenant.ts'
import { ledgerBalanceFields } from '../wire/ledger-report.ts'
import { accountRoute, serverRoute } from './console-route.ts'
import { LedgerAnswer, LedgerCheckAnswer } from './ledger-schemas.ts'

const tag = 'Ledger'

const BALANCE_COUNT_MAX = 200
/** The maximum number of starts of a check a minute by one operator. Only one check runs at a time. */
const STARTS_PER_MINUTE = 6

const secondsOf = (timeMs: number): number => Math.floor(timeMs / 1000)

const retrieveLedger = accountRoute({
  method: 'GET',
  url: '/ledger',
  operationId: 'retrieveLedger',
  tag,
  summary: 'Retrieve the balances of the ledger',
  description: 'Returns the balances of the account at the last check of the ledger.',
  answers: { 200: LedgerAnswer },
  handle: async ({ account, tenant }) => {
    const { ledgerChecks } = tenant.store
    const last = await ledgerChecks.findLast()
    if (last === undefined) return ok(renderOne('ledger', { balances: [] }))
    const { checkedAtMs, discrepancyCount } = last
    const balances = await ledgerChecks.listBalances(account.id, checkedAtMs, BALANCE_COUNT_MAX)
    return ok(
      renderOne('ledger', {
        checked_time: secondsOf(checkedAtMs),
        agrees: discrepancyCount === 0,
        balances: balances.map((one) => {
          const { account_id: _, ...fields } = ledgerBalanceFields(one)
          return fields
        }),
      }),
    )
  },
})

const retrieveLedgerCheck = serverRoute({
  method: 'GET',
  url: '/ledger_check',
  operationId: 'retrieveLedgerCheck',
  tag,
  summary: 'Retrieve the last check of the ledger',
  description: 'Returns the last result for all accounts, and the progress of a running check.',
  answers: { 200: LedgerCheckAnswer },
  handle: async ({ tenant }) => ok(await renderCheck(tenant)),
})

const startCheck = serverRoute({
  method: 'POST',
  url: '/ledger_check',
  operationId: 'startLedgerCheck',
  tag,
  summary: 'Check the ledger',
  description:
    'Compares the ledger with the payments, refunds, transfers, disputes and payouts of all accounts, like `paydesk ledger check`. The check continues after the answer. Only one check runs at a time: during a check, the request starts no other.',
  ratePerMinute: STARTS_PER_MINUTE,
  answers: { 202: LedgerCheckAnswer },
  handle: async ({ deps, requestId, tenant }) => {
    const { logger } = deps
    const onTrouble = (error: unknown) =>
      logger.error({ err: error, requestId }, 'the check of the ledger failed')
    if (await startLedgerCheck({ ...tenant, onTrouble })) {
      logger.info({ requestId }, 'ledger check started')
    }
    return { status: 202, body: await renderCheck(tenant) }
  },
})

async function renderCheck({ clock, store }: Pick<Tenant, 'clock' | 'store'>): Promise<string> {
  const { ledgerChecks } = store
  const [run, last, discrepancies] = await Promise.all([
    ledgerChecks.findRun(),
    ledgerChecks.findLast(),
    ledgerChecks.listDiscrepancies(),
  ])
  return renderOne('ledger_check', {
    ...(run !== undefined && {
      run: {
        status: statusOf(run, clock.nowMs()),
        started_time: secondsOf(run.startedAtMs),
        part: run.part,
      },
    }),
    ...(last !== undefined && {
      last: {
        checked_time: secondsOf(last.checkedAtMs),
        duration_ms: last.durationMs,
        posting_count: last.postingCount,
        discrepancy_count: last.discrepancyCount,
        discrepancies: discrepancies ?? [],
      },
    }),
  })
}

/** A run that fell silent has failed: its server ended. */
function statusOf({ aliveUntilMs, hasFailed }: LedgerCheckRun, nowMs: number) {
  if (aliveUntilMs > nowMs) return 'running'
  return hasFailed || aliveUntilMs > 0 ? 'failed' : 'ended'
}

/** The route of one account's balances. */
export const LEDGER_ACCOUNT_ROUTES = [retrieveLedger]
/** The routes of the check of the whole ledger. */
export const LEDGER_SERVER_ROUTES = [retrieveLedgerCheck, startCheck]
