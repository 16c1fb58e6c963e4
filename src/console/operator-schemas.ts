import { parsedAs } from '../api/parsed.ts'
import { line } from '../api/schemas.ts'
import { Type } from '../api/type.ts'
import type { AccountId } from '../domain/id.ts'
import { OPERATOR_ROLES } from '../domain/operator.ts'

/** The value of `accounts` and `refund_max_minor` that removes the bound. */
export const NO_BOUND = 'all'

/** The value of `account_refund_max` that removes all limits of single accounts. */
export const NO_LIMITS = 'none'

const accounts = parsedAs<readonly AccountId[] | typeof NO_BOUND>()(
  Type.String({
    pattern: '^(all|\\d{1,16}(,\\d{1,16}){0,99})$',
    description: '`all`, or the ids of accounts, separated by commas.',
    'x-expected': 'the word all, or ids of accounts separated by commas',
  }),
)
const refundMax = parsedAs<bigint | typeof NO_BOUND>()(
  Type.String({
    pattern: '^(all|\\d{1,15})$',
    description:
      'The largest refund that needs no second person, in minor units, or `all` for no limit.',
    'x-expected': 'the word all, or an amount in minor units such as 500000',
  }),
)
const accountRefundMax = parsedAs<ReadonlyMap<AccountId, bigint> | typeof NO_LIMITS>()(
  Type.String({
    maxLength: 4_000,
    description:
      '`none`, or limits of single accounts in minor units, such as `1234567=500000,2345678=0`. For these accounts they replace `refund_max_minor`.',
  }),
)
const name = parsedAs<string>()(line(200, 1))
const role = Type.Enum([...OPERATOR_ROLES])

/** The body of an invitation of a new operator. */
export const OperatorCreateBody = Type.Object({
  name,
  email: parsedAs<string>()(line(254, 1)),
  role,
  accounts,
  refund_max_minor: refundMax,
  account_refund_max: Type.Optional(accountRefundMax),
})

/** The body of a change. Absent fields do not change. */
export const OperatorUpdateBody = Type.Object({
  name: Type.Optional(name),
  role: Type.Optional(role),
  accounts: Type.Optional(accounts),
  refund_max_minor: Type.Optional(refundMax),
  account_refund_max: Type.Optional(accountRefundMax),
})

const Operator = Type.Object({
  operator_id: Type.String(),
  name: Type.String(),
  email: Type.String(),
  role,
  account_ids: Type.Union([Type.Literal('all'), Type.Array(Type.String())]),
  refund_max_minor: Type.Union([Type.Integer(), Type.Null()]),
  account_refund_max_minor: Type.Record(Type.String(), Type.Integer()),
  status: Type.Enum(['active', 'disabled', 'invited']),
  invitation_ends: Type.Optional(
    Type.String({ description: 'ISO 8601. Absent: no invitation is open.' }),
  ),
})

const envelope = { code: Type.Literal(0), message: Type.Literal('success') }

/** The answer to a list request. */
export const OperatorListAnswer = Type.Object({ ...envelope, operators: Type.Array(Operator) })

/** The answer to a change. */
export const OperatorAnswer = Type.Object({ ...envelope, operator: Operator })

/** The answer to an invitation. The link is shown only once. */
export const InvitedAnswer = Type.Object({
  ...envelope,
  invited: Type.Object({ operator: Operator, invitation_link: Type.String() }),
})

/** The answer to a sign-out. */
export const SignedOutAnswer = Type.Object({
  ...envelope,
  signed_out: Type.Object({ session_count: Type.Integer() }),
})
