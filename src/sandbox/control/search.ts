import { readOwnAccessKey } from '../../domain/access-key.ts'
import {
  type CustomerId,
  type MandateId,
  type MessageId,
  type PaymentAttemptId,
  type PaymentLinkId,
  type PaymentSessionId,
  type PayoutId,
  parseId,
  type RefundId,
  type VirtualAccountId,
  type WebhookEndpointId,
  type WebhookEventId,
} from '../../domain/id.ts'
import { type Mandate, mandateAt } from '../../domain/mandate.ts'
import { MANDATE_CURRENCY } from '../../domain/mandate-terms.ts'
import type { Message } from '../../domain/message.ts'
import { formatMoney } from '../../domain/money.ts'
import { readPaymentLinkKey } from '../../domain/payment-link-key.ts'
import type { Payout } from '../../domain/payout.ts'
import { comparablePhone, readPhone } from '../../domain/phone.ts'
import { type VirtualAccount, virtualAccountAt } from '../../domain/virtual-account.ts'
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts'
import {
  customerResult,
  findOne,
  findPayments,
  linkResult,
  refundResult,
  type SearchResult,
  sessionResult,
} from '../../operations/search-results.ts'
import type { PaymentSessionRecord, WebhookEvent } from '../../operations/store.ts'
import { showAmount } from '../../wire/show-amount.ts'
import type { LoggedRequest } from '../log/logged-request.ts'
import { summaryOf } from '../log/request-log.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'

const FOUND_COUNT_MAX = 20
/**
 * The maximum number of sessions of each account whose amounts and descriptions are compared, because no index has
 * these. The newest are compared.
 */
const COMPARED_COUNT_MAX = 500
/** The shortest text that descriptions are searched for. */
const WORD_LENGTH_MIN = 3

const FIRST_PAGE = { page: 1, perPage: FOUND_COUNT_MAX }

/**
 * Finds objects of all accounts by an id, an address of a checkout page or a payment link, the number of a virtual
 * account, a reference or invoice number, an e-mail address, a phone number, an amount, or a part of a description.
 * Objects that the id, the address or the number of a virtual account identifies come first, then the others, newest
 * first.
 */
export async function searchSandbox(
  tenant: SandboxTenant,
  text: string,
): Promise<readonly SearchResult[]> {
  const searchText = text.trim()
  if (searchText === '') return []
  const accounts = await tenant.store.accounts.list()
  const [namedObjects, ...others] = await Promise.all([
    findById(tenant, searchText),
    ...accounts.map(({ id }) => findInAccount(tenant, id, searchText)),
  ])
  const all = [
    ...namedObjects,
    ...others.flat().toSorted((one, other) => other.time_ms - one.time_ms),
  ]
  const byKey = new Map(all.toReversed().map((one) => [`${one.kind} ${one.id}`, one]))
  return all.filter((one) => byKey.get(`${one.kind} ${one.id}`) === one).slice(0, FOUND_COUNT_MAX)
}

async function findById(
  tenant: SandboxTenant,
  searchText: string,
): Promise<readonly SearchResult[]> {
  const { clock, keys, log, store } = tenant
  // The text can be the address of a page, or the last part of the address.
  const [accessKey = ''] = ACCESS_KEY.exec(searchText) ?? []
  const [linkKey = ''] = LINK_KEY.exec(searchText) ?? []
  const id = readOwnAccessKey(accessKey, keys)?.paymentSessionId ?? searchText
  const linkId = readPaymentLinkKey(linkKey, store.publicIds.linkKey)
  const [link, session, attempt, refund, customer, event, endpoint, ...more] = await Promise.all([
    findOne(linkId ?? parseId<PaymentLinkId>(id), store.paymentLinks.find),
    findOne(parseId<PaymentSessionId>(id), store.paymentSessions.find),
    findOne(parseId<PaymentAttemptId>(id), store.paymentAttempts.find),
    findOne(parseId<RefundId>(id), store.refunds.find),
    findOne(parseId<CustomerId>(id), store.customers.find),
    findOne(parseId<WebhookEventId>(id), store.webhookEvents.find),
    findOne(parseId<WebhookEndpointId>(id), store.webhookEndpoints.find),
    findOne(parseId<VirtualAccountId>(id), store.virtualAccounts.find),
    store.virtualAccounts.findByNumber(searchText.toUpperCase()),
    findOne(parseId<PayoutId>(id), store.payouts.find),
    findOne(parseId<MessageId>(id), store.messages.find),
    findOne(parseId<MandateId>(id), store.mandates.find),
  ])
  const [account, accountByNumber, payout, message, mandate] = more
  const request = log.entries().find((entry) => String(entry.id) === id)
  return [
    ...(link === undefined ? [] : [linkResult(link, clock.nowMs())]),
    ...(session === undefined ? [] : [sessionResult(session, clock.nowMs())]),
    ...(attempt === undefined ? [] : await findPayments(store, [attempt])),
    ...(refund === undefined ? [] : [refundResult(refund)]),
    ...(customer === undefined || customer.deletedAtMs !== undefined
      ? []
      : [customerResult(customer)]),
    ...[account, accountByNumber]
      .filter((one) => one !== undefined)
      .map((one) => virtualAccountResult(one, clock.nowMs())),
    ...(mandate === undefined ? [] : [mandateResult(mandate, clock.nowMs())]),
    ...(payout === undefined ? [] : [payoutResult(payout)]),
    ...(message === undefined ? [] : [messageResult(message)]),
    ...(event === undefined ? [] : [eventResult(event)]),
    ...(endpoint === undefined ? [] : [endpointResult(endpoint)]),
    ...(request === undefined ? [] : [requestResult(request)]),
  ]
}

const ACCESS_KEY = /[\w-]{60}(?![\w-])/
const LINK_KEY = /(?<![\w-])[\da-f]{52}(?![\w-])/

function virtualAccountResult(storedAccount: VirtualAccount, nowMs: number): SearchResult {
  const { accountId, accountNumber, createdAtMs, description, id, status } = virtualAccountAt(
    storedAccount,
    nowMs,
  )
  return {
    kind: 'virtual_account',
    id,
    title: accountNumber,
    detail: description,
    status,
    time_ms: createdAtMs,
    account_id: accountId,
  }
}

function mandateResult(storedMandate: Mandate, nowMs: number): SearchResult {
  const { accountId, amountMinor, createdAtMs, description, id, status } = mandateAt(
    storedMandate,
    nowMs,
  )
  return {
    kind: 'mandate',
    id,
    title: showAmount({ amountMinor, currency: MANDATE_CURRENCY }),
    detail: description,
    status,
    time_ms: createdAtMs,
    account_id: accountId,
  }
}

function payoutResult({
  accountId,
  amount,
  bankReference,
  createdAtMs,
  id,
  status,
}: Payout): SearchResult {
  return {
    kind: 'payout',
    id,
    title: showAmount(amount),
    detail: bankReference,
    status,
    time_ms: createdAtMs,
    account_id: accountId,
  }
}

function messageResult({ accountId, channel, createdAtMs, id, recipient }: Message): SearchResult {
  return {
    kind: 'message',
    id,
    title: recipient,
    detail: channel,
    time_ms: createdAtMs,
    account_id: accountId,
  }
}

function eventResult({ accountId, createdAtMs, id, type }: WebhookEvent): SearchResult {
  return { kind: 'event', id, title: type, time_ms: createdAtMs, account_id: accountId }
}

function endpointResult(endpoint: WebhookEndpoint): SearchResult {
  const { accountId, createdAtMs, id, name, status, url } = endpoint
  return {
    kind: 'endpoint',
    id,
    title: name,
    detail: url,
    status,
    time_ms: createdAtMs,
    account_id: accountId,
  }
}

function requestResult(request: LoggedRequest): SearchResult {
  return {
    kind: 'request',
    id: String(request.id),
    title: summaryOf(request),
    time_ms: request.atMs,
  }
}

async function findInAccount(
  { clock, store }: SandboxTenant,
  accountId: PaymentSessionRecord['accountId'],
  searchText: string,
): Promise<readonly SearchResult[]> {
  const nowMs = clock.nowMs()
  const { customers, paymentAttempts, paymentSessions } = store
  const phoneText = comparablePhone(searchText)
  const list = (filter: Parameters<typeof paymentSessions.list>[1]) =>
    paymentSessions.list(accountId, filter, FIRST_PAGE, nowMs)
  const phone = readPhone(searchText)
  const [virtualAccounts, links, byReference, byInvoice, newest, payments, customerPage] =
    await Promise.all([
      store.virtualAccounts.list(accountId, { referenceNumber: searchText }, FIRST_PAGE, nowMs),
      store.paymentLinks.list(
        accountId,
        { searchText, ...(!('refused' in phone) && { searchPhone: phone.digits }) },
        FIRST_PAGE,
        nowMs,
      ),
      list({ referenceNumber: searchText }),
      list({ invoiceNumber: searchText }),
      paymentSessions.list(accountId, {}, { page: 1, perPage: COMPARED_COUNT_MAX }, nowMs),
      paymentAttempts.list(accountId, { searchText: phoneText }, FIRST_PAGE),
      customers.list(accountId, { searchText: phoneText }, FIRST_PAGE),
    ])
  const sessions = [
    ...byReference.items,
    ...byInvoice.items,
    ...newest.items.filter((session) => isLike(session, searchText)),
  ]
  return [
    ...virtualAccounts.items.map((account) => virtualAccountResult(account, nowMs)),
    ...links.items.map((link) => linkResult(link, nowMs)),
    ...sessions.map((session) => sessionResult(session, nowMs)),
    ...(await findPayments(store, payments.items)),
    ...customerPage.items.map(customerResult),
  ]
}

const AMOUNT = /^(?:[A-Z]{3}|[₹$€£])?\s*(\d[\d,]*(?:\.\d+)?)$/i

function isLike({ amount, echoedJson }: PaymentSessionRecord, searchText: string): boolean {
  const number = AMOUNT.exec(searchText)?.[1]?.replaceAll(',', '')
  if (number !== undefined && Number(number) === Number(formatMoney(amount))) return true
  if (searchText.length < WORD_LENGTH_MIN) return false
  const { description = '' } = JSON.parse(echoedJson) as { readonly description?: string }
  return description.toLowerCase().includes(searchText.toLowerCase())
}
