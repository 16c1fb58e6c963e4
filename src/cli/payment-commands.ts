import { type Command, Option } from 'commander'
import { type Payment, takeRows } from './api-client.ts'
import { clientFor, jsonOption, onServer } from './api-command.ts'
import { type Environment, type Flags, idFrom, rowCountFrom } from './arguments.ts'
import { print, printColumns, printJson, printTable, showDay } from './output.ts'

/** The words of the API for the statuses of a list. */
const STATUSES: ReadonlyMap<unknown, string> = new Map([
  ['succeeded', 'Status.Succeeded'],
  ['failed', 'Status.Failed'],
  ['refunded', 'Status.Refunded'],
])

/** Adds `paydesk payment`. */
export function addPaymentCommands(program: Command, environment: Environment): void {
  const payment = program.command('payment').description('The payments of an account.')
  onServer(payment, 'list')
    .description('List payments, newest first.')
    .addOption(
      new Option('--status <status>', 'only these').choices(['succeeded', 'failed', 'refunded']),
    )
    .option('--method <method>', 'only those made with it, such as card or upi')
    .option('--search <text>', 'a payment’s id, an e-mail address, a phone number or a reference')
    .option(
      '--from <date>',
      'the first day of the account, such as 2026-11-22, or a time with its offset',
    )
    .option('--to <date>', 'the last day')
    .option('--limit <number>', 'how many at most', rowCountFrom, 25)
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      const { listPayments } = clientFor(flags, environment)
      const query = {
        status: STATUSES.get(flags.status),
        payment_method_type: textOf(flags.method),
        search_text: textOf(flags.search),
        from_date: textOf(flags.from),
        to_date: textOf(flags.to),
      }
      const rows = await takeRows(listPayments, query, flags.limit as number)
      if (flags.json === true) return printJson(rows)
      if (rows.length === 0) return print('There is no such payment.')
      printColumns(
        ['Date', 'Payment', 'Status', 'Method', ' Amount', '', ' Refunded', 'Reference'],
        rows.map((row) => [
          showDay(row.date * 1000),
          row.payment_id,
          row.status,
          row.payment_method.type,
          row.amount,
          row.currency,
          row.amount_refunded,
          row.reference_number,
        ]),
      )
    })

  onServer(payment, 'show')
    .argument('<payment_id>', 'the payment', idFrom)
    .description('Show a payment.')
    .addOption(jsonOption())
    .action(async (id: string, flags: Flags) => {
      const found = await clientFor(flags, environment).retrievePayment(id)
      if (flags.json === true) printJson(found)
      else printPayment(found)
    })
}

function printPayment(payment: Payment): void {
  const { currency } = payment
  const failure = payment.failure_code && `${payment.failure_code}: ${payment.failure_reason ?? ''}`
  printTable([
    ['Payment', payment.payment_id],
    ['Status', payment.status],
    ['Why', failure],
    ['Amount', `${payment.amount} ${currency}`],
    ['Captured', `${payment.amount_captured} ${currency}`],
    ['Refunded', `${payment.amount_refunded} ${currency}`],
    ['Fee and tax', `${payment.total_fee_amount} ${currency}`],
    ['Net', `${payment.net_amount} ${currency}`],
    ['Method', methodText(payment)],
    ['Date', showDay(payment.date * 1000)],
    ['Payment session', payment.payments_session_id],
    ['Description', payment.description],
    ['Reference', payment.reference_number],
    ['Invoice', payment.invoice_number],
    ['Processor’s reference', payment.transaction_reference_number],
    ['E-mail', payment.receipt_email],
    ['Phone', payment.phone],
  ])
}

/** Such as `card visa 1111`. */
function methodText({ payment_method: method }: Payment): string {
  const facts = (method[method.type] ?? {}) as Readonly<Record<string, string | undefined>>
  const shown = ['brand', 'last_four_digits', 'channel', 'upi_id', 'bank_name', 'wallet_name']
  return [method.type, ...shown.flatMap((name) => facts[name] ?? [])].join(' ')
}

function textOf(flag: unknown): string | undefined {
  return flag === undefined ? undefined : String(flag)
}
