import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { sendJson } from '../../api/answer.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { envelope } from '../../api/schemas.ts'
import { ledgerReportFields } from '../../wire/ledger-report.ts'
import type { Worlds } from '../tenants/tenant.ts'

const amount = Type.String({ examples: ['1464.50'] })
const LedgerAnswer = envelope(
  'ledger',
  Type.Object({
    agrees: Type.Boolean({ description: 'With the payments, refunds and transfers.' }),
    posting_count: Type.Integer(),
    discrepancies: Type.Array(Type.Object({ id: Type.String(), what: Type.String() })),
    balances: Type.Array(
      Type.Object({
        account_id: Type.String(),
        ledger_account: Type.String(),
        currency: Type.String(),
        debit: amount,
        credit: amount,
        balance: amount,
      }),
    ),
  }),
)

/** Registers the route by which a sandbox's books are checked. */
export function registerLedgerRoutes(
  app: FastifyInstance,
  { current }: Pick<Worlds, 'current'>,
): void {
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
    async (_request, reply) =>
      sendJson(
        reply,
        200,
        renderOne('ledger', ledgerReportFields(await current().store.ledger.check())),
      ),
  )
}
