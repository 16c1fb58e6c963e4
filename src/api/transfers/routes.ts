import { parseId, type TransferId } from '../../domain/id.ts'
import { lockPayment } from '../../operations/lock-payment.ts'
import { makeTransfers } from '../../operations/make-transfers.ts'
import { EMPTY_LIST_PAGE } from '../../operations/store.ts'
import { transferFields, transferRow } from '../../wire/transfer.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { namesOf } from '../connected-accounts/names.ts'
import { connectedAccountsIn } from '../connected-accounts/read-connected-accounts.ts'
import { notFound } from '../errors.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { route } from '../route.ts'
import { parseTransferCreate, parseTransferList, paymentIdIn } from './parse.ts'
import { renderTransferResults } from './render.ts'
import {
  CreateTransfersAnswer,
  ListTransfersAnswer,
  RetrieveTransferAnswer,
  SHOWN_REVERSAL_COUNT_MAX,
  TransferCreateBody,
  TransferListQuery,
} from './schemas.ts'

const tag = 'Transfers'

const createTransfers = route({
  method: 'POST',
  url: '/transfers',
  scope: 'transfers.CREATE',
  operationId: 'createTransfers',
  tag,
  summary: 'Transfer parts of a payment',
  description:
    'Transfers parts of a captured payment to connected accounts. Parts that fail do not stop the others: the answer has the result of each.',
  body: TransferCreateBody,
  answers: { 201: CreateTransfersAnswer },
  // The body names a payment and connected accounts.
  failures: [404],
  handle: async ({ account, body, deps, idempotent, requestId, tenant }) => {
    const connectedAccounts = await tenant.store.connectedAccounts.findIds(
      account.id,
      connectedAccountsIn(body, 'transfer_split'),
    )
    const paymentId = paymentIdIn(body)
    const payment = paymentId && (await tenant.store.paymentAttempts.find(paymentId))
    if (payment?.accountId !== account.id) {
      // Checks the other fields first, so that the error names the first wrong field.
      parseTransferCreate(body, { payment: undefined, connectedAccounts })
      throw notFound('payment', 'payment_id')
    }
    const once = await answerOnce(tenant, idempotent, {
      lock: (tx) => lockPayment(tx, payment),
      missing: () => notFound('payment', 'payment_id'),
      change: (tx, lockedPayment) => {
        const context = { payment: lockedPayment.session.amount, connectedAccounts }
        return makeTransfers(tx, tenant, lockedPayment, parseTransferCreate(body, context))
      },
      render: (results) => ({
        status: 201,
        body: renderTransferResults(results),
        resourceId: payment.id,
      }),
    })
    const results = 'result' in once ? once.result : []
    const transferIds = results.flatMap((one) => ('transfer' in one ? [one.transfer.id] : []))
    if (transferIds.length > 0) {
      deps.logger.info({ requestId, paymentId, transferIds }, 'transfers made')
    }
    return httpAnswerFrom(once)
  },
})

const retrieveTransfer = route({
  method: 'GET',
  url: '/transfers/{transfer_id}',
  scope: 'transfers.READ',
  operationId: 'retrieveTransfer',
  tag,
  summary: 'Retrieve a transfer',
  description: 'Returns a transfer with its reversals and its payment.',
  answers: { 200: RetrieveTransferAnswer },
  handle: async ({ account, path, tenant: { store } }) => {
    const id = parseId<TransferId>(path.transfer_id)
    const transfer = id && (await store.transfers.find(id))
    if (transfer?.accountId !== account.id) throw notFound('transfer', 'transfer_id')
    const [attempt, reversals, nameOf] = await Promise.all([
      store.paymentAttempts.find(transfer.paymentAttemptId),
      store.transferReversals.list(
        account.id,
        { transferId: transfer.id },
        { page: 1, perPage: SHOWN_REVERSAL_COUNT_MAX },
      ),
      namesOf(store, account.id, [transfer]),
    ])
    const session = attempt && (await store.paymentSessions.find(attempt.paymentSessionId))
    if (attempt === undefined || session === undefined) {
      throw new Error(`transfer ${transfer.id} has no payment`)
    }
    const namedTransfer = { transfer, connectedAccountName: nameOf(transfer) }
    const fields = transferFields(namedTransfer, reversals.items, { attempt, session })
    return ok(renderOne('transfer_details', fields))
  },
})

const listTransfers = route({
  method: 'GET',
  url: '/transfers',
  scope: 'transfers.READ',
  operationId: 'listTransfers',
  tag,
  summary: 'List transfers',
  description: 'Returns the account’s transfers, newest first by default.',
  query: TransferListQuery,
  answers: { 200: ListTransfersAnswer },
  handle: async ({ account, openPage, query, tenant }) => {
    const { filter, page: requestedPage } = parseTransferList(query, {
      edition: account.edition,
      nowMs: tenant.clock.nowMs(),
    })
    const page = openPage(requestedPage)
    const list =
      filter === 'nothing'
        ? EMPTY_LIST_PAGE
        : await tenant.store.transfers.list(account.id, filter, page)
    const nameOf = await namesOf(tenant.store, account.id, list.items)
    const rows = list.items.map((transfer) =>
      transferRow({ transfer, connectedAccountName: nameOf(transfer) }),
    )
    return ok(renderList('transfers', rows, page, list))
  },
})

/** The routes of transfers, in the order of the documentation. */
export const TRANSFER_ROUTES = [createTransfers, retrieveTransfer, listTransfers]
