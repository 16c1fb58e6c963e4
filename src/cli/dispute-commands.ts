import { type Command, Option } from 'commander'
import type { DisputeOpening } from '../client/control.ts'
import type { Payment } from '../client/index.ts'
import { DISPUTE_REASON_DEFAULT, DISPUTE_REASONS } from '../domain/dispute.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { printJson, printTable, showTime } from './output.ts'
import { jsonOption, onServer, withControl } from './server-command.ts'

type OpenFlags = Flags & {
  readonly amount?: string
  readonly reason?: NonNullable<DisputeOpening['reason']>
}

/** Adds `paydesk dispute`. */
export function addDisputeCommands(program: Command, environment: Environment): void {
  const dispute = program
    .command('dispute')
    .description(
      'Disputes of a sandbox’s payments. The real API has no calls for disputes: it shows only that a payment is disputed.',
    )
  onServer(dispute, 'open')
    .argument('<payment_id>', 'the payment', idFrom)
    .description('Dispute a payment, as its customer does at the bank.')
    .option(
      '--amount <amount>',
      'the disputed amount. Default: the amount that is not yet refunded or disputed',
    )
    .addOption(
      new Option(
        '--reason <reason>',
        `the customer’s reason. Default: ${DISPUTE_REASON_DEFAULT}`,
      ).choices(DISPUTE_REASONS),
    )
    .addOption(jsonOption())
    .action((id: string, { amount, reason, ...flags }: OpenFlags) =>
      withControl(flags, environment, async ({ disputes }) => {
        const opening = {
          ...(amount !== undefined && { amount }),
          ...(reason !== undefined && { reason }),
        }
        show(await disputes.open(id, opening), flags)
      }),
    )
  for (const [word, purpose] of [
    [
      'win',
      'Decide a dispute for the merchant, who gets the disputed amount and any fee of the dispute back.',
    ],
    ['lose', 'Decide a dispute for the customer, who keeps the money.'],
  ] as const) {
    onServer(dispute, word)
      .argument('<dispute_id>', 'the dispute', idFrom)
      .description(purpose)
      .addOption(jsonOption())
      .action((id: string, flags: Flags) =>
        withControl(flags, environment, async ({ disputes }) =>
          show(await disputes[word](id), flags),
        ),
      )
  }
}

function show(payment: Payment, flags: Flags): void {
  if (flags.json === true) printJson(payment)
  else printDispute(payment)
}

function printDispute(payment: Payment): void {
  const { currency, dispute } = payment
  printTable([
    ['Dispute', dispute?.dispute_id],
    ['Status', dispute?.status],
    ['Amount', dispute && `${dispute.amount} ${currency}`],
    ['Reason', dispute?.reason],
    ['Opened', dispute && showTime(dispute.created_time * 1000)],
    ['Payment', payment.payment_id],
    ['Status of the payment', payment.status],
  ])
}
