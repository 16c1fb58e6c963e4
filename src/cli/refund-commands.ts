import { type Command, Option } from 'commander'
import {
  AuthenticationError,
  type PaydeskClient,
  type Refund,
  type RefundCreate,
} from '../client/index.ts'
import { formatMoney, isCurrency, readAmount } from '../domain/money.ts'
import { REFUND_REASONS } from '../domain/refund.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { createWithKey } from './idempotency.ts'
import { print, printJson, printTable, showTime } from './output.ts'
import { jsonOption, onServer, pastable, withApi } from './server-command.ts'

type CreateFlags = Flags & {
  readonly amount?: string
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
    .option(
      '--amount <amount>',
      'the amount in major units, such as 10.00. Default: the amount that is neither refunded nor disputed',
    )
    .addOption(
      new Option('--reason <reason>', 'the reason')
        .choices(REFUND_REASONS)
        .default('requested_by_customer'),
    )
    .option('--description <text>', 'the reason in your own words, at most 500 characters')
    .option('--idempotency-key <text>', 'commands with the same key create only one refund')
    .addOption(jsonOption())
    .action((paymentId: string, flags: CreateFlags) => {
      const { amount, description, idempotencyKey: key, reason } = flags
      if (amount === undefined && key !== undefined) {
        // The remaining amount may differ when the command runs again.
        throw new CommandRefused('--idempotency-key needs --amount.', EXIT_CODES.usage.code)
      }
      return withApi(flags, environment, async ({ payments, refunds }, { url }) => {
        const body: RefundCreate = {
          amount: amount ?? (await remainingAmount({ payments, refunds }, paymentId)),
          reason,
          type: 'initiated_by_merchant',
          ...(description !== undefined && { description }),
        }
        const refund = await createWithKey(
          { noun: 'refund', url, ...(key !== undefined && { key }) },
          (idempotencyKey) => refunds.create(paymentId, body, { idempotencyKey }),
        )
        if (flags.json === true) return printJson(refund)
        printRefund(refund, await currencyOf({ payments }, refund))
        print(
          `A webhook reports the outcome. To look it up: ${pastable(`refund show ${refund.refund_id}`, url)}`,
        )
      })
    })

  onServer(refund, 'show')
    .argument('<refund_id>', 'the refund', idFrom)
    .description('Show a refund.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ payments, refunds }) => {
        const refund = await refunds.retrieve(id)
        if (flags.json === true) printJson(refund)
        else printRefund(refund, await currencyOf({ payments }, refund))
      }),
    )
}

/**
 * Returns the amount of a payment that is not refunded yet and was not lost in the dispute that the API shows. Throws
 * CommandRefused if nothing is left.
 */
async function remainingAmount(
  { payments, refunds }: Pick<PaydeskClient, 'payments' | 'refunds'>,
  paymentId: string,
): Promise<string> {
  const { amount_captured: capturedAmount, currency, dispute } = await payments.retrieve(paymentId)
  if (!isCurrency(currency)) throw new Error(`the currency ${currency} is unknown`)
  const minorOf = (amount: string) => {
    const reading = readAmount(amount, currency)
    return 'refused' in reading ? 0n : reading.amountMinor
  }
  const lostAmount = dispute?.status === 'lost' ? dispute.amount : '0'
  let leftMinor = minorOf(capturedAmount) - minorOf(lostAmount)
  for await (const refund of refunds.listAll(paymentId)) {
    if (refund.status !== 'failed') leftMinor -= minorOf(refund.amount)
  }
  if (leftMinor <= 0n) {
    throw new CommandRefused(
      `Payment ${paymentId} has nothing left to refund. The captured amount was ${capturedAmount} ${currency}.`,
    )
  }
  return formatMoney({ amountMinor: leftMinor, currency })
}

/** Returns the currency of a refund, which only its payment has. Empty: the token may not read payments. */
async function currencyOf(
  { payments }: Pick<PaydeskClient, 'payments'>,
  { payment_id: id }: Pick<Refund, 'payment_id'>,
): Promise<string> {
  try {
    return (await payments.retrieve(id)).currency
  } catch (error) {
    if (error instanceof AuthenticationError) return ''
    throw error
  }
}

function printRefund(refund: Refund, currency: string): void {
  printTable([
    ['Refund', refund.refund_id],
    ['Status', refund.status],
    ['Failure', refund.failure_reason],
    ['Amount', `${refund.amount} ${currency}`.trim()],
    ['Payment', refund.payment_id],
    ['Type', refund.type],
    ['Reason', refund.reason],
    ['Description', refund.description],
    ['Date', showTime(refund.date * 1000)],
    ['Processor’s reference', refund.network_reference_number],
  ])
}
