import type { Command } from 'commander'
import { formatMoney } from '../domain/money.ts'
import type { LedgerBalance, LedgerReport } from '../operations/records.ts'
import type { Environment, Flags } from './arguments.ts'
import { onDatabase, withExistingCore } from './database-command.ts'
import { print, printColumns, printJson } from './output.ts'

/** Adds `paydesk ledger`. */
export function addLedgerCommands(program: Command, environment: Environment): void {
  const ledger = program.command('ledger').description('The books of a database.')
  onDatabase(ledger, 'check')
    .description(
      'Hold the books against the payments, refunds and transfers, and add them up. The exit code is 1 when they do not agree.',
    )
    .option('--json', 'print JSON')
    .action((flags: Flags) =>
      withExistingCore(flags, environment, async ({ store }) => {
        const report = await store.checkLedger()
        if (flags.json === true) printJson(reportFields(report))
        else printReport(report)
        if (report.discrepancies.length > 0) process.exitCode = 1
      }),
    )
}

function printReport({ balances, discrepancies, postingCount }: LedgerReport): void {
  if (balances.length > 0) {
    printColumns(
      ['Account', 'Ledger account', 'Currency', ' Debit', ' Credit', ' Balance'],
      balances.map((balance) => {
        const { credit, debit, ledger_account, total } = balanceFields(balance)
        return [balance.accountId, ledger_account, balance.currency, debit, credit, total]
      }),
    )
    print('')
  }
  if (discrepancies.length === 0) {
    print(`The books balance and agree with the payments: ${postingCount} postings.`)
    return
  }
  print(
    `The books do not agree with the payments. Of ${postingCount} postings and what caused them:`,
  )
  printColumns(
    ['Id', 'What'],
    discrepancies.map(({ id, what }) => [id, what]),
  )
}

/** In major units. What a processor holds is debited; what we owe somebody is credited. */
function balanceFields({ creditMinor, currency, debitMinor, ledgerAccount }: LedgerBalance) {
  const show = (amountMinor: bigint) => formatMoney({ amountMinor, currency })
  const isHeld = ledgerAccount === 'processor'
  return {
    ledger_account: ledgerAccount,
    debit: show(debitMinor),
    credit: show(creditMinor),
    total: show(isHeld ? debitMinor - creditMinor : creditMinor - debitMinor),
  }
}

function reportFields({ balances, discrepancies, postingCount }: LedgerReport) {
  return {
    agrees: discrepancies.length === 0,
    posting_count: postingCount,
    discrepancies,
    balances: balances.map((balance) => {
      const { credit, debit, ledger_account, total } = balanceFields(balance)
      return {
        account_id: balance.accountId,
        ledger_account,
        currency: balance.currency,
        debit,
        credit,
        balance: total,
      }
    }),
  }
}
