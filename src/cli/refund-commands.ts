import { type Command, Option } from 'commander'
import type { Refund, RefundCreate } from '../client/index.ts'
import { REFUND_REASONS } from '../domain/refund.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { createWithKey } from './idempotency.ts'
import { print, printJson, printTable, showDay } from './output.ts'
import { jsonOption, onServer, pastable, withApi } from './server-command.ts'

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
    .option('--idempotency-key <text>', 'commands with the same key create only one refund')
    .addOption(jsonOption())
    .action((paymentId: string, flags: CreateFlags) =>
      withApi(flags, environment, async ({ refunds }, { url }) => {
        const { amount, description, idempotencyKey: key, reason } = flags
        const body: RefundCreate = {
          amount,
          reason,
          type: 'initiated_by_merchant',
          ...(description !== undefined && { description }),
        }
        const refund = await createWithKey(
          { noun: 'refund', url, ...(key !== undefined && { key }) },
          (idempotencyKey) => refunds.create(paymentId, body, { idempotencyKey }),
        )
        if (flags.json === true) return printJson(refund)
        printRefund(refund)
        print(
          `A webhook reports the outcome. To look it up: ${pastable(`refund show ${refund.refund_id}`, url)}`,
        )
      }),
    )

  onServer(refund, 'show')
    .argument('<refund_id>', 'the refund', idFrom)
    .description('Show a refund.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ refunds }) => {
        const refund = await refunds.retrieve(id)
        if (flags.json === true) printJson(refund)
        else printRefund(refund)
      }),
    )
}

function printRefund(refund: Refund): void {
  printTable([
    ['Refund', refund.refund_id],
    ['Status', refund.status],
    ['Failure', refund.failure_reason],
    ['Amount', refund.amount],
    ['Payment', refund.payment_id],
    ['Type', refund.type],
    ['Reason', refund.reason],
    ['Description', refund.description],
    ['Date', showDay(refund.date * 1000)],
    ['Processor’s reference', refund.network_reference_number],
  ])
}
