import { PayoutRow, RetrievePayoutAnswer } from '../../api/payouts/schemas.ts'
import { Type } from '../../api/type.ts'
import { PAYOUT_FAILURES, PAYOUT_SCHEDULES, type PayoutFailureCode } from '../../domain/payout.ts'

const accountId = Type.Optional(
  Type.String({
    pattern: '^\\d{1,16}$',
    description: 'The account. Default: the preset account of the IN edition.',
    'x-expected': 'the id of an account, in digits',
  }),
)
const FAILURE_CODES = Object.keys(PAYOUT_FAILURES) as PayoutFailureCode[]

/** The body that runs payouts. */
export const PayoutRunBody = Type.Object({ account_id: accountId }, { examples: [{}] })
/** The new payouts of a run. */
export const PayoutRunAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  payouts: Type.Array(
    Type.Object({
      ...PayoutRow.properties,
      connected_account_id: Type.Optional(
        Type.String({
          description:
            'The connected account that owns the balance. Absent if the merchant owns it.',
        }),
      ),
    }),
  ),
})
/** The body that fails a payout. */
export const PayoutFailBody = Type.Object(
  {
    failure_code: Type.Optional(
      Type.Enum(FAILURE_CODES, { description: 'The bank’s reason.', default: 'account_closed' }),
    ),
  },
  { examples: [{ failure_code: 'declined' }] },
)
/** A payout after the bank's decision. */
export const PayoutAnswer = RetrievePayoutAnswer

/** The body that changes an account's payouts. */
export const PayoutSettingsBody = Type.Object(
  {
    account_id: accountId,
    schedule: Type.Optional(
      Type.Enum([...PAYOUT_SCHEDULES], {
        description:
          'The days of the runs, at 10:00 in the account’s time zone: every day, every Monday, or the first business day of a month.',
      }),
    ),
    bank_account_last_four_digits: Type.Optional(
      Type.String({
        pattern: '^\\d{4}$',
        description: '`0000`: payouts to this bank account fail.',
        examples: ['0000'],
        'x-expected': 'a text of four digits',
      }),
    ),
  },
  { examples: [{ bank_account_last_four_digits: '0000' }] },
)
/** The settings of an account's payouts. */
export const PayoutSettingsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  payout_settings: Type.Object({
    account_id: Type.String(),
    schedule: Type.Enum([...PAYOUT_SCHEDULES]),
    bank_account_last_four_digits: Type.String(),
  }),
})
