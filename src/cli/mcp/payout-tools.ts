import { Type } from 'typebox'
import { PAYOUT_FAILURES, PAYOUT_STATUSES, type PayoutFailureCode } from '../../domain/payout.ts'
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

const PayoutId = idField('The payout.')
const FAILURE_CODES = Object.keys(PAYOUT_FAILURES) as PayoutFailureCode[]

/** The tools for payouts. */
export const PAYOUT_TOOLS: readonly Tool[] = [
  tool({
    name: 'get_balance',
    title: 'Show the balance',
    description:
      'Returns the account’s balance in each currency: the amount for the next payout, the pending amount, and the amount on the way to the bank.',
    effect: 'reads',
    input: {},
    output: { balances: wireList('The balances. Empty for a live account.') },
    run: async ({ client }) => ({ balances: await client.payouts.balance() }),
  }),
  tool({
    name: 'list_payouts',
    title: 'List payouts',
    description: 'Lists the payouts of the account’s balance to its bank account, newest first.',
    effect: 'reads',
    input: {
      status: Type.Optional(oneOf(PAYOUT_STATUSES, 'Only payouts with this status.')),
      ...PAGE_FIELDS,
    },
    output: {
      payouts: wireList('The payouts.'),
      page_context: wireObject('The number of the page, and whether more pages follow.'),
    },
    run: ({ client }, { limit, page, ...query }) =>
      client.payouts.list({ ...query, ...pageOf(limit, page) }),
  }),
  tool({
    name: 'get_payout',
    title: 'Show a payout',
    description: 'Returns a payout with its sums and its transactions, newest first.',
    effect: 'reads',
    input: { payout_id: PayoutId, ...PAGE_FIELDS },
    output: {
      payout: wireObject('The payout.'),
      transactions: wireList('Its payments, refunds, transfers, reversals and disputes.'),
    },
    run: async ({ client }, { limit, page, payout_id: id }) => {
      const [payout, { transactions }] = await Promise.all([
        client.payouts.retrieve(id),
        client.payouts.listTransactions(id, pageOf(limit, page)),
      ])
      return { payout, transactions }
    },
  }),
  tool({
    name: 'run_payouts',
    title: 'Run the payouts',
    description:
      'Pays the available balances of the account and of its connected accounts now, without waiting for 10:00 in the account’s time zone. The money of a card payment becomes available two business days later: advance the clock first. The bank decides at 16:00, or earlier if you call `decide_payout`.',
    effect: 'adds',
    where: 'controlled',
    input: {},
    output: { payouts: wireList('The new payouts. Empty: no balance is available.') },
    run: async ({ accountId, control }) => ({ payouts: await control.payouts.run(accountId) }),
  }),
  tool({
    name: 'decide_payout',
    title: 'Pay or fail a payout',
    description:
      'Lets the bank pay or refuse an initiated payout now. The next payout contains the transactions of a failed payout.',
    effect: 'adds',
    where: 'controlled',
    input: {
      payout_id: PayoutId,
      outcome: oneOf(['paid', 'failed'], 'The bank’s decision.'),
      failure_code: Type.Optional(
        oneOf(FAILURE_CODES, 'The reason for a failure. Default: account_closed.'),
      ),
    },
    output: { payout: wireObject('The payout.') },
    run: async ({ control }, { failure_code: code, outcome, payout_id: id }) => ({
      payout:
        outcome === 'paid' ? await control.payouts.pay(id) : await control.payouts.fail(id, code),
    }),
  }),
]
