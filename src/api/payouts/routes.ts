import { type AccountId, type PayoutId, parseId } from '../../domain/id.ts'
import type { Edition } from '../../domain/payment-method.ts'
import { PAYOUT_STATUSES, type Payout, totalOf } from '../../domain/payout.ts'
import { type CurrencyBalance, EMPTY_LIST_PAGE } from '../../operations/store.ts'
import type { Tenant } from '../../operations/tenant.ts'
import { balanceFields, payoutFields, payoutRow, payoutTransactionRow } from '../../wire/payout.ts'
import { ok } from '../answer.ts'
import { notFound } from '../errors.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { route } from '../route.ts'
import { parsePayoutList, parsePayoutTransactions } from './parse.ts'
import {
  ListPayoutsAnswer,
  ListPayoutTransactionsAnswer,
  PayoutListQuery,
  PayoutTransactionsQuery,
  RetrieveBalanceAnswer,
  RetrievePayoutAnswer,
} from './schemas.ts'

const tag = 'Payouts'

const listPayouts = route({
  method: 'GET',
  url: '/payouts',
  scope: 'payouts.READ',
  operationId: 'listPayouts',
  tag,
  summary: 'List payouts',
  description:
    'Returns the payouts of the account’s balance to its bank account, newest first. In live mode the acquirer makes the payouts, and the list has those that the processor reports.',
  query: PayoutListQuery,
  answers: { 200: ListPayoutsAnswer },
  handle: async ({ account, openPage, query, tenant }) => {
    const { filter, page: requestedPage } = parsePayoutList(query, {
      edition: account.edition,
      nowMs: tenant.clock.nowMs(),
    })
    const page = openPage(requestedPage)
    const list =
      filter === 'nothing'
        ? EMPTY_LIST_PAGE
        : await tenant.store.payouts.list(account.id, filter, page)
    const rows = list.items.map((payout) => payoutRow(payout, account.edition))
    return ok(renderList('payouts', rows, page, list))
  },
})

const retrievePayout = route({
  method: 'GET',
  url: '/payouts/{payout_id}',
  scope: 'payouts.READ',
  operationId: 'retrievePayout',
  tag,
  summary: 'Retrieve a payout',
  description: 'Returns a payout with the sums of its transactions.',
  answers: { 200: RetrievePayoutAnswer },
  handle: async ({ account, path, tenant }) => {
    const payout = await findPayout(tenant, path.payout_id, account.id)
    return ok(renderOne('payout', payoutFields(payout, account.edition)))
  },
})

const listPayoutTransactions = route({
  method: 'GET',
  url: '/payouts/{payout_id}/transactions',
  scope: 'payouts.READ',
  operationId: 'listPayoutTransactions',
  tag,
  summary: 'List the transactions of a payout',
  description:
    'Returns the payments, refunds, transfers, reversals and disputes in a payout, newest first.',
  query: PayoutTransactionsQuery,
  answers: { 200: ListPayoutTransactionsAnswer },
  handle: async ({ account, openPage, path, query, tenant }) => {
    const { edition, id } = account
    const payout = await findPayout(tenant, path.payout_id, id)
    const moment = { edition, nowMs: tenant.clock.nowMs() }
    const page = openPage(parsePayoutTransactions(query, moment))
    const total = totalOf(payout.summary).count
    const list = await tenant.store.balanceTransactions.listByPayout({ id: payout.id, total }, page)
    const rows = list.items.map((item) => payoutTransactionRow(payout.id, item))
    return ok(renderList('transactions', rows, page, list))
  },
})

const retrieveBalance = route({
  method: 'GET',
  url: '/balance',
  scope: 'payouts.READ',
  operationId: 'retrieveBalance',
  tag,
  summary: 'Retrieve the balance',
  isPaydeskOnly: true,
  description:
    'Returns the account’s balance in its own currency, and in every other currency with money that is not paid out. In live mode the list is empty, because only the acquirer knows the balance.',
  answers: { 200: RetrieveBalanceAnswer },
  handle: async ({ account, tenant }) => {
    if (tenant.mode === 'live') return ok(renderOne('balances', []))
    const { balanceTransactions } = tenant.store
    const balances = await balanceTransactions.sum(account.id, tenant.clock.nowMs())
    return ok(renderOne('balances', withHomeCurrency(balances, account.edition).map(balanceFields)))
  },
})

/** The currency in which every account of an edition has a balance. */
const HOME_CURRENCIES = { IN: 'INR', US: 'USD' } as const

function withHomeCurrency(
  balances: readonly CurrencyBalance[],
  edition: Edition,
): readonly CurrencyBalance[] {
  const currency = HOME_CURRENCIES[edition]
  if (balances.some((balance) => balance.currency === currency)) return balances
  return [{ currency, availableMinor: 0n, pendingMinor: 0n, inPayoutsMinor: 0n }, ...balances]
}

/**
 * Finds a payout of a merchant, or of one of its connected accounts. Throws ApiError if there is none, or if the API
 * does not show its status.
 */
export async function findPayout(
  { store }: Pick<Tenant, 'store'>,
  text: string,
  accountId: AccountId,
  connectedAccountId?: AccountId,
): Promise<Payout> {
  const id = parseId<PayoutId>(text)
  const payout = id && (await store.payouts.find(id))
  const isShown =
    payout?.accountId === accountId &&
    payout.connectedAccountId === connectedAccountId &&
    PAYOUT_STATUSES.some((status) => status === payout.status)
  if (!isShown) throw notFound('payout', 'payout_id')
  return payout
}

/** The routes of payouts, in the order of the documentation. */
export const PAYOUT_ROUTES = [listPayouts, retrievePayout, listPayoutTransactions, retrieveBalance]
