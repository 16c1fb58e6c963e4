import { type Command, Option } from 'commander'
import type { PlayedAttempt } from '../client/control-types.ts'
import { DECLINE_CODES, type DeclineCode } from '../domain/payment-attempt.ts'
import type { PaymentMethodType } from '../domain/payment-method.ts'
import type { Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { METHODS } from './method-choices.ts'
import { print } from './output.ts'
import { pastable } from './server-command.ts'

/** The flags of commands that play an attempt, as their parsers give them. */
export type PlayFlags = Flags & {
  readonly after?: string
  readonly declineCode?: DeclineCode
  readonly method: PaymentMethodType
  /** Undefined: failed if there is a decline code, otherwise succeeded. */
  readonly outcome?: 'succeeded' | 'failed' | 'pending'
}

/** Adds the flags of a played attempt to a command. */
export function withPlayFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--outcome <outcome>',
        'the decision of the bank. Default: `succeeded`, or `failed` with --decline-code',
      ).choices(['succeeded', 'failed', 'pending']),
    )
    .addOption(
      new Option('--method <method>', 'the payment method').choices(METHODS).default('card'),
    )
    .addOption(
      new Option('--decline-code <code>', 'the reason for a failure').choices(DECLINE_CODES),
    )
    .option('--after <duration>', 'the time until the decision, such as 30s or 12m')
}

/** Returns the attempt that the flags describe. Throws CommandRefused for flags that exclude each other. */
export function playedAttempt({ after, declineCode, method, ...flags }: PlayFlags): PlayedAttempt {
  const outcome = flags.outcome ?? (declineCode === undefined ? 'succeeded' : 'failed')
  if (declineCode !== undefined && outcome !== 'failed') {
    throw new CommandRefused(
      `--decline-code needs --outcome failed, but --outcome is ${outcome}.`,
      EXIT_CODES.usage.code,
    )
  }
  return {
    method,
    outcome,
    ...(declineCode !== undefined && { decline_code: declineCode }),
    ...(after !== undefined && { after }),
  }
}

/**
 * Prints the command that decides a pending attempt. Prints nothing for an attempt that is not pending, or with
 * `--json`.
 */
export function printDecideCommand(
  sessionId: string,
  { outcome }: Pick<PlayedAttempt, 'outcome'>,
  { json }: Flags,
  url: string,
): void {
  if (outcome !== 'pending' || json === true) return
  const command = `session decide ${sessionId} --outcome succeeded`
  print(`To decide the payment: ${pastable(command, url)}`)
}
