import { type CustomerId, parseId } from '../../domain/id.ts'
import { changeCustomer, deleteCustomer } from '../../operations/change-customer.ts'
import { createCustomer } from '../../operations/create-customer.ts'
import { customerFields, customerRow, retrievedCustomerFields } from '../../wire/customer.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { ApiError, notFound } from '../errors.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { type ApiContext, type Call, route } from '../route.ts'
import { parseCustomerChange, parseCustomerCreate, parseCustomerList } from './parse.ts'
import {
  CustomerAnswer,
  CustomerChangeBody,
  CustomerCreateBody,
  CustomerListQuery,
  DeleteCustomerAnswer,
  ListCustomersAnswer,
  RetrieveCustomerAnswer,
} from './schemas.ts'

const tag = 'Customers'

const createCustomerRoute = route({
  method: 'POST',
  url: '/customers',
  scope: 'customers.CREATE',
  operationId: 'createCustomer',
  tag,
  summary: 'Create a customer',
  description:
    'Stores a customer. A payment session with its `customer_id` shows the customer’s name, e-mail address and phone number on the checkout page. Two customers can have the same e-mail address.',
  body: CustomerCreateBody,
  answers: { 201: CustomerAnswer },
  handle: async (call) => {
    const { account, body, idempotent, tenant } = call
    const once = await answerOnce(tenant, idempotent, {
      lock: async () => 'nothing',
      change: (tx) => createCustomer(tx, tenant, account.id, parseCustomerCreate(body)),
      render: (customer) => ({
        status: 201,
        body: renderOne('customer', customerFields(customer)),
        resourceId: customer.id,
      }),
    })
    if ('result' in once) log(call, once.result.id, 'created')
    return httpAnswerFrom(once)
  },
})

const retrieveCustomer = route({
  method: 'GET',
  url: '/customers/{customer_id}',
  scope: 'customers.READ',
  operationId: 'retrieveCustomer',
  tag,
  summary: 'Retrieve a customer',
  description: 'Returns a customer.',
  answers: { 200: RetrieveCustomerAnswer },
  handle: async (call) => {
    const customer = await find(call)
    const { account, tenant } = call
    const methods =
      account.edition === 'US' ? await tenant.store.paymentMethods.listByCustomer(customer.id) : []
    return ok(renderOne('customer', retrievedCustomerFields(customer, account, methods)))
  },
})

const listCustomers = route({
  method: 'GET',
  url: '/customers',
  scope: 'customers.READ',
  operationId: 'listCustomers',
  tag,
  summary: 'List customers',
  description:
    'Returns the customers of the account, newest first. In the real API only accounts of the US edition have this list.',
  query: CustomerListQuery,
  answers: { 200: ListCustomersAnswer },
  handle: async ({ account, openPage, query, tenant }) => {
    const { filter, page: requestedPage } = parseCustomerList(query, {
      edition: account.edition,
      nowMs: tenant.clock.nowMs(),
    })
    const page = openPage(requestedPage)
    const list = await tenant.store.customers.list(account.id, filter, page)
    return ok(renderList('customers', list.items.map(customerRow), page, list))
  },
})

const updateCustomer = route({
  method: 'PUT',
  url: '/customers/{customer_id}',
  scope: 'customers.CREATE',
  operationId: 'updateCustomer',
  tag,
  summary: 'Change a customer',
  isPaydeskOnly: true,
  description:
    'Changes the fields in the body and keeps the others. A new phone number also replaces the dialing code, or removes it if neither the number nor `phone_country_code` gives one.',
  body: CustomerChangeBody,
  answers: { 200: CustomerAnswer },
  handle: async (call) => {
    const { body, tenant } = call
    // A missing customer is reported before a wrong field.
    const { accountId, id } = await find(call)
    const customer = await changeCustomer(tenant, { accountId, id }, parseCustomerChange(body))
    if (customer === undefined) throw unknownCustomer()
    log(call, id, 'changed')
    return ok(renderOne('customer', customerFields(customer)))
  },
})

const deleteCustomerRoute = route({
  method: 'DELETE',
  url: '/customers/{customer_id}',
  scope: 'customers.DELETE',
  operationId: 'deleteCustomer',
  tag,
  summary: 'Delete a customer',
  description:
    'Erases the customer’s e-mail address, phone number and `meta_data`. Sessions and payments keep the `customer_id`. Payments also keep the data of their payment method. In the real API only accounts of the US edition can delete customers. Paydesk refuses to delete a customer who has an active virtual account, a mandate that has not ended, or a saved payment method.',
  answers: { 200: DeleteCustomerAnswer },
  handle: async (call) => {
    const { accountId, id } = await find(call)
    const outcome = await deleteCustomer(call.tenant, { accountId, id })
    if (outcome === undefined) throw unknownCustomer()
    if (outcome === 'refused') throw new ApiError('customer_cannot_be_deleted')
    log(call, id, 'deleted')
    return ok('{"code":0,"message":"success"}')
  },
})

/** The routes of customers, in the order of the documentation. */
export const CUSTOMER_ROUTES = [
  createCustomerRoute,
  retrieveCustomer,
  listCustomers,
  updateCustomer,
  deleteCustomerRoute,
]

function unknownCustomer() {
  return notFound('customer', 'customer_id')
}

/** Throws ApiError if the account has no customer with this id. */
async function find({ account, path, tenant }: Call<'/customers/{customer_id}'>) {
  const id = parseId<CustomerId>(path.customer_id)
  const customer = id && (await tenant.store.customers.find(id))
  if (customer?.accountId !== account.id || customer.deletedAtMs !== undefined) {
    throw unknownCustomer()
  }
  return customer
}

/** Logs no data of the customer except the id. */
function log({ account, deps, requestId }: ApiContext, customerId: CustomerId, what: string): void {
  deps.logger.info({ requestId, accountId: account.id, customerId }, `customer ${what}`)
}
