import { type AccountId, parseId, type TransferReversalId } from '../../domain/id.ts'
import { formatMoney } from '../../domain/money.ts'
import type { TransferReversal } from '../../domain/transfer.ts'
import { lockTransfer } from '../../operations/lock-payment.ts'
import { type RefusedReversal, reverseTransfer } from '../../operations/reverse-transfer.ts'
import { EMPTY_LIST_PAGE, type Store } from '../../operations/store.ts'
import { newReversalFields, reversalFields } from '../../wire/transfer.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { namesOf } from '../connected-accounts/names.ts'
import { ApiError, notFound, renderError } from '../errors.ts'
import { renderList, renderOne, renderTwice } from '../render-envelope.ts'
import { route } from '../route.ts'
import { parseReversalCreate, parseReversalList, transferIdIn } from './parse.ts'
import {
  ListTransferReversalsAnswer,
  RetrieveTransferReversalAnswer,
  ReverseTransferAnswer,
  TransferReversalCreateBody,
  TransferReversalListQuery,
} from './schemas.ts'

const tag = 'Transfer reversals'

const createTransferReversal = route({
  method: 'POST',
  url: '/transferreversals',
  scope: 'transfers.CREATE',
  operationId: 'createTransferReversal',
  tag,
  summary: 'Reverse a transfer',
  description: 'Reverses a transfer to a connected account, in full or in part.',
  body: TransferReversalCreateBody,
  answers: { 201: ReverseTransferAnswer },
  // The body names a transfer.
  failures: [404],
  handle: async ({ account, body, deps, idempotent, requestId, tenant }) => {
    const transferId = transferIdIn(body)
    const transfer = transferId && (await tenant.store.transfers.find(transferId))
    if (transfer?.accountId !== account.id) {
      // Checks the other fields first, so that the error names the first wrong field.
      parseReversalCreate(body, undefined)
      throw notFound('transfer', 'transfer_id')
    }
    const once = await answerOnce(tenant, idempotent, {
      lock: (tx) => lockTransfer(tx, transfer),
      missing: () => notFound('transfer', 'transfer_id'),
      change: (tx, lockedTransfer) =>
        reverseTransfer(tx, tenant, lockedTransfer, parseReversalCreate(body, transfer.amount)),
      render: (result) =>
        'refused' in result
          ? { ...renderError(refusalOf(result)), resourceId: transfer.id }
          : {
              status: 201,
              body: renderTwice(
                'transfer_reversal',
                newReversalFields(result.reversal, result.transfer),
              ),
              resourceId: result.reversal.id,
            },
    })
    if ('result' in once && !('refused' in once.result)) {
      const reversalId = once.result.reversal.id
      deps.logger.info({ requestId, transferId, reversalId }, 'transfer reversed')
    }
    return httpAnswerFrom(once)
  },
})

const retrieveTransferReversal = route({
  method: 'GET',
  url: '/transferreversals/{transfer_reversal_id}',
  scope: 'transfers.READ',
  operationId: 'retrieveTransferReversal',
  tag,
  summary: 'Retrieve a transfer reversal',
  description: 'Returns one reversal of a transfer.',
  answers: { 200: RetrieveTransferReversalAnswer },
  handle: async ({ account, path, tenant }) => {
    const id = parseId<TransferReversalId>(path.transfer_reversal_id)
    const reversal = id && (await tenant.store.transferReversals.find(id))
    if (reversal?.accountId !== account.id) {
      throw notFound('transfer reversal', 'transfer_reversal_id')
    }
    const [fields] = await fieldsOf(tenant.store, account.id, [reversal])
    return ok(renderOne('transfer_reversal_details', fields))
  },
})

const listTransferReversals = route({
  method: 'GET',
  url: '/transferreversals',
  scope: 'transfers.READ',
  operationId: 'listTransferReversals',
  tag,
  summary: 'List transfer reversals',
  description: 'Returns the account’s transfer reversals, newest first by default.',
  query: TransferReversalListQuery,
  answers: { 200: ListTransferReversalsAnswer },
  handle: async ({ account, openPage, query, tenant }) => {
    const { filter, page: requestedPage } = parseReversalList(query, {
      edition: account.edition,
      nowMs: tenant.clock.nowMs(),
    })
    const page = openPage(requestedPage)
    const list =
      filter === 'nothing'
        ? EMPTY_LIST_PAGE
        : await tenant.store.transferReversals.list(account.id, filter, page)
    const rows = await fieldsOf(tenant.store, account.id, list.items)
    return ok(renderList('transfer_reversals', rows, page, list))
  },
})

/** The routes of transfer reversals, in the order of the documentation. */
export const TRANSFER_REVERSAL_ROUTES = [
  createTransferReversal,
  retrieveTransferReversal,
  listTransferReversals,
]

/** Reads each transfer and each account's name once. */
async function fieldsOf(
  store: Pick<Store, 'connectedAccounts' | 'transfers'>,
  accountId: AccountId,
  reversals: readonly TransferReversal[],
) {
  const ids = [...new Set(reversals.map(({ transferId }) => transferId))]
  const results = await Promise.all(ids.map((id) => store.transfers.find(id)))
  const transfers = results.filter((transfer) => transfer !== undefined)
  const nameOf = await namesOf(store, accountId, transfers)
  const byId = new Map(transfers.map((transfer) => [transfer.id, transfer]))
  return reversals.map((reversal) => {
    const transfer = byId.get(reversal.transferId)
    if (transfer === undefined) throw new Error(`reversal ${reversal.id} has no transfer`)
    return reversalFields(reversal, { transfer, connectedAccountName: nameOf(transfer) })
  })
}

function refusalOf({ remaining, refused: refusal }: RefusedReversal): ApiError {
  const message =
    remaining.amountMinor === 0n
      ? 'reversal_amount cannot be reversed: this transfer has no amount left.'
      : `reversal_amount must be at most ${formatMoney(remaining)} ${remaining.currency}: that is the remaining amount of this transfer.`
  return new ApiError(refusal, 'reversal_amount', message)
}
