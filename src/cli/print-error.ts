import type { PaydeskError } from '../client/index.ts'
import { terminalJson } from '../domain/terminal-text.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { printNote } from './output.ts'
import { applyStyle } from './styles.ts'

/** A failed command. */
export type CommandError = {
  readonly exitCode: number
  /** One line or more. */
  readonly message: string
  /** Undefined: the error is not from a server. */
  readonly apiError?: PaydeskError | undefined
}

/** Returns true if the words of a command line ask for JSON. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json')
}

/** Writes an error to the standard error output: as sentences, or as one line of JSON. */
export function printError(error: CommandError, asJson: boolean): void {
  if (asJson) {
    printNote(terminalJson(JSON.stringify({ error: errorFields(error) })))
    return
  }
  const name = applyStyle('bad', 'paydesk:', process.stderr)
  printNote(`${name} ${error.message.replaceAll('\n', `\n${name} `)}`)
}

/** `reason` is the name of the exit code in the table of exit codes. */
function errorFields({ apiError, exitCode, message }: CommandError) {
  const [reason] = Object.entries(EXIT_CODES).find(([, { code }]) => code === exitCode) ?? [
    'interrupted',
  ]
  return {
    exit_code: exitCode,
    reason,
    message,
    ...(apiError !== undefined && {
      api: {
        status: apiError.status,
        code: apiError.code,
        message: apiError.message,
        field: apiError.field,
        request_id: apiError.requestId,
      },
    }),
  }
}
