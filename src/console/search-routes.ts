import { ok } from '../api/answer.ts'
import { parseCustomerList } from '../api/customers/parse.ts'
import { parsePaymentLinkList } from '../api/payment-links/parse.ts'
import { parsePaymentSessionList } from '../api/payment-sessions/parse.ts'
import { parsePaymentList } from '../api/payments/parse.ts'
import { renderOne } from '../api/render-envelope.ts'
import type { Account } from '../domain/account.ts'
import {
  type AccountId,
  type CustomerId,
  type PaymentAttemptId,
  type PaymentLinkId,
  type PaymentSessionId,
  parseId,
  type RefundId,
} from '../domain/id.ts'
import { mayActFor } from '../domain/operator.ts'
import { isShownSession } from '../domain/records.ts'
import {
  customerResult,
  findOne,
  findPayments,
  linkResult,
  refundResult,
  type SearchResult,
  sessionResult,
} from '../operations/search-results.ts'
import type { Tenant } from '../operations/tenant.ts'
import { accountRoute, queryFieldsOf } from './console-route.ts'
import { maskRecipient } from './mask-contacts.ts'
import { SearchAnswer, SearchQuery } from './search-schemas.ts'

/** The maximum number of searches a minute by one operator: the page searches while the operator types. */
const SEARCHES_PER_MINUTE = 120
/** The page of found objects that a search reads of each kind. */
const FOUND_PAGE = { page: 1, perPage: 5 }

const readSearchQuery = queryFieldsOf(SearchQuery, 'The query')

const search = accountRoute({
  method: 'GET',
  url: '/search',
  operationId: 'searchAccount',
  tag: 'Search',
  summary: 'Search an account',
  description:
    'Finds sessions, payments, payment links and customers of the account by a complete id, reference number, invoice number, e-mail address or phone number. An id also finds refunds, and objects of the other accounts that the operator may see.',
  ratePerMinute: SEARCHES_PER_MINUTE,
  isRateOfOperator: true,
  query: SearchQuery,
  readQuery: readSearchQuery,
  answers: { 200: SearchAnswer },
  handle: async ({ account, operator, query: { text }, tenant }) => {
    const searchText = text.trim()
    const [namedObjects, others] = await Promise.all([
      findById(tenant, searchText, (id) => mayActFor(operator, id)),
      searchText === '' ? [] : findInAccount(tenant, account, searchText),
    ])
    const byKey = new Map([...namedObjects, ...others].map((one) => [`${one.kind} ${one.id}`, one]))
    return ok(renderOne('found', [...byKey.values()].map(withMask)))
  },
})

/** The routes of the search. */
export const SEARCH_ROUTES = [search]

/** Omits the objects of accounts that the operator may not see. */
async function findById(
  { clock, store }: Tenant,
  text: string,
  isVisible: (id: AccountId) => boolean,
): Promise<readonly SearchResult[]> {
  const [session, attempt, refund, link, customer] = await Promise.all([
    findOne(parseId<PaymentSessionId>(text), store.paymentSessions.find),
    findOne(parseId<PaymentAttemptId>(text), store.paymentAttempts.find),
    findOne(parseId<RefundId>(text), store.refunds.find),
    findOne(parseId<PaymentLinkId>(text), store.paymentLinks.find),
    findOne(parseId<CustomerId>(text), store.customers.find),
  ])
  const isShown = <Item extends { readonly accountId: AccountId }>(
    one: Item | undefined,
  ): one is Item => one !== undefined && isVisible(one.accountId)
  const nowMs = clock.nowMs()
  return [
    ...(isShown(session) && isShownSession(session) ? [sessionResult(session, nowMs)] : []),
    ...(isShown(attempt) ? await findPayments(store, [attempt]) : []),
    ...(isShown(refund) ? [refundResult(refund)] : []),
    ...(isShown(link) ? [linkResult(link, nowMs)] : []),
    ...(isShown(customer) && customer.deletedAtMs === undefined ? [customerResult(customer)] : []),
  ]
}

/** Uses the lists' filter `search_text`, which has indexes. */
async function findInAccount(
  { clock, store }: Tenant,
  { edition, id }: Pick<Account, 'edition' | 'id'>,
  text: string,
): Promise<readonly SearchResult[]> {
  const nowMs = clock.nowMs()
  const query = { search_text: text }
  const moment = { edition, nowMs }
  const payments = parsePaymentList(query, moment).filter
  const [sessionPage, paymentPage, linkPage, customerPage] = await Promise.all([
    store.paymentSessions.list(
      id,
      parsePaymentSessionList(query, edition).filter,
      FOUND_PAGE,
      nowMs,
    ),
    payments === 'nothing' ? undefined : store.paymentAttempts.list(id, payments, FOUND_PAGE),
    store.paymentLinks.list(id, parsePaymentLinkList(query, edition).filter, FOUND_PAGE, nowMs),
    store.customers.list(id, parseCustomerList(query, moment).filter, FOUND_PAGE),
  ])
  const results = [
    ...sessionPage.items.map((session) => sessionResult(session, nowMs)),
    ...(await findPayments(store, paymentPage?.items ?? [])),
    ...linkPage.items.map((link) => linkResult(link, nowMs)),
    ...customerPage.items.map(customerResult),
  ]
  return results.toSorted((one, other) => other.time_ms - one.time_ms)
}

function withMask(result: SearchResult): SearchResult {
  const { detail, kind } = result
  const isContact = detail !== undefined && (kind === 'payment' || kind === 'customer')
  return isContact ? { ...result, detail: maskRecipient(detail) } : result
}
