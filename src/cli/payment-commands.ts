import { type Command, Option } from 'commander'
import type { Payment, PaymentPage, PaymentQuery } from '../client/index.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { METHODS } from './method-choices.ts'
import { print, printColumns, printJson, printTable, showTime } from './output.ts'
import { jsonOption, onServer, withApi, withDaysAndLimit } from './server-command.ts'
import { takeRows } from './take-rows.ts'

const STATUSES = {
  succeeded: 'Status.Succeeded',
  failed: 'Status.Failed',
  refunded: 'Status.Refunded',
  disputed: 'Status.Disputed',
} as const

type ListFlags = Flags & {
  readonly status?: keyof typeof STATUSES
  readonly method?: NonNullable<PaymentQuery['payment_method_type']>
  readonly search?: string
  readonly customer?: string
  readonly from?: string
  readonly to?: string
  readonly limit: number
}

/** Adds `paydesk payment`. */
export function addPaymentCommands(program: Command, environment: Environment): void {
  const payment = program.command('payment').description('The payments of an account.')
  const list = onServer(payment, 'list')
    .description('List payments, newest first.')
    .addOption(new Option('--status <status>', 'only this status').choices(Object.keys(STATUSES)))
    .addOption(new Option('--method <method>', 'only this payment method').choices(METHODS))
    .option(
      '--search <text>',
      'a payment’s id, an e-mail address, a phone number, a reference or an invoice number',
    )
    .option('--customer <customer_id>', 'only payments of this customer', idFrom)
  withDaysAndLimit(list).action((flags: ListFlags) =>
    withApi(flags, environment, async ({ payments }) => {
      const rows = await takeRows(payments.listAll(queryOf(flags)), flags.limit)
      if (flags.json === true) return printJson(rows)
      if (rows.length === 0) return print('No matching payments.')
      printPayments(rows)
    }),
  )

  onServer(payment, 'show')
    .argument('<payment_id>', 'the payment', idFrom)
    .description('Show a payment.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ payments }) => {
        const payment = await payments.retrieve(id)
        if (flags.json === true) printJson(payment)
        else printPayment(payment)
      }),
    )
}

function queryOf({ customer, from, method, search, status, to }: ListFlags): PaymentQuery {
  return {
    ...(status !== undefined && { status: STATUSES[status] }),
    ...(method !== undefined && { payment_method_type: method }),
    ...(search !== undefined && { search_text: search }),
    ...(customer !== undefined && { customer_id: customer }),
    ...(from !== undefined && { from_date: from }),
    ...(to !== undefined && { to_date: to }),
  }
}

function printPayments(rows: readonly PaymentPage['payments'][number][]): void {
  printColumns(
    ['Date', 'Payment', 'Status', 'Method', ' Amount', '', ' Refunded', 'Reference'],
    rows.map((row) => [
      showTime(row.date * 1000),
      row.payment_id,
      row.status,
      row.payment_method.type,
      row.amount,
      row.currency,
      row.amount_refunded,
      row.reference_number,
    ]),
  )
}

function printPayment(payment: Payment): void {
  const { currency } = payment
  const failure = payment.failure_code && `${payment.failure_code}: ${payment.failure_reason ?? ''}`
  printTable([
    ['Payment', payment.payment_id],
    ['Status', payment.status],
    ['Failure', failure],
    ['Amount', `${payment.amount} ${currency}`],
    ['Captured', `${payment.amount_captured} ${currency}`],
    ['Refunded', `${payment.amount_refunded} ${currency}`],
    ['Fee and tax', `${payment.total_fee_amount} ${currency}`],
    ['Net', `${payment.net_amount} ${currency}`],
    ['Method', methodText(payment)],
    ['Date', showTime(payment.date * 1000)],
    ['Dispute', disputeText(payment)],
    ['Payment session', payment.payments_session_id],
    ['Customer', payment.customer_id],
    ['Description', payment.description],
    ['Reference', payment.reference_number],
    ['Invoice', payment.invoice_number],
    ['Processor’s reference', payment.transaction_reference_number],
    ['E-mail', payment.receipt_email],
    ['Phone', payment.phone],
  ])
}

function disputeText({ currency, dispute }: Payment): string | undefined {
  return dispute && `${dispute.dispute_id}: ${dispute.status}, ${dispute.amount} ${currency}`
}

function methodText({ payment_method: method }: Payment): string {
  const { bank_transfer, card, net_banking, type, upi, wallet } = method
  const details: Readonly<Record<string, unknown>> = {
    ...card,
    ...upi,
    ...net_banking,
    ...wallet,
    ...bank_transfer,
  }
  const names = ['brand', 'last_four_digits', 'channel', 'upi_id', 'bank_name', 'wallet_name']
  return [type, ...names.map((name) => details[name])].filter(Boolean).join(' ')
}
