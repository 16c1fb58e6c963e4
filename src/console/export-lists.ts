import { parseConnectedAccountList } from '../api/connected-accounts/parse.ts'
import { ConnectedAccountListQuery } from '../api/connected-accounts/schemas.ts'
import { parseCustomerList } from '../api/customers/parse.ts'
import { CustomerListQuery } from '../api/customers/schemas.ts'
import { requireEdition } from '../api/edition.ts'
import { parseEventList } from '../api/events/parse.ts'
import { EventListQuery } from '../api/events/schemas.ts'
import { parseMandateList } from '../api/mandates/parse.ts'
import { MandateListQuery } from '../api/mandates/schemas.ts'
import { parsePaymentLinkList } from '../api/payment-links/parse.ts'
import { PaymentLinkListQuery } from '../api/payment-links/schemas.ts'
import { parsePaymentSessionList } from '../api/payment-sessions/parse.ts'
import { PaymentSessionListQuery } from '../api/payment-sessions/schemas.ts'
import { parsePaymentList } from '../api/payments/parse.ts'
import { PaymentListQuery } from '../api/payments/schemas.ts'
import { parsePayoutList } from '../api/payouts/parse.ts'
import { findPayout } from '../api/payouts/routes.ts'
import { PayoutListQuery } from '../api/payouts/schemas.ts'
import { compileFields } from '../api/read-fields.ts'
import { parseReversalList, parseTransferList } from '../api/transfers/parse.ts'
import { TransferListQuery, TransferReversalListQuery } from '../api/transfers/schemas.ts'
import { parseVirtualAccountList } from '../api/virtual-accounts/parse.ts'
import { VirtualAccountListQuery } from '../api/virtual-accounts/schemas.ts'
import { mandateAt } from '../domain/mandate.ts'
import { paymentLinkStatusAt } from '../domain/payment-link.ts'
import { statusAt } from '../domain/payment-session.ts'
import { totalOf } from '../domain/payout.ts'
import { virtualAccountAt } from '../domain/virtual-account.ts'
import { EXPORT_TABLES } from '../operations/export-tables.ts'
import { findSessionPayments } from '../operations/session-payments.ts'
import type { ListPage, PostingKey, RefundKey } from '../operations/store.ts'
import { payoutTransactionRow } from '../wire/payout.ts'
import { refundApprovalFields } from '../wire/refund-approval.ts'
import { parseDisputeList } from './dispute-routes.ts'
import { DisputeListQuery } from './dispute-schemas.ts'
import { type ExportList, filteredList, periodList, readPeriodFilter } from './export-list.ts'
import { PayoutTransactionsExportQuery, PeriodQuery } from './export-schemas.ts'
import {
  CONNECTED_ACCOUNT_COLUMNS,
  CUSTOMER_COLUMNS,
  DISPUTE_COLUMNS,
  EVENT_COLUMNS,
  LINK_COLUMNS,
  MANDATE_COLUMNS,
  PAYOUT_TRANSACTION_COLUMNS,
  REFUND_APPROVAL_COLUMNS,
  REVERSAL_COLUMNS,
  SESSION_COLUMNS,
  VIRTUAL_ACCOUNT_COLUMNS,
} from './list-columns.ts'
import { operatorNamesOf } from './refund-approval-routes.ts'

const readPayoutFields = compileFields(PayoutTransactionsExportQuery, {}, 'The query')

/** The exports of an account. Refunds and postings are oldest first, the others in the order of their lists. */
export const EXPORT_LISTS = {
  payments: filteredList(EXPORT_TABLES.payments, {
    query: PaymentListQuery,
    parse: parsePaymentList,
    list: async (store, filter, page, { account }) => {
      const { items, ...extent } = await store.paymentAttempts.list(account.id, filter, page)
      return { ...extent, items: await findSessionPayments(store, items) }
    },
  }),
  sessions: filteredList(SESSION_COLUMNS, {
    query: PaymentSessionListQuery,
    parse: (query, { edition }) => parsePaymentSessionList(query, edition),
    list: async ({ paymentSessions }, filter, page, { account, nowMs }) =>
      withItems(await paymentSessions.list(account.id, filter, page, nowMs), (session) => {
        const { description } = JSON.parse(session.echoedJson) as { readonly description?: string }
        return { session, status: statusAt(session, nowMs), description }
      }),
  }),
  payment_links: filteredList(LINK_COLUMNS, {
    query: PaymentLinkListQuery,
    parse: (query, { edition }) => parsePaymentLinkList(query, edition),
    list: async ({ paymentLinks }, filter, page, { account, nowMs }) =>
      withItems(await paymentLinks.list(account.id, filter, page, nowMs), (link) => ({
        link,
        status: paymentLinkStatusAt(link, nowMs),
      })),
  }),
  customers: filteredList(CUSTOMER_COLUMNS, {
    query: CustomerListQuery,
    parse: parseCustomerList,
    list: ({ customers }, filter, page, { account }) => customers.list(account.id, filter, page),
  }),
  mandates: filteredList(MANDATE_COLUMNS, {
    query: MandateListQuery,
    parse: parseMandateList,
    list: async ({ mandates }, filter, page, { account, nowMs }) => {
      requireEdition(account, 'IN')
      const list = await mandates.list(account.id, filter, page, nowMs)
      return withItems(list, (mandate) => mandateAt(mandate, nowMs))
    },
  }),
  refund_approvals: filteredList(REFUND_APPROVAL_COLUMNS, {
    query: PeriodQuery,
    parse: readPeriodFilter,
    list: async ({ operators, refundApprovals }, filter, page, { account, nowMs }) => {
      const list = await refundApprovals.listPage(account.id, filter, page)
      const nameOf = await operatorNamesOf({ operators }, list.items)
      return withItems(list, (approval) => ({
        ...refundApprovalFields(approval, nowMs, nameOf),
        accountId: approval.accountId,
      }))
    },
  }),
  disputes: filteredList(DISPUTE_COLUMNS, {
    query: DisputeListQuery,
    parse: parseDisputeList,
    list: ({ disputes }, filter, page, { account }) => disputes.list(account.id, filter, page),
  }),
  payouts: filteredList(EXPORT_TABLES.payouts, {
    query: PayoutListQuery,
    parse: parsePayoutList,
    list: ({ payouts }, filter, page, { account }) => payouts.list(account.id, filter, page),
  }),
  payout_transactions: filteredList(PAYOUT_TRANSACTION_COLUMNS, {
    query: PayoutTransactionsExportQuery,
    parse: (query) => ({ filter: readPayoutFields(query, undefined) }),
    list: async (store, { payout_id: payoutId }, page, { account }) => {
      const { id, summary } = await findPayout({ store }, payoutId, account.id)
      const total = totalOf(summary).count
      const list = await store.balanceTransactions.listByPayout({ id, total }, page)
      return withItems(list, (transaction) => ({
        ...payoutTransactionRow(id, transaction),
        accountId: account.id,
      }))
    },
  }),
  virtual_accounts: filteredList(VIRTUAL_ACCOUNT_COLUMNS, {
    query: VirtualAccountListQuery,
    parse: parseVirtualAccountList,
    list: async ({ virtualAccounts }, filter, page, { account, nowMs }) => {
      requireEdition(account, 'IN')
      const list = await virtualAccounts.list(account.id, filter, page, nowMs)
      return withItems(list, (one) => virtualAccountAt(one, nowMs))
    },
  }),
  connected_accounts: filteredList(CONNECTED_ACCOUNT_COLUMNS, {
    query: ConnectedAccountListQuery,
    parse: parseConnectedAccountList,
    list: ({ connectedAccounts }, filter, page, { account }) =>
      connectedAccounts.list(account.id, filter, page),
  }),
  transfers: filteredList(EXPORT_TABLES.transfers, {
    query: TransferListQuery,
    parse: parseTransferList,
    list: ({ transfers }, filter, page, { account }) => transfers.list(account.id, filter, page),
  }),
  transfer_reversals: filteredList(REVERSAL_COLUMNS, {
    query: TransferReversalListQuery,
    parse: parseReversalList,
    list: async ({ transferReversals, transfers }, filter, page, { account }) =>
      withItems(await transferReversals.list(account.id, filter, page), async (reversal) => {
        const transfer = await transfers.find(reversal.transferId)
        if (transfer === undefined) throw new Error(`reversal ${reversal.id} has no transfer`)
        return { reversal, transfer }
      }),
  }),
  events: filteredList(EVENT_COLUMNS, {
    query: EventListQuery,
    parse: (query, { edition }) => parseEventList(query, edition),
    list: ({ webhookEvents }, filter, page, { account }) =>
      webhookEvents.list(account.id, filter, page),
  }),
  refunds: periodList(EXPORT_TABLES.refunds, {
    nounOf: ({ refunds }) => refunds,
    positionOf: ({ createdAtMs, id }: RefundKey) => [createdAtMs, id],
    keyOf: ([createdAtMs, id]) =>
      ({ createdAtMs: Number(createdAtMs), id: String(id) }) as RefundKey,
  }),
  ledger: periodList(EXPORT_TABLES.ledger, {
    nounOf: ({ ledger }) => ledger,
    positionOf: ({ createdAtMs, kind, sourceId }: PostingKey) => [createdAtMs, sourceId, kind],
    keyOf: ([createdAtMs, sourceId, kind]) =>
      ({ createdAtMs: Number(createdAtMs), sourceId: String(sourceId), kind }) as PostingKey,
  }),
} as const satisfies Readonly<Record<string, ExportList>>

/** The name of an export of an account: `payments`. */
export type AccountExportName = keyof typeof EXPORT_LISTS

/** The names of the exports of an account. */
export const ACCOUNT_EXPORT_NAMES = Object.keys(EXPORT_LISTS) as readonly AccountExportName[]

async function withItems<Item, Row>(
  { items, ...extent }: ListPage<Item>,
  rowOf: (item: Item) => Row | Promise<Row>,
): Promise<ListPage<Row>> {
  return { ...extent, items: await Promise.all(items.map(rowOf)) }
}
