import { type Command, InvalidArgumentError, Option } from 'commander'
import type { PayoutFailure, PayoutSettings } from '../client/control.ts'
import type { Payout, PayoutPage, PayoutQuery, PayoutTransactionPage } from '../client/index.ts'
import {
  PAYOUT_FAILURES,
  PAYOUT_SCHEDULES,
  PAYOUT_STATUSES,
  type PayoutSchedule,
} from '../domain/payout.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { print, printColumns, printJson, printTable, showTime } from './output.ts'
import { jsonOption, onServer, withApi, withControl, withDaysAndLimit } from './server-command.ts'
import { takeRows } from './take-rows.ts'

type ListFlags = Flags & {
  readonly status?: NonNullable<PayoutQuery['status']>
  readonly from?: string
  readonly to?: string
  readonly limit: number
}

type FailFlags = Flags & { readonly code?: PayoutFailure }

type SettingFlags = Flags & {
  readonly schedule?: PayoutSchedule
  readonly bankAccount?: string
  readonly account?: string
}

/** Adds `paydesk payout`. */
export function addPayoutCommands(program: Command, environment: Environment): void {
  const payout = program
    .command('payout')
    .description('The payouts of an account’s balance to its bank account.')
  addReads(payout, environment)
  addChanges(payout, environment)
}

function addReads(payout: Command, environment: Environment): void {
  const list = onServer(payout, 'list')
    .description('List payouts, newest first.')
    .addOption(new Option('--status <status>', 'only this status').choices(PAYOUT_STATUSES))
  withDaysAndLimit(list).action((flags: ListFlags) =>
    withApi(flags, environment, async ({ payouts }) => {
      const rows = await takeRows(payouts.listAll(queryOf(flags)), flags.limit)
      if (flags.json === true) return printJson(rows)
      if (rows.length === 0) return print('No matching payouts.')
      printPayouts(rows)
    }),
  )

  onServer(payout, 'show')
    .argument('<payout_id>', 'the payout', idFrom)
    .description('Show a payout with the sums of its transactions.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ payouts }) => {
        const payout = await payouts.retrieve(id)
        if (flags.json === true) printJson(payout)
        else printPayout(payout)
      }),
    )

  onServer(payout, 'transactions')
    .argument('<payout_id>', 'the payout', idFrom)
    .description(
      'List the payments, refunds, transfers, reversals and disputes of a payout, newest first.',
    )
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ payouts }) => {
        const rows: PayoutTransactionPage['transactions'][number][] = []
        for await (const row of payouts.listAllTransactions(id)) rows.push(row)
        if (flags.json === true) return printJson(rows)
        printTransactions(rows)
      }),
    )

  onServer(payout, 'balance')
    .description(
      'Show the available amount, the pending amount, and the amount on the way to the bank.',
    )
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withApi(flags, environment, async ({ payouts }) => {
        const balances = await payouts.balance()
        if (flags.json === true) return printJson(balances)
        if (balances.length === 0) {
          return print('Only the acquirer knows the balance of a live account.')
        }
        printColumns(
          ['Currency', ' Available', ' Pending', ' In payouts'],
          balances.map((one) => [one.currency, one.available, one.pending, one.in_payouts]),
        )
      }),
    )
}

function addChanges(payout: Command, environment: Environment): void {
  onServer(payout, 'run')
    .description(
      'Pay the available balances of a sandbox’s account, and of its connected accounts, now. Without the command, payouts run at 10:00 in the account’s time zone, on the days of its schedule.',
    )
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withControl(flags, environment, async (control, { accountId }) => {
        const rows = await control.payouts.run(accountId)
        if (flags.json === true) return printJson(rows)
        if (rows.length === 0) return print('No balance is available for a payout.')
        printPayouts(rows)
      }),
    )

  onServer(payout, 'pay')
    .argument('<payout_id>', 'the payout', idFrom)
    .description(
      'Let the sandbox’s bank pay a payout now. Without the command, the bank decides at 16:00 in the account’s time zone.',
    )
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withControl(flags, environment, async ({ payouts }) => show(await payouts.pay(id), flags)),
    )

  onServer(payout, 'fail')
    .argument('<payout_id>', 'the payout', idFrom)
    .description(
      'Let the sandbox’s bank refuse a payout. The next payout contains the transactions of the refused payout.',
    )
    .addOption(
      new Option('--code <code>', 'the bank’s reason. Default: account_closed').choices(
        Object.keys(PAYOUT_FAILURES),
      ),
    )
    .addOption(jsonOption())
    .action((id: string, flags: FailFlags) =>
      withControl(flags, environment, async ({ payouts }) =>
        show(await payouts.fail(id, flags.code), flags),
      ),
    )

  onServer(payout, 'settings')
    .description('Show or change the payout settings of a sandbox’s account.')
    .addOption(
      new Option('--schedule <schedule>', 'how often payouts run').choices(PAYOUT_SCHEDULES),
    )
    .option(
      '--bank-account <digits>',
      'the last four digits of the account’s bank account; payouts to 0000 fail',
      lastFourDigitsFrom,
    )
    .addOption(jsonOption())
    .action((flags: SettingFlags) =>
      withControl(flags, environment, async ({ payouts }, { accountId }) => {
        const change: PayoutSettings = {
          account_id: accountId,
          ...(flags.schedule !== undefined && { schedule: flags.schedule }),
          ...(flags.bankAccount !== undefined && {
            bank_account_last_four_digits: flags.bankAccount,
          }),
        }
        const settings = await payouts.settings(change)
        if (flags.json === true) return printJson(settings)
        printTable([
          ['Account', settings.account_id],
          ['Schedule', settings.schedule],
          ['Bank account', `ends in ${settings.bank_account_last_four_digits}`],
        ])
      }),
    )
}

function lastFourDigitsFrom(text: string): string {
  if (/^\d{4}$/.test(text)) return text
  throw new InvalidArgumentError('It must be four digits.')
}

function queryOf({ from, status, to }: ListFlags): PayoutQuery {
  return {
    ...(status !== undefined && { status }),
    ...(from !== undefined && { from_date: from }),
    ...(to !== undefined && { to_date: to }),
  }
}

function show(payout: Payout, flags: Flags): void {
  if (flags.json === true) printJson(payout)
  else printPayout(payout)
}

function printPayouts(rows: readonly PayoutPage['payouts'][number][]): void {
  printColumns(
    ['Initiated', 'Payout', 'Status', ' Amount', '', 'Bank’s answer'],
    rows.map((row) => [
      showTime(Number(row.initiated_time)),
      row.payout_id,
      row.status,
      row.amount,
      row.currency,
      row.failure_code === '' ? row.payout_bank_reference_id : row.failure_code,
    ]),
  )
}

function printPayout(payout: Payout): void {
  const { account_details: bank, currency, transaction_summary: summary } = payout
  const sums = [summary.charge, summary.refund, summary.adjustment]
  printTable([
    ['Payout', payout.payout_id],
    ['Status', payout.status],
    ['Failure', payout.failure_message],
    ['Amount', `${payout.amount} ${currency}`],
    ['Initiated', showTime(Number(payout.initiated_time))],
    ['Processed', payout.processed_date],
    ['Bank account', `${bank.bank_name}, ends in ${bank.account_number_last_four_digits}`],
    ['Bank’s reference', payout.payout_bank_reference_id],
  ])
  printColumns(
    ['Type', ' Count', ' Amount', ' Fee', ' Tax', ' Net'],
    sums.map((sum) => [
      sum.transaction_type,
      String(sum.count),
      sum.amount,
      sum.fee,
      sum.tax,
      sum.net_amount,
    ]),
  )
}

function printTransactions(rows: readonly PayoutTransactionPage['transactions'][number][]): void {
  printColumns(
    ['Time', 'Transaction', 'Type', ' Amount', ' Fee', ' Tax', ' Net', '', 'Description'],
    rows.map((row) => [
      showTime(Number(row.transaction_time)),
      row.transaction_id,
      row.transaction_type,
      row.amount,
      row.fee,
      row.tax,
      row.net_amount,
      row.currency,
      row.description,
    ]),
  )
}
