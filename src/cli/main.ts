import { type Command, CommanderError } from 'commander'
import { hasImportedModule } from '../program/import-module.ts'
import { ImpersonationRefused } from '../sandbox/drop-in/impersonation-refused.ts'
import { CannotStart } from '../server/cannot-start.ts'
import { SettingsUnusable } from '../server/settings/settings-unusable.ts'
import { DatabaseUnusable } from '../store/engine/engine.ts'
import { ServerRefused } from './api-error-text.ts'
import { CommandRefused } from './command-refused.ts'
import { EXIT_CODES, type ExitCode } from './exit-codes.ts'
import { type CommandError, printError, wantsJson } from './print-error.ts'
import { addServeCommand, createProgram } from './serve-command.ts'

/** The errors whose messages are for the person at the command line. */
const EXPECTED_ERRORS = [
  SettingsUnusable,
  DatabaseUnusable,
  CannotStart,
  CommandRefused,
  ImpersonationRefused,
]

export { showSourceLines } from './source-lines.ts'

/** Runs the command line and sets the exit code. Throws only for bugs in Paydesk. */
export async function runCli(argv: readonly string[]): Promise<void> {
  const isServing = await runCommand(argv)
  // A timer or a socket of a processor module would keep the process alive after its command.
  if (!isServing && hasImportedModule()) process.stdout.write('', () => process.exit())
}

/** Returns true if the command serves until a signal. */
async function runCommand(argv: readonly string[]): Promise<boolean> {
  const asJson = wantsJson(argv)
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // The reader has closed the pipe: `paydesk event list | head -1`.
    if (code === 'EPIPE') process.exit(EXIT_CODES.done.code)
    // The disk is full, for example.
    const { code: exitCode } = EXIT_CODES.refused
    const reason = `The output cannot be written: ${code ?? message}. It is incomplete.`
    printError({ exitCode, message: reason }, asJson)
    process.exit(exitCode)
  })
  let running: Command | undefined
  try {
    // The most frequent command starts the server, and needs none of the other commands.
    const program =
      argv[2] === SERVE
        ? addServeCommand(createProgram(), process.env)
        : (await import('./program.ts')).makeProgram(process.env)
    if (asJson) silence(program)
    program.on('option:no-color', turnColorsOff).hook('preAction', (_program, command) => {
      running = command
    })
    await program.parseAsync([...argv])
    return running?.name() === SERVE
  } catch (error) {
    const commandError = commandErrorOf(error, running)
    if (commandError === undefined) throw error
    process.exitCode = commandError.exitCode
    // Commander writes its help and its errors itself, but not as JSON.
    const isWritten = error instanceof CommanderError && !asJson
    if (commandError.exitCode !== EXIT_CODES.done.code && !isWritten)
      printError(commandError, asJson)
    return false
  }
}

const SERVE = 'serve'

function silence(command: Command): void {
  command.configureOutput({ writeErr: () => {}, outputError: () => {} })
  for (const child of command.commands) silence(child)
}

/** Undefined: the error is a bug in Paydesk. */
function commandErrorOf(error: unknown, command: Command | undefined): CommandError | undefined {
  if (error instanceof CommanderError) {
    return {
      exitCode: error.exitCode === 0 ? EXIT_CODES.done.code : EXIT_CODES.usage.code,
      message: error.message.replace(/^error: /, ''),
    }
  }
  if (!isExpected(error)) return undefined
  return {
    exitCode: exitCodeOf(error),
    message: textOf(error, command),
    apiError: error instanceof ServerRefused ? error.apiError : undefined,
  }
}

/** Node and Commander read these variables each time before they write a color. */
function turnColorsOff(): void {
  delete process.env.FORCE_COLOR
  process.env.NO_COLOR = '1'
}

function isExpected(error: unknown): error is Error {
  return EXPECTED_ERRORS.some((expected) => error instanceof expected)
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
