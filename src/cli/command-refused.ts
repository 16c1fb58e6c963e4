import { COMMAND_NAME } from '../program/command-name.ts'
import { EXIT_CODES, type ExitCode } from './exit-codes.ts'

/** A command that cannot be carried out. The message says what to do next. */
export class CommandRefused extends Error {
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = EXIT_CODES.refused.code) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Makes the error of a command that changes an object, such as `link update`, if no flag names a change. */
export function nothingToChange(
  command: string,
  noun: 'field' | 'setting' = 'field',
): CommandRefused {
  return new CommandRefused(
    `Name a ${noun} to change. For the list: ${COMMAND_NAME} ${command} --help`,
    EXIT_CODES.usage.code,
  )
}
