import { type Command, InvalidArgumentError, Option } from 'commander'
import { jsonOption, onServer } from './api-command.ts'
import { type Environment, type Flags, idFrom, rowCountFrom } from './arguments.ts'
import { callControl } from './control-call.ts'
import { print, printColumns, printJson, printTable, showDay, showTime } from './output.ts'

type Exchange = {
  readonly id: string
  readonly kind: string
  readonly time_ms: number
  readonly duration_ms: number
  readonly method: string
  readonly path: string
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly body: string }
  readonly response?: {
    readonly status: number | string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
  readonly failure?: string
  readonly fault_id?: string
  readonly curl?: string
}

/** How many exchanges a sandbox keeps. */
const EXCHANGE_COUNT_MAX = 1_000

/** Adds `paydesk request`. */
export function addRequestCommands(program: Command, environment: Environment): void {
  const request = program
    .command('request')
    .description('What has happened in a sandbox: API calls, webhooks, calls of the processor.')

  onServer(request, 'list')
    .description('List the last ones, newest first.')
    .addOption(new Option('--kind <kind>', 'only these').choices(['api', 'webhook', 'processor']))
    .option('--session <id>', 'only those about a payment session', idFrom)
    .option('--payment <id>', 'only those about a payment', idFrom)
    .option('--event <id>', 'only those about an event', idFrom)
    .option('--status <list>', 'only these, such as 404 or 4xx,5xx')
    .option('--limit <number>', 'how many at most', countFrom, 25)
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      const query = new URLSearchParams({ limit: String(flags.limit) })
      for (const [flag, name] of [
        ['kind', 'kind'] as const,
        ['status', 'status'] as const,
        ['session', 'payments_session_id'] as const,
        ['payment', 'payment_id'] as const,
        ['event', 'event_id'] as const,
      ]) {
        if (flags[flag] !== undefined) query.set(name, String(flags[flag]))
      }
      const path = `/requests?${query}`
      const rows = await callControl<readonly Exchange[]>(flags, environment, 'GET', path)
      if (flags.json === true) return printJson(rows)
      if (rows.length === 0) return print('Nothing of the kind has happened.')
      printColumns(
        [' Id', 'Time', 'Kind', 'Request', 'Answer', ' After', 'Fault'],
        rows.map((row) => [
          row.id,
          showTime(row.time_ms),
          row.kind,
          `${row.method} ${row.path.split('?')[0]}`,
          String(row.response?.status ?? 'none'),
          `${row.duration_ms} ms`,
          row.fault_id,
        ]),
      )
    })

  onServer(request, 'show')
    .argument('<id>', 'as the list has it', idFrom)
    .description('Show one with its headers and bodies.')
    .addOption(new Option('--curl', 'print what sends it again, and nothing else'))
    .addOption(jsonOption())
    .action(async (id: string, flags: Flags) => {
      const found = await callControl<Exchange>(flags, environment, 'GET', `/requests/${id}`)
      if (flags.json === true) return printJson(found)
      if (flags.curl === true) return print(found.curl ?? '# A call of the processor has no curl.')
      printExchange(found)
    })
}

function printExchange(found: Exchange): void {
  const { request, response } = found
  printTable([
    ['Request', `${found.method} ${found.path}`],
    ['Kind', found.kind],
    ['Time', showDay(found.time_ms)],
    ['After', `${found.duration_ms} ms`],
    ['Answer', String(response?.status ?? 'none')],
    ['Why', found.failure],
    ['Fault', found.fault_id],
  ])
  printPart('Sent', request)
  if (response !== undefined) printPart('Came back', response)
}

function printPart(title: string, { body, headers }: Exchange['request']): void {
  print('')
  print(`${title}:`)
  const rows = Object.entries(headers).map(([name, value]) => [`  ${name}`, value] as const)
  if (rows.length > 0) printTable(rows)
  if (body !== '') printJson(parsed(body))
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

function countFrom(text: string): number {
  const count = rowCountFrom(text)
  if (count > EXCHANGE_COUNT_MAX) {
    throw new InvalidArgumentError(`A sandbox keeps ${EXCHANGE_COUNT_MAX}.`)
  }
  return count
}
