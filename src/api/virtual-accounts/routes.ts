import { type CustomerId, parseId, type VirtualAccountId } from '../../domain/id.ts'
import type { VirtualAccount, VirtualAccountRefusal } from '../../domain/virtual-account.ts'
import { lockCustomer } from '../../operations/change-customer.ts'
import {
  closeLockedVirtualAccount,
  updateVirtualAccount,
} from '../../operations/change-virtual-account.ts'
import {
  createVirtualAccount,
  storeOpenedAccount,
} from '../../operations/create-virtual-account.ts'
import { EMPTY_LIST_PAGE, type Transaction } from '../../operations/store.ts'
import { virtualAccountFields, virtualAccountPaymentRow } from '../../wire/virtual-account.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { readId } from '../connected-accounts/read-connected-accounts.ts'
import { requireEdition } from '../edition.ts'
import { ApiError, notFound, renderError } from '../errors.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { type ApiContext, type Call, route } from '../route.ts'
import { openAtProcessor, storeOrClose } from './open-at-processor.ts'
import {
  parseVirtualAccountChange,
  parseVirtualAccountCreate,
  parseVirtualAccountList,
  parseVirtualAccountPayments,
} from './parse.ts'
import {
  ListVirtualAccountPaymentsAnswer,
  ListVirtualAccountsAnswer,
  VirtualAccountAnswer,
  VirtualAccountChangeBody,
  VirtualAccountCreateBody,
  VirtualAccountListQuery,
  VirtualAccountPaymentsQuery,
} from './schemas.ts'

const tag = 'Virtual accounts'

const createVirtualAccountRoute = route({
  method: 'POST',
  url: '/virtualaccounts',
  scope: 'payments.CREATE',
  operationId: 'createVirtualAccount',
  tag,
  summary: 'Create a virtual account',
  description:
    'Opens a bank account number for one payer. Each transfer to it becomes a payment, which has no payment session. A transfer within the limits succeeds. Any other transfer fails, and the money goes back to the payer. Only for accounts of the IN edition. In live mode this needs a processor that offers virtual accounts.',
  body: VirtualAccountCreateBody,
  answers: { 201: VirtualAccountAnswer },
  // The account may be closed or of another edition, the body may name a customer, and the processor may not answer.
  failures: [403, 404, 503],
  handle: async (call) => {
    const { account, body, idempotent, tenant } = call
    requireEdition(account, 'IN')
    const customerId = readId(body, 'customer_id', parseId<CustomerId>)
    // The sandbox's own bank opens accounts in the database.
    const number =
      tenant.sandboxProcessor === undefined ? await openAtProcessor(call, customerId) : undefined
    if (number !== undefined && 'replay' in number) return httpAnswerFrom(number)
    const once = await storeOrClose(call, number, () =>
      answerOnce(tenant, idempotent, {
        lock: async () => 'nothing',
        change: async (tx) => {
          if (account.closedAtMs !== undefined) throw new ApiError('account_closed')
          // The lock keeps the customer from being deleted before the account is stored.
          const customer =
            customerId && (await lockCustomer(tx, { accountId: account.id, id: customerId }))
          const context = { nowMs: tenant.clock.nowMs(), customerId: customer?.id }
          const request = parseVirtualAccountCreate(body, context)
          if (number === undefined) return createVirtualAccount(tx, tenant, account, request)
          const virtualAccount = await storeOpenedAccount(tx, tenant, account.id, {
            number,
            request,
          })
          if (virtualAccount === undefined) throw new ApiError('processor_unavailable')
          return virtualAccount
        },
        render: (virtualAccount) => ({
          status: 201,
          body: renderAccount(call, virtualAccount),
          resourceId: virtualAccount.id,
        }),
      }),
    )
    if ('result' in once) log(call, once.result.id, 'opened')
    return httpAnswerFrom(once)
  },
})

const retrieveVirtualAccount = route({
  method: 'GET',
  url: '/virtualaccounts/{virtual_account_id}',
  scope: 'payments.READ',
  operationId: 'retrieveVirtualAccount',
  tag,
  summary: 'Retrieve a virtual account',
  description: 'Returns a virtual account with its current status and the sum of its transfers.',
  answers: { 200: VirtualAccountAnswer },
  handle: async (call) => ok(renderAccount(call, await find(call))),
})

const listVirtualAccounts = route({
  method: 'GET',
  url: '/virtualaccounts',
  scope: 'payments.READ',
  operationId: 'listVirtualAccounts',
  tag,
  summary: 'List virtual accounts',
  isPaydeskOnly: true,
  description: 'Returns the virtual accounts of the account, newest first.',
  query: VirtualAccountListQuery,
  answers: { 200: ListVirtualAccountsAnswer },
  failures: [404],
  handle: async ({ account, openPage, query, tenant: { clock, store } }) => {
    requireEdition(account, 'IN')
    const { filter, page: requestedPage } = parseVirtualAccountList(query)
    const page = openPage(requestedPage)
    const nowMs = clock.nowMs()
    const list =
      filter === 'nothing'
        ? EMPTY_LIST_PAGE
        : await store.virtualAccounts.list(account.id, filter, page, nowMs)
    const rows = list.items.map((item) => virtualAccountFields(item, nowMs))
    return ok(renderList('virtual_accounts', rows, page, list))
  },
})

const updateVirtualAccountRoute = route({
  method: 'PUT',
  url: '/virtualaccounts/{virtual_account_id}',
  scope: 'payments.UPDATE',
  operationId: 'updateVirtualAccount',
  tag,
  summary: 'Change a virtual account',
  description:
    'Changes the fields in the body and keeps the others. Earlier payments keep their values. A closed virtual account is refused.',
  body: VirtualAccountChangeBody,
  answers: { 200: VirtualAccountAnswer },
  handle: async (call) => {
    const { body, tenant } = call
    const { id } = await find(call)
    const result = await tenant.store.transaction(async (tx) => {
      const account = await lock(tx, call, id)
      if (account === undefined) throw unknownAccount()
      const context = { nowMs: tenant.clock.nowMs(), account }
      const changes = parseVirtualAccountChange(body, context)
      return updateVirtualAccount(tx, tenant, account, changes)
    })
    if ('refused' in result) throw new ApiError(result.refused)
    log(call, id, 'changed')
    return ok(renderAccount(call, result))
  },
})

const closeVirtualAccountRoute = route({
  method: 'PUT',
  url: '/virtualaccounts/{virtual_account_id}/close',
  scope: 'payments.UPDATE',
  takesIdempotencyKey: true,
  operationId: 'closeVirtualAccount',
  tag,
  summary: 'Close a virtual account',
  description:
    'Closes the virtual account for good: later transfers fail and go back to the payer. Its payments can still be refunded. A closed virtual account is refused.',
  answers: { 200: VirtualAccountAnswer },
  handle: async (call) => {
    const { idempotent, tenant } = call
    const { id } = await find(call)
    const once = await answerOnce(tenant, idempotent, {
      bucket: tenant.store.publicIds.bucketOf(id),
      lock: (tx) => lock(tx, call, id),
      missing: unknownAccount,
      change: (tx, account) => closeLockedVirtualAccount(tx, tenant, account),
      render: (result: VirtualAccount | { readonly refused: VirtualAccountRefusal }) =>
        'refused' in result
          ? { ...renderError(new ApiError(result.refused)), resourceId: id }
          : { status: 200, body: renderAccount(call, result), resourceId: id },
    })
    if ('result' in once && !('refused' in once.result)) log(call, id, 'closed')
    return httpAnswerFrom(once)
  },
})

const listVirtualAccountPayments = route({
  method: 'GET',
  url: '/virtualaccounts/{virtual_account_id}/payments',
  scope: 'payments.READ',
  operationId: 'listVirtualAccountPayments',
  tag,
  summary: 'List the payments of a virtual account',
  description: 'Returns the transfers to a virtual account as payments, newest first by default.',
  query: VirtualAccountPaymentsQuery,
  answers: { 200: ListVirtualAccountPaymentsAnswer },
  handle: async (call) => {
    const { store } = call.tenant
    const { id } = await find(call)
    const { filter, page: requestedPage } = parseVirtualAccountPayments(call.query)
    const page = call.openPage(requestedPage)
    const list = await store.virtualAccounts.listTransfers(id, filter, page)
    const rows = await Promise.all(
      list.items.map(async ({ id: paymentId }) => {
        const attempt = await store.paymentAttempts.find(paymentId)
        const session = attempt && (await store.paymentSessions.find(attempt.paymentSessionId))
        if (attempt === undefined || session === undefined) {
          throw new Error(`transfer ${paymentId} has no payment`)
        }
        return virtualAccountPaymentRow({ attempt, session })
      }),
    )
    return ok(renderList('payments', rows, page, list))
  },
})

/** The routes of virtual accounts, in the order of the documentation. */
export const VIRTUAL_ACCOUNT_ROUTES = [
  createVirtualAccountRoute,
  retrieveVirtualAccount,
  updateVirtualAccountRoute,
  closeVirtualAccountRoute,
  listVirtualAccounts,
  listVirtualAccountPayments,
]

function unknownAccount(): ApiError {
  return notFound('virtual account', 'virtual_account_id')
}

/** Throws ApiError for another edition, or if the account has no virtual account with this id. */
async function find({
  account,
  path,
  tenant,
}: Call<'/virtualaccounts/{virtual_account_id}'>): Promise<VirtualAccount> {
  requireEdition(account, 'IN')
  const id = parseId<VirtualAccountId>(path.virtual_account_id)
  const virtualAccount = id && (await tenant.store.virtualAccounts.find(id))
  if (virtualAccount?.accountId !== account.id) throw unknownAccount()
  return virtualAccount
}

/** Holds the lock until the transaction ends. */
async function lock(
  tx: Transaction,
  { account }: Pick<ApiContext, 'account'>,
  id: VirtualAccountId,
): Promise<VirtualAccount | undefined> {
  const virtualAccount = await tx.virtualAccounts.lock(id)
  return virtualAccount?.accountId === account.id ? virtualAccount : undefined
}

function renderAccount({ tenant }: Pick<ApiContext, 'tenant'>, account: VirtualAccount): string {
  return renderOne('virtual_account', virtualAccountFields(account, tenant.clock.nowMs()))
}

/** Logs no data of the account except the id. */
function log(
  { account, deps, requestId }: ApiContext,
  virtualAccountId: VirtualAccountId,
  what: string,
): void {
  deps.logger.info(
    { requestId, accountId: account.id, virtualAccountId },
    `virtual account ${what}`,
  )
}
