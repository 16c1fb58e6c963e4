import { type Command, Option } from 'commander'
import type { Payment } from '../client/index.ts'
import type {
  VirtualAccount,
  VirtualAccountChange,
  VirtualAccountPaymentPage,
} from '../client/types.ts'
import { BANK_TRANSFER_MODES, type BankTransferMode } from '../domain/instrument.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { nothingToChange } from './command-refused.ts'
import { createWithKey } from './idempotency.ts'
import { print, printColumns, printJson, printTable, showTime } from './output.ts'
import {
  jsonOption,
  onServer,
  pastable,
  withApi,
  withControl,
  withLimit,
} from './server-command.ts'
import { takeRows } from './take-rows.ts'

type AccountFlags = Flags & {
  readonly customer?: string
  readonly description?: string
  readonly expires?: string
  readonly idempotencyKey?: string
  readonly maximum?: string
  readonly minimum?: string
  readonly reference?: string
}

type ListFlags = Flags & {
  readonly customer?: string
  readonly limit: number
  readonly number?: string
  readonly reference?: string
  readonly status?: 'active' | 'closed'
}

type PaymentFlags = Flags & {
  readonly limit: number
  readonly status?: 'succeeded' | 'failed' | 'refunded' | 'disputed'
}

type TransferFlags = Flags & {
  readonly amount: string
  readonly mode?: BankTransferMode
  readonly payer?: string
  readonly utr?: string
}

/** Adds `paydesk virtual-account`. */
export function addVirtualAccountCommands(program: Command, environment: Environment): void {
  const account = program
    .command('virtual-account')
    .description('The virtual accounts of an account: bank account numbers for payers.')
  addCreate(account, environment)
  addUpdate(account, environment)
  addReads(account, environment)
  addPayments(account, environment)

  onServer(account, 'close')
    .argument('<virtual_account_id>', 'the virtual account', idFrom)
    .description('Close a virtual account: later transfers go back to the payer.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ virtualAccounts }) =>
        show(await virtualAccounts.close(id), flags),
      ),
    )

  onServer(account, 'transfer')
    .argument('<account_number>', 'the number of the virtual account')
    .description('Transfer money to a virtual account of a sandbox, as a payer would.')
    .requiredOption('--amount <amount>', 'the amount in rupees, such as 250.50')
    .addOption(
      new Option('--mode <mode>', 'the kind of transfer. Default: IMPS').choices(
        BANK_TRANSFER_MODES,
      ),
    )
    .option(
      '--payer <name>',
      'the payer’s name. If it is `Reverse`, the bank takes the money back after 10 seconds',
    )
    .option(
      '--utr <reference>',
      'the bank’s reference. A repeated reference returns the earlier payment',
    )
    .addOption(jsonOption())
    .action((number: string, flags: TransferFlags) =>
      withControl(flags, environment, async ({ bankTransfers }) => {
        const { amount, mode, payer, utr } = flags
        const payment = await bankTransfers.send({
          account_number: number,
          amount,
          ...(mode !== undefined && { mode }),
          ...(payer !== undefined && { payer_name: payer }),
          ...(utr !== undefined && { utr }),
        })
        if (flags.json === true) printJson(payment)
        else printPayment(payment)
      }),
    )
}

function addCreate(account: Command, environment: Environment): void {
  const create = onServer(account, 'create')
    .description('Open a virtual account. Each transfer to it becomes a payment.')
    .requiredOption('--description <text>', 'the purpose of the account, at most 500 characters')
    .option('--customer <customer_id>', 'the customer who pays', idFrom)
  withFields(create)
    .option('--idempotency-key <text>', 'commands with the same key open only one virtual account')
    .addOption(jsonOption())
    .action((flags: AccountFlags & { readonly description: string }) =>
      withApi(flags, environment, async ({ virtualAccounts }, { url }) => {
        const { customer, description, idempotencyKey: key } = flags
        const body = {
          ...fieldsOf(flags),
          description,
          ...(customer !== undefined && { customer_id: customer }),
        }
        const virtualAccount = await createWithKey(
          { noun: 'virtual account', url, ...(key !== undefined && { key }) },
          (idempotencyKey) => virtualAccounts.create(body, { idempotencyKey }),
        )
        show(virtualAccount, flags)
        if (flags.json === true) return
        const number = virtualAccount.account_number
        print(
          `In a sandbox, transfer money to it: ${pastable(`virtual-account transfer ${number} --amount 100`, url)}`,
        )
      }),
    )
}

function addUpdate(account: Command, environment: Environment): void {
  const update = onServer(account, 'update')
    .argument('<virtual_account_id>', 'the virtual account', idFrom)
    .description('Change an active virtual account.')
    .option('--description <text>', 'the new purpose')
  withFields(update)
    .addOption(jsonOption())
    .action((id: string, flags: AccountFlags) => {
      const change = fieldsOf(flags)
      if (Object.keys(change).length === 0) throw nothingToChange('virtual-account update')
      return withApi(flags, environment, async ({ virtualAccounts }) =>
        show(await virtualAccounts.update(id, change), flags),
      )
    })
}

function withFields(command: Command): Command {
  return command
    .option('--minimum <amount>', 'the smallest transfer that succeeds, in rupees')
    .option('--maximum <amount>', 'the largest transfer that succeeds, in rupees')
    .option('--expires <day>', 'the last day, such as 2027-10-25')
    .option('--reference <text>', 'your reference, at most 50 characters')
}

function fieldsOf({
  description,
  expires,
  maximum,
  minimum,
  reference,
}: AccountFlags): VirtualAccountChange {
  return {
    ...(description !== undefined && { description }),
    ...(minimum !== undefined && { minimum_amount: minimum }),
    ...(maximum !== undefined && { maximum_amount: maximum }),
    ...(expires !== undefined && { expires_at: expires }),
    ...(reference !== undefined && { reference_number: reference }),
  }
}

function addReads(account: Command, environment: Environment): void {
  const list = onServer(account, 'list')
    .description('List virtual accounts, newest first.')
    .addOption(
      new Option('--status <status>', 'only accounts with this status').choices([
        'active',
        'closed',
      ]),
    )
    .option('--customer <customer_id>', 'only accounts of this customer', idFrom)
    .option('--reference <text>', 'only accounts with this reference')
    .option('--number <account_number>', 'only the account with this number')
  withLimit(list).action((flags: ListFlags) =>
    withApi(flags, environment, async ({ virtualAccounts }) => {
      const { customer, number, reference, status } = flags
      const query = {
        ...(status !== undefined && { status }),
        ...(customer !== undefined && { customer_id: customer }),
        ...(reference !== undefined && { reference_number: reference }),
        ...(number !== undefined && { account_number: number }),
      }
      const rows = await takeRows(virtualAccounts.listAll(query), flags.limit)
      if (flags.json === true) return printJson(rows)
      if (rows.length === 0) return print('No matching virtual accounts.')
      printColumns(
        ['Created', 'Virtual account', 'Number', 'Status', 'Paid', 'Description'],
        rows.map((row) => [
          showTime(row.created_time * 1000),
          row.virtual_account_id,
          row.account_number,
          row.status,
          `${row.amount_paid} INR`,
          row.description,
        ]),
      )
    }),
  )

  onServer(account, 'show')
    .argument('<virtual_account_id>', 'the virtual account', idFrom)
    .description('Show a virtual account.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ virtualAccounts }) =>
        show(await virtualAccounts.retrieve(id), flags),
      ),
    )
}

function addPayments(account: Command, environment: Environment): void {
  const payments = onServer(account, 'payments')
    .argument('<virtual_account_id>', 'the virtual account', idFrom)
    .description('List the payments of a virtual account, newest first.')
    .addOption(
      new Option('--status <status>', 'only payments with this status').choices([
        'succeeded',
        'failed',
        'refunded',
        'disputed',
      ]),
    )
  withLimit(payments).action((id: string, flags: PaymentFlags) =>
    withApi(flags, environment, async ({ virtualAccounts }) => {
      const { limit, status } = flags
      const query = status === undefined ? {} : { status }
      const rows = await takeRows(virtualAccounts.allPayments(id, query), limit)
      if (flags.json === true) return printJson(rows)
      if (rows.length === 0) return print('No matching payments.')
      printColumns(['Date', 'Payment', 'Status', 'Amount', 'UTR', 'Failure'], rows.map(cellsOf))
    }),
  )
}

function cellsOf(row: VirtualAccountPaymentPage['payments'][number]) {
  return [
    showTime(row.date * 1000),
    row.payment_id,
    row.status,
    `${row.amount} ${row.currency}`,
    row.transaction_reference_number,
    row.failure_reason,
  ]
}

function show(account: VirtualAccount, flags: Flags): void {
  if (flags.json === true) {
    printJson(account)
    return
  }
  printTable([
    ['Virtual account', account.virtual_account_id],
    ['Status', account.status],
    ['Account number', account.account_number],
    ['IFSC', account.ifsc_code],
    ['Beneficiary', account.beneficiary_name],
    ['Description', account.description],
    ['Customer', account.customer_id],
    ['Minimum', account.minimum_amount?.toString()],
    ['Maximum', account.maximum_amount?.toString()],
    ['Paid', `${account.amount_paid} INR`],
    ['Reference', account.reference_number],
    ['Last day', account.expires_at],
    ['Created', showTime(account.created_time * 1000)],
    ['Changed', showTime(account.last_modified_time * 1000)],
    ...(account.meta_data ?? []).map(({ key, value }) => [`meta_data ${key}`, value] as const),
  ])
}

function printPayment(payment: Payment): void {
  printTable([
    ['Payment', payment.payment_id],
    ['Status', payment.status],
    ['Amount', `${payment.amount} ${payment.currency}`],
    ['UTR', payment.transaction_reference_number],
    ['Failure', payment.failure_reason],
  ])
}
