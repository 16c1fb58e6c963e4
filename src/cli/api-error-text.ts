import type { Command } from 'commander'
import { isUnknownAnswer } from '../client/errors.ts'
import { ApiConnectionError, AuthenticationError, type PaydeskError } from '../client/index.ts'
import { COMMAND_NAME } from '../program/command-name.ts'
import { CommandRefused } from './command-refused.ts'
import { connectionReason } from './connection-reason.ts'
import { EXIT_CODES, type ExitCode } from './exit-codes.ts'
import { flagOfField } from './flag-of-field.ts'

/** A command that a server has refused, or that no server has answered. */
export class ServerRefused extends CommandRefused {
  readonly apiError: PaydeskError
  readonly url: string
  readonly #tip: string

  /** `tokenTip`: a sentence for a refused access token. */
  constructor(error: PaydeskError, url: string, tokenTip?: string) {
    const tip = error.status === 401 && tokenTip !== undefined ? `\n${tokenTip}` : ''
    super(apiErrorText(error, url) + tip, exitCodeOf(error))
    this.apiError = error
    this.url = url
    this.#tip = tip
  }

  /** Writes the error with the flag of the command instead of the field of the API. */
  textFor(command: Command): string {
    return apiErrorText(this.apiError, this.url, command) + this.#tip
  }
}

/** Returns the exit code of a command that fails with an error of a server. */
export function exitCodeOf(error: PaydeskError): ExitCode {
  if (error instanceof ApiConnectionError || isUnknownAnswer(error)) {
    return EXIT_CODES.unreachable.code
  }
  // The token of a closed account is valid: the account's state is the reason.
  if (error instanceof AuthenticationError && error.code !== 'account_closed') {
    return EXIT_CODES.unauthorized.code
  }
  return error.field !== undefined && VALUE_CODES.has(error.code)
    ? EXIT_CODES.usage.code
    : EXIT_CODES.refused.code
}

/** The API's codes for a value that is wrong regardless of the state of stored objects. */
const VALUE_CODES: ReadonlySet<string> = new Set([
  'currency_not_supported_for_payment',
  'invalid_currency',
  'invalid_parameter',
  'missing_parameter',
  'payment_method_type_not_supported',
])

/**
 * Writes an error of a server's API for a person: `invalid_parameter: --amount must be …`, or without a command
 * `invalid_parameter: amount must be … (field: amount)`.
 */
export function apiErrorText(error: PaydeskError, url: string, command?: Command): string {
  if (error instanceof ApiConnectionError) {
    return `The server at ${url} cannot be reached: ${connectionReason(error)}. Start a sandbox with: ${COMMAND_NAME} serve; or name the server with --url.`
  }
  if (isUnknownAnswer(error)) {
    return `The program at ${url} is not Paydesk: it answered with the status ${error.status} and without an error of the API. Check --url.`
  }
  const { code, field, message } = error
  // The real API's code of some errors is only the word "error".
  if (field === undefined) return code === 'error' ? message : `${code}: ${message}`
  const flag = command && flagOfField(field, command)
  if (flag === undefined) return `${code}: ${message} (field: ${field})`
  if (flag.isWhole) return `${code}: ${flag.name}: ${message}`
  // The API begins most messages with the field, or writes "no payment with this payment_id".
  if (message.startsWith(`${field} `)) return `${code}: ${flag.name}${message.slice(field.length)}`
  const about = message.replace(`this ${field}`, `this ${flag.name}`)
  return about === message ? `${code}: ${message} (${flag.name})` : `${code}: ${about}`
}
