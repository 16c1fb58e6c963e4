import { parseAccountId } from '../../domain/id.ts'
import { createConnectedAccount } from '../../operations/create-connected-account.ts'
import { EMPTY_LIST_PAGE } from '../../operations/store.ts'
import { connectedAccountFields } from '../../wire/connected-account.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { notFound } from '../errors.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { route } from '../route.ts'
import { parseConnectedAccountCreate, parseConnectedAccountList } from './parse.ts'
import {
  ConnectedAccountAnswer,
  ConnectedAccountCreateBody,
  ConnectedAccountListQuery,
  ListConnectedAccountsAnswer,
} from './schemas.ts'

const tag = 'Connected accounts'

const createConnectedAccountRoute = route({
  method: 'POST',
  url: '/connectedaccounts',
  scope: 'connectedaccounts.CREATE',
  operationId: 'createConnectedAccount',
  tag,
  summary: 'Connect an account',
  description: 'Creates a connected account. Parts of payments can then be transferred to it.',
  body: ConnectedAccountCreateBody,
  // The body contains a tax number and a bank account's number.
  hasSecretBody: true,
  answers: { 201: ConnectedAccountAnswer },
  handle: async ({ account, body, deps, idempotent, requestId, tenant }) => {
    const once = await answerOnce(tenant, idempotent, {
      lock: async () => 'nothing',
      change: (tx) =>
        createConnectedAccount(tx, tenant, account.id, parseConnectedAccountCreate(body)),
      render: (connectedAccount) => ({
        status: 201,
        body: renderOne(
          'connected_account',
          connectedAccountFields(connectedAccount, account, tenant.mode),
        ),
        resourceId: connectedAccount.id,
      }),
    })
    if ('result' in once) {
      const facts = { accountId: account.id, connectedAccountId: once.result.id }
      deps.logger.info({ requestId, ...facts }, 'account connected')
    }
    return httpAnswerFrom(once)
  },
})

const retrieveConnectedAccount = route({
  method: 'GET',
  url: '/connectedaccounts/{connected_account_id}',
  scope: 'connectedaccounts.READ',
  operationId: 'retrieveConnectedAccount',
  tag,
  summary: 'Retrieve a connected account',
  description: 'Returns a connected account.',
  answers: { 200: ConnectedAccountAnswer },
  handle: async ({ account, path, tenant }) => {
    const id = parseAccountId(path.connected_account_id)
    const connectedAccount = id && (await tenant.store.connectedAccounts.find(account.id, id))
    if (connectedAccount === undefined) throw notFound('connected account', 'connected_account_id')
    return ok(
      renderOne(
        'connected_account',
        connectedAccountFields(connectedAccount, account, tenant.mode),
      ),
    )
  },
})

const listConnectedAccounts = route({
  method: 'GET',
  url: '/connectedaccounts',
  scope: 'connectedaccounts.READ',
  operationId: 'listConnectedAccounts',
  tag,
  summary: 'List connected accounts',
  description: 'Returns the connected accounts of the account, newest first.',
  query: ConnectedAccountListQuery,
  answers: { 200: ListConnectedAccountsAnswer },
  handle: async ({ account, openPage, query, tenant }) => {
    const { filter, page: requestedPage } = parseConnectedAccountList(query, {
      edition: account.edition,
      nowMs: tenant.clock.nowMs(),
    })
    const page = openPage(requestedPage)
    const list =
      filter === 'nothing'
        ? EMPTY_LIST_PAGE
        : await tenant.store.connectedAccounts.list(account.id, filter, page)
    const rows = list.items.map((item) => connectedAccountFields(item, account, tenant.mode))
    return ok(renderList('connected_accounts', rows, page, list))
  },
})

/** The routes of connected accounts, in the order of the documentation. */
export const CONNECTED_ACCOUNT_ROUTES = [
  createConnectedAccountRoute,
  retrieveConnectedAccount,
  listConnectedAccounts,
]
