import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { type AccountId, parseId, type TransferReversalId } from '../../domain/id.ts'
import { formatMoney } from '../../domain/money.ts'
import type { Transfer, TransferReversal } from '../../domain/transfer.ts'
import { lockTransfer } from '../../operations/lock-payment.ts'
import { type ReversalRefused, reverseTransfer } from '../../operations/reverse-transfer.ts'
import { reversalFields, reversalMade, type TransferTold } from '../../wire/transfer.ts'
import { IdempotencyHeaders, idempotentRequest, readBody, sendJson, sendOnce } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { namesOf } from '../connected-accounts/names.ts'
import type { ApiDeps } from '../deps.ts'
import { AccountQuery, described, failures } from '../describe-route.ts'
import { ApiError, notFound, renderError } from '../errors.ts'
import type { JsonObject } from '../read-json.ts'
import { renderList, renderOne, renderTwice } from '../render-envelope.ts'
import { parseReversalCreate, parseReversalList, transferIdIn } from './parse.ts'
import {
  TransferReversalCreateBody,
  TransferReversalListQuery,
  TransferReversalRetrieved,
  TransferReversalsListed,
  TransferReversed,
} from './schemas.ts'

const TAG = 'Transfer reversals'

/** Registers `/api/v1/transferreversals`. */
export function registerTransferReversalRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.post(
    '/transferreversals',
    {
      config: { scope: 'transfers.CREATE' },
      schema: {
        ...described(
          TAG,
          'transfers.CREATE',
          'Reverse a transfer',
          'Takes a transfer back from its connected account, whole or in part.',
        ),
        operationId: 'createTransferReversal',
        querystring: AccountQuery,
        headers: IdempotencyHeaders,
        body: TransferReversalCreateBody,
        response: { 201: TransferReversed, ...failures(400, 401, 404, 409, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      const { text, value } = readBody(request)
      const idempotent = idempotentRequest(request, text)
      const transferId = transferIdIn(value)
      const transfer = transferId && (await deps.store.transfers.find(transferId))
      if (transfer?.accountId !== request.account.id) {
        // Reports the first wrong field of the body: at the latest that there is no such transfer.
        parseReversalCreate(value, undefined)
        throw notFound('transfer', 'transfer_id')
      }
      const done = await answerOnce(deps, idempotent, {
        hold: (tx) => lockTransfer(tx, transfer),
        missing: () => notFound('transfer', 'transfer_id'),
        change: (tx, held) =>
          reverseTransfer(tx, deps, held, parseReversalCreate(value, transfer.amount)),
        render: (result) =>
          'refused' in result
            ? { ...renderError(refusalOf(result)), resourceId: transfer.id }
            : {
                status: 201,
                body: renderTwice(
                  'transfer_reversal',
                  reversalMade(result.reversal, result.transfer),
                ),
                resourceId: result.reversal.id,
              },
      })
      if ('result' in done && !('refused' in done.result)) {
        const reversalId = done.result.reversal.id
        deps.logger.info({ requestId: request.id, transferId, reversalId }, 'transfer reversed')
      }
      return sendOnce(reply, done)
    },
  )

  app.get(
    '/transferreversals/:transfer_reversal_id',
    {
      config: { scope: 'transfers.READ' },
      schema: {
        ...described(
          TAG,
          'transfers.READ',
          'Retrieve a transfer reversal',
          'Gives what was taken back of a transfer at one time.',
        ),
        operationId: 'retrieveTransferReversal',
        params: Type.Object({ transfer_reversal_id: Type.String() }),
        querystring: AccountQuery,
        response: { 200: TransferReversalRetrieved, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      const { transfer_reversal_id: text } = request.params as { transfer_reversal_id: string }
      const id = parseId<TransferReversalId>(text)
      const reversal = id && (await deps.store.transferReversals.find(id))
      if (reversal?.accountId !== request.account.id) {
        throw notFound('transfer reversal', 'transfer_reversal_id')
      }
      const [fields] = await fieldsOf(request.account.id, [reversal])
      return sendJson(reply, 200, renderOne('transfer_reversal_details', fields))
    },
  )

  app.get(
    '/transferreversals',
    {
      config: { scope: 'transfers.READ' },
      schema: {
        ...described(
          TAG,
          'transfers.READ',
          'List transfer reversals',
          'Gives what the account has taken back, newest first unless it is asked otherwise.',
        ),
        operationId: 'listTransferReversals',
        querystring: Type.Object({
          ...AccountQuery.properties,
          ...TransferReversalListQuery.properties,
        }),
        response: { 200: TransferReversalsListed, ...failures(400, 401, 429) },
      },
    },
    async (request, reply) => {
      const { filter, page } = parseReversalList(request.query as JsonObject, {
        edition: request.account.edition,
        nowMs: deps.clock.nowMs(),
      })
      const { items: reversals, total } =
        filter === 'nothing'
          ? { items: [], total: 0 }
          : await deps.store.transferReversals.list(request.account.id, filter, page)
      const rows = await fieldsOf(request.account.id, reversals)
      return sendJson(reply, 200, renderList('transfer_reversals', rows, page, total))
    },
  )

  async function transferOf({ id, transferId }: TransferReversal): Promise<Transfer> {
    const transfer = await deps.store.transfers.find(transferId)
    if (transfer === undefined) throw new Error(`reversal ${id} has no transfer`)
    return transfer
  }

  /** Writes reversals with their transfers and the names of the accounts, each of which is found once. */
  async function fieldsOf(accountId: AccountId, reversals: readonly TransferReversal[]) {
    const firsts = new Map(reversals.map((one) => [one.transferId, one]))
    const transfers = await Promise.all([...firsts.values()].map(transferOf))
    const nameOf = await namesOf(deps.store, accountId, transfers)
    const told = new Map(
      transfers.map((transfer) => [
        transfer.id,
        { transfer, connectedAccountName: nameOf(transfer) },
      ]),
    )
    return reversals.map((one) => reversalFields(one, told.get(one.transferId) as TransferTold))
  }
}

function refusalOf({ left, refused }: ReversalRefused): ApiError {
  const message =
    left.amountMinor === 0n
      ? 'reversal_amount cannot be taken back: nothing is left of this transfer.'
      : `reversal_amount must be at most ${formatMoney(left)} ${left.currency}: that is what is left of this transfer.`
  return new ApiError(refused, 'reversal_amount', message)
}
