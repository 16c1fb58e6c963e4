import type { AccountId } from '../../domain/id.ts'
import { parseAccountId } from '../../domain/id.ts'
import { totalOf } from '../../domain/payout.ts'
import { EMPTY_LIST_PAGE } from '../../operations/store.ts'
import type { Tenant } from '../../operations/tenant.ts'
import {
  connectedPayoutTransactionRow,
  connectedTransactionRow,
  payoutFields,
  payoutRow,
} from '../../wire/payout.ts'
import { ok } from '../answer.ts'
import { requireEdition } from '../edition.ts'
import { notFound } from '../errors.ts'
import { parsePayoutList, parsePayoutTransactions } from '../payouts/parse.ts'
import { findPayout } from '../payouts/routes.ts'
import {
  ListConnectedPayoutTransactionsAnswer,
  ListPayoutsAnswer,
  PayoutListQuery,
  PayoutTransactionsQuery,
  RetrievePayoutAnswer,
} from '../payouts/schemas.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { route } from '../route.ts'
import { parseConnectedTransactions } from './parse-transactions.ts'
import {
  ConnectedTransactionsQuery,
  ListConnectedTransactionsAnswer,
} from './transaction-schemas.ts'

const tag = 'Connected accounts'
const scope = 'connectedaccounts.READ'

const listPayouts = route({
  method: 'GET',
  url: '/connectedaccounts/{connected_account_id}/payouts',
  scope,
  operationId: 'listConnectedAccountPayouts',
  tag,
  summary: 'List the payouts of a connected account',
  description: 'Returns the payouts of a connected account to its bank account, newest first.',
  query: PayoutListQuery,
  answers: { 200: ListPayoutsAnswer },
  handle: async ({ account, openPage, path, query, tenant }) => {
    requireEdition(account, 'IN')
    const connectedAccountId = await findReceiver(tenant, account.id, path.connected_account_id)
    const { edition, id } = account
    const { filter, page: requestedPage } = parsePayoutList(query, {
      edition,
      nowMs: tenant.clock.nowMs(),
    })
    const page = openPage(requestedPage)
    const list =
      filter === 'nothing'
        ? EMPTY_LIST_PAGE
        : await tenant.store.payouts.list(id, { ...filter, connectedAccountId }, page)
    const rows = list.items.map((payout) => payoutRow(payout, edition))
    return ok(renderList('payouts', rows, page, list))
  },
})

const retrievePayout = route({
  method: 'GET',
  url: '/connectedaccounts/{connected_account_id}/payouts/{payout_id}',
  scope,
  operationId: 'retrieveConnectedAccountPayout',
  tag,
  summary: 'Retrieve a payout of a connected account',
  description: 'Returns a payout of a connected account with the sums of its transactions.',
  answers: { 200: RetrievePayoutAnswer },
  handle: async ({ account, path, tenant }) => {
    requireEdition(account, 'IN')
    const receiverId = await findReceiver(tenant, account.id, path.connected_account_id)
    const payout = await findPayout(tenant, path.payout_id, account.id, receiverId)
    return ok(renderOne('payout', payoutFields(payout, account.edition)))
  },
})

const listPayoutTransactions = route({
  method: 'GET',
  url: '/connectedaccounts/{connected_account_id}/payouts/{payout_id}/transactions',
  scope,
  operationId: 'listConnectedAccountPayoutTransactions',
  tag,
  summary: 'List the transactions of a connected account’s payout',
  description:
    'Returns the transfers and reversals in a payout of a connected account, newest first.',
  query: PayoutTransactionsQuery,
  answers: { 200: ListConnectedPayoutTransactionsAnswer },
  handle: async ({ account, openPage, path, query, tenant }) => {
    requireEdition(account, 'IN')
    const receiverId = await findReceiver(tenant, account.id, path.connected_account_id)
    const payout = await findPayout(tenant, path.payout_id, account.id, receiverId)
    const moment = { edition: account.edition, nowMs: tenant.clock.nowMs() }
    const page = openPage(parsePayoutTransactions(query, moment))
    const { store } = tenant
    const total = totalOf(payout.summary).count
    const list = await store.balanceTransactions.listByPayout({ id: payout.id, total }, page)
    const rows = list.items.map((item) => connectedPayoutTransactionRow(payout.id, item))
    return ok(renderList('transactions', rows, page, list))
  },
})

const listTransactions = route({
  method: 'GET',
  url: '/connectedaccounts/{connected_account_id}/transactions',
  scope,
  operationId: 'listConnectedAccountTransactions',
  tag,
  summary: 'List the transactions of a connected account',
  description:
    'Returns the transfers to a connected account and their reversals, newest first. In live mode the list is empty, because only the acquirer knows the balance.',
  query: ConnectedTransactionsQuery,
  answers: { 200: ListConnectedTransactionsAnswer },
  handle: async ({ account, openPage, path, query, tenant }) => {
    requireEdition(account, 'IN')
    const connectedAccountId = await findReceiver(tenant, account.id, path.connected_account_id)
    const moment = { edition: account.edition, nowMs: tenant.clock.nowMs() }
    const { filter, page: requestedPage } = parseConnectedTransactions(query, moment)
    const page = openPage(requestedPage)
    const list =
      filter === 'nothing' || tenant.mode === 'live'
        ? EMPTY_LIST_PAGE
        : await tenant.store.balanceTransactions.listByConnectedAccount(
            account.id,
            { ...filter, connectedAccountId },
            page,
          )
    const rows = list.items.map((item) => connectedTransactionRow(item, moment.nowMs))
    return ok(renderList('transactions', rows, page, list))
  },
})

/** Throws ApiError if the account has no such connected account. */
async function findReceiver(
  { store }: Pick<Tenant, 'store'>,
  accountId: AccountId,
  text: string,
): Promise<AccountId> {
  const id = parseAccountId(text)
  const connectedAccount = id && (await store.connectedAccounts.find(accountId, id))
  if (connectedAccount === undefined) throw notFound('connected account', 'connected_account_id')
  return connectedAccount.id
}

/** The routes of the payouts and transactions of connected accounts, in the order of the documentation. */
export const CONNECTED_MONEY_ROUTES = [
  listPayouts,
  retrievePayout,
  listPayoutTransactions,
  listTransactions,
]
