import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { parseId, type TransferId } from '../../domain/id.ts'
import { lockPayment } from '../../operations/lock-payment.ts'
import { makeTransfers } from '../../operations/make-transfers.ts'
import { transferFields, transferRow } from '../../wire/transfer.ts'
import { IdempotencyHeaders, idempotentRequest, readBody, sendJson, sendOnce } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { namesOf } from '../connected-accounts/names.ts'
import { connectedAccountsIn } from '../connected-accounts/read-connected-accounts.ts'
import type { ApiDeps } from '../deps.ts'
import { AccountQuery, described, failures } from '../describe-route.ts'
import { notFound } from '../errors.ts'
import type { JsonObject } from '../read-json.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { parseTransferCreate, parseTransferList, paymentIdIn } from './parse.ts'
import { renderTransfersMade } from './render.ts'
import {
  SHOWN_REVERSAL_COUNT_MAX,
  TransferCreateBody,
  TransferListQuery,
  TransferRetrieved,
  TransfersListed,
  TransfersMade,
} from './schemas.ts'

const TAG = 'Transfers'

/** Registers `/api/v1/transfers`. */
export function registerTransferRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.post(
    '/transfers',
    {
      config: { scope: 'transfers.CREATE' },
      schema: {
        ...described(
          TAG,
          'transfers.CREATE',
          'Transfer parts of a payment',
          'Passes parts of a captured payment on to connected accounts. Each part that can be made is made, and the answer says what came of each.',
        ),
        operationId: 'createTransfers',
        querystring: AccountQuery,
        headers: IdempotencyHeaders,
        body: TransferCreateBody,
        response: { 201: TransfersMade, ...failures(400, 401, 404, 409, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      const { text, value } = readBody(request)
      const idempotent = idempotentRequest(request, text)
      const accountId = request.account.id
      const connectedAccounts = await deps.store.connectedAccounts.findIds(
        accountId,
        connectedAccountsIn(value, 'transfer_split'),
      )
      const paymentId = paymentIdIn(value)
      const payment = paymentId && (await deps.store.paymentAttempts.find(paymentId))
      if (payment?.accountId !== accountId) {
        // Reports the first wrong field of the body: at the latest that there is no such payment.
        parseTransferCreate(value, { payment: undefined, connectedAccounts })
        throw notFound('payment', 'payment_id')
      }
      const done = await answerOnce(deps, idempotent, {
        hold: (tx) => lockPayment(tx, payment),
        missing: () => notFound('payment', 'payment_id'),
        change: (tx, held) => {
          const context = { payment: held.session.amount, connectedAccounts }
          return makeTransfers(tx, deps, held, parseTransferCreate(value, context))
        },
        render: (results) => ({
          status: 201,
          body: renderTransfersMade(results),
          resourceId: payment.id,
        }),
      })
      const results = 'result' in done ? done.result : []
      const transferIds = results.flatMap((one) => ('transfer' in one ? [one.transfer.id] : []))
      if (transferIds.length > 0) {
        deps.logger.info({ requestId: request.id, paymentId, transferIds }, 'transfers made')
      }
      return sendOnce(reply, done)
    },
  )

  app.get(
    '/transfers/:transfer_id',
    {
      config: { scope: 'transfers.READ' },
      schema: {
        ...described(
          TAG,
          'transfers.READ',
          'Retrieve a transfer',
          'Gives a transfer with what was taken back of it, and its payment.',
        ),
        operationId: 'retrieveTransfer',
        params: Type.Object({ transfer_id: Type.String() }),
        querystring: AccountQuery,
        response: { 200: TransferRetrieved, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      const accountId = request.account.id
      const id = parseId<TransferId>((request.params as { transfer_id: string }).transfer_id)
      const transfer = id && (await deps.store.transfers.find(id))
      if (transfer?.accountId !== accountId) throw notFound('transfer', 'transfer_id')
      const [attempt, { items: reversals }, nameOf] = await Promise.all([
        deps.store.paymentAttempts.find(transfer.paymentAttemptId),
        deps.store.transferReversals.list(
          accountId,
          { transferId: transfer.id },
          { page: 1, perPage: SHOWN_REVERSAL_COUNT_MAX },
        ),
        namesOf(deps.store, accountId, [transfer]),
      ])
      const session = attempt && (await deps.store.paymentSessions.find(attempt.paymentSessionId))
      if (attempt === undefined || session === undefined) {
        throw new Error(`transfer ${transfer.id} has no payment`)
      }
      const told = { transfer, connectedAccountName: nameOf(transfer) }
      const fields = transferFields(told, reversals, { attempt, session })
      return sendJson(reply, 200, renderOne('transfer_details', fields))
    },
  )

  app.get(
    '/transfers',
    {
      config: { scope: 'transfers.READ' },
      schema: {
        ...described(
          TAG,
          'transfers.READ',
          'List transfers',
          'Gives the account’s transfers, newest first unless it is asked otherwise.',
        ),
        operationId: 'listTransfers',
        querystring: Type.Object({ ...AccountQuery.properties, ...TransferListQuery.properties }),
        response: { 200: TransfersListed, ...failures(400, 401, 429) },
      },
    },
    async (request, reply) => {
      const accountId = request.account.id
      const { filter, page } = parseTransferList(request.query as JsonObject, {
        edition: request.account.edition,
        nowMs: deps.clock.nowMs(),
      })
      const { items: transfers, total } =
        filter === 'nothing'
          ? { items: [], total: 0 }
          : await deps.store.transfers.list(accountId, filter, page)
      const nameOf = await namesOf(deps.store, accountId, transfers)
      const rows = transfers.map((transfer) =>
        transferRow({ transfer, connectedAccountName: nameOf(transfer) }),
      )
      return sendJson(reply, 200, renderList('transfers', rows, page, total))
    },
  )
}
