import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { ImpersonationRefused } from '../sandbox/drop-in/impersonation-refused.ts'
import { CannotStart } from '../server/cannot-start.ts'
import { loadSettings } from '../server/settings/settings-file.ts'
import { SettingsUnusable } from '../server/settings/settings-unusable.ts'
import { DatabaseUnusable } from '../store/engine/engine.ts'
import { addAccountCommands } from './account-commands.ts'
import type { Environment, Flags } from './arguments.ts'
import { addClientCommands } from './client-commands.ts'
import { addClockCommands } from './clock-commands.ts'
import { CommandRefused } from './command-refused.ts'
import { addConfigCommands } from './config-commands.ts'
import { onDatabase, settingsFor, withSettings } from './database-command.ts'
import { addEventCommands } from './event-commands.ts'
import { addFaultCommands } from './fault-commands.ts'
import { addIdCommands } from './id-commands.ts'
import { addLedgerCommands } from './ledger-commands.ts'
import { addMcpCommand } from './mcp-command.ts'
import { print } from './output.ts'
import { addPaymentCommands } from './payment-commands.ts'
import { addProcessorCommands } from './processor-commands.ts'
import { addRefundCommands } from './refund-commands.ts'
import { addRequestCommands } from './request-commands.ts'
import { addScenarioCommands } from './scenario-commands.ts'
import { addSessionCommands } from './session-commands.ts'
import { addSnapshotCommands } from './snapshot-commands.ts'
import { addTenantCommands } from './tenant-commands.ts'
import { addTokenCommands } from './token-commands.ts'
import { addTriggerCommands } from './trigger-commands.ts'
import { addWebhookCommands } from './webhook-commands.ts'

const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }

/** The errors with a message for the person who typed the command. */
const EXPECTED = [
  SettingsUnusable,
  DatabaseUnusable,
  CannotStart,
  CommandRefused,
  ImpersonationRefused,
]

/** Runs the command line and sets the exit code. Throws only for bugs in Paydesk. */
export async function runCli(argv: readonly string[]): Promise<void> {
  // The reader has closed the pipe: `paydesk event list | head -1`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  try {
    await makeProgram().parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has already written its help or its error.
      process.exitCode = error.exitCode
      return
    }
    if (!isExpected(error)) throw error
    process.stderr.write(`paydesk: ${error.message.replaceAll('\n', '\npaydesk: ')}\n`)
    process.exitCode = 1
  }
}

/** Makes the whole command line. The reference page is printed from it, too. */
export function makeProgram(environment: Environment = process.env): Command {
  const program = new Command('paydesk')
    .description('A payment-session service that speaks the Zoho Payments API.')
    .version(VERSION, '--version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(--help lists the commands and flags)')

  withSettings(
    program
      .command('serve')
      .description(
        'Start the server: a sandbox with ready accounts, or with --live for real payments.',
      ),
  )
    .option('--json', 'print the sandbox’s addresses and credentials as one line of JSON')
    .action(async (flags: Flags) => {
      const settings = await loadSettings(flags, environment)
      // Loaded only here: the server is most of the program, and other commands start without it.
      const { serve } = await import('../server/serve.ts')
      await serve(settings, flags.json === true)
    })

  onDatabase(program, 'migrate')
    .description('Update the database schema. `serve` does this, too.')
    .action(async (flags: Flags) => {
      const settings = await settingsFor(flags, environment)
      const { bringUpToDate, keepDatabasePrivate, openEngine } = await import('../server/core.ts')
      const { createLogger } = await import('../server/logger.ts')
      const engine = await openEngine(settings)
      try {
        const migrations = await bringUpToDate(engine, settings)
        keepDatabasePrivate(settings, createLogger(settings))
        print(
          migrations.length === 0
            ? 'The schema is up to date.'
            : `Migrated: ${migrations.join(', ')}`,
        )
      } finally {
        await engine.close()
      }
    })

  addConfigCommands(program, environment)
  addAccountCommands(program, environment)
  addClientCommands(program, environment)
  addTokenCommands(program, environment)
  addLedgerCommands(program, environment)
  addIdCommands(program, environment)
  addSessionCommands(program, environment)
  addPaymentCommands(program, environment)
  addRefundCommands(program, environment)
  addEventCommands(program, environment)
  addWebhookCommands(program, environment)
  addMcpCommand(program, environment, VERSION)
  addTriggerCommands(program, environment)
  addClockCommands(program, environment)
  addFaultCommands(program, environment)
  addRequestCommands(program, environment)
  addTenantCommands(program, environment)
  addSnapshotCommands(program, environment)
  addScenarioCommands(program)
  addProcessorCommands(program, environment)
  return program
}

function isExpected(error: unknown): error is Error {
  return EXPECTED.some((expected) => error instanceof expected)
}
