import { type Command, Option } from 'commander'
import type { TerminalPayment } from '../client/control.ts'
import type { Payment } from '../client/index.ts'
import { DECLINE_CODES } from '../domain/payment-attempt.ts'
import { TERMINAL_METHODS } from '../domain/terminal.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { print, printColumns, printJson, printTable, showTime } from './output.ts'
import { jsonOption, onServer, withApi, withControl } from './server-command.ts'

type ChargeFlags = Flags & {
  readonly amount: string
  readonly description?: string
  readonly invoice?: string
  readonly reference?: string
  readonly method?: (typeof TERMINAL_METHODS)[number]
}

type PayFlags = Flags & {
  readonly session?: string
  readonly method?: NonNullable<TerminalPayment['method']>
  readonly outcome?: NonNullable<TerminalPayment['outcome']>
  readonly declineCode?: NonNullable<TerminalPayment['decline_code']>
}

/** Adds `paydesk terminal`. */
export function addTerminalCommands(program: Command, environment: Environment): void {
  const terminal = program
    .command('terminal')
    .description('Payments at terminals. A sandbox has PDTERM01 and PDTERM02.')
  addCharge(terminal, environment)
  onServer(terminal, 'show')
    .argument('<terminal_id>', 'the terminal')
    .description('Show the sessions that customers can pay at a terminal of a sandbox now.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withControl(flags, environment, async ({ terminals }) => {
        const terminalState = await terminals.retrieve(id)
        if (flags.json === true) return printJson(terminalState)
        print(terminalState.page_url)
        if (terminalState.payments_sessions.length === 0)
          return print('The terminal shows no session.')
        printColumns(
          ['Expires', 'Payment session', ' Amount', '', 'Methods', 'Description'],
          terminalState.payments_sessions.map((one) => [
            showTime(one.expiry_time * 1000),
            one.payments_session_id,
            one.amount,
            one.currency,
            one.methods.join(', '),
            one.description,
          ]),
        )
      }),
    )
  addPay(terminal, environment)
}

function addCharge(terminal: Command, environment: Environment): void {
  onServer(terminal, 'charge')
    .argument('<terminal_id>', 'the terminal')
    .description('Show an amount on a terminal. The customer has 180 seconds to pay.')
    .requiredOption('--amount <amount>', 'the amount in rupees')
    .option('--description <text>', 'the purpose')
    .option('--invoice <text>', 'your invoice number')
    .option('--reference <text>', 'your reference, at most 50 characters')
    .addOption(new Option('--method <method>', 'the only allowed method').choices(TERMINAL_METHODS))
    .addOption(jsonOption())
    .action((id: string, flags: ChargeFlags) =>
      withApi(flags, environment, async ({ terminalSessions }) => {
        const { amount, description, invoice, method, reference } = flags
        const session = await terminalSessions.create({
          amount,
          currency: 'INR',
          terminal_id: id,
          ...(description !== undefined && { description }),
          ...(invoice !== undefined && { invoice_number: invoice }),
          ...(reference !== undefined && { reference_number: reference }),
          ...(method !== undefined && { payment_method_details: { type: method } }),
        })
        if (flags.json === true) return printJson(session)
        printTable([
          ['Payment session', session.payments_session_id],
          ['Terminal', session.terminal_id],
          ['Amount', `${session.amount} ${session.currency}`],
          ['Status', session.session_status],
          ['Expires', showTime(session.expiry_time * 1000)],
        ])
      }),
    )
}

function addPay(terminal: Command, environment: Environment): void {
  onServer(terminal, 'pay')
    .argument('<terminal_id>', 'the terminal')
    .description('Pay at a terminal of a sandbox, as a customer does.')
    .option('--session <payments_session_id>', 'the session. Default: the newest one', idFrom)
    .addOption(
      new Option(
        '--method <method>',
        'the payment method. Default: the first one that the terminal offers',
      ).choices(TERMINAL_METHODS),
    )
    .addOption(
      new Option('--outcome <outcome>', 'the result of the payment. Default: succeeded').choices([
        'succeeded',
        'failed',
        'abandoned',
      ]),
    )
    .addOption(
      new Option(
        '--decline-code <code>',
        'the reason for a failure, only with --outcome failed',
      ).choices(DECLINE_CODES),
    )
    .addOption(jsonOption())
    .action((id: string, { declineCode, method, outcome, session, ...flags }: PayFlags) =>
      withControl(flags, environment, async ({ terminals }) => {
        const payment = await terminals.pay(id, {
          ...(session !== undefined && { payments_session_id: session }),
          ...(method !== undefined && { method }),
          ...(outcome !== undefined && { outcome }),
          ...(declineCode !== undefined && { decline_code: declineCode }),
        })
        if (flags.json === true) printJson(payment)
        else printPayment(payment)
      }),
    )
}

function printPayment(payment: Payment): void {
  printTable([
    ['Payment', payment.payment_id],
    ['Status', payment.status],
    ['Failure', payment.failure_code],
    ['Amount', `${payment.amount} ${payment.currency}`],
    ['Method', payment.payment_method.type],
    ['Payment session', payment.payments_session_id],
  ])
}
