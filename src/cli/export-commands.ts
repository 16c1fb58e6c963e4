import { resolve } from 'node:path'
import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import type { AccountId } from '../domain/id.ts'
import { EXPORT_NAMES, type ExportName } from '../operations/export-tables.ts'
import { recordExport } from '../operations/record-export.ts'
import { StoreUnavailable } from '../operations/store.ts'
import type { AuditDeps } from '../operations/write-audit-entry.ts'
import type { Core } from '../server/core.ts'
import { accountIdsFrom, type Environment, type Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { countText } from './count-text.ts'
import { onDatabase, pastableOnDatabase, withExistingCore } from './database-command.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { type ExportSink, openExportFile, standardOutput } from './exports/export-sink.ts'
import { type ExportFormat, type ExportSummary, runExport } from './exports/run-export.ts'
import { withOsUser } from './os-user.ts'
import { print, printJson, printNote } from './output.ts'
import { printError } from './print-error.ts'
import { createProgress } from './progress.ts'
import { INTERRUPTIONS, watchInterruption } from './watch-interruption.ts'

type ExportFlags = Flags & {
  readonly account?: readonly AccountId[]
  readonly format: ExportFormat
  readonly from?: string
  readonly json?: boolean
  readonly output?: string
  readonly to?: string
}

/** Adds `paydesk export`. */
export function addExportCommand(program: Command, environment: Environment): void {
  onDatabase(program, 'export')
    .description(
      'Write the payments, refunds, transfers, payouts or ledger postings of a database as CSV, even while a server uses the database. The audit log records each export. Rows are sorted by account, then by time of creation.',
    )
    .addArgument(
      new Argument('<table>', `the rows: ${EXPORT_NAMES.join(', ')}`).argParser(exportNameFrom),
    )
    .option(
      '--from <date>',
      'the first day, in the time zone of the account (India for the IN edition, UTC for the US edition), or a time with its zone. Default: from the first row',
    )
    .option('--to <date>', 'the end of the period, excluded: a day or a time. Default: now')
    .option(
      '--account <id>',
      'only this account. Repeat the flag for more. Default: all accounts',
      accountIdsFrom,
    )
    .option(
      '--output <file>',
      'the file to write, which gets its name when it is complete. Default: the standard output',
    )
    .addOption(
      new Option('--format <format>', 'the format of the rows')
        .choices(['csv', 'jsonl'])
        .default('csv'),
    )
    .option('--json', 'print a summary as JSON; needs --output')
    .action((name: ExportName, flags: ExportFlags) => {
      if (flags.json === true && flags.output === undefined) {
        throw new CommandRefused(
          '--json needs --output, because without --output the rows go to the standard output. For rows as JSON: --format jsonl',
          EXIT_CODES.usage.code,
        )
      }
      return withExistingCore(flags, environment, (core) =>
        exportTo(withOsUser(core, environment), name, flags),
      )
    })
}

function exportNameFrom(text: string): ExportName {
  const name = EXPORT_NAMES.find((one) => one === text)
  if (name !== undefined) return name
  throw new InvalidArgumentError(`It must be one of ${EXPORT_NAMES.join(', ')}.`)
}

async function exportTo(
  operator: Pick<Core, 'clock' | 'store'> & AuditDeps,
  name: ExportName,
  flags: ExportFlags,
): Promise<void> {
  const { account, format, from, output, to } = flags
  const { clock, store } = operator
  const interruption = watchInterruption()
  const { signal } = interruption
  const sink = output === undefined ? standardOutput(signal) : await openExportFile(output)
  // Rows and progress on one terminal would mix.
  const progress = createProgress(output === undefined && process.stdout.isTTY)
  try {
    const summary = await runExport(
      {
        store,
        signal,
        listCommand: pastableOnDatabase('account list', flags),
        nowMs: clock.nowMs(),
        onAccepted: () =>
          recordExport(operator, {
            table: name,
            accountIds: account,
            from,
            to,
            format,
            file: output === undefined ? undefined : resolve(output),
          }),
      },
      { name, format, from, to, accountIds: account },
      sink,
      (rowCount) =>
        progress.show({ count: rowCount, text: `${countText(rowCount, 'row')} of ${name}` }),
    )
    await sink.finish()
    progress.end()
    report(name, flags, summary)
  } catch (error) {
    progress.end()
    await discard(sink, error, interruption.signalName(), flags)
  } finally {
    interruption.stop()
  }
}

/**
 * Removes the unfinished file. After a signal, it prints that the export was interrupted. Otherwise it throws an error
 * for the person at the command line.
 */
async function discard(
  sink: ExportSink,
  error: unknown,
  signalName: NodeJS.Signals | undefined,
  { json, output }: Pick<ExportFlags, 'json' | 'output'>,
): Promise<void> {
  await sink.discard()
  const effect = output === undefined ? 'The output is incomplete.' : `${output} has not changed.`
  if (signalName !== undefined) {
    const exitCode = INTERRUPTIONS[signalName] ?? EXIT_CODES.refused.code
    process.exitCode = exitCode
    printError({ exitCode, message: `The export was interrupted. ${effect}` }, json === true)
    return
  }
  if (error instanceof StoreUnavailable) {
    throw new CommandRefused(`The export stopped: ${error.message}. ${effect}`)
  }
  throw error
}

function report(name: ExportName, { json, output }: ExportFlags, summary: ExportSummary): void {
  const { accountCount, byteCount, rowCount } = summary
  if (json === true) {
    printJson({
      exported: name,
      output,
      row_count: rowCount,
      byte_count: byteCount,
      account_count: accountCount,
    })
  } else {
    const line = `Exported ${countText(rowCount, 'row')} of ${name}${output === undefined ? '' : ` to ${output}`}.`
    if (output === undefined) printNote(line)
    else print(line)
  }
}
