import type { Command } from 'commander'
import type {
  PaymentLink,
  PaymentLinkQuery,
  PaymentLinkRow,
  PaymentLinkUpdate,
} from '../client/index.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { nothingToChange } from './command-refused.ts'
import { createWithKey } from './idempotency.ts'
import { print, printColumns, printJson, printTable, showTime } from './output.ts'
import { type PlayFlags, playedAttempt, printDecideCommand, withPlayFlags } from './play-flags.ts'
import { jsonOption, onServer, withApi, withControl, withDaysAndLimit } from './server-command.ts'
import { takeRows } from './take-rows.ts'

type LinkFlags = {
  readonly country?: string
  readonly description?: string
  readonly email?: string
  readonly expiresAt?: string
  readonly notify?: readonly string[]
  readonly phone?: string
  readonly reference?: string
  readonly returnUrl?: string
}

type CreateFlags = Flags &
  LinkFlags & {
    readonly amount: string
    readonly currency: string
    readonly description: string
    readonly idempotencyKey?: string
  }

type ListFlags = Flags & {
  readonly from?: string
  readonly limit: number
  readonly reference?: string
  readonly search?: string
  readonly status?: string
  readonly to?: string
}

/** Adds `paydesk link`. */
export function addPaymentLinkCommands(program: Command, environment: Environment): void {
  const link = program.command('link').description('The payment links of an account.')
  addCreate(link, environment)
  addUpdate(link, environment)
  addNotify(link, environment)
  addPay(link, environment)

  const list = onServer(link, 'list')
    .description('List payment links, newest first.')
    .option('--status <status>', 'only this status: active, paid, expired or canceled')
    .option('--reference <text>', 'only this reference')
    .option('--search <text>', 'a link’s id, its reference, e-mail address or phone number')
  withDaysAndLimit(list).action((flags: ListFlags) =>
    withApi(flags, environment, async ({ paymentLinks }) => {
      const rows = await takeRows(paymentLinks.listAll(queryOf(flags)), flags.limit)
      if (flags.json === true) return printJson(rows)
      if (rows.length === 0) return print('No matching payment links.')
      printLinks(rows)
    }),
  )

  onServer(link, 'show')
    .argument('<payment_link_id>', 'the link', idFrom)
    .description('Show a payment link with its payments.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ paymentLinks }) =>
        show(await paymentLinks.retrieve(id), flags),
      ),
    )

  onServer(link, 'cancel')
    .argument('<payment_link_id>', 'the link', idFrom)
    .description('Cancel a payment link: it can no longer be paid.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ paymentLinks }) =>
        show(await paymentLinks.cancel(id), flags),
      ),
    )

  onServer(link, 'expire')
    .argument('<payment_link_id>', 'the link', idFrom)
    .description('Expire a payment link now. Sandbox only.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withControl(flags, environment, async ({ paymentLinks }) =>
        show(await paymentLinks.expire(id), flags),
      ),
    )
}

function addPay(link: Command, environment: Environment): void {
  const pay = onServer(link, 'pay')
    .argument('<payment_link_id>', 'the link', idFrom)
    .description(
      'Open a payment link and play a payment attempt, as a customer would. Sandbox only.',
    )
  withPlayFlags(pay)
    .addOption(jsonOption())
    .action((id: string, flags: PlayFlags) => {
      const attempt = playedAttempt(flags)
      return withControl(flags, environment, async (control, { url }) => {
        const { payments_session_id: sessionId } = await control.paymentLinks.open(id)
        await control.sessions.play(sessionId, [attempt])
        await withApi(flags, environment, async ({ paymentLinks }) =>
          show(await paymentLinks.retrieve(id), flags),
        )
        printDecideCommand(sessionId, attempt, flags, url)
      })
    })
}

function addCreate(link: Command, environment: Environment): void {
  const create = onServer(link, 'create')
    .description('Create a payment link.')
    .requiredOption('--amount <amount>', 'the amount in major units, such as 1499.90')
    .option('--currency <code>', 'the currency', 'INR')
    .requiredOption('--description <text>', 'what the customer pays for')
  withFields(create)
    .option('--idempotency-key <text>', 'commands with the same key create only one link')
    .addOption(jsonOption())
    .action((flags: CreateFlags) =>
      withApi(flags, environment, async ({ paymentLinks }, { url }) => {
        const { amount, currency, description, idempotencyKey: key } = flags
        const body = { ...fieldsOf(flags), amount, currency, description }
        const link = await createWithKey(
          { noun: 'payment link', url, ...(key !== undefined && { key }) },
          (idempotencyKey) => paymentLinks.create(body, { idempotencyKey }),
        )
        show(link, flags)
      }),
    )
}

function addUpdate(link: Command, environment: Environment): void {
  const update = onServer(link, 'update')
    .argument('<payment_link_id>', 'the link', idFrom)
    .description(
      'Change an active payment link. An empty value of --email, --phone, --reference or --return-url removes the field.',
    )
    .option('--description <text>', 'what the customer pays for')
  withFields(update)
    .addOption(jsonOption())
    .action((id: string, flags: Flags & LinkFlags) => {
      const change = fieldsOf(flags)
      if (Object.keys(change).length === 0) throw nothingToChange('link update')
      return withApi(flags, environment, async ({ paymentLinks }) =>
        show(await paymentLinks.update(id, change), flags),
      )
    })
}

function addNotify(link: Command, environment: Environment): void {
  onServer(link, 'notify')
    .argument('<payment_link_id>', 'the link', idFrom)
    .description('Send an active payment link to its customer again.')
    .option('--notify <channel...>', '`email` or `sms`. Default: the channels of the link')
    .option('--idempotency-key <text>', 'commands with the same key send the link only once')
    .addOption(jsonOption())
    .action((id: string, flags: Flags & LinkFlags & Pick<CreateFlags, 'idempotencyKey'>) =>
      withApi(flags, environment, async ({ paymentLinks }) => {
        const { idempotencyKey } = flags
        const options = idempotencyKey === undefined ? {} : { idempotencyKey }
        show(await paymentLinks.notify(id, fieldsOf(flags), options), flags)
      }),
    )
}

function withFields(command: Command): Command {
  return command
    .option('--email <address>', 'the customer’s e-mail address')
    .option('--phone <number>', 'the customer’s phone number, such as "+91 90000 00001"')
    .option('--country <code>', 'the country of the phone number, such as IN')
    .option(
      '--expires-at <date>',
      'the last day on which the link can be paid, such as 2026-12-22. Default for new links: 30 days ahead',
    )
    .option('--reference <text>', 'your reference, such as an invoice')
    .option('--return-url <url>', 'the page to which the customer returns after the payment')
    .option(
      '--notify <channel...>',
      '`email` or `sms`: send the link to the customer. `link update` sends it again, and replaces the channels of the link',
    )
}

function fieldsOf(flags: LinkFlags): PaymentLinkUpdate {
  const { country, description, email, expiresAt, notify, phone, reference, returnUrl } = flags
  return {
    ...(description !== undefined && { description }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(country !== undefined && { phone_country_code: country }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(reference !== undefined && { reference_id: reference }),
    ...(returnUrl !== undefined && { return_url: returnUrl }),
    ...(notify !== undefined && {
      notify_customer: Object.fromEntries(notify.map((channel) => [channel, true])),
    }),
  }
}

function queryOf({ from, reference, search, status, to }: ListFlags): PaymentLinkQuery {
  return {
    // The server checks the word.
    ...(status !== undefined && { status: status as NonNullable<PaymentLinkQuery['status']> }),
    ...(reference !== undefined && { reference_id: reference }),
    ...(search !== undefined && { search_text: search }),
    ...(from !== undefined && { from_date: from }),
    ...(to !== undefined && { to_date: to }),
  }
}

function printLinks(rows: readonly PaymentLinkRow[]): void {
  printColumns(
    ['Created', 'Payment link', 'Status', 'Amount', 'Valid until', 'Reference'],
    rows.map((row) => [
      showTime(row.created_time * 1000),
      row.payment_link_id,
      row.status,
      `${row.amount} ${row.currency}`,
      row.expires_at,
      row.reference_id ?? '',
    ]),
  )
}

function show(link: PaymentLink | PaymentLinkRow, flags: Flags): void {
  if (flags.json === true) {
    printJson(link)
    return
  }
  const payments = 'payments' in link ? link.payments : []
  printTable([
    ['Payment link', link.payment_link_id],
    ['Page', link.url],
    ['Status', link.status],
    ['Amount', `${link.amount} ${link.currency}`],
    ['Description', link.description],
    ['Valid until', link.expires_at],
    ...optional('Reference', link.reference_id),
    ...optional('E-mail', link.email),
    ...optional('Phone', link.phone),
    ...optional('Return URL', link.return_url),
    ['Created', showTime(link.created_time * 1000)],
    ...payments.map(
      ({ payment_id: id, status, type }) => ['Payment', `${id} ${status}, ${type}`] as const,
    ),
  ])
}

function optional(name: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[name, value]]
}
