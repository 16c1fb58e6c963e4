import { type Command, Option } from 'commander'
import type { PaymentMethod } from '../client/types.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { createWithKey } from './idempotency.ts'
import { print, printDeletedIds, printJson, printTable, showTime } from './output.ts'
import { jsonOption, onServer, withApi, withControl } from './server-command.ts'

type SaveFlags = Flags & {
  readonly lastFour?: string
  readonly name?: string
  readonly type: 'card' | 'ach_debit'
}

type SessionFlags = Flags & {
  readonly customer: string
  readonly description?: string
  readonly idempotencyKey?: string
}

type ChargeFlags = Flags & {
  readonly amount: string
  readonly currency: string
  readonly description?: string
  readonly idempotencyKey?: string
}

/** Adds `paydesk payment-method`. */
export function addPaymentMethodCommands(program: Command, environment: Environment): void {
  const method = program
    .command('payment-method')
    .description('The saved payment methods of customers of a US account.')
  addSession(method, environment)
  addSave(method, environment)
  addCharge(method, environment)

  onServer(method, 'show')
    .argument('<payment_method_id>', 'the saved payment method', idFrom)
    .description('Show a saved payment method.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ paymentMethods }) =>
        show(await paymentMethods.retrieve(id), flags),
      ),
    )

  onServer(method, 'delete')
    .argument('<payment_method_id>', 'the saved payment method', idFrom)
    .description('Delete a saved payment method: it can no longer be charged.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ paymentMethods }) => {
        await paymentMethods.delete(id)
        printDeletedIds(flags, { payment_method_id: id }, `Deleted payment method ${id}.`)
      }),
    )
}

function addSession(method: Command, environment: Environment): void {
  onServer(method, 'session')
    .description('Create a session in which a customer saves a payment method.')
    .requiredOption('--customer <customer_id>', 'the customer', idFrom)
    .option('--description <text>', 'the text that the page shows, at most 500 characters')
    .option('--idempotency-key <text>', 'commands with the same key create only one session')
    .addOption(jsonOption())
    .action((flags: SessionFlags) =>
      withApi(flags, environment, async ({ paymentMethodSessions }, { url }) => {
        const { customer, description, idempotencyKey: key } = flags
        const body = { customer_id: customer, ...(description !== undefined && { description }) }
        const session = await createWithKey(
          { noun: 'session', url, ...(key !== undefined && { key }) },
          (idempotencyKey) => paymentMethodSessions.create(body, { idempotencyKey }),
        )
        if (flags.json === true) return printJson(session)
        printTable([
          ['Session', session.payment_method_session_id],
          ['Customer', session.customer_id],
          ['Expires', showTime(session.expiry_time * 1000)],
          ['Page', `${url}/hostedcheckout/${session.access_key}`],
        ])
      }),
    )
}

function addSave(method: Command, environment: Environment): void {
  onServer(method, 'save')
    .argument('<customer_id>', 'the customer', idFrom)
    .description(
      'Save a test card or a test account in a sandbox, as a customer does with the form.',
    )
    .addOption(
      new Option('--type <type>', 'the kind of payment method')
        .choices(['card', 'ach_debit'])
        .default('card'),
    )
    .option(
      '--name <text>',
      'the name on the card, or of the account’s holder. Default: the customer’s name. If the name on a card is "Expired Card Later", charges of the saved card fail',
    )
    .option(
      '--last-four <digits>',
      'the last four digits of a test card or a test account. Default: those of the first test card or test account',
    )
    .addOption(jsonOption())
    .action((id: string, flags: SaveFlags) =>
      withControl(flags, environment, async ({ paymentMethods }) => {
        const { lastFour, name, type } = flags
        const savedMethod = await paymentMethods.save(id, {
          type,
          ...(name !== undefined && { card_name: name }),
          ...(lastFour !== undefined && { last_four_digits: lastFour }),
        })
        show(savedMethod, flags)
      }),
    )
}

function addCharge(method: Command, environment: Environment): void {
  onServer(method, 'charge')
    .argument('<payment_method_id>', 'the saved payment method', idFrom)
    .description('Charge a saved payment method.')
    .requiredOption('--amount <amount>', 'the amount, such as 49.00')
    .option('--currency <code>', 'the currency', 'USD')
    .option('--description <text>', 'the description of the payment, at most 500 characters')
    .option('--idempotency-key <text>', 'commands with the same key charge only once')
    .addOption(jsonOption())
    .action((id: string, flags: ChargeFlags) =>
      withApi(flags, environment, async ({ paymentMethods, payments }, { url }) => {
        const { amount, currency, description, idempotencyKey: key } = flags
        const { customer_id } = await paymentMethods.retrieve(id)
        const charge = {
          customer_id,
          payment_method_id: id,
          amount,
          currency,
          ...(description !== undefined && { description }),
        }
        const payment = await createWithKey(
          { noun: 'payment', url, ...(key !== undefined && { key }) },
          (idempotencyKey) => payments.create(charge, { idempotencyKey }),
        )
        if (flags.json === true) return printJson(payment)
        const reason = payment.failure_code === undefined ? '' : ` (${payment.failure_code})`
        print(
          `Payment ${payment.payment_id}: ${payment.amount} ${payment.currency}, ${payment.status}${reason}`,
        )
      }),
    )
}

function show(method: PaymentMethod, flags: Flags): void {
  if (flags.json === true) {
    printJson(method)
    return
  }
  const { ach_debit: account, card } = method
  printTable([
    ['Payment method', method.payment_method_id],
    ['Customer', method.customer_id],
    ['Type', method.type],
    ['Status', method.status],
    ['Digits', card?.last_four_digits ?? account?.last_four_digits],
    ['Expiry', card === undefined ? undefined : `${card.expiry_month}/${card.expiry_year}`],
    ['Saved', showTime(method.created_time * 1000)],
  ])
}
