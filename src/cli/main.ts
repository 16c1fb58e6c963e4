import { type Command, CommanderError } from 'commander'
import { ImpersonationRefused } from '../sandbox/drop-in/impersonation-refused.ts'
import { CannotStart } from '../server/cannot-start.ts'
import { SettingsUnusable } from '../server/settings/settings-unusable.ts'
import { DatabaseUnusable } from '../store/engine/engine.ts'
import { ServerRefused } from './api-error-text.ts'
import { CommandRefused } from './command-refused.ts'
import { EXIT_CODES, type ExitCode } from './exit-codes.ts'
import { printNote } from './output.ts'
import { addServeCommand, createProgram } from './serve-command.ts'
import { styled } from './styles.ts'

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
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // The reader has closed the pipe: `paydesk event list | head -1`.
    if (code === 'EPIPE') process.exit(EXIT_CODES.done.code)
    // The disk is full, for example.
    printNote(`paydesk: The output cannot be written: ${code ?? message}. It is incomplete.`)
    process.exit(EXIT_CODES.refused.code)
  })
  let running: Command | undefined
  try {
    // The most frequent command starts the server, and needs none of the other commands.
    const program =
      argv[2] === 'serve'
        ? addServeCommand(createProgram(), process.env)
        : (await import('./program.ts')).makeProgram(process.env)
    program.on('option:no-color', turnColorsOff).hook('preAction', (_program, command) => {
      running = command
    })
    await program.parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has already written the help or the error.
      process.exitCode = error.exitCode === 0 ? EXIT_CODES.done.code : EXIT_CODES.usage.code
      return
    }
    if (!isExpected(error)) throw error
    const name = styled('bad', 'paydesk:', process.stderr)
    printNote(`${name} ${textOf(error, running).replaceAll('\n', `\n${name} `)}`)
    process.exitCode = exitCodeOf(error)
  }
}

/** Node and Commander read these variables each time before they write a color. */
function turnColorsOff(): void {
  delete process.env.FORCE_COLOR
  process.env.NO_COLOR = '1'
}

function isExpected(error: unknown): error is Error {
  return EXPECTED.some((expected) => error instanceof expected)
}

function textOf(error: Error, command: Command | undefined): string {
  return error instanceof ServerRefused && command !== undefined
    ? error.textFor(command)
    : error.message
}

function exitCodeOf(error: Error): ExitCode {
  if (error instanceof CommandRefused) return error.exitCode
  return error instanceof SettingsUnusable ? EXIT_CODES.usage.code : EXIT_CODES.refused.code
}
