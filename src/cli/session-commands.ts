import { type Command, Option } from 'commander'
import type { Decision } from '../client/control.ts'
import type {
  PaydeskClient,
  PaymentSession,
  PaymentSessionCreate,
  PaymentSessionPage,
  PaymentSessionQuery,
} from '../client/index.ts'
import { DECLINE_CODES } from '../domain/payment-attempt.ts'
import { PAYMENT_SESSION_STATUSES } from '../domain/payment-session.ts'
import { type Environment, type Flags, idFrom, numberFrom } from './arguments.ts'
import { ListOption } from './choices.ts'
import { createWithKey } from './idempotency.ts'
import { METHODS } from './method-choices.ts'
import { openInBrowser } from './open-in-browser.ts'
import { print, printColumns, printJson, printTable, showTime } from './output.ts'
import { type PlayFlags, playedAttempt, printDecideCommand, withPlayFlags } from './play-flags.ts'
import { jsonOption, onServer, withApi, withControl, withDaysAndLimit } from './server-command.ts'
import { takeRows } from './take-rows.ts'

type CreateFlags = Flags & {
  readonly amount: string
  readonly currency: string
  readonly customer?: string
  readonly description?: string
  readonly expiresIn?: number
  readonly failureUrl?: string
  readonly idempotencyKey?: string
  readonly invoice?: string
  readonly methods?: readonly string[]
  readonly open?: true
  readonly reference?: string
  readonly successUrl?: string
}

type ListFlags = Flags & {
  readonly from?: string
  readonly invoice?: string
  readonly limit: number
  readonly reference?: string
  readonly status?: NonNullable<PaymentSessionQuery['status']>
  readonly to?: string
}

/** Adds `paydesk session`. */
export function addSessionCommands(program: Command, environment: Environment): void {
  const session = program.command('session').description('The payment sessions of an account.')
  addCreate(session, environment)
  addShow(session, environment)
  addList(session, environment)
  addPay(session, environment)
  addDecide(session, environment)
  addCancel(session, environment)
}

function addCreate(session: Command, environment: Environment): void {
  onServer(session, 'create')
    .description('Create a payment session, and print the address of its checkout page.')
    .requiredOption('--amount <amount>', 'the amount in major units, such as 1499.90')
    .option('--currency <code>', 'the currency', 'INR')
    .option('--description <text>', 'the text that the customer reads, at most 500 characters')
    .option('--reference <text>', 'your reference, such as an order number')
    .option('--invoice <text>', 'your invoice number')
    .option(
      '--customer <customer_id>',
      'the customer; the checkout page fills in the customer’s data',
      idFrom,
    )
    .addOption(
      new ListOption(
        '--methods <list>',
        'the allowed payment methods, separated by commas. Default: all of the account',
        METHODS,
      ),
    )
    .option(
      '--expires-in <seconds>',
      'the time until the session expires: 300 to 900 seconds. Default: 900',
      numberFrom,
    )
    .option(
      '--success-url <url>',
      'the page to which the customer returns after a payment. Default: --failure-url',
    )
    .option(
      '--failure-url <url>',
      'the page to which the customer returns without a payment. Default: --success-url',
    )
    .option('--idempotency-key <text>', 'commands with the same key create only one session')
    .option('--open', 'open the checkout page in the browser')
    .addOption(jsonOption('print the session as JSON, with checkout_url'))
    .action((flags: CreateFlags) => {
      let linkedPage: string | undefined
      const work: Parameters<typeof withApi>[2] = async (
        { checkoutUrl, paymentSessions },
        { url },
      ) => {
        const key = flags.idempotencyKey
        const session = await createWithKey(
          { noun: 'session', url, ...(key !== undefined && { key }) },
          (idempotencyKey) => paymentSessions.create(bodyOf(flags), { idempotencyKey }),
        )
        const checkout = linkedPage ?? checkoutUrl(session)
        if (flags.json === true) printJson({ ...session, checkout_url: checkout })
        else {
          printTable([
            ['Payment session', session.payments_session_id],
            ['Amount', `${session.amount} ${session.currency}`],
            ['Expires', showTime(session.expiry_time * 1000)],
            ['Checkout', checkout],
          ])
        }
        if (flags.open === true) await openInBrowser(checkout)
      }
      return withApi(flags, environment, work, {
        onAnswer: (headers) => {
          linkedPage = checkoutPageIn(headers)
        },
      })
    })
}

/** Reads the address of the checkout page, which begins with the server's public URL. Undefined: there is none. */
function checkoutPageIn(headers: Headers): string | undefined {
  const [, url = ''] =
    /^<(https?:\/\/[^>\s]+)>; rel="payment"$/.exec(headers.get('link') ?? '') ?? []
  return URL.canParse(url) ? url : undefined
}

function bodyOf(flags: CreateFlags): PaymentSessionCreate {
  const { amount, currency, customer, description, expiresIn, failureUrl, invoice } = flags
  const { methods, reference, successUrl } = flags
  const returnUrl = successUrl ?? failureUrl
  return {
    amount,
    currency,
    ...(description !== undefined && { description }),
    ...(expiresIn !== undefined && { expires_in: expiresIn }),
    ...(invoice !== undefined && { invoice_number: invoice }),
    ...(reference !== undefined && { reference_number: reference }),
    ...(customer !== undefined && { customer_id: customer }),
    ...((methods ?? returnUrl) !== undefined && {
      configurations: {
        ...(methods !== undefined && { allowed_payment_methods: [...methods] }),
        ...(returnUrl !== undefined && {
          hosted_page_parameters: {
            success_url: successUrl ?? returnUrl,
            failure_url: failureUrl ?? returnUrl,
          },
        }),
      },
    }),
  }
}

function addShow(session: Command, environment: Environment): void {
  onServer(session, 'show')
    .argument('<payments_session_id>', 'the session', idFrom)
    .description('Show a payment session and its payments.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async (client) => {
        const session = await client.paymentSessions.retrieve(id)
        show(session, flags, flags.json === true ? NO_REASONS : await reasonsOf(client, session))
      }),
    )
}

type Reasons = ReadonlyMap<string, string>
const NO_REASONS: Reasons = new Map()

/** Reads each failed payment, because a session does not have the decline codes of its payments. */
async function reasonsOf(
  { payments }: Pick<PaydeskClient, 'payments'>,
  session: PaymentSession,
): Promise<Reasons> {
  const failedIds = session.payments.flatMap(({ payment_id: id, status }) =>
    status === 'failed' ? [id] : [],
  )
  const codes = await Promise.all(
    failedIds.map(async (id) => [id, (await payments.retrieve(id)).failure_code ?? ''] as const),
  )
  return new Map(codes.filter(([, code]) => code !== ''))
}

function addList(session: Command, environment: Environment): void {
  const list = onServer(session, 'list')
    .description('List payment sessions, newest first.')
    .addOption(
      new Option('--status <status>', 'only this status').choices(PAYMENT_SESSION_STATUSES),
    )
    .option('--reference <text>', 'only this reference')
    .option('--invoice <text>', 'only this invoice number')
  withDaysAndLimit(list).action((flags: ListFlags) =>
    withApi(flags, environment, async ({ paymentSessions }) => {
      const rows = await takeRows(paymentSessions.listAll(queryOf(flags)), flags.limit)
      if (flags.json === true) return printJson(rows)
      if (rows.length === 0) return print('No matching payment sessions.')
      printSessions(rows)
    }),
  )
}

function queryOf({ from, invoice, reference, status, to }: ListFlags): PaymentSessionQuery {
  return {
    ...(status !== undefined && { status }),
    ...(reference !== undefined && { reference_number: reference }),
    ...(invoice !== undefined && { invoice_number: invoice }),
    ...(from !== undefined && { from_date: from }),
    ...(to !== undefined && { to_date: to }),
  }
}

function addPay(session: Command, environment: Environment): void {
  const pay = onServer(session, 'pay')
    .argument('<payments_session_id>', 'the session', idFrom)
    .description('Play a payment attempt on a session, as a customer would. Sandbox only.')
  withPlayFlags(pay)
    .addOption(jsonOption())
    .action((id: string, flags: PlayFlags) => {
      const attempt = playedAttempt(flags)
      return withControl(flags, environment, async ({ sessions }, { url }) => {
        show(await sessions.play(id, [attempt]), flags)
        printDecideCommand(id, attempt, flags, url)
      })
    })
}

type DecideFlags = Flags & Pick<PlayFlags, 'declineCode'> & Pick<Decision, 'outcome'>

function addDecide(session: Command, environment: Environment): void {
  onServer(session, 'decide')
    .argument('<payments_session_id>', 'the session', idFrom)
    .description('Decide the pending payment of a session, as the bank would. Sandbox only.')
    .addOption(
      new Option('--outcome <outcome>', 'the decision of the bank')
        .choices(['succeeded', 'failed'])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--decline-code <code>', 'the reason for a failure').choices(DECLINE_CODES),
    )
    .addOption(jsonOption())
    .action((id: string, flags: DecideFlags) => {
      const { declineCode, outcome } = flags
      return withControl(flags, environment, async ({ sessions }) =>
        show(
          await sessions.decide(id, {
            outcome,
            ...(declineCode !== undefined && { decline_code: declineCode }),
          }),
          flags,
        ),
      )
    })
}

function addCancel(session: Command, environment: Environment): void {
  onServer(session, 'cancel')
    .argument('<payments_session_id>', 'the session', idFrom)
    .description('Cancel an open payment session: it can no longer be paid.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ paymentSessions }) =>
        show(await paymentSessions.cancel(id), flags),
      ),
    )
}

function printSessions(rows: readonly PaymentSessionPage['payments_sessions'][number][]): void {
  printColumns(
    ['Created', 'Payment session', 'Status', ' Amount', '', 'Reference'],
    rows.map((row) => [
      showTime(row.created_time * 1000),
      row.payments_session_id,
      row.status,
      row.amount,
      row.currency,
      row.reference_number,
    ]),
  )
}

function show(session: PaymentSession, flags: Flags, reasons = NO_REASONS): void {
  if (flags.json === true) {
    printJson(session)
    return
  }
  printTable([
    ['Payment session', session.payments_session_id],
    ['Status', session.status],
    ['Amount', `${session.amount} ${session.currency}`],
    ['Description', session.description],
    ['Reference', session.reference_number],
    ['Invoice', session.invoice_number],
    ['Created', showTime(session.created_time * 1000)],
    ['Expires', showTime(session.expiry_time * 1000)],
    ...session.payments.toReversed().map(({ payment_id: id, status }) => {
      const reason = reasons.get(id)
      return ['Payment', `${id} ${status}${reason === undefined ? '' : ` (${reason})`}`] as const
    }),
  ])
}
