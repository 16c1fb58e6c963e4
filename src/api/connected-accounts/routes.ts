import { createHmac } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { parseAccountId } from '../../domain/id.ts'
import { createConnectedAccount } from '../../operations/create-connected-account.ts'
import { connectedAccountFields } from '../../wire/connected-account.ts'
import { IdempotencyHeaders, idempotentRequest, readBody, sendJson, sendOnce } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import type { ApiDeps } from '../deps.ts'
import { AccountQuery, described, failures } from '../describe-route.ts'
import { notFound } from '../errors.ts'
import type { JsonObject } from '../read-json.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { parseConnectedAccountCreate, parseConnectedAccountList } from './parse.ts'
import {
  ConnectedAccountAnswered,
  ConnectedAccountCreateBody,
  ConnectedAccountListQuery,
  ConnectedAccountsListed,
} from './schemas.ts'

const TAG = 'Connected accounts'

/** Registers `/api/v1/connectedaccounts`. */
export function registerConnectedAccountRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.post(
    '/connectedaccounts',
    {
      config: { scope: 'connectedaccounts.CREATE' },
      schema: {
        ...described(
          TAG,
          'connectedaccounts.CREATE',
          'Connect an account',
          'Makes an account to which parts of payments can be transferred from now on.',
        ),
        operationId: 'createConnectedAccount',
        querystring: AccountQuery,
        headers: IdempotencyHeaders,
        body: ConnectedAccountCreateBody,
        response: { 201: ConnectedAccountAnswered, ...failures(400, 401, 409, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      const { text, value } = readBody(request)
      // A plain hash of a tax number and an account number could be guessed, and the key keeps a hash.
      const digest = createHmac('sha256', deps.keys.sealing).update(text).digest('base64url')
      const idempotent = idempotentRequest(request, digest)
      const done = await answerOnce(deps, idempotent, {
        hold: async () => 'nothing',
        change: (tx) =>
          createConnectedAccount(tx, deps, request.account.id, parseConnectedAccountCreate(value)),
        render: (account) => ({
          status: 201,
          body: renderOne('connected_account', connectedAccountFields(account, request.account)),
          resourceId: account.id,
        }),
      })
      if ('result' in done) {
        const facts = { accountId: request.account.id, connectedAccountId: done.result.id }
        deps.logger.info({ requestId: request.id, ...facts }, 'account connected')
      }
      return sendOnce(reply, done)
    },
  )

  app.get(
    '/connectedaccounts/:connected_account_id',
    {
      config: { scope: 'connectedaccounts.READ' },
      schema: {
        ...described(
          TAG,
          'connectedaccounts.READ',
          'Retrieve a connected account',
          'Gives a connected account.',
        ),
        operationId: 'retrieveConnectedAccount',
        params: Type.Object({ connected_account_id: Type.String() }),
        querystring: AccountQuery,
        response: { 200: ConnectedAccountAnswered, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      const { connected_account_id: text } = request.params as { connected_account_id: string }
      const id = parseAccountId(text)
      const account = id && (await deps.store.connectedAccounts.find(request.account.id, id))
      if (account === undefined) throw notFound('connected account', 'connected_account_id')
      return sendJson(
        reply,
        200,
        renderOne('connected_account', connectedAccountFields(account, request.account)),
      )
    },
  )

  app.get(
    '/connectedaccounts',
    {
      config: { scope: 'connectedaccounts.READ' },
      schema: {
        ...described(
          TAG,
          'connectedaccounts.READ',
          'List connected accounts',
          'Gives the accounts that are connected to the account, newest first.',
        ),
        operationId: 'listConnectedAccounts',
        querystring: Type.Object({
          ...AccountQuery.properties,
          ...ConnectedAccountListQuery.properties,
        }),
        response: { 200: ConnectedAccountsListed, ...failures(400, 401, 429) },
      },
    },
    async (request, reply) => {
      const { filter, page } = parseConnectedAccountList(request.query as JsonObject, {
        edition: request.account.edition,
        nowMs: deps.clock.nowMs(),
      })
      const { items: accounts, total } =
        filter === 'nothing'
          ? { items: [], total: 0 }
          : await deps.store.connectedAccounts.list(request.account.id, filter, page)
      const rows = accounts.map((one) => connectedAccountFields(one, request.account))
      return sendJson(reply, 200, renderList('connected_accounts', rows, page, total))
    },
  )
}
