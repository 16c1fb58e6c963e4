import { type Command, Option } from 'commander'
import { isUnknownAnswer } from '../client/errors.ts'
import {
  ApiConnectionError,
  PaydeskError,
  type Refund,
  type RefundCreate,
} from '../client/index.ts'
import { REFUND_REASONS } from '../domain/refund.ts'
import { createRandom } from '../server/random.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { print, printJson, printTable, showDay } from './output.ts'
import { apiErrorText, jsonOption, onServer, withApi } from './server-command.ts'

/** The flags of `paydesk refund create`, as their parsers give them. */
type CreateFlags = Flags & {
  readonly amount: string
  readonly reason: NonNullable<RefundCreate['reason']>
  readonly description?: string
  readonly idempotencyKey?: string
}

/** Adds `paydesk refund`. */
export function addRefundCommands(program: Command, environment: Environment): void {
  const refund = program.command('refund').description('The refunds of an account.')
  onServer(refund, 'create')
    .argument('<payment_id>', 'the payment to refund', idFrom)
    .description('Refund a payment, or a part of it.')
    .requiredOption('--amount <amount>', 'the amount in major units, such as 10.00')
    .addOption(
      new Option('--reason <reason>', 'the reason')
        .choices(REFUND_REASONS)
        .default('requested_by_customer'),
    )
    .option('--description <text>', 'the reason in your own words, at most 500 characters')
    .option('--idempotency-key <text>', 'repeated commands with the same key make one refund')
    .addOption(jsonOption())
    .action((paymentId: string, flags: CreateFlags) =>
      withApi(flags, environment, async ({ refunds }, { url }) => {
        const { amount, description, idempotencyKey = newKey(), reason } = flags
        const made = await refunds
          .create(
            paymentId,
            {
              amount,
              reason,
              type: 'initiated_by_merchant',
              ...(description !== undefined && { description }),
            },
            { idempotencyKey },
          )
          .catch((error: unknown) => {
            if (!isLost(error)) throw error
            throw new CommandRefused(
              `${apiErrorText(error, url)}\nThe refund may have been made. To try again without making a second one: --idempotency-key ${idempotencyKey}`,
            )
          })
        if (flags.json === true) return printJson(made)
        printRefund(made)
        print(`A webhook reports the outcome. To look it up: paydesk refund show ${made.refund_id}`)
      }),
    )

  onServer(refund, 'show')
    .argument('<refund_id>', 'the refund', idFrom)
    .description('Show a refund.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ refunds }) => {
        const found = await refunds.retrieve(id)
        if (flags.json === true) printJson(found)
        else printRefund(found)
      }),
    )
}

/** Reports whether the request may or may not have been carried out. */
function isLost(error: unknown): error is PaydeskError {
  if (error instanceof ApiConnectionError) return true
  return error instanceof PaydeskError && isUnknownAnswer(error)
}

function printRefund(refund: Refund): void {
  printTable([
    ['Refund', refund.refund_id],
    ['Status', refund.status],
    ['Why', refund.failure_reason],
    ['Amount', refund.amount],
    ['Payment', refund.payment_id],
    ['Type', refund.type],
    ['Reason', refund.reason],
    ['Description', refund.description],
    ['Date', showDay(refund.date * 1000)],
    ['Processor’s reference', refund.network_reference_number],
  ])
}

/** A key that nobody else uses. */
function newKey(): string {
  return `cli-${Buffer.from(createRandom().bytes(12)).toString('hex')}`
}
