import { httpAnswerFrom } from '../api/answer.ts'
import { answerOnce } from '../api/answer-once.ts'
import { Problem } from '../api/read-fields.ts'
import { renderOne } from '../api/render-envelope.ts'
import { isStatementDescriptor } from '../domain/account.ts'
import { FEE_RATES_DEFAULT } from '../domain/fee.ts'
import { ANSWER_PARAMETERS, isRedirectUri } from '../domain/redirect-uri.ts'
import { isPlainText } from '../domain/text.ts'
import { createAccountIn } from '../operations/create-account.ts'
import { createClientIn } from '../operations/create-client.ts'
import { accountFields } from '../wire/account.ts'
import { clientFields } from '../wire/client.ts'
import { readPercent } from './account-routes.ts'
import { bodyFieldsOf, serverRoute } from './console-route.ts'
import {
  AccountCreateBody,
  ClientCreateBody,
  NewAccountAnswer,
  NewClientAnswer,
} from './new-account-schemas.ts'
import { readAccountIds, requireKnownAccounts } from './operator-routes.ts'

const tag = 'Accounts'
/** The maximum number of new accounts and clients a minute by one operator. */
const CREATIONS_PER_MINUTE = 30

const readName = (text: string) => (isPlainText(text) ? text : new Problem('must not be blank'))
const readAccount = bodyFieldsOf(AccountCreateBody, {
  name: readName,
  statement_descriptor: (text) =>
    isStatementDescriptor(text) ? text : new Problem('must be one line of 1 to 22 characters'),
  fee_rate: readPercent,
  tax_rate: readPercent,
})
const readClient = bodyFieldsOf(ClientCreateBody, {
  name: readName,
  accounts: readAccountIds,
  redirect_uris: {
    each: (text) =>
      isRedirectUri(text)
        ? text
        : new Problem(
            `must be https, http on localhost, or com.example.app:/path, without a fragment and without the parameters ${ANSWER_PARAMETERS.join(', ')}`,
          ),
  },
})

const accountRoute = serverRoute({
  method: 'POST',
  url: '/accounts',
  operationId: 'createAccount',
  tag,
  summary: 'Create an account',
  description:
    'Creates an account, as `paydesk account create` does. Its keys are shown only once; a repeated request with the same Idempotency-Key gets the same answer.',
  ratePerMinute: CREATIONS_PER_MINUTE,
  body: AccountCreateBody,
  readBody: readAccount,
  answers: { 201: NewAccountAnswer },
  handle: async ({ actor, body, idempotent, tenant }) => {
    const { edition, fee_rate: feeRateBps, name, statement_descriptor, tax_rate } = body
    const request = {
      name,
      edition,
      feeRates: {
        feeRateBps: feeRateBps ?? FEE_RATES_DEFAULT.feeRateBps,
        taxRateBps: tax_rate ?? FEE_RATES_DEFAULT.taxRateBps,
      },
      ...(statement_descriptor !== undefined && { statementDescriptor: statement_descriptor }),
    }
    const once = await answerOnce(tenant, idempotent, {
      lock: async () => 'nothing',
      change: (tx) => createAccountIn(tx, { ...tenant, actor: actor() }, request),
      render: ({ account, secrets: { apiKey, ownerKey, signingKey } }) => ({
        status: 201,
        body: renderOne('new_account', {
          ...accountFields(account),
          signing_key: signingKey,
          api_key: apiKey,
          owner_key: ownerKey,
        }),
        resourceId: account.id,
      }),
    })
    return httpAnswerFrom(once)
  },
})

const clientRoute = serverRoute({
  method: 'POST',
  url: '/clients',
  operationId: 'createClient',
  tag,
  summary: 'Create an OAuth client of accounts',
  description:
    'Creates a client, as `paydesk client create` does. Its secret is shown only once; a repeated request with the same Idempotency-Key gets the same answer.',
  ratePerMinute: CREATIONS_PER_MINUTE,
  body: ClientCreateBody,
  readBody: readClient,
  answers: { 201: NewClientAnswer },
  handle: async ({ actor, body, idempotent, tenant }) => {
    const { accounts: accountIds, is_machine: isMachine = false, name } = body
    const { redirect_uris: redirectUris = [] } = body
    await requireKnownAccounts(tenant, 'accounts', accountIds)
    const request = { name, accountIds, redirectUris, isMachine }
    const once = await answerOnce(tenant, idempotent, {
      lock: async () => 'nothing',
      change: (tx) => createClientIn(tx, { ...tenant, actor: actor() }, request),
      render: ({ client, secret }) => ({
        status: 201,
        body: renderOne('new_client', {
          ...clientFields(client, tenant.clock.nowMs()),
          client_secret: secret,
        }),
        // The id of a client is no number, so the stored answer has the id of the client's first account.
        resourceId: accountIds[0] ?? '',
      }),
    })
    return httpAnswerFrom(once)
  },
})

/** The routes that create accounts and their clients. */
export const NEW_ACCOUNT_ROUTES = [accountRoute, clientRoute]
