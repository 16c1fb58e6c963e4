import { Type } from 'typebox'
import { idField, PAGE_FIELDS, pageOf, type Tool, tool, wireList, wireObject } from './tool.ts'

const CustomerId = idField('The customer.')
const name = Type.String({ minLength: 1, maxLength: 100 })
const email = Type.String({ maxLength: 254 })
const PHONE_FIELDS = {
  phone: Type.Optional(
    Type.String({ maxLength: 25, description: 'With its dialing code, such as +91 90000 00001.' }),
  ),
}
const CustomerOut = { customer: wireObject('The customer.') }

/** The tools for customers. */
export const CUSTOMER_TOOLS: readonly Tool[] = [
  tool({
    name: 'create_customer',
    title: 'Create a customer',
    description:
      'Stores a customer. A session with the customer_id of the customer fills in name, e-mail address and phone number on the checkout page, and the payments of the session have the customer_id.',
    effect: 'adds',
    input: { name, email, ...PHONE_FIELDS },
    output: CustomerOut,
    run: async ({ client }, customer) => ({ customer: await client.customers.create(customer) }),
  }),
  tool({
    name: 'get_customer',
    title: 'Show a customer',
    description: 'Returns a customer with its newest payments.',
    effect: 'reads',
    input: { customer_id: CustomerId },
    output: { ...CustomerOut, payments: wireList('The newest payments, at most 20.') },
    run: async ({ client }, { customer_id: id }) => {
      const customer = await client.customers.retrieve(id)
      const { payments } = await client.payments.list({ customer_id: id, ...pageOf() })
      return { customer, payments }
    },
  }),
  tool({
    name: 'list_customers',
    title: 'List customers',
    description: 'Lists customers, newest first.',
    effect: 'reads',
    input: {
      search_text: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 254,
          description: 'A customer’s id, an e-mail address or a phone number.',
        }),
      ),
      ...PAGE_FIELDS,
    },
    output: {
      customers: wireList('The customers.'),
      page_context: wireObject('The number of the page, and whether more pages follow.'),
    },
    run: ({ client }, { limit, page, ...query }) =>
      client.customers.list({ ...query, ...pageOf(limit, page) }),
  }),
  tool({
    name: 'update_customer',
    title: 'Change a customer',
    description: 'Changes the given fields of a customer.',
    effect: 'adds',
    isIdempotent: true,
    input: {
      customer_id: CustomerId,
      name: Type.Optional(name),
      email: Type.Optional(email),
      ...PHONE_FIELDS,
    },
    output: CustomerOut,
    run: async ({ client }, { customer_id: id, ...change }) => ({
      customer: await client.customers.update(id, change),
    }),
  }),
  tool({
    name: 'delete_customer',
    title: 'Delete a customer',
    description: 'Erases a customer’s e-mail address, phone number and meta_data.',
    effect: 'destroys',
    input: { customer_id: CustomerId },
    output: { customer_id: Type.String({ description: 'The deleted customer.' }) },
    run: async ({ client }, { customer_id }) => {
      await client.customers.delete(customer_id)
      return { customer_id }
    },
  }),
]
