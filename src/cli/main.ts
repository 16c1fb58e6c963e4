import { CommanderError } from 'commander'
import { ImpersonationRefused } from '../sandbox/drop-in/impersonation-refused.ts'
import { CannotStart } from '../server/cannot-start.ts'
import { SettingsUnusable } from '../server/settings/settings-unusable.ts'
import { DatabaseUnusable } from '../store/engine/engine.ts'
import { CommandRefused } from './command-refused.ts'
import { addServeCommand, createProgram } from './serve-command.ts'

/** The errors whose messages are for the person at the command line. */
const EXPECTED = [
  SettingsUnusable,
  DatabaseUnusable,
  CannotStart,
  CommandRefused,
  ImpersonationRefused,
]

export { showSourceLines } from './source-lines.ts'

/** Runs the command line and sets the exit code. Throws only for bugs in Paydesk. */
export async function runCli(argv: readonly string[]): Promise<void> {
  // The reader has closed the pipe: `paydesk event list | head -1`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  try {
    // The most frequent command starts the server, and needs none of the other commands.
    const program =
      argv[2] === 'serve'
        ? addServeCommand(createProgram(), process.env)
        : (await import('./program.ts')).makeProgram(process.env)
    await program.parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has already written the help or the error.
      process.exitCode = error.exitCode
      return
    }
    if (!isExpected(error)) throw error
    process.stderr.write(`paydesk: ${error.message.replaceAll('\n', '\npaydesk: ')}\n`)
    process.exitCode = 1
  }
}

function isExpected(error: unknown): error is Error {
  return EXPECTED.some((expected) => error instanceof expected)
}
