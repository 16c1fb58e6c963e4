/**
 * Every list of the store with its filters. The types come from the store's contract, so a new list or filter does
 * not compile until it has values here.
 */
import type {
  AccountId,
  PaymentAttemptId,
  PayoutId,
  VirtualAccountId,
  WebhookEndpointId,
} from '../../src/domain/id.ts'
import type {
  BankTransferFilter,
  ConnectedAccountFilter,
  ConnectedTransactionFilter,
  CustomerFilter,
  DisputeFilter,
  ListPage,
  ListTimes,
  MandateFilter,
  Page,
  PaymentFilter,
  PaymentLinkFilter,
  PaymentSessionFilter,
  PayoutFilter,
  Store,
  TransferFilter,
  VirtualAccountFilter,
  WebhookDeliveryFilter,
  WebhookEventFilter,
} from '../../src/operations/store.ts'

/** The values to try for each field of a filter. A field that needs another field has no values of its own. */
export type Values<Filter> = { readonly [Name in keyof Required<Filter>]: readonly Filter[] }

/** The ids of the owners of the listed rows, and the values of the filters. */
export type ListValues = {
  readonly accountId: AccountId
  readonly endpointId: WebhookEndpointId
  /** The payment whose refunds are listed. */
  readonly paymentAttemptId: PaymentAttemptId
  /** The virtual account whose transfers are listed. */
  readonly virtualAccountId: VirtualAccountId
  /** The payout whose transactions are listed, and the connected account with transactions. */
  readonly payoutId: PayoutId
  readonly connectedAccountId: AccountId
  readonly nowMs: number
  readonly disputes: Values<DisputeFilter>
  readonly payouts: Values<PayoutFilter>
  readonly connectedTransactions: Values<Omit<ConnectedTransactionFilter, 'connectedAccountId'>>
  readonly sessions: Values<PaymentSessionFilter>
  readonly payments: Values<PaymentFilter>
  readonly links: Values<PaymentLinkFilter>
  readonly events: Values<WebhookEventFilter>
  readonly deliveries: Values<WebhookDeliveryFilter>
  readonly transfers: Values<Omit<TransferFilter, 'transferId'>>
  readonly reversals: Values<TransferFilter>
  readonly connectedAccounts: Values<ConnectedAccountFilter>
  readonly customers: Values<CustomerFilter>
  readonly virtualAccounts: Values<VirtualAccountFilter>
  readonly bankTransfers: Values<BankTransferFilter>
  readonly mandates: Values<MandateFilter>
}

/** A list with one combination of its filters. */
export type OneList = {
  /** The name of the list and its filters, such as `sessions: status failed, createdFromMs`. */
  readonly name: string
  /** The number of filters; the two times count as one. */
  readonly filterCount: number
  readonly filter: object
  readonly list: (store: Store, page: Page) => Promise<ListPage<unknown>>
}

type Nouns = Exclude<keyof Store & string, 'publicIds'>

/** The functions of a store that return one page of a list, such as `refunds.listPage`. */
type ListFunctions = {
  [Noun in Nouns]: {
    [Name in keyof Store[Noun] & string]: Store[Noun][Name] extends (
      ...args: never[]
    ) => Promise<ListPage<unknown>>
      ? `${Noun}.${Name}`
      : never
  }[keyof Store[Noun] & string]
}[Nouns]

const LISTS: Readonly<Record<ListFunctions, (values: ListValues) => readonly OneList[]>> = {
  'paymentSessions.list': ({ accountId, nowMs, sessions }) =>
    combine('sessions', sessions, (filter) => (store, page) => {
      return store.paymentSessions.list(accountId, filter, page, nowMs)
    }),
  'paymentAttempts.list': ({ accountId, payments }) =>
    combine('payments', payments, (filter) => (store, page) => {
      return store.paymentAttempts.list(accountId, filter, page)
    }),
  'paymentLinks.list': ({ accountId, links, nowMs }) =>
    combine('payment links', links, (filter) => (store, page) => {
      return store.paymentLinks.list(accountId, filter, page, nowMs)
    }),
  'refunds.listPage': ({ paymentAttemptId }) =>
    combine('refunds of a payment', {}, () => (store, page) => {
      return store.refunds.listPage(paymentAttemptId, page)
    }),
  'refundApprovals.listPage': ({ accountId, disputes: { createdFromMs, createdToMs } }) =>
    combine<ListTimes>('refund requests', { createdFromMs, createdToMs }, (times) => {
      return (store, page) => store.refundApprovals.listPage(accountId, times, page)
    }),
  'disputes.list': ({ accountId, disputes }) =>
    combine('disputes', disputes, (filter) => (store, page) => {
      return store.disputes.list(accountId, filter, page)
    }),
  'transfers.list': ({ accountId, transfers }) =>
    combine('transfers', transfers, (filter) => (store, page) => {
      return store.transfers.list(accountId, filter, page)
    }),
  'transferReversals.list': ({ accountId, reversals }) =>
    combine('reversals', reversals, (filter) => (store, page) => {
      return store.transferReversals.list(accountId, filter, page)
    }),
  'messages.list': ({ accountId }) =>
    combine('messages', {}, () => (store, page) => store.messages.list(accountId, page)),
  'webhookEvents.list': ({ accountId, events }) =>
    combine('events', events, (filter) => (store, page) => {
      return store.webhookEvents.list(accountId, filter, page)
    }),
  'webhookDeliveries.list': ({ deliveries, endpointId }) =>
    combine('deliveries', deliveries, (filter) => (store, page) => {
      return store.webhookDeliveries.list(endpointId, filter, page)
    }),
  'payouts.list': ({ accountId, payouts }) =>
    combine('payouts', payouts, (filter) => (store, page) => {
      return store.payouts.list(accountId, filter, page)
    }),
  'balanceTransactions.listByPayout': ({ payoutId: id }) =>
    combine('transactions of a payout', {}, () => (store, page) => {
      return store.balanceTransactions.listByPayout({ id, total: 1_000 }, page)
    }),
  'balanceTransactions.listByConnectedAccount': ({
    accountId,
    connectedAccountId,
    connectedTransactions,
  }) =>
    combine('transactions of a connected account', connectedTransactions, (filter) => {
      return (store, page) =>
        store.balanceTransactions.listByConnectedAccount(
          accountId,
          { ...filter, connectedAccountId },
          page,
        )
    }),
  'connectedAccounts.list': ({ accountId, connectedAccounts }) =>
    combine('connected accounts', connectedAccounts, (filter) => (store, page) => {
      return store.connectedAccounts.list(accountId, filter, page)
    }),
  'customers.list': ({ accountId, customers }) =>
    combine('customers', customers, (filter) => (store, page) => {
      return store.customers.list(accountId, filter, page)
    }),
  'virtualAccounts.list': ({ accountId, nowMs, virtualAccounts }) =>
    combine('virtual accounts', virtualAccounts, (filter) => (store, page) => {
      return store.virtualAccounts.list(accountId, filter, page, nowMs)
    }),
  'virtualAccounts.listTransfers': ({ bankTransfers, virtualAccountId }) =>
    combine('transfers of a virtual account', bankTransfers, (filter) => (store, page) => {
      return store.virtualAccounts.listTransfers(virtualAccountId, filter, page)
    }),
  'mandates.list': ({ accountId, mandates, nowMs }) =>
    combine('mandates', mandates, (filter) => (store, page) => {
      return store.mandates.list(accountId, filter, page, nowMs)
    }),
}

/** Returns every list with every combination of its filters. */
export function everyList(values: ListValues): readonly OneList[] {
  return Object.values(LISTS).flatMap((write) => write(values))
}

const TIMES: readonly string[] = ['createdFromMs', 'createdToMs']

function combine<Filter extends object>(
  noun: string,
  values: Values<Filter>,
  write: (filter: Filter) => OneList['list'],
): readonly OneList[] {
  let filters: readonly object[] = [{}]
  for (const filterValues of Object.values<readonly Filter[]>(values)) {
    filters = filters.flatMap((one) => [one, ...filterValues.map((more) => ({ ...one, ...more }))])
  }
  return filters.map((filter) => {
    const has = (name: string) => Object.hasOwn(filter, name)
    const names = Object.keys(filter).filter((name) => {
      // A search for an id also has the id as its text.
      return name === 'searchId' || name === 'searchPhone'
        ? !has('searchText')
        : name !== 'searchAccountId'
    })
    const texts = names.map((name) => {
      const value = filter[name as keyof typeof filter]
      return TIMES.includes(name) ? name : `${name} ${value}`
    })
    return {
      name: [noun, texts.join(', ')].filter((part) => part !== '').join(': '),
      filterCount: names.filter((name) => !TIMES.includes(name)).length + Number(TIMES.some(has)),
      filter,
      list: write(filter as Filter),
    }
  })
}
