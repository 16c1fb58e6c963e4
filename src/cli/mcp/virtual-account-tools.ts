import { Type } from 'typebox'
import { BANK_TRANSFER_MODES } from '../../domain/instrument.ts'
import {
  idField,
  oneOf,
  PAGE_FIELDS,
  pageOf,
  type Tool,
  tool,
  wireList,
  wireObject,
} from './tool.ts'

const VirtualAccountId = idField('The virtual account.')
const amount = (description: string) =>
  Type.String({
    maxLength: 40,
    description: `${description} In rupees, as a text, such as 250.50.`,
  })
const FIELDS = {
  minimum_amount: Type.Optional(amount('The smallest transfer that succeeds.')),
  maximum_amount: Type.Optional(amount('The largest transfer that succeeds.')),
  expires_at: Type.Optional(
    Type.String({ maxLength: 10, description: 'The last day, such as 2027-10-25.' }),
  ),
  reference_number: Type.Optional(Type.String({ maxLength: 50 })),
}
const AccountOut = {
  virtual_account: wireObject('The virtual account. Its three amounts are numbers.'),
}

/** The tools for virtual accounts. */
export const VIRTUAL_ACCOUNT_TOOLS: readonly Tool[] = [
  tool({
    name: 'create_virtual_account',
    title: 'Open a virtual account',
    description:
      'Opens a bank account number for one payer. Each transfer to it becomes a payment. Only for accounts of the IN edition.',
    effect: 'adds',
    input: {
      description: Type.String({ minLength: 1, maxLength: 500 }),
      customer_id: Type.Optional(idField('The customer who pays.')),
      ...FIELDS,
    },
    output: AccountOut,
    run: async ({ client }, account) => ({
      virtual_account: await client.virtualAccounts.create(account),
    }),
  }),
  tool({
    name: 'get_virtual_account',
    title: 'Show a virtual account',
    description: 'Returns a virtual account with its newest payments and its events.',
    effect: 'reads',
    input: { virtual_account_id: VirtualAccountId },
    output: {
      ...AccountOut,
      payments: wireList('The newest payments, at most 20.'),
      events: wireList('The newest events, at most 20.'),
    },
    run: async ({ client }, { virtual_account_id: id }) => {
      const [virtual_account, { payments }, { events }] = await Promise.all([
        client.virtualAccounts.retrieve(id),
        client.virtualAccounts.payments(id, pageOf()),
        client.events.list({ virtual_account_id: id, ...pageOf() }),
      ])
      return { virtual_account, payments, events }
    },
  }),
  tool({
    name: 'list_virtual_accounts',
    title: 'List virtual accounts',
    description: 'Lists virtual accounts, newest first.',
    effect: 'reads',
    input: {
      status: Type.Optional(oneOf(['active', 'closed'], 'Only accounts with this status.')),
      customer_id: Type.Optional(idField('Only accounts of this customer.')),
      ...PAGE_FIELDS,
    },
    output: {
      virtual_accounts: wireList('The virtual accounts.'),
      page_context: wireObject('The number of the page, and whether more pages follow.'),
    },
    run: ({ client }, { limit, page, ...query }) =>
      client.virtualAccounts.list({ ...query, ...pageOf(limit, page) }),
  }),
  tool({
    name: 'update_virtual_account',
    title: 'Change a virtual account',
    description: 'Changes the given fields of an active virtual account.',
    effect: 'adds',
    isIdempotent: true,
    input: {
      virtual_account_id: VirtualAccountId,
      description: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
      ...FIELDS,
    },
    output: AccountOut,
    run: async ({ client }, { virtual_account_id: id, ...change }) => ({
      virtual_account: await client.virtualAccounts.update(id, change),
    }),
  }),
  tool({
    name: 'close_virtual_account',
    title: 'Close a virtual account',
    description: 'Closes a virtual account for good: later transfers go back to the payer.',
    effect: 'destroys',
    input: { virtual_account_id: VirtualAccountId },
    output: AccountOut,
    run: async ({ client }, { virtual_account_id: id }) => ({
      virtual_account: await client.virtualAccounts.close(id),
    }),
  }),
  tool({
    name: 'send_bank_transfer',
    title: 'Transfer money to a virtual account',
    description:
      'Transfers money to a virtual account of the sandbox, as a payer would. Returns the payment of the transfer. It succeeds within the limits of the account; otherwise it fails. A repeated utr returns the earlier payment. If the payer’s name is `Reverse`, the bank takes the money back after 10 seconds of the clock.',
    effect: 'adds',
    where: 'controlled',
    input: {
      account_number: Type.String({ minLength: 1, maxLength: 50 }),
      amount: amount('The amount.'),
      mode: Type.Optional(oneOf(BANK_TRANSFER_MODES, 'Default: IMPS.')),
      payer_name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      utr: Type.Optional(
        Type.String({ pattern: '^[A-Za-z0-9]{6,30}$', description: 'The bank’s reference.' }),
      ),
    },
    output: { payment: wireObject('The payment of the transfer.') },
    run: async ({ control }, transfer) => ({ payment: await control.bankTransfers.send(transfer) }),
  }),
]
