import { ok } from '../../api/answer.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { ledgerReportFields } from '../../wire/ledger-report.ts'
import { controlRoute } from './control-route.ts'
import { LedgerAnswer } from './schemas.ts'

const checkLedger = controlRoute({
  method: 'GET',
  url: '/ledger',
  operationId: 'checkLedger',
  tag: 'Ledger',
  summary: 'Check the ledger',
  description:
    'Compares the ledger with the payments, refunds, transfers, disputes and payouts, and returns its balances, like `paydesk ledger check`.',
  answers: { 200: LedgerAnswer },
  handle: async ({ tenant }) =>
    ok(renderOne('ledger', ledgerReportFields(await tenant.store.ledger.check()))),
})

/** The routes for a sandbox's ledger. */
export const LEDGER_ROUTES = [checkLedger]
