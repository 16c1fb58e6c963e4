import { parsedAs } from '../api/parsed.ts'
import { line } from '../api/schemas.ts'
import { Type } from '../api/type.ts'
import type { AccountId } from '../domain/id.ts'
import { EDITIONS } from '../domain/payment-method.ts'
import { AccountAnswer, FeeRatesBody } from './account-schemas.ts'

const REDIRECT_URI_COUNT_MAX = 20

const name = parsedAs<string>()(line(200, 1))

/** The body of a new account. */
export const AccountCreateBody = Type.Object({
  name,
  edition: Type.Enum([...EDITIONS]),
  statement_descriptor: Type.Optional(
    parsedAs<string>()(
      Type.String({ maxLength: 60, 'x-expected': 'one line of 1 to 22 characters' }),
    ),
  ),
  fee_rate: Type.Optional(FeeRatesBody.properties.fee_rate),
  tax_rate: Type.Optional(FeeRatesBody.properties.tax_rate),
})

/** The body of a new client. */
export const ClientCreateBody = Type.Object({
  name,
  accounts: parsedAs<readonly AccountId[]>()(
    Type.String({
      pattern: '^\\d{1,16}(,\\d{1,16}){0,99}$',
      description: 'The ids of accounts, separated by commas.',
      'x-expected': 'ids of accounts separated by commas',
    }),
  ),
  redirect_uris: Type.Optional(
    Type.Array(parsedAs<string>()(line(500, 1)), { maxItems: REDIRECT_URI_COUNT_MAX }),
  ),
  is_machine: Type.Optional(Type.Boolean({ 'x-expected': 'true or false' })),
})

const envelope = { code: Type.Literal(0), message: Type.Literal('success') }

/** The answer to a creation of an account. The keys are shown only once. */
export const NewAccountAnswer = Type.Object({
  ...envelope,
  new_account: Type.Object({
    ...AccountAnswer.properties.account.properties,
    signing_key: Type.String(),
    api_key: Type.String(),
    owner_key: Type.String(),
  }),
})

/** The answer to a creation of a client. The secret is shown only once. */
export const NewClientAnswer = Type.Object({
  ...envelope,
  new_client: Type.Object({
    client_id: Type.String(),
    name: Type.String(),
    account_ids: Type.Array(Type.String()),
    redirect_uris: Type.Array(Type.String()),
    is_machine: Type.Boolean(),
    client_secret: Type.String(),
  }),
})
