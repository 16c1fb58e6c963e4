import { currencyText, envelope, secondsOut } from '../api/schemas.ts'
import { Type } from '../api/type.ts'

const signedAmount = (description: string) =>
  Type.String({ description: `${description} In major units.`, examples: ['1499.90'] })

const Balance = Type.Object({
  ledger_account: Type.String({
    description: 'Such as `merchant`, `fees`, `processor`, or `connected_account/` with an id.',
  }),
  currency: currencyText(),
  debit: signedAmount('The sum of the debits.'),
  credit: signedAmount('The sum of the credits.'),
  balance: signedAmount('A debit balance for the processor, otherwise a credit balance.'),
})

/** The answer with the balances of one account. */
export const LedgerAnswer = envelope(
  'ledger',
  Type.Object({
    checked_time: Type.Optional(
      secondsOut('The time of the last check. Absent: the ledger was never checked.'),
    ),
    agrees: Type.Optional(
      Type.Boolean({ description: 'True: the whole ledger agreed with the payments.' }),
    ),
    balances: Type.Array(Balance, {
      description:
        'The balances at the last check: those of the account first, then those of connected accounts.',
    }),
  }),
)

/** The answer with the last check of the whole ledger, and the check that runs. */
export const LedgerCheckAnswer = envelope(
  'ledger_check',
  Type.Object({
    run: Type.Optional(
      Type.Object({
        status: Type.Enum(['running', 'ended', 'failed']),
        started_time: secondsOut('The time at which the check started.'),
        part: Type.Enum(['postings', 'payments', 'discrepancies', 'dependents']),
      }),
    ),
    last: Type.Optional(
      Type.Object({
        checked_time: secondsOut('The time at which the check started.'),
        duration_ms: Type.Integer(),
        posting_count: Type.Integer(),
        discrepancy_count: Type.Integer(),
        discrepancies: Type.Array(Type.Object({ what: Type.String(), id: Type.String() }), {
          description: 'Examples, at most 100.',
        }),
      }),
    ),
  }),
)
