import { EXIT_CODES, type ExitCode } from './exit-codes.ts'

/** A command that cannot be carried out. The message says what to do next. */
export class CommandRefused extends Error {
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = EXIT_CODES.refused.code) {
    super(message)
    this.exitCode = exitCode
  }
}
