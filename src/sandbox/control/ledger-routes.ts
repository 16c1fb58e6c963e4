import type { FastifyInstance } from 'fastify'
import { sendJson } from '../../api/answer.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { ledgerReportFields } from '../../wire/ledger-report.ts'
import { sandboxTenant } from '../tenants/tenant.ts'
import { LedgerAnswer } from './schemas.ts'

/** Registers the route by which a sandbox's books are checked. */
export function registerLedgerRoutes(app: FastifyInstance): void {
  app.get(
    '/ledger',
    {
      schema: {
        tags: ['Ledger'],
        operationId: 'checkLedger',
        summary: 'Check the books',
        description:
          'Holds the books against the payments, refunds and transfers, and adds them up, as `paydesk ledger check` does.',
        response: { 200: LedgerAnswer },
      },
    },
    async (request, reply) =>
      sendJson(
        reply,
        200,
        renderOne(
          'ledger',
          ledgerReportFields(await sandboxTenant(request.tenant).store.ledger.check()),
        ),
      ),
  )
}
