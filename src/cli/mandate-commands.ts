import { type Command, Option } from 'commander'
import type {
  Mandate,
  MandateEnrollmentCreate,
  MandateNotification,
  MandatePayment,
} from '../client/types.ts'
import { MANDATE_STATUSES, type MandateStatus } from '../domain/mandate.ts'
import {
  AMOUNT_RULES,
  DEBIT_RULES,
  MANDATE_FREQUENCIES,
  mandateDayAt,
} from '../domain/mandate-terms.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { createWithKey } from './idempotency.ts'
import { print, printColumns, printJson, printTable, showTime } from './output.ts'
import { jsonOption, onServer, withApi, withControl, withLimit } from './server-command.ts'
import { takeRows } from './take-rows.ts'

type Details = MandateEnrollmentCreate['mandate_details']

type EnrollFlags = Flags & {
  readonly customer: string
  readonly amount: string
  readonly description: string
  readonly frequency: Details['frequency']
  readonly amountRule: Details['amount_rule']
  readonly max?: string
  readonly start?: string
  readonly end?: string
  readonly debitDay?: number
  readonly debitRule?: NonNullable<Details['debit_rule']>
  readonly idempotencyKey?: string
}

type ListFlags = Flags & {
  readonly limit: number
  readonly status?: MandateStatus
  readonly customer?: string
  readonly search?: string
}

type NotifyFlags = Flags & {
  readonly amount: string
  readonly on: string
  readonly description: string
  readonly invoice: string
}

type ExecuteFlags = Flags & {
  readonly amount: string
  readonly description: string
  readonly invoice: string
  readonly notification?: string
  readonly reference?: string
}

/** Adds `paydesk mandate`. */
export function addMandateCommands(program: Command, environment: Environment): void {
  const mandate = program
    .command('mandate')
    .description('The mandates of an account: permissions of customers for debits by UPI.')
  addEnroll(mandate, environment)
  addReads(mandate, environment)
  addDebits(mandate, environment)
  onServer(mandate, 'cancel')
    .argument('<mandate_id>', 'the mandate', idFrom)
    .description('End a mandate for good, as the merchant.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ mandates }) => show(await mandates.cancel(id), flags)),
    )
  for (const [word, purpose] of [
    ['pause', 'Pause a mandate of a sandbox, as its customer does in the UPI app.'],
    ['resume', 'Resume a mandate of a sandbox, as its customer does.'],
    ['revoke', 'End a mandate of a sandbox for good, as its customer does.'],
  ] as const) {
    onServer(mandate, word)
      .argument('<mandate_id>', 'the mandate', idFrom)
      .description(purpose)
      .addOption(jsonOption())
      .action((id: string, flags: Flags) =>
        withControl(flags, environment, async ({ mandates }) =>
          show(await mandates[word](id), flags),
        ),
      )
  }
}

function addEnroll(mandate: Command, environment: Environment): void {
  onServer(mandate, 'enroll')
    .description('Create the page on which a customer approves a mandate.')
    .requiredOption('--customer <customer_id>', 'the customer', idFrom)
    .requiredOption('--description <text>', 'the purpose of the debits')
    .option(
      '--amount <amount>',
      'the amount to pay now. For a mandate that starts later: 1, which only authorizes the mandate. For a mandate that starts today: the first debit, at least 6',
      '1',
    )
    .addOption(
      new Option(
        '--frequency <frequency>',
        'the periods of the debits: at most one debit in each. `as_presented` has no periods',
      )
        .choices(MANDATE_FREQUENCIES)
        .default('monthly'),
    )
    .addOption(
      new Option(
        '--amount-rule <rule>',
        '`fixed`: each debit has exactly the amount of the mandate; `variable`: at most that amount',
      )
        .choices(AMOUNT_RULES)
        .default('variable'),
    )
    .option(
      '--max <amount>',
      'the amount of the mandate. Required for `variable`; default for `fixed`: --amount',
    )
    .option(
      '--start <day>',
      'the first day of debits, such as 2026-12-05. Default: today with an --amount of at least 6, otherwise tomorrow',
    )
    .option('--end <day>', 'the last day of debits')
    .option(
      '--debit-day <number>',
      'the debit day: the day of the month, or 1 (Monday) to 7 for `weekly` and `fortnightly`',
      Number,
    )
    .addOption(
      new Option(
        '--debit-rule <rule>',
        '`on`: debits only on the debit day; `before`: on that day or earlier; `after`: on that day or later. Default: `on`',
      ).choices(DEBIT_RULES),
    )
    .option('--idempotency-key <text>', 'commands with the same key create only one session')
    .addOption(jsonOption())
    .action((flags: EnrollFlags) =>
      withApi(flags, environment, async ({ mandates }, { url }) => {
        const key = flags.idempotencyKey
        const session = await createWithKey(
          { noun: 'session', url, ...(key !== undefined && { key }) },
          (idempotencyKey) => mandates.enroll(enrollmentOf(flags), { idempotencyKey }),
        )
        if (flags.json === true) return printJson(session)
        printTable([
          ['Payment session', session.payments_session_id],
          ['Amount now', `${session.amount} ${session.currency}`],
          ['First day', session.mandate_details.start_date],
          ['Page open until', showTime(session.expiry_time * 1000)],
        ])
        print(`${url}/hostedcheckout/${session.access_key}`)
      }),
    )
}

function enrollmentOf(flags: EnrollFlags): MandateEnrollmentCreate {
  const { amount, customer, description, debitDay, debitRule, end, max, start } = flags
  return {
    amount,
    currency: 'INR',
    customer_id: customer,
    description,
    mandate_details: {
      payment_method_type: 'upi',
      frequency: flags.frequency,
      description,
      amount_rule: flags.amountRule,
      ...(max !== undefined && { max_amount: max }),
      ...(start !== undefined && { start_date: start }),
      ...(end !== undefined && { end_date: end }),
      ...(debitDay !== undefined && { debit_day: debitDay }),
      ...(debitRule !== undefined && { debit_rule: debitRule }),
    },
  }
}

function addReads(mandate: Command, environment: Environment): void {
  const list = onServer(mandate, 'list')
    .description('List mandates, newest first.')
    .addOption(
      new Option('--status <status>', 'only mandates with this status').choices(MANDATE_STATUSES),
    )
    .option('--customer <customer_id>', 'only mandates of this customer', idFrom)
    .option('--search <text>', 'a complete mandate id or UPI ID')
  withLimit(list).action((flags: ListFlags) =>
    withApi(flags, environment, async ({ mandates }) => {
      const { customer, search, status } = flags
      const query = {
        ...(status !== undefined && { status }),
        ...(customer !== undefined && { customer_id: customer }),
        ...(search !== undefined && { search_text: search }),
      }
      const rows = await takeRows(mandates.listAll(query), flags.limit)
      if (flags.json === true) return printJson(rows)
      if (rows.length === 0) return print('No matching mandates.')
      printColumns(
        ['Created', 'Mandate', 'Customer', 'Status', 'Amount', 'Frequency'],
        rows.map((row) => [
          showTime(row.created_time * 1000),
          row.mandate_id,
          row.customer_id,
          row.status,
          `${row.amount} ${row.currency}`,
          row.frequency,
        ]),
      )
    }),
  )
  onServer(mandate, 'show')
    .argument('<mandate_id>', 'the mandate', idFrom)
    .description('Show a mandate.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ mandates }) => show(await mandates.retrieve(id), flags)),
    )
}

function addDebits(mandate: Command, environment: Environment): void {
  onServer(mandate, 'notify')
    .argument('<mandate_id>', 'the mandate', idFrom)
    .description('Notify the customer of a debit, at least 24 hours before the debit.')
    .requiredOption('--amount <amount>', 'the amount of the debit')
    .requiredOption('--on <day>', 'the day of the debit, such as 2026-12-05')
    .requiredOption('--description <text>', 'the text that the customer reads')
    .requiredOption('--invoice <text>', 'your invoice number')
    .addOption(jsonOption())
    .action((id: string, flags: NotifyFlags) =>
      withApi(flags, environment, async ({ mandates }) => {
        const { amount, description, invoice, on } = flags
        const notice = await mandates.notify({
          mandate_id: id,
          amount,
          execution_date: on,
          description,
          invoice_number: invoice,
        })
        if (flags.json === true) printJson(notice)
        else printNotice(notice)
      }),
    )
  onServer(mandate, 'execute')
    .argument('<mandate_id>', 'the mandate', idFrom)
    .description('Debit a mandate: create the execution session, and make the debit.')
    .requiredOption('--amount <amount>', 'the amount of the debit')
    .requiredOption('--description <text>', 'the text that the customer reads')
    .requiredOption('--invoice <text>', 'your invoice number')
    .option(
      '--notification <mandate_notification_id>',
      'the notification of this debit. Default: Paydesk notifies now, and debits 24 hours later; a daily mandate is debited at once',
      idFrom,
    )
    .option('--reference <text>', 'your reference, at most 50 characters')
    .addOption(jsonOption())
    .action((id: string, flags: ExecuteFlags) =>
      withApi(flags, environment, async ({ mandates }) => {
        const { amount, description, invoice, notification, reference } = flags
        const { customer_id } = await mandates.retrieve(id)
        const debit = { amount, customer_id, invoice_number: invoice }
        const session = await mandates.createExecution({ ...debit, currency: 'INR', description })
        const payment = await mandates.execute({
          ...debit,
          mandate_id: id,
          payments_session_id: session.payments_session_id,
          ...(notification !== undefined && { mandate_notification_id: notification }),
          ...(reference !== undefined && { reference_number: reference }),
        })
        if (flags.json === true) printJson(payment)
        else printPayment(payment)
      }),
    )
}

function show(mandate: Mandate, flags: Flags): void {
  if (flags.json === true) {
    printJson(mandate)
    return
  }
  printTable([
    ['Mandate', mandate.mandate_id],
    ['Status', mandate.status],
    ['Reason', mandate.inactive_reason],
    ['Customer', `${mandate.customer_name} (${mandate.customer_id})`],
    ['Amount', `${mandate.amount} ${mandate.currency}, ${mandate.amount_rule}`],
    ['Frequency', mandate.frequency],
    ['Debit day', debitDayText(mandate)],
    ['First day', dayText(mandate.start_date)],
    ['Last day', mandate.end_date === undefined ? undefined : dayText(mandate.end_date)],
    ['UPI ID', mandate.payment_method.upi.upi_id],
    ['Description', mandate.description],
  ])
}

function debitDayText({ debit_day: day, debit_rule: rule }: Mandate): string | undefined {
  if (day === undefined) return undefined
  const suffixes = { on: '', before: ' or earlier', after: ' or later' }
  return `${day}${suffixes[rule ?? 'on']}`
}

/** In UTC, the start of a day in India is on the day before. */
function dayText(seconds: number): string {
  return mandateDayAt(seconds * 1000)
}

function printNotice(notice: MandateNotification): void {
  printTable([
    ['Notification', notice.mandate_notification_id],
    ['Status', notice.notification_status],
    ['Amount', `${notice.amount} ${notice.currency}`],
    ['Day of the debit', dayText(notice.execution_date)],
  ])
}

function printPayment(payment: MandatePayment): void {
  printTable([
    ['Payment', payment.payment_id],
    ['Status', payment.status],
    ['Amount', `${payment.amount} ${payment.currency}`],
    ['Payment session', payment.payments_session_id],
    ['Notification', payment.mandate_notification_id],
  ])
}
