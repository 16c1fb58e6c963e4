import type { Command } from 'commander'
import { formatMoney } from '../domain/money.ts'
import type { LedgerReport } from '../domain/records.ts'
import { checkLedger } from '../operations/check-ledger.ts'
import {
  type LedgerCheck,
  type LedgerCheckPart,
  type Store,
  StoreUnavailable,
} from '../operations/store.ts'
import { ledgerBalanceFields, ledgerReportFields } from '../wire/ledger-report.ts'
import type { Environment, Flags } from './arguments.ts'
import { onDatabase, withExistingCore } from './database-command.ts'
import { print, printColumns, printJson, printNote } from './output.ts'
import { createProgress } from './progress.ts'

/** Adds `paydesk ledger`. */
export function addLedgerCommands(program: Command, environment: Environment): void {
  const ledger = program.command('ledger').description('The ledger of a database.')
  onDatabase(ledger, 'check')
    .description(
      'Compare the ledger with the payments, refunds, transfers, disputes and payouts, and print its balances. The exit code is 1 if the ledger differs. A merchant’s negative balance is reported, but is not an error. Servers show the time and the result of the last check in their metrics.',
    )
    .option('--json', 'print JSON')
    .action((flags: Flags) =>
      withExistingCore(flags, environment, async ({ clock, store }) => {
        const progress = createProgress()
        const { check, report } = await checkLedger({ clock, store }, (part) =>
          progress.begin(CHECK_PARTS[part]),
        ).finally(progress.end)
        await recordCheck(store, check, report)
        if (flags.json === true) printJson(ledgerReportFields(report))
        else printReport(report)
        if (report.discrepancies.length > 0) process.exitCode = 1
      }),
    )
}

const CHECK_PARTS: Readonly<Record<LedgerCheckPart, string>> = {
  postings: 'adding up the postings of the ledger',
  payments: 'comparing payments and payouts with the postings',
  discrepancies: 'finding the discrepancies',
  dependents: 'comparing refunds, transfers and disputes with their payments',
}

/** Stores the result for the metrics and the console of the servers. The report matters more than a failure to store it. */
async function recordCheck(
  { ledgerChecks }: Pick<Store, 'ledgerChecks'>,
  check: LedgerCheck,
  report: LedgerReport,
): Promise<void> {
  try {
    await ledgerChecks.record(check, report)
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    printNote(`paydesk: The result is missing in the metrics of the servers: ${error.message}.`)
  }
}

function printReport({ balances, discrepancies, postingCount }: LedgerReport): void {
  if (balances.length > 0) {
    printColumns(
      ['Account', 'Ledger account', 'Currency', ' Debit', ' Credit', ' Balance'],
      balances.map((one) => {
        const { account_id, balance, credit, currency, debit, ledger_account } =
          ledgerBalanceFields(one)
        return [account_id, ledger_account, currency, debit, credit, balance]
      }),
    )
    print('')
  }
  for (const { accountId, creditMinor, currency, debitMinor, ledgerAccount } of balances) {
    if (ledgerAccount !== 'merchant' || debitMinor <= creditMinor) continue
    const debt = formatMoney({ amountMinor: debitMinor - creditMinor, currency })
    print(
      `Note: merchant ${accountId} owes ${debt} ${currency}: its refunds, transfers, disputes and payouts exceed its payments.`,
    )
  }
  if (discrepancies.length === 0) {
    print(`The ledger agrees with the payments: ${postingCount} postings.`)
    return
  }
  print(`The ledger does not agree with the payments. Discrepancies in ${postingCount} postings:`)
  printColumns(
    ['Id', 'Discrepancy'],
    discrepancies.map(({ id, what }) => [id, what]),
  )
}
