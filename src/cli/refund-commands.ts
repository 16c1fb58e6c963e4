import { type Command, Option } from 'commander'
import { REFUND_REASONS } from '../domain/refund.ts'
import { createRandom } from '../server/random.ts'
import { type Refund, type RefundRequest, ServerUnreachable } from './api-client.ts'
import { clientFor, jsonOption, onServer } from './api-command.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { print, printJson, printTable, showDay } from './output.ts'

/** Adds `paydesk refund`. */
export function addRefundCommands(program: Command, environment: Environment): void {
  const refund = program.command('refund').description('The refunds of an account.')
  onServer(refund, 'create')
    .argument('<payment_id>', 'the payment whose money it is', idFrom)
    .description('Give back captured money, or a part of it.')
    .requiredOption('--amount <amount>', 'how much, such as 10.00')
    .addOption(
      new Option('--reason <reason>', 'why')
        .choices(REFUND_REASONS)
        .default('requested_by_customer'),
    )
    .option('--description <text>', 'in words of yours, at most 500 characters')
    .option(
      '--idempotency-key <text>',
      'with the same key a refund is made once, however often it is asked for',
    )
    .addOption(jsonOption())
    .action(async (paymentId: string, flags: Flags) => {
      const key = flags.idempotencyKey === undefined ? newKey() : String(flags.idempotencyKey)
      const asked: RefundRequest = {
        amount: String(flags.amount),
        reason: flags.reason as RefundRequest['reason'],
        type: 'initiated_by_merchant',
        ...(flags.description !== undefined && { description: String(flags.description) }),
      }
      const made = await clientFor(flags, environment)
        .createRefund(paymentId, asked, key)
        .catch((error: unknown) => {
          if (!(error instanceof ServerUnreachable)) throw error
          throw new ServerUnreachable(
            `${error.message}\nIf the server got the request, the refund is made. To ask again without making two: --idempotency-key ${key}`,
          )
        })
      if (flags.json === true) return printJson(made)
      printRefund(made)
      print(`The outcome follows by webhook, or by: paydesk refund show ${made.refund_id}`)
    })

  onServer(refund, 'show')
    .argument('<refund_id>', 'the refund', idFrom)
    .description('Show a refund.')
    .addOption(jsonOption())
    .action(async (id: string, flags: Flags) => {
      const found = await clientFor(flags, environment).retrieveRefund(id)
      if (flags.json === true) printJson(found)
      else printRefund(found)
    })
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

/** Any key will do that nobody has used. */
function newKey(): string {
  return `cli-${Buffer.from(createRandom().bytes(12)).toString('hex')}`
}
