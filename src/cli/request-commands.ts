import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Exchange, ExchangeMessage, ExchangeQuery } from '../client/control.ts'
import { type Environment, type Flags, idFrom, rowCountFrom } from './arguments.ts'
import { print, printColumns, printJson, printTable, showTime } from './output.ts'
import { jsonOption, LIVE_LOGS, onServer, withControl } from './server-command.ts'

/** The number of exchanges that a sandbox keeps. */
const EXCHANGE_COUNT_MAX = 1_000

type ListFlags = Flags & {
  readonly kind?: NonNullable<ExchangeQuery['kind']>
  readonly session?: string
  readonly payment?: string
  readonly event?: string
  readonly path?: string
  readonly status?: string
  readonly limit: number
}

/** Adds `paydesk request`. */
export function addRequestCommands(program: Command, environment: Environment): void {
  const request = program
    .command('request')
    .description('The sandbox’s log of API calls, webhooks and calls to the processor.')

  onServer(request, 'list')
    .description('List the latest requests, newest first.')
    .addOption(
      new Option('--kind <kind>', 'only this kind').choices(['api', 'webhook', 'processor']),
    )
    .option('--session <id>', 'only requests about a payment session', idFrom)
    .option('--payment <id>', 'only requests about a payment', idFrom)
    .option('--event <id>', 'only requests about an event', idFrom)
    .option('--status <list>', 'only requests with these statuses, such as 404 or 4xx,5xx')
    .option(
      '--path <text>',
      'only requests whose method and path contain this text, such as POST /payments',
    )
    .option('--limit <number>', 'the maximum number of rows', countFrom, 25)
    .addOption(jsonOption())
    .action((flags: ListFlags) =>
      withControl(
        flags,
        environment,
        async ({ requests }) => {
          const rows = await requests.list(queryOf(flags))
          if (flags.json === true) return printJson(rows)
          if (rows.length === 0) return print('No matching requests.')
          printRequests(rows)
        },
        LIVE_LOGS,
      ),
    )

  onServer(request, 'show')
    .argument('<id>', 'the id of the request, from `paydesk request list`', idFrom)
    .description('Show a request with its headers and bodies.')
    .addOption(new Option('--curl', 'print only a curl command that sends the request again'))
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withControl(
        flags,
        environment,
        async ({ requests }) => {
          const exchange = await requests.retrieve(id)
          if (flags.json === true) return printJson(exchange)
          if (flags.curl === true)
            return print(exchange.curl ?? '# There is no curl command for a call to the processor.')
          printExchange(exchange)
        },
        LIVE_LOGS,
      ),
    )
}

function queryOf({ event, kind, limit, path, payment, session, status }: ListFlags): ExchangeQuery {
  return {
    limit,
    ...(kind !== undefined && { kind }),
    ...(path !== undefined && { path }),
    ...(status !== undefined && { status }),
    ...(session !== undefined && { payments_session_id: session }),
    ...(payment !== undefined && { payment_id: payment }),
    ...(event !== undefined && { event_id: event }),
  }
}

function printRequests(rows: readonly Exchange[]): void {
  printColumns(
    [' Id', 'Time', 'Kind', 'Request', 'Answer', ' After', 'Fault', 'Warnings'],
    rows.map((row) => [
      row.id,
      showTime(row.time_ms),
      row.kind,
      `${row.method} ${row.path.split('?')[0]}${row.repeat_count === undefined ? '' : `, repeated ${row.repeat_count} times`}`,
      String(row.response?.status ?? 'none'),
      `${row.duration_ms} ms`,
      row.fault_id,
      row.warnings?.join('; '),
    ]),
  )
}

function printExchange(exchange: Exchange): void {
  const { request, response } = exchange
  printTable([
    ['Request', `${exchange.method} ${exchange.path}`],
    ['Kind', exchange.kind],
    ['Time', showTime(exchange.time_ms)],
    ['Duration', `${exchange.duration_ms} ms`],
    ['Answer', String(response?.status ?? 'none')],
    ['Failure', exchange.failure],
    ['Fault', exchange.fault_id],
    ...(exchange.warnings ?? []).map((warning) => ['Warning', warning] as const),
  ])
  printMessage('Request', request)
  if (response !== undefined) printMessage('Answer', response)
}

function printMessage(title: string, { body, headers }: ExchangeMessage): void {
  print('')
  print(`${title}:`)
  const rows = Object.entries(headers).map(([name, value]) => [`  ${name}`, value] as const)
  if (rows.length > 0) printTable(rows)
  if (body !== '') printJson(parseBody(body))
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

function countFrom(text: string): number {
  const count = rowCountFrom(text)
  if (count > EXCHANGE_COUNT_MAX) {
    throw new InvalidArgumentError(
      `It must be a whole number from 1 to ${EXCHANGE_COUNT_MAX}: a sandbox keeps ${EXCHANGE_COUNT_MAX} requests.`,
    )
  }
  return count
}
